"""`palier capacity collect`: asks sources, and appends what is new to a file of observations for each."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from palier.capacity.observation_append import (
    Known,
    Sorted,
    alone,
    append,
    checked,
    known_of,
    sort_out,
    standing,
)
from palier.capacity.observations import Observation, as_rows
from palier.capacity.platform_file import Platform, observations_of
from palier.capacity.sources.model import Source, Voice
from palier.capacity.sources.table import make
from palier.errors import InputError, OperationError, PalierError

FOLDER = "observations"
DAYS_BACK = 30
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """What a run is about: the platform, the sources, and the days where they were given."""

    platform: Platform
    file: Path
    sources: tuple[str, ...]
    environment: str
    first: datetime.date | None = None
    last: datetime.date | None = None
    dry_run: bool = False

    def target(self, source: str) -> Path:
        """The file that a source's rows go to."""
        return self.file.parent / FOLDER / f"{source}.csv"


@dataclass
class Collected:
    """What came of one source. `first` after `last`: no day was left to ask for."""

    source: str
    file: Path
    first: datetime.date
    last: datetime.date
    rows: Sorted = field(default_factory=lambda: Sorted((), 0, ()))
    error: PalierError | None = None

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "source": self.source,
            "file": str(self.file),
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "new": as_rows(self.rows.new),
            "known": self.rows.known,
            "differing": [
                {"file": as_rows([stands])[0], "source": as_rows([given])[0]}
                for stands, given in self.rows.differing
            ],
            "error": self.error.lines() if self.error else None,
        }


def yesterday() -> datetime.date:
    """The last day that has ended, in UTC."""
    return datetime.datetime.now(datetime.UTC).date() - DAY


def choose(platform: Platform, file: Path, wanted: Sequence[str]) -> tuple[str, ...]:
    """The sources to ask: those wanted, or all that palier.yaml names. Raises InputError."""
    named = platform.sources.named
    every = list(type(platform.sources).model_fields)
    for name in wanted:
        if name not in named:
            allowed = ", ".join(named) or ", ".join(every)
            raise InputError(f"says nothing of a source {name!r}", file=file, key="sources", allowed=allowed)
    if not named:
        raise InputError("names no source", file=file, key="sources", allowed=", ".join(every))
    return tuple(name for name in named if not wanted or name in wanted)


def refuse(wanted: Wanted) -> None:
    """Refuse what would be collected in vain. Raises InputError."""
    last = yesterday()
    if wanted.last and wanted.last > last:
        raise InputError(f"{wanted.last} has not ended", key="--to", allowed=f"up to {last}")
    if wanted.first and wanted.first > (wanted.last or last):
        raise InputError(f"begins after {wanted.last or last}", key="--from", allowed="--from up to --to")
    for name in wanted.sources:
        target = f"{FOLDER}/{name}.csv"
        if not any(_reads(entry, target) for entry in wanted.platform.observations):
            raise InputError(
                f"does not read {target}, to which collect would write",
                file=wanted.file,
                key="observations",
                allowed=f"[{FOLDER}/*.csv], or {target} among them",
            )


def _reads(entry: object, target: str) -> bool:
    """Whether an entry of `observations` would read a file, there or not: tried with an empty one."""
    if not isinstance(entry, str) or Path(entry).is_absolute():
        return False
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / target
        file.parent.mkdir()
        file.touch()
        return file in Path(place).glob(entry)


def known(wanted: Wanted) -> Known:
    """All that is observed already. Raises InputError."""
    # A file that collect is about to make may be named without a pattern.
    mine = {f"{FOLDER}/{name}.csv" for name in wanted.sources}
    there = [
        entry
        for entry in wanted.platform.observations
        if not (isinstance(entry, str) and entry in mine and not (wanted.file.parent / entry).exists())
    ]
    platform = wanted.platform.model_copy(update={"observations": there})
    return known_of(observations_of(platform, wanted.file))


def span(wanted: Wanted, source: str) -> tuple[datetime.date, datetime.date]:
    """The days to ask for: those given, or from the day after the file's last row up to yesterday."""
    last = wanted.last or yesterday()
    days = [day for _, _, day in standing(wanted.target(source))]  # refuses a file of another form, too
    if wanted.first:
        return wanted.first, last
    return (max(days) + DAY if days else last - (DAYS_BACK - 1) * DAY), last


def collect(
    wanted: Wanted,
    voice_of: Callable[[str], Any],
    note: Callable[[str], None],
    make_source: Callable[..., Source] = make,
) -> list[Collected]:
    """Ask each source and append what is new. One that fails has its error in its result, and stops no other.

    `voice_of(text)` is a context that says a step and takes what it does now (`Reporter.step`).
    Raises InputError before anything is asked.
    """
    refuse(wanted)
    known(wanted)
    spans = {name: span(wanted, name) for name in wanted.sources}
    found = [Collected(name, wanted.target(name), *days) for name, days in spans.items()]
    for each in found:
        if each.first > each.last:
            continue
        try:
            rows = _ask(each, wanted, voice_of, note, make_source)
            each.rows = _keep(each.file, rows, wanted)
        except PalierError as error:
            each.error = error
    return found


def _ask(
    each: Collected,
    wanted: Wanted,
    voice_of: Callable[[str], Any],
    note: Callable[[str], None],
    make_source: Callable[..., Source],
) -> list[Observation]:
    notes: list[str] = []
    with voice_of(f"asking {each.source} for {each.first} to {each.last}") as step:
        voice = Voice(step.update, notes.append)
        source = make_source(each.source, wanted.platform.sources, wanted.environment, voice)
        found = source.collect(each.first, each.last)
        rows = checked(found, each.source, wanted.platform.currency)
    for text in notes:
        note(text)
    return rows


def _keep(file: Path, rows: list[Observation], wanted: Wanted) -> Sorted:
    """Append what is new, unless it is a dry run; what is known is read again under the lock."""
    if wanted.dry_run:
        return sort_out(rows, known(wanted))
    with alone(file.parent):
        result = sort_out(rows, known(wanted))
        append(file, result.new, wanted.platform.currency)
    return result


def failure(found: Sequence[Collected], dry_run: bool) -> OperationError | None:
    """The error that ends a run in which a source failed: all that failed, and what was kept nevertheless."""
    failing = [each for each in found if each.error]
    if not failing:
        return None
    kept = [] if dry_run else [f"{each.file.name} ({len(each.rows.new)})" for each in found if each.rows.new]
    steps = [getattr(each.error, "next_step", None) for each in failing]
    again = "palier capacity collect " + " ".join(f"--source {each.source}" for each in failing)
    return OperationError(
        "; ".join(str(each.error) for each in failing),
        left=f"rows were appended to {', '.join(kept)}" if kept else "nothing was appended",
        next_step="; ".join([*(step for step in steps if step), again]),
    )
