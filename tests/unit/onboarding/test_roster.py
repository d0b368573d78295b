"""The roster: what its files may say, what they may not say together, and how each fault is one line."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from palier.commands.main import run
from palier.errors import InputError
from palier.onboarding.models import LOGIN, Person, Team
from palier.onboarding.roster import find, load, read
from palier.onboarding.roster_files import alone

JOBO = Path(__file__).parents[3] / "examples" / "jobo"
ADA: dict[str, Any] = {
    "name": "Ada Byron",
    "email": "ada@shop.example",
    "team": "web",
    "starts": datetime.date(2026, 1, 5),
    "time_zone": "Europe/Paris",
    "languages": ["en", "fr"],
}
WEB: dict[str, Any] = {"description": "The shop's pages", "buddies": ["ada"]}


def _write(folder: Path, kind: str, name: str, content: object) -> Path:
    file = folder / kind / f"{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return file


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A roster of one person in one team."""
    _write(tmp_path, "people", "ada", ADA)
    _write(tmp_path, "teams", "web", WEB)
    return tmp_path


def test_the_examples_roster_is_whole() -> None:
    roster = load(JOBO)

    assert sorted(roster.of_team("marketplace", datetime.date(2024, 6, 30))) == ["mlefevre", "snguyen"]
    assert "adiallo" in roster.of_team("marketplace", datetime.date(2024, 7, 1))
    assert roster.person("ADIALLO").manager == "mlefevre"


def test_a_whole_roster_has_nothing_wrong(shop: Path) -> None:
    roster, wrong = read(shop)

    assert wrong == []
    assert roster.people["ada"].role == "developer"


def test_a_person_is_there_from_the_first_day_to_the_last(shop: Path) -> None:
    _write(shop, "people", "ada", {**ADA, "ends": datetime.date(2026, 3, 31)})
    ada = load(shop).person("ada")

    days = [datetime.date(2026, 1, day) for day in (4, 5)] + [
        datetime.date(2026, 3, 31),
        datetime.date(2026, 4, 1),
    ]
    assert [ada.is_there(day) for day in days] == [False, True, True, False]


def _person(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**ADA, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_person(team="wob"), "team: no team 'wob' (allowed: web)"),
        (_person(ends=datetime.date(2025, 1, 1)), "ends: 2025-01-01 is before the first day, 2026-01-05"),
        (_person(manager="ada"), "manager: nobody manages themself"),
        (_person(manager="bob"), "manager: nobody of the roster has the login 'bob' (allowed: ada)"),
        (_person(email="ada"), "email: 'ada' is not an e-mail address (allowed: like ada@shop.example)"),
        (_person(time_zone="Europe/Pari"), "time_zone: no time zone 'Europe/Pari' (allowed: Europe/Paris"),
        (_person(languages=[]), "languages: needs at least 1 entries, got 0"),
        (_person(languages=["french"]), "languages[0]: 'french' is not a language"),
        (_person(languages=["fr", "fr"]), "languages: 'fr' stands twice"),
        (_person(password="x"), "password: unknown setting 'password'"),
        (_person(role="boss"), "role: unknown value 'boss' (allowed: developer, platform, data,"),
        (_person(starts=None), "starts: missing setting"),
        (_person(starts="soon"), "starts: "),
        ("name: Ada\nname: Bob\n", "line 2: is not YAML: 'name' is given twice"),
        ("name: [", "line 1: is not YAML"),
        ("", "is empty (allowed: name, email, team,"),
        ("- ada\n", "is not a mapping (allowed: name, email, team,"),
    ],
)
def test_a_persons_file_is_refused_in_one_line(shop: Path, content: object, message: str) -> None:
    file = _write(shop, "people", "ada", content)

    with pytest.raises(InputError) as refused:
        load(shop)

    assert str(refused.value).startswith(f"{file}: {message}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({**WEB, "buddies": []}, "buddies: a team with people needs buddies"),
        ({**WEB, "buddies": ["bob"]}, "buddies[0]: nobody of the roster has the login 'bob' (allowed: ada)"),
        ({**WEB, "repositories": {"shop": "own"}}, "repositories.shop: unknown value 'own' (allowed: pull,"),
        (
            {**WEB, "repositories": {"org/shop": "push"}},
            "repositories.org/shop: 'org/shop' is not a repository",
        ),
        ({**WEB, "slack_channels": ["#web"]}, "slack_channels[0]: '#web' is not a Slack channel"),
        ({**WEB, "aws_permission_sets": {"dev": ["12"]}}, "aws_permission_sets.dev[0]: '12' does not fit"),
        ({"buddies": ["ada"]}, "description: missing setting"),
    ],
)
def test_a_teams_file_is_refused_in_one_line(shop: Path, content: object, message: str) -> None:
    file = _write(shop, "teams", "web", content)

    with pytest.raises(InputError) as refused:
        load(shop)

    assert str(refused.value).startswith(f"{file}: {message}")


def test_two_people_cannot_share_an_address_or_a_login(shop: Path) -> None:
    second = _write(shop, "people", "Ada", _person(email="byron@shop.example"))
    third = _write(shop, "people", "bob", _person(email="ADA@shop.example"))

    _, wrong = read(shop)

    assert {str(each) for each in wrong} == {
        f"{shop}/people/ada.yaml: is the same login as Ada.yaml: GitHub ignores case",
        f"{third}: email: ADA@shop.example is ada's too",
    }
    assert second.is_file()


