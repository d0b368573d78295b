"""Before each operation: settle what a killed run left behind (ADR 0007).

In this order, because each step needs the one before: the processes of the killed run end (so that nothing
is created behind our back), the lock of the dead goes and so do the files that it left half-written (so that
the engine may work), and the operations that the state calls pending are settled from what really stands.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from palier.console import Reporter
from palier.errors import OperationError
from palier.phases import locks, processes, sidecars
from palier.phases.adoption import adopt
from palier.phases.failures import lock_error
from palier.phases.runs import RunRecord
from palier.phases.stack import PhaseStack
from palier.phases.state import PendingOperation, StackState

# An RDS instance may take longer to create, but its request is answered within seconds: the engine ends a
# graceful stop when the provider answers the cancellation.
GRACE_SECONDS = 60.0


def settle(
    stack: PhaseStack,
    report: Reporter,
    choices: Mapping[str, str | None] | None = None,
    *,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Settle what a killed run left of `stack`; to be called while holding `stack.book.alone()`.

    `choices` decides pending creations where nobody else can: URN to the provider's id, or to None for
    one that does not stand. Raises OperationError where the stack is locked by someone who may live, or
    where pending creations of a real account need a decision.

    Where the state must be read again from what stands, `stack.book.owes_refresh()` says so afterwards,
    until an operation that begins with a refresh has succeeded: recovery may be killed too.
    """
    record = stack.book.read()
    if record is not None:
        end_run(record, report, grace_seconds)
        stack.book.end()
    unlock(stack, report)
    mend_files(stack, report)
    settle_pending(stack, report, choices or {})


def end_run(record: RunRecord, report: Reporter, grace_seconds: float = GRACE_SECONDS) -> None:
    """End what is left of a run whose palier has died: in good order if it can be, else killed."""
    pid = record.engine()
    if pid is not None:
        with report.step(
            f"Stopping the engine of a palier that was killed ({record.operation}, pid {pid})"
        ) as step:
            _stop(record, pid, step.update, grace_seconds)
    left = processes.end(record.members())
    if left:
        report.line(f"Ended what a killed run had left running: {_pids(left)}")
    if pid is not None or left:
        # The emulator may still be answering the last request of a provider that was ended.
        time.sleep(0.2)


def _stop(record: RunRecord, pid: int, update: Callable[[str], None], grace_seconds: float) -> None:
    processes.send(pid, signal.SIGINT)
    started = time.monotonic()
    while record.engine() is not None:
        waited = time.monotonic() - started
        if waited > grace_seconds:
            update(f"no answer in {grace_seconds:.0f} s, killing it")
            processes.send(pid, signal.SIGKILL)
            processes.wait_until(lambda: record.engine() is None, 10.0)
            return
        update(f"it finishes what is under way ({waited:.0f} s)")
        processes.wait_until(lambda: record.engine() is None, 0.5)


def unlock(stack: PhaseStack, report: Reporter) -> None:
    """Remove the stack's locks whose holders have died. Raises OperationError for one that may live.

    Only a file backend can be looked at; elsewhere the engine refuses, and that refusal is told.
    """
    if stack.backend is None:
        return
    for lock in locks.read(stack.backend, stack.phase.name, stack.name):
        if not lock.is_dead():
            raise lock_error(stack.phase.name, stack.name, f" by {lock.holder()}")
        locks.remove(lock)
        report.line(f"Removed the lock of a process that has died (pid {lock.pid}, since {lock.since})")


def mend_files(stack: PhaseStack, report: Reporter) -> None:
    """Remove what the engine of a killed run left half-written beside the state."""
    if stack.backend is None:
        return
    for torn in sidecars.mend(stack.backend, stack.phase.name, stack.name):
        report.line(f"Removed a half-written file of a killed run ({torn.name}); the state itself is whole")


def settle_pending(stack: PhaseStack, report: Reporter, choices: Mapping[str, str | None]) -> None:
    """Settle the pending operations that the state knows of.

    Creations are taken into the state where their resource stands, and dropped where it does not. Updates
    and deletions need only the refresh that follows: it reads what became of them.
    """
    now = stack.state()
    if not now.pending:
        return
    report.line(f"{len(now.pending)} operations were interrupted: {_listed(now.pending)}")
    stack.book.owe_refresh()
    creates = now.pending_creates
    found = _found(stack, now, creates, choices) if creates else {}
    if creates:
        exported = stack.export()
        exported["deployment"] = adopt(exported.get("deployment") or {}, found)
        stack.replace(exported)
        for operation in creates:
            provider_id = found.get(operation.urn)
            report.line(
                f"  {operation.type} {operation.name}: "
                + (f"had been created, taken over ({provider_id})" if provider_id else "had not been created")
            )


def _found(
    stack: PhaseStack,
    now: StackState,
    creates: tuple[PendingOperation, ...],
    choices: Mapping[str, str | None],
) -> dict[str, str]:
    if not stack.environment.is_local:
        return _chosen(stack, creates, choices)
    known = {(resource.urn, resource.id) for resource in now.resources}
    found: dict[str, str] = {}
    for operation in creates:
        provider_id = choices.get(operation.urn) or find_in_local_cloud(
            stack.environment.endpoint or "", operation
        )
        if provider_id is not None and (operation.urn, provider_id) not in known:
            found[operation.urn] = provider_id
    return found


def find_in_local_cloud(endpoint: str, operation: PendingOperation) -> str | None:
    """The id of what a killed run created for this operation, from the local cloud's journal; or None."""
    from urllib.parse import quote

    from palier.local import client
    from palier.local.provider.recovery import find_created

    creations: list[dict[str, Any]] = client.must_ask(
        endpoint, f"creations?urn={quote(operation.urn, safe='')}"
    )
    return find_created(operation.urn, operation.type, operation.inputs, creations) if creations else None


def _chosen(
    stack: PhaseStack, creates: tuple[PendingOperation, ...], choices: Mapping[str, str | None]
) -> dict[str, str]:
    open_ones = [operation for operation in creates if operation.urn not in choices]
    if open_ones:
        raise undecided(stack.phase.name, stack.name, open_ones)
    return {urn: provider_id for urn, provider_id in choices.items() if provider_id}


def undecided(phase: str, environment: str, creates: list[PendingOperation]) -> OperationError:
    """Pending creations of a real account: which, how to look for them, and what to run for each answer."""
    lines = [f"{len(creates)} resources may or may not have been created by a run that was killed:"]
    for operation in creates:
        lines.append(f"  {operation.type} {operation.name}")
        lines.append(f"    {operation.urn}")
    first = creates[0].urn
    tags = f"palier:phase={phase}, palier:environment={environment}, palier:name={creates[0].name}"
    return OperationError(
        "\n".join(lines),
        left=f"look for each by its tags ({tags}), in the console or with `aws resourcegroupstaggingapi`",
        next_step=(
            f"one --adopt or --forget for each: palier refresh {phase} --env {environment} "
            f"--adopt '{first}=<its id>' where it stands, --forget '{first}' where it does not"
        ),
    )


def _listed(pending: tuple[PendingOperation, ...]) -> str:
    shown = [f"{operation.kind} {operation.name}" for operation in pending[:5]]
    more = f" and {len(pending) - 5} more" if len(pending) > 5 else ""
    return ", ".join(shown) + more


def _pids(pids: list[int]) -> str:
    return ("pid " if len(pids) == 1 else "pids ") + ", ".join(str(pid) for pid in pids)
