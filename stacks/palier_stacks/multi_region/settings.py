"""Settings of the multi-region phase, read from `multi-region:<section>`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from ipaddress import IPv4Network
from typing import Annotated, ClassVar, Self

from palier.capacity.thresholds import Threshold
from pydantic import Field, ValidationError, model_validator

from palier_stacks import facts
from palier_stacks.foundation.settings import (
    AlarmSettings,
    ApplicationSettings,
    CacheSettings,
    FoundationSettings,
    StorageSettings,
)
from palier_stacks.multi_region.capacity import CapacitySettings, Tier, shortfall
from palier_stacks.multi_region.database_settings import GlobalDatabaseSettings
from palier_stacks.multi_region.region_settings import RegionSettings, refuse_misfit, refuse_overlap
from palier_stacks.settings import (
    REGION_KEY,
    PhaseSettings,
    Section,
    SettingsError,
    domain_name,
    offered,
    refuse,
)

MOST_REGIONS = 5  # RDS for PostgreSQL replicates one source to five other regions; Aurora to ten.


class SessionSettings(Section):
    """The DynamoDB table of sessions that survive a region, with a replica in every region."""

    deletion_protection: bool = Field(default=True, description="DynamoDB refuses to delete the table.")
    point_in_time_recovery: bool = Field(default=True, description="Continuous backups in every region.")


class RoutingSettings(Section):
    """How users find the nearest region that is well."""

    domain: Annotated[str, domain_name("www.example.org")] | None = Field(
        default=None, description="Name of the application; left out, no records and no health checks."
    )
    hosted_zone_id: str | None = Field(
        default=None, pattern=r"^[A-Z0-9]{4,32}$", description="Public hosted zone that the domain stands in."
    )
    check_interval_seconds: int = Field(
        default=10, description="How often Route 53 asks a region for its health: 10 or 30."
    )
    failures_until_unhealthy: int = Field(
        default=3, ge=1, le=10, description="Failed checks in a row after which a region is left."
    )
    cdn: bool = Field(
        default=False, description="The cdn phase stands, and its edge is to know every region's origin."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.domain is None) != (self.hosted_zone_id is None):
            missing = "domain" if self.domain is None else "hosted_zone_id"
            raise refuse(
                "missing, while the other is given",
                allowed="domain and hosted_zone_id, or neither",
                at=missing,
            )
        if self.check_interval_seconds not in (10, 30):
            raise refuse(
                f"Route 53 does not check every {self.check_interval_seconds} seconds",
                allowed="10 or 30",
                at="check_interval_seconds",
            )
        return self


class ReplicationSettings(Section):
    """Replication of the assets between the buckets of all regions."""

    time_control: bool = Field(
        default=False,
        description="S3 Replication Time Control: 15 minutes promised and measured, for a price per GiB.",
    )


class TargetSettings(Section):
    """What a failover is measured against."""

    rto_seconds: int = Field(
        default=900, ge=1, description="Recovery time objective: loss of a region to service in another."
    )
    rpo_seconds: int = Field(
        default=300, ge=1, description="Recovery point objective: writes that a failover may lose, in time."
    )


LAG_SOURCE = "multi-region:targets.rpo_seconds: what is not replicated yet is lost with the region"


class MultiRegionSettings(PhaseSettings):
    """Everything the multi-region phase can be told. `aws:region` is the home region, foundation's."""

    PHASE: ClassVar[str] = "multi-region"

    regions: list[RegionSettings] = Field(
        min_length=1, max_length=MOST_REGIONS, description="The further regions, one entry each."
    )
    application: ApplicationSettings = Field(description="The application tier of every further region.")
    session_cache: CacheSettings = Field(description="Redis for sessions, in every further region.")
    shared_cache: CacheSettings = Field(description="Redis shared as cache, in every further region.")
    database: GlobalDatabaseSettings = Field(description="The database that spans the regions.")
    sessions: SessionSettings = Field(
        default=SessionSettings(), description="Sessions that survive a region."
    )
    storage: StorageSettings = Field(default=StorageSettings(), description="Buckets of the further regions.")
    replication: ReplicationSettings = Field(
        default=ReplicationSettings(), description="Replication of the assets between all regions."
    )
    routing: RoutingSettings = Field(default=RoutingSettings(), description="How users find a region.")
    targets: TargetSettings = Field(default=TargetSettings(), description="What a failover must keep.")
    capacity: CapacitySettings = Field(description="What the regions that are left must carry.")
    alarms: AlarmSettings = Field(
        default=AlarmSettings(), description="Who hears of alarms in the further regions."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.application.certificate_arn is not None:
            raise refuse(
                "a certificate is of one region",
                allowed="regions[…].certificate_arn",
                at="application.certificate_arn",
            )
        seen: dict[str, IPv4Network] = {}
        for index, entry in enumerate(self.regions):
            self._check_region(index, entry, seen)
        return self

    def _check_region(self, index: int, entry: RegionSettings, seen: dict[str, IPv4Network]) -> None:
        at, region = f"regions[{index}]", entry.region
        if region == self.region:
            raise refuse(
                f"{region} is the home region ({REGION_KEY}), where foundation stands",
                allowed="further regions",
                at=f"{at}.region",
            )
        if region in seen:
            raise refuse(f"{region} is given twice", allowed="each region once", at=f"{at}.region")
        network = IPv4Network(entry.network.vpc_cidr)
        for other, taken in seen.items():
            refuse_overlap(network, taken, other, f"{at}.network.vpc_cidr")
        seen[region] = network
        refuse_misfit(entry, at)
        try:
            self.application_in(entry)
        except ValidationError as error:
            context = error.errors()[0].get("ctx", {})
            raise refuse(
                str(context.get("problem", error)),
                allowed=context.get("allowed"),
                at=f"{at}.{context.get('at')}",
            ) from None
        offered(
            self.application.instance_type, region, facts.instance_types(region), "application.instance_type"
        )
        for cache in ("session_cache", "shared_cache"):
            nodes = facts.cache_node_types(region)
            offered(getattr(self, cache).node_type, region, nodes, f"{cache}.node_type")
        offered(
            self.database.instance_class, region, facts.database_classes(region), "database.instance_class"
        )

    def application_in(self, entry: RegionSettings) -> ApplicationSettings:
        """The application tier of one region: `application`, and what the region says otherwise."""
        own = {
            name: getattr(entry, name)
            for name in ("certificate_arn", "min_instances", "desired_instances", "max_instances")
            if getattr(entry, name) is not None
        }
        return ApplicationSettings.model_validate(self.application.model_dump() | own)

    def tiers(self, home_max_instances: int) -> list[Tier]:
        """Every region, the home first, with the most instances it may have."""
        further = [Tier(entry.region, self.application_in(entry).max_instances) for entry in self.regions]
        return [Tier(self.region, home_max_instances), *further]

    def refuse_shortfall(self, home_max_instances: int) -> None:
        """SettingsError where the regions left after the loss of one cannot carry the forecast peak."""
        short = shortfall(self.capacity, self.tiers(home_max_instances))
        if short is not None:
            raise SettingsError(short.problem, key=f"{self.PHASE}:capacity", allowed=short.allowed)

    def check_required(self, required: Mapping[str, PhaseSettings]) -> None:
        """Refuse what does not go with foundation: its region, addresses, image, backups, and its size."""
        foundation = required.get("foundation")
        if not isinstance(foundation, FoundationSettings):
            return
        if foundation.region != self.region:
            raise SettingsError(
                f"{self.region} is not foundation's region", key=REGION_KEY, allowed=foundation.region
            )
        self.refuse_overlap_with(foundation.network.vpc_cidr)
        if foundation.application.image != self.application.image:
            raise SettingsError(
                f"{self.application.image} is not what the home region runs: users would see two versions",
                key=f"{self.PHASE}:application.image",
                allowed=foundation.application.image,
            )
        if not self.database.is_aurora and foundation.database.backup_retention_days < 1:
            raise SettingsError(
                "replicas in other regions need automated backups, got 0",
                key="foundation:database.backup_retention_days",
                allowed="1 to 35 days",
            )
        self.refuse_shortfall(foundation.application.max_instances)
        primary = foundation.database.instance_class
        if facts.database_shape(primary).memory_gib > self.database.memory_gib:
            raise SettingsError(
                f"{self.database.instance_class} has less memory than the primary's {primary}, "
                "whose writes it carries after a failover",
                key=f"{self.PHASE}:database.instance_class",
                allowed=f"{primary} or larger",
            )

    def refuse_overlap_with(self, home_cidr: str) -> None:
        """SettingsError where a region's VPC shares addresses with the home's: they are peered."""
        home = IPv4Network(home_cidr)
        for index, entry in enumerate(self.regions):
            if IPv4Network(entry.network.vpc_cidr).overlaps(home):
                raise SettingsError(
                    f"{entry.network.vpc_cidr} overlaps {home} of {self.region}; "
                    "peered VPCs share no address",
                    key=f"{self.PHASE}:regions[{index}].network.vpc_cidr",
                    allowed=f"a range apart from {home}",
                )

    @cached_property
    def lag_threshold(self) -> Threshold:
        """Replication lag as a row like those of the table, which the source document does not have.

        Critical is the recovery point objective itself; attention is half of it, while there is time.
        """
        limit = float(self.targets.rpo_seconds)
        return Threshold("replication_lag", "seconds", limit / 2, limit, "above", "Optimisation", LAG_SOURCE)
