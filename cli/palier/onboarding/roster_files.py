"""Changing a file of the roster as a person would: one key, the rest of the text as it was.

One process at a time: an address of the VPN that two runs took at once would be two people's.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from palier.capacity import whole_files


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the roster in `folder` for changing it, by the system's lock of the folder itself.

    A lock file would be one more file in the repository that the roster is kept in.
    """
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)  # and with it the lock, as with the process


def set_key(file: Path, key: str, value: str | None) -> None:
    """Set a top-level key to a text of YAML in one line; None takes it out, with the lines below it."""
    lines = file.read_text(encoding="utf-8").splitlines()
    kept: list[str] = []
    inside = False
    place: int | None = None
    for line in lines:
        if line.startswith(f"{key}:"):
            inside, place = True, len(kept)
            continue
        inside = inside and (line[:1] in (" ", "\t", "-") or not line.strip())
        if not inside:
            kept.append(line)
    if value is not None:
        kept.insert(len(kept) if place is None else place, f"{key}: {value}")
    whole_files.replace(file, "\n".join(kept) + "\n")
