"""Irregular observations brought to one value a month, which is what is fitted and tested.

The months end on the day of the last observation: on the 15th of each month where that was the 15th, on each
month's last day where it was a last day. So the newest value is never an estimate. A value between two
observations is interpolated, in the log where all values are positive, because growth multiplies.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from palier.capacity.observations import Observation
from palier.errors import InputError, OperationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_WITHIN_DAYS = 16  # an observation belongs to the month's end that is nearest
_WANDERS_DAYS = 3  # a monthly observation may come late by so much: the oldest month counts still


@dataclass(frozen=True)
class Monthly:
    """A metric's values at months' ends, oldest first, in its unit; `observed` tells which were measured."""

    metric: str
    ends: tuple[datetime.date, ...]
    values: Floats
    observed: Flags

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def positive(self) -> bool:
        """Whether logs can be taken."""
        return bool((self.values > 0).all())

    @property
    def observed_months(self) -> int:
        """How many months were measured."""
        return int(self.observed.sum())

    def first(self, count: int) -> Monthly:
        """The series as it was after `count` months."""
        return Monthly(self.metric, self.ends[:count], self.values[:count], self.observed[:count])

    def notes(self) -> tuple[str, ...]:
        """What was done to the observations, for people."""
        gaps = len(self) - self.observed_months
        how = "in the log" if self.positive else "on a straight line"
        return (
            (f"{gaps} of {len(self)} months had no observation and were interpolated {how}",) if gaps else ()
        )


def monthly(observations: Sequence[Observation]) -> Monthly:
    """The months of one metric. Raises InputError for none, for several metrics, for two values of a day."""
    np = numpy()
    ordered = sorted(observations)
    if not ordered:
        raise InputError("no observations", allowed="at least 3 months of one metric")
    names = sorted({each.metric for each in ordered})
    if len(names) > 1:
        raise InputError(f"one metric at a time, not {', '.join(names)}")
    days = [each.date for each in ordered]
    if len(set(days)) < len(days):
        raise InputError("two values for one day", key=names[0], allowed="one observation a day")
    values = np.array([each.value for each in ordered], dtype=np.float64)
    sparse = len(days) > 1 and (days[1] - days[0]).days > _WITHIN_DAYS
    ends = _ends(days[0] - datetime.timedelta(days=_WANDERS_DAYS if sparse else 0), days[-1])
    at = np.array([day.toordinal() for day in days], dtype=np.float64)
    wanted = np.array([end.toordinal() for end in ends], dtype=np.float64)
    if (values > 0).all():
        found = np.exp(np.interp(wanted, at, np.log(values)))
    else:
        found = np.interp(wanted, at, values)
    distances = np.abs(wanted[:, None] - at[None, :])
    distance, nearest = distances.min(axis=1), values[distances.argmin(axis=1)]
    found = np.where(distance == 0, nearest, found)  # a measured value to its last bit
    return Monthly(names[0], ends, found, distance < _WITHIN_DAYS)


def _ends(first: datetime.date, last: datetime.date) -> tuple[datetime.date, ...]:
    ends = [last]
    while (earlier := months_before(last, len(ends))) >= first:
        ends.append(earlier)
    return tuple(reversed(ends))


def months_before(day: datetime.date, count: int) -> datetime.date:
    """The same day `count` months earlier, or later where `count` is negative; last days stay last days."""
    months = day.year * 12 + day.month - 1 - count
    year, month = divmod(months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return datetime.date(year, month + 1, length if is_last else min(day.day, length))


def numpy() -> Any:
    """numpy, or an OperationError that says how to get it: it comes with the extra, not with Palier."""
    try:
        import numpy as np
    except ImportError:
        raise missing() from None
    return np


def missing() -> OperationError:
    """What is said where the extra is not installed."""
    return OperationError(
        "fitting a history needs statsforecast, which is not installed",
        next_step="pip install 'palier[forecast]'",
    )
