"""What a step of onboarding is: look, do, prove. And, for whoever leaves, undo and prove that it is gone."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from palier.onboarding.calls import Passing
from palier.onboarding.models import Person, Team
from palier.onboarding.roster import Roster
from palier.onboarding.settings import BUDGET_MINUTES

if TYPE_CHECKING:
    from palier.onboarding.github import GitHub
    from palier.onboarding.identity import Identity
    from palier.onboarding.reach import Reach
    from palier.onboarding.slack import Slack
    from palier.workstation.hands import Machine


class State(enum.StrEnum):
    """How it stands with a step."""

    DONE = "done"
    MISSING = "missing"
    PENDING = "pending"
    """Somebody has to do something: `Found.waits_for` says who and what."""
    UNASKED = "unasked"
    """Nothing of the kind is asked for: no VPN in the settings, say."""


@dataclass(frozen=True)
class Found:
    """What a look at the real thing found: the state, what it is in words, what would be done."""

    state: State
    says: str
    would: tuple[str, ...] = ()
    waits_for: str | None = None

    @property
    def good(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in (State.DONE, State.UNASKED)


def done(says: str) -> Found:
    """It stands, as `says` tells."""
    return Found(State.DONE, says)


def missing(says: str, *would: str) -> Found:
    """It does not stand; `would` is what a run would do."""
    return Found(State.MISSING, says, would)


def pending(says: str, waits_for: str) -> Found:
    """It waits for a person."""
    return Found(State.PENDING, says, waits_for=waits_for)


def unasked(says: str) -> Found:
    """Nothing of the kind is asked for."""
    return Found(State.UNASKED, says)


@dataclass
class Case:
    """One person of a run, with what the steps found out about them.

    `facts` holds what later steps and the page need; a step writes only what it has seen to stand.
    """

    login: str
    reach: Reach
    today: datetime.date
    here: bool = False
    newcomer: bool = True
    pages: Path | None = None
    machine: Machine | None = None
    budget_minutes: float = BUDGET_MINUTES
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def roster(self) -> Roster:
        """The roster as it is now: steps before may have changed a file."""
        return self.reach.roster

    @property
    def person(self) -> Person:
        """The person's file."""
        return self.roster.people[self.login]

    @property
    def team(self) -> Team:
        """The person's team."""
        return self.roster.teams[self.person.team]

    @property
    def github(self) -> GitHub:
        """The organisation."""
        return self.reach.github

    @property
    def slack(self) -> Slack:
        """The workspace."""
        return self.reach.slack

    @property
    def identity(self) -> Identity:
        """IAM Identity Center."""
        return self.reach.identity


Told = Callable[[str], None]


class Step:
    """One step. `needs` must stand first; `after` only comes before, whatever came of it.

    `what` and `proof` are sentences: the process documentation is made of them, and so is `plan`.
    `limit_minutes`: no step may use more of the budget than that for its retries.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    what: ClassVar[str]
    proof: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    after: ClassVar[tuple[str, ...]] = ()
    group: ClassVar[str | None] = None
    """What `--only` and `--skip` may call several steps by: slack, github."""
    sees: ClassVar[tuple[str, ...]] = ()
    """Steps whose facts it tells, where they are known."""
    lookable: ClassVar[bool] = True
    """Whether a look at it costs little; else nobody looks who is not to do it."""
    for_newcomers: ClassVar[bool] = False
    """Nothing for who has been there for long, where everybody is asked for."""
    shared: ClassVar[bool] = False
    """Done once for all people of a run."""
    for_machine: ClassVar[bool] = False
    """Only in a run that names the person's machine."""
    looks_itself: ClassVar[bool] = False
    """Its work looks before each change: `settle` in place of a look, the work and a proof."""
    limit_minutes: ClassVar[float] = 10.0

    def check(self, case: Case) -> Found:
        """Look; change nothing."""
        raise NotImplementedError

    def apply(self, case: Case, told: Told) -> None:
        """Do what `check` found missing; may be run again after a kill at any moment."""
        raise NotImplementedError

    def settle(self, case: Case, told: Told) -> tuple[Found, bool]:
        """Of a step that looks itself: do and prove it, and say whether anything was changed."""
        raise NotImplementedError

    def verify(self, case: Case) -> Found:
        """Prove it as the person would use it; by default, look again."""
        return self.check(case)


class Proof(Step):
    """A step that only proves, through the service itself, what the people stack made or took away.

    A service takes a moment to know; what is still missing after that is told.
    """

    service: ClassVar[str]
    limit_minutes = 1.0

    def apply(self, case: Case, told: Told) -> None:
        """Look once more; the attempts of the run do the waiting."""
        self.prepare(case)
        found = self.check(case)
        if found.state is State.MISSING:
            raise Passing(self.service, found.says)

    def prepare(self, case: Case) -> None:
        """Forget what an earlier look kept."""


def table(steps: tuple[Step, ...]) -> Mapping[str, Step]:
    """Steps by name, after holding `needs` and `after` against what comes before each."""
    seen: dict[str, Step] = {}
    for step in steps:
        unknown = [name for name in (*step.needs, *step.after, *step.sees) if name not in seen]
        if unknown or step.name in seen:
            raise ValueError(f"step {step.name}: {', '.join(unknown) or 'its name'} must come before it once")
        seen[step.name] = step
    return seen
