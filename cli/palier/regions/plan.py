"""What a switchover and a failover consist of, step by step, for either kind of database.

Aurora moves its writer itself. RDS for PostgreSQL has no switchover over regions: writes are stopped by the
database itself, the follower catches up with the last of them, is promoted, and the writer of old is made
anew as a follower. Until the promotion that can be taken back; from then on the new writer is the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from palier.regions import measure
from palier.regions.journal import Operation
from palier.regions.model import READER, WRITER, Hands, Lag, Unreachable
from palier.regions.steps import DONE, TODO, UNDERWAY, Clock, Standing, Step
from palier.regions.topology import Topology

# The longest that AWS takes: minutes for a promotion, and for an Aurora switchover or failover (Aurora
# guide: about a minute, longer under load). RDS tells of lag once a minute, and of an idle primary every five
# minutes, when it archives its log.
TELL_SECONDS, FENCE_SECONDS, PROMOTE_SECONDS, GLOBAL_SECONDS, DRAIN_SECONDS = 60, 300, 1800, 1800, 900
OF_A_LOST_REGION_SECONDS = 20


class Plan:
    """The steps of one operation. `settle_seconds`: how long a transaction under way may still write."""

    def __init__(
        self, topology: Topology, hands: Hands, operation: Operation, clock: Clock, settle_seconds: float
    ) -> None:
        self.topology, self.hands, self.operation, self.clock = topology, hands, operation, clock
        self.source, self.to = operation.source, operation.to
        self.settle_seconds = settle_seconds

    def switchover(self) -> list[Step]:
        """As planned, nothing lost. The followers are made anew by the steps of the way back."""
        if self.topology.aurora:
            return [self._global("switch", self.hands.switch_global), *self._activate(lost=None)]
        return [
            self._lift(self.to, "lift"),
            self._fence(self.source),
            self._drain(),
            self._promote(),
            *self._activate(lost=None),
        ]

    def failover(self) -> list[Step]:
        """In need: no step waits for the region that is lost."""
        after = []
        if self.topology.site(self.source).health_check_id:
            after.append(self._lead_away())
        if self.topology.aurora:
            moved = [self._global(measure.SWITCH, self.hands.fail_over_global)]
        else:
            # Where it still hears: what is written there from now on would be lost to everyone.
            stop = self._fence(self.source, optional=True)
            moved = [stop, self._lift(self.to, "lift"), self._promote()]
        return [*moved, *self._activate(lost=self.source), *after]

    def _fence(self, region: str, *, optional: bool = False) -> Step:
        """Stop the writes; done when the transactions that were under way have had time to end."""

        def look() -> Standing:
            return DONE if self.hands.fenced(region) else TODO

        def settled() -> dict[str, Any]:
            if not optional:
                self.clock.sleep(self.settle_seconds)
            return {"fenced_at": self.clock.now()}

        return Step(
            measure.FENCE,
            f"stop writes in {region}",
            look,
            lambda: self.hands.fence(region),
            OF_A_LOST_REGION_SECONDS if optional else FENCE_SECONDS,
            settled,
            optional,
        )

    def _lift(self, region: str, name: str) -> Step:
        return Step(
            name,
            f"let the database in {region} write once it is promoted",
            lambda: TODO if self.hands.fenced(region) else DONE,
            lambda: self.hands.lift_fence(region),
            FENCE_SECONDS,
        )

    def _drain(self) -> Step:
        """Wait until all that was written before the writes stopped has arrived."""
        seen: dict[str, Lag] = {}

        def look() -> Standing:
            fence = self.operation.entry(measure.FENCE)
            fenced_at = float(fence.found["fenced_at"]) if fence else self.clock.now()
            if self.hands.database(self.to).role == WRITER:
                return DONE  # promoted already: that was done after the drain
            lag = self.hands.lag(self.to, fenced_at)
            if lag is None or lag.replicated_until < fenced_at:
                return UNDERWAY
            seen["lag"] = lag
            return DONE

        return Step(
            "drain",
            f"wait until {self.to} has every write",
            look,
            _nothing,
            DRAIN_SECONDS,
            lambda: {name: vars(lag) for name, lag in seen.items()},
        )

    def _promote(self) -> Step:
        def look() -> Standing:
            database = self.hands.database(self.to)
            if database.role == WRITER and database.available:
                return DONE
            return TODO if database.role == READER and database.available else UNDERWAY

        return Step(
            measure.PROMOTE,
            f"promote the database in {self.to}",
            look,
            lambda: self.hands.promote(self.to),
            PROMOTE_SECONDS,
        )

    def _global(self, name: str, move: Callable[[str], None]) -> Step:
        def look() -> Standing:
            database = self.hands.database(self.to)
            if not database.available:
                return UNDERWAY
            return DONE if database.role == WRITER else TODO

        return Step(
            measure.SWITCH,
            f"let Aurora {'switch' if name == 'switch' else 'fail'} over to {self.to}",
            look,
            lambda: move(self.to),
            GLOBAL_SECONDS,
        )

    def _activate(self, lost: str | None) -> list[Step]:
        """Tell the applications; those of the new writer's region first, since the measure ends there.

        The measure is of all regions that serve, so its step is the last of them.
        """
        serving = [each for each in (self.to, *self.topology.others(self.to)) if each != lost]
        told = Step(
            measure.ACTIVATE,
            f"tell the applications in {', '.join(serving)} that {self.to} writes",
            partial(self._told, serving),
            partial(self._tell, serving),
            TELL_SECONDS,
        )
        if lost is None:
            return [told]
        return [told, self.tell_lost(lost)]

    def tell_lost(self, lost: str) -> Step:
        """Tell the lost region as well, where it hears: its applications would go on writing there."""
        return Step(
            f"tell:{lost}",
            f"tell the applications in {lost} that {self.to} writes",
            partial(self._told, [lost]),
            partial(self._tell, [lost]),
            OF_A_LOST_REGION_SECONDS,
            optional=True,
        )

    def _told(self, regions: list[str]) -> Standing:
        return DONE if all(self.hands.active_region(each) == self.to for each in regions) else TODO

    def _tell(self, regions: list[str]) -> None:
        for region in regions:
            if self.hands.active_region(region) != self.to:
                self.hands.tell_active_region(region, self.to)

    def _lead_away(self) -> Step:
        """Health checks find out by themselves; this holds it so until the way back, whatever it answers."""
        return Step(
            f"lead-away:{self.source}",
            f"let DNS lead nobody to {self.source}",
            lambda: DONE if self.hands.led_to(self.source) == "led away" else TODO,
            lambda: self.hands.lead_away(self.source),
            OF_A_LOST_REGION_SECONDS,
            optional=True,
        )


def last_lag(hands: Hands, region: str) -> Lag | None:
    """The newest lag of a follower, None where nobody knows."""
    try:
        return hands.lag(region)
    except Unreachable:
        return None


def _nothing() -> None:
    """Nothing to be done but to wait."""
