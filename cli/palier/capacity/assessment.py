"""Where the platform stands: each observed metric against its levels and target, its trend, its headroom.

A metric that is fine today wants attention all the same where its last three values each were worse and, at
that pace, it crosses its level within a quarter: that is what the source document's dashboard marks when it
warns of a review time far below its threshold. A value of long ago is shown, and counts for nothing.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from palier.capacity.limits import COST_SHARE, GROWING, GROWTH, Limits
from palier.capacity.metrics import METRICS, Family
from palier.capacity.observations import History, Observation
from palier.capacity.thresholds import Level, Threshold

SIGNS: dict[Level, str] = {"ok": "✅", "attention": "⚠️", "critical": "🔴"}
RANK: dict[Level, int] = {"ok": 0, "attention": 1, "critical": 2}
DAYS_PER_MONTH = 365.2425 / 12  # mean Gregorian month
HEADING_DAYS = 3 * DAYS_PER_MONTH  # a quarter, for which the source's actions are planned
STALE_DAYS = 2 * DAYS_PER_MONTH  # a monthly figure that is missing once is late; twice, it is old
Trend = Literal["better", "worse", "steady", "up", "down", "unknown"]


@dataclass(frozen=True)
class Standing:
    """One metric today. Values and headroom are in `unit`; `change_percent` is against the value before.

    `headroom` is what is left to the attention level (negative beyond it); `days_to_attention` is at the pace
    of the last three values, None where it gets no worse.
    """

    metric: str
    unit: str
    family: Family
    date: datetime.date
    value: float
    level: Level
    attention: float | None
    critical: float | None
    target: float | None
    target_met: bool | None
    before: float | None
    change_percent: float | None
    trend: Trend
    headroom: float | None
    days_to_attention: float | None
    action: str | None
    reason: str
    stale: bool

    @property
    def sign(self) -> str:
        """✅, ⚠️ or 🔴."""
        return SIGNS[self.level]

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {**self.__dict__, "date": self.date.isoformat(), "sign": self.sign}


@dataclass(frozen=True)
class Assessment:
    """All metrics on one day, in the catalogue's order."""

    as_of: datetime.date
    standings: tuple[Standing, ...]

    def of(self, metric: str) -> Standing | None:
        """The standing of one metric."""
        return next((each for each in self.standings if each.metric == metric), None)

    @property
    def level(self) -> Level:
        """The worst level of all that is not stale."""
        fresh = (each.level for each in self.standings if not each.stale)
        return max(fresh, key=RANK.__getitem__, default="ok")

    def at_least(self, level: Level) -> list[Standing]:
        """What stands at a level or worse and is not stale, worst first."""
        fresh = [each for each in self.standings if not each.stale]
        found = [each for each in fresh if RANK[each.level] >= RANK[level]]
        return sorted(found, key=lambda each: -RANK[each.level])


def assess(history: History, limits: Limits) -> Assessment:
    """Every observed metric, and infrastructure's share of revenue where both were observed.

    Raises ValueError for an empty history.
    """
    as_of = history.last_date
    standings = [_standing(name, history.of(name), limits, as_of) for name in history.metrics]
    share = cost_share(history)
    if share:
        standings.append(_standing(COST_SHARE.metric, share, limits, as_of))
    return Assessment(as_of, tuple(standings))


def cost_share(history: History) -> tuple[Observation, ...]:
    """Infrastructure's share of the revenue, in percent, wherever both were observed."""
    found = []
    for cost in history.of("infrastructure_cost"):
        revenue = history.at("revenue", cost.date)
        if revenue is not None and revenue.value > 0:
            found.append(
                Observation(cost.date, COST_SHARE.metric, 100 * cost.value / revenue.value, "computed")
            )
    return tuple(found)


