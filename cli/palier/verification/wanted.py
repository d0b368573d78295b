"""What should stand, read off a phase's settings and the threshold table.

`palier` does not import the stacks, so the settings come as an object whose attributes are read here, in
one place, into plain values; a setting that has gone is an AttributeError here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from palier.capacity.thresholds import Threshold, threshold

Level = Literal["attention", "critical"]
LEVELS: tuple[Level, ...] = ("attention", "critical")
TIERS = ("public", "private", "data")
# CloudWatch's words for the table's directions. The table is strict: a value equal to a threshold has
# not crossed it.
COMPARISONS = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}


# What each alarm of foundation watches, and the row of the table whose limits it has.
WATCHED: dict[str, str] = {
    "response-time": "response_time_p95",
    "error-rate": "error_rate",
    "application-cpu": "cpu_utilization",
    "application-memory": "memory_usage",
    "primary-cpu": "cpu_utilization",
    "primary-memory": "memory_usage",
    "primary-connections": "database_connections",
    "sessions-cpu": "cpu_utilization",
    "sessions-memory": "memory_usage",
    "shared-cpu": "cpu_utilization",
    "shared-memory": "memory_usage",
}


@dataclass(frozen=True)
class AlarmWanted:
    """One alarm: its palier:name, its level, the number, and on which side trouble lies."""

    name: str
    level: Level
    threshold: float
    comparison: str


@dataclass(frozen=True)
class CacheWanted:
    """A cache: nodes, the primary among them, and their type."""

    nodes: int
    node_type: str


@dataclass(frozen=True)
class FoundationWanted:
    """What foundation's settings ask for. `subnets` is (tier, zone) -> CIDR block."""

    platform: str
    cost_tags: Mapping[str, str]
    vpc_cidr: str
    zones: tuple[str, ...]
    subnets: Mapping[tuple[str, str], str]
    nat_gateways: int
    instances_min: int
    instances_max: int
    target_cpu_percent: float
    balancer_deletion_protection: bool
    instance_class: str
    multi_az: bool
    backup_retention_days: int
    deletion_protection: bool
    performance_insights_days: int
    max_connections: int
    caches: Mapping[str, CacheWanted]
    access_log_days: int
    log_days: int
    flow_log_days: int
    alarms: tuple[AlarmWanted, ...]


def region_of(settings: Any) -> str:
    """The AWS region of any phase's settings."""
    return str(settings.region)


def foundation_wanted(settings: Any) -> FoundationWanted:
    """Read foundation's settings (palier_stacks.foundation.settings.FoundationSettings)."""
    network, application, database = settings.network, settings.application, settings.database
    caches = {"sessions": settings.session_cache, "shared": settings.shared_cache}
    zones = tuple(settings.zones)
    return FoundationWanted(
        platform=settings.platform,
        cost_tags={"cost-center": settings.cost_center, "owner": settings.owner},
        vpc_cidr=network.vpc_cidr,
        zones=zones,
        subnets={(tier, each.zone): str(getattr(each, tier)) for each in settings.subnets for tier in TIERS},
        nat_gateways=len(zones) if network.nat_gateways == "one_per_zone" else 1,
        instances_min=application.min_instances,
        instances_max=application.max_instances,
        target_cpu_percent=application.target_cpu_percent,
        balancer_deletion_protection=application.load_balancer_deletion_protection,
        instance_class=database.instance_class,
        multi_az=database.multi_az,
        backup_retention_days=database.backup_retention_days,
        deletion_protection=database.deletion_protection,
        performance_insights_days=database.performance_insights_retention_days,
        max_connections=database.connection_limit,
        caches={name: CacheWanted(each.replicas + 1, each.node_type) for name, each in caches.items()},
        access_log_days=settings.storage.access_log_days,
        log_days=settings.alarms.log_retention_days,
        flow_log_days=network.flow_log_retention_days,
        alarms=tuple(
            alarm for name, metric in WATCHED.items() for alarm in alarms_of(name, threshold(metric))
        ),
    )


def alarms_of(name: str, row: Threshold) -> tuple[AlarmWanted, ...]:
    """The two alarms on what `name` watches, at the limits of `row`."""
    comparison = COMPARISONS[row.direction]
    return tuple(AlarmWanted(f"{name}-{level}", level, row.limit(level), comparison) for level in LEVELS)


# What each alarm of a replica watches, of what the threshold table knows; its lag comes on top.
REPLICA_WATCHED = {
    "cpu": "cpu_utilization",
    "memory": "memory_usage",
    "connections": "database_connections",
}


@dataclass(frozen=True)
class ReplicasWanted:
    """What the replicas' settings ask for, given what foundation's do. `weights` are by replica name."""

    cost_tags: Mapping[str, str]
    zones: tuple[str, ...]
    instance_class: str
    deletion_protection: bool
    max_connections: int
    weights: Mapping[str, int]
    reader: str
    follow_health: bool
    proxy: bool
    alarms: tuple[AlarmWanted, ...]


def replicas_wanted(settings: Any, foundation: FoundationWanted) -> ReplicasWanted:
    """Read the replicas' settings (palier_stacks.replicas.settings.ReplicasSettings)."""
    instances, reader = settings.instances, settings.reader
    weights = {f"replica-{index + 1}": instances.weight(index) for index in range(instances.count)}
    rows = {name: threshold(metric) for name, metric in REPLICA_WATCHED.items()}
    rows["lag"] = settings.lag_threshold
    return ReplicasWanted(
        cost_tags=foundation.cost_tags,
        zones=tuple(instances.availability_zones or foundation.zones),
        instance_class=instances.instance_class,
        deletion_protection=instances.deletion_protection,
        max_connections=settings.parameters.max_connections or foundation.max_connections,
        weights=weights,
        reader=f"{reader.record_name}.{reader.zone_name}.",
        follow_health=reader.follow_health,
        proxy=settings.proxy.enabled,
        alarms=tuple(
            alarm
            for replica in weights
            for name, row in rows.items()
            for alarm in alarms_of(f"{replica}-{name}", row)
        ),
    )
