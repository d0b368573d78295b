"""Histories for the tests of fitting and backtesting."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from palier.capacity.monthly import months_before
from palier.capacity.observations import Observation

LAST_DAY = datetime.date(2026, 10, 31)


def months_of(values: Sequence[float], metric: str = "mau") -> list[Observation]:
    """One observation at each month's end, the last on LAST_DAY."""
    count = len(values)
    return [
        Observation(months_before(LAST_DAY, count - 1 - index), metric, float(value))
        for index, value in enumerate(values)
    ]
