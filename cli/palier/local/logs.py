"""Read the emulator's log: its end, and what is added to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

BYTES_PER_LINE = 400  # generous for a log line; only decides how far back to look


def tail(path: Path, lines: int) -> list[str]:
    """The last `lines` lines of a file; none where there is no file."""
    if lines <= 0 or not path.is_file():
        return []
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - lines * BYTES_PER_LINE))
        return file.read().decode(errors="replace").splitlines()[-lines:]


def follow(path: Path, poll_seconds: float = 0.3) -> Iterator[str]:
    """Lines as they are added, for ever; goes on through a rotation of the file."""
    position = path.stat().st_size if path.is_file() else 0
    inode = path.stat().st_ino if path.is_file() else 0
    rest = ""
    while True:
        if path.is_file():
            now = path.stat()
            if now.st_ino != inode or now.st_size < position:
                inode, position, rest = now.st_ino, 0, ""
            if now.st_size > position:
                with path.open("rb") as file:
                    file.seek(position)
                    text = rest + file.read().decode(errors="replace")
                    position = file.tell()
                *whole, rest = text.split("\n")
                yield from whole
        time.sleep(poll_seconds)
