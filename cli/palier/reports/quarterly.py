"""The report of a quarter, for the direction: what was achieved, what is wanted next, what it takes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

from palier.capacity.actions import quarter_end, quarter_of
from palier.capacity.economics import cost_of
from palier.capacity.metrics import METRICS
from palier.capacity.numbers import money, percent, quantity, short
from palier.capacity.telling import label
from palier.reports import drawings
from palier.reports.document import Block, Fact, Items, Report, Section
from palier.reports.words import word

if TYPE_CHECKING:
    from palier.capacity.planning_settings import Investment, Milestone
    from palier.reports.gathered import Gathered

_GROWTH = ("users", "mau", "revenue", "developers", "daily_transactions")


def quarterly(gathered: Gathered) -> Report:
    """The quarter of the day of the report, against the end of the one before."""
    language, day = gathered.language, gathered.as_of
    start = quarter_start(day)
    following = quarter_end(day) + datetime.timedelta(days=1)
    # Who reports users may observe active ones as well: the first that was observed stands for both.
    growth = [name for name in _GROWTH if name in gathered.history]
    if "users" in growth and "mau" in growth:
        growth.remove("mau")
    facts = [fact for name in growth if (fact := _growth(gathered, name, start)) is not None]
    chart = drawings.cost_per_user(gathered)
    sections = [
        Section(word("growth_achieved", language), "📈", facts),
        Section(word("infrastructure_scaling", language), "🏗️", _infrastructure(gathered, start)),
        Section(word("team_scaling", language), "👥", _team(gathered, start)),
        Section(
            word("objectives", language).format(quarter=quarter_of(following)),
            "🎯",
            _objectives(gathered, following),
        ),
        Section(word("investments", language), "💰", _investments(gathered)),
        Section(word("costs", language), "💶", [chart] if chart else []),
    ]
    return Report(
        "quarterly",
        f"{word('quarterly', language)} {quarter_of(day)} {day.year}",
        language,
        gathered.loaded.platform.platform,
        day.isoformat(),
        [section for section in sections if section.blocks],
    )


def quarter_start(day: datetime.date) -> datetime.date:
    """The first day of a day's quarter."""
    return datetime.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _pair(gathered: Gathered, name: str, start: datetime.date) -> tuple[float, float] | None:
    """A metric at the end of the quarter before, and now; None where one of them was not observed."""
    before, now = gathered.history.before(name, start), gathered.history.at(name, gathered.as_of)
    if before is None or now is None or now.date < start or before.value == 0:
        return None
    return before.value, now.value


def _said(gathered: Gathered, name: str, value: float) -> str:
    return quantity(value, METRICS[name].unit, currency=gathered.currency, language=gathered.language)


def _growth(gathered: Gathered, name: str, start: datetime.date) -> Fact | None:
    pair = _pair(gathered, name, start)
    if pair is None:
        return None
    before, now = pair
    language = gathered.language
    change = 100 * (now / before - 1)
    first = short(before, 3, language) if name == "developers" else _said(gathered, name, before)
    value = f"{first} → {_said(gathered, name, now)}"
    data = {"metric": name, "before": before, "now": now, "change_percent": change}
    return Fact(label(name, language), value, percent(change, language, signed=True), data=data)


def _infrastructure(gathered: Gathered, start: datetime.date) -> list[Block]:
    language = gathered.language
    found: list[Block] = [
        _milestone(each, language)
        for each in gathered.loaded.platform.milestones
        if each.part == "infrastructure" and start <= each.date <= gathered.as_of
    ]
    if pages := _pair(gathered, "page_load_time", start):
        faster = 100 * (1 - pages[1] / pages[0])
        text = f"{percent(faster, language)} {word('faster_pages', language)}"
        found.append(
            _good(word("page_loads", language), text, faster >= 0, language, {"faster_percent": faster})
        )
    last = gathered.history.before("infrastructure_cost", start)
    before = gathered.unit_costs_at(last.date).per_user if last else None
    now = gathered.unit_costs_at(gathered.as_of).per_user
    if before and now:
        change = 100 * (now / before - 1)
        text = percent(change, language, signed=True)
        found.append(
            _good(word("per_user", language), text, change <= 0, language, {"change_percent": change})
        )
    return found


