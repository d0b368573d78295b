"""Alarms of every region, in that region: CloudWatch tells no topic of another."""

from __future__ import annotations

import pulumi
from palier.capacity.thresholds import threshold
from pulumi_aws import cloudwatch

from palier_stacks import dashboards, measures
from palier_stacks.alarms import AlarmMaker, Measure
from palier_stacks.multi_region.database_settings import GlobalDatabaseSettings
from palier_stacks.multi_region.places import Place, RegionalDatabase
from palier_stacks.multi_region.settings import MultiRegionSettings
from palier_stacks.multi_region.tier import Region

SUBJECT = "Database"


def watch_region(region: Region, settings: MultiRegionSettings, database: RegionalDatabase) -> None:
    """Alarms of a further region: its tier as at home, its database, how far that is behind."""
    maker = AlarmMaker(region.scope, region.place.topics, region.place.opts)
    region.watch(maker)
    _load(maker, settings.database, database)
    _lag(maker, settings, database.identifier)
    _dashboard(region.place, maker)


def watch_home(home: Place, settings: MultiRegionSettings, database: RegionalDatabase) -> None:
    """Alarms of the home region that foundation has not: its lag, once another region writes."""
    maker = AlarmMaker(home.scope, home.topics, home.opts)
    if settings.database.is_aurora:
        _load(maker, settings.database, database)
    _lag(maker, settings, database.identifier)
    _dashboard(home, maker)


def _load(maker: AlarmMaker, settings: GlobalDatabaseSettings, database: RegionalDatabase) -> None:
    kind = measures.CLUSTER if settings.is_aurora else measures.INSTANCE
    identifier = database.identifier
    cpu = measures.database_cpu(SUBJECT, identifier, kind)
    memory = measures.database_memory(SUBJECT, identifier, settings.memory_gib, kind)
    pool = measures.database_connections(SUBJECT, identifier, database.max_connections, kind)
    maker.watch("database-cpu", "database", threshold("cpu_utilization"), cpu)
    maker.watch("database-memory", "database", threshold("memory_usage"), memory)
    maker.watch("database-connections", "database", threshold("database_connections"), pool)


def _lag(maker: AlarmMaker, settings: MultiRegionSettings, identifier: pulumi.Input[str]) -> None:
    lag: Measure = (
        measures.global_lag(SUBJECT, identifier)
        if settings.database.is_aurora
        else measures.region_lag(SUBJECT, identifier)
    )
    maker.watch("database-lag", "database", settings.lag_threshold, lag)


def _dashboard(place: Place, maker: AlarmMaker) -> None:
    # Dashboards are the account's, of no region.
    cloudwatch.Dashboard(
        place.scope.logical("region"),
        dashboard_name=place.scope.name(f"region-{place.region}"),
        dashboard_body=dashboards.body(place.region, maker.drawn),
        opts=place.opts,
    )
