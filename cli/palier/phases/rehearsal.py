"""The rehearsal: the phases brought up on the local cloud, checked through its API, and shown.

It is what a new user runs first, so it ends by telling where to look, and it is safe to run again: what
stands stays, and the second run says that there was nothing to change.
"""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palier.console import Reporter
from palier.errors import OperationError
from palier.phases import catalog
from palier.phases.environment import prepare
from palier.phases.operations import Operations, Selection
from palier.phases.runner import Options, Outcome
from palier.phases.runs import LOCAL
from palier.phases.stack import PhaseStack


@dataclass(frozen=True)
class Stage:
    """One phase of a rehearsal. `checks` and `failed` count the acceptance checks; None: none are written."""

    outcome: Outcome
    checks: int | None
    failed: tuple[str, ...]
    endpoints: dict[str, str]

    def line(self, wide: int) -> str:
        """One line for people."""
        checked = "no checks are written for it" if self.checks is None else f"all {self.checks} checks hold"
        return f"  {self.outcome.phase:<{wide}}  {self.outcome.stands} resources stand, {checked}"


@dataclass(frozen=True)
class Rehearsal:
    """A finished rehearsal. `endpoint` is the local cloud's address."""

    endpoint: str
    stages: tuple[Stage, ...]
    seconds: float

    @property
    def changed(self) -> bool:
        """Whether anything had to be changed."""
        return any(stage.outcome.changed for stage in self.stages)

    def as_dict(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            "operation": "rehearse",
            "endpoint": self.endpoint,
            "changed": self.changed,
            "phases": [
                {**stage.outcome.as_dict(), "checks": stage.checks, "endpoints": stage.endpoints}
                for stage in self.stages
            ],
            "seconds": round(self.seconds, 2),
        }

    def lines(self) -> list[str]:
        """What stands and where to look."""
        wide = max(len(stage.outcome.phase) for stage in self.stages)
        endpoints = {name: value for stage in self.stages for name, value in stage.endpoints.items()}
        done = "" if self.changed else ": nothing to change"
        return [
            "",
            f"The rehearsal stands{done} ({self.seconds:.0f} s). Local cloud: {self.endpoint}",
            *(stage.line(wide) for stage in self.stages),
            *(f"  {name}: {value}" for name, value in sorted(endpoints.items())),
            "",
            "Look around with any AWS tool:",
            *_activation(),
            '  eval "$(palier local env)"',
            "  python -c \"import boto3; print(*(d['DBInstanceIdentifier'] for d in "
            "boto3.client('rds').describe_db_instances()['DBInstances']), sep='\\n')\"",
            "Change a setting in stacks/foundation/Pulumi.local.yaml, then: palier up foundation",
            "Take it all down: palier destroy --through foundation",
        ]


def _activation() -> list[str]:
    """How to have `palier` and `pulumi` at hand, where the shell does not have them yet (`make rehearse`)."""
    script = Path(sys.executable).with_name("activate")
    if shutil.which("palier") or not script.is_file():
        return []
    near = script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script
    return [f"  . {near}"]


def rehearse(through: str, report: Reporter, options: Options) -> Rehearsal:
    """Bring every phase up to `through` on the local cloud, and check each through the AWS API.

    Raises OperationError where a check does not hold, after all phases have been looked at.
    """
    started = time.monotonic()
    outcomes = Operations(LOCAL, report, ask=None).up(
        Selection(through, through=True), options, lambda outcome: report.line(outcome.sentence())
    )
    environment = prepare(LOCAL, report)
    stages = []
    for outcome in outcomes:
        phase = catalog.find(outcome.phase)
        checks, failed = _check(phase, environment.endpoint or "", report)
        outputs = PhaseStack(phase, environment).state().outputs or {}
        endpoints = {
            name: value for name, value in outputs.items() if "endpoint" in name and isinstance(value, str)
        }
        stages.append(Stage(outcome, checks, failed, endpoints))
    _refuse(stages)
    return Rehearsal(environment.endpoint or "", tuple(stages), time.monotonic() - started)


def _check(phase: catalog.PhaseLike, endpoint: str, report: Reporter) -> tuple[int | None, tuple[str, ...]]:
    """How many checks there are for a phase, and a line for each that does not hold."""
    from palier.verification.run import run_checks
    from palier.verification.session import Clients
    from palier.verification.table import PHASES
    from palier.verification.wanted import region_of

    if phase.name not in PHASES:
        return None, ()
    needed = [*(catalog.find(name) for name in phase.requires), phase]
    settings = {each.name: catalog.load_settings(each, LOCAL) for each in needed}
    with report.step(f"Checking {phase.name} through the AWS API"):
        clients = Clients(region=region_of(settings[phase.name]), endpoint=endpoint)
        results = run_checks(phase.name, settings, LOCAL, clients)
    failed = tuple(
        f"{result.check}: {result.subject}: {result.actual}; wanted: {result.expected}"
        for result in results
        if not result.ok
    )
    return len({result.check for result in results}), failed


def _refuse(stages: list[Stage]) -> None:
    failed = [(stage.outcome.phase, line) for stage in stages for line in stage.failed]
    if failed:
        shown = "".join(f"\n  {phase}: {line}" for phase, line in failed)
        phases = dict.fromkeys(phase for phase, _ in failed)
        raise OperationError(
            f"the phases are up, but {len(failed)} facts do not hold:{shown}",
            left="what was brought up stands",
            next_step="; ".join(f"palier verify {phase}" for phase in phases),
        )
