"""What the packs add to a preview, beside what the protocol costs by itself and beside Checkov.

The floor is a pack of sixteen policies of the policy SDK that look at nothing. What a run adds is its time
less that of a run without a pack, both of one round. The provider does nothing, so that little else is
measured.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from palier.engine import Engine

from benchmarks.many_resources import resources, terraform_plan
from benchmarks.measure import seconds
from benchmarks.phases import ROOT, local_cloud, serve_floor

COUNTS = (10, 100, 1_000, 5_000)
MAIN = 1_000
CHECKOV = "checkov==3.3.30"
_PORT = 4786
_PROGRAM = """import os

import pulumi
from benchmarks.many_resources import resources

for each in resources(int(os.environ["BENCH_RESOURCES"])):
    pulumi.CustomResource(each.type, each.name, each.inputs)
"""
_TRIVIAL = """from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

PolicyPack("trivial", [
    ResourceValidationPolicy(f"trivial-{n}", "Holds.", lambda args, report: None, EnforcementLevel.ADVISORY)
    for n in range(16)
])
"""


@dataclass
class Measured:
    """Seconds by number of resources and kind of run, of every round; the rest is of the main number."""

    spent: dict[tuple[int, str], list[float]] = field(default_factory=dict)
    checkov: list[float] = field(default_factory=list)
    checkov_version: str = ""
    judged_s: float = 0.0

    def note(self, count: int, what: str, spent_s: float) -> None:
        """Keep one run."""
        self.spent.setdefault((count, what), []).append(spent_s)
        print(f"  {count:>5} resources, {what:<14} {spent_s:6.2f} s", flush=True)

    def added_s(self, count: int, what: str) -> list[float]:
        """What a kind of run adds to one without packs, round by round."""
        return [a - b for a, b in zip(self.spent[count, what], self.spent[count, "no pack"], strict=True)]


def measure(engine: Engine, folder: Path, rounds: int, counts: Sequence[int] = COUNTS) -> Measured:
    """Previews of each number of resources without a pack, with ours, and (the main number) the floor's."""
    found = Measured()
    project, packs, platform = _project(folder), _packs(folder), _platform(folder)
    with local_cloud(folder / "cloud", _PORT, engine) as env:
        serve_floor(folder / "cloud")
        variables = {
            **env,
            "PALIER_LOCAL_DIR": str(folder / "cloud"),
            "PALIER_PLATFORM_FILE": str(platform),
            "PYTHONPATH": str(ROOT),
        }
        init = (str(engine.command), "stack", "init", "local", "--non-interactive")
        seconds(init, variables, project)
        _preview(engine, variables, project, 10, packs["palier"])  # fills the caches
        for _ in range(rounds):
            for count in counts:
                kinds = ("no pack", *packs) if count == MAIN else ("no pack", "palier")
                for what in kinds:
                    taken = _preview(engine, variables, project, count, packs.get(what, ()))
                    found.note(count, what, taken)
    _checkov(folder, found, rounds)
    found.judged_s = judged_s(platform)
    return found


def _preview(
    engine: Engine, variables: Mapping[str, str], project: Path, count: int, packs: Sequence[Path]
) -> float:
    given = [part for pack in packs for part in ("--policy-pack", str(pack))]
    command = (str(engine.command), "preview", "--stack", "local", "--non-interactive", *given)
    return seconds(command, {**variables, "BENCH_RESOURCES": str(count)}, project)


def _project(folder: Path) -> Path:
    project = folder / "many"
    project.mkdir(parents=True)
    (project / "Pulumi.yaml").write_text("name: many\nruntime: python\n")
    (project / "__main__.py").write_text(_PROGRAM)
    return project


def _packs(folder: Path) -> dict[str, tuple[Path, ...]]:
    trivial = folder / "trivial"
    trivial.mkdir()
    (trivial / "PulumiPolicy.yaml").write_text("name: trivial\nversion: 0.0.1\nruntime: python\n")
    (trivial / "__main__.py").write_text(_TRIVIAL)
    ours = ROOT / "policies"
    return {
        "palier": (ours / "all",),
        "two processes": (ours / "capacity", ours / "architecture"),
        "floor": (trivial,),
    }


