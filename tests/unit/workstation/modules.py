"""Runs a module of the playbooks as Ansible does on a machine: a process of its own, arguments in JSON."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from palier.workstation.profiles import folder

LIBRARY = folder() / "library"


@dataclass(frozen=True)
class Answer:
    """What a module answered, and all that it wrote."""

    result: dict[str, Any]
    wrote: str

    def __getitem__(self, name: str) -> Any:
        return self.result[name]

    @property
    def changed(self) -> bool:
        """Whether it changed something, or would."""
        return bool(self.result["changed"])

    @property
    def failed(self) -> bool:
        """Whether it failed, in words of its own."""
        return bool(self.result.get("failed"))


def run(module: str, *, check: bool = False, **arguments: Any) -> Answer:
    """Run a module. A traceback is no answer, and fails the test."""
    asked = {"ANSIBLE_MODULE_ARGS": {**arguments, "_ansible_check_mode": check, "_ansible_diff": True}}
    done = subprocess.run(
        [sys.executable, str(LIBRARY / f"{module}.py")],
        input=json.dumps(asked, default=str),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Answer(json.loads(done.stdout), done.stdout + done.stderr)


def load(module: str) -> ModuleType:
    """A module's functions, without running it."""
    spec = importlib.util.spec_from_file_location(f"{module}_of_the_library", LIBRARY / f"{module}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
