"""Settings of the database that spans the regions."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from palier_stacks import facts
from palier_stacks.foundation.database_settings import RetentionDays, default_max_connections
from palier_stacks.settings import DatabaseClass, Section, refuse

# Versions of PostgreSQL that an Aurora global database and a managed switchover both know
# (Aurora user guide, "Supported Regions and DB engines for Aurora global databases").
AURORA_MAJORS = tuple(range(13, 18))


def _aurora_version(value: str) -> str:
    found = re.fullmatch(r"(\d+)\.\d+", value)
    if found is None or int(found[1]) not in AURORA_MAJORS:
        raise refuse(
            f"{value!r} is no version of an Aurora global database",
            allowed=f"a full one of {AURORA_MAJORS[0]} to {AURORA_MAJORS[-1]}, like 17.4",
        )
    return value


class GlobalDatabaseSettings(Section):
    """The database that spans the regions.

    The default follows foundation: its primary is RDS for PostgreSQL, so a further region gets a read
    replica of that very database, without a migration, and promoting it is all that a failover needs.
    An Aurora global database is another database, into which foundation's data must be moved once.
    """

    engine: Literal["rds_replica", "aurora_global"] = Field(
        default="rds_replica",
        description="Replicas of foundation's primary, or a global Aurora database beside it, to migrate to.",
    )
    instance_class: DatabaseClass = Field(
        description="Class in each region, not below the primary's: it carries all writes after a failover."
    )
    multi_az: bool = Field(
        default=True, description="A standby in another zone of each further region, for `rds_replica`."
    )
    instances_per_region: int = Field(
        default=2, ge=1, le=16, description="Aurora instances in each region, for `aurora_global`."
    )
    engine_version: Annotated[str, AfterValidator(_aurora_version)] = Field(
        default="17.4", description="Aurora PostgreSQL version, whole and in quotes, for `aurora_global`."
    )
    backup_retention_days: int = Field(
        default=7,
        ge=1,
        le=35,
        description="Automated backups in each further region; the way back after a failover needs them.",
    )
    deletion_protection: bool = Field(default=True, description="RDS refuses to delete the databases.")
    final_snapshot: bool = Field(
        default=True, description="Take a snapshot when an Aurora cluster is deleted; a replica takes none."
    )
    apply_immediately: bool = Field(
        default=False, description="Apply changes of size at once instead of in the maintenance window."
    )
    performance_insights_retention_days: RetentionDays = Field(
        default=7, description="Performance Insights history; 7 days cost nothing."
    )
    monitoring_interval_seconds: Literal[1, 5, 10, 15, 30, 60] = Field(
        default=60, description="Enhanced Monitoring interval."
    )
    log_statements_over_milliseconds: int = Field(
        default=1000, ge=0, description="Statements slower than this are logged."
    )

    @property
    def is_aurora(self) -> bool:
        """Whether an Aurora global database is asked for."""
        return self.engine == "aurora_global"

    @property
    def aurora_major(self) -> int:
        """Major version of Aurora PostgreSQL, which names the parameter group family."""
        return int(self.engine_version.split(".")[0])

    @property
    def memory_gib(self) -> float:
        """Memory of one instance."""
        return facts.database_shape(self.instance_class).memory_gib

    @property
    def aurora_connection_limit(self) -> int:
        """Connection limit of Aurora: RDS's default for the class, said so that alarms know it."""
        return default_max_connections(self.instance_class)

    @model_validator(mode="after")
    def _check(self) -> Self:
        # Aurora user guide, "Configuration requirements of an Aurora global database": db.r5 or higher.
        if self.is_aurora and not self.instance_class.startswith(("db.r5", "db.r6", "db.r7", "db.r8")):
            raise refuse(
                f"an Aurora global database does not run on {self.instance_class}",
                allowed="memory-optimised classes from db.r5 on, like db.r7g.large",
                at="instance_class",
            )
        return self
