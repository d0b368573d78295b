"""Settings of the shards phase, read from `shards:<section>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

from palier.capacity.thresholds import Threshold
from palier.capacity.wording import problem_of
from palier.sharding import LOGICAL_SHARDS, BadStrategy, ShardMap, Strategy, strategy_from
from pydantic import Field, ValidationError, model_validator

from palier_stacks import facts
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.replicas.settings import LagSettings
from palier_stacks.settings import (
    REGION_KEY,
    PhaseSettings,
    Section,
    SettingsError,
    nearest,
    offered,
    refuse,
)
from palier_stacks.shards import windows
from palier_stacks.shards.server_settings import OverrideSettings, RestoreSettings, ServerSettings, TimeOfDay


class MapSettings(Section):
    """The published shard map."""

    logical_shards: int = Field(
        default=LOGICAL_SHARDS,
        ge=1,
        le=32768,
        description="Logical shards that keys fall into. It never changes once the map is published.",
    )
    deletion_protection: bool = Field(default=True, description="DynamoDB refuses to delete the map's table.")


class WindowSettings(Section):
    """When shards are backed up and maintained, UTC; never all at one time."""

    backups_from: TimeOfDay = Field(
        default="00:00", description="Begin of the first shard's daily backup, half an hour each, UTC."
    )
    backups_spread_minutes: int = Field(
        default=240, ge=30, le=1410, description="Time over which the shards' backups begin."
    )
    maintenance_from: TimeOfDay = Field(
        default="05:00", description="Begin of the weekly hour of maintenance, on another day for each shard."
    )


class ParameterSettings(Section):
    """PostgreSQL on the shards."""

    work_mem_mib: int | None = Field(
        default=None, ge=1, le=4096, description="Memory per sort or hash; left out, PostgreSQL's 4 MiB."
    )
    statement_timeout_seconds: int | None = Field(
        default=None, ge=1, le=86400, description="A statement that runs longer is cancelled; left out, none."
    )
    lock_timeout_seconds: int | None = Field(
        default=None, ge=1, le=3600, description="A statement that waits longer for a lock is cancelled."
    )


@dataclass(frozen=True)
class ShardSettings:
    """One shard: its servers' settings with its own overrides, and what is its alone."""

    name: str
    server: ServerSettings
    backup_window: str
    maintenance_window: str
    restore: RestoreSettings | None

    @property
    def server_name(self) -> str:
        """What its server is called: the shard, and from the first restore on its generation."""
        return self.name if self.restore is None else f"{self.name}-g{self.restore.generation}"


class ShardsSettings(PhaseSettings):
    """Everything the shards phase can be told."""

    PHASE: ClassVar[str] = "shards"

    strategy: dict[str, Any] = Field(
        description="How a key finds its logical shard, as data: by user, geography, date or function."
    )
    servers: ServerSettings = Field(description="The shards' servers.")
    map: MapSettings = Field(default=MapSettings(), description="The published shard map.")
    windows: WindowSettings = Field(default=WindowSettings(), description="Backups and maintenance, UTC.")
    parameters: ParameterSettings = Field(
        default=ParameterSettings(), description="PostgreSQL on the shards."
    )
    lag: LagSettings = Field(default=LagSettings(), description="When a shard's replica is too far behind.")
    overrides: dict[str, OverrideSettings] = Field(
        default={}, description="What single shards have otherwise, by shard: `shard-2`, for example."
    )

    @property
    def names(self) -> list[str]:
        """The shards' names, `shard-1` to `shard-N`."""
        return [f"shard-{number}" for number in range(1, self.servers.count + 1)]

    @cached_property
    def shards(self) -> list[ShardSettings]:
        """The shards, each with what holds for it."""
        return [self._shard(index, name) for index, name in enumerate(self.names)]

    def _shard(self, index: int, name: str) -> ShardSettings:
        own, when = self.overrides.get(name, OverrideSettings()), self.windows
        changes = own.changes()
        server = self.servers
        if changes:
            server = ServerSettings.model_validate({**server.model_dump(), **changes})
        return ShardSettings(
            name,
            server,
            own.backup_window or windows.backup_window(index, when.backups_from, when.backups_spread_minutes),
            own.maintenance_window or windows.maintenance_window(index, when.maintenance_from),
            own.restore,
        )

    @cached_property
    def routing(self) -> Strategy:
        """The strategy that `strategy` describes.

        Its groups in the order of their names, which decides their ranges: the engine keeps no other order.
        """
        data = dict(self.strategy)
        if isinstance(data.get("groups"), dict):
            data["groups"] = dict(sorted(data["groups"].items()))
        return strategy_from(data)

    def first_map(self) -> ShardMap:
        """The map that a new platform begins with: logical shards spread evenly over the shards."""
        return ShardMap.initial(self.routing, self.names, self.map.logical_shards)

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_strategy()
        self._check_overrides()
        classes = facts.database_classes(self.region)
        offered(self.servers.instance_class, self.region, classes, "servers.instance_class")
        if self.servers.count > self.map.logical_shards:
            raise refuse(
                f"{self.servers.count} shards share {self.map.logical_shards} logical shards",
                allowed=f"at most {self.map.logical_shards}",
                at="servers.count",
            )
        for shard in self.shards:
            offered(
                shard.server.instance_class, self.region, classes, f"overrides.{shard.name}.instance_class"
            )
            if windows.meet(shard.backup_window, shard.maintenance_window):
                raise refuse(
                    f"{shard.name} is backed up {shard.backup_window} and maintained "
                    f"{shard.maintenance_window}, and RDS lets the two not meet",
                    at=f"overrides.{shard.name}" if shard.name in self.overrides else "windows",
                )
        return self

    def _check_strategy(self) -> None:
        try:
            strategy_from(self.strategy)
        except BadStrategy as error:
            at = f"strategy.{error.key}" if error.key else "strategy"
            raise refuse(error.problem, allowed=error.allowed, at=at) from None

    def _check_overrides(self) -> None:
        for name in self.overrides:
            if name not in self.names:
                raise refuse(f"no shard {name!r}", allowed=nearest(name, self.names), at=f"overrides.{name}")
            try:
                self._shard(0, name)
            except ValidationError as error:
                raise _of_shard(name, error.errors(include_url=False)[0]) from None

    def check_required(self, required: Mapping[str, PhaseSettings]) -> None:
        """Refuse to stand in another region than foundation."""
        foundation = required.get("foundation")
        if isinstance(foundation, FoundationSettings) and foundation.region != self.region:
            raise SettingsError(
                f"{self.region} is not foundation's region", key=REGION_KEY, allowed=foundation.region
            )

    @property
    def lag_threshold(self) -> Threshold:
        """Replica lag as a row like those of the table."""
        return self.lag.threshold


def _of_shard(name: str, entry: Any) -> Exception:
    """What is wrong with the servers' settings together with a shard's own, as refused at the latter."""
    context, place = entry.get("ctx", {}), ".".join(map(str, entry["loc"]))
    if entry["type"] == "palier":
        problem, allowed, place = context["problem"], context["allowed"], context["at"] or place
    else:
        problem, allowed = problem_of(entry, list(OverrideSettings.model_fields))
    return refuse(problem, allowed=allowed, at=".".join(part for part in ("overrides", name, place) if part))