def _platform(folder: Path) -> Path:
    file = folder / "palier.yaml"
    metrics = {"cpu_utilization": 30, "database_utilization": 30, "database_connections": 30}
    metrics |= {"mau": 1_000_000, "revenue": 10_000_000, "infrastructure_cost": 100_000}
    rows = "".join(
        f"  - {{date: 2026-11-01, metric: {name}, value: {each}}}\n" for name, each in metrics.items()
    )
    file.write_text(f"platform: bench\ncurrency: USD\nobservations:\n{rows}")
    return file


def _checkov(folder: Path, found: Measured, rounds: int) -> None:
    """Checkov on the same resources, in an environment of its own; nothing of it is sent anywhere."""
    environment = folder / "checkov"
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(environment)], check=True)
    python = str(environment / "bin" / "python")
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, CHECKOV], check=True)
    plan = folder / "tfplan.json"
    plan.write_text(json.dumps(terraform_plan(MAIN)))
    command = (
        str(environment / "bin" / "checkov"),
        "--file",
        str(plan),
        "--compact",
        "--quiet",
        "--soft-fail",
    )
    for _ in range(rounds):
        taken = seconds(command, {**os.environ, "CKV_DISABLE_GUIDE": "1"}, folder)
        found.checkov.append(taken)
        print(f"  {MAIN:>5} resources, {CHECKOV:<14} {taken:6.2f} s", flush=True)
    shutil.rmtree(environment)


def judged_s(platform: Path, count: int = MAIN, rounds: int = 5) -> float:
    """Median seconds of judging so many resources in this process, palier.yaml read and forecast made."""
    from palier.capacity.platform_file import load
    from palier_policies.catalog import packs
    from palier_policies.judge import Judge
    from palier_policies.resources import of_entries
    from palier_policies.rules import Rules
    from palier_policies.stack import Stack

    entries = [
        {
            "urn": f"urn:pulumi:local::many::{each.type}::{each.name}",
            "type": each.type,
            "custom": True,
            "inputs": each.inputs,
        }
        for each in resources(count)
    ]
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        stack = Stack("many", "local", tuple(of_entries(entries)), tuple, lambda: load(platform))
        for pack in packs():
            Judge(pack, Rules()).everything(stack)
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)


def table(found: Measured) -> list[str]:
    """The rows of docs/benchmarks.md."""
    ours, floor = found.added_s(MAIN, "palier"), found.added_s(MAIN, "floor")
    ratios = [a / b for a, b in zip(ours, floor, strict=True)]
    faster = [a / b for a, b in zip(found.checkov, ours, strict=True)]
    lines = [
        f"| added to a preview of {MAIN:,} resources | seconds | range | goal |",
        "|---|---:|---:|---:|",
        _row("both packs, in one process (policies/all)", ours, ""),
        _row("both packs, each in its own process", found.added_s(MAIN, "two processes"), ""),
        _row("the floor: sixteen policies of the SDK that look at nothing", floor, ""),
        _row("ratio, packs to floor", ratios, "≤ 1.2", digits=2),
        _row(
            f"Checkov ({CHECKOV.partition('==')[2]}) on them as a Terraform plan, in all", found.checkov, ""
        ),
        _row("times faster than Checkov", faster, "≥ 8", digits=1),
        f"| judging them in one process, platform and forecast included | {found.judged_s:.3f} |  | < 0.2 |",
        "",
        "| resources | added by both packs (s) | exponent of the growth since the row above | goal |",
        "|---:|---:|---:|---:|",
    ]
    counts = sorted({count for count, _ in found.spent})
    before: tuple[int, float] | None = None
    for count in counts:
        added = statistics.median(found.added_s(count, "palier"))
        exponent = ""
        if before is not None and added > 0 and before[1] > 0:
            exponent = f"{math.log(added / before[1]) / math.log(count / before[0]):.2f}"
        lines.append(f"| {count:,} | {added:.2f} | {exponent} | {'≤ 1' if before else ''} |")
        before = (count, added)
    return [*lines, ""]


def _row(name: str, values: Sequence[float], goal: str, digits: int = 2) -> str:
    low, high = min(values), max(values)
    return (
        f"| {name} | {statistics.median(values):.{digits}f} | {low:.{digits}f}–{high:.{digits}f} | {goal} |"
    )
