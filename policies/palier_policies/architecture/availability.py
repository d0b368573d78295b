"""Zones: one that fails takes nothing critical with it."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Literal

from pydantic import Field

from palier_policies.architecture.common import Throwaway, apart, flag, number
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import NotKnown, Resource
from palier_policies.stack import Stack

INSTANCE = "aws:rds/instance:Instance"
CACHE, MEMORY = "aws:elasticache/replicationGroup:ReplicationGroup", "aws:memorydb/cluster:Cluster"
GROUP, NAT = "aws:autoscaling/group:Group", "aws:ec2/natGateway:NatGateway"
BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
DOMAINS = ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain")
Part = Literal["databases", "caches", "groups", "load_balancers", "nat_gateways", "search"]
_LEAST_ZONES = 2  # AWS Security Hub AutoScaling.2 and ELB.13


class Zones(Throwaway):
    """What is critical."""

    critical: list[Part] = Field(
        default=["databases", "caches", "groups", "load_balancers", "nat_gateways", "search"],
        description="What must outlive a zone.",
    )
    caches: list[str] = Field(
        default=["*session*"], description="Patterns of the logical names of caches that must outlive a zone."
    )


def _zones(stack: Stack, settings: Zones) -> Iterator[Problem]:
    parts = {
        INSTANCE: ("databases", _database),
        CACHE: ("caches", _cache),
        MEMORY: ("caches", _memory),
        GROUP: ("groups", _group),
        **dict.fromkeys(BALANCERS, ("load_balancers", _balancer)),
        **dict.fromkeys(DOMAINS, ("search", _domain)),
    }
    for resource in stack.of(*parts):
        part, check = parts[resource.type]
        if part in settings.critical:
            yield from apart(partial(check, resource, settings))
    if "nat_gateways" in settings.critical:
        yield from _nat(stack, settings)


def _database(resource: Resource, settings: Zones) -> Iterator[Problem]:
    if flag(resource, "multiAz") or resource.read("replicateSourceDb"):
        return
    if "replicateSourceDb" in resource.ignores:
        # A failover moves who writes, and the program leaves that alone: the state's inputs tell nothing.
        yield Problem.of(
            resource,
            f"{resource.label}: not judged: multiAz is not true, and replicateSourceDb is under "
            "ignoreChanges: the plan does not tell whether it writes",
            level="advisory",
            not_known=True,
        )
    else:
        yield Problem.of(
            resource,
            f"{resource.label}: multiAz is not true: the zone that fails takes the writer with it; set it "
            "to true",
        )


def _cache(resource: Resource, settings: Zones) -> Iterator[Problem]:
    if not any(fnmatchcase(resource.name, pattern) for pattern in settings.caches):
        return
    for name in ("multiAzEnabled", "automaticFailoverEnabled"):
        yield from apart(partial(_on, resource, name))


def _on(resource: Resource, name: str) -> Iterator[Problem]:
    if not flag(resource, name):
        yield Problem.of(
            resource,
            f"{resource.label}: {name} is not true: the zone that fails takes every session with it; set "
            "it to true",
        )


def _memory(resource: Resource, settings: Zones) -> Iterator[Problem]:
    replicas = number(resource, "numReplicasPerShard")
    if replicas is not None and replicas < 1:
        yield Problem.of(
            resource,
            f"{resource.label}: numReplicasPerShard is {replicas:g}: a zone that fails stops it; set it to "
            "1 or more",
            actual=replicas,
            limit=1.0,
        )


def _group(resource: Resource, settings: Zones) -> Iterator[Problem]:
    yield from _several(resource, ("vpcZoneIdentifiers", "availabilityZones"))
    most = number(resource, "maxSize")
    if most is not None and most < _LEAST_ZONES:
        yield Problem.of(
            resource,
            f"{resource.label}: maxSize is {most:g}: one instance is in one zone; set it to {_LEAST_ZONES} "
            "or more",
            actual=most,
            limit=float(_LEAST_ZONES),
        )


def _balancer(resource: Resource, settings: Zones) -> Iterator[Problem]:
    yield from _several(resource, ("subnets", "subnetMappings"))


def _several(resource: Resource, places: tuple[str, ...]) -> Iterator[Problem]:
    """A problem where a resource has places in fewer than two zones; a subnet is in one zone."""
    given = {name: resource.read(name) for name in places}
    name, found = next(((name, value) for name, value in given.items() if value), (places[0], []))
    count = len(found) if isinstance(found, list) else 1
    if count < _LEAST_ZONES:
        yield Problem.of(
            resource,
            f"{resource.label}: {name} has {count}: the zone that fails takes all of it; give it "
            f"{_LEAST_ZONES} or "
            "more, each in a zone of its own",
            actual=float(count),
            limit=float(_LEAST_ZONES),
        )


def _domain(resource: Resource, settings: Zones) -> Iterator[Problem]:
    if not flag(resource, "clusterConfig", "zoneAwarenessEnabled"):
        yield Problem.of(
            resource,
            f"{resource.label}: clusterConfig.zoneAwarenessEnabled is not true: a zone that fails stops "
            "it; set it "
            "to true, with two nodes or more",
        )


def _nat(stack: Stack, settings: Zones) -> Iterator[Problem]:
    by_region: dict[str, list[Resource]] = {}
    for gateway in stack.of(NAT):
        if settings.covers(gateway):
            continue
        try:
            if gateway.read("connectivityType", default="public") == "public":
                by_region.setdefault(gateway.region, []).append(gateway)
        except NotKnown as error:
            yield Problem.unknown(error)
    for region, gateways in by_region.items():
        if len(gateways) < _LEAST_ZONES:
            yield Problem.of(
                gateways[0],
                f"{gateways[0].label} is the only NAT gateway of {region}: when its zone fails, no "
                "instance reaches "
                "anything outside; make one for each zone",
                actual=1.0,
                limit=float(_LEAST_ZONES),
            )


POLICIES = (
    Policy(
        name="multi-az",
        says="What is critical outlives the failure of a zone.",
        severity="high",
        level="mandatory",
        source="AWS Security Hub RDS.5, ElastiCache.3, AutoScaling.2, ELB.13, Opensearch.6; Amazon VPC "
        "user guide, "
        "“NAT gateway basics”",
        check_stack=_zones,
        settings=Zones,
        limits="Counts subnets, not the zones that they are in. An instance whose replicateSourceDb is under "
        "ignoreChanges, and not set, may write or follow: that is said, and not judged. Replicas of RDS are "
        "let through, and Aurora, which "
        "stores in three zones by itself. An environment that is made to be thrown away may have one NAT "
        "gateway.",
        remedy="None: it costs as much again, and RDS copies the whole volume for it.",
        example=Example(
            breaks='aws.rds.Instance("database", instance_class="db.t4g.medium", multi_az=False)',
            keeps='aws.rds.Instance("database", instance_class="db.t4g.medium", multi_az=True)',
        ),
    ),
)
