"""What the people program makes of a roster: whose access stands, and by what."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import Any

import pulumi
import pytest
from palier.errors import InputError
from palier.onboarding.models import Person, Team, Vpn
from palier.onboarding.roster import Roster
from palier_stacks.people.component import People, build, today
from palier_stacks.people.settings import PeopleSettings

from tests.unit.stacks.conftest import STACKS, Config
from tests.unit.stacks.mocked import Recorder, Registered, run

DAY = datetime.date(2026, 3, 2)
ACCOUNTS = ["123456789012", "210987654321"]
KEY = "Z2F0ZXdheWdhdGV3YXlnYXRld2F5Z2F0ZXdheTEyMzQ="


def person(name: str, **more: Any) -> Person:
    """Somebody of the team web, who began long ago."""
    said = {
        "name": name,
        "email": f"{name.split()[0].lower()}@jobo.example",
        "team": "web",
        "starts": datetime.date(2024, 1, 8),
        "time_zone": "Europe/Paris",
        "languages": ["en"],
    }
    return Person.model_validate({**said, **more})


TEAMS = {
    "web": Team(
        description="The shop's pages",
        github_teams=["web", "everybody"],
        repositories={"shop-web": "push"},
        aws_permission_sets={"developer": ACCOUNTS[:1]},
        buddies=["ada"],
    ),
    "ops": Team(
        description="What it runs on",
        github_teams=["ops", "everybody"],
        repositories={"infra": "maintain"},
        aws_permission_sets={"platform-engineer": ACCOUNTS},
        buddies=["bob"],
    ),
    "design": Team(description="How it looks", buddies=["cy"]),
}
PEOPLE = {
    "ada": person("Ada Byron", vpn=Vpn(public_key=KEY, address="10.90.0.2")),
    "bob": person("Bob van Dyke", team="ops"),
    "cy": person("Cy", team="design"),
    "dee": person("Dee Moss", starts=datetime.date(2026, 9, 1)),
    "eve": person("Eve Gone", ends=datetime.date(2026, 3, 1)),
    "fay": person("Fay Last", ends=DAY),
    "gil": person("Gil Off", offboarded=datetime.date(2026, 2, 1)),
}
Run = tuple[Recorder, dict[str, Any]]


def made(
    config: Config, people: dict[str, Person] | None = None, day: datetime.date = DAY, **more: Any
) -> Run:
    """What the program registers for a roster."""
    wanted = {**config, **{f"people:{key}": value for key, value in more.items()}}
    settings = PeopleSettings.from_config({key: value for key, value in wanted.items() if value is not None})
    roster = Roster(Path("roster"), PEOPLE if people is None else people, TEAMS)
    return run(lambda: People(settings, roster, day=day).outputs, project="people")


@pytest.fixture(scope="module")
def everybody(people_config: Config) -> Run:
    """The program for the roster above."""
    return made(people_config)


def of(recorder: Recorder, type_: str) -> dict[str, Registered]:
    """Resources of a type (`Membership`) by name."""
    return {one.name: one for one in recorder.resources if one.type.endswith(f":{type_}")}


def names(recorder: Recorder) -> set[tuple[str, str]]:
    """Every resource by type and name."""
    return {(one.type, one.name) for one in recorder.resources}


def test_access_stands_until_the_last_day_and_is_made_before_the_first(everybody: Run) -> None:
    members = of(everybody[0], "Membership")

    assert set(members) == {f"{login}/organization" for login in ("ada", "bob", "cy", "dee", "fay")}
    assert {one.inputs["role"] for one in members.values()} == {"member"}


def test_an_owner_of_the_organisation_stays_one(people_config: Config) -> None:
    recorder, _ = made(people_config, github={"owners": ["bob"]})

    roles = {name: one.inputs["role"] for name, one in of(recorder, "Membership").items()}
    assert {name for name, role in roles.items() if role == "admin"} == {"bob/organization"}
    joined = {name: one.inputs["role"] for name, one in of(recorder, "TeamMembership").items()}
    assert joined["bob/team/ops"] == "maintainer"
    assert joined["ada/team/web"] == "member"


def test_each_slug_is_one_team_whatever_teams_name_it(everybody: Run) -> None:
    assert set(of(everybody[0], "Team")) == {"team/web", "team/ops", "team/everybody"}
    assert {one.inputs["privacy"] for one in of(everybody[0], "Team").values()} == {"closed"}


def test_people_join_the_teams_of_their_team(everybody: Run) -> None:
    joined = of(everybody[0], "TeamMembership")

    assert set(joined) == {
        f"{login}/team/{slug}"
        for login, own in (("ada", "web"), ("bob", "ops"), ("dee", "web"), ("fay", "web"))
        for slug in (own, "everybody")
    }


def test_teams_have_the_rights_that_their_people_are_to_have(everybody: Run) -> None:
    rights = {name: one.inputs["permission"] for name, one in of(everybody[0], "TeamRepository").items()}

    assert rights == {
        "team/web/shop-web": "push",
        "team/everybody/shop-web": "push",
        "team/ops/infra": "maintain",
        "team/everybody/infra": "maintain",
    }


def test_each_repository_is_protected(everybody: Run) -> None:
    protected = of(everybody[0], "BranchProtectionV3")

    assert {one.inputs["repository"] for one in protected.values()} == {"shop-web", "infra"}
    for one in protected.values():
        assert (one.inputs["branch"], one.inputs["enforceAdmins"]) == ("main", True)
        assert one.inputs["requiredPullRequestReviews"] == {
            "requiredApprovingReviewCount": 1,
            "dismissStaleReviews": True,
        }
        assert "requiredStatusChecks" not in one.inputs


def test_checks_are_asked_for_where_they_are_named(people_config: Config) -> None:
    recorder, _ = made(people_config, github={"protection": {"required_checks": ["ci"]}})

    for one in of(recorder, "BranchProtectionV3").values():
        assert one.inputs["requiredStatusChecks"] == {"strict": True, "checks": ["ci"]}


def test_protection_can_be_left_to_others(people_config: Config) -> None:
    recorder, _ = made(people_config, github={"protection": None})

    assert of(recorder, "BranchProtectionV3") == {}


def test_aws_knows_those_whose_team_has_permission_sets(everybody: Run) -> None:
    users = of(everybody[0], "User")

    assert set(users) == {f"{login}/identity" for login in ("ada", "bob", "dee", "fay")}
    bob = users["bob/identity"].inputs
    assert (bob["userName"], bob["displayName"]) == ("bob@jobo.example", "Bob van Dyke")
    assert bob["name"] == {"givenName": "Bob", "familyName": "van Dyke"}
    assert bob["emails"] == {"value": "bob@jobo.example", "primary": True}
    assert set(of(everybody[0], "GroupMembership")) == {
        "ada/group/web",
        "bob/group/ops",
        "dee/group/web",
        "fay/group/web",
    }


def test_groups_are_assigned_not_people(everybody: Run) -> None:
    assigned = of(everybody[0], "AccountAssignment")

    assert set(assigned) == {
        f"assignment/web/developer/{ACCOUNTS[0]}",
        f"assignment/ops/platform-engineer/{ACCOUNTS[0]}",
        f"assignment/ops/platform-engineer/{ACCOUNTS[1]}",
    }
    assert {one.inputs["principalType"] for one in assigned.values()} == {"GROUP"}


def test_permission_sets_last_as_long_as_is_said(everybody: Run) -> None:
    sets = of(everybody[0], "PermissionSet")

    assert {one.inputs["name"]: one.inputs["sessionDuration"] for one in sets.values()} == {
        "developer": "PT8H",
        "platform-engineer": "PT4H",
    }


def test_without_identity_nothing_of_aws_is_made(people_config: Config) -> None:
    recorder, outputs = made(people_config, identity=None)

    assert {one.type.partition(":")[0] for one in recorder.resources} == {"github", "palier"}
    assert outputs["identity_store_id"] is None


def test_the_outputs_say_who_has_access_and_whom_the_vpn_lets_in(everybody: Run) -> None:
    outputs = everybody[1]

    assert outputs["organization"] == "jobo"
    assert outputs["identity_store_id"] == "d-1"
    assert outputs["people"] == {"ada": "web", "bob": "ops", "cy": "design", "dee": "web", "fay": "web"}
    assert outputs["vpn_peers"] == {"ada": {"public_key": KEY, "allowed_ips": "10.90.0.2/32"}}


def test_a_person_more_is_theirs_alone(people_config: Config, everybody: Run) -> None:
    more, _ = made(people_config, {**PEOPLE, "hal": person("Hal Nine")})

    new = names(more) - names(everybody[0])
    assert names(everybody[0]) - names(more) == set()
    assert Counter(name for _, name in new) == Counter(
        ["hal/organization", "hal/team/web", "hal/team/everybody", "hal/identity", "hal/group/web"]
    )


def test_the_day_after_the_last_one_takes_a_persons_own_away(people_config: Config, everybody: Run) -> None:
    later, _ = made(people_config, day=DAY + datetime.timedelta(days=1))

    gone = names(everybody[0]) - names(later)
    assert {name.partition("/")[0] for _, name in gone} == {"fay"}
    assert names(later) - names(everybody[0]) == set()


def test_no_secret_is_in_what_is_made(everybody: Run) -> None:
    said = repr(everybody[0].resources) + repr(everybody[1])

    assert "token" not in said.lower().replace("nexttoken", "")


def test_the_day_may_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIER_TODAY", "2026-03-02")
    assert today() == DAY
    monkeypatch.setenv("PALIER_TODAY", "tomorrow")
    with pytest.raises(InputError, match="'tomorrow' is no day"):
        today()


def test_a_roster_that_does_not_fit_ends_the_program_in_one_line(
    people_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALIER_ROSTER_DIR", str(tmp_path))
    with pytest.raises(pulumi.RunError) as refused:
        build(PeopleSettings.from_config(people_config), STACKS / "people")

    assert "people" in str(refused.value)
    assert "\n" not in str(refused.value)
