"""What a check is, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What one check found out about one subject."""

    ok: bool
    subject: str
    actual: str
    expected: str


@dataclass(frozen=True)
class Check:
    """One row of the table of checks.

    `sentence` says what must be true, `advice` what to do where it is not. `look` reads a world (what
    stands and what is wanted, of the phase) and answers once per subject; it answers at least once.
    """

    id: str
    phase: str
    sentence: str
    advice: str
    look: Callable[[Any], Iterable[Answer]]


# What mends most failures: what stands was changed behind Pulumi's back, or settings were not applied.
BRING_UP = "palier refresh {phase}; palier up {phase}"


def row(
    phase: str, look: Callable[[Any], Iterable[Answer]], id: str, sentence: str, advice: str = BRING_UP
) -> Check:
    """A row of the table. `{phase}` in the advice becomes the phase and the environment to give."""
    return Check(id, phase, sentence, advice, look)


@dataclass(frozen=True)
class CheckResult:
    """A check's answer about one subject. `advice` is empty where all is well."""

    check: str
    sentence: str
    ok: bool
    subject: str
    actual: str
    expected: str
    advice: str


class Absent(Exception):
    """What a check wants to look at does not stand; told as that check's failure."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"no {what} found")


def compare(subject: str, actual: object, expected: object) -> Answer:
    """An answer that is fine where both are equal."""
    return Answer(actual == expected, subject, show(actual), show(expected))


def whether(holds: object, words: str) -> str:
    """`words`, or `not words`."""
    return words if holds else f"not {words}"


def show(value: object) -> str:
    """A value in words: yes and no, lists with commas, whole numbers without `.0`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "none"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (set, frozenset)):
        return show(sorted(value, key=str))
    if isinstance(value, (list, tuple)):
        return ", ".join(show(each) for each in value) or "none"
    return str(value)
