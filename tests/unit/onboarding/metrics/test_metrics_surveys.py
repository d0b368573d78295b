"""Surveys: a file for each person or one CSV for all, and one line for each mistake."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from palier.errors import InputError
from palier.onboarding.metrics.surveys import load
from palier.onboarding.roster import Roster
from palier.onboarding.roster import load as load_roster

from tests.unit.onboarding.metrics.made import person, roster, survey


@pytest.fixture
def shop() -> Roster:
    """Ada began on 8 January 2024, Bob a month later."""
    return roster({"ada": person("ada", "2024-01-08"), "bob": person("bob", "2024-02-08")})


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(text)


def test_files_of_people_and_a_table_are_read_together(tmp_path: Path, shop: Roster) -> None:
    write(
        tmp_path,
        ada_yaml="[{on: 2024-04-20, satisfaction: 8.5}, {on: 2024-04-08, satisfaction: 9, comment: well}]",
        all_csv="login,date,satisfaction\nBOB,2024-05-08,7.5\n\nada,2024-05-01,10\n",
    )

    assert load(tmp_path, shop) == {
        "ada": (survey("2024-04-08", 9, "well"), survey("2024-04-20", 8.5), survey("2024-05-01", 10)),
        "bob": (survey("2024-05-08", 7.5),),
    }


def test_a_table_alone_can_be_named(tmp_path: Path, shop: Roster) -> None:
    write(tmp_path, all_csv="login,date,satisfaction\nada,2024-04-08,0\n")

    assert load(tmp_path / "all.csv", shop)["ada"][0].on == datetime.date(2024, 4, 8)


HEAD = "login,date,satisfaction\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"ada_yaml": "{on: 2024-04-08, satisfaction: 11}"},
            "ada.yaml: satisfaction: 11 is not on the scale (allowed: 0 to 10, whole or half)",
        ),
        (
            {"ada_yaml": "{on: 2024-04-08, satisfaction: -1}"},
            "ada.yaml: satisfaction: -1 is not on the scale",
        ),
        ({"ada_yaml": "{on: 2024-04-08, satisfaction: 8.3}"}, "satisfaction: 8.3 is not on the scale"),
        ({"ada_yaml": "{on: 2024-04-08, satisfaction: .nan}"}, "satisfaction: nan is not on the scale"),
        ({"ada_yaml": "{on: 2024-04-08, satisfaction: '8'}"}, "satisfaction: expected a number, got '8'"),
        ({"ada_yaml": "{on: 2024-04-08, satisfaction: yes}"}, "satisfaction: expected a number, got true"),
        ({"ada_yaml": "{on: 2024-04-08}"}, "ada.yaml: satisfaction: missing setting"),
        (
            {"ada_yaml": "{on: 2024-04-08, satisfaction: 8, mood: 3}"},
            "mood: unknown setting 'mood' (allowed: ",
        ),
        ({"ada_yaml": "{on: April, satisfaction: 8}"}, "ada.yaml: on: "),
        ({"ada_yaml": "{on: 2024-04-08, satisfaction: 8, comment: ''}"}, "ada.yaml: comment: "),
        ({"ada_yaml": "[{on: 2024-04-08, satisfaction: 12}]"}, "ada.yaml: [0].satisfaction: 12 is not"),
        (
            {"ada_yaml": "{on: 2024-01-07, satisfaction: 8}"},
            "ada.yaml: on: 2024-01-07 is before the first day of ada, 2024-01-08",
        ),
        ({"ada_yaml": ""}, "ada.yaml: is empty"),
        ({"ada_yaml": "8"}, "ada.yaml: is not a mapping"),
        ({"ada_yaml": "{on: 2024-04-08, on: 2024-04-09}"}, " is given twice"),
        ({"ada_yaml": "{on: 2024-04-08, 'on': 2024-04-09}"}, "ada.yaml: 'on' is given twice"),
        ({"ada_yml": "{on: 2024-04-08, satisfaction: 8}"}, "ada.yml: ends in .yml (allowed: ada.yaml)"),
        (
            {"adda_yaml": "{on: 2024-04-08, satisfaction: 8}"},
            "adda.yaml: on: nobody of the roster has the login 'adda' (allowed: ada)",
        ),
        (
            {"a_csv": "login;date\n"},
            "a.csv: line 1: begins with login;date (allowed: login,date,satisfaction)",
        ),
        ({"a_csv": ""}, "a.csv: line 1: begins with nothing"),
        ({"a_csv": f"{HEAD}eve,2024-04-08,8\n"}, "a.csv: line 2: nobody of the roster has the login 'eve'"),
        ({"a_csv": f"{HEAD}ada,08/04/2024,8\n"}, "a.csv: line 2: date: '08/04/2024' is no date"),
        ({"a_csv": f"{HEAD}ada,2024-04-08,good\n"}, "a.csv: line 2: satisfaction: 'good' is no number"),
        ({"a_csv": f"{HEAD}ada,2024-04-08,10.5\n"}, "a.csv: line 2.satisfaction: 10.5 is not on the scale"),
        ({"a_csv": f"{HEAD}ada,2024-04-08,8,5\n"}, "a.csv: line 2: has 4 cells for 3 columns"),
        (
            {"a_csv": f"{HEAD}ada,2024-04-08,8\nada,2024-04-08,9\n"},
            "a.csv: line 3: ada answered on 2024-04-08 already",
        ),
        ({"a_csv": HEAD, "b_csv": HEAD}, "b.csv: is a second CSV file (allowed: a.csv alone)"),
    ],
)
def test_a_mistake_in_a_survey_is_one_line(
    tmp_path: Path, shop: Roster, files: dict[str, str], message: str
) -> None:
    write(tmp_path, **files)

    with pytest.raises(InputError) as refused:
        load(tmp_path, shop)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_place_without_surveys_is_refused(tmp_path: Path, shop: Roster) -> None:
    with pytest.raises(InputError, match="is not there"):
        load(tmp_path / "none", shop)
    write(tmp_path, notes_txt="")
    with pytest.raises(InputError, match="is no folder of surveys"):
        load(tmp_path / "notes.txt", shop)


def test_what_an_editor_left_is_not_read(tmp_path: Path, shop: Roster) -> None:
    (tmp_path / ".ada.yaml").write_text("{")

    assert load(tmp_path, shop) == {}


def test_the_surveys_of_the_example_are_of_its_people() -> None:
    jobo = Path(__file__).parents[4] / "examples" / "jobo"

    assert {
        login: each[0].satisfaction for login, each in load(jobo / "surveys", load_roster(jobo)).items()
    } == {
        "adiallo": 8.5,
        "mlefevre": 6.5,
        "snguyen": 7.0,
    }
