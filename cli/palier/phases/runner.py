"""Running one operation on one phase: settle, run the engine, tell, sum up.

The engine is started by `palier.phases.launch` with the very arguments that the Automation API's
`Stack.up` would give it; ADR 0006 tells what of that API is used and why the rest is not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from palier.console import Reporter
from palier.errors import InputError
from palier.phases import recovery
from palier.phases.failures import Failed, brief, translate
from palier.phases.launch import EngineRun
from palier.phases.progress import Change, EventLog, Progress, Violation, describe
from palier.phases.stack import PhaseStack
from palier.phases.state import StackState

_TITLES = {
    "up": "Bringing {} up",
    "preview": "Previewing {}",
    "refresh": "Reading what stands of {}",
    "destroy": "Taking {} down",
}


@dataclass(frozen=True)
class Options:
    """What a user may ask of an operation, in the engine's own words.

    `choices` decides pending creations of a real account: URN to provider id, None for "does not stand".
    `policy_packs` are folders of packs that judge the operation, `variables` what their processes are told.
    `refusals_told`: a preview that policies refuse is an outcome, not an error.
    """

    parallel: int | None = None
    refresh: bool = False
    diff: bool = False
    message: str | None = None
    debug: bool = False
    choices: Mapping[str, str | None] = field(default_factory=dict)
    policy_packs: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    refusals_told: bool = False

    def arguments(self) -> list[str]:
        """The engine's arguments for them."""
        return [
            *(["--parallel", str(self.parallel)] if self.parallel else []),
            *(["--diff"] if self.diff else []),
            *(["--message", self.message] if self.message else []),
            *(part for pack in self.policy_packs for part in ("--policy-pack", str(pack))),
        ]


