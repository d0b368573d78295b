"""Writes the generated tables of docs/capacity-model.md: metrics, levels, coefficients, changes, palier.yaml.

    make docs

`--check` writes nothing and exits with 1 where the page is not what would be written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

TARGET = Path(__file__).with_name("capacity-model.md")


def metrics() -> Iterator[str]:
    """Every metric with its unit."""
    from palier.capacity.metrics import METRICS
    from palier.capacity.organisation import MODELLED as FOLLOWS
    from palier.capacity.technical import MODELLED

    yield "| metric | unit | family | forecast |\n|---|---|---|---|"
    for entry in METRICS.values():
        forecast = "yes" if entry.name in (*MODELLED, *FOLLOWS) else ""
        unit = entry.unit.replace("currency", "the platform's currency")
        yield f"| `{entry.name}` | {unit} | {entry.family} | {forecast} |"


def levels() -> Iterator[str]:
    """Every row of levels with its source."""
    from palier.capacity.limits import LIMITS

    yield "| metric | attention | critical | action | source |\n|---|---:|---:|---|---|"
    for row in LIMITS:
        sign = ">" if row.direction == "above" else "<"
        limits = f"{sign} {row.attention:.4g} | {sign} {row.critical:.4g}"
        yield f"| `{row.metric}` | {limits} | {row.action} | {row.source} |"


def coefficients() -> Iterator[str]:
    """Every coefficient with its range and source."""
    from palier.capacity.coefficients import COEFFICIENTS

    yield "| coefficient | unit | low | mid | high | meaning | source |\n|---|---|---:|---:|---:|---|---|"
    for each in COEFFICIENTS:
        numbers = f"{each.low:g} | {each.mid:g} | {each.high:g}"
        yield f"| `{each.name}` | {each.unit} | {numbers} | {each.meaning} | {each.source} |"


def moves() -> Iterator[str]:
    """Every kind of change, in its order."""
    from palier.capacity.moves import MOVES

    yield "| kind | setting | lead time | weight in the risk |\n|---|---|---:|---:|"
    for move in MOVES:
        setting = f"`{move.phase}:{move.setting}`"
        yield f"| `{move.key}`: {move.english} | {setting} | {move.lead_days} days | {move.weight} |"


def settings() -> Iterator[str]:
    """The keys of palier.yaml."""
    from palier.capacity.platform_file import Platform
    from palier.capacity.wording import settings_tables

    yield settings_tables(Platform, phase="palier.yaml").rstrip()


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "metrics": metrics,
    "levels": levels,
    "coefficients": coefficients,
    "changes": moves,
    "settings": settings,
}


def written(text: str) -> str:
    """The page with its generated parts made anew."""
    for name, part in PARTS.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        made = f"{begin}\n" + "\n".join(part()) + f"\n{end}"
        text, count = re.subn(f"{begin}.*?{end}", lambda _, made=made: made, text, flags=re.DOTALL)
        assert count == 1, f"{TARGET.name} has no place for {name}"
    return text


def main() -> None:
    """Write the page, or check it."""
    before = TARGET.read_text(encoding="utf-8")
    after = written(before)
    if "--check" in sys.argv:
        sys.exit(0 if before == after else 1)
    TARGET.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
