"""Run a phase's checks and say what each found."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from palier.errors import OperationError
from palier.verification.inventory import Inventory, Scope
from palier.verification.model import Absent, Answer, Check, CheckResult
from palier.verification.reads import ClientSource, Reads
from palier.verification.table import PHASES, checks_of
from palier.verification.wanted import foundation_wanted, platform_of, replicas_wanted
from palier.verification.world import Foundation, Replicas

# Checks wait for AWS far more than they compute; each listing is fetched by whichever asks first.
THREADS = 8


def run_checks(phase: str, settings: Any, environment: str, clients: ClientSource) -> list[CheckResult]:
    """Check `phase` in `environment` through `clients`; the results in the order of the table.

    `settings` is the phase's settings model. Raises OperationError where nothing of the phase stands,
    or AWS refuses a read.
    """
    reads = Reads(clients)
    try:
        world = _world(phase, settings, environment, reads)
        _refuse_nothing(world.things, environment)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
            answers = list(pool.map(lambda check: _ask(check, world), checks_of(phase)))
        return [result for results in answers for result in results]
    finally:
        reads.close()


def _world(phase: str, settings: Any, environment: str, reads: Reads) -> Foundation | Replicas:
    platform = platform_of(settings)
    foundation = Inventory(reads, Scope(platform, "foundation", environment))
    if phase == "foundation":
        return Foundation(reads, foundation, foundation_wanted(settings))
    if phase == "replicas":
        things = Inventory(reads, Scope(platform, "replicas", environment))
        return Replicas(reads, things, foundation, replicas_wanted(settings))
    raise KeyError(f"no checks for phase {phase}; there are for {', '.join(PHASES)}")


def _ask(check: Check, world: Foundation | Replicas) -> list[CheckResult]:
    answers: Iterable[Answer]
    try:
        answers = list(check.look(world))
    except Absent as absent:
        answers = [Answer(False, absent.what, "not found", "exists")]
    return [
        CheckResult(
            check.id,
            check.sentence,
            answer.ok,
            answer.subject,
            answer.actual,
            answer.expected,
            "" if answer.ok else check.advice,
        )
        for answer in answers
    ]


def _refuse_nothing(things: Inventory, environment: str) -> None:
    """One clear line where the phase is not there at all, instead of thirty red ones."""
    phase = things.scope.phase
    first_made = (things.vpcs, things.databases, things.hosted_zones) if phase == "foundation" else (things.databases, things.hosted_zones)
    if not any(listing() for listing in first_made):
        flag = "" if environment == "local" else f" --env {environment}"
        raise OperationError(
            f"{phase} does not stand in {environment}: no resource carries the tags {_told(things.scope)}",
            next_step=f"palier up {phase}{flag}",
        )


def _told(scope: Scope) -> str:
    return ", ".join(f"{key}={value}" for key, value in scope.tags.items())
