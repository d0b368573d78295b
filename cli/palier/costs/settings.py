"""What settings cost, without an engine: the priced things that each phase makes of its settings.

The same unit functions as for resources, so the two agree for the types of `COVERED`; tests hold them against
each other. Keys, alarms, logs and the like, of which settings do not tell how many there are, are left to the
costs of a preview. Settings are taken by their names: `palier` imports none of the stacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from palier.costs import units
from palier.costs.model import CostEstimate, Item, Subject, number
from palier.costs.prices import PriceBook
from palier.costs.units import Database
from palier.errors import InputError

Together = Mapping[str, Any]
"""Settings by phase: those of the phase that is priced, and of those that it requires."""

# What the components say and no setting does: palier_stacks/foundation/application.py, caches.py.
ROOT_VOLUME_GIB, ROOT_VOLUME_TYPE, CACHE_ENGINE = Decimal(20), "gp3", "redis"

COVERED = frozenset(
    f"aws:{kind}"
    for kind in (
        "autoscaling/group:Group",
        "cloudfront/distribution:Distribution",
        "dynamodb/table:Table",
        "ec2/eip:Eip",
        "ec2/natGateway:NatGateway",
        "elasticache/replicationGroup:ReplicationGroup",
        "lb/loadBalancer:LoadBalancer",
        "rds/cluster:Cluster",
        "rds/clusterInstance:ClusterInstance",
        "rds/instance:Instance",
        "rds/proxy:Proxy",
        "s3/bucket:Bucket",
        "secretsmanager/secret:Secret",
    )
)
"""The types that settings are priced for."""


def settings_cost(
    phase_name: str, settings_by_phase: Together, prices: PriceBook, region: str | None = None
) -> CostEstimate:
    """What a phase costs in a month by its settings, and those of the phases that it requires.

    `region` replaces the region of the settings (`aws:region`); further regions stay as they are. Raises
    InputError for a phase that is not priced by its settings, and where settings are missing.
    """
    pricing = PHASES.get(phase_name)
    if pricing is None:
        raise InputError(f"{phase_name} is not priced by its settings", allowed=", ".join(PHASES))
    needed = [phase_name, *REQUIRED.get(phase_name, ())]
    missing = [name for name in needed if name not in settings_by_phase]
    if missing:
        raise InputError(f"{phase_name} cannot be priced without the settings of {', '.join(missing)}")
    where = region or settings_by_phase[phase_name].region
    return CostEstimate(phase_name, tuple(pricing(settings_by_phase, prices, where)))


def foundation(together: Together, book: PriceBook, region: str) -> Iterator[Item]:
    """Network, application tier, primary and caches."""
    found = together["foundation"]
    yield from _ground(found.network, len(found.zones), book, region)
    yield from _application(found.application, len(found.zones), book, region)
    primary = _server(found.database, storage_gib=found.database.allocated_storage_gib)
    yield from units.database(book, _subject("primary", "rds/instance:Instance", region), primary)
    yield from _master_password("primary", book, region)
    yield from _caches(found, book, region)
    for name in ("assets", "logs"):
        yield from units.bucket(book, _subject(name, "s3/bucket:Bucket", region))


def replicas(together: Together, book: PriceBook, region: str) -> Iterator[Item]:
    """The read replicas, with the primary's storage, and the proxy."""
    found, storage = together["replicas"], together["foundation"].database.allocated_storage_gib
    for index in range(found.instances.count):
        who = _subject(f"replica-{index + 1}", "rds/instance:Instance", region)
        yield from units.database(book, who, _follower(found.instances, storage))
    if found.proxy.enabled:
        yield from units.proxy(book, _subject("primary", "rds/proxy:Proxy", region))


def shards(together: Together, book: PriceBook, region: str) -> Iterator[Item]:
    """The shards' servers, each with its own overrides, their replicas, and the map's table."""
    for shard in together["shards"].shards:
        server = shard.server
        who = _subject(shard.name, "rds/instance:Instance", region)
        yield from units.database(book, who, _server(server, storage_gib=server.allocated_storage_gib))
        yield from _master_password(shard.name, book, region)
        if server.replica:
            who = _subject(f"{shard.name}-replica", "rds/instance:Instance", region)
            yield from units.database(book, who, _follower(server, server.allocated_storage_gib))
    who = _subject("shard-map", "dynamodb/table:Table", region)
    yield from units.table(book, who, on_demand=True, continuous_backups=True)


