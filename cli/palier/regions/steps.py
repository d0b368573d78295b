"""A step of an operation, and how it is carried out: look, do what is to be done, look again.

A step is never done from memory. It is looked at first: a step whose effect stands already (a kill came
between the effect and the journal) is written down and not done again, one that is under way is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from palier.errors import OperationError
from palier.regions.journal import Entry, Journal, Operation
from palier.regions.model import Unreachable

LONGEST_POLL_SECONDS = 10.0


class Standing(Enum):
    """How a step stands: something is to be done, is under way, or has its effect."""

    TODO = "todo"
    UNDERWAY = "underway"
    DONE = "done"


TODO, UNDERWAY, DONE = Standing.TODO, Standing.UNDERWAY, Standing.DONE


@dataclass(frozen=True)
class Step:
    """One step. `look` says how it stands, `act` does the next thing to be done of it, without waiting.

    `find` tells what is to be written down of it. Where `optional`, a region that does not answer, or that
    takes longer than `wait_seconds`, leaves it undone; the journal and the report say so.
    """

    name: str
    sentence: str
    look: Callable[[], Standing]
    act: Callable[[], None]
    wait_seconds: float
    find: Callable[[], dict[str, Any]] = dict
    optional: bool = False


@dataclass(frozen=True)
class Clock:
    """The time and how to let it pass; a test has its own.

    `poll_seconds`: the first pause after something was done. AWS takes some seconds to tell of what it was
    asked for; looked at sooner, the same would be asked for twice.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    poll_seconds: float = 5.0


def carry_out(step: Step, operation: Operation, journal: Journal, clock: Clock) -> Entry:
    """Bring a step about and write it down; what is written down already is not looked at again.

    Raises OperationError where it does not come about, and is not optional.
    """
    if written := operation.entry(step.name):
        return written
    began, left = clock.now(), None
    found: dict[str, Any] = {}
    try:
        _bring_about(step, clock)
        found = step.find()
    except Unreachable as silent:
        if not step.optional:
            raise OperationError(
                f"{step.sentence}: {silent.region} does not answer ({silent.how})",
                left=f"the {operation.sentence()} stopped here",
                next_step="run the same command again to go on",
            ) from None
        left = f"{silent.region} does not answer"
    except TimedOut as late:
        if not step.optional:
            raise
        left = str(late)
    entry = Entry(step.name, began, clock.now(), found, left)
    journal.done(operation, entry)
    return entry


class TimedOut(OperationError):
    """A step did not come about in its time."""


def _bring_about(step: Step, clock: Clock) -> None:
    deadline, pause = clock.now() + step.wait_seconds, clock.poll_seconds
    while (standing := step.look()) is not DONE:
        if clock.now() >= deadline:
            raise TimedOut(
                f"{step.sentence}: not done after {step.wait_seconds:.0f} s",
                next_step="look at `palier region status`; the same command goes on where this one stopped",
            )
        if standing is TODO:
            step.act()
            pause = clock.poll_seconds
        clock.sleep(pause)
        pause = min(pause * 1.5, LONGEST_POLL_SECONDS)
