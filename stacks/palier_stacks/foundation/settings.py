"""Settings of the foundation phase: one model per part, read from `foundation:<section>`."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self

from palier.capacity.thresholds import threshold
from pydantic import AfterValidator, Field, model_validator

from palier_stacks import facts
from palier_stacks.foundation.database_settings import DatabaseSettings
from palier_stacks.foundation.layout import ZoneSubnets
from palier_stacks.foundation.network_settings import NetworkSettings
from palier_stacks.settings import (
    CacheNodeType,
    InstanceType,
    PhaseSettings,
    Section,
    distinct,
    offered,
    refuse,
)

CPU_ATTENTION = threshold("cpu_utilization").attention


def _platform(value: str) -> str:
    # It starts names on SSM and S3, which reserve aws and ssm, and RDS identifiers, which double no hyphen.
    if not re.fullmatch(r"(?!aws|ssm)[a-z](?:-?[a-z0-9]){1,19}", value):
        raise refuse(
            f"{value!r} does not fit",
            allowed="2 to 20 small letters, digits and single hyphens, not aws… or ssm…",
        )
    return value


def _email(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value):
        raise refuse(f"{value!r} is not an e-mail address", allowed="name@example.org")
    return value


def _certificate(value: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+", value):
        raise refuse(
            f"{value!r} is not a certificate of ACM",
            allowed="arn:aws:acm:<region>:<account>:certificate/<id>",
        )
    return value


def _path(value: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9_\-.$/~\"'@:+&?=%]{0,1023}", value):
        raise refuse(f"{value!r} is not a path", allowed="like /health")
    return value


class ApplicationSettings(Section):
    """The stateless tier: containers on instances behind the load balancer."""

    image: str = Field(
        min_length=1, description="Container image each instance runs; it keeps nothing on disk."
    )
    port: int = Field(default=8080, ge=1, le=65535, description="Port the container listens on.")
    health_check_path: Annotated[str, AfterValidator(_path)] = Field(
        default="/health", description="Path that answers 200 while the instance can serve."
    )
    instance_type: InstanceType = Field(
        description="EC2 type, for example `m7g.large`; it decides the AMI's kind."
    )
    min_instances: int = Field(default=3, ge=1, description="Fewest instances.")
    desired_instances: int = Field(
        default=3, ge=1, description="Instances to start with; scaling moves it later."
    )
    max_instances: int = Field(default=12, ge=1, description="Most instances.")
    target_cpu_percent: float = Field(
        default=50.0, ge=10.0, description="CPU that scaling aims at; below the attention threshold."
    )
    target_requests_per_minute: int | None = Field(
        default=None,
        ge=1,
        description="Requests per instance that scaling aims at as well; left out, CPU alone.",
    )
    warmup_seconds: int = Field(
        default=120, ge=0, le=3600, description="How long a new instance takes until its metrics count."
    )
    certificate_arn: Annotated[str, AfterValidator(_certificate)] | None = Field(
        default=None, description="ACM certificate: HTTPS, and HTTP redirected to it; left out, plain HTTP."
    )
    load_balancer_deletion_protection: bool = Field(
        default=True, description="AWS refuses to delete the load balancer."
    )
    ami_ssm_parameter: str | None = Field(
        default=None,
        pattern=r"^/[A-Za-z0-9_.\-/]+$",
        description="SSM parameter that names the AMI; left out, the latest Amazon Linux 2023.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.min_instances <= self.desired_instances <= self.max_instances:
            raise refuse(
                f"{self.desired_instances} is not between min and max",
                allowed=f"{self.min_instances} to {self.max_instances}",
                at="desired_instances",
            )
        if self.target_cpu_percent >= CPU_ATTENTION:
            raise refuse(
                f"aims at {self.target_cpu_percent:g} percent, where attention is due already",
                allowed=f"less than {CPU_ATTENTION:g}",
                at="target_cpu_percent",
            )
        return self

    @property
    def ami_parameter(self) -> str:
        """SSM parameter of the AMI: the one given, or Amazon Linux 2023 for the type's architecture."""
        architecture = facts.instance_architecture(self.instance_type)
        return (
            self.ami_ssm_parameter
            or f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
        )


