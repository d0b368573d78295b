"""Regions in memory, with the habits of AWS that matter: things take a while, and nothing may be asked twice.

Every request that changes something is an effect, counted; a second one like it, while the first is under way
or done, is an error of the test's subject. Before and after each request a kill may come.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from palier.console import Reporter
from palier.regions.journal import Journal
from palier.regions.model import NO_DATABASE, READER, WRITER, Database, Lag, Shape, Tier, Unreachable
from palier.regions.operation import Mover
from palier.regions.steps import Clock
from palier.regions.topology import Demand, Site, Targets, Topology

HOME, AWAY = "eu-west-3", "eu-west-1"
STARTED_AT = 1_000_000.0
LASTS_SECONDS = 7.0  # each change that AWS takes its time for


class Killed(BaseException):
    """kill -9: nothing may catch it, nothing is cleaned up."""


def topology(*, aurora: bool = False, regions: tuple[str, ...] = (HOME, AWAY), peak: float = 300) -> Topology:
    """A platform in these regions."""
    return Topology(
        regions=regions,
        sites={each: Site(each, "tg", "asg", "db", f"arn:{each}", f"check-{each}") for each in regions},
        aurora=aurora,
        global_cluster_identifier="world" if aurora else None,
        sessions_table="sessions",
        active_region_parameter="/active",
        targets=Targets(900, 300),
        demand=Demand(peak, 50),
    )


_NUMBERS = itertools.count(1)


@dataclass
class Instance:
    """A database: whom it follows, and until when something is under way with it."""

    follows: str = ""
    busy_until: float = 0.0
    then: str = ""  # what is under way: promoted, removed, or nothing that changes its role
    backup_retention_days: int = 7
    resource_id: str = field(default_factory=lambda: f"db-{next(_NUMBERS)}")


@dataclass
class World:
    """What stands. It outlives the paliers that are killed."""

    topology: Topology
    now: float = STARTED_AT
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    active: dict[str, str] = field(default_factory=dict)
    fences: set[str] = field(default_factory=set)
    led: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    unhealthy: set[str] = field(default_factory=set)
    lag_seconds: dict[str, float] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    leases: dict[str, tuple[str, float]] = field(default_factory=dict)
    snapshots: list[str] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    states: set[str] = field(default_factory=set)  # ids by which Pulumi's states know instances
    kill_at: int | None = None
    moments: int = 0

    @classmethod
    def standing(cls, topology: Topology, near: int = 0) -> World:
        """Home writes, the others follow; `near` replicas within the home region."""
        world = cls(topology)
        home = topology.home
        for region in topology.regions:
            world.instances[region, "db"] = Instance("" if region == home else f"arn:{home}")
            world.active[region] = home
            world.most[region] = 6
        for number in range(near):
            world.instances[home, f"near-{number}"] = Instance("db")
        world.states = world.ids()
        return world

    def ids(self) -> set[str]:
        """Ids of the instances that stand."""
        return {one.resource_id for one in self.instances.values()}

    def moment(self) -> None:
        """A moment at which a kill may come."""
        self.moments += 1
        if self.kill_at == self.moments:
            raise Killed

    def settle(self) -> None:
        """Let what was under way, and has had its time, be done."""
        for key, one in list(self.instances.items()):
            if one.then and self.now >= one.busy_until:
                if one.then == "promoted":
                    one.follows = ""
                if one.then == "removed":
                    del self.instances[key]
                one.then = ""

    def standings(self) -> object:
        """What is left in the end, to be compared."""
        instances = {key: (one.follows, one.backup_retention_days) for key, one in self.instances.items()}
        return instances, self.active, self.fences, self.led, len(self.snapshots), dict(self.leases)


class FakeHands:
    """Hands and Lease over a World."""

    def __init__(self, world: World) -> None:
        self.world, self.topology = world, world.topology

    def _answer(self, region: str) -> None:
        if region in self.world.silent:
            raise Unreachable(region, "no answer in time")
        self.world.settle()

    def _effect(self, region: str, name: str) -> None:
        """The request arrives; the kill comes before it is sent, or before its answer is read."""
        self._answer(region)
        self.world.moment()
        self.world.effects[f"{name} {region}"] += 1

    def database(self, region: str, identifier: str | None = None) -> Database:
        self._answer(region)
        one = self.world.instances.get((region, identifier or "db"))
        if one is None:
            return Database("absent", NO_DATABASE)
        role = READER if one.follows else WRITER
        return Database(
            "modifying" if one.then else "available", role, one.follows, one.backup_retention_days
        )

    def lag(self, region: str, since: float | None = None) -> Lag | None:
        self._answer(region)
        one = self.world.instances[region, "db"]
        if not one.follows:
            return None
        seconds = self.world.lag_seconds.get(region, 0.0)
        source = one.follows.removeprefix("arn:")
        measured_at = self.world.now - (60 if source in self.world.silent else 0)
        return Lag(seconds, measured_at) if since is None or measured_at >= since else None

    def tier(self, region: str) -> Tier:
        self._answer(region)
        return Tier(0 if region in self.world.unhealthy else 2, 2, 2, self.world.most[region])

    def sessions(self, region: str) -> str:
        self._answer(region)
        return "ACTIVE"

    def active_region(self, region: str) -> str:
        self._answer(region)
        return self.world.active[region]

    def led_to(self, region: str) -> str:
        return "led away" if region in self.world.led else "healthy"

    def fenced(self, region: str) -> bool:
        self._answer(region)
        return region in self.world.fences

    def tell_active_region(self, region: str, active: str) -> None:
        self._effect(region, f"tell {active}")
        assert self.world.active[region] != active
        self.world.active[region] = active
        self.world.moment()

    def fence(self, region: str) -> None:
        self._effect(region, "fence")
        assert region not in self.world.fences
        self.world.fences.add(region)
        self.world.moment()

    def lift_fence(self, region: str) -> None:
        self._effect(region, "lift")
        self.world.fences.remove(region)
        self.world.moment()

    def _begin(self, region: str, identifier: str, then: str) -> Instance:
        one = self.world.instances[region, identifier]
        assert not one.then, f"{then} asked of {region} {identifier} while {one.then} is under way"
        one.busy_until, one.then = self.world.now + LASTS_SECONDS, then
        return one

    def _move(self, to: str) -> None:
        self._begin(to, "db", "promoted")
        for region in self.topology.others(to):
            self.world.instances[region, "db"].follows = f"arn:{to}"
            if region not in self.world.silent:
                self._begin(region, "db", "following")

    def switch_global(self, to: str) -> None:
        self._effect(to, "switch")
        assert not self.world.silent
        self._move(to)
        self.world.moment()

    def fail_over_global(self, to: str) -> None:
        self._effect(to, "fail over")
        self._move(to)
        self.world.moment()

    def promote(self, region: str) -> None:
        self._effect(region, "promote")
        assert self.world.instances[region, "db"].follows
        self._begin(region, "db", "promoted")
        self.world.moment()

    def shapes(self, region: str) -> list[Shape]:
        self._answer(region)
        found = [(name, one) for (place, name), one in self.world.instances.items() if place == region]
        return [
            {
                "identifier": name,
                "stood_alone": not one.follows,
                "resource_id": one.resource_id,
                "backup_retention_days": one.backup_retention_days,
                "maintenance_window": "",
            }
            for name, one in sorted(found)
        ]

    def remove(self, region: str, identifier: str, snapshot: str | None) -> None:
        self._effect(region, f"remove {identifier}")
        near = [name for place, name in self.world.instances if place == region and name != "db"]
        assert identifier != "db" or not near, "its replicas would stand alone"
        self._begin(region, identifier, "removed")
        if snapshot:
            assert snapshot not in self.world.snapshots
            self.world.snapshots.append(snapshot)
        self.world.moment()

    def make_follower(self, region: str, shape: Shape, source: str) -> None:
        self._effect(region, f"make {shape['identifier']}")
        key = (region, shape["identifier"])
        assert key not in self.world.instances
        self.world.instances[key] = Instance(source, backup_retention_days=0)
        self._begin(*key, "made")
        self.world.moment()

    def keep_backups(self, region: str, shape: Shape) -> None:
        self._effect(region, f"keep backups of {shape['identifier']}")
        one = self._begin(region, shape["identifier"], "changed")
        one.backup_retention_days = shape["backup_retention_days"]
        self.world.moment()

    def lead_away(self, region: str) -> None:
        self._effect(self.topology.home if region != self.topology.home else AWAY, f"lead away from {region}")
        assert region not in self.world.led
        self.world.led.add(region)
        self.world.moment()

    def lead_back(self, region: str) -> None:
        self._effect(region, "lead back")
        self.world.led.remove(region)
        self.world.moment()

    def hold(self, ids: Iterable[str]) -> bool:
        return bool(self.world.states & set(ids))

    def rebind(self, ids: Mapping[str, str]) -> None:
        self.world.effects["rebind"] += 1
        self.world.states = {ids.get(known, known) for known in self.world.states}
        self.world.moment()

    def take(self, region: str, owner: str, seconds: float) -> Mapping[str, str] | None:
        self._answer(region)
        holder, until = self.world.leases.get(region, (owner, 0.0))
        if holder != owner and until > self.world.now:
            return {"owner": holder}
        self.world.leases[region] = (owner, self.world.now + seconds)
        return None

    def give_back(self, region: str, owner: str) -> None:
        self._answer(region)
        if self.world.leases.get(region, ("", 0))[0] == owner:
            del self.world.leases[region]


class Quiet(Reporter):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def line(self, text: str) -> None:
        self.said.append(text)


def mover(world: World, folder: Path, owner: str = "ada@desk") -> Mover:
    """A palier on a machine whose journal is in `folder`."""

    def sleep(seconds: float) -> None:
        world.now += seconds

    hands = FakeHands(world)
    return Mover(
        topology=world.topology,
        hands=hands,
        states=hands,
        lease=hands,
        journal=Journal("local", folder, folder),
        owner=owner,
        report=Quiet(),
        clock=Clock(lambda: world.now, sleep, 1.0),
        settle_seconds=2.0,
    )
