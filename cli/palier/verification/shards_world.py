"""What the checks of the shards look at: what stands of them, the published map, and what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palier.capacity.thresholds import threshold
from palier.sharding import ShardingError, ShardMap, items
from palier.verification.inventory import Inventory
from palier.verification.model import Absent
from palier.verification.reads import Reads
from palier.verification.things import Scope, Thing, named
from palier.verification.wanted import (
    REPLICA_WATCHED,
    AlarmWanted,
    FoundationWanted,
    alarms_of,
    foundation_wanted,
)
from palier.verification.world import foundation_things, topic_of


@dataclass(frozen=True)
class ShardWanted:
    """One shard's server."""

    identifier: str
    instance_class: str
    multi_az: bool
    backups: str
    deletion_protection: bool
    max_connections: int
    database: str
    replica: bool


@dataclass(frozen=True)
class ShardsWanted:
    """What the shards' settings ask for, given what foundation's do. `shards` are by name."""

    cost_tags: Mapping[str, str]
    shards: Mapping[str, ShardWanted]
    table: str
    table_protected: bool
    logical_shards: int
    strategy: Mapping[str, Any]
    alarms: tuple[AlarmWanted, ...]


def backups_told(days: object, window: object) -> str:
    """Retention and window in words."""
    return f"{days} days, at {window}"


def shards_wanted(settings: Any, foundation: FoundationWanted, environment: str) -> ShardsWanted:
    """Read the shards' settings (palier_stacks.shards.settings.ShardsSettings)."""
    prefix = f"{foundation.platform}-{environment}"
    rows = {name: threshold(metric) for name, metric in REPLICA_WATCHED.items()}
    watched = {each.name: rows for each in settings.shards}
    lagging = {**rows, "lag": settings.lag_threshold}
    watched |= {f"{each.name}-replica": lagging for each in settings.shards if each.server.replica}
    return ShardsWanted(
        cost_tags=foundation.cost_tags,
        shards={
            each.name: ShardWanted(
                identifier=f"{prefix}-{each.server_name}",
                instance_class=each.server.instance_class,
                multi_az=each.server.multi_az,
                backups=backups_told(each.server.backup_retention_days, each.backup_window),
                deletion_protection=each.server.deletion_protection,
                max_connections=each.server.connection_limit,
                database=each.server.database_name,
                replica=each.server.replica,
            )
            for each in settings.shards
        },
        table=f"{prefix}-shard-map",
        table_protected=settings.map.deletion_protection,
        logical_shards=settings.map.logical_shards,
        strategy=settings.routing.as_data(),
        alarms=tuple(
            alarm
            for name, thresholds in watched.items()
            for kind, row in thresholds.items()
            for alarm in alarms_of(f"{name}-{kind}", row)
        ),
    )


@dataclass(frozen=True)
class Shards:
    """The shards and their map, and the foundation whose key encrypts them."""

    reads: Reads
    things: Inventory
    foundation: Inventory
    wanted: ShardsWanted

    @classmethod
    def of(cls, settings: Mapping[str, Any], environment: str, reads: Reads) -> Shards:
        """The world of the shards' settings, given foundation's."""
        ground = foundation_wanted(settings["foundation"])
        things = Inventory(reads, Scope(ground.platform, "shards", environment))
        wanted = shards_wanted(settings["shards"], ground, environment)
        return cls(reads, things, foundation_things(ground, environment, reads), wanted)

    def first_made(self) -> list[Thing]:
        """What stands of the phase wherever anything of it does."""
        return self.things.databases() or self.things.alarms()

    def servers(self) -> list[Thing]:
        """The shards' servers, without their replicas, at least one. Raises Absent."""
        found = [each for each in self.things.databases() if not source_of(each)]
        if not found:
            raise Absent("shard")
        return sorted(found, key=lambda each: each.name)

    def server(self, name: str) -> Thing:
        """The server of one shard. Raises Absent."""
        return named(self.servers(), name, "server of")

    def replicas(self) -> list[Thing]:
        """The shards' replicas."""
        return [each for each in self.things.databases() if source_of(each)]

    def key_names(self) -> dict[str, str]:
        """ARNs of the platform's keys, with their names."""
        return {each.data["Arn"]: each.name for each in self.foundation.kms_keys()}

    def table(self) -> Mapping[str, Any]:
        """The map's table, described. Raises Absent."""
        answer = self.reads.get_or_none(
            "dynamodb", "describe_table", {"ResourceNotFoundException"}, TableName=self.wanted.table
        )
        if answer is None:
            raise Absent(f"table {self.wanted.table}")
        found: Mapping[str, Any] = answer["Table"]
        return found

    def recovery(self) -> Mapping[str, Any]:
        """Whether the table can be restored to a point in time, as described."""
        name = self.table()["TableName"]
        answer = self.reads.get("dynamodb", "describe_continuous_backups", TableName=name)
        found: Mapping[str, Any] = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        return found

    def item(self, name: str) -> Mapping[str, Any]:
        """An item of the map. Raises Absent."""
        table = self.table()["TableName"]
        answer = self.reads.get(
            "dynamodb", "get_item", TableName=table, Key=items.key_of(name), ConsistentRead=True
        )
        found: Mapping[str, Any] | None = answer.get("Item")
        if not found:
            raise Absent(f"item {name} of {table}")
        return found

    def published(self) -> ShardMap | str:
        """The published map, or what is wrong with it. Raises Absent."""
        document = self.item(items.CURRENT).get("document", {}).get("S", "")
        try:
            return ShardMap.from_json(document)
        except ShardingError as error:
            return str(error)

    def readable(self) -> ShardMap:
        """The published map. Raises Absent where it can't be read, which `published` tells."""
        found = self.published()
        if isinstance(found, str):
            raise Absent("published map that can be read")
        return found

    def topic(self, level: str) -> Thing:
        """The topic of a level, which foundation made. Raises Absent."""
        return topic_of(self.foundation, level)

    def watchable(self) -> set[str]:
        """Values of CloudWatch's dimensions for what stands."""
        return {each.id for each in self.things.databases()}

    def alarm(self, wanted: AlarmWanted) -> Thing:
        """The alarm wanted. Raises Absent."""
        return named(self.things.alarms(), wanted.name, "alarm")


def source_of(database: Thing) -> str:
    """Identifier of the instance that a replica follows, empty for one that follows none."""
    return str(database.data.get("ReadReplicaSourceDBInstanceIdentifier") or "").rsplit(":", 1)[-1]
