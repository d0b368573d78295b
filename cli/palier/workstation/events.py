"""What a run of Ansible does, from ansible-runner's events: tasks by role, with times, and what was told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

OK, CHANGED, SKIPPED, FAILED, UNREACHABLE = "ok", "changed", "skipped", "failed", "unreachable"
_OUTCOMES = {
    "runner_on_ok": OK,
    "runner_on_skipped": SKIPPED,
    "runner_on_failed": FAILED,
    "runner_on_unreachable": UNREACHABLE,
}
# What SSH says of every script, which has a terminal of its own: the script's errors are in its output then.
# And what colours a terminal.
_NOISE = re.compile(r"Shared connection to \S+ closed\.?|\x1b\[[0-9;]*m|\r")
# Ansible's own task at a role's beginning, of interest where it fails.
_ARGUMENTS = "ansible.builtin.validate_argument_spec"
# Ansible's own word for an assertion that holds and has nothing to tell.
_ASSERTED = "All assertions passed"
# What a failed task says may be a whole build's output.
MOST_SAID = 2000


@dataclass
class Task:
    """A task that ended. `says` is the machine's own message, of a task that failed."""

    role: str
    name: str
    outcome: str
    seconds: float
    says: str = ""
    diffs: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Wait:
    """What a person has to do."""

    says: str
    waits_for: str


@dataclass
class Record:
    """A run as its events tell it. `rc` is Ansible's exit code."""

    tasks: list[Task] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    checks: list[Mapping[str, Any]] = field(default_factory=list)
    results: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """The last result of each module of ours, by its name."""
    notes: list[str] = field(default_factory=list)
    """What a check that held has to tell."""
    said: list[str] = field(default_factory=list)
    """What Ansible itself said: a playbook that cannot be read has no task."""
    rc: int = 0
    cancelled: bool = False

    @property
    def changed(self) -> list[Task]:
        """Tasks that changed something."""
        return [task for task in self.tasks if task.outcome == CHANGED]

    @property
    def failure(self) -> Task | None:
        """The task that ended the run; one that a rescue took care of did not."""
        failed = [task for task in self.tasks if task.outcome in (FAILED, UNREACHABLE)]
        return failed[-1] if failed and self.rc != 0 else None

    def roles(self) -> dict[str, list[Task]]:
        """Tasks by role, in the order of the run."""
        found: dict[str, list[Task]] = {}
        for task in self.tasks:
            found.setdefault(task.role, []).append(task)
        return found


class Listener:
    """Takes events in, and says when a role or a task begins."""

    def __init__(self, began: Callable[[str, str], None]) -> None:
        """`began` is called with a role and a task as it begins."""
        self.record = Record()
        self._began, self._at = began, time.monotonic()

    def hear(self, event: Mapping[str, Any]) -> bool:
        """One event; True: no need to keep it in a file."""
        kind, data = str(event.get("event", "")), event.get("event_data") or {}
        if data.get("task_action") == _ARGUMENTS and kind not in (
            "runner_on_failed",
            "runner_on_unreachable",
        ):
            return False
        if kind == "playbook_on_task_start":
            self._at = time.monotonic()
            self._began(_role(data), str(data.get("task", "")))
        elif kind in _OUTCOMES:
            self._ended(_OUTCOMES[kind], data)
        elif kind in ("error", "verbose", "warning", "system_warning", "deprecated") or not data:
            self.record.said.extend(
                line for line in str(event.get("stdout", "")).splitlines() if line.strip()
            )
        if kind == "runner_item_on_ok":
            self._told(data.get("res") or {})
        return False

    def _ended(self, outcome: str, data: Mapping[str, Any]) -> None:
        result = data.get("res") or {}
        if outcome == OK and result.get("changed"):
            outcome = CHANGED
        if outcome == FAILED and data.get("ignore_errors"):
            outcome = OK
        seconds = float(data.get("duration") or time.monotonic() - self._at)
        says = message(result) if outcome in (FAILED, UNREACHABLE) else ""
        task = Task(_role(data), str(data.get("task", "")), outcome, seconds, says, _diffs(result))
        self.record.tasks.append(task)
        if data.get("task_action") == "ansible.builtin.assert" and outcome == OK:
            self.record.notes += [text for text in (str(result.get("msg", "")),) if text != _ASSERTED]
        if "checks" in result:
            self.record.checks = list(result["checks"])
        action = str(data.get("task_action", ""))
        if action.startswith("palier_"):
            self.record.results[action] = result
        self._told(result)

    def _told(self, result: Mapping[str, Any]) -> None:
        told = result.get("msg")
        if isinstance(told, Mapping) and "waits" in told:
            self.record.waits.append(Wait(str(told["waits"]), str(told.get("who", ""))))


def message(result: Mapping[str, Any]) -> str:
    """What the machine said of a failure: of the item that failed, with what a program wrote."""
    failed = [
        each for each in result.get("results") or () if isinstance(each, Mapping) and each.get("failed")
    ]
    if failed:
        return "; ".join(dict.fromkeys(message(each) for each in failed))[:MOST_SAID]
    said = [_quiet(result.get("msg"))]
    for stream in ("stderr", "module_stderr", "stdout", "module_stdout"):
        text = _quiet(result.get(stream))
        if text and text not in said[0]:
            said.append(text[-MOST_SAID // 2 :])
            break
    return "\n".join(each for each in said if each)[:MOST_SAID]


def _quiet(text: Any) -> str:
    return _NOISE.sub("", str(text or "")).strip()


def _role(data: Mapping[str, Any]) -> str:
    return str(data.get("role") or "")


def _diffs(result: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    found: list[Mapping[str, Any]] = []
    for each in (result, *(each for each in result.get("results") or () if isinstance(each, Mapping))):
        diff = each.get("diff")
        found += [
            one for one in (diff if isinstance(diff, list) else [diff]) if isinstance(one, Mapping) and one
        ]
    return tuple(found)
