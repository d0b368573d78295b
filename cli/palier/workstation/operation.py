"""`palier workstation`: plan, apply, verify and doctor, for one machine; its lock and its journal."""

from __future__ import annotations

import hashlib
import platform
import secrets
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from palier.console import Reporter
from palier.errors import InputError, OperationError
from palier.onboarding.journal import Journal
from palier.onboarding.locks import one_run
from palier.onboarding.results import Outcome, Result
from palier.paths import onboarding_dir
from palier.workstation import titles
from palier.workstation.advice import next_step
from palier.workstation.events import CHANGED, SKIPPED, Record, Task
from palier.workstation.play import Play, run
from palier.workstation.target import Target
from palier.workstation.variables import Owner, variables

PLAN, APPLY, VERIFY, DOCTOR = "plan", "apply", "verify", "doctor"
PLAYBOOKS = {PLAN: "workstation.yml", APPLY: "workstation.yml", VERIFY: "verify.yml", DOCTOR: "doctor.yml"}
KIND = "workstation"
REPOSITORIES = "repositories"


@dataclass(frozen=True)
class Order:
    """What is asked for. `owner` is None for a machine that is nobody's.

    `playbook` and `given`, its variables, stand for another one than the mode's; `again` is its command.
    """

    mode: str
    target: Target
    owner: Owner | None
    environment: str
    budget_minutes: float
    only: Sequence[str] = ()
    become_password: str | None = None
    playbook: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    again: str | None = None


@dataclass(frozen=True)
class Done:
    """A finished run: a result for each role, and what Ansible told of each task."""

    mode: str
    target: Target
    login: str
    results: tuple[Result, ...]
    record: Record
    seconds: float
    budget_seconds: float
    past_seconds: tuple[float, ...] = field(default=())

    @property
    def failed(self) -> list[Result]:
        """Roles that failed."""
        return [each for each in self.results if each.outcome is Outcome.FAILED]

    @property
    def waiting(self) -> list[Result]:
        """Roles that wait for a person."""
        return [each for each in self.results if each.outcome is Outcome.PENDING]

    def as_dict(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            "operation": KIND,
            "mode": self.mode,
            "machine": self.target.name,
            "login": self.login or None,
            "changed": self.mode == APPLY and bool(self.record.changed),
            "failed": len(self.failed),
            "pending": len(self.waiting),
            "seconds": round(self.seconds, 2),
            "budget_seconds": self.budget_seconds,
            "roles": [each.as_dict() for each in self.results],
            "tasks": [
                {
                    "role": task.role,
                    "task": task.name,
                    "outcome": task.outcome,
                    "seconds": round(task.seconds, 2),
                }
                for task in self.record.tasks
            ],
            "notes": self.record.notes,
            "checks": [dict(check) for check in self.record.checks],
        }


def carry_out(order: Order, report: Reporter) -> Done:
    """Do what is ordered. Raises InputError for a role that is none, OperationError where it cannot begin."""
    known = titles.roles()
    for name in order.only:
        if name not in known:
            raise InputError(f"no role {name!r}", key="--only", allowed=", ".join(known))
    began, started = time.time(), time.monotonic()
    given = _variables(order, report)
    with one_run(_lock_file(order), order.target.name, ""):
        record = _played(order, order.mode, given, started, report)
        results = list(_results(order, record, began))
        if not results:
            raise _never_began(record)
        if order.mode == APPLY and order.owner and not order.only and record.failure is None:
            results += _proved(order, given, record, started, report)
        seconds = time.monotonic() - started
        past = _noted(order, results, began, seconds) if order.mode == APPLY and order.owner else ()
    login = order.owner.login if order.owner else ""
    return Done(
        order.mode,
        order.target,
        login,
        tuple(results),
        record,
        seconds,
        order.budget_minutes * 60,
        tuple(past),
    )


def _played(order: Order, mode: str, given: Mapping[str, Any], started: float, report: Reporter) -> Record:
    left = order.budget_minutes * 60 - (time.monotonic() - started)
    return run(
        Play(
            order.playbook or PLAYBOOKS[mode],
            order.target,
            given,
            order.environment,
            check=mode == PLAN,
            tags=order.only,
            become_password=order.become_password if mode != VERIFY else None,
            limit_seconds=max(1.0, left),
        ),
        report,
    )


def _proved(
    order: Order, given: Mapping[str, Any], record: Record, started: float, report: Reporter
) -> list[Result]:
    """The proof after the work; without the sample, where a person is waited for before it can be cloned."""
    if record.waits:
        given = {**given, "verify_sample": ""}
    began = time.time()
    proof = _played(order, VERIFY, given, started, report)
    record.checks, record.tasks = proof.checks, record.tasks + proof.tasks
    record.notes += proof.notes
    return list(_results(replace(order, mode=VERIFY), proof, began))


