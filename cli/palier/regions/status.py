"""How every region is, asked of all at once; one that does not answer is told as such, and holds up none."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from palier.regions.capacity import Proof, prove
from palier.regions.model import READER, WRITER, Database, Lag, Sight, Tier, Unreachable
from palier.regions.topology import Topology

# The clients give up earlier; this is for what they do not see, as a name that does not resolve.
LONGEST_SECONDS = 25.0


@dataclass(frozen=True)
class RegionSeen:
    """One region. `silent` says how it failed to answer; all else is None then."""

    region: str
    silent: str | None = None
    database: Database | None = None
    lag: Lag | None = None
    tier: Tier | None = None
    sessions: str | None = None
    active: str | None = None
    dns: str | None = None

    def problems(self, rpo_seconds: float) -> list[str]:
        """What is wrong with it, in words; empty where it is healthy."""
        if self.silent is not None:
            return [f"{self.region} does not answer: {self.silent}"]
        assert self.database is not None
        assert self.tier is not None
        found = []
        if not self.database.available:
            found.append(f"{self.region}: the database is {self.database.state}, not available")
        if self.database.role == READER and self.lag is None:
            found.append(f"{self.region}: no replication lag was measured lately")
        if self.lag is not None and self.lag.seconds > rpo_seconds:
            found.append(f"{self.region} is {self.lag.seconds:.0f} s behind, allowed {rpo_seconds:g} s")
        if self.tier.healthy == 0:
            found.append(f"{self.region}: none of {self.tier.targets} targets is healthy")
        if self.sessions != "ACTIVE":
            found.append(f"{self.region}: the sessions are {self.sessions}, not ACTIVE")
        if self.dns not in ("healthy", "no health check"):
            found.append(f"{self.region}: for DNS it is {self.dns}")
        return found

    def as_data(self, rpo_seconds: float) -> dict[str, Any]:
        """As JSON tells it."""
        database, lag, tier = self.database, self.lag, self.tier
        return {
            "region": self.region,
            "answers": self.silent is None,
            "silent": self.silent,
            "role": database.role if database else None,
            "database_state": database.state if database else None,
            "follows": database.follows or None if database else None,
            "lag_seconds": lag.seconds if lag else None,
            "lag_measured_at": lag.measured_at if lag else None,
            "healthy_targets": tier.healthy if tier else None,
            "targets": tier.targets if tier else None,
            "instances": tier.instances if tier else None,
            "max_instances": tier.max_instances if tier else None,
            "sessions": self.sessions,
            "active_region": self.active,
            "dns": self.dns,
            "problems": self.problems(rpo_seconds),
        }


@dataclass(frozen=True)
class Overview:
    """Every region, and what is left to carry the peak when one of them is lost, by the one lost."""

    seen: Mapping[str, RegionSeen]
    proofs: Mapping[str, Proof]
    topology: Topology

    @property
    def claimants(self) -> list[str]:
        """Regions whose database follows nobody and whose applications are told to write there.

        Two of them after a failover, once the lost region is back: it does not know.
        """
        return [one.region for one in self._alone() if one.active == one.region]

    @property
    def writer(self) -> str | None:
        """The region that writes; None where there is none, or more than one."""
        return self.claimants[0] if len(self.claimants) == 1 else None

    def astray(self, writer: str) -> list[str]:
        """Regions that do not follow `writer`, are told another, or are led away from by DNS."""
        source = "" if self.topology.aurora else self.topology.site(writer).database_arn
        found = []
        for region in self.topology.others(writer):
            seen = self.seen[region]
            follows = seen.database is not None and (
                seen.database.role == READER and (self.topology.aurora or seen.database.follows == source)
            )
            if not follows or seen.active != writer or seen.dns == "led away":
                found.append(region)
        return found

    def _alone(self) -> list[RegionSeen]:
        return [one for one in self.seen.values() if one.database and one.database.role == WRITER]

    def problems(self) -> list[str]:
        """What is wrong, in words; empty where every region is healthy and any may be lost."""
        limit = self.topology.targets.rpo_seconds
        found = [problem for one in self.seen.values() for problem in one.problems(limit)]
        told = {one.active for one in self.seen.values() if one.silent is None}
        if len(told) > 1:
            found.append(f"applications are told different regions that write: {', '.join(map(str, told))}")
        writers = [one.region for one in self._alone()]
        if len(writers) > 1:
            found.append(f"{' and '.join(writers)} follow nobody: one of them must (palier region restore)")
        if not writers:
            found.append("no region that answers has a database that writes")
        found += [
            f"without {lost}, {proof.sentence()}" for lost, proof in self.proofs.items() if not proof.holds
        ]
        return found

    def as_data(self) -> dict[str, Any]:
        """As JSON tells it."""
        targets = self.topology.targets
        return {
            "healthy": not self.problems(),
            "writer": self.writer,
            "database_engine": "aurora_global" if self.topology.aurora else "rds_replica",
            "regions": [one.as_data(targets.rpo_seconds) for one in self.seen.values()],
            "without": {lost: proof.as_data() for lost, proof in self.proofs.items()},
            "targets": {"rto_seconds": targets.rto_seconds, "rpo_seconds": targets.rpo_seconds},
            "problems": self.problems(),
        }


def observe(topology: Topology, sight: Sight, longest_seconds: float = LONGEST_SECONDS) -> Overview:
    """Ask every region, all at once."""
    pool = ThreadPoolExecutor(len(topology.regions), thread_name_prefix="region")
    began = time.monotonic()
    try:
        asked = {region: pool.submit(_see, region, sight) for region in topology.regions}
        wait(asked.values(), timeout=longest_seconds)
        waited = time.monotonic() - began
        late = f"no answer in {waited:.0f} s"
        seen = {
            region: future.result() if future.done() else RegionSeen(region, silent=late)
            for region, future in asked.items()
        }
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    most = {region: one.tier.max_instances if one.tier else None for region, one in seen.items()}
    proofs = {lost: prove(topology.demand, topology.others(lost), most) for lost in topology.regions}
    return Overview(seen, proofs, topology)


def _see(region: str, sight: Sight) -> RegionSeen:
    try:
        database = sight.database(region)
        return RegionSeen(
            region,
            database=database,
            lag=sight.lag(region) if database.role == READER else None,
            tier=sight.tier(region),
            sessions=sight.sessions(region),
            active=sight.active_region(region),
            dns=sight.led_to(region),
        )
    except Unreachable as unreachable:
        return RegionSeen(region, silent=unreachable.how)
