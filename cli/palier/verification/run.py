"""Run a phase's checks and say what each found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from palier.errors import OperationError
from palier.verification.model import BRING_UP, Absent, Answer, Check, CheckResult
from palier.verification.reads import ClientSource, Reads
from palier.verification.shards_world import Shards
from palier.verification.table import checks_of
from palier.verification.world import Foundation, Replicas, World
from palier.verification.world_regions import MultiRegion

# Checks wait for AWS far more than they compute; each listing is fetched by whichever asks first.
THREADS = 8
# The world that each phase's checks look at: of (settings by phase, environment, reads).
WORLDS: Mapping[str, Callable[[Mapping[str, Any], str, Reads], World]] = {
    "foundation": Foundation.of,
    "replicas": Replicas.of,
    "shards": Shards.of,
    "multi-region": MultiRegion.of,
}


def run_checks(
    phase: str, settings: Mapping[str, Any], environment: str, clients: ClientSource
) -> list[CheckResult]:
    """Check `phase` in `environment` through `clients`; the results in the order of the table.

    `settings` holds the settings models by phase: the phase's own and those of every phase it requires,
    whose resources it is checked against. Raises OperationError where nothing of the phase stands, or
    where AWS refuses a read.
    """
    reads = Reads(clients)
    try:
        world = WORLDS[phase](settings, environment, reads)
        _refuse_nothing(phase, world, environment)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
            answers = list(pool.map(lambda check: _ask(check, world), checks_of(phase)))
        return [result for results in answers for result in results]
    finally:
        reads.close()


def _ask(check: Check, world: World) -> list[CheckResult]:
    advice = check.advice
    try:
        answers = list(check.look(world))
    except Absent as absent:
        answers = [Answer(False, absent.what, "not found", "exists")]
        advice = BRING_UP
    what = check.phase + _flag(world.things.scope.environment)
    return [
        CheckResult(
            check.id, check.sentence, ok, subject, actual, expected, "" if ok else advice.format(phase=what)
        )
        for ok, subject, actual, expected in answers
    ]


def _flag(environment: str) -> str:
    return "" if environment == "local" else f" --env {environment}"


def _refuse_nothing(phase: str, world: World, environment: str) -> None:
    """One clear line where the phase is not there at all, instead of forty red ones."""
    if not world.first_made():
        tags = ", ".join(f"{key}={value}" for key, value in world.things.scope.tags.items())
        raise OperationError(
            f"{phase} does not stand in {environment}: nothing carries {tags}",
            next_step=f"palier up {phase}{_flag(environment)}",
        )
