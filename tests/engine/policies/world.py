"""Plain pulumi with the pack of all policies, against a provider that makes nothing.

The provider is the benchmarks' floor. It asks nobody anything, so no emulator runs: an address that nobody
listens at stands where the local cloud's would.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from palier.engine import find_engine
from palier.local import environment, plugin
from palier.local.cloud import Status

from tests.engine.phases.machine import ROOT
from tests.engine.policies import noting
from tests.engine.policies.cases import REGION, Made
from tests.engine.policies.program import VARIABLE

PROJECT, STACK = "foundation", "production"
PACK = ROOT / "policies" / "all"
_SECONDS = 240
_PROGRAM = "from tests.engine.policies.program import main\n\nmain()\n"
# Level, policy, message, URN (empty for the stack).
Event = tuple[str, str, str, str]


@dataclass(frozen=True)
class Ran:
    """How pulumi ended, what it said, and what the policies said, by its event log."""

    code: int
    text: str
    events: list[Event]
    remedies: list[Mapping[str, Any]]

    def of(self, level: str) -> list[Event]:
        """The events of one level."""
        return [each for each in self.events if each[0] == level]

    @property
    def violated(self) -> set[str]:
        """The policies that refused something."""
        return {policy for _, policy, _, _ in self.of("mandatory")}


class World:
    """The engine's home in a folder, with the provider in it, and the environment to run pulumi in."""

    def __init__(self, root: Path) -> None:
        engine = find_engine()
        assert engine is not None, "no engine: run `palier engine get`"
        self.root, self.pulumi = root, str(engine.command)
        ours = {"PALIER_LOCAL_DIR": str(root / "local"), "PYTHONPATH": str(ROOT)}
        base = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PALIER_")
            # Each folder would compile all of the SDK again, which takes longer than any test here.
            and name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
        }
        nobody = Status(running=False, endpoint="http://127.0.0.1:9", port=9)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PALIER_LOCAL_DIR", ours["PALIER_LOCAL_DIR"])
            self._put_provider()
            self._variables = {**environment.local_env(base, nobody, engine.bin), **ours}

    def _put_provider(self) -> None:
        path = plugin.plugin_path()
        path.parent.mkdir(parents=True)
        script = f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m tests.engine.policies.noting "$@"\n'
        path.write_text(script)
        path.chmod(0o755)

    def stack(self, name: str) -> Stacked:
        """A stack of a project in a folder of its own, on which nothing stands."""
        folder = self.root / name
        (folder / "backend").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
        (folder / "__main__.py").write_text(_PROGRAM)
        stacked = Stacked(self, folder)
        stacked.pulumi("stack", "init")
        stacked.pulumi("config", "set", "aws:region", REGION)
        return stacked

    def run(
        self, folder: Path, *arguments: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run pulumi in a folder, whatever its exit code."""
        return subprocess.run(
            [self.pulumi, *arguments, "--non-interactive"],
            cwd=folder,
            env={**self._variables, **(variables or {})},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )


@dataclass(frozen=True)
class Stacked:
    """A stack on which nothing stands at first, in a project's folder of its own."""

    world: World
    folder: Path

    @property
    def created(self) -> list[str]:
        """URNs that the provider was asked to make, outside of previews."""
        file = self.folder / "created"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def _own(self) -> dict[str, str]:
        """A backend of its own: the stacks' URNs are the same."""
        return {"PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}"}

    def pulumi(self, *arguments: str) -> str:
        """Run pulumi on the stack; asserts that it ends well."""
        done = self.world.run(self.folder, *arguments, "--stack", STACK, variables=self._own)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def up(self, made: Iterable[Made], platform: Path, *arguments: str, policies: Path | None = None) -> Ran:
        """`pulumi up` of these resources with the pack; the caller looks at how it ended."""
        return self._run(("up", "--yes", *arguments), made, platform, policies)

    def preview(self, made: Iterable[Made], platform: Path) -> Ran:
        """`pulumi preview` of these resources with the pack."""
        return self._run(("preview",), made, platform, None)

    def _run(
        self, command: tuple[str, ...], made: Iterable[Made], platform: Path, policies: Path | None
    ) -> Ran:
        resources, log = self.folder / "resources.json", self.folder / "events.json"
        resources.write_text(json.dumps(list(made)))
        log.unlink(missing_ok=True)
        variables = {
            **self._own,
            VARIABLE: str(resources),
            noting.VARIABLE: str(self.folder / "created"),
            "PALIER_PLATFORM_FILE": str(platform),
            # Without these the engine writes no event log.
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_AUTOMATION_API": "true",
        }
        if policies is not None:
            variables["PALIER_POLICIES_FILE"] = str(policies)
        done = self.world.run(
            self.folder,
            *command,
            *("--stack", STACK, "--policy-pack", str(PACK), "--event-log", str(log)),
            variables=variables,
        )
        told = [json.loads(line) for line in log.read_text().splitlines()]
        return Ran(
            done.returncode,
            done.stdout + done.stderr,
            [_event(each["policyEvent"]) for each in told if "policyEvent" in each],
            [each["policyRemediationEvent"] for each in told if "policyRemediationEvent" in each],
        )

    def standing(self, *, secrets: bool = False) -> list[dict[str, Any]]:
        """What stands, without the stack itself and providers."""
        shown = ("--show-secrets",) if secrets else ()
        deployment = json.loads(self.pulumi("stack", "export", *shown))["deployment"]
        return [each for each in deployment.get("resources") or [] if not each["type"].startswith("pulumi:")]


def _event(found: Mapping[str, Any]) -> Event:
    return (
        found["enforcementLevel"],
        found["policyName"],
        found["message"].rstrip("\n"),
        found.get("resourceUrn", ""),
    )
