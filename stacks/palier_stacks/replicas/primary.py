"""What the replicas phase takes from foundation, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier_stacks.ground import GroundRefused, check_ground, unfollowable
from palier_stacks.replicas.settings import ReplicasSettings

# Outputs of foundation that this phase reads.
NEEDED = (
    "platform",
    "owner",
    "cost_center",
    "region",
    "zones",
    "vpc_id",
    "data_subnet_ids",
    "application_security_group_id",
    "database_security_group_id",
    "application_role_name",
    "data_key_arn",
    "operations_key_arn",
    "attention_topic_arn",
    "critical_topic_arn",
    "database_identifier",
    "database_major_version",
    "database_max_connections",
    "database_max_allocated_storage_gib",
    "database_application_user",
    "database_master_secret_arn",
    "database_monitoring_role_arn",
    "backup_retention_days",
    "log_retention_days",
)


# Foundation is not such that replicas can stand on it: why, and what to run.
PrimaryRefused = GroundRefused


def check(outputs: Mapping[str, Any], settings: ReplicasSettings, environment: str) -> dict[str, Any]:
    """Foundation's outputs, if replicas can stand on them; PrimaryRefused, in one line, if not."""
    check_ground(outputs, NEEDED, region=settings.region, environment=environment)
    refusal = unfollowable(outputs, environment)
    if refusal:
        raise PrimaryRefused(refusal)
    _check_zones(outputs["zones"], settings)
    least = int(outputs["database_max_connections"])
    limit = settings.parameters.max_connections
    if limit is not None and limit < least:
        raise PrimaryRefused(
            f"replicas:parameters.max_connections: {limit} is below the primary's {least}, and PostgreSQL "
            f"does not start a standby that allows fewer (allowed: {least} or more)"
        )
    return dict(outputs)


def _check_zones(zones: list[str], settings: ReplicasSettings) -> None:
    for index, zone in enumerate(settings.instances.availability_zones or []):
        if zone not in zones:
            raise PrimaryRefused(
                f"replicas:instances.availability_zones[{index}]: foundation has no subnet in {zone} "
                f"(allowed: {', '.join(zones)})"
            )
