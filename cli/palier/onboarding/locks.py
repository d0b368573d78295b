"""One run at a time for a person, or for a machine: by a lock of the system, which ends with its process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from palier.errors import OperationError


@contextmanager
def one_run(file: Path, of: str, meanwhile: str) -> Iterator[None]:
    """Hold the lock of a person or machine, on this machine. OperationError where another run holds it.

    `meanwhile`: what to do then.
    """
    from filelock import FileLock, Timeout

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(file, mode=0o600)
    try:
        lock.acquire(timeout=1)
    except Timeout:
        raise OperationError(
            f"another run for {of} is under way",
            left="nothing was changed by this one",
            next_step=f"wait for it; {meanwhile}" if meanwhile else "wait for it",
        ) from None
    try:
        yield
    finally:
        lock.release()
