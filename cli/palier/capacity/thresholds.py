"""The capacity thresholds: one typed table that alarms, policies and the command line read.

Nine rows, from the source document of the platform: five that machines show and four that only the
organisation shows. Each has a level where attention is due and one that is critical, the action the
document gives, and where in the document it stands. Nothing else in Palier repeats one of these numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Level = Literal["ok", "attention", "critical"]
Direction = Literal["above", "below"]

DOCUMENT = "scaling-et-croissance.md, « Métriques de scaling à surveiller »"
# The document counts deployments by the week at one level and by the month at the other. A month is
# a twelfth of the mean Gregorian year, 365.2425 days (ISO 8601 calendar): 30.436875 days.
WEEKS_PER_MONTH = 365.2425 / 12 / 7


class UnknownMetric(LookupError):
    """No threshold for that metric; `nearest` names those spelt most like it."""

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self.nearest = tuple(get_close_matches(metric, [entry.metric for entry in THRESHOLDS], n=2))
        hint = f"did you mean {' or '.join(self.nearest)}?" if self.nearest else "see THRESHOLDS"
        super().__init__(f"no threshold for metric {metric!r}; {hint}")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row: `direction` says on which side of the numbers trouble lies.

    The comparison is strict at both levels, as the document writes it (`>70%`): a value equal to a
    threshold has not crossed it. `attention` and `critical` are in `unit`. Raises ValueError for a row
    whose critical level is not beyond its attention level.
    """

    metric: str
    unit: str
    attention: float
    critical: float
    direction: Direction
    action: str
    source: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.attention) and math.isfinite(self.critical)):
            raise ValueError(f"{self.metric}: thresholds are finite numbers")
        if not self._beyond(self.critical, self.attention):
            raise ValueError(
                f"{self.metric}: critical ({self.critical}) must be {self.direction} "
                f"attention ({self.attention})"
            )

    def _beyond(self, value: float, limit: float) -> bool:
        return value > limit if self.direction == "above" else value < limit

    def limit(self, level: Literal["attention", "critical"]) -> float:
        """The number of one level, in `unit`."""
        return self.critical if level == "critical" else self.attention

    def level(self, value: float) -> Level:
        """Where `value`, in `unit`, stands. ValueError for NaN: an unknown value has no level."""
        if math.isnan(value):
            raise ValueError(f"{self.metric}: no level for a value that is not a number")
        if self._beyond(value, self.critical):
            return "critical"
        return "attention" if self._beyond(value, self.attention) else "ok"


def _technical(metric: str, unit: str, attention: float, critical: float, action: str, row: str) -> Threshold:
    source = f"{DOCUMENT}, métriques techniques, « {row} »"
    return Threshold(metric, unit, attention, critical, "above", action, source)


def _organisational(
    metric: str, unit: str, levels: tuple[float, float], direction: Direction, action: str, row: str
) -> Threshold:
    source = f"{DOCUMENT}, métriques organisationnelles, « {row} »"
    return Threshold(metric, unit, *levels, direction, action, source)


TECHNICAL: tuple[Threshold, ...] = (
    _technical("response_time_p95", "seconds", 2.0, 5.0, "Optimisation", "Response time P95"),
    _technical("error_rate", "percent of requests", 1.0, 5.0, "Incident response", "Error rate"),
    _technical("cpu_utilization", "percent", 70.0, 90.0, "Scale up", "CPU utilization"),
    _technical("memory_usage", "percent", 80.0, 95.0, "Scale up", "Memory usage"),
    _technical("database_connections", "percent of the pool", 70.0, 90.0, "Optimisation", "DB connections"),
)

ORGANISATIONAL: tuple[Threshold, ...] = (
    _organisational("cycle_time", "days", (14.0, 21.0), "above", "Process review", "Cycle time"),
    _organisational(
        "deployment_frequency",
        "deployments per week",
        (1.0, 1.0 / WEEKS_PER_MONTH),
        "below",
        "CI/CD improvement",
        "Deployment frequency",
    ),
    _organisational("code_review_time", "hours", (24.0, 72.0), "above", "Team scaling", "Code review time"),
    _organisational(
        "communication_overhead",
        "percent of working time",
        (20.0, 40.0),
        "above",
        "Reorganisation",
        "Communication overhead",
    ),
)

THRESHOLDS: tuple[Threshold, ...] = TECHNICAL + ORGANISATIONAL


def threshold(metric: str, table: Iterable[Threshold] = THRESHOLDS) -> Threshold:
    """The row of `metric`. Raises UnknownMetric, which names the nearest."""
    for entry in table:
        if entry.metric == metric:
            return entry
    raise UnknownMetric(metric)


def level(metric: str, value: float) -> Level:
    """`ok`, `attention` or `critical` for a value in the metric's unit. UnknownMetric, ValueError for NaN."""
    return threshold(metric).level(value)
