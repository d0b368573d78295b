"""A file of prices of one region: read, checked against its own hash, sealed, and written at once.

Prices stand in it as text, so that no binary fraction comes between the file and the cents. The hash is of
the content in one canonical form; a file edited by hand is refused until somebody seals it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from palier.errors import InputError, OperationError

FORMAT = 1
CURRENCY = "USD"
GRADES = ("first_hand", "second_hand")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True)
class PriceGroup:
    """Prices of one kind of thing that share a unit, a source, a date and a grade; `prices` are by key.

    `dated` may be a month or a year alone, where the source tells no more.
    """

    kind: str
    unit: str
    grade: str
    source: str
    dated: str
    prices: Mapping[str, Decimal]

    @property
    def date(self) -> date:
        """The first day that `dated` may mean, so that age is rather told too early than too late."""
        return first_day(self.dated)


@dataclass(frozen=True)
class PriceList:
    """Prices of one region, and what prices of others come to against them, where the file knows."""

    region: str
    groups: tuple[PriceGroup, ...]
    ratios: Mapping[str, Decimal]
    sha256: str
    origin: str


def first_day(dated: str) -> date:
    """The first day that a day, a month or a year means. Raises ValueError."""
    found = _DATE.fullmatch(dated)
    if found is None:
        raise ValueError(f"{dated!r} is not a date")
    return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content but for its hash: JSON with sorted keys and no blanks, UTF-8."""
    bare = {key: value for key, value in content.items() if key != "sha256"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(file: Path, *, named: str | None = None) -> PriceList:
    """The prices of a file. Raises InputError where it is not one, or was changed after it was sealed."""
    content = _content(file)
    if content.get("sha256") != digest(content):
        raise InputError(
            "the prices do not match their hash: the file was edited; "
            f"`palier cost prices seal {file}` where that is meant",
            file=file,
            key="sha256",
        )
    return _parsed(content, file, named or str(file))


def seal(file: Path) -> bool:
    """Give an edited file its hash. Returns whether that changed it. Raises InputError as `read` does."""
    content = _content(file)
    _parsed(content, file, str(file))
    if content.get("sha256") == digest(content):
        return False
    write(file, content)
    return True


def write(file: Path, content: Mapping[str, Any]) -> None:
    """Write the content with its hash, whole or not at all. Raises OperationError where that fails."""
    sealed = {**content, "sha256": digest(content)}
    text = json.dumps(sealed, indent=1, ensure_ascii=False) + "\n"
    temporary = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(
            "w", dir=file.parent, prefix=f".{file.name}.", delete=False, encoding="utf-8"
        ) as new:
            temporary = new.name
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        Path(temporary).replace(file)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OperationError(
            f"the prices cannot be written: {file}: {error.strerror}",
            left="the prices of before are as they were",
        ) from None


def as_content(region: str, groups: tuple[PriceGroup, ...]) -> dict[str, Any]:
    """A file's content without its hash."""
    return {
        "format": FORMAT,
        "region": region,
        "currency": CURRENCY,
        "groups": [
            {
                "kind": group.kind,
                "unit": group.unit,
                "grade": group.grade,
                "source": group.source,
                "date": group.dated,
                "prices": {key: format(usd, "f") for key, usd in sorted(group.prices.items())},
            }
            for group in groups
        ],
    }


def _content(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except ValueError as error:
        raise InputError(f"not a file of prices: {error}", file=file) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("not a file of prices", file=file, key="format", allowed=str(FORMAT))
    if content.get("currency") != CURRENCY:
        raise InputError("prices of another currency", file=file, key="currency", allowed=CURRENCY)
    return content


def _parsed(content: Mapping[str, Any], file: Path, origin: str) -> PriceList:
    region, groups = content.get("region"), content.get("groups")
    if not isinstance(region, str) or not isinstance(groups, list):
        raise InputError("names no region or holds no groups of prices", file=file)
    ratios = (content.get("ratios") or {}).get("of", {})
    return PriceList(
        region,
        tuple(_group(group, file, f"groups[{index}]") for index, group in enumerate(groups)),
        _amounts(ratios, file, "ratios.of"),
        str(content.get("sha256", "")),
        origin,
    )


def _group(group: Any, file: Path, key: str) -> PriceGroup:
    if not isinstance(group, dict):
        raise InputError("not a group of prices", file=file, key=key)
    for name in ("kind", "unit", "grade", "source", "date"):
        if not isinstance(group.get(name), str) or not group[name]:
            raise InputError("missing, or no text", file=file, key=f"{key}.{name}")
    if group["grade"] not in GRADES:
        raise InputError("unknown grade", file=file, key=f"{key}.grade", allowed=", ".join(GRADES))
    try:
        first_day(group["date"])
    except ValueError as error:
        allowed = "YYYY-MM-DD, YYYY-MM or YYYY"
        raise InputError(str(error), file=file, key=f"{key}.date", allowed=allowed) from None
    prices = _amounts(group.get("prices"), file, f"{key}.prices")
    return PriceGroup(group["kind"], group["unit"], group["grade"], group["source"], group["date"], prices)


def _amounts(found: Any, file: Path, key: str) -> dict[str, Decimal]:
    if not isinstance(found, dict):
        raise InputError("not a mapping of prices", file=file, key=key)
    amounts = {}
    for name, text in found.items():
        try:
            amount = Decimal(text) if isinstance(text, str) else None
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite() or amount < 0:
            raise InputError("not an amount", file=file, key=f"{key}.{name}", allowed='a text like "0.0104"')
        amounts[name] = amount
    return amounts
