"""Whether a loopback port is free, and where Linux tells it, who holds it."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

LISTENING = "0A"  # TCP_LISTEN, as /proc/net/tcp writes it


def is_free(port: int) -> bool:
    """Whether 127.0.0.1:port can be bound now. SO_REUSEADDR, as the server: TIME_WAIT is no owner."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def becomes_free(port: int, seconds: float) -> bool:
    """Whether it is free now or within `seconds`.

    A process with threads that was killed may be gone already while its last thread still holds the port.
    """
    deadline = time.monotonic() + seconds
    while not is_free(port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def owner(port: int) -> str | None:
    """Name and pid of the process that listens on `port`; None where the system does not tell this user."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for descriptor in (folder / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(descriptor.readlink()) in inodes:
                        return f"{(folder / 'comm').read_text().strip()}, pid {folder.name}"
    return None


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found
