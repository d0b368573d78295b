"""What the profiles promise, held against the locks and against what a team may choose."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
from palier.engine.model import ENGINE_VERSION
from palier.onboarding.models import ToolProfile
from palier.workstation.profiles import EVERYBODYS, VPN, folder, locked_version, names, profiles

LOCKS = sorted((folder() / "requirements").glob("*.txt"))
NPM_LOCK: dict[str, Any] = json.loads((folder() / "npm/package-lock.json").read_text())
VERSION = re.compile(r"\d+(\.\d+)+")


def test_a_team_may_choose_every_profile_but_those_that_come_by_themselves() -> None:
    assert set(get_args(ToolProfile)) == set(profiles()) - {*EVERYBODYS, VPN}
    assert {*EVERYBODYS, VPN} <= set(profiles())


def test_a_profiles_lock_is_there_with_what_it_was_made_from() -> None:
    named = {profile.requirements for profile in profiles().values() if profile.requirements}

    assert named == {lock.name for lock in LOCKS}
    assert all(lock.with_suffix(".in").is_file() for lock in LOCKS)


@pytest.mark.parametrize("name", list(profiles()))
def test_a_locked_tools_version_stands_in_the_locks_and_every_other_has_a_least_one(name: str) -> None:
    for tool in profiles()[name].tools:
        assert (tool.locked is None) != (tool.at_least is None), tool.name
        if tool.locked:
            assert VERSION.fullmatch(locked_version(tool.locked)), tool.name
        else:
            assert re.fullmatch(r"\d+(\.\d+)*", tool.at_least or ""), tool.name


@pytest.mark.parametrize("name", list(profiles()))
def test_a_locked_tool_comes_from_its_own_profiles_lock(name: str) -> None:
    profile = profiles()[name]
    own = (folder() / "requirements" / profile.requirements).read_text() if profile.requirements else ""

    for tool in profile.tools:
        if tool.locked == "pulumi":
            assert profile.pulumi
        elif tool.locked and tool.locked.startswith("npm/"):
            assert profile.npm
        elif tool.locked:
            assert f"\n{tool.locked}==" in f"\n{own}"


def test_a_link_belongs_to_a_profile_with_a_lock_and_to_one_profile_only() -> None:
    linked = [name for profile in profiles().values() for name in (*profile.links, *profile.npm)]

    assert len(linked) == len(set(linked))
    for profile in profiles().values():
        assert not profile.links or profile.requirements
        assert not any(file.startswith("/") or ".." in file for file in profile.links.values())


def test_a_command_that_npm_brings_is_one_of_its_locked_packages() -> None:
    commands = {
        command
        for name, package in NPM_LOCK["packages"].items()
        if name
        for command in (package.get("bin") or {})
    }

    assert {file for profile in profiles().values() for file in profile.npm.values()} <= commands


def test_no_tool_and_no_package_stands_twice() -> None:
    tools = [tool.name for profile in profiles().values() for tool in profile.tools]
    packages = [package for profile in profiles().values() for package in profile.packages]

    assert len(tools) == len(set(tools))
    assert len(packages) == len(set(packages))
    assert all(profile.packages == sorted(profile.packages) for profile in profiles().values())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.name))
def test_a_lock_has_a_hash_for_each_package_and_no_address(lock: Any) -> None:
    text = lock.read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==\S+( ;[^\n]+)? \\\n", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry[:80]
    assert "://" not in text
    assert "index-url" not in text


def test_npms_lock_has_an_integrity_for_each_package_and_no_address_of_one() -> None:
    packages = {name: package for name, package in NPM_LOCK["packages"].items() if name}

    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name
    asked = json.loads((folder() / "npm/package.json").read_text())["dependencies"]
    assert NPM_LOCK["packages"][""]["dependencies"] == asked
    assert {f"node_modules/{name}" for name in asked} <= set(packages)


def test_a_package_that_no_lock_has_is_no_version() -> None:
    with pytest.raises(KeyError):
        locked_version("no-such-package")
    with pytest.raises(KeyError):
        locked_version("npm/no-such-package")


def test_versions_are_the_locks_own() -> None:
    base = (folder() / "requirements/base.txt").read_text()

    assert f"\nuv=={locked_version('uv')} " in base
    assert locked_version("npm/pnpm") == NPM_LOCK["packages"]["node_modules/pnpm"]["version"]
    assert locked_version("pulumi") == ENGINE_VERSION


def test_everybodys_profiles_come_first_and_each_once() -> None:
    assert names(["go", "python"], vpn=False) == ["base", "containers", "go", "python"]
    assert names(["go"], vpn=True) == ["base", "containers", "vpn", "go"]
    assert names([], vpn=False) == ["base", "containers"]
    assert names(["base", "go", "go"], vpn=False) == ["base", "containers", "go"]
