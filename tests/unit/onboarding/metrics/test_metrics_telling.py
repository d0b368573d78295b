"""What is printed: numbers with n, verdicts, who can look at it; and no name that was not asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from palier.onboarding.metrics import telling
from palier.onboarding.metrics.measuring import Metrics, measure
from palier.onboarding.metrics.settings import MetricsSettings

from tests.unit.onboarding.metrics.made import history, moment, person, reading, roster, survey

COMMENTS = {"ada": "zebra", "bob": "apple", "eve": "mango"}


def shop(answering: int = 3, as_of: str = "2024-06-01T00:00") -> Metrics:
    """Three of one cohort, then one of the next, whose answers are their own."""
    first = {login: person(login, "2024-01-08") for login in COMMENTS}
    people = {**first, "kim": person("kim", "2024-05-29")}
    readings = [reading(login, who, [moment("2024-01-08T14:00")]) for login, who in first.items()]
    readings.append(reading("kim", people["kim"]))
    surveys = {
        login: (survey("2024-04-08", 9.5, comment),) for login, comment in list(COMMENTS.items())[:answering]
    }
    chosen = MetricsSettings()
    return measure(roster(people), history(readings), surveys, chosen, moment(as_of))


def test_the_table_has_a_row_for_each_cohort_for_all_and_for_the_trend() -> None:
    lines = telling.text(shop(), people=False)

    assert lines[0] == "all teams, 4 people, as of 2024-06-01 00:00 UTC"
    assert [line.split()[0] for line in lines[2:7]] == ["cohort", "2024-Q1", "2024-Q2", "all", "trend"]
    assert "first commit < 24 h" in lines[2]
    assert "6 h ✓ n=3" in lines[3]
    assert "not reached ✗ n=3" in lines[3]
    assert "1 too early" in lines[4]
    assert "needs 3 cohorts with a number, has 1" in lines[6]


def test_what_is_missed_says_who_can_look_at_it() -> None:
    text = "\n".join(telling.text(shop(), people=False))

    assert (
        "missed in 2024-Q1: first feature, median not reached, goal < 7 days; 0 of 3 met it. "
        "To be looked at by the buddy" in text
    )
    assert "fewer than 5 people in 2024-Q1, 2024-Q2" in text


def test_a_change_says_against_what_it_is_in_which_unit() -> None:
    (line,) = [line for line in telling.text(shop(), people=False) if line.startswith("2024-Q2")]

    assert "not reached ✗ n=1" in line, "never reached has no difference"
    assert "(" not in line


@pytest.mark.parametrize("tell", [telling.text, telling.markdown])
def test_nobody_is_named_who_was_not_asked_for(tell: Callable[..., list[str]]) -> None:
    for login in (*COMMENTS, "kim"):
        assert login not in re.findall(r"\w+", "\n".join(tell(shop(), people=False)))
        assert login in re.findall(r"\w+", "\n".join(tell(shop(), people=True)))
    assert "people" not in telling.document(shop(), people=False)


def test_no_answer_of_one_person_is_told_even_with_their_row() -> None:
    document = telling.document(shop(), people=True)
    table = "\n".join(telling.text(shop(), people=True)).partition("login")[2]

    assert [each["satisfaction_points"] for each in document["people"]][:2] == [{"status": "answered"}] * 2
    assert "answered" in table
    assert "9.5" not in table


def test_comments_are_told_from_three_answers_on_in_an_order_that_names_nobody() -> None:
    assert telling.document(shop(), people=False)["cohorts"][0]["comments"] == ["apple", "mango", "zebra"]
    assert "said in 2024-Q1: apple" in "\n".join(telling.text(shop(), people=False))

    few = json.dumps(telling.document(shop(answering=2), people=True)) + "\n".join(
        telling.text(shop(answering=2), people=True) + telling.markdown(shop(answering=2), people=True)
    )
    assert not any(comment in few for comment in COMMENTS.values())


def test_markdown_is_a_table_and_a_list() -> None:
    lines = telling.markdown(shop(), people=False)
    table = [line for line in lines if line.startswith("|")]

    assert lines[0] == "# Onboarding metrics"
    assert len({line.count("|") for line in table}) == 1
    assert table[1] == "|---|---|---|---|---|---|---|"
    assert any(line.startswith("- missed in 2024-Q1") for line in lines)


def test_json_has_every_number_under_a_name_with_its_unit() -> None:
    document = json.loads(json.dumps(telling.document(shop(), people=False)))
    first = document["cohorts"][0]["time_to_first_commit_hours"]

    assert first == {
        "value": 6.0,
        "n": 3,
        "met": 3,
        "too_early": 0,
        "left_before": 0,
        "no_answer": 0,
        "verdict": "met",
        "change": None,
        "against": None,
        "half_never_reached_it": False,
    }
    assert document["goals"][0]["source"].startswith("scaling-et-croissance.md")


def test_a_roster_of_nobody_yet_is_told_without_a_number() -> None:
    nobody = shop(as_of="2023-01-01T00:00")

    assert "0 people" in telling.text(nobody, people=True)[0]
    assert telling.document(nobody, people=True)["all"]["retention_percent"]["value"] is None
