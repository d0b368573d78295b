"""The phases beside the engine's own floor, and the command line beside plain pulumi."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from palier.console import Reporter
from palier.engine import Engine
from palier.local import cloud, environment, plugin
from palier.phases import catalog

from benchmarks.measure import Pair, seconds

ROOT = Path(__file__).parents[1]
PHASES = tuple(phase.name for phase in catalog.phases())
_UP = ("up", "--yes", "--skip-preview")


@dataclass
class Side:
    """One of the two: its folder, its environment, the engine."""

    name: str
    env: Mapping[str, str]
    pulumi: str
    spent: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def run(self, phase: str, what: str, *arguments: str) -> None:
        """Run plain pulumi on a phase and note the seconds."""
        command = (self.pulumi, *arguments, "--stack", "local", "--non-interactive")
        taken = seconds(command, self.env, ROOT / "stacks" / phase)
        self.spent.setdefault((phase, what), []).append(taken)
        print(f"  {self.name:<6} {phase:<11} {what:<10} {taken:6.2f} s", flush=True)


@contextmanager
def local_cloud(folder: Path, port: int, engine: Engine) -> Iterator[dict[str, str]]:
    """A local cloud of its own in `folder`, stopped afterwards; yields its environment."""
    previous = {name: os.environ.get(name) for name in ("PALIER_LOCAL_DIR", "PALIER_LOCAL_PORT")}
    os.environ.update(PALIER_LOCAL_DIR=str(folder), PALIER_LOCAL_PORT=str(port))
    status = cloud.start(Reporter())
    try:
        env = environment.local_env(os.environ, status, engine.bin)
        (folder / "backend").mkdir(parents=True, exist_ok=True)
        yield env
    finally:
        os.environ.update(PALIER_LOCAL_DIR=str(folder), PALIER_LOCAL_PORT=str(port))
        cloud.stop(Reporter())
        for name, value in previous.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def serve_floor(folder: Path) -> None:
    """Put the provider that does nothing in the place of Palier's."""
    os.environ["PALIER_LOCAL_DIR"] = str(folder)
    path = plugin.plugin_path()
    path.write_text(f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m benchmarks.floor "$@"\n')
    path.chmod(0o755)


def round_trip(side: Side) -> None:
    """Both phases up, up again, refreshed, and down, noting each."""
    for phase in PHASES:
        side.run(phase, "up", *_UP)
        side.run(phase, "no-op up", *_UP)
        side.run(phase, "refresh", "refresh", "--yes", "--skip-preview")
    for phase in reversed(PHASES):
        side.run(phase, "destroy", "destroy", "--yes", "--skip-preview")


def beside_the_floor(engine: Engine, folder: Path, rounds: int) -> dict[tuple[str, str], Pair]:
    """Every operation of every phase through Palier's provider and through the one that does nothing."""
    with (
        local_cloud(folder / "palier", 4781, engine) as ours,
        local_cloud(folder / "floor", 4782, engine) as theirs,
    ):
        serve_floor(folder / "floor")
        sides = [Side("palier", ours, str(engine.command)), Side("floor", theirs, str(engine.command))]
        sides[1].env = {**theirs, "PALIER_LOCAL_DIR": str(folder / "floor")}
        sides[0].env = {**ours, "PALIER_LOCAL_DIR": str(folder / "palier")}
        for side in sides:
            for phase in PHASES:
                init = (side.pulumi, "stack", "init", "local", "--non-interactive")
                seconds(init, side.env, ROOT / "stacks" / phase)
        for number in range(rounds + 1):
            for side in sides if number % 2 else reversed(sides):
                round_trip(side)
                if number == 0:
                    side.spent.clear()  # The first round fills the caches of both.
    return {key: Pair(tuple(sides[0].spent[key]), tuple(sides[1].spent[key])) for key in sides[0].spent}


def beside_plain_pulumi(engine: Engine, folder: Path, rounds: int) -> dict[str, Pair]:
    """`palier up` with nothing to change, beside plain `pulumi up` with and without its preview."""
    shutil.rmtree(folder, ignore_errors=True)
    with local_cloud(folder, 4783, engine) as env:
        env = {**env, "PALIER_LOCAL_DIR": str(folder), "PALIER_LOCAL_PORT": "4783"}
        env["PALIER_ENGINE"] = str(engine.command)
        palier = (sys.executable, "-m", "palier", "up", "foundation")
        pulumi = (str(engine.command), *_UP, "--stack", "local", "--non-interactive")
        previewed = (str(engine.command), "up", "--yes", "--stack", "local", "--non-interactive")
        stack = ROOT / "stacks" / "foundation"
        seconds(palier, env, ROOT)
        ours, plain, full = [], [], []
        for _ in range(rounds):
            ours.append(seconds(palier, env, ROOT))
            plain.append(seconds(pulumi, env, stack))
            full.append(seconds(previewed, env, stack))
            print(
                f"  palier {ours[-1]:.2f} s, pulumi {plain[-1]:.2f} s, with preview {full[-1]:.2f} s",
                flush=True,
            )
    return {
        "pulumi up --yes --skip-preview": Pair(tuple(ours), tuple(plain)),
        "pulumi up --yes": Pair(tuple(ours), tuple(full)),
    }
