"""`palier onboard`: one run for one person or many, with its budget, its lock, its journal and its report."""

from __future__ import annotations

import datetime
import secrets
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from palier.console import Reporter
from palier.errors import InputError
from palier.onboarding.buddies import NEW_DAYS
from palier.onboarding.journal import Journal
from palier.onboarding.locks import one_run
from palier.onboarding.reach import Reach
from palier.onboarding.results import Outcome, Result
from palier.onboarding.run import Runner
from palier.onboarding.steps.base import Case
from palier.onboarding.steps.table import Choice
from palier.paths import onboarding_dir

if TYPE_CHECKING:
    from palier.workstation.hands import Machine

APPLY, PLAN, VERIFY = "apply", "plan", "verify"
POLL_SECONDS = 15.0


@dataclass(frozen=True)
class Order:
    """What a run is asked for. `wait_minutes`: how long it looks again for what waits for a person."""

    mode: str
    logins: Sequence[str]
    choice: Choice
    budget_minutes: float
    kind: str = "onboard"
    everybody: bool = False
    heir: str | None = None
    here: bool = False
    pages: Path | None = None
    wait_minutes: float = 0.0
    machine: Machine | None = None


@dataclass(frozen=True)
class Run:
    """A finished run. `requests` is how many wrote to the local cloud, None elsewhere."""

    mode: str
    kind: str
    results: tuple[Result, ...]
    seconds: float
    budget_seconds: float
    cases: tuple[Case, ...]

    @property
    def failed(self) -> list[Result]:
        """Steps that failed."""
        return [result for result in self.results if result.outcome is Outcome.FAILED]

    @property
    def waiting(self) -> list[Result]:
        """Steps that wait for a person, or for one that does."""
        waiting = (Outcome.PENDING, Outcome.WAITING, Outcome.MISSING)
        return [result for result in self.results if result.outcome in waiting]

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        return any(result.applied for result in self.results)

    def as_dict(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            "operation": self.kind,
            "mode": self.mode,
            "changed": self.changed,
            "failed": len(self.failed),
            "pending": len([each for each in self.waiting if each.outcome is Outcome.PENDING]),
            "seconds": round(self.seconds, 2),
            "budget_seconds": self.budget_seconds,
            "people": [
                {
                    "login": case.login,
                    "page": case.facts.get("page"),
                    "steps": [each.as_dict() for each in self.results if each.login == case.login],
                }
                for case in self.cases
            ],
        }


def carry_out(reach: Reach, order: Order, report: Reporter, today: datetime.date) -> Run:
    """Do what is ordered. Raises InputError for who cannot be onboarded, OperationError for a held lock."""
    started, began_at = time.monotonic(), time.time()
    cases = [_case(reach, order, login, today) for login in order.logins]
    deadline = started + order.budget_minutes * 60
    with ExitStack() as held:
        journals = {}
        if order.mode == APPLY:
            number = f"{int(began_at * 1000):x}-{secrets.token_hex(2)}"
            for case in cases:
                file = onboarding_dir(reach.environment) / f".{case.login}.lock"
                held.enter_context(one_run(file, case.login, f"palier onboard status {case.login}"))
                journals[case.login] = Journal(reach.environment, case.login)
                journals[case.login].begin(number, order.kind, began_at)

        def watch(result: Result) -> None:
            if order.mode == APPLY:
                journals[result.login].note(number, result)
                who = f"{result.login}: " if len(cases) > 1 else ""
                report.line(f"{who}{result.line()}")
            report.event("step", **result.as_dict())

        results = _pass(order, cases, deadline, watch, report)
        results = _waited(order, cases, deadline, watch, report, results)
        seconds = time.monotonic() - started
        for journal in journals.values():
            journal.end(number, seconds)
    return Run(order.mode, order.kind, tuple(results), seconds, order.budget_minutes * 60, tuple(cases))


def _case(reach: Reach, order: Order, login: str, today: datetime.date) -> Case:
    person = reach.roster.people[login]
    if order.kind == "onboard" and person.ends is not None and person.ends < today:
        raise InputError(
            f"left on {person.ends}; `palier offboard apply {login}` takes the access back",
            file=reach.roster.file_of(login),
            key="ends",
        )
    if order.kind == "onboard" and person.offboarded is not None:
        raise InputError(
            "was offboarded; take `offboarded` and `ends` out to bring them in again",
            file=reach.roster.file_of(login),
            key="offboarded",
        )
    facts = {"heir": order.heir} if order.heir else {}
    # Who is named is brought in, whenever they began; of everybody, only who is new.
    newcomer = not order.everybody or (today - person.starts).days < NEW_DAYS
    return Case(
        login,
        reach,
        today,
        here=order.here,
        newcomer=newcomer,
        pages=order.pages,
        machine=order.machine,
        budget_minutes=order.budget_minutes,
        facts=facts,
    )


def _pass(order: Order, cases: list[Case], deadline: float, watch: Any, report: Reporter) -> list[Result]:
    def told(login: str, text: str) -> None:
        report.line(f"  {login}: {text}" if login and len(cases) > 1 else f"  {text}")

    choice = order.choice
    steps = [step for step in choice.steps if order.machine is not None or not step.for_machine]
    if not steps:
        raise InputError("names no machine for these steps", key="--host", allowed="[USER@]HOST[:PORT]")
    return Runner(order.mode, cases, steps, deadline, watch, told, choice.looked).run()


def _waited(
    order: Order, cases: list[Case], deadline: float, watch: Any, report: Reporter, results: list[Result]
) -> list[Result]:
    """Look again while somebody is waited for. A run may be ended meanwhile: the next one resumes."""
    until = min(deadline, time.monotonic() + order.wait_minutes * 60)
    while order.mode == APPLY and any(each.outcome is Outcome.PENDING for each in results):
        left = until - time.monotonic()
        if left <= 0 or any(each.outcome is Outcome.FAILED for each in results):
            break
        with report.step(f"Waiting for people, {left / 60:.0f} minutes at most"):
            time.sleep(min(POLL_SECONDS, left))
        known = {(each.login, each.step): each.outcome for each in results}

        def changed(result: Result, known: dict[tuple[str, str], Outcome] = known) -> None:
            if known.get((result.login, result.step)) not in (result.outcome, Outcome.DONE, Outcome.ALREADY):
                watch(result)

        results = _merged(results, _pass(order, cases, deadline, changed, report))
    return results


def _merged(before: list[Result], now: list[Result]) -> list[Result]:
    """The later results, but what was done in this run stays told as done."""
    done = {(each.login, each.step): each for each in before if each.outcome is Outcome.DONE}
    return [
        done.get((each.login, each.step), each) if each.outcome is Outcome.ALREADY else each for each in now
    ]
