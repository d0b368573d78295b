"""Settings of the shards' servers, of one shard that differs, and of where a restored shard comes from."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from palier_stacks.foundation.database_settings import DatabaseSettings
from palier_stacks.settings import DatabaseClass, Section, refuse
from palier_stacks.shards import windows

MOST_SHARDS = 256


def _refused(check: Callable[[str], str], allowed: str) -> AfterValidator:
    def validate(value: str) -> str:
        try:
            return check(value)
        except ValueError as error:
            raise refuse(str(error), allowed=allowed) from None

    return AfterValidator(validate)


def _time(value: str) -> str:
    return windows.clock(windows.minutes(value))


def _instant(value: str) -> str:
    if not value.endswith("Z"):
        raise ValueError(f"{value!r} is not a time in UTC")
    datetime.fromisoformat(value)
    return value


def _snapshot(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9:-]*", value):
        raise ValueError(f"{value!r} is not the identifier of a snapshot")
    return value


TimeOfDay = Annotated[str, _refused(_time, "HH:MM, UTC")]
BackupWindow = Annotated[str, _refused(windows.check_backup_window, "HH:MM-HH:MM, UTC, 30 minutes or more")]
MaintenanceWindow = Annotated[
    str, _refused(windows.check_maintenance_window, "ddd:HH:MM-ddd:HH:MM, UTC, 30 minutes to 24 hours")
]
Instant = Annotated[str, _refused(_instant, "like 2026-11-25T12:30:00Z")]
Snapshot = Annotated[str, _refused(_snapshot, "a snapshot's identifier or ARN")]


class ServerSettings(DatabaseSettings):
    """Every shard's server, where its own overrides do not say otherwise."""

    count: int = Field(
        ge=1, le=MOST_SHARDS, description="How many shards: shard-1, shard-2 and so on, 1 to 256."
    )
    backup_retention_days: int = Field(
        default=7, ge=1, le=35, description="Automated backups, by which a shard is restored."
    )
    replica: bool = Field(default=False, description="A read replica of each shard, in another zone.")
    deletion_protection: bool = Field(default=True, description="RDS refuses to delete a shard.")
    final_snapshot: bool = Field(default=True, description="Take a snapshot when a shard is deleted.")


class RestoreSettings(Section):
    """Where a shard's server comes from, instead of beginning empty.

    A change makes a new server beside the old one and deletes the old one after it. It stays in the
    settings for as long as that server lives.
    """

    generation: int = Field(
        ge=2, le=999, description="Number of the server, which names it: another for each restore, from 2 on."
    )
    snapshot_identifier: Snapshot | None = Field(default=None, description="The snapshot to restore.")
    source_identifier: str | None = Field(
        default=None,
        min_length=1,
        description="The DB instance whose backups to restore, to a point in time.",
    )
    restore_time: Instant | None = Field(
        default=None, description="That point, in UTC; left out, the latest that can be restored."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.snapshot_identifier is None) == (self.source_identifier is None):
            raise refuse(
                "one source is wanted", allowed="snapshot_identifier, or source_identifier with restore_time"
            )
        if self.restore_time is not None and self.source_identifier is None:
            raise refuse("a snapshot has one point in time", allowed="leave it out", at="restore_time")
        return self


class OverrideSettings(Section):
    """What one shard has otherwise than the others. Left out, it is as the others are."""

    instance_class: DatabaseClass | None = Field(default=None, description="RDS instance class.")
    allocated_storage_gib: int | None = Field(default=None, description="Storage to start with, gp3.")
    max_allocated_storage_gib: int | None = Field(default=None, description="Storage may grow up to here.")
    max_connections: int | None = Field(default=None, description="Connection limit.")
    backup_retention_days: int | None = Field(default=None, description="Days of automated backups, 1 to 35.")
    backup_window: BackupWindow | None = Field(default=None, description="Daily backup window, UTC.")
    maintenance_window: MaintenanceWindow | None = Field(
        default=None, description="Weekly maintenance window, UTC."
    )
    replica: bool | None = Field(default=None, description="A read replica of this shard.")
    deletion_protection: bool | None = Field(
        default=None, description="RDS refuses to delete this shard; off before it is taken away."
    )
    final_snapshot: bool | None = Field(default=None, description="Take a snapshot when it is deleted.")
    restore: RestoreSettings | None = Field(default=None, description="Where its data comes from.")

    def changes(self) -> dict[str, object]:
        """The server settings that it changes, by name."""
        apart = {"backup_window", "maintenance_window", "restore"}
        return self.model_dump(exclude_none=True, exclude=apart)
