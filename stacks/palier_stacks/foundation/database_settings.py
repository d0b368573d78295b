"""Settings of the primary database, and the arithmetic that follows from its instance class."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from palier_stacks import facts
from palier_stacks.settings import DatabaseClass, Section, refuse

# RDS's own default of max_connections for PostgreSQL: LEAST(DBInstanceClassMemory / 9531392, 5000)
# (RDS user guide, "Maximum number of database connections").
BYTES_PER_CONNECTION, MOST_CONNECTIONS = 9_531_392, 5000
# gp3 below 400 GiB has a fixed 3,000 IOPS; from there on 12,000 to 64,000, at most 500 per GiB
# (RDS user guide, "gp3 storage", PostgreSQL).
GP3_STRIPED_GIB, GP3_FEWEST_IOPS, GP3_MOST_IOPS, GP3_IOPS_PER_GIB = 400, 12_000, 64_000, 500
MAJORS = tuple(range(13, 19))
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED = {"postgres", "rdsadmin", "template0", "template1", "rdsproxyadmin", "rds_superuser"}


def _engine_version(value: str) -> str:
    match = re.fullmatch(r"(\d+)(\.\d+)?", value)
    if match is None or int(match[1]) not in MAJORS:
        raise refuse(
            f"unknown PostgreSQL version {value!r}", allowed=f"{MAJORS[0]} to {MAJORS[-1]}, or one like 17.6"
        )
    return value


def _identifier(value: str) -> str:
    if not _NAME.fullmatch(value) or value in _RESERVED or value.startswith("pg_"):
        raise refuse(f"{value!r} is no name for PostgreSQL", allowed="small letters, digits, _; not reserved")
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]
RetentionDays = Literal[7, 31, 62, 93, 124, 155, 186, 217, 248, 279, 310, 341, 372, 403, 434, 465, 731]


def default_max_connections(instance_class: str) -> int:
    """What RDS would allow by default on this class: the class's memory over 9,531,392, at most 5,000."""
    memory_bytes = facts.database_shape(instance_class).memory_gib * 1024**3
    return min(int(memory_bytes // BYTES_PER_CONNECTION), MOST_CONNECTIONS)


class DatabaseSettings(Section):
    """The PostgreSQL primary. Vertical scaling is a change of `instance_class`."""

    engine_version: Annotated[str, AfterValidator(_engine_version)] = Field(
        default="17", description="PostgreSQL version, in quotes; a major alone lets RDS choose the minor."
    )
    instance_class: DatabaseClass = Field(description="RDS instance class, for example `db.m7g.large`.")
    allocated_storage_gib: int = Field(ge=20, le=65536, description="Storage to start with, gp3.")
    max_allocated_storage_gib: int | None = Field(
        default=None, le=65536, description="Storage may grow by itself up to here; left out, it does not."
    )
    iops: int | None = Field(
        default=None, description="Provisioned IOPS, 12000 to 64000, from 400 GiB on; left out, gp3's own."
    )
    multi_az: bool = Field(default=True, description="A standby in another zone, taken over to on failure.")
    backup_retention_days: int = Field(
        default=7, ge=0, le=35, description="Automated backups; read replicas need at least one day."
    )
    max_connections: int | None = Field(
        default=None, ge=20, description="Connection limit; left out, what RDS gives the class by its memory."
    )
    database_name: Identifier = Field(default="application", description="Database made at creation.")
    application_user: Identifier = Field(
        default="application",
        description="Database user that the application may log in as through IAM; migrations make it.",
    )
    master_password_generation: int = Field(
        default=1, ge=1, le=999, description="Raised by one, it gives the master user a new password."
    )
    deletion_protection: bool = Field(default=True, description="RDS refuses to delete the primary.")
    final_snapshot: bool = Field(default=True, description="Take a snapshot when the primary is deleted.")
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
    def major(self) -> int:
        """Major version, which names the parameter group family."""
        return int(self.engine_version.split(".")[0])

    @property
    def connection_limit(self) -> int:
        """The connection limit given, or RDS's default for the class."""
        return self.max_connections or default_max_connections(self.instance_class)

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_storage()
        most = default_max_connections(self.instance_class)
        if self.max_connections is not None and self.max_connections > most:
            raise refuse(
                f"{self.max_connections} is more than the memory of {self.instance_class} carries",
                allowed=f"at most {most}",
                at="max_connections",
            )
        return self

    def _check_storage(self) -> None:
        size, most = self.allocated_storage_gib, self.max_allocated_storage_gib
        # RDS wants room to grow into: the ceiling at least 10 % above what is allocated.
        least = -(-size * 11 // 10)
        if most is not None and most < least:
            raise refuse(
                f"{most} GiB leaves {size} GiB no room to grow",
                allowed=f"at least {least} GiB",
                at="max_allocated_storage_gib",
            )
        if self.iops is None:
            return
        if size < GP3_STRIPED_GIB:
            raise refuse(
                f"gp3 of {size} GiB has a fixed 3000 IOPS",
                allowed=f"leave it out below {GP3_STRIPED_GIB} GiB",
                at="iops",
            )
        limit = min(GP3_MOST_IOPS, size * GP3_IOPS_PER_GIB)
        if not GP3_FEWEST_IOPS <= self.iops <= limit:
            raise refuse(
                f"gp3 of {size} GiB does not do {self.iops} IOPS",
                allowed=f"{GP3_FEWEST_IOPS} to {limit}",
                at="iops",
            )