def _standing(name: str, values: Sequence[Observation], limits: Limits, as_of: datetime.date) -> Standing:
    last, before = values[-1], values[-2] if len(values) > 1 else None
    row, target = limits.get(name), limits.target(name)
    level, reason = _level(name, values, row, limits)
    entry = METRICS.get(name)
    heading = None if row is None else days_to(row.attention, values, row.direction)
    growing = limits.get(GROWTH.metric) if name in GROWING else None
    return Standing(
        metric=name,
        unit=entry.unit if entry else COST_SHARE.unit,
        family=entry.family if entry else "business",
        date=last.date,
        value=last.value,
        level=level,
        attention=row.attention if row else None,
        critical=row.critical if row else None,
        target=target.value if target else None,
        target_met=target.met(last.value) if target else None,
        before=before.value if before else None,
        change_percent=change_percent(before, last),
        trend=_trend(name, before, last),
        headroom=None if row is None else _headroom(row, last.value),
        days_to_attention=heading,
        action=_action(row or growing, level),
        reason=reason,
        stale=(as_of - last.date).days > STALE_DAYS,
    )


def _action(row: Threshold | None, level: Level) -> str | None:
    return row.action if row is not None and level != "ok" else None


def _level(
    name: str, values: Sequence[Observation], row: Threshold | None, limits: Limits
) -> tuple[Level, str]:
    last = values[-1]
    if row is not None:
        level = row.level(last.value)
        if level != "ok":
            return level, f"{_side(row)} {row.limit(level):g}"
        if (days := heading_days(values, row)) is not None:
            return "attention", f"{days:.0f} days to {row.attention:g} at this pace"
    if name in GROWING and (growth := limits.get(GROWTH.metric)) is not None and len(values) > 1:
        monthly = monthly_growth_percent(values[-2], last)
        level = growth.level(monthly)
        if level != "ok":
            return level, f"grows {monthly:.1f} percent a month, over {growth.limit(level):g}"
    return "ok", ""


def _side(row: Threshold) -> str:
    return "over" if row.direction == "above" else "under"


def _headroom(row: Threshold, value: float) -> float:
    return row.attention - value if row.direction == "above" else value - row.attention


def heading_days(values: Sequence[Observation], row: Threshold) -> float | None:
    """Days to the attention level where the last three values each were worse and it is within a quarter."""
    if len(values) < 3:
        return None
    three = [each.value for each in values[-3:]]
    rising = three[0] < three[1] < three[2]
    falling = three[0] > three[1] > three[2]
    if not (rising if row.direction == "above" else falling):
        return None
    days = days_to(row.attention, values, row.direction)
    return days if days is not None and days <= HEADING_DAYS else None


def days_to(limit: float, values: Sequence[Observation], direction: str) -> float | None:
    """Days from the last value to `limit`, at the compound pace of the last three; 0 beyond it already.

    None where the pace does not lead there, or there are fewer than two values above zero.
    """
    recent = [each for each in values[-3:] if each.value > 0]
    last = values[-1]
    if (last.value > limit) if direction == "above" else (last.value < limit):
        return 0.0
    if len(recent) < 2 or last.value <= 0 or limit <= 0:
        return None
    days = (recent[-1].date - recent[0].date).days
    pace = math.log(recent[-1].value / recent[0].value) / days if days else 0.0
    distance = math.log(limit / last.value)
    if pace == 0 or distance * pace < 0:
        return None
    return distance / pace


def change_percent(before: Observation | None, last: Observation) -> float | None:
    """Change against the value before, in percent of it."""
    if before is None or before.value == 0:
        return None
    return 100.0 * (last.value / before.value - 1.0)


def monthly_growth_percent(before: Observation, last: Observation) -> float:
    """Growth brought to one month, in percent; the months of a calendar count as one each.

    Two values a month apart give their plain difference, whether that month has 28 or 31 days.
    """
    if before.value <= 0 or last.value <= 0:
        return 0.0
    days = max(1, (last.date - before.date).days)
    months = round(days / DAYS_PER_MONTH) if days >= 28 else days / DAYS_PER_MONTH
    return 100.0 * (math.exp(math.log(last.value / before.value) / months) - 1.0)


def _trend(name: str, before: Observation | None, last: Observation) -> Trend:
    if before is None:
        return "unknown"
    if before.value == last.value:
        return "steady"
    entry = METRICS.get(name)
    worse = entry.worse if entry else "above"
    up = last.value > before.value
    if worse == "neither":
        return "up" if up else "down"
    return "worse" if up == (worse == "above") else "better"
