"""Why an operation does not begin, in words: what binds, what is left, what would do."""

from __future__ import annotations

from palier.errors import OperationError
from palier.regions.capacity import Proof
from palier.regions.journal import RESTORE, Operation
from palier.regions.status import Overview


def interrupted(operation: Operation) -> OperationError:
    """Another operation is under way."""
    again = f"palier region {operation.kind}"
    again += f" --to {operation.to}" if operation.kind != RESTORE else ""
    return OperationError(
        f"the {operation.sentence()} was interrupted",
        left=f"{len(operation.entries)} of its steps are done",
        next_step=f"`{again}` goes on with it",
    )


def refuse_unhealthy(overview: Overview, to: str) -> str:
    """The region that writes, where a switchover may begin."""
    problems = overview.problems()
    if problems or overview.writer is None:
        raise OperationError(
            f"no switchover to {to}: " + ("; ".join(problems) or "nobody knows which region writes"),
            left="nothing was changed",
            next_step="mend it, or `palier region failover` where a region is lost",
        )
    return overview.writer


def refuse_short(proof: Proof, accepted_requests_per_second: float | None) -> Proof:
    """The proof, where it holds or what is missing is accepted."""
    if proof.holds:
        return proof
    if accepted_requests_per_second is None:
        raise OperationError(
            f"the regions that are left cannot carry the forecast peak: {proof.sentence()}",
            left="nothing was changed",
            next_step=proof.remedy(),
        )
    if proof.capacity_requests_per_second < accepted_requests_per_second:
        raise OperationError(
            f"not even {accepted_requests_per_second:g} requests/s: {proof.sentence()}",
            left="nothing was changed",
            next_step=f"accept {proof.capacity_requests_per_second:g} or less, or {proof.remedy()}",
        )
    return proof


def refuse_silent(overview: Overview, regions: list[str]) -> None:
    """A region that is to be brought back has to answer."""
    for region in regions:
        if (how := overview.seen[region].silent) is not None:
            raise OperationError(
                f"{region} does not answer: {how}",
                left="nothing was changed",
                next_step="the way back begins when the region is back",
            )
