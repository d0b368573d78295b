"""A platform with two phases, a fake engine and a local environment, all in the test's own folder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from palier.console import Reporter
from palier.phases import catalog, environment
from palier.phases.environment import Environment
from palier.phases.stack import PhaseStack

FAKE = Path(__file__).with_name("fake_engine.py")


class Refused(ValueError):
    """Has the attributes of palier_stacks' SettingsError."""

    def __init__(self, problem: str, key: str, allowed: str | None, more: int = 0) -> None:
        self.problem, self.key, self.allowed, self.more = problem, key, allowed, more
        super().__init__(problem)


class Settings:
    """Accepts any size but `huge`."""

    @classmethod
    def from_config(cls, config: Mapping[str, object], *, file: Path | str | None = None) -> Settings:
        """As PhaseSettings.from_config."""
        if config.get("first:size") == "huge":
            raise Refused("unknown size 'huge'", "first:size", "small, large", more=1)
        return cls()


@dataclass(frozen=True)
class FakePhase:
    """Has the shape of a phase."""

    name: str
    order: int
    requires: tuple[str, ...] = ()
    summary: str = "Does something."
    settings: type[Settings] = Settings


class Heard(Reporter):
    """A reporter that keeps what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.events: list[dict[str, Any]] = []

    def line(self, text: str) -> None:
        """Keep a line."""
        self.lines.append(text)

    def event(self, kind: str, **fields: Any) -> None:
        """Keep an event."""
        self.events.append({"event": kind, **fields})

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


def resource(name: str, provider_id: str = "", *, phase: str = "first", **more: Any) -> dict[str, Any]:
    """A resource of a state, as the engine writes it."""
    kind = "aws:ec2/vpc:Vpc"
    urn = f"urn:pulumi:local::{phase}::{kind}::{name}"
    return {
        "urn": urn,
        "type": kind,
        "custom": True,
        "id": provider_id,
        "inputs": {"cidrBlock": "10.0.0.0/16"},
        **more,
    }


def event(kind: str, op: str, name: str, **more: Any) -> dict[str, Any]:
    """An engine event about a resource of the first phase."""
    entry = resource(name)
    metadata = {"op": op, "urn": entry["urn"], "type": entry["type"], "old": None, "new": entry, **more}
    return {kind: {"metadata": metadata}}


@dataclass
class Platform:
    """The test's own platform and machine."""

    root: Path
    phases: tuple[FakePhase, ...]
    environment: Environment
    heard: Heard = field(default_factory=Heard)

    @property
    def backend(self) -> Path:
        """The folder of the stacks' states."""
        return self.root / "local" / "backend"

    def stack(self, name: str = "first") -> PhaseStack:
        """A phase's stack in the local environment."""
        return PhaseStack(catalog.find(name, self.phases), self.environment)

    def state(self, phase: str = "first", **deployment: Any) -> None:
        """Write a phase's state."""
        file = self.backend / ".pulumi" / "stacks" / phase / "local.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": deployment}}))

    def plan(self, **operations: dict[str, Any]) -> None:
        """What the fake engine does for each of its commands."""
        (self.root / "plan.json").write_text(json.dumps(operations))

    def calls(self, verb: str | None = None) -> list[dict[str, Any]]:
        """How the fake engine was called."""
        file = self.root / "calls.jsonl"
        found = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [call for call in found if verb is None or call["arguments"][0] == verb]


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """Two phases, of which the second requires the first; no engine, no local cloud, no user folder."""
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(tmp_path / "local"))
    monkeypatch.setenv("PALIER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PALIER_PLATFORM_DIR", str(tmp_path / "platform"))
    monkeypatch.setenv("FAKE_ENGINE_PLAN", str(tmp_path / "plan.json"))
    monkeypatch.setenv("FAKE_ENGINE_CALLS", str(tmp_path / "calls.jsonl"))
    known = (FakePhase("first", 10), FakePhase("second", 20, ("first",)))
    for phase in known:
        project = tmp_path / "platform" / "stacks" / phase.name
        project.mkdir(parents=True)
        (project / "Pulumi.yaml").write_text(f"name: {phase.name}\nruntime: python\n")
        (project / "Pulumi.local.yaml").write_text("config:\n  aws:region: eu-west-3\n")
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "local" / "backend").mkdir(parents=True)
    command = tmp_path / "pulumi"
    command.write_text(f"#!{sys.executable}\n{FAKE.read_text()}")
    command.chmod(0o755)
    variables = {**os.environ, "PULUMI_BACKEND_URL": f"file://{tmp_path / 'local' / 'backend'}"}
    ready = Environment("local", variables, command, "3.220.0", "http://127.0.0.1:9")
    monkeypatch.setattr(catalog, "phases", lambda: known)
    monkeypatch.setattr(environment, "prepare", lambda *_args, **_more: ready)
    monkeypatch.setattr("palier.phases.operations.prepare", lambda *_args, **_more: ready)
    monkeypatch.setattr("palier.phases.operations.to_look_at", lambda *_args, **_more: ready)
    return Platform(tmp_path, known, ready)
