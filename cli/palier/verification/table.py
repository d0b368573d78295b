"""The table of all checks, in the order in which they are told."""

from __future__ import annotations

from palier.verification import (
    application,
    data,
    multi_region,
    network,
    observability,
    replicas,
    shards,
    storage,
)
from palier.verification.model import Check

CHECKS: tuple[Check, ...] = (
    *network.CHECKS,
    *application.CHECKS,
    *data.CHECKS,
    *storage.CHECKS,
    *observability.CHECKS,
    *replicas.CHECKS,
    *shards.CHECKS,
    *multi_region.CHECKS,
)

PHASES: tuple[str, ...] = tuple(dict.fromkeys(check.phase for check in CHECKS))


def checks_of(phase: str) -> tuple[Check, ...]:
    """The checks of one phase, in order; none for a phase that has none."""
    return tuple(check for check in CHECKS if check.phase == phase)
