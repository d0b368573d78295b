"""When a level is crossed: the share of paths that have crossed it by each month, and three dates of that.

P10 is the day by which one path in ten has crossed: the early date. A path that came back has crossed all the
same.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from palier.capacity.thresholds import Threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Part = Literal["technical", "organisational", "money"]


@dataclass(frozen=True)
class Breach:
    """A level of one metric that at least one path in ten crosses; a date is None beyond the horizon.

    `months_p10` and the others are months from today, with fractions; 0.0 where it is crossed today.
    """

    metric: str
    level: Literal["attention", "critical"]
    limit: float
    unit: str
    scenario: str
    part: Part
    p10: datetime.date | None
    p50: datetime.date | None
    p90: datetime.date | None
    months_p10: float | None
    months_p50: float | None
    months_p90: float | None
    action: str

    @property
    def order(self) -> tuple[float, float, str]:
        """Earliest first, by the middle date and then by the early one."""
        far = float("inf")
        middle = far if self.months_p50 is None else self.months_p50
        return (middle, far if self.months_p10 is None else self.months_p10, self.metric)

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        dates = {
            name: day.isoformat() if (day := getattr(self, name)) else None for name in ("p10", "p50", "p90")
        }
        return {**self.__dict__, **dates}


def part_of(metric: str) -> Part:
    """Which calendar a metric belongs to."""
    from palier.capacity.metrics import METRICS

    entry = METRICS.get(metric)
    if entry is None or entry.family == "business":
        return "money"
    return "technical" if entry.family == "infrastructure" else "organisational"


def crossed_by(values: Array, limit: float, direction: str) -> Array:
    """Share of paths that have crossed `limit` by each month; shape (months + 1,), never falling."""
    import numpy as np

    beyond = values > limit if direction == "above" else values < limit
    return np.asarray(np.logical_or.accumulate(beyond, axis=0).mean(axis=1))


def months_until(shares: Array, quantile: float) -> float | None:
    """Months until a share of the paths has crossed, interpolated between two months; None for never."""
    import numpy as np

    if shares[0] >= quantile:
        return 0.0
    reached = np.flatnonzero(shares >= quantile)
    if not len(reached):
        return None
    month = int(reached[0])
    before, after = float(shares[month - 1]), float(shares[month])
    return month - 1 + (quantile - before) / (after - before)


def breaches_of(row: Threshold, values: Array, scenario: str, as_of: datetime.date) -> Iterable[Breach]:
    """The levels of `row` that at least one path in ten crosses."""
    levels: tuple[Literal["attention", "critical"], ...] = ("attention", "critical")
    for level in levels:
        shares = crossed_by(values, row.limit(level), row.direction)
        early, middle, late = (months_until(shares, quantile) for quantile in (0.1, 0.5, 0.9))
        if early is None:
            continue
        yield Breach(
            metric=row.metric,
            level=level,
            limit=row.limit(level),
            unit=row.unit,
            scenario=scenario,
            part=part_of(row.metric),
            p10=day_after(as_of, early),
            p50=None if middle is None else day_after(as_of, middle),
            p90=None if late is None else day_after(as_of, late),
            months_p10=early,
            months_p50=middle,
            months_p90=late,
            action=row.action,
        )


def day_after(day: datetime.date, months: float) -> datetime.date:
    """The day some months and a fraction later."""
    from palier.capacity.forecast import add_months

    whole = int(months)
    start, end = add_months(day, whole), add_months(day, whole + 1)
    return start + datetime.timedelta(days=round((months - whole) * (end - start).days))
