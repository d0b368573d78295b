"""A pid file that cannot be mistaken: the pid, and when that process began.

A pid alone says little: after a crash or a restart of the machine another process may carry the number.
The start time of the process, as the operating system tells it, settles which of the two it is.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """Who runs the emulator: `began` is the system's own text for the start time of `pid`."""

    pid: int
    began: str
    port: int
    region: str
    started_at: str

    def alive(self) -> bool:
        """Whether that very process, and no other with its number, still runs."""
        return process_began(self.pid) == self.began


def process_began(pid: int) -> str | None:
    """When process `pid` began, in the system's own words; None where there is no such process.

    On Linux this is boot id and clock ticks since boot (/proc, field 22 of stat), elsewhere what `ps` says.
    A zombie counts as gone: it holds no port and writes no journal.
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except (OSError, UnicodeDecodeError):
            return None
        return None if after_name[0] in "ZX" else f"{_boot_id()}:{after_name[19]}"
    said = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or None


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def write(path: Path, record: Record) -> None:
    """Write `record` at once or not at all, readable by the user alone."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(record), file)
    beside.replace(path)


def read(path: Path) -> Record | None:
    """The record in `path`; None where there is none or it is not one (torn, or written by hand)."""
    try:
        return Record(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
