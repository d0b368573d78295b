"""Checks of foundation's application tier: the load balancer and the group of instances behind it."""

from __future__ import annotations

from collections.abc import Iterator

from palier.verification.model import Answer, compare, row, show, whether
from palier.verification.things import some
from palier.verification.world import Foundation

# AWS itself refuses a load balancer in fewer zones, but an instance failure can leave one.
LEAST_ZONES = 2


def load_balancer_zones(world: Foundation) -> Iterator[Answer]:
    """The load balancer stands in two zones or more."""
    for balancer in some(world.things.load_balancers(), "load balancer"):
        zones = sorted(each["ZoneName"] for each in balancer.data["AvailabilityZones"])
        yield Answer(
            len(set(zones)) >= LEAST_ZONES, balancer.name, show(zones), f"{LEAST_ZONES} zones or more"
        )


def load_balancer_logs(world: Foundation) -> Iterator[Answer]:
    """Access logs are on, into a bucket of ours."""
    buckets = {each.id for each in world.things.buckets()}
    for balancer in some(world.things.load_balancers(), "load balancer"):
        attributes = world.balancer_attributes(balancer)
        on = attributes.get("access_logs.s3.enabled") == "true"
        bucket = attributes.get("access_logs.s3.bucket", "")
        actual = f"on, into {bucket}" if on else "off"
        yield Answer(on and bucket in buckets, balancer.name, actual, "on, into a bucket of the platform")


def load_balancer_headers(world: Foundation) -> Iterator[Answer]:
    """Requests with invalid headers lose them."""
    for balancer in some(world.things.load_balancers(), "load balancer"):
        attributes = world.balancer_attributes(balancer)
        dropped = attributes.get("routing.http.drop_invalid_header_fields.enabled", "false") == "true"
        yield compare(balancer.name, whether(dropped, "dropped"), "dropped")


def load_balancer_protected(world: Foundation) -> Iterator[Answer]:
    """The load balancer is protected from deletion, as asked."""
    for balancer in some(world.things.load_balancers(), "load balancer"):
        protected = world.balancer_attributes(balancer).get("deletion_protection.enabled", "false") == "true"
        wanted = whether(world.wanted.balancer_deletion_protection, "protected")
        yield compare(balancer.name, whether(protected, "protected"), wanted)


def no_stickiness(world: Foundation) -> Iterator[Answer]:
    """No target group ties a session to an instance: any instance must serve any request."""
    for group in some(world.things.target_groups(), "target group"):
        attributes = world.target_group_attributes(group)
        sticky = attributes.get("stickiness.enabled", "false") == "true"
        yield compare(group.name, whether(sticky, "sticky"), "not sticky")


def group_size(world: Foundation) -> Iterator[Answer]:
    """The group has the bounds asked for, and stands between them."""
    for group in some(world.things.auto_scaling_groups(), "auto scaling group"):
        low, high = world.wanted.instances_min, world.wanted.instances_max
        data = group.data
        bounds = (data["MinSize"], data["MaxSize"])
        ok = bounds == (low, high) and low <= data["DesiredCapacity"] <= high
        actual = f"{bounds[0]} to {bounds[1]}, now {data['DesiredCapacity']}"
        yield Answer(ok, group.name, actual, f"{low} to {high}")


def group_subnets(world: Foundation) -> Iterator[Answer]:
    """Instances stand in the private subnets, all of them."""
    private = {each.id for each in world.tier("private")}
    for group in some(world.things.auto_scaling_groups(), "auto scaling group"):
        yield compare(group.name, {*group.data["VPCZoneIdentifier"].split(",")}, private)


def metadata_tokens(world: Foundation) -> Iterator[Answer]:
    """The launch template wants session tokens for instance metadata (IMDSv2)."""
    for template in some(world.templates(), "launch template"):
        options = template["LaunchTemplateData"].get("MetadataOptions", {})
        yield compare(template["LaunchTemplateName"], options.get("HttpTokens", "optional"), "required")


def target_tracking(world: Foundation) -> Iterator[Answer]:
    """The group follows its CPU at the target asked for."""
    for group in some(world.things.auto_scaling_groups(), "auto scaling group"):
        targets = [
            policy["TargetTrackingConfiguration"]["TargetValue"]
            for policy in world.scaling_policies(group)
            if policy["PolicyType"] == "TargetTrackingScaling"
            and policy["TargetTrackingConfiguration"]
            .get("PredefinedMetricSpecification", {})
            .get("PredefinedMetricType")
            == "ASGAverageCPUUtilization"
        ]
        yield compare(group.name, targets, [world.wanted.target_cpu_percent])


CHECKS = (
    row(
        "foundation",
        load_balancer_zones,
        "application.load-balancer-zones",
        "The load balancer stands in two availability zones or more",
    ),
    row(
        "foundation",
        load_balancer_logs,
        "application.load-balancer-logs",
        "The load balancer writes access logs into a bucket of the platform",
    ),
    row(
        "foundation",
        load_balancer_headers,
        "application.load-balancer-headers",
        "The load balancer drops invalid header fields",
    ),
    row(
        "foundation",
        load_balancer_protected,
        "application.load-balancer-protected",
        "The load balancer is protected from deletion, as asked",
    ),
    row(
        "foundation",
        no_stickiness,
        "application.no-stickiness",
        "No target group is sticky: any instance serves any request",
        "turn stickiness off; a session belongs in the cache, not in an instance",
    ),
    row(
        "foundation",
        group_size,
        "application.group-size",
        "The Auto Scaling group has the bounds asked for and stands between them",
    ),
    row(
        "foundation",
        group_subnets,
        "application.group-subnets",
        "Instances stand in all private subnets and nowhere else",
    ),
    row(
        "foundation",
        metadata_tokens,
        "application.metadata-tokens",
        "Instance metadata wants session tokens (IMDSv2)",
    ),
    row(
        "foundation",
        target_tracking,
        "application.target-tracking",
        "The group follows its CPU utilisation at the target asked for",
    ),
)
