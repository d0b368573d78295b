"""Which processes are ours: told by when they started and by a mark in their environment, never by name.

A pid alone proves nothing: it may have been given to another program since. A process is known by its
pid together with its start time, and everything an engine run started carries `PALIER_RUN=<id>`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from palier.local.pidfile import process_began

RUN_VARIABLE = "PALIER_RUN"
PROC = Path("/proc")


def identity(pid: int) -> str | None:
    """What tells a process from a later one of the same pid; None where it has ended (a zombie has)."""
    return process_began(pid) if pid > 0 else None


def alive(pid: int | None, known_identity: str | None) -> bool:
    """Whether the very process that had this identity still runs."""
    return pid is not None and known_identity is not None and identity(pid) == known_identity


def of_run(run_id: str, session: int | None) -> list[int]:
    """Pids of the processes of an engine run, ours not among them.

    On Linux those that carry the run's mark in their environment; elsewhere those of its session.
    """
    if (PROC / "self/environ").exists():
        mark = f"{RUN_VARIABLE}={run_id}".encode()
        return [pid for pid in _pids() if mark in _environment(pid) and identity(pid) is not None]
    return [pid for pid in _pids() if session is not None and _session(pid) == session]


def _pids() -> list[int]:
    if PROC.is_dir() and (PROC / "self").exists():
        found = [int(name) for name in os.listdir(PROC) if name.isdigit()]
    else:
        ps = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True, check=False)
        found = [int(word) for word in ps.stdout.split()]
    return [pid for pid in found if pid != os.getpid()]


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:  # ended meanwhile, or another user's
        return []


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def leads_session(pid: int) -> bool:
    """Whether the process leads a session, as an engine that we started does."""
    return _session(pid) == pid


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that has ended is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def end(pids: Iterable[int], grace_seconds: float = 2.0) -> list[int]:
    """End processes: SIGTERM, then SIGKILL for those that are left. Returns those that had to be ended."""
    known = {pid: identity(pid) for pid in pids}
    living = [pid for pid, started in known.items() if started is not None]
    for pid in living:
        send(pid, signal.SIGTERM)
    if not wait_until(lambda: not any(alive(pid, known[pid]) for pid in living), grace_seconds):
        for pid in living:
            if alive(pid, known[pid]):
                send(pid, signal.SIGKILL)
        wait_until(lambda: not any(alive(pid, known[pid]) for pid in living), grace_seconds)
    return living


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, looking twenty times a second. Returns whether it came about in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True
