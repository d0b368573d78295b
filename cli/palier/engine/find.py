"""Finding an engine without getting one: the override, PATH, the cache. Writes nothing."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from palier.engine.cache import installed, path_engine, remember_on_path, seen_on_path
from palier.engine.model import OVERRIDE, PATH, Answer, Engine, Refused
from palier.engine.probe import Probe, find_host, probe
from palier.errors import InputError

ENGINE_VARIABLE = "PALIER_ENGINE"


@dataclass(frozen=True)
class Found:
    """What a look around gave: an engine or none, and why PATH's was passed over.

    `probe` is there when the engine had to be run, and may be remembered.
    """

    engine: Engine | None
    answers: tuple[Answer, ...] = ()
    probe: Probe | None = None


def find_engine() -> Engine | None:
    """The engine that serves now, or None: `PALIER_ENGINE`, one on PATH, one got before.

    Quick (a look at a few files, unless an engine on PATH was never seen by `ensure_engine`: then it is
    run, about 0.4 s) and without side effects. Raises InputError where `PALIER_ENGINE` names none.
    """
    return look().engine


def look() -> Found:
    """As `find_engine`, with what was passed over."""
    if overridden := os.environ.get(ENGINE_VARIABLE):
        return _overridden(Path(overridden).expanduser().absolute())
    on_path = look_on_path()
    if on_path.engine is not None:
        return on_path
    return Found(installed(), on_path.answers)


def look_on_path() -> Found:
    """The engine that PATH gives; one of our own cache there is passed over, as it is found anyway."""
    found = shutil.which("pulumi")
    if found is None:
        return Found(None, (Answer(PATH, "no pulumi there"),))
    command, own = Path(found).absolute(), installed()
    if own is not None and command.resolve() == own.command.resolve():
        return Found(None, (Answer(PATH, "the pulumi there is the one that Palier got"),))
    try:
        return _run_once(command, PATH)
    except Refused as refused:
        return Found(None, (Answer(PATH, refused.reason),))


def remember(found: Found) -> None:
    """Remember an engine of PATH that had to be run, so that the next look need not run it."""
    if found.engine is not None and found.probe is not None:
        remember_on_path(found.engine, found.probe)


def _run_once(command: Path, rung: str) -> Found:
    seen = seen_on_path(command, find_host(command))
    if seen is not None:
        return Found(path_engine(command, seen.version, rung))
    probed = probe(command)
    return Found(path_engine(command, probed.version, rung), probe=probed)


def _overridden(place: Path) -> Found:
    candidates = [place / "bin" / "pulumi", place / "pulumi"] if place.is_dir() else [place]
    command = next((path for path in candidates if path.is_file()), None)
    if command is None:
        raise InputError(
            f"no pulumi at {place}",
            key=ENGINE_VARIABLE,
            allowed="the path of a pulumi executable, or of a folder with pulumi or bin/pulumi in it",
        )
    try:
        return _run_once(command, OVERRIDE)
    except Refused as refused:
        hint = f"; {refused.next_step}" if refused.next_step else ""
        raise InputError(f"{refused.reason}{hint}, or unset it", key=ENGINE_VARIABLE) from None
