"""What a source is: a name, and observations for a span of days."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from palier.capacity.observations import Observation
from palier.errors import OperationError


class Source(Protocol):
    """Where observations come from. A new one: CONTRIBUTING.md, « A source »."""

    @property
    def name(self) -> str:
        """The key below `sources:` in palier.yaml, and the name of its file of observations."""

    def collect(self, first: datetime.date, last: datetime.date) -> list[Observation]:
        """What was measured from `first` up to and with `last`, days of UTC, in the metrics' units.

        All of it or none: a part would move the day from which the next run asks. Raises OperationError.
        """


@dataclass(frozen=True)
class Voice:
    """How a source tells what it does now (`progress`), and what it could not give (`note`)."""

    progress: Callable[[str], None]
    note: Callable[[str], None]


def failed(source: str, problem: str, *, next_step: str | None = None) -> OperationError:
    """The error of a source: nothing of this run is kept of it."""
    return OperationError(f"{source}: {problem}", next_step=next_step)


def end_of(day: datetime.date) -> datetime.datetime:
    """The moment a day ends in UTC, which begins the next."""
    return start_of(day + datetime.timedelta(days=1))


def start_of(day: datetime.date) -> datetime.datetime:
    """The moment a day begins in UTC."""
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)
