"""What every output of `palier check` tells alike: the order of findings, their kinds, and clean text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from palier.checking.model import Check, Finding, Headroom, Outlook, PhaseCheck

Kind = Literal["mandatory", "advisory", "not known", "exempt"]
KINDS: tuple[Kind, ...] = ("mandatory", "advisory", "not known", "exempt")
NONE = "–"
NEAR = 0.2
"""A metric this near to its limit, as a share of the limit, is shown though nothing changes."""
COUNTED = ("created", "updated", "replaced", "deleted")

# Code points that XML 1.0 forbids beside the control characters, and halves of pairs that no UTF-8 holds.
_FORBIDDEN = re.compile("[\ud800-\udfff\ufffe\uffff]")
# Characters that turn the direction of what follows them: a message could hide what it says.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text without control characters (lines and tabs stay) and without what no file can hold."""
    kept = _FORBIDDEN.sub("\ufffd", _TURNING.sub("", text))
    return "".join(
        character if character in "\n\t" or unicodedata.category(character) != "Cc" else " "
        for character in kept.replace("\r\n", "\n")
    )


def one_line(text: str) -> str:
    """The text on one line, every run of white space a blank."""
    return " ".join(printable(text).split())


def shortened(text: str, characters: int) -> str:
    """The text, or its beginning and a sign that it goes on; never more than so many characters."""
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def kind(finding: Finding) -> Kind:
    """What kind of finding it is; a mandatory one is nothing else besides."""
    if finding.mandatory:
        return "mandatory"
    if finding.exempt:
        return "exempt"
    return "not known" if finding.not_known else "advisory"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of a phase as they are told: mandatory first, then by policy and resource."""
    return sorted(
        findings,
        key=lambda each: (KINDS.index(kind(each)), each.policy, each.pack, each.urn, each.message),
    )


def all_ordered(check: Check) -> list[tuple[PhaseCheck, Finding]]:
    """Every finding with its phase: phases in their order, within each as `ordered`."""
    return [(phase, finding) for phase in check.phases for finding in ordered(phase.findings)]


def page(policy: str) -> str:
    """Where a policy is written about, in the documentation of Palier."""
    return f"docs/policies/{policy}.md"


def counted(number: int, word: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def changes(phase: PhaseCheck) -> str:
    """`2 created, 1 deleted`; what stays as it is only where nothing else is."""
    told = [f"{phase.changes[name]} {name}" for name in COUNTED if phase.changes.get(name)]
    # A kind of change that the engine may learn one day is told by its own name.
    told += [
        f"{number} {one_line(name)}"
        for name, number in sorted(phase.changes.items())
        if number and name not in (*COUNTED, "same")
    ]
    return ", ".join(told) or "no changes"


@dataclass(frozen=True)
class Movement:
    """One metric before and after the change; None on the side that does not have it."""

    before: Headroom | None
    after: Headroom | None

    @property
    def either(self) -> Headroom:
        """What it is after the change, or was before it."""
        found = self.after or self.before
        assert found is not None, "a movement has a side"
        return found

    @property
    def changes(self) -> bool:
        """Whether the change moves its value, its limit or one of its dates."""
        return self.before != self.after

    @property
    def worth_telling(self) -> bool:
        """Whether it changes, or is within 20 % of its limit."""
        now = self.either
        return self.changes or now.left <= NEAR * abs(now.limit)


def movements(outlook: Outlook) -> list[Movement]:
    """Every metric of an outlook, by name."""
    before = {each.metric: each for each in outlook.before}
    after = {each.metric: each for each in outlook.after}
    return [Movement(before.get(name), after.get(name)) for name in sorted({*before, *after})]


def first_breach(headrooms: Iterable[Headroom]) -> str:
    """The first day on which a metric needs attention, and which."""
    dated = [(each.attention, each.metric) for each in headrooms if each.attention]
    if not dated:
        return "none"
    day, metric = min(dated)
    return f"{day} ({label(metric)})"


def label(metric: str) -> str:
    """A metric's name for people."""
    from palier.capacity.telling import label as known

    return one_line(known(metric))


def quantity(value: float, unit: str) -> str:
    """A value with its unit, for people."""
    if not math.isfinite(value):
        return NONE
    from palier.capacity.numbers import quantity as told

    return one_line(told(value, unit))


def moved(before: str, after: str) -> str:
    """`380 → 420 connections`; one of them where they are the same."""
    if before == after:
        return after
    number, _, unit = before.partition(" ")
    alike = unit and unit == after.partition(" ")[2]
    return f"{number if alike else before} → {after}"