class CacheSettings(Section):
    """One Redis replication group: a primary and its replicas, in different zones."""

    node_type: CacheNodeType = Field(description="ElastiCache node type, for example `cache.m7g.large`.")
    replicas: int = Field(
        default=1, ge=1, le=5, description="Replicas beside the primary; one or more for failover."
    )
    snapshot_retention_days: int = Field(
        default=0, ge=0, le=35, description="Daily snapshots kept; 0 keeps none."
    )


class StorageSettings(Section):
    """Buckets for assets and logs."""

    noncurrent_asset_days: int = Field(
        default=90, ge=1, description="Overwritten or deleted assets are kept this long."
    )
    asset_infrequent_access_days: int | None = Field(
        default=None, ge=30, description="Assets move to infrequent access after this; left out, they do not."
    )
    access_log_days: int = Field(
        default=90, ge=1, description="Load balancer access logs are kept this long."
    )
    force_destroy: bool = Field(default=False, description="Deleting the stack empties the buckets too.")


Emails = Annotated[list[Annotated[str, AfterValidator(_email)]], AfterValidator(distinct)]


class EdgeSettings(Section):
    """What CloudFront, of the phase cdn, may do here."""

    cloudfront_reads_assets: bool = Field(
        default=False, description="Distributions of this account may read the asset bucket; cdn needs it."
    )
    ingress: Literal["internet", "cloudfront"] = Field(
        default="internet",
        description="Who reaches the load balancer; `cloudfront` once no name leads to it past cdn.",
    )


class AlarmSettings(Section):
    """Who hears of an alarm. Limits are the threshold table's, not settings."""

    attention_emails: Emails = Field(default=[], description="Addresses told when attention is due.")
    critical_emails: Emails = Field(default=[], description="Addresses told when it is critical.")
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = Field(
        default=30, description="How long application and database logs are kept."
    )


class FoundationSettings(PhaseSettings):
    """Everything the foundation phase can be told."""

    PHASE: ClassVar[str] = "foundation"

    platform: Annotated[str, AfterValidator(_platform)] = Field(
        description="Short name of the platform; names and tags start with it."
    )
    owner: str = Field(min_length=1, max_length=256, description="Who answers for it; a tag on everything.")
    cost_center: str = Field(min_length=1, max_length=256, description="Who pays; a cost tag on everything.")
    network: NetworkSettings = Field(default=NetworkSettings(), description="Addresses, zones, NAT.")
    application: ApplicationSettings = Field(description="The stateless application tier.")
    database: DatabaseSettings = Field(description="The PostgreSQL primary.")
    session_cache: CacheSettings = Field(description="Redis that holds the users' sessions.")
    shared_cache: CacheSettings = Field(description="Redis that all instances share as cache.")
    storage: StorageSettings = Field(default=StorageSettings(), description="Buckets for assets and logs.")
    edge: EdgeSettings = Field(default=EdgeSettings(), description="What CloudFront may do here.")
    alarms: AlarmSettings = Field(default=AlarmSettings(), description="Who hears of alarms.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.network.subnets(self.region)
        region = self.region
        database_classes = facts.database_classes(region)
        offered(self.database.instance_class, region, database_classes, "database.instance_class")
        types = facts.instance_types(region)
        offered(self.application.instance_type, region, types, "application.instance_type")
        for cache in ("session_cache", "shared_cache"):
            nodes = facts.cache_node_types(region)
            offered(getattr(self, cache).node_type, region, nodes, f"{cache}.node_type")
        certificate = self.application.certificate_arn
        if certificate is not None and certificate.split(":")[3] != region:
            raise refuse(
                f"the certificate is of {certificate.split(':')[3]}, the load balancer in {region}",
                allowed=f"a certificate of {region}",
                at="application.certificate_arn",
            )
        return self

    @property
    def zones(self) -> list[str]:
        """Availability zones, in order."""
        return self.network.zones(self.region)

    @property
    def subnets(self) -> tuple[ZoneSubnets, ...]:
        """Subnets by zone."""
        return self.network.subnets(self.region)
