"""How a command tells what it does while it does it.

Three voices behind one interface: a terminal (a spinner with the time spent), a plain log (a line when
a step starts and one when it ends, for CI and pipes), and JSON lines for machines. Progress goes to
stderr, results to stdout, so that a command's result can be piped.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from palier.stages import Stages, TerminalStages

if TYPE_CHECKING:
    from rich.console import Console


class Step(Protocol):
    """A step under way."""

    def update(self, text: str) -> None:
        """Say what the step is doing now."""


class Reporter:
    """The plain log; the other two voices differ from it in how they say a thing, not in what."""

    _stages: Stages | None = None

    @contextmanager
    def stages(self, names: Sequence[str]) -> Iterator[Stages]:
        """Several stages, told of as one: every step in them belongs to the stage under way."""
        self._stages = Stages(self, names)
        try:
            yield self._stages
        finally:
            self._stages = None

    def line(self, text: str) -> None:
        """One line of information."""
        print(text, file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """One line that the user should act on some day."""
        self.line(f"warning: {text}")

    def event(self, kind: str, **fields: Any) -> None:
        """A fact for machines; only the JSON voice says it."""

    @contextmanager
    def step(self, text: str) -> Iterator[Step]:
        """A step that may take seconds: told when it starts and, with its time, when it ends."""
        started = time.monotonic()
        text = f"{self._stages.prefix}{text}" if self._stages else text
        self.line(f"{text} ...")
        try:
            yield _PlainStep(self)
        except BaseException:
            self.line(f"{text}: failed after {time.monotonic() - started:.1f} s")
            raise
        self.line(f"{text}: {time.monotonic() - started:.1f} s")


class _PlainStep:
    """Says at most one line every two seconds, so that a log stays readable."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._said_at = time.monotonic()

    def update(self, text: str) -> None:
        if time.monotonic() - self._said_at >= 2.0:
            self._said_at = time.monotonic()
            self._reporter.line(f"  {text}")


class TerminalReporter(Reporter):
    """For people at a terminal: a spinner, the time spent, a tick."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def stages(self, names: Sequence[str]) -> Iterator[Stages]:
        """A row for each stage, drawn until the last one has ended. One stage alone is told as steps."""
        if len(names) < 2:
            with super().stages(names) as plain:
                yield plain
            return
        stages = TerminalStages(self, names, self.console)
        self._stages = stages
        try:
            with stages.drawn():
                yield stages
        finally:
            self._stages = None

    def line(self, text: str) -> None:
        """One line, marked up by nobody."""
        self.console.print(text, markup=False, highlight=False)

    @contextmanager
    def step(self, text: str) -> Iterator[Step]:
        """A spinner with the time spent, then a tick or a cross; among stages, the row of the stage."""
        if isinstance(self._stages, TerminalStages):
            stages = self._stages
            stages.update(text)
            yield _SpinnerStep(lambda more: stages.update(f"{text} · {more}"))
            return
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        started = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        try:
            with Progress(*columns, console=self.console, transient=True) as progress:
                task = progress.add_task(text, total=None)
                yield _SpinnerStep(lambda more: progress.update(task, description=f"{text} · {more}"))
        except BaseException:
            self.line(f"✗ {text} ({time.monotonic() - started:.1f} s)")
            raise
        self.line(f"✓ {text} ({time.monotonic() - started:.1f} s)")


class _SpinnerStep:
    def __init__(self, say: Any) -> None:
        self._say = say

    def update(self, text: str) -> None:
        self._say(text)


class JsonReporter(Reporter):
    """For machines: one JSON object a line on stderr, each with `event`."""

    def event(self, kind: str, **fields: Any) -> None:
        """Write one event."""
        print(json.dumps({"event": kind, **fields}, default=str), file=sys.stderr, flush=True)

    def line(self, text: str) -> None:
        """A line as an event of kind `line`."""
        self.event("line", text=text)

    def warn(self, text: str) -> None:
        """A warning as an event of kind `warning`."""
        self.event("warning", text=text)

    @contextmanager
    def step(self, text: str) -> Iterator[Step]:
        """`step_started`, then `step_ended` with seconds and success."""
        started = time.monotonic()
        self.event("step_started", text=text)
        ok = False
        try:
            yield _SpinnerStep(lambda more: self.event("step_update", text=text, detail=more))
            ok = True
        finally:
            self.event("step_ended", text=text, seconds=round(time.monotonic() - started, 3), ok=ok)


def reporter(output: str = "text") -> Reporter:
    """The voice for `output` ("text" or "json") and for where stderr goes."""
    if output == "json":
        return JsonReporter()
    if sys.stderr.isatty():
        from rich.console import Console

        return TerminalReporter(Console(stderr=True))
    return Reporter()
