"""What is printed: numbers with n, verdicts, who can look at it; and no name that was not asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from palier.onboarding.metrics import telling
from palier.onboarding.metrics.measuring import Metrics, measure
from palier.onboarding.metrics.models import GOALS
from palier.onboarding.metrics.settings import MetricsSettings

from tests.unit.docs.pages import ROOT, rows
from tests.unit.onboarding.metrics.made import history, moment, person, reading, roster, spring, survey

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
    assert [line.split()[0] for line in lines[2:8]] == [
        "cohort",
        "goal",
        "2024-Q1",
        "2024-Q2",
        "all",
        "trend",
    ]
    assert re.split(r"\s{2,}", lines[3]) == ["goal", "< 24 h", "< 7 days", "< 6 weeks", "> 8 of 10", "> 90 %"]
    assert "6 h ✓ n=3" in lines[4]
    assert "not reached ✗ n=3" in lines[4]
    assert "too early 1" in lines[5]
    assert "note: a trend needs 3 cohorts with a number; too few for first commit" in "\n".join(lines)


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


def test_a_number_is_not_rounded_onto_its_goal() -> None:
    ada = person("ada", "2024-01-08")
    late = [reading("ada", ada, [moment("2024-01-09T07:59")])]
    metrics = measure(roster({"ada": ada}), history(late), {}, MetricsSettings(), moment("2024-06-01T00:00"))

    assert "23.98 h ✓ n=1" in "\n".join(telling.text(metrics, people=False))


def test_the_output_that_the_page_shows_is_the_programs_own() -> None:
    team, readings, surveys = spring()
    as_of = moment("2024-05-20T00:00")
    metrics = measure(team, history(readings), surveys, MetricsSettings(), as_of)
    shown = (ROOT / "docs" / "onboarding-metrics.md").read_text(encoding="utf-8")

    for line in telling.text(metrics, people=True):
        assert line in shown.splitlines()


def test_the_tables_of_the_page_are_those_of_the_program() -> None:
    page = (ROOT / "docs" / "onboarding-metrics.md").read_text(encoding="utf-8")

    assert [cells[0].strip("`") for cells in rows(page, "goal")] == [goal.name for goal in GOALS]
    assert [cells[1] for cells in rows(page, "goal")] == [
        f"{goal.sign} {goal.limit:g} {goal.unit}" for goal in GOALS
    ]
    assert {cells[0].strip("`"): cells[1] for cells in rows(page, "setting")} == {
        name: str(field.default) for name, field in MetricsSettings.model_fields.items()
    }


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
