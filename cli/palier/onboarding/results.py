"""What came of a step, and of a run: for people, for machines, for the journal."""

from __future__ import annotations

import enum
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any


class Outcome(enum.StrEnum):
    """How a step ended."""

    DONE = "done"
    ALREADY = "already"
    UNASKED = "unasked"
    MISSING = "missing"
    PENDING = "pending"
    WAITING = "waiting"
    FAILED = "failed"


GOOD = (Outcome.DONE, Outcome.ALREADY, Outcome.UNASKED)
SIGNS = {
    Outcome.DONE: "✓",
    Outcome.ALREADY: "=",
    Outcome.UNASKED: "–",
    Outcome.MISSING: "+",
    Outcome.PENDING: "…",
    Outcome.WAITING: "…",
    Outcome.FAILED: "✗",
}


@dataclass
class Result:
    """One step of one person. Times are seconds since the epoch; `parts` seconds of look, work and proof."""

    login: str
    step: str
    title: str
    outcome: Outcome
    says: str
    began_at: float
    ended_at: float
    would: tuple[str, ...] = ()
    waits_for: str | None = None
    next_step: str | None = None
    attempts: int = 0
    applied: bool = False
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended_at - self.began_at

    @property
    def good(self) -> bool:
        """Whether nothing is left of it."""
        return self.outcome in GOOD

    def of(self, login: str) -> Result:
        """The same for another person, of a step that was done for several."""
        return replace(self, login=login)

    def ended(
        self,
        outcome: Outcome,
        says: str,
        *,
        would: tuple[str, ...] = (),
        waits_for: str | None = None,
        next_step: str | None = None,
    ) -> Result:
        """The result with its end."""
        self.outcome, self.says, self.ended_at = outcome, says, time.time()
        self.would, self.waits_for, self.next_step = would, waits_for, next_step
        return self

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a part of the step; attempts add up."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.parts[name] = self.parts.get(name, 0.0) + time.monotonic() - began

    def as_dict(self) -> dict[str, Any]:
        """For machines and the journal."""
        return {
            "login": self.login,
            "step": self.step,
            "outcome": str(self.outcome),
            "says": self.says,
            "would": list(self.would),
            "waits_for": self.waits_for,
            "next": self.next_step,
            "attempts": self.attempts,
            "began_at": round(self.began_at, 3),
            "seconds": round(self.seconds, 3),
            "parts": {name: round(seconds, 3) for name, seconds in self.parts.items()},
        }

    def line(self) -> str:
        """One line for people."""
        waits = f" — {self.waits_for}" if self.waits_for else ""
        seconds = f" ({self.seconds:.1f} s)" if self.seconds >= 0.05 else ""
        return f"{SIGNS[self.outcome]} {self.title}: {self.says}{waits}{seconds}"
