"""Getting an engine: the rungs in their order, once per user, whoever asks and however often.

One process at a time holds the lock, which the system frees when its holder dies. Whoever waited looks
again before doing anything. An engine is made in a folder of its own, run there, and gets its name in
one rename: a half-made one is never found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from palier.console import Reporter
from palier.engine import build as building
from palier.engine import official
from palier.engine.cache import (
    delete,
    delete_stale_staging,
    engine_dir,
    installed,
    make_private,
    new_staging,
    put_in_place,
    seal,
    size_bytes,
    work_dir,
)
from palier.engine.find import Found, look, look_on_path, remember
from palier.engine.model import (
    BUILD,
    ENGINE_VERSION,
    OFFICIAL,
    PATH,
    Answer,
    Engine,
    Refused,
)
from palier.engine.probe import probe
from palier.errors import OperationError

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LOCK = ".lock"
_HOLDER = "holder.pid"
_WAIT_S = 2.0
"""How often a waiting process tells how far the other one is."""


def ensure_engine(reporter: Reporter, rung: str | None = None) -> Engine:
    """The engine that serves, got if need be: PATH, one got before, official installer, build.

    With `rung`, that rung and no other. Raises OperationError with what each rung answered, InputError
    where `PALIER_ENGINE` names none.
    """
    found = _found(rung)
    if found.engine is not None:
        try:
            remember(found)
        except OSError as error:  # an unwritable cache costs time, not the run
            reporter.warn(f"{engine_dir()} cannot be written ({error.strerror}): the engine is run each time")
        return found.engine
    if rung == PATH:
        raise _nothing_serves(list(found.answers), None)
    try:
        with exclusive(reporter):
            return _found(rung).engine or _climb(reporter, rung, list(found.answers))
    except OSError as error:
        raise OperationError(
            f"the engine cannot be put into {engine_dir()}: {error.strerror or error}",
            next_step="free space or make that folder writable, or set PALIER_CACHE_DIR to another",
        ) from None


def _found(rung: str | None) -> Found:
    if rung is None:
        return look()
    if rung == PATH:
        return look_on_path()
    own = installed()
    return Found(own if own is not None and own.rung == rung else None)


def _climb(reporter: Reporter, rung: str | None, answers: list[Answer]) -> Engine:
    delete_stale_staging()
    building.log_file().unlink(missing_ok=True)
    for answer in answers:
        reporter.line(f"passed over: {answer}")
    last: Refused | None = None
    for name in (rung,) if rung else (OFFICIAL, BUILD):
        staging = new_staging()
        try:
            engine = _try_rung(name, staging, reporter)
        except Refused as refused:
            answers.append(Answer(name, refused.reason))
            last = refused
            if name != BUILD:
                reporter.line(f"passed over: {answers[-1]}")
        else:
            reporter.event("engine", **engine.as_dict())
            return engine
        finally:
            delete(staging)
    raise _nothing_serves(answers, last)


def _try_rung(rung: str, staging: Path, reporter: Reporter) -> Engine:
    if rung == OFFICIAL:
        scratch = work_dir() / "official"
        try:
            with reporter.step(f"Asking the official installer for Pulumi {ENGINE_VERSION}") as step:
                official.install(staging, scratch, step)
        finally:
            delete(scratch)
    else:
        reporter.line(
            f"Building Pulumi {ENGINE_VERSION} from Go modules: some minutes once per user; "
            f"{building.TEMPORARY_BYTES / 1e9:.1f} GB in {work_dir()} meanwhile, "
            f"{building.KEPT_BYTES / 1e6:.0f} MB stay"
        )
        if size_bytes(work_dir()) > 0:
            reporter.line("going on from an interrupted build")
        building.build(staging, reporter)
    with reporter.step("Running the new engine and its Python host"):
        probed = probe(staging / "bin" / "pulumi", search_path="")
        if probed.version != ENGINE_VERSION:
            raise Refused(f"it made pulumi {probed.version} instead of {ENGINE_VERSION}")
    seal(staging, ENGINE_VERSION, rung)
    engine = put_in_place(staging, ENGINE_VERSION)
    with reporter.step("Deleting temporary files"):
        if not delete(work_dir()):
            reporter.warn(f"{work_dir()} could not be deleted; `palier engine remove` tries again")
    return engine


def _nothing_serves(answers: list[Answer], last: Refused | None) -> OperationError:
    said = "; ".join(str(answer) for answer in answers) or "no rung was tried"
    return OperationError(
        f"no Pulumi engine to be had ({said})",
        left=last.left if last else None,
        next_step=(last.next_step if last else None)
        or "install Pulumi and put it on PATH, or run `palier engine get` without --rung",
    )


def remove_all(reporter: Reporter) -> int:
    """Delete every engine that Palier got and what builds left; bytes freed, 0 where there was nothing.

    Raises OperationError while another process is getting one, or where something cannot be deleted.
    """
    if not engine_dir().exists():
        return 0
    with exclusive(reporter, wait=False):
        freed = 0
        for item in engine_dir().iterdir():
            if item.is_dir():
                freed += size_bytes(item)
                if not delete(item):
                    raise OperationError(f"{item} cannot be deleted", next_step="look at its permissions")
            elif item.name not in (_LOCK, _HOLDER):  # the lock must stay the same file for all
                freed += item.stat().st_size
                item.unlink()
    return freed


@contextmanager
def exclusive(reporter: Reporter, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock on the engine folder; whoever must wait for it says so.

    With `wait` false, raises OperationError where another process holds it.
    """
    from filelock import FileLock, Timeout

    lock: BaseFileLock = FileLock(make_private(engine_dir()) / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        who = f"process {_holder()}"
        if not wait:
            raise OperationError(
                f"{who} is getting the engine just now", next_step="run it again when that is done"
            ) from None
        with reporter.step(f"Waiting for {who}, which is getting the engine") as step:
            while not lock.is_locked:
                with suppress(Timeout):
                    lock.acquire(timeout=_WAIT_S)
                if said := building.last_said():
                    step.update(said)
    try:
        (engine_dir() / _HOLDER).write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        lock.release()


def _holder() -> str:
    try:
        return (engine_dir() / _HOLDER).read_text(encoding="utf-8").strip() or "?"
    except OSError:
        return "?"
