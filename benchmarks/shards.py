"""How long a preview takes with more and more shards, and the exponent of its growth.

Everything of the phase is new in these previews: each shard brings its server, parameter group, log groups
and alarms, ten resources. Time is t = c·n^k; k between two counts is log(t2/t1) / log(n2/n1). The fixed cost
of a run (engine, language host, imports) makes k small where counts are small, so the goal is held against
the last step alone, where it hides least.
"""

from __future__ import annotations

import itertools
import math
import shutil
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from palier.engine import Engine

from benchmarks.measure import seconds
from benchmarks.phases import ROOT, local_cloud

COUNTS = (4, 16, 64, 256)
PORT = 4784
_UP = ("up", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Growth:
    """Seconds of each round by number of shards."""

    spent: Mapping[int, Sequence[float]]

    def median_s(self, count: int) -> float:
        """Median seconds of a preview with `count` shards."""
        return statistics.median(self.spent[count])

    def exponent(self, low: int, high: int) -> float:
        """Exponent of the growth from `low` to `high` shards, of the medians."""
        return math.log(self.median_s(high) / self.median_s(low)) / math.log(high / low)

    def steps(self) -> list[tuple[int, int, float]]:
        """(from, to, exponent) of each step."""
        counts = sorted(self.spent)
        return [(low, high, self.exponent(low, high)) for low, high in itertools.pairwise(counts)]


def _project(folder: Path, phase: str) -> Path:
    """A copy of a phase's project, whose settings may be changed."""
    copy = folder / "platform" / phase
    shutil.copytree(ROOT / "stacks" / phase, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def _set_count(project: Path, count: int) -> None:
    file = project / "Pulumi.local.yaml"
    content = yaml.safe_load(file.read_text())
    content["config"]["shards:servers"]["count"] = count
    file.write_text(yaml.safe_dump(content, sort_keys=False))


def preview_growth(engine: Engine, folder: Path, rounds: int, counts: Sequence[int] = COUNTS) -> Growth:
    """Preview the phase with each number of shards, in turn, on a foundation that stands.

    One uncounted preview first fills the caches.
    """
    foundation, shards = _project(folder, "foundation"), _project(folder, "shards")
    cloud = folder / "cloud"
    spent: dict[int, list[float]] = {count: [] for count in counts}
    with local_cloud(cloud, PORT, engine) as env:
        env = {**env, "PALIER_LOCAL_DIR": str(cloud)}
        plain = ("--stack", "local", "--non-interactive")
        for project in (foundation, shards):
            seconds((str(engine.command), "stack", "init", "local", "--non-interactive"), env, project)
        seconds((str(engine.command), *_UP, *plain), env, foundation)
        preview = (str(engine.command), "preview", *plain)
        _set_count(shards, counts[0])
        seconds(preview, env, shards)
        for _ in range(rounds):
            for count in counts:
                _set_count(shards, count)
                spent[count].append(seconds(preview, env, shards))
                print(f"  preview of {count:>3} shards {spent[count][-1]:6.2f} s", flush=True)
    return Growth(spent)
