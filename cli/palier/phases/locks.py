"""The locks of a stack in a file backend: whose they are, and removing those of the dead.

The engine writes one JSON file per lock with its pid, user and host (pkg/backend/diy/lock.go) and leaves
it when it is killed. `pulumi cancel` removes every lock of a stack, a living holder's too; here only the
lock of a process that has ended on this very host goes.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from palier.phases import processes


@dataclass(frozen=True)
class Lock:
    """One lock file."""

    file: Path
    pid: int
    user: str
    host: str
    since: str

    def is_dead(self) -> bool:
        """Whether its holder has surely ended: a process of this host that is no more.

        A process of the same pid that started after the lock was written is another one.
        """
        if self.host != socket.gethostname():
            return False
        return processes.identity(self.pid) is None or _started_after(self.pid, self.since)

    def holder(self) -> str:
        """Who holds it, for a message."""
        return f"{self.user}@{self.host}, pid {self.pid}, since {self.since}"


def read(backend: Path, project: str, stack: str) -> list[Lock]:
    """The locks of a stack, oldest first. A half-written one, left by a kill, has pid 0.

    The temporary file that the engine renames to its lock is one too: every other file in the folder
    counts as a lock for the engine.
    """
    found = []
    # "organization" is the one name that file backends know (pkg/backend/diy/store.go).
    folder = backend / ".pulumi" / "locks" / "organization" / project / stack
    for file in sorted([*folder.glob("*.json"), *folder.glob("*.tmp")]):
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            found.append(
                Lock(
                    file, int(content["pid"]), content["username"], content["hostname"], content["timestamp"]
                )
            )
        except FileNotFoundError:
            continue
        except (ValueError, KeyError, TypeError):
            found.append(Lock(file, 0, "unknown", socket.gethostname(), "an unknown time"))
    return sorted(found, key=lambda lock: lock.since)


def remove(lock: Lock) -> None:
    """Remove one lock and the blob store's attributes beside it."""
    lock.file.unlink(missing_ok=True)
    lock.file.with_name(lock.file.name + ".attrs").unlink(missing_ok=True)


def _started_after(pid: int, since: str) -> bool:
    """Whether the process started more than two seconds after a moment (Linux; elsewhere False)."""
    try:
        written = datetime.fromisoformat(since[:19] + "+00:00" if since.endswith("Z") else since)
        ticks = int((processes.PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])
        boot = next(
            int(line.split()[1])
            for line in (processes.PROC / "stat").read_text().splitlines()
            if line.startswith("btime ")
        )
    except (OSError, ValueError, StopIteration, IndexError):
        return False
    # Two seconds: btime is told in whole seconds, and the clock may have been set a little since boot.
    return boot + ticks / os.sysconf("SC_CLK_TCK") > written.timestamp() + 2
