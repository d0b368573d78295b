"""The life of the local cloud: start, stop, look, reset.

The emulator is a process of its own, detached, so that it outlives the command that started it. Whoever
starts, stops or resets it holds one lock, so two commands at once do the thing once. What is true is asked
of the process itself where it can be: its pid file says who to ask, `/palier-api/health` what it is doing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from palier.console import Reporter, Step
from palier.errors import InputError, OperationError
from palier.local import client, pidfile, ports
from palier.local.layout import DEFAULT_REGION, PORT_VARIABLE, Layout, endpoint, layout, port
from palier.local.logs import tail
from palier.paths import LOCAL_ENVIRONMENT, onboarding_dir

SILENCE_SECONDS = 30.0  # without any progress for so long, a start has failed; a replay shows progress
STOP_SECONDS = 10.0  # a request under way may end; then it is killed, which the journal survives
DYING_SECONDS = 1.0  # a killed emulator's last thread may hold its port a moment longer
POLL_SECONDS = 0.05
DIVERGED_SHOWN = 5  # where the first ones fail, those that need them fail too: hundreds say no more


@dataclass(frozen=True)
class Status:
    """What runs. `problem` is a sentence where something is not as it should be, else None.

    `mutations` counts the requests in the journal, `resources` what stands (without what AWS makes by
    itself); both are 0 where nothing runs. `faults` says how a region fails that was made to, `lag_seconds`
    by how much a region lags behind.
    """

    running: bool
    endpoint: str
    port: int
    region: str = DEFAULT_REGION
    pid: int | None = None
    started_at: str | None = None
    resources: int = 0
    mutations: int = 0
    problem: str | None = None
    faults: dict[str, str] = field(default_factory=dict)
    lag_seconds: dict[str, float] = field(default_factory=dict)


def status() -> Status:
    """What runs now; starts nothing, changes nothing."""
    place = layout()
    record = pidfile.read(place.pid_file)
    if record is None or not record.alive():
        stale = place.pid_file.exists()
        problem = f"stale {place.pid_file}: it was killed; `palier local start` goes on from its journal"
        return Status(False, endpoint(port()), port(), problem=problem if stale else None)
    return _status_of(record)


def _status_of(record: pidfile.Record) -> Status:
    address = endpoint(record.port)
    base = {"running": True, "endpoint": address, "port": record.port, "region": record.region}
    known: dict[str, Any] = {**base, "pid": record.pid, "started_at": record.started_at}
    try:
        health = client.ask(address, "health")
        if health.get("pid") != record.pid:
            return Status(**known, problem=f"another process answers on port {record.port}")
        if not health["ready"]:
            return Status(**known, problem=f"still replaying its journal ({_progress(health)})")
        # Before moto is loaded nothing stands, and asking would wait for it.
        resources = client.ask(address, "summary", timeout_seconds=60.0)["total"] if health["loaded"] else 0
    except client.Unreachable as error:
        return Status(**known, problem=f"it runs but does not answer ({error})")
    diverged = health["replay"]["diverged"]
    problem = health["problem"]
    if problem is None and diverged:
        problem = f"{len(diverged)} requests did not replay as recorded: {diverged[0]}"
    counted = {"resources": resources, "mutations": health["mutations"]}
    return Status(**known, **counted, problem=problem, **health["regions"])


def start(report: Reporter) -> Status:
    """Start the emulator, or say that it runs already. Returns once it answers.

    Raises InputError where the port is taken by something else, OperationError where it does not come up.
    """
    place = layout()
    wanted = port()
    place.make()
    _install_plugin()
    with _one_at_a_time(place, report):
        running = _running(place, report)
        if running is not None:
            if running.port != wanted:
                report.warn(
                    f"the local cloud already runs on port {running.port}, not on {wanted} "
                    f"as {PORT_VARIABLE} says; stop it first to move it"
                )
            if not _is_ready(running):
                _wait_until_ready(place, running.pid, running.port, report, "Waiting for the local cloud")
            report.line(f"The local cloud runs already: {endpoint(running.port)} (pid {running.pid})")
            return status()
        _refuse_taken_port(wanted)
        process = _spawn(place, wanted)
        _wait_until_ready(place, process.pid, wanted, report, "Starting the local cloud", process)
    now = status()
    report.line(f"The local cloud runs: {now.endpoint} (pid {now.pid})")
    return now


def stop(report: Reporter) -> bool:
    """Stop the emulator; its journal stays, and the next start goes on from it. True if one ran."""
    place = layout()
    if not place.emulator.is_dir():
        report.line("The local cloud does not run.")
        return False
    with _one_at_a_time(place, report):
        return _stop(place, report)


def reset(report: Reporter) -> None:
    """Forget everything: what stands in the local cloud, and the Pulumi stacks that describe it.

    A running emulator stays up, emptied; the engine and the installed plugin stay.
    """
    place = layout()
    place.make()
    with _one_at_a_time(place, report), report.step("Emptying the local cloud"):
        running = _running(place, report)
        if running is not None:
            client.must_ask(endpoint(running.port), "reset", method="POST")
        else:
            place.journal.unlink(missing_ok=True)
        for folder in (place.backend, place.runs, place.roster, onboarding_dir(LOCAL_ENVIRONMENT)):
            shutil.rmtree(folder, ignore_errors=True)
        place.make()


@contextmanager
def _one_at_a_time(place: Layout, report: Reporter) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(place.start_lock, mode=0o600)
    try:
        lock.acquire(timeout=0.2)
    except Timeout:
        report.line("Another command is starting or stopping the local cloud; waiting for it")
        lock.acquire(timeout=600)
    try:
        yield
    finally:
        lock.release()


def _running(place: Layout, report: Reporter) -> pidfile.Record | None:
    """The emulator that runs for this folder; a stale pid file is removed, with a word."""
    record = pidfile.read(place.pid_file)
    if record is not None and record.alive():
        return record
    if place.pid_file.exists():
        who = f"of process {record.pid}, which is gone" if record else "which cannot be read"
        report.line(f"Removing a stale pid file, {who}")
        place.pid_file.unlink(missing_ok=True)
    return None


def _is_ready(record: pidfile.Record) -> bool:
    with contextlib.suppress(client.Unreachable):
        health = client.ask(endpoint(record.port), "health", timeout_seconds=5.0)
        return bool(health.get("pid") == record.pid and health["ready"])
    return False


def _refuse_taken_port(wanted: int) -> None:
    if ports.becomes_free(wanted, DYING_SECONDS):
        return
    with contextlib.suppress(client.Unreachable):
        other = client.ask(endpoint(wanted), "health", timeout_seconds=3.0)
        if isinstance(other, dict) and "dir" in other:
            raise InputError(
                f"port {wanted} serves another local cloud, that of {other['dir']} (pid {other.get('pid')}); "
                f"stop that one or set {PORT_VARIABLE} to a free port",
                key=PORT_VARIABLE,
            )
    owner = ports.owner(wanted)
    ask = f"held by {owner}" if owner else f"`ss -ltnp 'sport = :{wanted}'` as its owner or root says by whom"
    raise InputError(
        f"port {wanted} is in use by something else ({ask}); stop that or set {PORT_VARIABLE} to a free port",
        key=PORT_VARIABLE,
    )


def _spawn(place: Layout, wanted: int) -> subprocess.Popen[bytes]:
    """Start the emulator detached: its own session, no terminal, nothing of the user's AWS settings."""
    theirs = ("AWS_", "MOTO_", "GITHUB_", "GH_", "SLACK_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    environment["PYTHONHASHSEED"] = "0"  # moto iterates over sets of ids; a replay must see the same order
    command = [sys.executable, "-m", "palier.local.emulator"]
    arguments = ["--port", str(wanted), "--dir", str(place.root), "--region", DEFAULT_REGION]
    descriptor = os.open(place.crash_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as crash_log:
        return subprocess.Popen(
            [*command, *arguments],
            cwd=place.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=crash_log,
            stderr=crash_log,
            start_new_session=True,
        )


def _wait_until_ready(
    place: Layout,
    pid: int,
    port_number: int,
    report: Reporter,
    what: str,
    process: subprocess.Popen[bytes] | None = None,
) -> None:
    """Wait for the emulator to answer that it is ready, as long as it gets on; else OperationError."""
    with report.step(what) as step:
        seen, since = "", time.monotonic()
        while time.monotonic() - since < SILENCE_SECONDS:
            if process is not None and process.poll() is not None:
                raise _did_not_start(place, f"it ended with code {process.returncode}")
            with contextlib.suppress(client.Unreachable):
                health = client.ask(endpoint(port_number), "health", timeout_seconds=5.0)
                if health.get("pid") != pid:
                    raise _did_not_start(place, f"another process answers on port {port_number}")
                if health["ready"]:
                    _tell_divergence(health, report)
                    return
                seen, since = _told(_progress(health), seen, since, step)
            time.sleep(POLL_SECONDS)
        raise _did_not_start(place, f"no answer and no progress for {SILENCE_SECONDS:.0f} s")


def _told(progress: str, seen: str, since: float, step: Step) -> tuple[str, float]:
    if progress == seen:
        return seen, since
    step.update(f"replaying {progress} requests")
    return progress, time.monotonic()


def _progress(health: dict[str, Any]) -> str:
    return f"{health['replay']['done']} of {health['replay']['total']}"


def _tell_divergence(health: dict[str, Any], report: Reporter) -> None:
    diverged = health["replay"]["diverged"]
    for line in diverged[:DIVERGED_SHOWN]:
        report.warn(f"replay: {line}")
    if len(diverged) > DIVERGED_SHOWN:
        report.warn(f"replay: and {len(diverged) - DIVERGED_SHOWN} more like these")
    if diverged:
        report.warn(
            "what stands may differ from what stood: `palier refresh` tells, `palier local reset` empties"
        )


def _did_not_start(place: Layout, why: str) -> OperationError:
    last = [*tail(place.crash_log, 12), *tail(place.log, 6)]
    return OperationError(
        "\n".join([f"the local cloud did not start: {why}", *(f"    {line}" for line in last)]),
        left=f"its journal, {place.journal}, is kept",
        next_step="palier local logs; palier local start",
    )


def _stop(place: Layout, report: Reporter) -> bool:
    record = _running(place, report)
    if record is None:
        report.line("The local cloud does not run.")
        return False
    with report.step("Stopping the local cloud"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGTERM)
        if not _gone(record, STOP_SECONDS):
            report.line(f"It did not end within {STOP_SECONDS:.0f} s; killing it (its journal is complete)")
            with contextlib.suppress(ProcessLookupError):
                os.kill(record.pid, signal.SIGKILL)
            if not _gone(record, STOP_SECONDS):
                raise OperationError(
                    f"process {record.pid} cannot be ended", next_step=f"kill -9 {record.pid}"
                )
        place.pid_file.unlink(missing_ok=True)
    return True


def _gone(record: pidfile.Record, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not record.alive():
            return True
        time.sleep(POLL_SECONDS)
    return not record.alive()


def _install_plugin() -> None:
    """Put Palier's provider plugin where the engine of local mode finds it."""
    from palier.local import plugin

    plugin.install()
