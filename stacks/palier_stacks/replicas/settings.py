"""Settings of the replicas phase, read from `replicas:<section>`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from palier.capacity.thresholds import Threshold
from pydantic import AfterValidator, Field, model_validator

from palier_stacks import facts
from palier_stacks.foundation.database_settings import RetentionDays
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.settings import (
    DOMAIN_LABEL,
    REGION_KEY,
    DatabaseClass,
    PhaseSettings,
    Section,
    SettingsError,
    distinct,
    domain_name,
    nearest,
    offered,
    refuse,
)

# RDS for PostgreSQL makes at most 15 replicas of one source (RDS user guide, read replica limits).
MOST_REPLICAS = 15
MOST_WEIGHT = 255  # Route 53.


def _label(value: str) -> str:
    if not re.fullmatch(DOMAIN_LABEL, value):
        raise refuse(f"{value!r} is not one label of a domain name", allowed="like reader")
    return value


def _secret_arn(value: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+", value):
        # Not repeated: whoever mistakes this setting gives a password.
        raise refuse(
            "that is not the ARN of a secret",
            allowed="arn:aws:secretsmanager:<region>:<account>:secret:<name>",
        )
    return value


class InstanceSettings(Section):
    """The replicas themselves, sized apart from the primary."""

    count: int = Field(ge=1, le=MOST_REPLICAS, description="How many read replicas, 1 to 15.")
    instance_class: DatabaseClass = Field(
        description="RDS instance class of each replica; smaller than the primary's, it may fall behind."
    )
    availability_zones: Annotated[list[str], AfterValidator(distinct)] | None = Field(
        default=None,
        min_length=1,
        description="Zones to spread over, of foundation's; left out, all of foundation's.",
    )
    weights: list[Annotated[int, Field(ge=0, le=MOST_WEIGHT)]] | None = Field(
        default=None, description="Share of each replica at the reader endpoint, 0 to 255; left out, equal."
    )
    deletion_protection: bool = Field(default=True, description="RDS refuses to delete a replica.")
    apply_immediately: bool = Field(
        default=False, description="Apply changes of size at once instead of in the maintenance window."
    )
    performance_insights_retention_days: RetentionDays = Field(
        default=7, description="Performance Insights history; 7 days cost nothing."
    )
    monitoring_interval_seconds: Literal[1, 5, 10, 15, 30, 60] = Field(
        default=60, description="Enhanced Monitoring interval."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.weights is not None and len(self.weights) != self.count:
            raise refuse(
                f"{len(self.weights)} weights for {self.count} replicas",
                allowed="one per replica",
                at="weights",
            )
        if self.weights is not None and not any(self.weights):
            raise refuse("every weight is 0: no replica would be read", allowed="one above 0", at="weights")
        return self

    def weight(self, index: int) -> int:
        """Weight of the replica at `index`, from 0."""
        return 100 if self.weights is None else self.weights[index]


class ReaderSettings(Section):
    """The one name that the application reads from."""

    zone_name: Annotated[str, domain_name("database.internal")] = Field(
        default="database.internal", description="Private hosted zone, seen in the VPC alone."
    )
    record_name: Annotated[str, AfterValidator(_label)] = Field(
        default="reader", description="Name of the reader endpoint in that zone."
    )
    ttl_seconds: int = Field(
        default=5, ge=1, le=60, description="How long an answer is kept: the time to leave a lost replica."
    )
    follow_health: bool = Field(
        default=True, description="A replica whose lag is critical is not answered with until it is back."
    )


LAG_SOURCE = (
    "attention: PostgreSQL's default max_standby_streaming_delay (30 s), beyond which a replica no longer "
    "waits for a query but cannot keep up; critical: the five minutes that RDS may report for an idle "
    "primary, beyond which lag is real"
)


class LagSettings(Section):
    """When a replica is too far behind. The defaults' reasons are at LAG_SOURCE."""

    attention_seconds: float = Field(default=30.0, gt=0, description="Lag that wants attention.")
    critical_seconds: float = Field(
        default=300.0, gt=0, description="Lag that is critical: what is read is stale."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.critical_seconds <= self.attention_seconds:
            raise refuse(
                f"{self.critical_seconds:g} is not above attention_seconds",
                allowed=f"more than {self.attention_seconds:g} seconds",
                at="critical_seconds",
            )
        return self

    @property
    def threshold(self) -> Threshold:
        """Replica lag as a row like those of the table, which the source document does not have."""
        return Threshold(
            "replica_lag",
            "seconds",
            self.attention_seconds,
            self.critical_seconds,
            "above",
            "Optimisation",
            LAG_SOURCE,
        )


class ParameterSettings(Section):
    """PostgreSQL settings of the replicas, apart from the primary's."""

    hot_standby_feedback: bool = Field(
        default=True, description="Tell the primary what is being read, so that vacuum does not cancel it."
    )
    max_standby_streaming_delay_seconds: int = Field(
        default=30, ge=0, le=3600, description="How long a replica may wait for a query before it cancels it."
    )
    max_connections: int | None = Field(
        default=None,
        ge=20,
        description="Connection limit, not below the primary's; left out, the primary's.",
    )
    work_mem_mib: int | None = Field(
        default=None, ge=1, le=4096, description="Memory per sort or hash; left out, PostgreSQL's 4 MiB."
    )
    log_statements_over_milliseconds: int = Field(
        default=1000, ge=0, description="Statements slower than this are logged."
    )


class ProxySettings(Section):
    """RDS Proxy, which pools connections to the primary; RDS lets it stand before no read replica."""

    enabled: bool = Field(default=False, description="Put a proxy before the primary.")
    secret_arns: list[Annotated[str, AfterValidator(_secret_arn)]] = Field(
        default=[],
        description="Secrets with the database users' passwords; left out, the primary's master user.",
    )
    max_connections_percent: int = Field(
        default=80, ge=1, le=100, description="Share of the primary's connections that the proxy may open."
    )
    max_idle_connections_percent: int = Field(
        default=40, ge=0, le=100, description="Share that it may keep open and idle."
    )
    idle_client_timeout_seconds: int = Field(
        default=1800, ge=1, le=28800, description="A client idle for longer is disconnected."
    )
    borrow_timeout_seconds: int = Field(
        default=30, ge=0, le=300, description="How long a client waits for a connection before it is refused."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.max_idle_connections_percent > self.max_connections_percent:
            raise refuse(
                f"{self.max_idle_connections_percent} is above max_connections_percent",
                allowed=f"at most {self.max_connections_percent} percent",
                at="max_idle_connections_percent",
            )
        return self


class ReplicasSettings(PhaseSettings):
    """Everything the replicas phase can be told."""

    PHASE: ClassVar[str] = "replicas"

    instances: InstanceSettings = Field(description="The read replicas.")
    reader: ReaderSettings = Field(default=ReaderSettings(), description="The reader endpoint.")
    lag: LagSettings = Field(default=LagSettings(), description="When a replica is too far behind.")
    parameters: ParameterSettings = Field(
        default=ParameterSettings(), description="PostgreSQL on the replicas."
    )
    proxy: ProxySettings = Field(default=ProxySettings(), description="Connection pooling.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        instances = self.instances
        classes = facts.database_classes(self.region)
        offered(instances.instance_class, self.region, classes, "instances.instance_class")
        known = facts.zones(self.region)
        for index, zone in enumerate(instances.availability_zones or []):
            if zone not in known:
                raise refuse(
                    f"no zone {zone!r} in {self.region}",
                    allowed=nearest(zone, known, count=6),
                    at=f"instances.availability_zones[{index}]",
                )
        return self

    def check_required(self, required: Mapping[str, PhaseSettings]) -> None:
        """Refuse to stand in another region than foundation, or on a primary that will keep no backups."""
        foundation = required.get("foundation")
        if not isinstance(foundation, FoundationSettings):
            return
        if foundation.region != self.region:
            raise SettingsError(
                f"{self.region} is not foundation's region", key=REGION_KEY, allowed=foundation.region
            )
        days = foundation.database.backup_retention_days
        if days < 1:
            raise SettingsError(
                f"read replicas need automated backups, got {days}",
                key="foundation:database.backup_retention_days",
                allowed="1 to 35 days",
            )

    @property
    def lag_threshold(self) -> Threshold:
        """Replica lag as a row like those of the table."""
        return self.lag.threshold
