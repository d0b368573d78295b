"""What the roles say of themselves: their argument specs and the names of their tasks, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from palier.workstation.profiles import folder

PLAYBOOK = "workstation.yml"


@cache
def spec(role: str) -> Mapping[str, Any]:
    """A role's argument spec; empty where it has none."""
    file = folder() / "roles" / role / "meta/argument_specs.yml"
    if not file.is_file():
        return {}
    found: Mapping[str, Any] = _read(file)["argument_specs"]["main"]
    return found


def title(role: str) -> str:
    """A role's short description, or its name."""
    return str(spec(role).get("short_description", role))


def roles(playbook: str = PLAYBOOK) -> list[str]:
    """The roles of a playbook, in order."""
    return [role for play in _read(folder() / playbook) for role in _roles(play)]


def task_names(role: str) -> list[str]:
    """The names of a role's tasks, those of other files where they are taken in."""
    return list(_names(folder() / "roles" / role / "tasks/main.yml"))


def _roles(play: Mapping[str, Any]) -> Iterator[str]:
    for task in (*play.get("pre_tasks", ()), *play.get("tasks", ())):
        if imported := task.get("ansible.builtin.import_role"):
            yield str(imported["name"])
    for role in play.get("roles", ()):
        yield str(role["role"])


def _names(file: Path) -> Iterator[str]:
    yield from _named(_read(file), file.parent)


def _named(tasks: Iterable[Mapping[str, Any]] | None, beside: Path) -> Iterator[str]:
    for task in tasks or ():
        other = task.get("ansible.builtin.include_tasks") or task.get("ansible.builtin.import_tasks")
        if other:
            yield from _names(beside / other)
        elif "block" in task:
            for part in ("block", "rescue", "always"):
                yield from _named(task.get(part), beside)
        else:
            yield str(task["name"])


def _read(file: Path) -> Any:
    import yaml

    return yaml.safe_load(file.read_text(encoding="utf-8"))
