"""Every metric's levels of alarm: the nine rows of the threshold table, and those it leaves open.

The source document gives targets and signs for more metrics than its table has; each row here says from which
of its words it follows, or that it is a default of Palier's. A platform overrides any of them in palier.yaml
(`thresholds:`). The alarms of the stacks read the table of nine alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from palier.capacity.metrics import METRICS
from palier.capacity.thresholds import THRESHOLDS, Direction, Threshold

_DASHBOARD = "scaling-et-croissance.md, « Dashboard de scaling chez JOBO Interim »"
_KPI = "scaling-et-croissance.md, « KPIs de croissance technique »"
_SIGNALS = "scaling-et-croissance.md, « Signaux d'alarme du scaling », signaux business"
_ONBOARDING = "scaling-et-croissance.md, « Métriques d'onboarding »"
_OWN = "Palier's default; the source document gives no number"
_SATURATED = 99.0  # a resource at its end: what reports 99.x is full


def _row(
    name: str, levels: tuple[float, float], action: str, source: str, direction: Direction = "above"
) -> Threshold:
    return Threshold(name, METRICS[name].unit, *levels, direction, action, source)


def _peak(name: str) -> Threshold:
    """A peak wants attention where an average would be critical, and is critical where all is used."""
    average = next(row for row in (*THRESHOLDS, *_AVERAGES) if row.metric == name)
    return _row(
        f"{name}_peak",
        (average.critical, _SATURATED),
        average.action,
        "the average's critical level, and saturation; the document gives peaks without levels",
    )


_AVERAGES: tuple[Threshold, ...] = (
    _row(
        "database_utilization",
        (70.0, 80.0),
        "DB migration",
        f"{_DASHBOARD}: 85 % is critical; levels as those of DB connections, ten points closer",
    ),
    _row("bandwidth_utilization", (70.0, 90.0), "Scale up", f"as CPU utilization; {_OWN}"),
    _row("storage_usage", (80.0, 90.0), "Scale up", f"{_KPI}: target < 80 %; critical: {_OWN}"),
)

DERIVED: tuple[Threshold, ...] = (
    *_AVERAGES,
    _row(
        "availability", (99.9, 99.0), "Incident response", f"{_KPI}: SLA > 99.9 %; critical: {_OWN}", "below"
    ),
    _row("occupancy", (90.0, 100.0), "Team scaling", f"{_OWN}; the document's 85 % is shown without a sign"),
    _row("team_satisfaction", (7.0, 6.0), "Process review", f"{_DASHBOARD}: 7.8 is fine; {_OWN}", "below"),
    _row(
        "retention_rate", (90.0, 80.0), "Process review", f"{_ONBOARDING}: > 90 %; critical: {_OWN}", "below"
    ),
    _row("time_to_productivity", (6.0, 12.0), "Onboarding", f"{_ONBOARDING}: < 6 weeks; critical: {_OWN}"),
    _row("churn_rate", (10.0, 15.0), "Product review", f"{_DASHBOARD}: 8 % is fine; {_OWN}"),
)

PEAKS: tuple[Threshold, ...] = tuple(
    _peak(entry.peak_of) for entry in METRICS.values() if entry.peak_of is not None
)

# A metric of growth: attention where users grow faster than this in a month.
GROWTH = Threshold(
    "growth_rate",
    "percent per month",
    20.0,
    50.0,
    "above",
    "Monitoring upgrade",
    f"{_SIGNALS}; critical: {_OWN}",
)
GROWING = ("mau", "daily_transactions")
# Infrastructure's share of the revenue, which no file gives: it is computed.
COST_SHARE = Threshold(
    "cost_share",
    "percent of revenue",
    10.0,
    20.0,
    "above",
    "Cost review",
    f"{_KPI}: < 10 %; critical: {_OWN}",
)

LIMITS: tuple[Threshold, ...] = (*THRESHOLDS, *DERIVED, *PEAKS, GROWTH, COST_SHARE)


@dataclass(frozen=True)
class Target:
    """What a metric should reach, in its unit; a value on the line has not reached it."""

    metric: str
    value: float
    direction: Direction
    source: str

    def met(self, value: float) -> bool:
        """Whether `value` is on the right side: below a target of direction `below`."""
        return value < self.value if self.direction == "below" else value > self.value


TARGETS: tuple[Target, ...] = (
    Target("cpu_utilization", 70.0, "below", _KPI),
    Target("memory_usage", 80.0, "below", _KPI),
    Target("storage_usage", 80.0, "below", _KPI),
    Target("response_time_p95", 2.0, "below", _KPI),
    Target("error_rate", 1.0, "below", _KPI),
    Target("availability", 99.9, "above", _KPI),
    Target("cost_share", 10.0, "below", _KPI),
    Target("time_to_productivity", 6.0, "below", _ONBOARDING),
    Target("team_satisfaction", 8.0, "above", f"{_ONBOARDING}: after 3 months"),
    Target("retention_rate", 90.0, "above", _ONBOARDING),
)


class Limits:
    """The rows that hold for one platform: the defaults, with its own numbers over them."""

    def __init__(self, overrides: Mapping[str, tuple[float, float]] | None = None) -> None:
        own = overrides or {}
        self._rows = {row.metric: _overridden(row, own.get(row.metric)) for row in LIMITS}
        self._targets = {target.metric: target for target in TARGETS}

    def get(self, name: str) -> Threshold | None:
        """The levels of a metric; None where it has none."""
        return self._rows.get(name)

    def target(self, name: str) -> Target | None:
        """The target of a metric; None where the source gives none."""
        return self._targets.get(name)


def _overridden(row: Threshold, levels: tuple[float, float] | None) -> Threshold:
    if levels is None:
        return row
    return replace(row, attention=levels[0], critical=levels[1], source="palier.yaml, thresholds")
