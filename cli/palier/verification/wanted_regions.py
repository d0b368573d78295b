"""What should stand in several regions, read off the multi-region settings and foundation's.

A further region is wanted as foundation is, so its part is put into foundation's own form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from palier.capacity.thresholds import threshold
from palier.verification.wanted import WATCHED, AlarmWanted, FoundationWanted, alarms_of, foundation_wanted

# What each alarm of a region's database watches, of what the threshold table knows; its lag comes on top.
DATABASE_WATCHED = {
    "database-cpu": "cpu_utilization",
    "database-memory": "memory_usage",
    "database-connections": "database_connections",
}


@dataclass(frozen=True)
class MultiRegionWanted:
    """What the multi-region settings ask for. `further` is by region, in the order of the settings."""

    home: FoundationWanted
    home_region: str
    further: Mapping[str, FoundationWanted]
    home_alarms: tuple[AlarmWanted, ...]
    aurora: bool
    instances_per_region: int
    sessions_recoverable: bool
    sessions_protected: bool
    domain: str | None
    hosted_zone_id: str | None
    health_check_path: str

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region, home first."""
        return (self.home_region, *self.further)


def multi_region_wanted(settings: Any, foundation: Any) -> MultiRegionWanted:
    """Read the settings (palier_stacks.multi_region.settings.MultiRegionSettings), given foundation's."""
    database, routing = settings.database, settings.routing
    load = tuple(alarm for name, row in DATABASE_WATCHED.items() for alarm in alarms_of(name, threshold(row)))
    lag = alarms_of("database-lag", settings.lag_threshold)
    return MultiRegionWanted(
        home=foundation_wanted(foundation),
        home_region=str(settings.region),
        further={
            str(entry.region): _region_wanted(settings, entry, foundation, (*load, *lag))
            for entry in settings.regions
        },
        home_alarms=(*load, *lag) if database.is_aurora else lag,
        aurora=database.is_aurora,
        instances_per_region=database.instances_per_region,
        sessions_recoverable=settings.sessions.point_in_time_recovery,
        sessions_protected=settings.sessions.deletion_protection,
        domain=routing.domain,
        hosted_zone_id=routing.hosted_zone_id,
        health_check_path=settings.application.health_check_path,
    )


def _region_wanted(
    settings: Any, entry: Any, foundation: Any, database_alarms: tuple[AlarmWanted, ...]
) -> FoundationWanted:
    database = settings.database
    like_foundation = SimpleNamespace(
        platform=foundation.platform,
        owner=foundation.owner,
        cost_center=foundation.cost_center,
        network=entry.network,
        zones=entry.zones,
        subnets=entry.subnets,
        application=settings.application_in(entry),
        database=SimpleNamespace(
            instance_class=database.instance_class,
            multi_az=database.multi_az,
            backup_retention_days=database.backup_retention_days,
            deletion_protection=database.deletion_protection,
            performance_insights_retention_days=database.performance_insights_retention_days,
            connection_limit=database.aurora_connection_limit
            if database.is_aurora
            else foundation.database.connection_limit,
        ),
        session_cache=settings.session_cache,
        shared_cache=settings.shared_cache,
        storage=settings.storage,
        alarms=settings.alarms,
    )
    wanted = foundation_wanted(like_foundation)
    tier = tuple(
        alarm
        for name, row in WATCHED.items()
        if not name.startswith("primary-")
        for alarm in alarms_of(name, threshold(row))
    )
    return replace(wanted, alarms=(*tier, *database_alarms))
