"""What was observed of the platform: dated values, read from CSV and YAML files, kept by metric.

    date,metric,value,unit
    2024-04-30,cpu_utilization,75,percent

A CSV file has the columns `date,metric,value` and may have `unit` and `source`; a YAML file is a list of
mappings with these keys, or a mapping of dates to `metric: value`. A month (`2024-04`) stands for its last
day. Semicolons, decimal commas and a byte order mark are read; everything doubtful is refused in one line.
"""

from __future__ import annotations

import calendar
import datetime
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palier.capacity.metrics import EXACTLY, METRICS, Metric, UnknownMetric, metric, units_of
from palier.errors import InputError

COLUMNS = ("date", "metric", "value", "unit", "source")
NEEDED = COLUMNS[:3]
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True)
class Observation:
    """One value of one metric on one day, in the metric's unit; `source` says who measured it."""

    date: datetime.date
    metric: str
    value: float
    source: str = ""


class History:
    """Observations by metric, oldest first."""

    def __init__(self, observations: Iterable[Observation], until: datetime.date | None = None) -> None:
        by_metric: dict[str, list[Observation]] = {}
        for each in sorted(observations):
            if until is None or each.date <= until:
                by_metric.setdefault(each.metric, []).append(each)
        self._by_metric: Mapping[str, tuple[Observation, ...]] = {
            name: tuple(by_metric[name]) for name in METRICS if name in by_metric
        }

    def __bool__(self) -> bool:
        return bool(self._by_metric)

    def __contains__(self, name: str) -> bool:
        return name in self._by_metric

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that were observed, in the catalogue's order."""
        return tuple(self._by_metric)

    @property
    def last_date(self) -> datetime.date:
        """Day of the newest observation. Raises ValueError where there is none."""
        return max(each[-1].date for each in self._by_metric.values())

    def of(self, name: str) -> tuple[Observation, ...]:
        """All observations of a metric, oldest first; empty where it was never observed."""
        return self._by_metric.get(name, ())

    def latest(self, name: str) -> Observation | None:
        """The newest observation of a metric."""
        found = self.of(name)
        return found[-1] if found else None

    def value(self, name: str) -> float | None:
        """The newest value of a metric."""
        found = self.latest(name)
        return None if found is None else found.value

    def before(self, name: str, day: datetime.date) -> Observation | None:
        """The newest observation of a metric that is older than `day`."""
        return next((each for each in reversed(self.of(name)) if each.date < day), None)

    def at(self, name: str, day: datetime.date) -> Observation | None:
        """The newest observation of a metric up to and with `day`."""
        return next((each for each in reversed(self.of(name)) if each.date <= day), None)


def read(files: Sequence[Path], currency: str) -> list[Observation]:
    """The observations of all `files`, oldest first.

    Raises InputError with file, row and key; also where one metric has two values for one day.
    """
    from palier.capacity.observation_files import rows_of

    seen: dict[tuple[str, datetime.date], Row] = {}
    found: list[Observation] = []
    for file in files:
        last: dict[str, datetime.date] = {}
        for row in rows_of(file):
            observation = observed(row, currency)
            key = (observation.metric, observation.date)
            if key in seen:
                raise row.refuse(
                    f"{row.metric} has a value for {observation.date} already", where=seen[key].at
                )
            if observation.date < last.get(observation.metric, observation.date):
                raise row.refuse(
                    f"{observation.date} comes after {last[observation.metric]} of {row.metric}",
                    allowed="each metric's dates in order",
                )
            seen[key], last[observation.metric] = row, observation.date
            found.append(observation)
    return sorted(found)


@dataclass(frozen=True)
class Row:
    """One row as a file has it, before anything is believed. `place` is `line 3`, or a YAML key."""

    file: Path | str
    place: str
    date: object
    metric: str
    value: object
    unit: str = ""
    source: str = ""

    @property
    def at(self) -> str:
        """File and place, for a message."""
        return f"{self.file}, {self.place}"

    def refuse(
        self, problem: str, *, allowed: str | None = None, key: str = "", where: str = ""
    ) -> InputError:
        """The error for this row."""
        place = f"{self.place}, {key}" if key else self.place
        return InputError(
            f"{problem}: {where}" if where else problem, file=self.file, key=place, allowed=allowed
        )


def observed(row: Row, currency: str) -> Observation:
    """The observation that a row tells. Raises InputError."""
    try:
        entry = metric(row.metric)
    except UnknownMetric as error:
        known = ", ".join(error.nearest or list(METRICS)[:6])
        raise row.refuse(f"unknown metric {row.metric!r}", key="metric", allowed=known) from None
    units = units_of(entry, currency)
    if row.unit and row.unit.strip().lower() not in [unit.lower() for unit in units]:
        raise row.refuse(f"{entry.name} is not in {row.unit}", key="unit", allowed=", ".join(units))
    exact = row.unit.strip().lower() == EXACTLY
    return Observation(day(row), entry.name, _value(row, entry, exact), row.source)


def day(row: Row) -> datetime.date:
    """The day of a row; a month is its last day. Raises InputError."""
    value = row.date
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return value
    text = str(value).strip()
    try:
        if month := _MONTH.fullmatch(text):
            year, number = int(month[1]), int(month[2])
            return datetime.date(year, number, calendar.monthrange(year, number)[1])
        return datetime.date.fromisoformat(text)
    except (ValueError, calendar.IllegalMonthError):
        raise row.refuse(
            f"{text!r} is not a date", key="date", allowed="2024-04-30, or a month like 2024-04"
        ) from None


def _value(row: Row, entry: Metric, exact: bool) -> float:
    value = number(row.value)
    if value is None:
        raise row.refuse(f"{row.value!r} is not a number", key="value", allowed=f"a number in {entry.unit}")
    low, high = entry.usual
    if not math.isfinite(value) or value < low:
        raise row.refuse(f"{entry.name} cannot be {value:g}", key="value", allowed=_range(low, high))
    if entry.share_guard and 0 < value <= 1 and not exact:
        raise row.refuse(
            f"{entry.name} is in percent: {value:g} reads as {value * 100:g} or as {value:g} percent",
            key="value",
            allowed=f'{value * 100:g}, or {value:g} with the unit "{EXACTLY}"',
        )
    if value > high:
        raise row.refuse(f"{entry.name} cannot be {value:g}", key="value", allowed=_range(low, high))
    return value


def _range(low: float, high: float) -> str:
    return f"from {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"


def number(value: object) -> float | None:
    """A number as files write it, with a decimal point or a comma; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip().replace("\u202f", "").replace("\xa0", "").replace(" ", "")
    if re.fullmatch(r"[-+]?\d+,\d+", text):
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def as_rows(observations: Iterable[Observation]) -> list[dict[str, Any]]:
    """For JSON: each observation with its unit."""
    return [
        {
            "date": each.date.isoformat(),
            "metric": each.metric,
            "value": each.value,
            "unit": METRICS[each.metric].unit,
            "source": each.source,
        }
        for each in observations
    ]
