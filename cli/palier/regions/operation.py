"""Carry out a switchover, a failover or a way back: locked, proven, journalled, gone on with after a kill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from palier.console import Reporter
from palier.errors import OperationError
from palier.regions import measure
from palier.regions.capacity import Proof
from palier.regions.journal import FAILOVER, RESTORE, SWITCHOVER, Entry, Journal, Operation
from palier.regions.model import Hands, Lease, States, Unreachable
from palier.regions.plan import Plan, last_lag
from palier.regions.refusals import interrupted, refuse_short, refuse_silent, refuse_unhealthy
from palier.regions.status import Overview, observe
from palier.regions.steps import Clock, Step, TimedOut, carry_out
from palier.regions.topology import Topology
from palier.regions.way_back import WayBack

# Longer than any pause between two looks; a killed palier on another machine blocks for so long at most.
LEASE_SECONDS, RENEW_SECONDS = 300.0, 60.0


@dataclass
class Mover:
    """Moves the writer between regions. `owner` is who takes the lease, the same after a kill."""

    topology: Topology
    hands: Hands
    states: States
    lease: Lease
    journal: Journal
    owner: str
    report: Reporter
    clock: Clock = field(default_factory=Clock)
    settle_seconds: float = 30.0
    _silent: set[str] = field(default_factory=set)  # as last seen: not asked for a lease

    def switchover(self, to: str) -> Operation | None:
        """Move the writer to `to`, losing nothing; None where it writes already and nothing is left to do.

        Raises OperationError where a region is not healthy, or those that are left cannot carry the peak.
        """
        self.topology.site(to)
        with self.journal.alone():
            unfinished = self.journal.unfinished()
            if self._takes_back(unfinished, SWITCHOVER, to):
                return self._take_back(unfinished)
            operation = self._resumed(unfinished, SWITCHOVER, to)
            if operation is None:
                overview = self._observe()
                if overview.writer == to:
                    return None
                source = refuse_unhealthy(overview, to)
                operation = self.journal.begin(SWITCHOVER, source, to, self.clock.now())
            return self._switch(operation)

    def failover(
        self, to: str, *, lost_at: float | None = None, accepted_requests_per_second: float | None = None
    ) -> Operation | None:
        """Move the writer away from a region that is lost; None where `to` writes already.

        `accepted_requests_per_second`: what the regions that are left may carry at least, where that is less
        than the forecast peak. Raises OperationError where they carry less, or `to` does not answer.
        """
        self.topology.site(to)
        with self.journal.alone():
            unfinished = self.journal.unfinished()
            operation = self._resumed(unfinished, FAILOVER, to)
            if operation is not None:
                return self._fail_over(operation, accepted_requests_per_second)
            overview = self._observe()
            source = self._lost_writer(overview, to)
            if source is None:
                return None
            proof = refuse_short(overview.proofs[source], accepted_requests_per_second)
            if unfinished is not None:
                self.journal.end(unfinished, "overtaken", self.clock.now())
            operation = self.journal.begin(FAILOVER, source, to, self.clock.now(), lost_at)
            self._write_proof(operation, proof)
            return self._fail_over(operation, accepted_requests_per_second)

    def restore(self, regions: Sequence[str] = (), follow: str | None = None) -> Operation | None:
        """Bring back `regions` (none given: all that do not follow), to be switched to again.

        `follow` is the region that writes, for a journal that does not know. None where every region follows
        it. Raises OperationError where one does not answer, or nobody knows which region is right.
        """
        for region in (*regions, *([follow] if follow else ())):
            self.topology.site(region)
        with self.journal.alone():
            unfinished = self.journal.unfinished()
            if unfinished is not None and unfinished.kind != RESTORE:
                raise interrupted(unfinished)
            overview = self._observe()
            if unfinished is None:
                writer = self._writer_for_restore(overview, follow)
                lost = [each for each in overview.astray(writer) if not regions or each in regions]
                if not lost:
                    return None
                refuse_silent(overview, lost)
                unfinished = self.journal.begin(RESTORE, ",".join(lost), writer, self.clock.now())
            way = WayBack(self.topology, self.hands, self.states, unfinished)
            return self._run(unfinished, way.steps(unfinished.source.split(",")))

    def _observe(self) -> Overview:
        overview = observe(self.topology, self.hands)
        self._silent = {region for region, one in overview.seen.items() if one.silent is not None}
        return overview

    def _switch(self, operation: Operation) -> Operation:
        plan = Plan(self.topology, self.hands, operation, self.clock, self.settle_seconds)
        followers = [] if self.topology.aurora else self._followers(operation)
        with self._leased(operation):
            if operation.entry(measure.PROOF) is None:
                most = self._observe()
                self._write_proof(operation, refuse_short(most.proofs[operation.source], None))
            try:
                self._carry_out(operation, plan.switchover())
            except TimedOut:
                self._give_up_unpromoted(operation)
                raise
            self._carry_out(operation, followers)
            self.journal.end(operation, "done", self.clock.now())
        return operation

    def _followers(self, operation: Operation) -> list[Step]:
        way = WayBack(self.topology, self.hands, self.states, operation)
        return way.steps(
            [operation.source, *(r for r in self.topology.others(operation.to) if r != operation.source)]
        )

    def _fail_over(self, operation: Operation, accepted: float | None) -> Operation:
        plan = Plan(self.topology, self.hands, operation, self.clock, self.settle_seconds)
        if operation.entry(measure.PROOF) is None:  # killed between the begin and its proof
            overview = self._observe()
            self._write_proof(operation, refuse_short(overview.proofs[operation.source], accepted))
        return self._run(operation, plan.failover())

    def _run(self, operation: Operation, steps: list[Step]) -> Operation:
        with self._leased(operation):
            self._carry_out(operation, steps)
            self.journal.end(operation, "done", self.clock.now())
        return operation

    def _carry_out(self, operation: Operation, steps: list[Step]) -> None:
        clock = replace(self.clock, sleep=self._renewing(operation))
        for step in steps:
            if operation.entry(step.name) is not None:
                continue
            with self.report.step(step.sentence):
                entry = carry_out(step, operation, self.journal, clock)
            if entry.left:
                self.report.warn(f"{step.sentence}: left undone, {entry.left}")

    def _write_proof(self, operation: Operation, proof: Proof) -> None:
        lag = last_lag(self.hands, operation.to)
        found = {"capacity": proof.as_data(), "lag": vars(lag) if lag else None}
        now = self.clock.now()
        self.journal.done(operation, Entry(measure.PROOF, operation.began_at, now, found))

    def _resumed(self, unfinished: Operation | None, kind: str, to: str) -> Operation | None:
        """The interrupted operation where the same is asked for again; a failover overtakes any other."""
        if unfinished is None:
            return None
        if (unfinished.kind, unfinished.to) == (kind, to):
            self.report.line(f"going on with the {unfinished.sentence()}")
            return unfinished
        if kind == FAILOVER:
            return None
        raise interrupted(unfinished)

    def _takes_back(self, unfinished: Operation | None, kind: str, to: str) -> bool:
        return (
            unfinished is not None
            and unfinished.kind == kind
            and unfinished.source == to
            and not self.topology.aurora
            and unfinished.entry(measure.PROMOTE) is None
        )

    def _take_back(self, operation: Operation | None) -> Operation:
        """Undo a switchover that has not promoted yet: the writer of old writes again."""
        assert operation is not None
        with self._leased(operation):
            if self.hands.database(operation.to).role != "reader":
                raise interrupted(operation)  # the kill came between the promotion and its line
            self._lift(operation)
            self.journal.end(operation, "taken back", self.clock.now())
        return operation

    def _lift(self, operation: Operation) -> None:
        if self.hands.fenced(operation.source):
            self.hands.lift_fence(operation.source)

    def _give_up_unpromoted(self, operation: Operation) -> None:
        """Writes are not stopped for longer than a drain may take: let the writer of old write again."""
        if self.topology.aurora or self.hands.database(operation.to).role != "reader":
            return
        if self.hands.database(operation.to).available:
            self._lift(operation)
            self.journal.end(operation, "taken back", self.clock.now())
            self.report.warn(f"{operation.source} takes writes again; nothing was moved")

    def _lost_writer(self, overview: Overview, to: str) -> str | None:
        """The region to fail over from, as the applications of `to` know it; None where `to` writes."""
        here = overview.seen[to]
        if here.silent is not None or here.database is None:
            raise OperationError(
                f"{to} does not answer: {here.silent}", left="nothing was changed", next_step="another --to"
            )
        if here.database.role == "none" or not (here.database.available or here.database.role == "writer"):
            raise OperationError(
                f"{to}: the database is {here.database.state}, not available", left="nothing was changed"
            )
        if here.active != to:
            source = str(here.active)
            if overview.topology.sites.get(source) is None:
                raise OperationError(f"{to} is told that {source} writes, which is no region of the platform")
            if not overview.seen[source].problems(self.topology.targets.rpo_seconds):
                self.report.warn(f"{source} is healthy: a switchover would lose nothing")
            return source
        if len(overview.claimants) > 1:
            raise OperationError(
                f"{' and '.join(overview.claimants)} both write",
                left="nothing was changed",
                next_step="`palier region restore` makes one follow the other",
            )
        return None

    def _writer_for_restore(self, overview: Overview, follow: str | None) -> str:
        """The region to follow: the one that writes, and of two that claim to, the last one moved to."""
        claimants = overview.claimants
        moved = [
            each.to for each in self.journal.operations() if each.kind != RESTORE and each.outcome == "done"
        ]
        chosen = follow or overview.writer or (moved[-1] if moved else None)
        if chosen in claimants:
            return str(chosen)
        if not claimants:
            failed = "no region that answers writes, so there is none to follow"
            following = "`palier region status`, then a failover"
        else:
            failed = f"{' and '.join(claimants)} write, and this journal does not know which is right"
            following = "`palier region restore --follow REGION`: the other's writes go into a snapshot"
        raise OperationError(failed, left="nothing was changed", next_step=following)

    @contextmanager
    def _leased(self, operation: Operation) -> Iterator[None]:
        """Hold the lease in every region that answers, in one order: two operators meet in one of them."""
        self._renewed_at = self.clock.now()
        held: list[str] = []
        try:
            for region in self._asked_for_leases():
                try:
                    other = self.lease.take(region, self.owner, LEASE_SECONDS)
                except Unreachable:
                    continue
                if other is not None:
                    if not [each for each in operation.entries if each.step != measure.PROOF]:
                        self.journal.end(operation, "kept out", self.clock.now())
                    raise OperationError(
                        f"{other.get('owner', 'another palier')} is moving the regions, as {region} knows",
                        left="nothing was changed by this one",
                        next_step=f"wait; a palier that was killed loses it after {LEASE_SECONDS:.0f} s",
                    )
                held.append(region)
            if operation.to not in held:
                raise OperationError(f"{operation.to} does not answer", left="it goes on when run again")
            yield
        finally:
            self._give_back(held)

    def _asked_for_leases(self) -> list[str]:
        return [region for region in self.topology.regions if region not in self._silent]

    def _give_back(self, held: list[str]) -> None:
        for region in held:
            try:
                self.lease.give_back(region, self.owner)
            except Unreachable:
                continue  # it expires

    def _renewing(self, operation: Operation) -> Any:
        """Sleep that keeps the lease alive."""

        def sleep(seconds: float) -> None:
            self.clock.sleep(seconds)
            if self.clock.now() - self._renewed_at < RENEW_SECONDS:
                return
            self._renewed_at = self.clock.now()
            for region in self._asked_for_leases():
                try:
                    self.lease.take(region, self.owner, LEASE_SECONDS)
                except Unreachable:
                    continue

        return sleep
