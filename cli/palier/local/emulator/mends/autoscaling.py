"""Mends of Auto Scaling: instances spread over the subnets, and every setting kept."""

from __future__ import annotations

from collections import Counter
from typing import Any

from palier.local.emulator.mends.table import added, around, mend

KEPT_ON_CREATION = {
    "DefaultInstanceWarmup": "default_instance_warmup",
    "MaxInstanceLifetime": "max_instance_lifetime",
    "InstanceMaintenancePolicy": "instance_maintenance_policy",
    "DesiredCapacityType": "desired_capacity_type",
    "ServiceLinkedRoleARN": "service_linked_role_arn",
    "Context": "context",
}
# UpdateAutoScalingGroup takes these too, and moto's update does not.
KEPT_ON_UPDATE = KEPT_ON_CREATION | {
    "DefaultCooldown": "default_cooldown",
    "TerminationPolicies": "termination_policies",
    "CapacityRebalance": "capacity_rebalance",
    "PlacementGroup": "placement_group",
}


@mend("autoscaling")
def instances_spread_over_subnets() -> None:
    """All instances of a group are put into its first subnet, so one zone carries everything."""
    from moto.autoscaling.models import FakeAutoScalingGroup

    @around(FakeAutoScalingGroup, "replace_autoscaling_group_instances")
    def replace(original: Any, self: Any, count_needed: int, propagated_tags: dict[str, str]) -> None:
        everywhere, zones = self.vpc_zone_identifier, self.availability_zones
        if not everywhere or "," not in everywhere:
            original(self, count_needed, propagated_tags)
            return
        subnets = {one.id: one for one in self.ec2_backend.describe_subnets(everywhere.split(","))}
        try:
            for _ in range(count_needed):
                used = Counter(state.instance.subnet_id for state in self.active_instances())
                chosen = min(everywhere.split(","), key=lambda name: used[name])
                self.vpc_zone_identifier = chosen
                self.availability_zones = [subnets[chosen].availability_zone]
                original(self, 1, dict(propagated_tags))
        finally:
            self.vpc_zone_identifier, self.availability_zones = everywhere, zones


@mend("autoscaling")
def settings_kept() -> None:
    """Warm-up, instance lifetime and maintenance policy are dropped; an update also drops cooldown,
    termination policies, rebalancing and placement group."""
    from moto.autoscaling.responses import AutoScalingResponse

    @around(AutoScalingResponse, "create_auto_scaling_group")
    def create(original: Any, self: Any) -> Any:
        answer = original(self)
        _keep(self, KEPT_ON_CREATION)
        return answer

    @around(AutoScalingResponse, "update_auto_scaling_group")
    def update(original: Any, self: Any) -> Any:
        answer = original(self)
        _keep(self, KEPT_ON_UPDATE)
        return answer


def _keep(response: Any, parameters: dict[str, str]) -> None:
    group = response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]
    for parameter, attribute in parameters.items():
        value = response._get_param(parameter)
        if value is not None:
            # 0 and -1 mean "none" for lifetime and warm-up: AWS then describes no value.
            setattr(group, attribute, None if value in (0, -1) and attribute != "default_cooldown" else value)


@mend("autoscaling")
def unknown_target_group_refused_first() -> None:
    """A group with an unknown target group is answered with an error and stands all the same."""
    from moto.autoscaling.models import AutoScalingBackend

    @around(AutoScalingBackend, "create_auto_scaling_group")
    def create(original: Any, self: Any, **named: Any) -> Any:
        if named.get("target_group_arns"):
            self.elbv2_backend.describe_target_groups(None, named["target_group_arns"], None)
        return original(self, **named)


@mend("autoscaling")
def metrics_collected_until_disabled() -> None:
    """Disabling the collection of group metrics is not implemented, and enabling one forgets the others."""
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.core.responses import EmptyResult

    @around(AutoScalingResponse, "enable_metrics_collection")
    def enable(original: Any, self: Any) -> Any:
        (group,) = _groups(self)
        kept = list(group.metrics)
        answer = original(self)
        group.metrics = list(dict.fromkeys([*kept, *group.metrics]))
        return answer

    @added(AutoScalingResponse, "disable_metrics_collection")
    def disable(self: Any) -> Any:
        (group,) = _groups(self)
        gone = self._get_param("Metrics") or group.metrics
        group.metrics = [metric for metric in group.metrics if metric not in gone]
        return EmptyResult()


def _groups(response: Any) -> list[Any]:
    name = response._get_param("AutoScalingGroupName")
    found: list[Any] = response.autoscaling_backend.describe_auto_scaling_groups([name])
    return found
