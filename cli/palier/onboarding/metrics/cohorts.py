"""Cohorts: who began in the same month, quarter or year, with one number for each goal, and how it moved."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from palier.onboarding.metrics.models import BY_NAME, GOALS, RETENTION, SATISFACTION, Goal, Newcomer, Status

By = Literal["month", "quarter", "year"]
# `nobody`: there is no one of whom it could be told, now or later.
Verdict = Literal["met", "missed", "too_early", "nobody"]
PER_YEAR: Mapping[By, int] = {"month": 12, "quarter": 4, "year": 1}
# A slope over two cohorts is their difference, which is told already.
SLOPE_FROM_COHORTS = 3


@dataclass(frozen=True, slots=True)
class Number:
    """One goal of one cohort.

    `n` people are counted, of whom `met` met the goal. `value` is in the goal's unit: None where n is 0, or
    where half of the people never got there (`beyond`). `change` is against the last cohort before with a
    value, `against`.
    """

    goal: Goal
    n: int
    met: int
    too_early: int
    left_before: int
    no_answer: int
    value: float | None
    beyond: bool
    verdict: Verdict
    change: float | None = None
    against: str | None = None

    @property
    def comparable(self) -> bool:
        """Whether it can be part of a trend: a number that no longer waits for anybody."""
        return self.value is not None and self.verdict != "too_early"


@dataclass(frozen=True)
class Cohort:
    """People who began together. `order` counts cohorts through the calendar."""

    label: str
    order: int
    people: int
    numbers: Mapping[str, Number]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slope:
    """How a goal's number moves from one cohort to the next, in its unit; None over too few cohorts."""

    per_cohort: float | None
    cohorts: int
    people: int


def place(day: datetime.date, by: By) -> tuple[int, str]:
    """(order, label) of the cohort of a first day."""
    if by == "month":
        return day.year * 12 + day.month - 1, f"{day:%Y-%m}"
    if by == "quarter":
        quarter = (day.month - 1) // 3
        return day.year * 4 + quarter, f"{day.year}-Q{quarter + 1}"
    return day.year, str(day.year)


def cohorts(people: Iterable[Newcomer], by: By, comments_from: int) -> list[Cohort]:
    """The cohorts that have people, oldest first, each with its change against the one before."""
    groups: dict[tuple[int, str], list[Newcomer]] = {}
    for each in people:
        groups.setdefault(place(each.person.starts, by), []).append(each)
    found: list[Cohort] = []
    before: dict[str, tuple[str, float]] = {}
    for order, label in sorted(groups):
        group = groups[order, label]
        numbers = {}
        for goal in GOALS:
            number = _against(number_of(goal, group), before.get(goal.name))
            if number.comparable and number.value is not None:
                before[goal.name] = (label, number.value)
            numbers[goal.name] = number
        found.append(Cohort(label, order, len(group), numbers, _comments(group, comments_from)))
    return found


def everybody(people: Sequence[Newcomer]) -> Cohort:
    """All cohorts as one. Retention counts here only whose months are over by the calendar: who left counts
    at once and who stays only after a year, so that a sum over young cohorts would show leavers alone."""
    numbers = {goal.name: number_of(goal, people) for goal in GOALS if goal.name != RETENTION}
    settled = [each for each in people if each.settled]
    retention, young = number_of(BY_NAME[RETENTION], settled), len(people) - len(settled)
    verdict: Verdict = "too_early" if young and not settled else retention.verdict
    numbers[RETENTION] = replace(retention, too_early=young, verdict=verdict)
    return Cohort("all", 0, len(people), numbers)


def number_of(goal: Goal, people: Sequence[Newcomer]) -> Number:
    """One goal's number over some people, in whatever order they come."""
    outcomes = [each.outcomes[goal.name] for each in people]
    counted = [each for each in outcomes if each.counted]

    def how_many(status: Status) -> int:
        return sum(1 for each in outcomes if each.status == status)

    values = sorted(float("inf") if each.value is None else each.value for each in counted)
    value = _STATISTICS[goal.statistic](values) if values else None
    beyond = value == float("inf")
    early = how_many("too_early")
    return Number(
        goal=goal,
        n=len(counted),
        met=how_many("met"),
        too_early=early,
        left_before=how_many("left_before"),
        no_answer=how_many("no_answer"),
        value=None if beyond else value,
        beyond=beyond,
        verdict=_verdict(goal, value, values, early),
    )


_STATISTICS: Mapping[str, Callable[[list[float]], float]] = {
    "median": statistics.median,
    "mean": statistics.fmean,
    "share": statistics.fmean,
}


def _verdict(goal: Goal, value: float | None, values: list[float], early: int) -> Verdict:
    if value is None:
        return "too_early" if early else "nobody"
    if goal.name != RETENTION or not early:
        return "met" if goal.met(value) else "missed"
    # Leavers count at once, stayers after a year: sure is only what the rest can no longer change.
    at_best = statistics.fmean([*values, *[100.0] * early])
    return "too_early" if goal.met(at_best) else "missed"


def _against(number: Number, before: tuple[str, float] | None) -> Number:
    if before is None or number.value is None or not number.comparable:
        return number
    return replace(number, change=number.value - before[1], against=before[0])


def _comments(group: Sequence[Newcomer], comments_from: int) -> tuple[str, ...]:
    """What people added, by its text, so that the order names nobody; nothing where few answered."""
    answered = [each for each in group if each.outcomes[SATISFACTION].counted]
    if len(answered) < comments_from:
        return ()
    return tuple(sorted(each.comment for each in answered if each.comment))


def slopes(found: Sequence[Cohort]) -> dict[str, Slope]:
    """The slope of each goal over all cohorts that are comparable, by Theil and Sen.

    The median of the slopes between every two: with cohorts of a few people one odd cohort would turn a
    least-squares line, and does not turn this.
    """
    told = {}
    for goal in GOALS:
        points = [
            (cohort.order, number.value, number.n)
            for cohort in found
            if (number := cohort.numbers[goal.name]).comparable and number.value is not None
        ]
        slope = None
        if len(points) >= SLOPE_FROM_COHORTS:
            pairs = combinations(points, 2)
            slope = statistics.median((right[1] - left[1]) / (right[0] - left[0]) for left, right in pairs)
        told[goal.name] = Slope(slope, len(points), sum(n for _, _, n in points))
    return told
