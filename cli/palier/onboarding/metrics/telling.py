"""The metrics in words: a table by cohort, what is missed and who can look at it, and the same as JSON.

Nobody is named unless single people are asked for, and even then no answer of a survey is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from palier.onboarding.metrics.cohorts import SLOPE_FROM_COHORTS, Cohort, Number, Slope
from palier.onboarding.metrics.measuring import Metrics
from palier.onboarding.metrics.models import GOALS, SATISFACTION, Goal, Newcomer, Outcome

# Of fewer people than this, one alone moves a median or a share by much: it is said.
FEW_PEOPLE = 5
_MARKS = {"met": "✓", "missed": "✗", "too_early": "too early", "nobody": "–"}


def text(metrics: Metrics, people: bool) -> list[str]:
    """The lines for a terminal."""
    return [
        _heading(metrics),
        "",
        *_aligned(_table(metrics)),
        "",
        *_below(metrics),
        *(["", *_aligned(_people_table(metrics.people))] if people else []),
    ]


def markdown(metrics: Metrics, people: bool) -> list[str]:
    """The same as Markdown."""
    return [
        "# Onboarding metrics",
        "",
        _heading(metrics),
        "",
        *_piped(_table(metrics)),
        "",
        *(f"- {line}" for line in _below(metrics)),
        *(["", *_piped(_people_table(metrics.people))] if people else []),
    ]


def _heading(metrics: Metrics) -> str:
    whose = f"team {metrics.team}" if metrics.team else "all teams"
    return f"{whose}, {len(metrics.people)} people, as of {metrics.as_of:%Y-%m-%d %H:%M} UTC"


# -- the table --------------------------------------------------------------------------------------


def _table(metrics: Metrics) -> list[list[str]]:
    rows = [
        ["cohort", "people", *(goal.title for goal in GOALS)],
        ["goal", "", *(f"{goal.sign} {goal.limit:g} {goal.unit}" for goal in GOALS)],
    ]
    for cohort in (*metrics.cohorts, metrics.all):
        cells = [_cell(cohort.numbers[goal.name]) for goal in GOALS]
        rows.append([cohort.label, str(cohort.people), *cells])
    slopes = [_slope(goal, metrics.slopes[goal.name]) for goal in GOALS]
    return [*rows, [f"trend per {metrics.by}", "", *slopes]]


def _cell(number: Number) -> str:
    """`20.5 h ✓ n=3 (−2 h)`: value, verdict, people counted, change against the cohort before."""
    left_out = (
        ("too early", number.too_early),
        ("left before", number.left_before),
        ("no answer", number.no_answer),
    )
    waits = ", ".join(f"{what} {count}" for what, count in left_out if count)
    if number.n == 0:
        return waits or "–"
    said = [_value(number), _MARKS[number.verdict], f"n={number.n}"]
    if number.verdict == "too_early":
        said = [_value(number), f"n={number.n}"]
    if number.change is not None:
        said.append(f"({_signed(number.change)} {number.goal.unit})")
    return " ".join(said) + (f"; {waits}" if waits else "")


def _value(number: Number) -> str:
    return (
        "not reached" if number.value is None else f"{_short(number.value, number.goal)} {number.goal.unit}"
    )


def _slope(goal: Goal, slope: Slope) -> str:
    if slope.per_cohort is None:
        return "–"
    return f"{_signed(slope.per_cohort)} {goal.unit} ({slope.cohorts} cohorts, n={slope.people})"


def _short(value: float, goal: Goal) -> str:
    """One decimal, or as many more as tell on which side of the goal it is: 23.97 h is not 24 h."""
    for digits in (1, 2, 3):
        if goal.met(round(value, digits)) == goal.met(value):
            return f"{round(value, digits):g}"
    return repr(value)


def _signed(value: float) -> str:
    rounded = round(value, 1)
    return f"{'−' if rounded < 0 else '+' if rounded > 0 else '±'}{abs(rounded):g}"


# -- what stands below it ---------------------------------------------------------------------------


def _below(metrics: Metrics) -> list[str]:
    missed = [
        _missed(cohort, number)
        for cohort in metrics.cohorts
        for number in cohort.numbers.values()
        if number.verdict == "missed"
    ]
    lines = missed or ["no goal is missed by those who could have reached it"]
    return [*lines, *_comments(metrics), *_notes(metrics)]


def _missed(cohort: Cohort, number: Number) -> str:
    goal = number.goal
    return (
        f"missed in {cohort.label}: {goal.title}, {goal.statistic} {_value(number)}, "
        f"goal {goal.sign} {goal.limit:g} {goal.unit}; {number.met} of {number.n} met it. "
        f"To be looked at by {goal.looked_at_by}"
    )


def _comments(metrics: Metrics) -> Iterator[str]:
    for cohort in metrics.cohorts:
        for comment in cohort.comments:
            yield f"said in {cohort.label}: {' '.join(comment.split())}"


def _notes(metrics: Metrics) -> Iterator[str]:
    few = [cohort.label for cohort in metrics.cohorts if cohort.people < FEW_PEOPLE]
    if few:
        yield (
            f"note: fewer than {FEW_PEOPLE} people in {', '.join(few)}: one person makes such a number, "
            "and a change of it is no finding"
        )
    flat = [goal.title for goal in GOALS if metrics.slopes[goal.name].per_cohort is None]
    if flat:
        yield f"note: a trend needs {SLOPE_FROM_COHORTS} cohorts with a number; too few for {', '.join(flat)}"
    unanswered = sum(cohort.numbers[SATISFACTION].no_answer for cohort in metrics.cohorts)
    if unanswered:
        yield f"note: {unanswered} of those asked for their satisfaction did not answer; they are not counted"
    yield (
        f"note: comments are told from {metrics.settings.comments_from_people} answers of a cohort on, "
        "without names"
    )


# -- single people ----------------------------------------------------------------------------------


def _people_table(people: Sequence[Newcomer]) -> list[list[str]]:
    rows = [["login", "team", "first day", *(goal.title for goal in GOALS)]]
    for each in people:
        cells = [_person_cell(goal, each.outcomes[goal.name]) for goal in GOALS]
        rows.append([each.login, each.person.team, str(each.person.starts), *cells])
    return rows


def _person_cell(goal: Goal, outcome: Outcome) -> str:
    status = outcome.status.replace("_", " ")
    if goal.name == SATISFACTION:
        return "answered" if outcome.counted else status
    if not goal.is_time:
        return {"met": "there", "missed": "left"}.get(outcome.status, status)
    mark = _MARKS.get(outcome.status, status)
    if outcome.value is None:
        return f"not reached {mark}" if outcome.counted else mark
    return f"{_short(outcome.value, goal)} {goal.unit} {mark if outcome.counted else f'({status})'}"


# -- JSON -------------------------------------------------------------------------------------------


def document(metrics: Metrics, people: bool) -> dict[str, Any]:
    """The metrics for machines: every number under a name with its unit."""
    told: dict[str, Any] = {
        "as_of": metrics.as_of.isoformat(),
        "by": metrics.by,
        "team": metrics.team,
        "settings": metrics.settings.model_dump(mode="json"),
        "goals": [
            {key: getattr(goal, key) for key in ("name", "unit", "direction", "limit", "statistic", "source")}
            for goal in GOALS
        ],
        "cohorts": [_cohort(cohort) for cohort in metrics.cohorts],
        "all": _cohort(metrics.all),
        "trend_per_cohort": {
            name: {"slope": each.per_cohort, "cohorts": each.cohorts, "people": each.people}
            for name, each in metrics.slopes.items()
        },
    }
    if people:
        told["people"] = [_person(each) for each in metrics.people]
    return told


def _cohort(cohort: Cohort) -> dict[str, Any]:
    keys = (
        "value",
        "n",
        "met",
        "too_early",
        "left_before",
        "no_answer",
        "verdict",
        "change",
        "against",
    )
    return {
        "cohort": cohort.label,
        "people": cohort.people,
        **{
            name: {**{key: getattr(number, key) for key in keys}, "half_never_reached_it": number.beyond}
            for name, number in cohort.numbers.items()
        },
        "comments": list(cohort.comments),
    }


def _person(each: Newcomer) -> dict[str, Any]:
    outcomes: dict[str, Any] = {}
    for name, outcome in each.outcomes.items():
        if name == SATISFACTION:  # an answer is the person's own
            outcomes[name] = {"status": "answered" if outcome.counted else outcome.status}
        else:
            outcomes[name] = {"status": outcome.status, "value": outcome.value}
    first_day = each.person.starts.isoformat()
    return {"login": each.login, "team": each.person.team, "first_day": first_day, **outcomes}


# -- tables -----------------------------------------------------------------------------------------


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _piped(rows: list[list[str]]) -> list[str]:
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]
