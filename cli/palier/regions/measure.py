"""How long an operation took to recover and what it may have lost, against the targets.

RTO: from the loss of the region (as told, else from when the failover was begun) or, as planned, from when
writes were stopped, until applications are told of a database that writes. RPO: 0 after a switchover, which
proves it step by step. After a failover, what the follower was behind when that was last measured; where the
moment of the loss is told, all that was written between the last write that surely arrived and that moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from palier.regions.journal import FAILOVER, RESTORE, Entry, Operation
from palier.regions.topology import Targets

# The steps that the measures hang on; palier.regions.plan names them so.
PROOF, FENCE, SWITCH, PROMOTE, ACTIVATE = "prove", "fence", "switch", "promote", "activate"


@dataclass(frozen=True)
class Measures:
    """Seconds; None where it was not measured (or, in a way back, has no sense)."""

    rto_seconds: float | None
    rpo_seconds: float | None
    rpo_basis: str
    targets: Targets

    @property
    def rto_kept(self) -> bool | None:
        """Whether the target was kept; None where nothing was measured."""
        return None if self.rto_seconds is None else self.rto_seconds <= self.targets.rto_seconds

    @property
    def rpo_kept(self) -> bool | None:
        """Whether the target was kept; None where nothing was measured."""
        return None if self.rpo_seconds is None else self.rpo_seconds <= self.targets.rpo_seconds

    def as_data(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {
            "rto": _row(self.rto_seconds, self.targets.rto_seconds, self.rto_kept),
            "rpo": {
                **_row(self.rpo_seconds, self.targets.rpo_seconds, self.rpo_kept),
                "basis": self.rpo_basis,
            },
        }


def measure(operation: Operation, targets: Targets) -> Measures:
    """What the journal says of an operation."""
    if operation.kind == RESTORE:
        return Measures(None, None, "a way back moves no writer", targets)
    activated = operation.entry(ACTIVATE)
    if operation.kind == FAILOVER:
        since = operation.lost_at if operation.lost_at is not None else operation.began_at
        rpo, basis = _lost(operation)
    else:
        stopped = operation.entry(FENCE) or operation.entry(SWITCH)
        since = _ready_to(stopped, operation) if stopped else operation.began_at
        moved = operation.entry(PROMOTE) or operation.entry(SWITCH)
        rpo = 0.0 if moved else None
        basis = "every write had arrived before the promotion" if moved else "not promoted"
    rto = max(0.0, activated.ended_at - since) if activated else None
    return Measures(rto, rpo, basis, targets)


def _ready_to(stopped: Entry, operation: Operation) -> float:
    """When the step that stopped writes may have begun: a run that was killed in it wrote nothing down."""
    before = operation.entries[: operation.entries.index(stopped)]
    return before[-1].ended_at if before else operation.began_at


def _lost(operation: Operation) -> tuple[float | None, str]:
    proof = operation.entry(PROOF)
    lag = (proof.found.get("lag") if proof else None) or None
    if lag is None:
        return None, "no lag was measured before the loss"
    if operation.lost_at is not None:
        until = float(lag["measured_at"]) - float(lag["seconds"])
        return max(
            0.0, operation.lost_at - until
        ), "written after the last write that surely arrived, at most"
    age = max(0.0, operation.began_at - float(lag["measured_at"]))
    return float(lag["seconds"]), f"lag as last measured, {age:.0f} s before the failover"


def _row(seconds: float | None, target: float, kept: bool | None) -> dict[str, Any]:
    return {
        "seconds": None if seconds is None else round(seconds, 3),
        "target_seconds": target,
        "kept": kept,
    }