def cdn(together: Together, book: PriceBook, region: str) -> Iterator[Item]:
    """The distribution and the bucket of its logs, both paid by use."""
    yield from units.distribution(book, _subject("site", "cloudfront/distribution:Distribution", region))
    yield from units.bucket(book, _subject("cdn-logs", "s3/bucket:Bucket", region))


def multi_region(together: Together, book: PriceBook, region: str) -> Iterator[Item]:
    """Every further region: network, application tier, caches, its database; and the sessions of all."""
    found, home = together["multi-region"], together["foundation"]
    for entry in found.regions:
        where = entry.region
        yield from _ground(entry.network, len(entry.zones), book, where)
        yield from _application(found.application_in(entry), len(entry.zones), book, where)
        yield from _caches(found, book, where)
        for name in ("assets", "logs"):
            yield from units.bucket(book, _subject(f"{name}-{where}", "s3/bucket:Bucket", where))
        if not found.database.is_aurora:
            storage = home.database.allocated_storage_gib
            replica = _follower(found.database, storage, multi_az=found.database.multi_az)
            who = _subject(f"database-{where}", "rds/instance:Instance", where)
            yield from units.database(book, who, replica)
    every = [region, *(entry.region for entry in found.regions)]
    if found.database.is_aurora:
        yield from _aurora(found.database, every, book)
    for where in every:
        who = _subject("sessions", "dynamodb/table:Table", where)
        backups = found.sessions.point_in_time_recovery
        yield from units.table(book, who, on_demand=True, continuous_backups=backups)


PHASES: dict[str, Callable[[Together, PriceBook, str], Iterator[Item]]] = {
    "foundation": foundation,
    "replicas": replicas,
    "shards": shards,
    "cdn": cdn,
    "multi-region": multi_region,
}
REQUIRED: dict[str, tuple[str, ...]] = {"replicas": ("foundation",), "multi-region": ("foundation",)}


def _ground(network: Any, zones: int, book: PriceBook, region: str) -> Iterator[Item]:
    for index in range(1 if network.nat_gateways == "single" else zones):
        name = f"nat-{index + 1}"
        yield from units.nat_gateway(book, _subject(name, "ec2/natGateway:NatGateway", region))
        yield from units.addresses(book, _subject(name, "ec2/eip:Eip", region))


def _application(application: Any, zones: int, book: PriceBook, region: str) -> Iterator[Item]:
    balancer = _subject("application", "lb/loadBalancer:LoadBalancer", region)
    yield from units.load_balancer(book, balancer, "application", zones=Decimal(zones))
    group = _subject("application", "autoscaling/group:Group", region)
    count = Decimal(application.desired_instances)
    yield from units.instances(book, group, application.instance_type, count)
    yield from units.volumes(book, group, ROOT_VOLUME_TYPE, ROOT_VOLUME_GIB, count)


def _caches(found: Any, book: PriceBook, region: str) -> Iterator[Item]:
    for name in ("sessions", "shared"):
        cache = found.session_cache if name == "sessions" else found.shared_cache
        who = _subject(name, "elasticache/replicationGroup:ReplicationGroup", region)
        nodes = Decimal(cache.replicas + 1)
        yield from units.cache(book, who, CACHE_ENGINE, cache.node_type, nodes)


def _server(database: Any, *, storage_gib: int) -> Database:
    return Database(
        engine="postgres",
        instance_class=database.instance_class,
        multi_az=database.multi_az,
        storage_gib=Decimal(storage_gib),
        iops=number(database.iops or 0),
        insights_days=database.performance_insights_retention_days,
    )


def _master_password(server: str, book: PriceBook, region: str) -> list[Item]:
    """The secret that its master password is in."""
    who = _subject(f"{server}-master", "secretsmanager/secret:Secret", region)
    return units.secret(book, who)


def _follower(database: Any, storage_gib: int, *, multi_az: bool = False) -> Database:
    """A replica: the engine and the storage of what it follows, and no password of its own."""
    return Database(
        engine="postgres",
        instance_class=database.instance_class,
        multi_az=multi_az,
        storage_gib=Decimal(storage_gib),
        insights_days=database.performance_insights_retention_days,
    )


def _aurora(database: Any, regions: list[str], book: PriceBook) -> Iterator[Item]:
    for where in regions:
        yield from units.aurora_cluster(book, _subject(f"database-{where}", "rds/cluster:Cluster", where))
        for index in range(database.instances_per_region):
            who = _subject(f"database-{where}-{index + 1}", "rds/clusterInstance:ClusterInstance", where)
            yield from units.aurora_instance(book, who, database.instance_class)


def _subject(name: str, kind: str, region: str) -> Subject:
    return Subject(name, f"aws:{kind}", region)
