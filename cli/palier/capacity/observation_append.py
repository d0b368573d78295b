"""Rows added to a file of observations, which are never rewritten: what stands there stands there.

A row is known by its metric and day. Lines that stand keep their bytes and their order; a new one goes to
the end, or, where it is older than some, before the first that is younger.
"""

from __future__ import annotations

import csv
import datetime
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from palier.capacity.metrics import EXACTLY, METRICS, units_of
from palier.capacity.observation_files import rows_of
from palier.capacity.observations import COLUMNS, Observation, Row, day, observed
from palier.capacity.whole_files import replace
from palier.errors import InputError, OperationError

HEADER = ",".join(COLUMNS)
LOCK_NAME = ".collect.lock"
LOCK_SECONDS = 60
DECIMALS = 6
# How far apart two values are that are the same but for rounding.
SAME = 1e-6

Known = Mapping[tuple[str, datetime.date], Observation]


@dataclass(frozen=True)
class Sorted:
    """What a source gave, held against what is known: new rows, known ones, and those of another value."""

    new: tuple[Observation, ...]
    known: int
    differing: tuple[tuple[Observation, Observation], ...]  # (as the file has it, as the source has it)


def known_of(observations: Iterable[Observation]) -> Known:
    """Observations by metric and day."""
    return {(each.metric, each.date): each for each in observations}


def sort_out(found: Iterable[Observation], known: Known) -> Sorted:
    """Tell the new from the known; of two values for one day and metric the first is taken."""
    new: dict[tuple[str, datetime.date], Observation] = {}
    differing, count = [], 0
    for each in found:
        key = (each.metric, each.date)
        if (stands := known.get(key) or new.get(key)) is None:
            new[key] = each
            continue
        count += 1
        if not math.isclose(stands.value, each.value, rel_tol=SAME, abs_tol=SAME):
            differing.append((stands, each))
    return Sorted(tuple(sorted(new.values())), count, tuple(differing))


def checked(found: Iterable[Observation], source: str, currency: str) -> list[Observation]:
    """What a source gave, rounded, and held against the rules of files. Raises OperationError."""
    rows = []
    for each in found:
        value = round(each.value, DECIMALS)
        row = Row(source, str(each.date), each.date, each.metric, value, _unit(each, currency), each.source)
        try:
            rows.append(observed(row, currency))
        except InputError as error:
            raise OperationError(
                f"{source}: {error.problem} on {each.date}"
                + (f" ({error.allowed})" if error.allowed else ""),
                next_step=f"correct sources.{source}, or go on after that day with --from",
            ) from None
    return rows


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder of observations against every other run; the kernel frees it when the holder dies."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_NAME)
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise OperationError(
            f"another palier has been writing to {folder} for {LOCK_SECONDS} s",
            left="nothing was appended by this one",
            next_step="wait for it to end, or stop it with Ctrl-C where it runs",
        ) from None
    except OSError as error:
        raise OperationError(f"cannot write to {folder}: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()


def append(file: Path, new: Sequence[Observation], currency: str) -> None:
    """Add rows to a file, which is made with its header where it is missing. The caller holds the lock.

    Raises InputError where the file has other columns, OperationError where it cannot be written.
    """
    if not new:
        return
    lines, stand = _lines(file), standing(file)
    for each in new:
        place = next(
            (line for line, metric, day in stand if metric == each.metric and day > each.date), len(lines) + 1
        )
        lines.insert(place - 1, _line(each, currency, lines[0]))
        stand = [(line + (line >= place), metric, day) for line, metric, day in stand]
    try:
        replace(file, "".join(lines))
    except OSError as error:
        raise OperationError(f"cannot write {file}: {error.strerror}") from None


def standing(file: Path) -> list[tuple[int, str, datetime.date]]:
    """(line, metric, day) of every row of a file that is appended to; none where it is missing.

    Raises InputError where it has other columns than collect writes, or cannot be read.
    """
    if not file.exists():
        return []
    _lines(file)
    return [(int(row.place.removeprefix("line ")), row.metric, day(row)) for row in rows_of(file)]


def _lines(file: Path) -> list[str]:
    """The lines of a file with their ends, each ended; the header alone where there is none."""
    if not file.exists():
        return [f"{HEADER}\n"]
    try:
        with open(file, encoding="utf-8", newline="") as handle:
            lines = re.findall(r"[^\n]*\n|[^\n]+$", handle.read())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=file) from None
    if not lines:
        return [f"{HEADER}\n"]
    if lines[0].strip().removeprefix("\ufeff") != HEADER:
        raise InputError("has other columns than collect writes", file=file, key="line 1", allowed=HEADER)
    if (broken := next((n for n, line in enumerate(lines, 1) if line.count('"') % 2), None)) is not None:
        raise InputError(
            "has a cell of several lines", file=file, key=f"line {broken}", allowed="one line a row"
        )
    if not lines[-1].endswith("\n"):
        lines[-1] += "\r\n" if lines[0].endswith("\r\n") else "\n"
    return lines


def _line(each: Observation, currency: str, like: str) -> str:
    text = io.StringIO()
    ending = "\r\n" if like.endswith("\r\n") else "\n"
    value = f"{each.value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    cells = (each.date.isoformat(), each.metric, value, _unit(each, currency), each.source)
    csv.writer(text, lineterminator=ending).writerow(cells)
    return text.getvalue()


def _unit(each: Observation, currency: str) -> str:
    """The unit as the file says it; a small percentage, which would read as a share, is said to be none."""
    entry = METRICS[each.metric]
    small = entry.share_guard and 0 < round(each.value, DECIMALS) <= 1
    return EXACTLY if small else units_of(entry, currency)[0]
