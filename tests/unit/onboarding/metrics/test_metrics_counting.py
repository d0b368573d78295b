"""What counts for a goal, what does not yet, and what never will: an example by hand, and laws."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from palier.onboarding.metrics import clock
from palier.onboarding.metrics.cohorts import Cohort, Number
from palier.onboarding.metrics.history import PullRequest
from palier.onboarding.metrics.measuring import Metrics
from palier.onboarding.metrics.models import (
    FIRST_COMMIT,
    FIRST_FEATURE,
    GOALS,
    PRODUCTIVITY,
    RETENTION,
    SATISFACTION,
    Outcome,
)
from palier.onboarding.metrics.people import newcomer
from palier.onboarding.metrics.settings import MetricsSettings, settings_of
from palier.onboarding.models import Person

from tests.unit.onboarding.metrics.made import (
    Case,
    measured,
    moment,
    person,
    reading,
    roster,
    survey,
    winter,
)

SETTINGS = MetricsSettings()


def only(metrics: Metrics) -> Cohort:
    (cohort,) = metrics.cohorts
    return cohort


def told(number: Number) -> tuple[float | None, int, int, str]:
    return number.value, number.met, number.n, number.verdict


def test_the_example_worked_by_hand_comes_out() -> None:
    spring = only(measured(winter(), moment("2024-03-01T00:00"))).numbers

    # 6, 10 and 28 hours; 2 and 10 days, and never; 4 weeks, and never twice.
    assert told(spring[FIRST_COMMIT]) == (10.0, 2, 3, "met")
    assert told(spring[FIRST_FEATURE]) == (10.0, 1, 3, "missed")
    assert told(spring[PRODUCTIVITY]) == (None, 1, 3, "missed")
    assert spring[PRODUCTIVITY].beyond
    assert told(spring[SATISFACTION]) == (None, 0, 0, "too_early")
    assert told(spring[RETENTION]) == (None, 0, 0, "too_early")

    later = only(measured(winter(), moment("2025-02-01T00:00"))).numbers
    # 9 and 7.5, and one who did not answer; two of three are still there.
    assert told(later[SATISFACTION]) == (8.25, 1, 2, "met")
    assert later[SATISFACTION].no_answer == 1
    assert told(later[RETENTION])[1:] == (2, 3, "missed")
    assert later[RETENTION].value == pytest.approx(200 / 3)


def test_the_goals_are_those_of_the_document() -> None:
    shown = [(goal.name, goal.sign, goal.limit, goal.unit) for goal in GOALS]

    assert shown == [
        ("time_to_first_commit_hours", "<", 24, "h"),
        ("time_to_first_feature_days", "<", 7, "days"),
        ("time_to_full_productivity_weeks", "<", 6, "weeks"),
        ("satisfaction_points", ">", 8, "of 10"),
        ("retention_percent", ">", 90, "%"),
    ]
    assert all("scaling-et-croissance.md" in goal.source for goal in GOALS)


def commit_of(who: Person, commit: str | None, as_of: str, **settings: Any) -> Outcome:
    commits = [moment(commit)] if commit else []
    chosen = MetricsSettings(**settings)
    found = newcomer("ada", who, [reading("ada", who, commits)], (), moment(as_of), chosen)
    return found.outcomes[FIRST_COMMIT]


@pytest.mark.parametrize(
    ("commit", "as_of", "wanted"),
    [
        (None, "2024-01-09T07:59", Outcome("too_early")),
        (None, "2024-01-09T08:00", Outcome("missed")),
        ("2024-01-08T10:00", "2024-01-08T12:00", Outcome("too_early", 2.0)),
        ("2024-01-08T10:00", "2024-01-09T08:00", Outcome("met", 2.0)),
        ("2024-01-09T08:00", "2024-02-01T00:00", Outcome("missed", 24.0)),  # < 24 h is strict
        ("2024-01-08T06:30", "2024-02-01T00:00", Outcome("met", 0.0)),  # before the clock, on the first day
        ("2024-01-07T22:59", "2024-02-01T00:00", Outcome("missed")),  # the evening before
        ("2024-01-10T09:00", "2024-01-10T08:00", Outcome("missed")),  # still to come
    ],
)
def test_the_clock_starts_at_nine_where_the_person_is(
    commit: str | None, as_of: str, wanted: Outcome
) -> None:
    assert commit_of(person("ada", "2024-01-08"), commit, as_of) == wanted


def test_a_time_zone_and_the_hour_of_the_first_day_move_the_clock() -> None:
    tokyo = person("ada", "2024-01-08", time_zone="Asia/Tokyo")

    assert commit_of(tokyo, "2024-01-08T04:00", "2024-02-01T00:00").value == 4.0
    assert commit_of(tokyo, "2024-01-08T04:00", "2024-02-01T00:00", first_day_begins_hour=10).value == 3.0


def test_an_hour_that_the_clocks_skip_is_no_hour_of_the_first_day() -> None:
    # The night to 31 March 2024 has 23 hours in Paris: from 9 to 9 is 23 hours.
    assert commit_of(person("ada", "2024-03-30"), "2024-03-31T07:00", "2024-05-01T00:00").value == 23.0


def test_who_left_before_the_time_was_over_is_neither_a_hit_nor_a_miss() -> None:
    short = person("ada", "2024-01-08", ends=datetime.date(2024, 1, 12))
    merges = [moment("2024-01-10T08:00")]
    found = newcomer(
        "ada", short, [reading("ada", short, merges, merges)], (), moment("2025-06-01T00:00"), SETTINGS
    )

    assert {name: each.status for name, each in found.outcomes.items()} == {
        FIRST_COMMIT: "missed",
        FIRST_FEATURE: "left_before",
        PRODUCTIVITY: "left_before",
        SATISFACTION: "left_before",
        RETENTION: "missed",
    }


def test_a_pull_request_opened_before_the_first_day_is_no_first_feature() -> None:
    ada = person("ada", "2024-01-08")
    outside = PullRequest(
        number=1, opened_at=moment("2024-01-05T08:00"), merged_at=moment("2024-01-09T08:00")
    )
    known = reading("ada", ada).model_copy(update={"pull_requests": [outside]})
    found = newcomer("ada", ada, [known], (), moment("2024-06-01T00:00"), SETTINGS)

    assert found.outcomes[FIRST_FEATURE] == Outcome("missed")


def test_what_is_merged_after_the_last_day_is_not_reached_in_time_spent_here() -> None:
    short = person("ada", "2024-01-08", ends=datetime.date(2024, 1, 31))
    known = [reading("ada", short, (), [moment("2024-02-01T08:00")])]
    found = newcomer("ada", short, known, (), moment("2024-06-01T00:00"), SETTINGS)

    assert found.outcomes[FIRST_FEATURE] == Outcome("missed", None)


@pytest.mark.parametrize(("ends", "wanted"), [("2025-01-07", "missed"), ("2025-01-08", "met")])
def test_who_is_there_on_the_anniversary_was_kept_for_12_months(ends: str, wanted: str) -> None:
    ada = person("ada", "2024-01-08", ends=datetime.date.fromisoformat(ends))
    found = newcomer("ada", ada, [], (), moment("2025-06-01T00:00"), SETTINGS)

    assert found.outcomes[RETENTION].status == wanted


def test_how_many_merged_pull_requests_are_productivity_is_a_setting() -> None:
    ada = person("ada", "2024-01-08")
    known = [reading("ada", ada, (), [moment("2024-01-15T08:00"), moment("2024-01-22T08:00")])]
    two = MetricsSettings(productive_after_merged_pull_requests=2)
    found = newcomer("ada", ada, known, (), moment("2024-06-01T00:00"), two)

    assert found.outcomes[PRODUCTIVITY] == Outcome("met", 2.0)


def test_the_settings_of_a_stack_without_the_section_are_the_defaults() -> None:
    given_ = MetricsSettings(productive_after_merged_pull_requests=3)

    assert settings_of(object()) == MetricsSettings()
    assert settings_of(type("Settings", (), {"metrics": given_})()) == given_


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ([("2024-03-09", 9.0)], 9.0),  # 30 days before
        ([("2024-03-08", 9.0)], None),  # 31 days before
        ([("2024-05-08", 9.0), ("2024-04-20", 6.5)], 6.5),
        ([("2024-04-06", 5.0), ("2024-04-10", 9.0)], 5.0),  # as near: the earlier
        ([("2024-05-09", 9.0)], None),
    ],
)
def test_the_survey_nearest_to_three_months_counts(
    answers: list[tuple[str, float]], wanted: float | None
) -> None:
    ada = person("ada", "2024-01-08")
    surveys = [survey(day, points) for day, points in answers]
    outcome = newcomer("ada", ada, [], surveys, moment("2024-06-01T00:00"), SETTINGS).outcomes[SATISFACTION]

    assert outcome.value == wanted
    assert (outcome.status == "no_answer") == (wanted is None)


def leavers(count: int, of: int) -> Case:
    """People who began on 8 January 2024, of whom some left in May."""
    people = {
        f"p{number}": person(
            f"p{number}", "2024-01-08", ends=datetime.date(2024, 5, 31) if number < count else None
        )
        for number in range(of)
    }
    return roster(people), [], {}


@pytest.mark.parametrize(
    ("count", "of", "early", "late"),
    [(1, 20, "too_early", "met"), (1, 10, "missed", "missed"), (0, 3, "too_early", "met")],
)
def test_retention_is_judged_once_the_rest_cannot_change_it(
    count: int, of: int, early: str, late: str
) -> None:
    before = measured(leavers(count, of), moment("2024-09-01T00:00"))
    after = measured(leavers(count, of), moment("2025-01-09T00:00"))

    assert only(before).numbers[RETENTION].verdict == early
    assert only(after).numbers[RETENTION].verdict == late
    assert before.all.numbers[RETENTION].n == 0, "over all, only those whose year is over"
    assert after.all.numbers[RETENTION].n == of


def test_a_first_day_of_29_february_has_its_anniversary_on_the_28th() -> None:
    leap = person("ada", "2024-02-29")

    def at(day: str) -> str:
        return newcomer("ada", leap, [], (), moment(day), SETTINGS).outcomes[RETENTION].status

    assert (at("2025-02-27T22:00"), at("2025-02-27T23:00")) == ("too_early", "met")


def steady(hours: list[int]) -> Case:
    """One newcomer a quarter from 2024 on, whose first commit comes after so many hours."""
    days = [datetime.date(2024 + number // 4, 1 + number % 4 * 3, 8) for number in range(len(hours))]
    people = {f"p{number}": person(f"p{number}", day) for number, day in enumerate(days)}
    readings = [
        reading(login, who, [clock.begins(who, SETTINGS) + datetime.timedelta(hours=after)])
        for (login, who), after in zip(people.items(), hours, strict=True)
    ]
    return roster(people), readings, {}


def test_a_trend_is_the_change_and_the_slope_that_one_odd_cohort_does_not_turn() -> None:
    metrics = measured(steady([20, 18, 90, 14, 12]), moment("2026-01-01T00:00"))
    numbers = [cohort.numbers[FIRST_COMMIT] for cohort in metrics.cohorts]

    assert [each.change for each in numbers] == [None, -2, 72, -76, -2]
    assert [each.against for each in numbers] == [None, "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    assert metrics.slopes[FIRST_COMMIT].per_cohort == -2.0
    assert metrics.slopes[FIRST_COMMIT].cohorts == 5


def test_two_cohorts_have_no_slope() -> None:
    slope = measured(steady([20, 18]), moment("2026-01-01T00:00")).slopes[FIRST_COMMIT]

    assert (slope.per_cohort, slope.cohorts) == (None, 2)


@pytest.mark.parametrize(
    ("by", "labels"),
    [("month", ["2024-01", "2024-04"]), ("quarter", ["2024-Q1", "2024-Q2"]), ("year", ["2024"])],
)
def test_a_cohort_is_a_month_a_quarter_or_a_year(by: Any, labels: list[str]) -> None:
    metrics = measured(steady([1, 2]), moment("2026-01-01T00:00"), by=by)

    assert [cohort.label for cohort in metrics.cohorts] == labels
