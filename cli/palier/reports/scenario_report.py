"""The planning table as a report: a section for each scenario, and the recommendation with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from palier.capacity.moves import move
from palier.capacity.numbers import money, percent, short, significant
from palier.capacity.roadmap_telling import change_text
from palier.capacity.telling import label
from palier.reports import drawings
from palier.reports.document import Block, Fact, Items, Report, Section, Table, Text
from palier.reports.words import word

if TYPE_CHECKING:
    from palier.capacity.planning import Planning, Risk, ScenarioPlan
    from palier.reports.gathered import Gathered

_SIMPLE = {"instances", "storage", "vertical"}  # more of what stands


def scenarios(gathered: Gathered) -> Report:
    """Every scenario of palier.yaml."""
    language, planning = gathered.language, gathered.planning
    first, last = gathered.as_of.year, max(plan.roadmap.horizon.year for plan in planning.plans)
    sections = [_scenario(gathered, index, plan) for index, plan in enumerate(planning.plans, start=1)]
    sections.append(Section(word("recommendation", language), "🧭", _recommendation(planning, language)))
    sections.append(Section(word("demand", language), "🔭", [_demand(gathered)]))
    return Report(
        "scenarios",
        f"{word('scenarios', language)} {first}-{last}"
        if last > first
        else f"{word('scenarios', language)} {first}",
        language,
        gathered.loaded.platform.platform,
        gathered.as_of.isoformat(),
        sections,
        notes=planning.notes if language == "en" else (),
        data=planning.as_data(),
    )


def _scenario(gathered: Gathered, index: int, plan: ScenarioPlan) -> Section:
    language, currency, team = gathered.language, gathered.currency, plan.team
    users = f"{percent(plan.growth_percent, language, signed=True)} {word('users_word', language)}"
    cost = plan.infrastructure_cost
    shown = word("not_observed", language) if cost is None else money(cost, currency, 2, language)
    capacity = percent(significant(round(plan.capacity_percent), 2), language, signed=True)
    people: list[str] = [f"+{team.developers} {word('developers', language)}"]
    if team.teams > 1:
        people.append(f"{team.teams} {word('product_teams', language)}")
    if team.offices > 1:
        people.append(word("offices", language))
    if team.size_before and (times := 1 + team.developers / team.size_before) >= 3:
        people.append(word("triples", language).format(times=short(times, 2, language)))
    name = f"{word('infrastructure_word', language)}, {word('cost', language).lower()}"
    infrastructure_risk, team_risk = word(plan.infrastructure_risk, language), word(team.risk, language)
    blocks: list[Block] = [
        Fact(word("timeline", language), f"{plan.months} {word('months', language)}"),
        Fact(
            word("infrastructure_word", language),
            "; ".join(_changes(plan, language)),
            f"{capacity} {word('needed', language)}",
        ),
        Fact(name, shown, data={"infrastructure_cost": cost}),
        Fact(
            f"{word('infrastructure_word', language)}, {word('risk', language).lower()}", infrastructure_risk
        ),
        Fact(word("team_word", language), ", ".join(people)),
        Fact(
            f"{word('team_word', language)}, {word('cost', language).lower()}",
            money(team.annual_cost, currency, 2, language),
        ),
        Fact(f"{word('team_word', language)}, {word('risk', language).lower()}", team_risk),
    ]
    if plan.roadmap.steps:
        blocks.append(_steps(plan, language))
    return Section(f"{word('scenario', language)} {index}: {plan.scenario} ({users})", "", blocks)


def _changes(plan: ScenarioPlan, language: str) -> list[str]:
    if not plan.changes:
        return [word("suffices", language)]
    found = [word("scale_up", language)] if set(plan.changes) & _SIMPLE else []
    found += [move(key).label(language) for key in plan.changes if key not in _SIMPLE]
    if plan.services:
        found.append(word("migrate_services", language))
    return found


def _steps(plan: ScenarioPlan, language: str) -> Table:
    header = {
        "en": ("Change", "Live by", "Start by", "Because of"),
        "fr": ("Changement", "En service", "À commencer", "À cause de"),
    }[language]
    rows = [
        (
            f"{move(step.move).label(language)}: {change_text(step, language)}",
            str(step.live_by),
            str(step.start_by),
            f"{label(step.because.metric, language)}, {step.because.limit:g}",
        )
        for step in plan.roadmap.steps
    ]
    return Table(plan.scenario, header, rows)


def _recommendation(planning: Planning, language: str) -> list[Block]:
    names = {
        plan.scenario: f"{word('scenario', language)} {index}"
        for index, plan in enumerate(planning.plans, start=1)
    }
    parts = []
    for advice in ("prepare", "monitor", "emergency_plan"):
        chosen = [names[plan.scenario] for plan in planning.plans if plan.advice == advice]
        if chosen:
            parts.append(f"{word(advice, language)} {', '.join(chosen)}")
    sentence = ", ".join(parts)
    reasons = [
        f"{names[plan.scenario]}: {_risk(plan.infrastructure_risk, 'infrastructure_word', language)}, "
        f"{_risk(plan.team.risk, 'team_word', language)}"
        for plan in planning.plans
    ]
    return [Text(f"{sentence[:1].upper()}{sentence[1:]}."), Items(reasons)]


def _risk(risk: Risk, part: str, language: str) -> str:
    """`infrastructure, low risk`; `équipe, risque élevé`."""
    level, noun = word(risk, language).lower(), word("risk", language).lower()
    said = f"{noun} {level}" if language == "fr" else f"{level} {noun}"
    return f"{word(part, language).lower()}: {said}"


def _demand(gathered: Gathered) -> Block:
    from palier.capacity.forecast import Forecaster
    from palier.capacity.inputs import scenarios_of

    found = [
        Forecaster(gathered.inputs, months=scenario.months, paths=1_000).forecast(scenario)
        for scenario in scenarios_of(gathered.loaded.platform)
    ]
    return drawings.demand(gathered, found)
