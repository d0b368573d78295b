"""The records of engine runs: written before the engine starts, removed after it ended.

A record that is still there while its palier has died is a run that was killed: `palier.phases.recovery`
then knows which processes are left of it. One palier at a time works on a stack; a file lock, which the
kernel drops when its holder dies, keeps the others out.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from palier.errors import OperationError
from palier.paths import local_dir
from palier.phases import processes

LOCAL = "local"
KEPT_LOGS = 20  # per phase and environment: some days of work, a few MB


@dataclass(frozen=True)
class RunRecord:
    """One run of the engine. `pid` is None for the moment between this record and the engine's start."""

    run_id: str
    phase: str
    environment: str
    operation: str
    started_at: float
    palier_pid: int
    palier_identity: str | None
    log: str
    pid: int | None = None
    identity: str | None = None

    @property
    def session(self) -> int | None:
        """The engine's session and process group: it leads both, so they have its pid."""
        return self.pid

    def palier_lives(self) -> bool:
        """Whether the palier that started the run is still there."""
        return processes.alive(self.palier_pid, self.palier_identity)

    def engine(self) -> int | None:
        """The pid of the run's engine while it lives.

        A palier killed before it could write the pid leaves an engine that only its mark tells.
        """
        if self.pid is None:
            return next((pid for pid in self.members() if processes.leads_session(pid)), None)
        return self.pid if processes.alive(self.pid, self.identity) else None

    def members(self) -> list[int]:
        """Pids of all that the run started and that still runs, the engine among them."""
        return processes.of_run(self.run_id, self.session)


class RunBook:
    """The record, the lock and the logs of one phase in one environment."""

    def __init__(self, phase: str, environment: str, project: Path, folder: Path | None = None) -> None:
        self.phase, self.environment = phase, environment
        self.folder = folder or local_dir() / "runs"
        # Two checkouts may each have a `production`; the local cloud there is once per user.
        place = "" if environment == LOCAL else "-" + hashlib.sha256(str(project).encode()).hexdigest()[:8]
        self._stem = f"{phase}-{environment}{place}"
        self.file = self.folder / f"{self._stem}.json"

    def begin(self, operation: str, *, recorded: bool = True) -> RunRecord:
        """A new record, written. The engine is to be started with `PALIER_RUN=<run_id>`.

        What only reads is not `recorded`: it may run beside a run that changes things, and killed it ends
        by itself.
        """
        self._make_folder()
        self._prune()
        moment = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        run_id = os.urandom(8).hex()
        record = RunRecord(
            run_id=run_id,
            phase=self.phase,
            environment=self.environment,
            operation=operation,
            started_at=time.time(),
            palier_pid=os.getpid(),
            palier_identity=processes.identity(os.getpid()),
            log=str(self.folder / f"{self._stem}-{moment}-{operation.replace(' ', '-')}-{run_id[:6]}.log"),
        )
        if recorded:
            self._write(record)
        return record

    def started(self, record: RunRecord, pid: int, *, recorded: bool = True) -> RunRecord:
        """The record with the engine's pid, written."""
        record = replace(record, pid=pid, identity=processes.identity(pid))
        if recorded:
            self._write(record)
        return record

    def end(self) -> None:
        """Remove the record: nothing of the run is left."""
        self.file.unlink(missing_ok=True)

    def read(self) -> RunRecord | None:
        """The record of a run under way, or of one that was killed; None where there is none."""
        try:
            content: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
            return RunRecord(**{field.name: content[field.name] for field in fields(RunRecord)})
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            # Written atomically by us, so this is a record of another version: nothing to learn from it.
            self.end()
            return None

    @property
    def _debt(self) -> Path:
        return self.folder / f"{self._stem}.refresh"

    def owe_refresh(self) -> None:
        """Note that the state must be read again from what stands, before anyone relies on it."""
        self._make_folder()
        self._debt.touch(mode=0o600)

    def owes_refresh(self) -> bool:
        """Whether a refresh was owed and no operation with one has succeeded since."""
        return self._debt.exists()

    def refreshed(self) -> None:
        """An operation that began with a refresh has succeeded."""
        self._debt.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the stack against every other palier. Raises OperationError where one has it."""
        from filelock import FileLock, Timeout

        self._make_folder()
        lock = FileLock(self.folder / f"{self._stem}.lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise OperationError(
                f"another palier is working on {self.phase} ({self.environment}){self._who()}",
                next_step="wait for it to end, or stop it with Ctrl-C where it runs",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _who(self) -> str:
        record = self.read()
        if record is None:
            return ""
        seconds = max(0, round(time.time() - record.started_at))
        return f": pid {record.palier_pid}, {record.operation} for {seconds} s"

    def _write(self, record: RunRecord) -> None:
        passing = self.file.with_suffix(f".{os.getpid()}.tmp")
        with open(passing, "w", encoding="utf-8", opener=_private) as out:
            json.dump(asdict(record), out, indent=1)
        os.replace(passing, self.file)

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _prune(self) -> None:
        logs = sorted(self.folder.glob(f"{self._stem}-*.log"), key=lambda log: log.stat().st_mtime)
        for log in logs[:-KEPT_LOGS]:
            log.unlink(missing_ok=True)
            for beside in (".events", ".err"):
                log.with_suffix(beside).unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
