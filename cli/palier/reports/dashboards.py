"""The three dashboards: of the whole, of the infrastructure, of the team."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from palier.capacity.actions import Action
from palier.capacity.numbers import short
from palier.reports import drawings
from palier.reports.document import Block, Chart, Fact, Items, Report, Section, Text
from palier.reports.facts import change_of, metric_fact, trend_fact, unit_cost_facts
from palier.reports.words import action, month, word

if TYPE_CHECKING:
    from palier.reports.document import Kind
    from palier.reports.gathered import Gathered

_GROWTH = ("mau", "users", "daily_transactions", "revenue", "churn_rate")
_HEALTH = ("response_time_p95", "error_rate", "cpu_utilization", "database_utilization")
_TEAM = ("cycle_time", "deployment_frequency", "code_review_time", "team_satisfaction")
_CAPACITY = (
    "cpu_utilization",
    "memory_usage",
    "database_utilization",
    "bandwidth_utilization",
    "storage_usage",
)
_PERFORMANCE = ("response_time_p95", "throughput", "error_rate", "availability")
_PRODUCTIVITY = ("cycle_time", "deployment_frequency", "lead_time")
_QUALITY = ("bug_rate", "code_review_time", "test_coverage", "incident_mttr")
_SATISFACTION = ("team_satisfaction", "retention_rate", "time_to_productivity", "referral_rate")


def _present(found: Iterable[Chart | None]) -> list[Block]:
    return [chart for chart in found if chart is not None]


def _report(gathered: Gathered, kind: Kind, sections: Sequence[Section]) -> Report:
    language = gathered.language
    return Report(
        kind,
        f"{word(kind, language)} - {month(gathered.as_of, language)}",
        language,
        gathered.loaded.platform.platform,
        gathered.as_of.isoformat(),
        [section for section in sections if section.blocks],
        data={"actions": [each.as_data() for each in gathered.actions]},
    )


def dashboard(gathered: Gathered) -> Report:
    """The dashboard of one month: growth, infrastructure, team, actions; then what is to come."""
    language, forecast = gathered.language, gathered.forecast
    growth = [name for name in _GROWTH if name in gathered.history]
    charts = [] if forecast is None else [drawings.utilisation(gathered, forecast, name) for name in _HEALTH]
    timeline = [] if forecast is None else [drawings.calendar(gathered, forecast)]
    team = [drawings.observed(gathered, name) for name in _TEAM]
    first = growth[0] if growth else ""
    facts = [metric_fact(gathered, name, change_of(gathered, name, since=name == first)) for name in growth]
    return _report(
        gathered,
        "dashboard",
        [
            Section(word("growth", language), "📈", facts),
            Section(word("health", language), "🏗️", [metric_fact(gathered, name) for name in _HEALTH]),
            Section(
                word("performance_team", language), "👥", [metric_fact(gathered, name) for name in _TEAM]
            ),
            Section(word("actions", language), "📊", [_actions(gathered)]),
            Section(word("signals", language), "🚨", _signals(gathered)),
            Section(word("forecast", language), "🔭", _present(charts)),
            Section(word("calendar", language), "🗓️", _present(timeline)),
            Section(word("costs", language), "💰", _present([drawings.cost_per_user(gathered)])),
            Section(word("team_over_time", language), "📐", _present(team)),
        ],
    )


def _actions(gathered: Gathered) -> Block:
    language = gathered.language
    if not gathered.actions:
        return Text("–")
    return Items([action_text(each, language) for each in gathered.actions], numbered=True)


def action_text(each: Action, language: str) -> str:
    """`DB migration Q2 (critical)`; `+1 developer Q2 (important)`. What is only desirable has no date."""
    what = action(each.action, language)
    if each.developers is not None:
        what = f"+{each.developers} {word('developers' if each.developers > 1 else 'developer', language)}"
    when = "" if each.priority == "desirable" else f" {each.quarter}"
    return f"{what}{when} ({word(each.priority, language)})"


def _signals(gathered: Gathered) -> list[Block]:
    present = [each for each in gathered.signals if each.present]
    names = [each.french if gathered.language == "fr" else each.english for each in present]
    return [Items(names)] if names else []


def infrastructure(gathered: Gathered) -> Report:
    """Capacity, performance and cost, each with trend and target; then every utilisation with its fan."""
    language, forecast = gathered.language, gathered.forecast
    charts = (
        [] if forecast is None else [drawings.utilisation(gathered, forecast, name) for name in _CAPACITY]
    )
    timeline = [] if forecast is None else [drawings.calendar(gathered, forecast)]
    return _report(
        gathered,
        "infrastructure",
        [
            Section(
                word("capacity_metrics", language), "📦", [trend_fact(gathered, name) for name in _CAPACITY]
            ),
            Section(
                word("performance", language), "⚡", [trend_fact(gathered, name) for name in _PERFORMANCE]
            ),
            Section(word("cost_metrics", language), "💰", [*unit_cost_facts(gathered), *_returns(gathered)]),
            Section(word("forecast", language), "🔭", _present(charts)),
            Section(word("calendar", language), "🗓️", _present(timeline)),
            Section(word("costs", language), "💶", _present([drawings.cost_per_user(gathered)])),
        ],
    )


def _returns(gathered: Gathered) -> list[Block]:
    from palier.capacity.economics import returns
    from palier.capacity.numbers import percent

    platform, language = gathered.loaded.platform, gathered.language
    found = returns(platform.investments, platform.hiring.annual_cost_per_developer, {})
    if not found:
        return [Fact(word("roi", language), word("not_observed", language))]
    return [Fact(word("roi", language), percent(each.roi_percent, language), each.what) for each in found]


def team(gathered: Gathered) -> Report:
    """Productivity, quality and satisfaction, each with trend and target; then each as it went."""
    language = gathered.language
    names = [name for name in (*_PRODUCTIVITY, *_QUALITY, *_SATISFACTION) if name in gathered.history]
    return _report(
        gathered,
        "team",
        [
            Section(
                word("productivity", language),
                "🚀",
                [_velocity(gathered), *(trend_fact(gathered, name) for name in _PRODUCTIVITY)],
            ),
            Section(word("quality", language), "🔍", [trend_fact(gathered, name) for name in _QUALITY]),
            Section(
                word("satisfaction", language), "😊", [trend_fact(gathered, name) for name in _SATISFACTION]
            ),
            Section(
                word("trend", language).capitalize(),
                "📐",
                _present([drawings.observed(gathered, name) for name in names]),
            ),
        ],
    )


def _velocity(gathered: Gathered) -> Fact:
    language, history = gathered.language, gathered.history
    velocity, developers = history.value("velocity"), history.value("developers")
    name = word("velocity_per_developer", language)
    if velocity is None or not developers:
        return Fact(name, word("not_observed", language))
    each = velocity / developers
    unit = word("points_per_developer", language)
    return Fact(name, f"{short(each, 3, language)} {unit}", data={"velocity_per_developer": each})
