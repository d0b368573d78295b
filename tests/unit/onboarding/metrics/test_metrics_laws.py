"""Laws of the metrics, for whatever team: of order, of others, of time, and of who is counted."""

from __future__ import annotations

import dataclasses
import datetime
import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from palier.onboarding.metrics import telling
from palier.onboarding.metrics.cohorts import Cohort
from palier.onboarding.metrics.measuring import Metrics
from palier.onboarding.metrics.models import SATISFACTION
from palier.onboarding.roster import Roster

from tests.unit.onboarding.metrics.made import DAY, Case, cases, measured, moments, person


def as_json(metrics: Metrics) -> str:
    return json.dumps(telling.document(metrics, people=True), sort_keys=True)


@given(cases(), moments, st.randoms(use_true_random=False))
def test_the_order_of_people_readings_and_answers_changes_nothing(
    case: Case, as_of: datetime.datetime, chance: random.Random
) -> None:
    team, readings, surveys = case

    def mixed(entries: Any) -> list[Any]:
        shuffled: list[Any] = list(entries)
        chance.shuffle(shuffled)
        return shuffled

    other = Roster(team.folder, dict(mixed(team.people.items())), team.teams)
    turned = [
        each.model_copy(
            update={"commits_at": mixed(each.commits_at), "pull_requests": mixed(each.pull_requests)}
        )
        for each in mixed(readings)
    ]
    answers = {login: tuple(mixed(each)) for login, each in mixed(surveys.items())}

    assert as_json(measured((other, turned, answers), as_of)) == as_json(measured(case, as_of))


def without_change(cohort: Cohort) -> Cohort:
    numbers = {
        name: dataclasses.replace(each, change=None, against=None) for name, each in cohort.numbers.items()
    }
    return dataclasses.replace(cohort, numbers=numbers)


@given(cases(), moments, st.sampled_from(["2022-05-02", "2025-02-03"]))
def test_a_person_of_another_cohort_changes_no_number_of_this_one(
    case: Case, as_of: datetime.datetime, starts: str
) -> None:
    team, readings, surveys = case
    people = {**team.people, "new": person("new", starts)}
    more = (Roster(team.folder, people, team.teams), readings, surveys)
    before, after = measured(case, as_of), measured(more, as_of)

    kept = [cohort for cohort in after.cohorts if cohort.label in {each.label for each in before.cohorts}]
    assert [without_change(each) for each in kept] == [without_change(each) for each in before.cohorts]
    if starts > "2025":
        assert kept == before.cohorts, "nor its change, where the other comes later"


@given(cases(), moments, st.integers(0, 800))
def test_as_time_goes_on_who_was_counted_stays_counted_and_never_turns(
    case: Case, as_of: datetime.datetime, days: int
) -> None:
    before, after = measured(case, as_of), measured(case, as_of + days * DAY)
    later = {each.login: each.outcomes for each in after.people}
    for each in before.people:
        for goal, outcome in each.outcomes.items():
            if not outcome.counted:
                continue
            assert later[each.login][goal].counted
            if goal != SATISFACTION:  # a survey nearer to three months may come
                assert later[each.login][goal].status == outcome.status
    counts = {cohort.label: cohort.numbers for cohort in after.cohorts}
    for cohort in before.cohorts:
        for name, number in cohort.numbers.items():
            assert counts[cohort.label][name].n >= number.n


@given(cases(), moments)
def test_everybody_is_counted_once_or_told_as_left_out(case: Case, as_of: datetime.datetime) -> None:
    for cohort in measured(case, as_of).cohorts:
        for number in cohort.numbers.values():
            total = number.n + number.too_early + number.left_before + number.no_answer
            assert total == cohort.people
            assert (number.value is None) == (number.n == 0 or number.beyond), "no number for nobody"
