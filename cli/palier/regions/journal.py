"""The journal of operations: what has happened, one JSON line each, written after it happened.

The line of a step is written when its effect stands, never before, and is on the disk before the next step
begins. So a step without a line may have had its effect: whoever goes on asks the cloud first. A line that a
kill left half written counts as not there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from palier.errors import OperationError
from palier.paths import local_dir

SWITCHOVER, FAILOVER, RESTORE = "switchover", "failover", "restore"
LOCAL = "local"


@dataclass
class Entry:
    """A step that is done: when it began and ended (seconds since the epoch), and what it found out."""

    step: str
    began_at: float
    ended_at: float
    found: dict[str, Any] = field(default_factory=dict)
    left: str | None = None  # why an optional step was left undone

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended_at - self.began_at


@dataclass
class Operation:
    """A switchover, a failover or a way back: from where to where, since when, and how far it got."""

    id: str
    kind: str
    source: str
    to: str
    began_at: float
    lost_at: float | None = None
    entries: list[Entry] = field(default_factory=list)
    ended_at: float | None = None
    outcome: str | None = None

    def entry(self, step: str) -> Entry | None:
        """The step's entry, None where it is not done."""
        return next((each for each in self.entries if each.step == step), None)

    def sentence(self) -> str:
        """What it is, in words."""
        return f"{self.kind} from {self.source} to {self.to}"


class Journal:
    """The journal of an environment, and the lock that keeps other operations of this machine out."""

    def __init__(self, environment: str, project: Path, folder: Path | None = None) -> None:
        folder = folder or local_dir() / "regions"
        # Two checkouts may each have a `production`; the local cloud there is once per user.
        place = "" if environment == LOCAL else "-" + hashlib.sha256(str(project).encode()).hexdigest()[:8]
        self.file = folder / f"{environment}{place}.jsonl"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the regions against every other palier here; the kernel frees it when the holder dies."""
        from filelock import FileLock, Timeout

        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self.file.with_suffix(".lock"), mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise OperationError(
                "another palier is moving the regions of this environment",
                left="nothing was changed by this one",
                next_step="wait for it to end, or stop it with Ctrl-C where it runs",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def operations(self) -> list[Operation]:
        """Every operation, oldest first."""
        found: dict[str, Operation] = {}
        for line in self._lines():
            what, one = line.pop("what"), line.pop("operation")
            if what == "begun":
                found[one] = Operation(id=one, **line)
            elif what == "done":
                found[one].entries.append(Entry(**line))
            else:
                found[one].ended_at, found[one].outcome = line["at"], line["outcome"]
        return list(found.values())

    def unfinished(self) -> Operation | None:
        """The operation that was interrupted, if the last one was."""
        operations = self.operations()
        return operations[-1] if operations and operations[-1].ended_at is None else None

    def begin(self, kind: str, source: str, to: str, now: float, lost_at: float | None = None) -> Operation:
        """A new operation, without a step yet."""
        operation = Operation(os.urandom(4).hex(), kind, source, to, now, lost_at)
        told = {"kind": kind, "source": source, "to": to, "began_at": now, "lost_at": lost_at}
        self._append({"what": "begun", "operation": operation.id, **told})
        return operation

    def done(self, operation: Operation, entry: Entry) -> None:
        """A step's effect stands."""
        self._append({"what": "done", "operation": operation.id, **vars(entry)})
        operation.entries.append(entry)

    def end(self, operation: Operation, outcome: str, now: float) -> None:
        """The operation is over: `done`, `taken back` or `overtaken`."""
        self._append({"what": "ended", "operation": operation.id, "at": now, "outcome": outcome})
        operation.ended_at, operation.outcome = now, outcome

    def _append(self, line: Mapping[str, Any]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.file, "ab", opener=_private) as out:
            # A line cut short by a kill must not swallow this one.
            torn = out.tell() and not self.file.read_bytes().endswith(b"\n")
            out.write((b"\n" if torn else b"") + json.dumps(line).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            text = self.file.read_bytes()
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
