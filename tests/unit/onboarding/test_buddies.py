"""Buddies: who takes whom by the hand, by rules in their order, and what the command makes of it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from palier.commands.main import run
from palier.errors import InputError
from palier.onboarding.buddies import NEW_DAYS, ranked
from palier.onboarding.models import Person, Team
from palier.onboarding.roster import Roster

FIRST = datetime.date(2026, 3, 2)


def _person(name: str, **more: Any) -> Person:
    known = {
        "name": name.title(),
        "email": f"{name}@shop.example",
        "team": "web",
        "starts": datetime.date(2020, 1, 1),
        "time_zone": "Europe/Paris",
        "languages": ["en"],
    }
    return Person.model_validate({**known, **more})


def _roster(*buddies: Person, others: dict[str, Person] | None = None, **new: Any) -> Roster:
    people = {each.name.lower(): each for each in buddies}
    people["new"] = _person("new", **{"starts": FIRST, "languages": ["fr", "en"], **new})
    team = Team(description="The shop's pages", buddies=[each.name.lower() for each in buddies])
    return Roster(Path("roster"), {**people, **(others or {})}, {"web": team})


def _order(roster: Roster) -> list[str]:
    return [each.login for each in ranked(roster, "new")]


def _taken(by: str, starts: datetime.date = FIRST, **more: Any) -> dict[str, Person]:
    return {"other": _person("other", starts=starts, buddy=by, **more)}


def test_who_is_free_goes_first_whatever_else_speaks_for_another() -> None:
    near = _person("near", languages=["fr"], skills=["css"])
    far = _person("far", languages=["ja"], time_zone="Asia/Tokyo")

    assert _order(_roster(near, far, skills=["css"])) == ["near", "far"]
    assert _order(_roster(near, far, skills=["css"], others=_taken("near"))) == ["far", "near"]


@pytest.mark.parametrize(
    ("other", "order"),
    [
        (_taken("ann", FIRST - datetime.timedelta(days=NEW_DAYS - 1)), ["bob", "ann"]),
        # No longer new; but she had a newcomer, and he none yet.
        (_taken("ann", FIRST - datetime.timedelta(days=NEW_DAYS)), ["bob", "ann"]),
        # Who starts soon after counts as well: the two would be new together.
        (_taken("ann", FIRST + datetime.timedelta(days=NEW_DAYS - 1)), ["bob", "ann"]),
        (_taken("ann", FIRST + datetime.timedelta(days=NEW_DAYS)), ["ann", "bob"]),
        (_taken("ann", FIRST, ends=FIRST), ["bob", "ann"]),
    ],
)
def test_somebody_is_new_for_three_months(other: dict[str, Person], order: list[str]) -> None:
    assert _order(_roster(_person("ann"), _person("bob"), others=other)) == order


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"languages": ["fr"]}, {"languages": ["en"]}),
        ({"languages": ["en"]}, {"languages": ["ja"]}),
        ({"time_zone": "Europe/Lisbon"}, {"time_zone": "America/New_York"}),
        ({"skills": ["css", "search"]}, {"skills": ["css"]}),
    ],
)
def test_then_language_time_of_day_and_skills_decide(better: dict[str, Any], worse: dict[str, Any]) -> None:
    roster = _roster(_person("zoe", **better), _person("ann", **worse), skills=["css", "search"])

    assert _order(roster) == ["zoe", "ann"]


def test_then_whose_last_newcomer_is_longest_ago_and_then_the_login() -> None:
    long_ago = {"old": _person("old", starts=datetime.date(2021, 1, 4), buddy="ann")}
    lately = {"late": _person("late", starts=datetime.date(2025, 1, 6), buddy="bob")}

    assert _order(_roster(_person("bob"), _person("ann"), others={**long_ago, **lately})) == ["ann", "bob"]
    assert _order(_roster(_person("bob"), _person("ann"))) == ["ann", "bob"]


def test_hours_are_those_of_the_first_day() -> None:
    """New York changes its clocks three weeks before Paris."""
    away = _person("away", time_zone="America/New_York")
    winter, between = _roster(away), _roster(away, starts=datetime.date(2026, 3, 16))

    assert [ranked(each, "new")[0].hours_apart for each in (winter, between)] == [6.0, 5.0]


def test_who_has_left_or_not_come_yet_is_no_buddy() -> None:
    gone = _person("gone", ends=FIRST - datetime.timedelta(days=1))
    soon = _person("soon", starts=FIRST + datetime.timedelta(days=1))

    assert _order(_roster(gone, soon, _person("ann"))) == ["ann"]
    with pytest.raises(InputError, match=r"web\.yaml: buddies: no buddy is there on 2026-03-02"):
        ranked(_roster(gone, soon), "new")


@given(st.lists(st.sampled_from(["ann", "bob", "eve"]), max_size=6), st.permutations(["ann", "bob", "eve"]))
def test_nobody_gets_a_second_newcomer_while_another_is_free(taken: list[str], order: list[str]) -> None:
    others = {
        f"new-{place}": _person(f"new-{place}", starts=FIRST, buddy=login)
        for place, login in enumerate(taken)
    }
    roster = _roster(*(_person(name) for name in order), others=others)

    best, *rest = ranked(roster, "new")

    assert len(best.newcomers) == min(taken.count(name) for name in order)
    assert [best.login, *(each.login for each in rest)] == _order(
        _roster(*(_person(name) for name in sorted(order)), others=others)
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A roster in files, with a remark that must stay."""
    (tmp_path / "people").mkdir()
    (tmp_path / "teams").mkdir()
    roster = _roster(_person("ann"), _person("bob"))
    for login, person in roster.people.items():
        text = yaml.safe_dump(person.model_dump(exclude_defaults=True), sort_keys=False)
        (tmp_path / "people" / f"{login}.yaml").write_text(f"# who\n{text}")
    team = roster.teams["web"].model_dump(exclude_defaults=True)
    (tmp_path / "teams" / "web.yaml").write_text(yaml.safe_dump(team))
    return tmp_path


