"""The people stack's settings: what they are, what they refuse, and what a roster may ask of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from palier.errors import InputError
from palier.onboarding.models import Person, Team, Vpn
from palier.onboarding.roster import Roster, load
from palier_stacks.people.settings import PeopleSettings
from palier_stacks.settings import SettingsError

from tests.unit.stacks.conftest import STACKS, Config

PROJECT = STACKS / "people"
KEY = "Z2F0ZXdheWdhdGV3YXlnYXRld2F5Z2F0ZXdheTEyMzQ="
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def read(config: Config, **changes: Any) -> PeopleSettings:
    """The local settings with keys changed; None takes one away."""
    wanted = {**config, **{f"people:{key}": value for key, value in changes.items()}}
    return PeopleSettings.from_config({key: value for key, value in wanted.items() if value is not None})


def permission_sets(**more: Any) -> dict[str, Any]:
    """One permission set, changed."""
    one = {"description": "Sees", "managed_policies": [READ_ONLY], **more}
    return {"identity": {"permission_sets": {"developer": one}}}


def test_the_local_settings_fit_the_example(people_config: Config) -> None:
    settings = read(people_config)

    folder = settings.roster_folder(PROJECT)
    settings.check_roster(load(folder))
    assert folder == PROJECT.parents[1] / "examples" / "jobo"
    assert (settings.organization, settings.region) == ("jobo", "eu-west-3")


def test_a_variable_names_another_roster(
    people_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALIER_ROSTER_DIR", str(tmp_path))

    assert read(people_config).roster_folder(PROJECT) == tmp_path


def test_what_is_not_used_is_left_out(people_config: Config) -> None:
    settings = read(people_config, identity=None, slack=None, vpn=None)

    assert (settings.identity, settings.slack, settings.vpn) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"organization": "jobo"}, "people:organization: stands under another key (allowed: github:owner)"),
        ({"github": {"protection": {"required_reviews": 7}}}, "people:github.protection.required_reviews"),
        ({"github": {"protection": {"branch": ""}}}, "people:github.protection.branch"),
        ({"github": {"protections": {}}}, "people:github.protections"),
        (permission_sets(session_hours=13), "people:identity.permission_sets.developer.session_hours"),
        (permission_sets(managed_policies=[]), "people:identity.permission_sets.developer.managed_policies"),
        (
            permission_sets(managed_policies=["ReadOnlyAccess"]),
            "'ReadOnlyAccess' is no managed policy of AWS",
        ),
        (permission_sets(managed_policies=[READ_ONLY] * 2), "managed_policies"),
        (permission_sets(description=""), "people:identity.permission_sets.developer.description"),
        ({"vpn": {"pool": "10.90.0.0/24"}}, "people:vpn"),
        ({"slack": {"invite": "pigeon"}}, "people:slack.invite"),
        ({"work": None}, "people:work"),
        ({"roster": {"file": "roster.yaml"}}, "people:roster.file"),
    ],
)
def test_bad_settings_are_one_line(people_config: Config, changes: dict[str, Any], line: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(people_config, **changes)

    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("owner", [None, "", "-jobo", "jobo.example", "j" * 40])
def test_an_organisation_is_wanted(people_config: Config, owner: str | None) -> None:
    config = {key: value for key, value in people_config.items() if key != "github:owner"}
    with pytest.raises(SettingsError, match="github:owner"):
        read(config if owner is None else {**config, "github:owner": owner})


def _team(**more: Any) -> Team:
    return Team.model_validate({"description": "A team", "buddies": ["ada"], **more})


def _roster(teams: dict[str, Team], place: str | None = None) -> Roster:
    vpn = Vpn(public_key=KEY, address=place) if place else None
    ada = Person(
        name="Ada Byron",
        email="ada@jobo.example",
        team=next(iter(teams)),
        starts=datetime.date(2026, 1, 5),
        time_zone="Europe/Paris",
        languages=["en"],
        vpn=vpn,
    )
    return Roster(Path("roster"), {"ada": ada}, teams)


ACCOUNT = ["123456789012"]
TWO_RIGHTS = {
    "web": _team(github_teams=["shop"], repositories={"shop-api": "push"}),
    "ops": _team(github_teams=["shop"], repositories={"shop-api": "admin"}),
}


@pytest.mark.parametrize(
    ("roster", "line"),
    [
        (
            lambda: _roster({"web": _team(aws_permission_sets={"develper": ACCOUNT})}),
            "web.yaml: aws_permission_sets: no permission set 'develper' in the people stack's settings "
            "(allowed: developer",
        ),
        (
            lambda: _roster({"web": _team(vpn_networks=["stagin"])}),
            "web.yaml: vpn_networks: no VPN network 'stagin' in the people stack's settings (allowed: stag",
        ),
        (
            lambda: _roster(TWO_RIGHTS),
            "ops.yaml: repositories.shop-api: the GitHub team shop has push on shop-api by the team web, "
            "and admin by this one",
        ),
        (lambda: _roster({"web": _team()}, "10.91.0.7"), "vpn.address: 10.91.0.7 is not a client's address"),
        (lambda: _roster({"web": _team()}, "10.90.0.1"), "vpn.address: 10.90.0.1 is not a client's address"),
    ],
)
def test_a_roster_that_asks_for_more_is_one_line(
    people_config: Config, roster: Callable[[], Roster], line: str
) -> None:
    with pytest.raises(InputError) as refused:
        read(people_config).check_roster(roster())

    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_two_teams_may_say_the_same_of_one_github_team(people_config: Config) -> None:
    same = {name: _team(github_teams=["shop"], repositories={"shop-api": "push"}) for name in ("web", "ops")}

    read(people_config).check_roster(_roster(same))


def test_an_address_without_a_vpn_is_refused(people_config: Config) -> None:
    with pytest.raises(InputError, match="there is no people:vpn"):
        read(people_config, vpn=None).check_roster(_roster({"web": _team()}, "10.90.0.7"))