@pytest.mark.parametrize(
    ("name", "message"),
    [("a--b", "the file's name is not a GitHub login"), ("-a", "the file's name is not a GitHub login")],
)
def test_a_file_is_named_by_the_login(shop: Path, name: str, message: str) -> None:
    file = _write(shop, "people", name, ADA)

    assert [str(each) for each in read(shop)[1]] == [f"{file}: {message}"]


def test_a_file_with_the_other_ending_is_not_passed_over(shop: Path) -> None:
    file = shop / "people" / "bob.yml"
    file.write_text(yaml.safe_dump(_person(email="bob@shop.example")))

    assert [str(each) for each in read(shop)[1]] == [f"{file}: ends in .yml (allowed: bob.yaml)"]


def test_what_a_kill_left_of_a_new_file_is_not_read(shop: Path) -> None:
    (shop / "people" / ".bob.yaml").write_text("name: Bo")

    assert read(shop)[1] == []


def test_one_broken_file_does_not_hide_another(shop: Path) -> None:
    _write(shop, "people", "bob", "name: [")
    _write(shop, "people", "eve", _person(role="boss"))

    assert [each.file.name for each in read(shop)[1] if isinstance(each.file, Path)] == [
        "bob.yaml",
        "eve.yaml",
    ]


def test_a_folder_without_people_is_no_roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match="no people/ at or above"):
        find()
    with pytest.raises(InputError, match="--roster: holds no people/"):
        find(tmp_path)
    monkeypatch.setenv("PALIER_ROSTER_DIR", str(tmp_path))
    with pytest.raises(InputError, match="PALIER_ROSTER_DIR: holds no people/"):
        find()


def test_the_roster_is_the_one_given_else_the_variable_s_else_the_nearest(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere" / "people").mkdir(parents=True)
    monkeypatch.chdir(shop / "people")
    assert find() == shop
    monkeypatch.setenv("PALIER_ROSTER_DIR", str(tmp_path / "elsewhere"))
    assert find() == tmp_path / "elsewhere"
    assert find(shop) == shop


@given(st.text(alphabet="aZ9-", min_size=1, max_size=45))
def test_a_login_is_what_github_takes(text: str) -> None:
    taken = len(text) <= 39 and text[0] != "-" and text[-1] != "-" and "--" not in text

    assert bool(LOGIN.fullmatch(text)) == taken


Said = Callable[[], tuple[str, str]]


def test_validate_tells_everything_that_is_wrong_and_ends_with_2(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["roster", "validate", "--roster", str(shop)]) == 0
    assert capsys.readouterr().out == "1 people in 1 teams: the roster is whole\n"

    _write(shop, "people", "bob", "name: [")
    _write(shop, "people", "eve", _person(role="boss"))
    assert run(["roster", "validate", "--roster", str(shop)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2

    assert run(["roster", "validate", "--roster", str(shop), "--output", "json"]) == 2
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 2


def test_list_shows_who_is_there_on_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    base = ["roster", "list", "--roster", str(JOBO), "--team", "marketplace"]

    assert run([*base, "--on", "2024-06-30", "--output", "json"]) == 0
    assert [each["login"] for each in json.loads(capsys.readouterr().out)] == ["mlefevre", "snguyen"]
    assert run(base) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["team", "login", "name", "role", "first", "day", "last", "day"]
    assert table[1] == "marketplace  adiallo   Awa Diallo     developer  2024-07-01  –"
    assert run(["roster", "list", "--roster", str(JOBO), "--team", "market"]) == 2
    assert capsys.readouterr().err == "error: --team: no team 'market' (allowed: marketplace)\n"


@pytest.mark.parametrize(("kind", "model"), [("person", Person), ("team", Team)])
def test_the_schema_takes_the_examples_and_refuses_what_the_model_does(
    kind: str, model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    import jsonschema

    assert run(["roster", "schema", kind]) == 0
    schema = json.loads(capsys.readouterr().out)
    validator = jsonschema.Draft202012Validator(schema)

    folder = JOBO / ("people" if kind == "person" else "teams")
    for file in folder.glob("*.yaml"):
        data = json.loads(json.dumps(yaml.safe_load(file.read_text()), default=str))
        assert list(validator.iter_errors(data)) == []
    assert list(validator.iter_errors({"surprise": 1}))
    wrong = {"email": "ada"} if kind == "person" else {"slack_channels": ["#web"]}
    assert any(error.validator == "pattern" for error in validator.iter_errors(wrong))
    assert all("description" in each for each in schema["properties"].values())


def test_who_changes_the_roster_waits_for_who_does_so_already_and_leaves_no_file(shop: Path) -> None:
    before, entered = sorted(shop.rglob("*")), threading.Event()

    def enter() -> None:
        with alone(shop):
            entered.set()

    with alone(shop):
        other = threading.Thread(target=enter)
        other.start()
        assert not entered.wait(0.2)
    assert entered.wait(5)
    other.join()
    assert sorted(shop.rglob("*")) == before