def _said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert run(["roster", "buddy", *arguments, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out) if code == 0 else capsys.readouterr().err


def test_a_buddy_is_written_once_and_the_rest_of_the_file_stays(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, where = shop / "people" / "new.yaml", ("--roster", str(shop))
    before = file.read_text()

    assert _said(capsys, "NEW", *where)["written"] is False
    assert file.read_text() == before
    assert _said(capsys, "new", "--write", *where)["written"] is True
    assert file.read_text() == f"{before}buddy: ann\n"
    assert _said(capsys, "new", "--write", *where) | {"ranking": []} == {
        "login": "new",
        "buddy": "ann",
        "was": "ann",
        "written": False,
        "ranking": [],
    }


def test_the_choice_of_a_human_goes_before_the_rules_and_stays(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--roster", str(shop))

    assert _said(capsys, "new", "--write", "--choose", "bob", *where)["buddy"] == "bob"
    assert _said(capsys, "new", "--write", *where)["buddy"] == "bob"
    assert (shop / "people" / "new.yaml").read_text().count("buddy:") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "nobody of the roster has the login 'nobody'"),
        (["new", "--write", "--choose", "nobody"], "nobody of the roster has the login 'nobody'"),
        (["new", "--write", "--choose", "new"], "--choose: nobody is their own buddy"),
        (["new", "--choose", "bob"], "--choose: says nothing without --write"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    shop: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _said(capsys, *arguments, "--roster", str(shop), code=2)

    assert message in said
    assert len(said.splitlines()) == 1


def test_the_reasons_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    jobo = Path(__file__).parents[3] / "examples" / "jobo"

    assert run(["roster", "buddy", "adiallo", "--roster", str(jobo)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1. snguyen: is free; speaks fr; 1 h apart; no newcomer yet",
        "2. mlefevre: is free; speaks fr; 2 h apart; knows python too; no newcomer yet",
        "snguyen would be the buddy of adiallo; --write sets it in adiallo.yaml",
    ]
