"""The rehearsal: the phases brought up on the local cloud, checked through its API, and shown.

It is what a new user runs first, so it ends by telling where to look, and it is safe to run again: what
stands stays, and the second run says that there was nothing to change. Where further regions were brought up
by it, the writer is moved to one and back, as a drill.
"""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from palier.console import Reporter
from palier.errors import OperationError
from palier.phases import catalog
from palier.phases.environment import prepare
from palier.phases.operations import REGIONS, Operations, Selection
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
class Drill:
    """The writer moved to another region, or back: seconds of each, against the targets of the settings."""

    sentence: str
    rto_seconds: float | None
    rpo_seconds: float | None
    kept: bool
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """For `--output json`."""
        return dict(self.__dict__)

    def line(self) -> str:
        """One line for people."""
        measured = f"RTO {_seconds(self.rto_seconds)}, RPO {_seconds(self.rpo_seconds)}"
        return f"  {self.sentence}: {measured}, within the targets ({self.seconds:.0f} s in all)"


def _seconds(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f} s"


@dataclass(frozen=True)
class Rehearsal:
    """A finished rehearsal. `endpoint` is the local cloud's address."""

    endpoint: str
    stages: tuple[Stage, ...]
    drills: tuple[Drill, ...]
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
            "drills": [drill.as_dict() for drill in self.drills],
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
            *(drill.line() for drill in self.drills),
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
    outcomes = _bring_up(through, report, options)
    environment = prepare(LOCAL, report)
    endpoint = environment.endpoint or ""
    stages = []
    for outcome in outcomes:
        phase = catalog.find(outcome.phase)
        checks, failed = _check(phase, endpoint, report)
        outputs = PhaseStack(phase, environment).state().outputs or {}
        endpoints = {
            name: value for name, value in outputs.items() if "endpoint" in name and isinstance(value, str)
        }
        stages.append(Stage(outcome, checks, failed, endpoints))
    _refuse(stages)
    drills: tuple[Drill, ...] = ()
    if away := _moves(outcomes, report):
        drills = tuple(_switchover(to, report) for to in away)
        # A database that changed sides has another id and another master secret: the states are to know.
        _bring_up(through, report, options)
        again = [_check(catalog.find(outcome.phase), endpoint, report)[1] for outcome in outcomes]
        _refuse([replace(stage, failed=failed) for stage, failed in zip(stages, again, strict=True)])
    return Rehearsal(endpoint, tuple(stages), drills, time.monotonic() - started)


def _bring_up(through: str, report: Reporter, options: Options) -> list[Outcome]:
    selection = Selection(through, through=True)
    return Operations(LOCAL, report, ask=None).up(
        selection, options, lambda outcome: report.line(outcome.sentence())
    )


def _moves(outcomes: list[Outcome], report: Reporter) -> list[str]:
    """The regions to move the writer to, in turn: away and home, or to the end of what was killed."""
    regions = next((outcome for outcome in outcomes if outcome.phase == REGIONS), None)
    if regions is None:
        return []
    from palier.regions.access import access

    reach = access(LOCAL, report)
    home = reach.topology.home
    unfinished = reach.journal.unfinished()
    if unfinished is not None:
        return list(dict.fromkeys((unfinished.to, home)))
    if reach.hands.active_region(home) != home:
        return [home]
    return [reach.topology.others(home)[0], home] if regions.changed else []


def _switchover(to: str, report: Reporter) -> Drill:
    from palier.regions.access import access
    from palier.regions.measure import measure

    reach = access(LOCAL, report)
    started = time.monotonic()
    done = reach.mover(report, None).switchover(to)
    if done is None:
        raise OperationError(f"{to} writes already", next_step="palier region status")
    measured = measure(done, reach.topology.targets)
    drill = Drill(
        done.sentence(),
        measured.rto_seconds,
        measured.rpo_seconds,
        bool(measured.rto_kept and measured.rpo_kept),
        time.monotonic() - started,
    )
    if not drill.kept:
        raise OperationError(f"beyond the targets: {drill.line().strip()}", next_step="palier region history")
    return drill


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