def _variables(order: Order, report: Reporter) -> Mapping[str, Any]:
    stops = {"preflight_stops": order.mode != DOCTOR}
    if order.owner is None:
        return {**stops, **order.given}
    engine = None
    if any(profile.pulumi for profile in order.owner.profiles.values()):
        from palier.engine.find import find_engine
        from palier.engine.ladder import ensure_engine

        engine = ensure_engine(report) if order.mode == APPLY else find_engine()
    return {**variables(order.owner, engine, platform.machine()), **stops}


def _results(order: Order, record: Record, began: float) -> Iterator[Result]:
    login = order.owner.login if order.owner else ""
    at = began
    failure = record.failure
    again = command(order)
    for role, tasks in record.roles().items():
        seconds = sum(task.seconds for task in tasks)
        if role:
            result = Result(login, role, titles.title(role), Outcome.ALREADY, "", at, at)
            _judge(order, result, tasks, record)
            if failure is not None and failure.role == role and failure in tasks:
                said = failure.says.partition("next: ")[0].rstrip("; ")
                result.outcome, result.says = Outcome.FAILED, f"{failure.name}: {said}"
                result.next_step = next_step(failure, order.target.ssh, again)
            result.ended_at = at + seconds
            yield result
        at += seconds
    if failure is not None and not failure.role:
        result = Result(login, "facts", "Reach the machine", Outcome.FAILED, failure.says, began, at)
        result.next_step = next_step(failure, order.target.ssh, again)
        yield result
    if failure is None and record.rc != 0 and record.tasks:
        says = " ".join(record.said[-2:]) or f"Ansible ended with {record.rc}"
        yield Result(login, "run", "Run", Outcome.FAILED, says, began, at, next_step=again)


def _judge(order: Order, result: Result, tasks: list[Task], record: Record) -> None:
    changed = [task for task in tasks if task.outcome == CHANGED]
    if changed and order.mode == PLAN:
        result.outcome = Outcome.MISSING
        result.says = _count(len(changed), len(tasks), "would change something")
        result.would = tuple(dict.fromkeys(task.name for task in changed))
    elif changed:
        result.outcome, result.applied = Outcome.DONE, True
        result.says = _count(len(changed), len(tasks), "changed something")
    else:
        result.says = "as it should be" if order.mode in (PLAN, APPLY) else _checked(record)
        if all(task.outcome == SKIPPED for task in tasks):
            result.outcome, result.says = Outcome.UNASKED, "not for this machine"
    if result.step == REPOSITORIES and record.waits:
        result.outcome = Outcome.PENDING
        result.says = "; ".join(dict.fromkeys(wait.says for wait in record.waits))
        result.waits_for = record.waits[0].waits_for


def _count(some: int, all_: int, what: str) -> str:
    return f"{some} of {all_} tasks {what}"


def _checked(record: Record) -> str:
    wrong = [check for check in record.checks if not check.get("ok")]
    return f"{len(wrong)} of {len(record.checks)} checks found something" if wrong else "proven"


def _never_began(record: Record) -> OperationError:
    said = [line for line in record.said if "ERROR" in line or "error" in line.lower()] or record.said
    return OperationError(
        f"Ansible could not begin: {' '.join(said[-2:]) or f'exit code {record.rc}'}",
        left="nothing was changed",
        next_step="palier workstation doctor",
    )


def command(order: Order) -> str:
    """The command that does it again."""
    if order.again:
        return order.again
    login = f" {order.owner.login}" if order.owner else ""
    mode = APPLY if order.mode in (APPLY, VERIFY) else order.mode
    host = "" if order.target.is_here else f" --host {order.target.name}"
    key = f" --key {shlex.quote(str(order.target.key))}" if order.target.key else ""
    return f"palier workstation {mode}{login}{host}{key}"


def _noted(order: Order, results: Sequence[Result], began: float, seconds: float) -> list[float]:
    assert order.owner is not None
    journal = Journal(order.environment, order.owner.login)
    number = f"{int(began * 1000):x}-{secrets.token_hex(2)}"
    journal.begin(number, KIND, began)
    for result in results:
        journal.note(number, result)
    journal.end(number, seconds)
    return [each.seconds for each in journal.runs() if each.kind == KIND and each.seconds is not None]


def _lock_file(order: Order) -> Path:
    """One run for a machine at a time, from this one; its name may have characters that no file may have."""
    name = hashlib.sha256(order.target.name.encode()).hexdigest()[:12]
    return onboarding_dir(order.environment) / f".machine-{name}.lock"
