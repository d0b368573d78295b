"""One newcomer against the five goals, as known at a moment; later moments never take a counted answer back.

Whether somebody counts must not depend on how it went: of a goal that is a time, everybody counts once the
time is over, the quick ones too, and nobody before.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from palier.onboarding.metrics import clock
from palier.onboarding.metrics.history import Reading
from palier.onboarding.metrics.models import (
    BY_NAME,
    FIRST_COMMIT,
    FIRST_FEATURE,
    PRODUCTIVITY,
    RETENTION,
    RETENTION_AFTER_MONTHS,
    SATISFACTION,
    SATISFACTION_AFTER_MONTHS,
    Goal,
    Newcomer,
    Outcome,
)
from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.metrics.surveys import Survey
from palier.onboarding.models import Person

Moment = datetime.datetime


def newcomer(
    login: str,
    person: Person,
    readings: Iterable[Reading],
    surveys: Sequence[Survey],
    as_of: Moment,
    settings: MetricsSettings,
) -> Newcomer:
    """Where somebody stands at `as_of`, from their team's repositories and their surveys."""
    commits, merges = _events(person, list(readings), as_of)
    nth = settings.productive_after_merged_pull_requests
    survey = _survey(person, surveys, as_of, settings)
    outcomes = {
        FIRST_COMMIT: _time(BY_NAME[FIRST_COMMIT], person, commits[:1], as_of, settings),
        FIRST_FEATURE: _time(BY_NAME[FIRST_FEATURE], person, merges[:1], as_of, settings),
        PRODUCTIVITY: _time(BY_NAME[PRODUCTIVITY], person, merges[nth - 1 : nth], as_of, settings),
        SATISFACTION: _satisfaction(person, survey, as_of, settings),
        RETENTION: _retention(person, as_of),
    }
    return Newcomer(
        login=login,
        person=person,
        outcomes=outcomes,
        settled=clock.at(person, _anniversary(person)) <= as_of,
        comment=survey.comment if survey else None,
    )


def _events(person: Person, readings: list[Reading], as_of: Moment) -> tuple[list[Moment], list[Moment]]:
    """When commits were written and pull requests merged, from the first day to `as_of`, in order.

    What is before the first day is not an onboarding: an internship, a pull request from outside.
    """
    first, last = clock.arrives(person), _seen_until(person, as_of)
    commits = {moment for each in readings for moment in each.commits_at}
    merges = {
        (each.repository, pull.number): pull.merged_at
        for each in readings
        for pull in each.pull_requests
        if pull.merged_at is not None and pull.opened_at >= first
    }
    return (
        sorted(moment for moment in commits if first <= moment <= last),
        sorted(moment for moment in merges.values() if first <= moment <= last),
    )


def _seen_until(person: Person, as_of: Moment) -> Moment:
    leaves = clock.leaves(person)
    return as_of if leaves is None else min(as_of, leaves)


def _time(
    goal: Goal, person: Person, event: list[Moment], as_of: Moment, settings: MetricsSettings
) -> Outcome:
    begins = clock.begins(person, settings)
    value = None
    if event:  # before the clock starts on the first day: no time at all
        hours = (event[0] - begins).total_seconds() / 3600
        value = max(0.0, hours) / goal.hours_per_unit
    if _seen_until(person, as_of) >= begins + goal.length:
        return Outcome("met" if value is not None and goal.met(value) else "missed", value)
    leaves = clock.leaves(person)
    gone = leaves is not None and leaves <= as_of
    return Outcome("left_before" if gone else "too_early", value)


def _survey(
    person: Person, surveys: Sequence[Survey], as_of: Moment, settings: MetricsSettings
) -> Survey | None:
    """The survey nearest to the day that it is asked for, the earlier of two as near."""
    due = clock.add_months(person.starts, SATISFACTION_AFTER_MONTHS)
    today = clock.day_of(person, as_of)
    fitting = [
        each
        for each in surveys
        if each.on <= today and abs((each.on - due).days) <= settings.survey_window_days
    ]
    return min(fitting, key=lambda each: (abs((each.on - due).days), each.on), default=None)


def _satisfaction(person: Person, survey: Survey | None, as_of: Moment, settings: MetricsSettings) -> Outcome:
    if survey is not None:
        met = BY_NAME[SATISFACTION].met(survey.satisfaction)
        return Outcome("met" if met else "missed", survey.satisfaction)
    due = clock.add_months(person.starts, SATISFACTION_AFTER_MONTHS)
    leaves = clock.leaves(person)
    if leaves is not None and leaves <= min(as_of, clock.at(person, due)):
        return Outcome("left_before")
    over = due + datetime.timedelta(days=settings.survey_window_days)
    return Outcome("no_answer" if clock.day_of(person, as_of) > over else "too_early")


def _anniversary(person: Person) -> datetime.date:
    return clock.add_months(person.starts, RETENTION_AFTER_MONTHS)


def _retention(person: Person, as_of: Moment) -> Outcome:
    anniversary = _anniversary(person)
    if person.ends is not None and person.ends < anniversary:
        leaves = clock.leaves(person)
        gone = leaves is not None and leaves <= as_of
        return Outcome("missed", 0.0) if gone else Outcome("too_early")
    if clock.at(person, anniversary) <= as_of:
        return Outcome("met", 100.0)
    return Outcome("too_early")
