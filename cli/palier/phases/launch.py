"""Starting the engine so that it may outlive us, and listening to it while it works.

The engine gets a session of its own, so that Ctrl-C at the terminal reaches Palier alone, which asks the
engine to stop in good order. Its output goes to files, not to pipes: a Go program that writes to a pipe
whose reader was killed dies of SIGPIPE, in the middle of whatever it was creating.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from palier.phases import processes
from palier.phases.runs import RunBook, RunRecord

POLL_SECONDS = 0.05
# Ctrl-C, a polite kill, and a closed terminal: the engine finishes what is under way and saves its state.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class EngineRun:
    """A finished run of the engine: exit code, its log and event files, and whether the user stopped it."""

    code: int
    log: Path
    events: Path
    interrupted: bool

    def output(self) -> str:
        """What the engine wrote: errors included, unless they were kept apart."""
        return _text(self.log)

    def errors(self) -> str:
        """What it wrote to stderr, where that was kept apart."""
        return _text(_errors_file(self.log))

    def forget(self) -> None:
        """Remove its files: a quick command's output may hold what was asked for with --show-secrets."""
        for file in (self.log, _errors_file(self.log), self.events):
            file.unlink(missing_ok=True)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def _errors_file(log: Path) -> Path:
    return log.with_suffix(".err")


def run_engine(
    command: Sequence[str],
    *,
    cwd: Path,
    variables: Mapping[str, str],
    book: RunBook,
    operation: str,
    tick: Callable[[Path], None] | None = None,
    on_interrupt: Callable[[int], None] | None = None,
    apart: bool = False,
    recorded: bool = True,
) -> EngineRun:
    """Run one engine command to its end, `recorded` in `book` while it runs.

    `tick` is called with the path of the event log about twenty times a second. SIGINT, SIGTERM and SIGHUP
    become a SIGINT to the engine, and `on_interrupt` is called with how many there have been; the second
    makes the engine give up at once, as it does at a terminal. `apart` keeps stdout and stderr in two files.
    What a failed or stopped engine leaves
    running (its language host does) is ended.
    """
    record = book.begin(operation, recorded=recorded)
    log, events = Path(record.log), Path(record.log).with_suffix(".events")
    arguments = list(command)
    if tick is not None:
        _private(events).close()
        arguments += ["--event-log", str(events)]
    stops = 0
    process: subprocess.Popen[bytes] | None = None

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stops
        stops += 1
        if process is not None:
            processes.send(process.pid, signal.SIGINT)
        if on_interrupt is not None:
            on_interrupt(stops)

    with _handling(stop):
        try:
            process = _start(arguments, cwd, _marked(variables, record), log, apart)
            record = book.started(record, process.pid, recorded=recorded)
            if stops:
                processes.send(process.pid, signal.SIGINT)
            _wait(process, (lambda: tick(events)) if tick else None)
        finally:
            if process is not None:
                _settle(process, record)
            if recorded:
                book.end()
    return EngineRun(process.returncode, log, events, interrupted=stops > 0)


def _marked(variables: Mapping[str, str], record: RunRecord) -> dict[str, str]:
    # The event log is a debugging command of the engine (operations/up.go); the Automation API sets both.
    return {
        **variables,
        processes.RUN_VARIABLE: record.run_id,
        "PULUMI_AUTOMATION_API": "true",
        "PULUMI_DEBUG_COMMANDS": "true",
    }


def _start(
    command: Sequence[str], cwd: Path, variables: Mapping[str, str], log: Path, apart: bool
) -> subprocess.Popen[bytes]:
    with contextlib.ExitStack() as files:
        out = files.enter_context(_private(log))
        errors = files.enter_context(_private(_errors_file(log))) if apart else subprocess.STDOUT
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            start_new_session=True,
        )


def _private(file: Path) -> BinaryIO:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")


def _wait(process: subprocess.Popen[bytes], tick: Callable[[], None] | None) -> None:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=POLL_SECONDS)
        if tick is not None:
            tick()
        if process.returncode is not None:
            return


def _settle(process: subprocess.Popen[bytes], record: RunRecord) -> None:
    """Leave nothing running: when our own code failed the engine is stopped first, in good order."""
    if process.poll() is None:
        processes.send(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.returncode != 0:
        processes.end(record.members())


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Our own handler for the signals that stop us; only the main thread may set one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
