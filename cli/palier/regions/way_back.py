"""The way back: every region that does not follow the writer is made to, so that it can be switched to again.

After a failover the database of the lost region holds writes that no other has, and cannot follow. For RDS it
goes into a snapshot, to be read by people, and a replica of the writer takes its place under its own name;
its replicas within the region are made anew after it. Aurora takes its cluster back by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from palier.errors import OperationError
from palier.regions.journal import Operation
from palier.regions.model import READER, Hands, Shape, States
from palier.regions.steps import DONE, TODO, UNDERWAY, Standing, Step
from palier.regions.topology import Topology

# A replica over regions begins with a copy of the whole database: hours where it is large.
REBUILD_SECONDS, REJOIN_SECONDS, CATCH_UP_SECONDS, CHANGE_SECONDS = 6 * 3600, 3600, 3600, 300
ACTIVE = "ACTIVE"


class WayBack:
    """The steps that bring regions back to follow the writer, `operation.to`."""

    def __init__(self, topology: Topology, hands: Hands, states: States, operation: Operation) -> None:
        self.topology, self.hands, self.states, self.operation = topology, hands, states, operation
        self.writer = operation.to

    def steps(self, regions: list[str]) -> list[Step]:
        """The steps for `regions`, one region after the other."""
        return [step for region in regions for step in self._of(region)]

    def _of(self, region: str) -> list[Step]:
        follow = [self._rejoin(region)] if self.topology.aurora else self._rebuild(region)
        led = [self._lead_back(region)] if self.topology.site(region).health_check_id else []
        return [self._tell(region), *follow, self._catch_up(region), self._sessions(region), *led]

    def _tell(self, region: str) -> Step:
        return Step(
            f"tell:{region}",
            f"tell the applications in {region} that {self.writer} writes",
            lambda: DONE if self.hands.active_region(region) == self.writer else TODO,
            lambda: self.hands.tell_active_region(region, self.writer),
            CHANGE_SECONDS,
        )

    def _rejoin(self, region: str) -> Step:
        def look() -> Standing:
            database = self.hands.database(region)
            if not database.stands:
                raise OperationError(
                    f"the database in {region} is not in {self.topology.global_cluster_identifier}",
                    left=f"{self.writer} writes, and {region} does not follow",
                    next_step=f"delete the cluster in {region} when its data is of no more use, then "
                    "`palier up multi-region`, then the same command again",
                )
            return DONE if database.role == READER and database.available else UNDERWAY

        sentence = f"wait until the database in {region} follows again"
        return Step(f"follow:{region}", sentence, look, lambda: None, REJOIN_SECONDS)

    def _rebuild(self, region: str) -> list[Step]:
        """Note the shape of what is removed; remove and make anew; let it write again once it is promoted."""
        noted = f"shape:{region}"

        def shapes() -> list[Shape]:
            entry = self.operation.entry(noted)
            return list(entry.found["shapes"]) if entry else []

        def there() -> Standing:
            if self.hands.database(region).stands:
                return DONE
            raise OperationError(
                f"there is no database in {region}, and this journal does not know what it was like",
                left=f"{self.writer} writes, and {region} does not follow",
                next_step="go on where the operation began; else make a replica of the writer in its place, "
                f"named {self.topology.site(region).database_identifier}, then the same command again",
            )

        note = Step(
            noted,
            f"note what the database in {region} is like",
            there,
            lambda: None,
            CHANGE_SECONDS,
            lambda: {"shapes": self.hands.shapes(region)},
        )
        follow = Step(
            f"follow:{region}",
            f"make the database in {region} anew as a follower of {self.writer}",
            lambda: _Rebuild(self, region, shapes()).look(),
            lambda: _Rebuild(self, region, shapes()).act(),
            REBUILD_SECONDS,
            lambda: {"snapshot": self.snapshot(shapes()[0]) if shapes()[0]["stood_alone"] else None},
        )
        lift = Step(
            f"lift:{region}",
            f"let the database in {region} write once it is promoted",
            lambda: TODO if self.hands.fenced(region) else DONE,
            lambda: self.hands.lift_fence(region),
            CHANGE_SECONDS,
        )
        return [note, follow, self._rebind(region, shapes), lift]

    def _rebind(self, region: str, shapes: Callable[[], list[Shape]]) -> Step:
        """An instance made anew has another id; by the old one Pulumi would miss it and make a second."""

        def ids() -> dict[str, str]:
            now = {shape["identifier"]: shape["resource_id"] for shape in self.hands.shapes(region)}
            return {
                shape["resource_id"]: now[shape["identifier"]]
                for shape in shapes()
                if now.get(shape["identifier"], shape["resource_id"]) != shape["resource_id"]
            }

        return Step(
            f"rebind:{region}",
            f"tell Pulumi's states of the new databases in {region}",
            lambda: TODO if self.states.hold(ids()) else DONE,
            lambda: self.states.rebind(ids()),
            CHANGE_SECONDS,
            lambda: {"ids": ids()},
        )

    def snapshot(self, shape: Shape) -> str:
        """The name of the snapshot that keeps what the instance of old held."""
        return f"{shape['identifier']}-before-{self.operation.id}"

    def _catch_up(self, region: str) -> Step:
        limit = self.topology.targets.rpo_seconds

        def look() -> Standing:
            lag = self.hands.lag(region)
            return DONE if lag is not None and lag.seconds <= limit else UNDERWAY

        sentence = f"wait until {region} is at most {limit:g} s behind"
        return Step(f"catch-up:{region}", sentence, look, lambda: None, CATCH_UP_SECONDS)

    def _sessions(self, region: str) -> Step:
        def look() -> Standing:
            return DONE if self.hands.sessions(region) == ACTIVE else UNDERWAY

        sentence = f"wait until the sessions in {region} are active"
        return Step(f"sessions:{region}", sentence, look, lambda: None, CHANGE_SECONDS)

    def _lead_back(self, region: str) -> Step:
        return Step(
            f"lead-back:{region}",
            f"let DNS lead to {region} while it is healthy",
            lambda: TODO if self.hands.led_to(region) == "led away" else DONE,
            lambda: self.hands.lead_back(region),
            CHANGE_SECONDS,
        )


class _Rebuild:
    """How far a region's instances are, read off what stands: the next thing to do, or whether to wait.

    Of `shapes` the first is the region's database, the others are its replicas within the region. What
    stands and follows no writer goes, replicas first; then the database comes anew, then its replicas.
    """

    def __init__(self, way: WayBack, region: str, shapes: list[Shape]) -> None:
        self._way, self._hands, self._region, self._shapes = way, way.hands, region, shapes
        self._source = way.topology.site(way.writer).database_arn

    def look(self) -> Standing:
        """How it stands."""
        return self._next()[0]

    def act(self) -> None:
        """Do the next thing."""
        self._next()[1]()

    def _next(self) -> tuple[Standing, Any]:
        main, *locals_ = self._shapes
        database = self._hands.database(self._region, main["identifier"])
        if database.stands and database.follows != self._source:
            return self._removal([*locals_, main])
        if step := self._made(main, self._source):
            return step
        for shape in locals_:
            if step := self._made(shape, main["identifier"]):
                return step
        return DONE, None

    def _removal(self, shapes: list[Shape]) -> tuple[Standing, Any]:
        """Remove what stands, one after the other: a replica first, since its source's end would free it."""
        for shape in shapes:
            database = self._hands.database(self._region, shape["identifier"])
            if not database.stands:
                continue
            if not database.available:
                return UNDERWAY, None
            # A replica takes no snapshot of its own: RDS makes none of one that is deleted.
            name = self._way.snapshot(shape) if shape is shapes[-1] and shape["stood_alone"] else None
            return TODO, partial(self._hands.remove, self._region, shape["identifier"], name)
        return UNDERWAY, None

    def _made(self, shape: Shape, source: str) -> tuple[Standing, Any] | None:
        """What is left to do until an instance of this shape follows `source`; None where it does."""
        database = self._hands.database(self._region, shape["identifier"])
        if not database.stands:
            return TODO, partial(self._hands.make_follower, self._region, shape, source)
        if not database.available:
            return UNDERWAY, None
        kept = (database.backup_retention_days, database.maintenance_window)
        if kept != (shape["backup_retention_days"], shape["maintenance_window"]):
            return TODO, partial(self._hands.keep_backups, self._region, shape)
        return None
