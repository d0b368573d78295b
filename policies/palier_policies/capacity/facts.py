"""From resources to what the capacity model knows of them: counts and sizes, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from palier.capacity.standing import vcpus_of
from palier.capacity.structure import Structure

from palier_policies.resources import NotKnown, Resource

DATABASE, PROXY = "aws:rds/instance:Instance", "aws:rds/proxy:Proxy"
CLUSTER, CLUSTER_INSTANCE = "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"
GROUP, SCALING = "aws:autoscaling/group:Group", "aws:autoscaling/policy:Policy"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
SHARDS, REGIONS = "shards", "multi-region"


@dataclass(frozen=True)
class Facts:
    """What one stack has of each kind. `region_most` are the most instances by region, for those it has.

    `storage_gib` is what the writers may grow to; `classes` the writers' classes by name.
    """

    instances: int = 0
    instances_most: int = 0
    target_cpu_percent: float | None = None
    writers: int = 0
    replicas: int = 0
    database_vcpus: int | None = None
    proxies: int = 0
    distributions: int = 0
    storage_gib: float = 0.0
    region_most: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    cache_nodes: Mapping[str, int] = field(default_factory=dict)
    unknown: tuple[NotKnown, ...] = ()


def facts_of(resources: Iterable[Resource]) -> Facts:
    """The facts that resources show. What is not known yet is left out and told in `unknown`."""
    counted = _Counted()
    for resource in resources:
        reader = _READERS.get(resource.type)
        if reader is None:
            continue
        try:
            reader(counted, resource)
        except NotKnown as error:
            counted.unknown.append(error)
    return counted.facts()


@dataclass
class _Counted:
    groups: list[tuple[str, int, int]] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    writers: dict[str, str] = field(default_factory=dict)
    storage: list[float] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    nodes: dict[str, int] = field(default_factory=dict)
    unknown: list[NotKnown] = field(default_factory=list)

    def count(self, kind: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def facts(self) -> Facts:
        by_region: dict[str, int] = {}
        for region, _, most in self.groups:
            by_region[region] = by_region.get(region, 0) + most
        home = self.groups[0][0] if self.groups else ""
        sizes = [vcpus for each in self.writers.values() if (vcpus := vcpus_of(each)) is not None]
        return Facts(
            instances=sum(least for region, least, _ in self.groups if region == home),
            instances_most=by_region.get(home, 0),
            target_cpu_percent=min(self.targets, default=None),
            writers=len(self.writers),
            replicas=self.counts.get("replicas", 0),
            database_vcpus=min(sizes, default=None),
            proxies=self.counts.get("proxies", 0),
            distributions=self.counts.get("distributions", 0),
            storage_gib=sum(self.storage),
            region_most=by_region,
            classes=self.writers,
            cache_nodes=self.nodes,
            unknown=tuple(self.unknown),
        )


def _group(counted: _Counted, group: Resource) -> None:
    least = group.read("desiredCapacity") or group.read("minSize", default=0)
    counted.groups.append((group.region, int(least), int(group.read("maxSize", default=least))))


def _scaling(counted: _Counted, policy: Resource) -> None:
    if (target := policy.read("targetTrackingConfiguration", "targetValue")) is not None:
        counted.targets.append(float(target))


def _database(counted: _Counted, database: Resource) -> None:
    source = database.inputs.get("replicateSourceDb")
    if source:
        # A replica of another region is named by its ARN, and serves that region.
        if not str(source).startswith("arn:"):
            counted.count("replicas")
        return
    counted.writers[database.name] = str(database.read("instanceClass", default=""))
    most = database.read("maxAllocatedStorage") or database.read("allocatedStorage", default=0)
    counted.storage.append(float(most))


def _cluster_instance(counted: _Counted, instance: Resource) -> None:
    counted.writers.setdefault(instance.name, str(instance.read("instanceClass", default="")))


def _cache(counted: _Counted, group: Resource) -> None:
    counted.nodes[group.name] = int(group.read("numCacheClusters", default=1))


_READERS: Mapping[str, Any] = {
    GROUP: _group,
    SCALING: _scaling,
    DATABASE: _database,
    CLUSTER_INSTANCE: _cluster_instance,
    CACHE: _cache,
    PROXY: lambda counted, _proxy: counted.count("proxies"),
    DISTRIBUTION: lambda counted, _distribution: counted.count("distributions"),
}


def owned(project: str, *either: Facts) -> frozenset[str]:
    """The fields of a structure that a stack decides: those of which it has something, before or after."""
    found = {
        "instances": any(each.instances_most for each in either),
        "instances_most": any(each.instances_most for each in either),
        "target_cpu_percent": any(each.target_cpu_percent for each in either),
        "database_vcpus": any(each.database_vcpus for each in either),
        "database_proxy": any(each.proxies for each in either),
        "replicas": any(each.replicas for each in either),
        "cdn": any(each.distributions for each in either),
        "shards": project == SHARDS and any(each.writers for each in either),
        "regions": project == REGIONS or any(len(each.region_most) > 1 for each in either),
    }
    if project == REGIONS:  # its instances and databases are further ones, not those at home
        found |= dict.fromkeys(
            ("instances", "instances_most", "target_cpu_percent", "database_vcpus", "replicas"), False
        )
    return frozenset(name for name, mine in found.items() if mine)


def overlaid(base: Structure, project: str, facts: Facts, fields: frozenset[str]) -> Structure:
    """The structure with what the stack decides taken from its facts."""
    values: dict[str, Any] = {
        "instances": facts.instances or None,
        "instances_most": facts.instances_most or None,
        "target_cpu_percent": facts.target_cpu_percent or base.target_cpu_percent,
        "database_vcpus": facts.database_vcpus or base.database_vcpus,
        "database_proxy": facts.proxies > 0,
        "replicas": facts.replicas,
        "cdn": facts.distributions > 0,
        "shards": max(1, facts.writers),
        "regions": len(facts.region_most) + 1 if project == REGIONS else max(1, len(facts.region_most)),
    }
    return base.with_changes(**{name: values[name] for name in fields})


def lost(before: Facts, after: Facts) -> Sequence[str]:
    """Caches with fewer nodes than before, in words: no metric of the model tells of them."""
    return [
        f"{count - after.cache_nodes.get(name, 0)} of {count} nodes of {name}"
        for name, count in before.cache_nodes.items()
        if after.cache_nodes.get(name, 0) < count
    ]
