"""Assessments, forecasts, breach calendars, roadmaps and planning tables in lines for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from palier.capacity.metrics import METRICS
from palier.capacity.numbers import money, percent, quantity, short

if TYPE_CHECKING:
    from palier.capacity.actions import Action
    from palier.capacity.assessment import Assessment, Standing
    from palier.capacity.breaches import Breach
    from palier.capacity.economics import Return, UnitCosts
    from palier.capacity.forecast import Bands, Forecast
    from palier.capacity.planning import Planning
    from palier.capacity.signals import Signal

_ARROWS = {"better": "↗ better", "worse": "↘ worse", "steady": "→", "up": "↗", "down": "↘", "unknown": ""}
PILES_UP = "piles up"  # a response time where no steady state is left


def table(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Rows of cells in columns, each as wide as its widest cell."""
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in rows
    ]


def assessment_lines(
    found: Assessment, signals: Sequence[Signal], actions: Sequence[Action], currency: str
) -> list[str]:
    """The state by family, the signals with their evidence, and what to do."""
    lines = [f"{found.as_of}: {len(found.standings)} metrics, {_counted(found)}"]
    for family in ("infrastructure", "team", "business"):
        mine = [each for each in found.standings if each.family == family]
        if mine:
            lines += ["", family]
            lines += table([_row(each, currency) for each in mine], "  ")
    lines += ["", "signals"]
    lines += [f"  {_signal(each)}" for each in signals if each.present is not False]
    absent = sum(1 for each in signals if each.present is False)
    lines.append(f"  not seen: {absent} of {len(signals)}")
    if actions:
        lines += ["", "actions"]
        lines += [f"  {number}. {_action(each)}" for number, each in enumerate(actions, start=1)]
    return lines


def _action(each: Action) -> str:
    what = each.action
    if each.developers is not None:
        what = f"+{each.developers} developer{'s' if each.developers > 1 else ''}"
    return f"{what} {each.quarter} ({each.priority}): {label(each.metric)}, {each.reason}"


def _counted(found: Assessment) -> str:
    fresh = [each for each in found.standings if not each.stale]
    critical = sum(1 for each in fresh if each.level == "critical")
    attention = sum(1 for each in fresh if each.level == "attention")
    return f"{critical} critical, {attention} at attention"


def label(metric: str, language: str = "en") -> str:
    """A metric's name for people; those that are computed have none of their own."""
    entry = METRICS.get(metric)
    if entry is not None:
        return entry.label(language)
    computed = {"cost_share": ("Cost share of revenue", "Part du coût dans le CA")}
    return computed.get(metric, (metric, metric))[1 if language == "fr" else 0]


def _row(each: Standing, currency: str) -> list[str]:
    change = "" if each.change_percent is None else percent(each.change_percent, signed=True)
    limits = "" if each.attention is None else f"{each.attention:.3g} / {each.critical:.3g}"
    left = "" if each.headroom is None else f"{short(each.headroom, 2)} left"
    why = f"of {each.date}, too old to count" if each.stale else each.reason or _target(each)
    sign = "  " if each.stale else each.sign
    return [
        sign,
        label(each.metric),
        quantity(each.value, each.unit, currency=currency),
        change,
        _ARROWS[each.trend],
        limits,
        left,
        why,
    ]


def _target(each: Standing) -> str:
    """A target that is not reached by a metric that no level complains of."""
    return f"target {each.target:g} not reached" if each.target_met is False else ""


def _signal(each: Signal) -> str:
    if each.present is None:
        return f"?   {each.part}: {each.english}: not observed ({', '.join(each.needs)})"
    return f"⚠️  {each.part}: {each.english}: {'; '.join(each.evidence)}"


def forecast_lines(
    found: Forecast, currency: str, months: Sequence[int], only: Sequence[str] = ()
) -> list[str]:
    """A scenario's metrics at some months, P50 with P10 to P90."""
    months = [month for month in months if month <= found.months]
    header = ["", "today", *(f"{found.dates[month]:%Y-%m} ({month})" for month in months)]
    rows = [header, _bands_row(found, found.demand, months, currency, "demand, times today's")]
    for name, bands in found.bands.items():
        if not only or name in only:
            rows.append(_bands_row(found, bands, months, currency, label(name)))
    lines = [f"{found.scenario}: P50 (P10 to P90) of {found.paths} paths", *table(rows, "  ")]
    if found.not_forecast and not only:
        reasons: dict[str, list[str]] = {}
        for name, reason in found.not_forecast.items():
            reasons.setdefault(reason, []).append(name)
        lines += [f"  not forecast, {reason}: {', '.join(names)}" for reason, names in reasons.items()]
    return [*lines, *(f"  note: {note}" for note in found.notes)]