def _milestone(each: Milestone, language: str) -> Fact:
    what = each.what_fr if language == "fr" and each.what_fr else each.what
    count = f"{each.done}/{each.of} {word('services', language)}" if each.done is not None else ""
    return Fact(what, count, sign="✅", sign_words=word("ok", language), data={"date": each.date.isoformat()})


def _good(
    name: str, value: str, good: bool, language: str, data: Mapping[str, object], remark: str = ""
) -> Fact:
    sign, words = ("✅", "ok") if good else ("⚠️", "attention")
    return Fact(name, value, remark, sign, word(words, language), dict(data))


def _team(gathered: Gathered, start: datetime.date) -> list[Block]:
    language, history = gathered.language, gathered.history
    found: list[Block] = []
    recruited = history.at("developers_recruited", gathered.as_of)
    retained = history.at("developers_retained", gathered.as_of)
    if recruited is not None and recruited.date >= start:
        kept = f"{retained.value:g} {word('retained', language)}" if retained else ""
        value = f"{recruited.value:g} {word('developers', language)}"
        good = retained is None or retained.value >= 0.8 * recruited.value
        data = {"recruited": recruited.value, "retained": retained.value if retained else None}
        found.append(_good(word("recruited", language), value, good, language, data, kept))
    for name, title in (("time_to_productivity", word("onboarding", language)), ("deployment_frequency", "")):
        if pair := _pair(gathered, name, start):
            better = pair[1] <= pair[0] if METRICS[name].worse == "above" else pair[1] >= pair[0]
            value = f"{_said(gathered, name, pair[0])} → {_said(gathered, name, pair[1])}"
            data = {"before": pair[0], "now": pair[1]}
            found.append(_good(title or label(name, language), value, better, language, data))
    if pair := _pair(gathered, "team_satisfaction", start):
        steady = word("stable", language) if pair[0] == pair[1] else f"{pair[1] - pair[0]:+.1f}"
        value = _said(gathered, "team_satisfaction", pair[1])
        name = label("team_satisfaction", language)
        found.insert(2, _good(name, value, pair[1] >= pair[0], language, {"now": pair[1]}, steady))
    return found


def _objectives(gathered: Gathered, following: datetime.date) -> list[Block]:
    found = gathered.loaded.platform.quarters.get(f"{following.year}-{quarter_of(following)}")
    if found is None:
        return []
    french = found.objectives_fr if gathered.language == "fr" else None
    objectives = french or found.objectives
    return [Items(objectives)] if objectives else []


def _investments(gathered: Gathered) -> list[Block]:
    platform, language = gathered.loaded.platform, gathered.language
    if not platform.investments:
        return []
    each_costs = platform.hiring.annual_cost_per_developer
    lines: list[Block] = []
    for each in platform.investments:
        cost = cost_of(each, each_costs)
        lines.append(
            Fact(
                _title(each, language),
                _amount(each, cost, gathered),
                _note(each, cost, gathered),
                data={"what": each.what, "cost": cost},
            )
        )
    total = sum(cost_of(each, each_costs) for each in platform.investments)
    capacity = sum(each.capacity_percent or 0.0 for each in platform.investments)
    remark = word("for_capacity", language).format(percent=percent(capacity, language)) if capacity else ""
    data = {"cost": total, "capacity_percent": capacity}
    return [
        *lines,
        Fact(word("total", language), money(total, platform.currency, language=language), remark, data=data),
    ]


def _title(each: Investment, language: str) -> str:
    return word(
        {"infrastructure": "infrastructure_word", "team": "team_word", "tools": "tools"}[each.what], language
    )


def _amount(each: Investment, cost: float, gathered: Gathered) -> str:
    language = gathered.language
    if each.developers is None:
        return money(cost, gathered.currency, language=language)
    return f"{each.developers} {word('additional', language)}"


def _note(each: Investment, cost: float, gathered: Gathered) -> str:
    if each.developers is not None:
        return money(cost, gathered.currency, language=gathered.language)
    return each.note_fr if gathered.language == "fr" and each.note_fr else each.note
