"""The plan as a file: format 1, for people to read and review, and for a later piece to carry out.

A plan belongs to one version of the map. Each of its moves stands for the same steps on real servers: copy
the logical shard, verify the copy, switch the map, and keep the reverse until the old copy may go.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from palier.errors import InputError
from palier.sharding.balance import Balance

FORMAT = 1
KIND = "palier-shard-plan"


@dataclass(frozen=True)
class Move:
    """One logical shard from one shard to another. `bytes` is None where they were not measured."""

    logical: int
    source: str
    target: str
    weight: float
    bytes: float | None = None

    def as_data(self) -> dict[str, Any]:
        """As in the file."""
        size = {} if self.bytes is None else {"bytes": self.bytes}
        return {
            "logical": self.logical,
            "from": self.source,
            "to": self.target,
            "weight": self.weight,
            **size,
        }


@dataclass(frozen=True)
class Plan:
    """What to move, and why. `version` and `checksum` are those of the map it starts from.

    `least` is the least weight that can move; `before` and `after` are loads of `shards` by `metric`.
    """

    version: int
    checksum: str
    before_shards: tuple[str, ...]
    shards: tuple[str, ...]
    metric: str
    moves: tuple[Move, ...]
    least: float
    before: Balance
    after: Balance
    hotspots: tuple[str, ...]
    rate_bytes_per_s: float

    @property
    def moved(self) -> float:
        """The weight that moves."""
        return sum(move.weight for move in self.moves)

    @property
    def moved_bytes(self) -> float | None:
        """The bytes that move; None where they were not measured."""
        sizes = [move.bytes for move in self.moves if move.bytes is not None]
        return sum(sizes) if len(sizes) == len(self.moves) and sizes else None

    @property
    def seconds(self) -> float | None:
        """Estimated time to copy, one move after another at `rate_bytes_per_s`; None without bytes."""
        return None if self.moved_bytes is None else self.moved_bytes / self.rate_bytes_per_s

    @cached_property
    def id(self) -> str:
        """SHA-256 of the content: what the audit trail knows the plan by."""
        return f"sha256:{hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()}"

    def placements(self) -> dict[int, str]:
        """Logical shard to its new shard."""
        return {move.logical: move.target for move in self.moves}

    def as_data(self) -> dict[str, Any]:
        """As in the file."""
        return {**self._content(), "checksum": self.id}

    def _content(self) -> dict[str, Any]:
        return {
            "kind": KIND,
            "format": FORMAT,
            "map": {"version": self.version, "checksum": self.checksum},
            "shards": {"before": list(self.before_shards), "after": list(self.shards)},
            "weight": self.metric,
            "balance": {
                "before": {"max_over_mean": self.before.skew, "loads": dict(self.before.loads)},
                "after": {"max_over_mean": self.after.skew, "loads": dict(self.after.loads)},
            },
            "movement": {"weight": self.moved, "least": self.least, "logical_shards": len(self.moves)},
            "estimate": {
                "bytes": self.moved_bytes,
                "seconds": self.seconds,
                "bytes_per_second": self.rate_bytes_per_s,
            },
            "hotspots": list(self.hotspots),
            "moves": [move.as_data() for move in self.moves],
        }

    def write(self, file: Path) -> None:
        """Write the file, whole or not at all. Raises InputError where it stands already or cannot be."""
        text = json.dumps(self.as_data(), indent=2) + "\n"
        try:
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=file.parent, prefix=".plan-"
            ) as stream:
                stream.write(text)
                stream.flush()
                os.chmod(stream.name, 0o644)
                os.link(stream.name, file)  # refuses a name that is taken, and shows the file only whole
        except FileExistsError:
            raise InputError("stands already", file=file, key="--out", allowed="a new file") from None
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", file=file, key="--out") from None


def read(file: Path) -> Plan:
    """The plan of a file. Raises InputError: no plan, another format, or changed since it was written."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except ValueError as error:
        raise InputError(f"not JSON: {error}", file=file) from None
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise InputError("is no plan", file=file, key="kind", allowed=KIND)
    if data.get("format") != FORMAT:
        raise InputError(f"format {data.get('format')!r}", file=file, key="format", allowed=str(FORMAT))
    try:
        plan = _plan(data)
        told, whole = data["checksum"], plan.id
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"is cut or misses something: {error}", file=file) from None
    if told != whole:
        raise InputError(
            "does not fit the content: the plan was changed; plan anew rather than edit",
            file=file,
            key="checksum",
        )
    return plan


def _plan(data: Mapping[str, Any]) -> Plan:
    return Plan(
        version=data["map"]["version"],
        checksum=data["map"]["checksum"],
        before_shards=tuple(data["shards"]["before"]),
        shards=tuple(data["shards"]["after"]),
        metric=data["weight"],
        moves=tuple(
            Move(each["logical"], each["from"], each["to"], each["weight"], each.get("bytes"))
            for each in data["moves"]
        ),
        least=data["movement"]["least"],
        before=Balance(data["balance"]["before"]["loads"]),
        after=Balance(data["balance"]["after"]["loads"]),
        hotspots=tuple(data["hotspots"]),
        rate_bytes_per_s=data["estimate"]["bytes_per_second"],
    )