def _bands_row(found: Forecast, bands: Bands, months: Sequence[int], currency: str, name: str) -> list[str]:
    def cell(month: int) -> str:
        if bands.metric in ("response_time_p95",) and piles_up(found, month):
            return PILES_UP
        low, high = short(bands.p10[month], 2), short(bands.p90[month], 2)
        return f"{quantity(bands.p50[month], bands.unit, currency=currency)} ({low} to {high})"

    unit = "" if bands.metric == "demand" else bands.unit
    today = short(bands.p50[0]) if not unit else quantity(bands.p50[0], unit, currency=currency)
    if bands.metric == "demand":
        cells = [
            f"{short(bands.p50[m])} ({short(bands.p10[m], 2)} to {short(bands.p90[m], 2)})" for m in months
        ]
    else:
        cells = [cell(month) for month in months]
    return [name, today, *cells]


def piles_up(found: Forecast, month: int) -> bool:
    """Whether a response time says nothing any more: the tier that binds has no time left."""
    from palier.capacity.queueing import MOST_UTILISATION
    from palier.capacity.technical import BOTTLENECKS

    return any(
        found.bands[name].p50[month] > 100 * MOST_UTILISATION for name in BOTTLENECKS if name in found.bands
    )


def breach_lines(breaches: Sequence[Breach], months: int) -> list[str]:
    """The calendar: one row for each metric and level, earliest first."""
    if not breaches:
        return [f"no level is crossed within {months} months"]
    rows = [["", "metric", "level", "early (P10)", "likely (P50)", "late (P90)", "kind"]]
    for each in breaches:
        limit = f"{'>' if _above(each.metric) else '<'} {each.limit:.3g}"
        dates = ["later" if day is None else day.isoformat() for day in (each.p10, each.p50, each.p90)]
        sign = "🔴" if each.level == "critical" else "⚠️"
        rows.append([sign, label(each.metric), limit, *dates, each.part])
    return table(rows, "  ")


def _above(metric: str) -> bool:
    entry = METRICS.get(metric)
    return entry is None or entry.worse != "below"


def planning_lines(found: Planning, currency: str) -> list[str]:
    """The planning table, a block for each scenario, and the recommendation."""
    lines: list[str] = []
    for plan in found.plans:
        cost = (
            "no bill observed"
            if plan.infrastructure_cost is None
            else money(plan.infrastructure_cost, currency, 2)
        )
        changes = ", ".join(_change(key) for key in plan.changes) or "what stands suffices"
        services = ", services of their own for the teams" if plan.services else ""
        team = plan.team
        lines += [
            f"{plan.scenario} ({percent(plan.growth_percent, signed=True)}, {plan.months} months)",
            f"  infrastructure: {changes}{services}",
            f"    capacity {percent(plan.capacity_percent, signed=True)}, cost {cost}, "
            f"risk {plan.infrastructure_risk.replace('_', ' ')}",
            f"  team: +{team.developers} developers in {team.teams} teams, {team.offices} offices",
            f"    cost {money(team.annual_cost, currency, 2)} a year, {team.hires_per_month:.1f} hires a "
            f"month, risk {team.risk.replace('_', ' ')}",
            f"  {ADVICE[plan.advice][0]}: {'; '.join(plan.reasons)}",
            "",
        ]
    lines.append(f"recommendation: {recommendation(found)}")
    return [*lines, *(f"note: {note}" for note in found.notes)]


ADVICE = {
    "prepare": ("prepare", "préparer"),
    "monitor": ("monitor", "monitorer pour"),
    "emergency_plan": ("have an emergency plan for", "avoir un plan d'urgence pour"),
}


def recommendation(found: Planning, language: str = "en") -> str:
    """One sentence: what to prepare, what to monitor, what to have an emergency plan for."""
    at = 1 if language == "fr" else 0
    parts = []
    for advice, words in ADVICE.items():
        names = [plan.scenario for plan in found.plans if plan.advice == advice]
        if names:
            parts.append(f"{words[at]} {', '.join(names)}")
    return ", ".join(parts)


def _change(key: str) -> str:
    from palier.capacity.moves import move

    return move(key).english


def economics_lines(costs: Sequence[UnitCosts], returns: Sequence[Return], currency: str) -> list[str]:
    """Unit costs by month and scenario, then what investments return."""
    rows = [["", "bill a month", "per user", "per transaction", "of revenue"]]
    lines = table(rows + [_unit_row(each, currency) for each in costs], "  ")
    for found in returns:
        where = f", {found.scenario}" if found.scenario else ", today"
        saved = money(found.annual_savings, currency)
        lines.append(
            f"  {found.what}{where}: {money(found.cost, currency)} saves {saved} a year, "
            f"ROI {percent(found.roi_percent)}: {found.verdict.replace('_', ' ')}"
        )
    return lines


def _unit_row(each: UnitCosts, currency: str) -> list[str]:
    costs = (each.infrastructure_cost, each.per_user, each.per_transaction)
    share = "–" if each.share_percent is None else percent(each.share_percent)
    return [each.label, *("–" if cost is None else money(cost, currency) for cost in costs), share]