@dataclass(frozen=True)
class Outcome:
    """What an operation did: resources that stand in the cloud by kind of change, and seconds it took."""

    phase: str
    environment: str
    operation: str
    counts: Mapping[str, int]
    changed: bool
    stands: int
    seconds: float
    log: Path
    changes: tuple[Change, ...] = ()
    details: str = ""
    violations: tuple[Violation, ...] = ()
    policies: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For `--output json`."""
        shown = {"phase": self.phase, "environment": self.environment, "operation": self.operation}
        result: dict[str, Any] = {**shown, **self.counts, "changed": self.changed, "stands": self.stands}
        if self.operation == "preview":
            result["changes"] = [
                {"op": change.op, "urn": change.urn, "properties": list(change.keys)}
                for change in self.changes
            ]
        return {**result, "seconds": round(self.seconds, 2), "log": str(self.log)}

    def sentence(self) -> str:
        """One line for people."""
        seconds = f"({self.seconds:.1f} s)"
        if not self.changed:
            said = (
                "drift: none, the state tells what stands"
                if self.operation == "refresh"
                else "nothing to change"
            )
            return f"{self.phase} ({self.environment}): {said}, {self.stands} resources stand {seconds}"
        would = "would be " if self.operation == "preview" else ""
        same = f", {self.counts['same']} unchanged" if self.counts.get("same") else ""
        return f"{self.phase} ({self.environment}): {would}{self.changes_text()}{same} {seconds}"

    def changes_text(self) -> str:
        """What changed, by kind."""
        if not self.changed:
            return "nothing to change"
        kinds = [f"{number} {kind}" for kind, number in self.counts.items() if number and kind != "same"]
        return ", ".join(kinds) or "only components and outputs changed"


class Runner:
    """Runs operations on one stack. `command` is what the user would type to go on after a failure."""

    def __init__(self, stack: PhaseStack, report: Reporter, command: str) -> None:
        self.stack, self.report, self.command = stack, report, command

    def preview(self, options: Options) -> Outcome:
        """What an `up` would change; changes nothing in the cloud."""
        record = self.stack.book.read()
        if record is None or (not record.palier_lives() and record.engine() is None):
            recovery.mend_files(self.stack, self.report)
        self._ensure()
        if self.stack.state().pending:
            self.report.warn("an earlier run was interrupted; `up` or `refresh` settles what it left behind")
        refresh = options.refresh or self.stack.book.owes_refresh()
        arguments = ["preview", *options.arguments(), *(["--refresh"] if refresh else [])]
        return self._run("preview", arguments, options, with_refresh=False)

    def up(self, options: Options) -> Outcome:
        """Bring the phase up, or to its new settings; after a kill this goes on where that run ended."""
        with self.stack.book.alone():
            recovery.settle(self.stack, self.report, options.choices)
            self._ensure()
            self._doubt()
            refresh = options.refresh or self.stack.book.owes_refresh()
            arguments = ["up", "--yes", "--skip-preview", *options.arguments()]
            return self._run(
                "up", [*arguments, *(["--refresh"] if refresh else [])], options, with_refresh=refresh
            )

    def refresh(self, options: Options) -> Outcome:
        """Read what really stands into the state."""
        with self.stack.book.alone():
            self._require_stack()
            recovery.settle(self.stack, self.report, options.choices)
            before = self.stack.state()
            arguments = ["refresh", "--yes", "--skip-preview", *options.arguments()]
            outcome = self._run("refresh", arguments, options, with_refresh=True)
        if before.real and outcome.counts["deleted"] >= len(before.real):
            self.report.warn(
                f"nothing of {self.stack.phase.name} stands any more"
                + (" (was the local cloud reset?)" if self.stack.environment.is_local else "")
                + f"; `palier up {self.stack.phase.name}{self._env_option()}` makes it again"
            )
        return outcome

    def destroy(self, options: Options, *, remove_stack: bool) -> Outcome:
        """Take the phase down, and remove its empty stack if that is wanted."""
        with self.stack.book.alone():
            self._require_stack()
            recovery.settle(self.stack, self.report, options.choices)
            refresh = options.refresh or self.stack.book.owes_refresh()
            arguments = ["destroy", "--yes", "--skip-preview", *options.arguments()]
            arguments += ["--refresh"] if refresh else []
            outcome = self._run("destroy", arguments, options, with_refresh=refresh)
            if remove_stack:
                self.stack.remove()
        return outcome

    def _ensure(self) -> None:
        """Make the stack where there is none; its files must be whole first."""
        if self.stack.ensure():
            self.report.line(f"Made the stack {self.stack.phase.name} ({self.stack.name})")

    def _doubt(self) -> None:
        """Where the local cloud has been emptied behind the state's back, the state is to be read again."""
        if self.stack.environment.emptied and self.stack.state().stands:
            self.report.warn("the local cloud is empty though the state tells otherwise (was it reset?)")
            self.stack.book.owe_refresh()

    def _require_stack(self) -> None:
        if not self.stack.state().exists:
            raise InputError(
                f"{self.stack.phase.name} does not stand in {self.stack.name}: there is no such stack; "
                f"`palier up {self.stack.phase.name}{self._env_option()}` makes it"
            )

    def _env_option(self) -> str:
        return "" if self.stack.environment.is_local else f" --env {self.stack.name}"

    def _run(self, operation: str, arguments: list[str], options: Options, *, with_refresh: bool) -> Outcome:
        phase = self.stack.phase.name
        progress = Progress(expected=len(self.stack.state().real))
        events = EventLog(lambda event: self._take(progress, event))
        started = time.monotonic()
        with self.report.step(f"{_TITLES[operation].format(phase)} ({self.stack.name})") as step:

            def tick(file: Path) -> None:
                if events.read(file):
                    step.update(progress.text())

            run = self.stack.run(arguments, operation, tick, self._interrupted, options.variables)
            after = self.stack.state()
            self._judge(operation, run, progress, after, options)
        if with_refresh:
            self.stack.book.refreshed()
        return Outcome(
            phase=phase,
            environment=self.stack.name,
            operation=operation,
            counts=dict(progress.counts),
            changed=progress.changed,
            stands=len(after.real),
            seconds=time.monotonic() - started,
            log=run.log,
            changes=tuple(progress.changes),
            details=run.output() if options.diff else "",
            violations=tuple(progress.violations),
            policies=tuple(progress.policies),
        )

    def _take(self, progress: Progress, event: Mapping[str, Any]) -> None:
        known = len(progress.failures)
        progress.take(event)
        for kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
            if (told := event.get(kind)) is not None:
                metadata = told["metadata"]
                self.report.event(
                    _EVENTS[kind], op=metadata["op"], urn=metadata["urn"], phase=self.stack.phase.name
                )
        for failure in progress.failures[known:]:
            self.report.event(
                "failure", urn=failure.urn, message=brief(failure.message), phase=self.stack.phase.name
            )

    def _interrupted(self, times: int) -> None:
        if times == 1:
            self.report.line("Stopping: the engine finishes what is under way (again to give up at once)")
        else:
            self.report.line("Giving up at once; the next run settles what is left")

    def _judge(
        self, operation: str, run: EngineRun, progress: Progress, after: StackState, options: Options
    ) -> None:
        """Raise what a run that did not end well deserves."""
        if run.code == 0:
            return
        if run.interrupted:
            pending = f", {len(after.pending)} pending" if after.pending else ""
            self.report.line(
                f"{self.stack.phase.name}: {len(after.real)} resources stand{pending}; log: {run.log}"
            )
            raise KeyboardInterrupt
        if options.refusals_told and progress.refused:
            return
        output = run.output()
        if options.debug:
            self.report.line(output)
        raise translate(
            Failed(
                phase=self.stack.phase.name,
                environment=self.stack.name,
                operation=operation,
                again=self.command,
                output=output,
                progress=progress,
                after=after,
                log=run.log,
            )
        )


_EVENTS = {
    "resourcePreEvent": "resource_started",
    "resOutputsEvent": "resource_ended",
    "resOpFailedEvent": "resource_failed",
}


def planned(outcome: Outcome) -> list[str]:
    """The changes of a preview, one line each: sign, resource, and the properties that differ."""
    lines = []
    for change in outcome.changes:
        if change.op in _SIGNS:
            keys = f"  [{', '.join(change.keys)}]" if change.keys else ""
            lines.append(f"  {_SIGNS[change.op]} {describe(change.urn)}{keys}")
    return lines


_SIGNS = {"create": "+ ", "update": "~ ", "delete": "- ", "replace": "+-", "import": "= "}
