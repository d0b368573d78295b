"""Which zone each replica stands in: pure, and steady under growth."""

from __future__ import annotations

from collections.abc import Sequence


def place(count: int, zones: Sequence[str]) -> list[str]:
    """Zones of replicas 1 to `count`, round robin, so that no zone has two more than another.

    Adding a replica never moves one that stands: its zone depends on its number alone. ValueError where
    there is no zone or `count` is negative.
    """
    if not zones or count < 0:
        raise ValueError("placement needs a zone, and a count of 0 or more")
    return [zones[index % len(zones)] for index in range(count)]
