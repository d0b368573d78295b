"""Small pulumi-aws programs, run by the real engine on the local cloud."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palier.engine import find_engine
from palier.local import environment, plugin

from tests.engine.local.emulated import Emulated

REGION = "eu-west-3"
_SECONDS = 120.0


@dataclass(frozen=True)
class Ran:
    """What a run of the engine printed, and how it ended."""

    code: int
    said: str
    steps: Sequence[tuple[str, str]]
    """The engine's steps, in their order: operation and logical name."""

    @property
    def operations(self) -> dict[str, str]:
        """Logical name to what happened to it: create, update, replace, delete, same …"""
        found: dict[str, str] = {}
        for operation, name in self.steps:
            replaced = operation in ("create-replacement", "delete-replaced", "replace")
            if found.get(name) != "replace":
                found[name] = "replace" if replaced else operation
        return found

    @property
    def changed(self) -> dict[str, str]:
        """Without what stays the same."""
        kept = ("same", "read", "refresh")
        return {name: operation for name, operation in self.operations.items() if operation not in kept}


@dataclass
class Cloud:
    """Of the local cloud, what `local_env` wants to know."""

    endpoint: str
    region: str = REGION


class Project:
    """One project with one stack, on a file backend of its own."""

    def __init__(self, folder: Path, emulated: Emulated) -> None:
        self.folder, self.emulated = folder, emulated
        engine = find_engine()
        assert engine is not None, "no engine: run `palier engine get`"
        plugin.install()
        (folder / "backend").mkdir(parents=True, exist_ok=True)
        self.environment = {
            **environment.local_env(_base(), Cloud(emulated.endpoint), engine.bin),
            "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
            "PULUMI_DEBUG_COMMANDS": "true",  # Without it the engine has no --event-log.
        }
        (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
        self.configure({"aws:region": REGION})
        (folder / "__main__.py").write_text("")
        self._pulumi("stack", "init", "test")

    def configure(self, config: Mapping[str, Any]) -> None:
        """The stack's configuration, whole."""
        text = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in config.items())
        path = self.folder / "Pulumi.test.yaml"
        salt = [line for line in path.read_text().splitlines() if "salt" in line] if path.exists() else []
        path.write_text("\n".join([*salt, f"config:\n{text}"]))

    def program(self, text: str) -> None:
        """The program; `aws` and `pulumi` are imported."""
        body = textwrap.dedent(text)
        (self.folder / "__main__.py").write_text(f"import pulumi\nimport pulumi_aws as aws\n{body}")

    def preview(self, *options: str) -> Ran:
        """`pulumi preview`; not of the state's own events, but of those that it prints."""
        return self._run("preview", *options)

    def up(self, *options: str) -> Ran:
        """`pulumi up`."""
        return self._run("up", "--skip-preview", "--yes", *options)

    def refresh(self, *options: str) -> Ran:
        """`pulumi refresh`."""
        return self._run("refresh", "--skip-preview", "--yes", *options)

    def destroy(self, *options: str) -> Ran:
        """`pulumi destroy`."""
        return self._run("destroy", "--skip-preview", "--yes", *options)

    def _run(self, command: str, *options: str) -> Ran:
        events = self.folder / "events.json"
        events.unlink(missing_ok=True)
        done = self._call(command, "--color", "never", "--event-log", str(events), *options)
        return Ran(done.returncode, done.stdout + done.stderr, _steps(events))

    def state(self, *options: str) -> dict[str, dict[str, Any]]:
        """What the state holds, by logical name: as `pulumi stack export` shows it."""
        exported = json.loads(self._pulumi("stack", "export", *options))
        resources = exported["deployment"].get("resources") or []
        return {one["urn"].split("::")[-1]: one for one in resources}

    def exported(self) -> str:
        """The whole state as text, as it lies on the disk and travels."""
        return self._pulumi("stack", "export")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        outputs: dict[str, Any] = json.loads(self._pulumi("stack", "output", "--json"))
        return outputs

    def _pulumi(self, *arguments: str) -> str:
        done = self._call(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        scoped = [] if arguments[0] == "stack" and arguments[1] == "init" else ["--stack", "test"]
        return subprocess.run(
            ["pulumi", *arguments, *scoped, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )


def _base() -> dict[str, str]:
    """The caller's environment, with bytecode allowed: else every run compiles all that it imports."""
    import os

    kept = dict(os.environ)
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept


def _steps(events: Path) -> list[tuple[str, str]]:
    """The steps that the engine has begun, the stack's own left out."""
    if not events.exists():
        return []
    begun = [json.loads(line).get("resourcePreEvent") for line in events.read_text().splitlines()]
    metadata = [event["metadata"] for event in begun if event]
    return [
        (one["op"], one["urn"].split("::")[-1]) for one in metadata if one["type"] != "pulumi:pulumi:Stack"
    ]
