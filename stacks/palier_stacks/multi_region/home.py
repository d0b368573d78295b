"""What the multi-region phase takes from foundation, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier_stacks.ground import unfollowable
from palier_stacks.multi_region.settings import MultiRegionSettings
from palier_stacks.settings import SettingsError

# Outputs of foundation that this phase reads.
NEEDED = (
    "platform",
    "owner",
    "cost_center",
    "region",
    "vpc_id",
    "vpc_cidr",
    "data_subnet_ids",
    "private_route_table_ids",
    "data_route_table_id",
    "application_security_group_id",
    "database_security_group_id",
    "application_role_name",
    "data_key_arn",
    "operations_key_arn",
    "attention_topic_arn",
    "critical_topic_arn",
    "url",
    "load_balancer_arn",
    "load_balancer_dns_name",
    "load_balancer_zone_id",
    "target_group_arn",
    "autoscaling_group_name",
    "application_image",
    "application_max_instances",
    "database_identifier",
    "database_arn",
    "database_address",
    "database_resource_id",
    "database_name",
    "database_major_version",
    "database_max_connections",
    "database_max_allocated_storage_gib",
    "database_application_user",
    "database_master_secret_arn",
    "database_monitoring_role_arn",
    "backup_retention_days",
    "assets_bucket",
)


class HomeRefused(ValueError):
    """Foundation is not such that further regions can follow it: why, and what to run."""


def check(outputs: Mapping[str, Any], settings: MultiRegionSettings, environment: str) -> dict[str, Any]:
    """Foundation's outputs, if further regions can follow it; HomeRefused, in one line, if not."""
    up = f"palier up foundation --env {environment}"
    missing = [name for name in NEEDED if outputs.get(name) is None]
    if len(missing) == len(NEEDED):
        raise HomeRefused(f"foundation is not up in {environment}; run: {up}")
    if missing:
        raise HomeRefused(
            f"foundation in {environment} has no output {missing[0]}: it is older or half up; run: {up}"
        )
    if outputs["region"] != settings.region:
        raise HomeRefused(f"aws:region: {settings.region} is not foundation's; set it to {outputs['region']}")
    refusal = None if settings.database.is_aurora else unfollowable(outputs, environment)
    if refusal:
        raise HomeRefused(refusal)
    if outputs["application_image"] != settings.application.image:
        raise HomeRefused(
            f"multi-region:application.image: the home region runs {outputs['application_image']}, and users "
            f"would see two versions; set it to that, or run: {up}"
        )
    try:
        settings.refuse_overlap_with(outputs["vpc_cidr"])
        settings.refuse_shortfall(int(outputs["application_max_instances"]))
    except SettingsError as error:
        raise HomeRefused(str(error)) from None
    return dict(outputs)
