"""The document of the playbooks leaves nothing out of what they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from palier.workstation import titles
from palier.workstation.documentation import PLAYBOOKS, document
from palier.workstation.profiles import folder, locked_version, profiles

ROLES = sorted(role.name for role in (folder() / "roles").iterdir() if role.is_dir())


def _named(tasks: Any) -> Iterator[dict[str, Any]]:
    """Tasks that do something, however deep they stand in blocks."""
    for task in tasks or ():
        parts = [task[part] for part in ("block", "rescue", "always") if part in task]
        for part in parts:
            yield from _named(part)
        if not parts and not {"ansible.builtin.include_tasks", "ansible.builtin.import_tasks"} & set(task):
            yield task


def _files(role: str) -> list[Path]:
    return sorted((folder() / "roles" / role / "tasks").glob("*.yml"))


def _part(role: str) -> str:
    """What the document says of a role."""
    _, found, rest = document().partition(f"(`{role}`)\n")
    assert found, role
    return rest.partition("\n### ")[0].partition("\n## ")[0]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_told_with_each_variable_and_each_task(role: str) -> None:
    said, spec = _part(role), titles.spec(role)

    assert f"### {spec['short_description']} (`{role}`)\n" in document()
    for name, option in (spec.get("options") or {}).items():
        assert f"| `{name}` | {option['type']} | " in said
    for file in _files(role):
        for task in _named(yaml.safe_load(file.read_text())):
            assert f". {task['name']}\n" in said, f"{file.name}: {task['name']}"


@pytest.mark.parametrize("role", ROLES)
def test_every_default_is_the_one_that_the_role_has(role: str) -> None:
    file = folder() / "roles" / role / "defaults/main.yml"
    defaults = (yaml.safe_load(file.read_text()) or {}) if file.is_file() else {}

    options = titles.spec(role).get("options") or {}
    for name, value in defaults.items():
        assert options[name].get("default") == value, name


def test_a_role_stands_once_in_the_part_of_the_playbook_that_comes_first() -> None:
    said = document()

    assert said.count("\n### ") == len(ROLES)
    for playbook, title in PLAYBOOKS.items():
        assert (folder() / playbook).is_file()
        assert f"\n## {title}\n" in said
    places = [said.index(f"(`{role}`)") for role in titles.roles()]
    assert places == sorted(places)


def test_every_profile_is_told_with_its_tools_and_their_versions() -> None:
    rows = [line for line in document().splitlines() if line.startswith("| `")]

    for name, profile in profiles().items():
        (row,) = [line for line in rows if line.startswith(f"| `{name}`: {profile.description} |")]
        for tool in profile.tools:
            version = locked_version(tool.locked) if tool.locked else f"≥ {tool.at_least}"
            assert f"{tool.name} {version}" in row
        assert all(package in row for package in profile.packages)


def test_a_table_has_the_same_columns_in_each_of_its_rows() -> None:
    table: list[str] = []
    for line in [*document().splitlines(), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        assert len({each.replace("\\|", "").count("|") for each in table}) <= 1, table
        table.clear()


def test_descriptions_are_prose_and_no_structure_of_pythons_or_ansibles() -> None:
    assert "['" not in re.sub(r"`[^`]*`", "", document())
    assert '["' not in re.sub(r"`[^`]*`", "", document())
    assert "C(" not in document()
    assert "`people:vpn.pool`" in _part("vpn_gateway")


def test_it_is_the_same_each_time() -> None:
    assert document() == document()
    assert document().endswith("\n")
    assert "\n\n\n" not in document()
