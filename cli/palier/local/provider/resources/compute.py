"""Launch templates, autoscaling groups and their policies."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import ec2_tags, zones
from palier.local.provider.resources.facts import ec2_instance_types
from palier.local.provider.shapes import to_aws
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read

_OWN = frozenset(
    {
        "name",
        "namePrefix",
        "description",
        "tags",
        "tagsAll",
        "region",
        "updateDefaultVersion",
        "defaultVersion",
        "__defaults",
    }
)
# Properties whose name in the launch template's data differs from Pulumi's.
_DATA_NAMES = {
    "vpcSecurityGroupIds": "SecurityGroupIds",
    "instanceInitiatedShutdownBehavior": "InstanceInitiatedShutdownBehavior",
    "ramDiskId": "RamDiskId",
    "ipv6Addresses": "Ipv6Addresses",
    "securityGroups": "Groups",
}


def _data(context: Context) -> dict[str, Any]:
    """The launch template's data: every input that is not the template's own."""
    model = context.clients.operation_model("ec2", "CreateLaunchTemplate")
    shape = model.input_shape.members["LaunchTemplateData"]
    inputs = {key: value for key, value in context.inputs.items() if key not in _OWN}
    data = to_aws(inputs, shape, _DATA_NAMES)
    if "tagSpecifications" in inputs:
        data["TagSpecifications"] = [
            {
                "ResourceType": item["resourceType"],
                "Tags": [{"Key": key, "Value": value} for key, value in (item.get("tags") or {}).items()],
            }
            for item in inputs["tagSpecifications"]
        ]
    return data


def _with_data(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    kept = ("LaunchTemplateName", "TagSpecifications", "VersionDescription")
    return {**{k: v for k, v in arguments.items() if k in kept}, "LaunchTemplateData": _data(context)}


def _new_version(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """Any change of the data is a new version; the default one moves with it where asked."""
    if changed - {"updateDefaultVersion", "defaultVersion"}:
        note = {"VersionDescription": inputs["description"]} if inputs.get("description") else {}
        answer = context.call(
            "CreateLaunchTemplateVersion",
            LaunchTemplateId=context.id,
            LaunchTemplateData=_data(context),
            **note,
        )
        latest = str(answer["LaunchTemplateVersion"]["VersionNumber"])
    else:
        latest = str(context.outputs.get("latestVersion", 1))
    default = latest if inputs.get("updateDefaultVersion") else inputs.get("defaultVersion")
    if default:
        context.call("ModifyLaunchTemplate", LaunchTemplateId=context.id, DefaultVersion=str(default))
    return changed


def _describe_template(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    versions = context.call(
        "DescribeLaunchTemplateVersions", LaunchTemplateId=context.id, Versions=["$Latest"]
    )["LaunchTemplateVersions"]
    data = versions[0]["LaunchTemplateData"] if versions else {}
    renamed = {pulumi: data[aws] for pulumi, aws in _DATA_NAMES.items() if aws in data}
    interfaces = [
        {**item, "securityGroups": item.get("Groups")} for item in data.get("NetworkInterfaces", ())
    ]
    further = {"NetworkInterfaces": interfaces} if interfaces else {}
    specifications = [
        {"resourceType": item["ResourceType"], "tags": item.get("Tags", [])}
        for item in data.get("TagSpecifications", ())
    ]
    return {
        **data,
        **renamed,
        **further,
        "TagSpecifications": specifications,
        **found,
        "latestVersion": found.get("LatestVersionNumber"),
        "defaultVersion": found.get("DefaultVersionNumber"),
    }


def _user_data(check: Check) -> list[Problem]:
    value = check.inputs.get("userData")
    if not isinstance(value, str):
        return []
    try:
        size = len(base64.b64decode(value, validate=True))
    except ValueError:
        return [("userData", "is not base64; the launch template wants it encoded")]
    # 16 KB of raw data: Amazon EC2 User Guide, "Run commands at launch".
    return [("userData", f"is {size} bytes; AWS allows 16384")] if size > 16384 else []


def instance_type(check: Check) -> list[Problem]:
    """The instance type is one that the region offers."""
    value, types = check.inputs.get("instanceType"), ec2_instance_types(check.region)
    if not isinstance(value, str) or not types or value in types:
        return []
    near = ", ".join(get_close_matches(value, types, n=3))
    return [("instanceType", f"{value!r} is not an instance type that {check.region} has ({near}, …)")]


def _group_tags(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """Pulumi's `tags` of a group are a list with `propagateAtLaunch`; default tags never reach a group."""
    own = [
        {"Key": tag["key"], "Value": tag["value"], "PropagateAtLaunch": bool(tag.get("propagateAtLaunch"))}
        for tag in context.inputs.get("tags") or ()
    ]
    kept = {key: value for key, value in arguments.items() if key != "Tags"}
    if isinstance(kept.get("VPCZoneIdentifier"), list):
        kept["VPCZoneIdentifier"] = ",".join(kept["VPCZoneIdentifier"])
    if "AutoScalingGroupName" in kept and context.id:
        return kept
    return {**kept, "Tags": own} if own else kept


def _zone_identifier(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    subnets = context.inputs.get("vpcZoneIdentifiers")
    if subnets and ("VPCZoneIdentifier" in arguments or not context.id):
        arguments["VPCZoneIdentifier"] = ",".join(subnets)
    template = arguments.get("LaunchTemplate")
    if template:
        arguments["LaunchTemplate"] = {
            "LaunchTemplateId" if key == "Id" else "LaunchTemplateName" if key == "Name" else key: value
            for key, value in template.items()
        }
    return _group_tags(context, arguments)


def _template_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    asked = inputs.get("launchTemplate") or {}
    named = {"id": "LaunchTemplateId", "name": "LaunchTemplateName", "version": "Version"}
    return {named[key]: str(value) for key, value in asked.items() if key in named}


def _group_arguments(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    if context.inputs.get("launchTemplate") and ("LaunchTemplate" in arguments or not context.id):
        arguments["LaunchTemplate"] = _template_of(context.inputs)
    return _zone_identifier(context, arguments)


def _group_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = changed & {"tags", "enabledMetrics", "metricsGranularity", "targetGroupArns", "instanceRefresh"}
    if "tags" in changed:
        _retag_group(context, inputs)
    if "enabledMetrics" in changed:
        _collect(context, set(context.old_inputs.get("enabledMetrics") or ()), inputs)
    if "targetGroupArns" in changed:
        old, new = (
            set(context.old_inputs.get("targetGroupArns") or ()),
            set(inputs.get("targetGroupArns") or ()),
        )
        for operation, arns in (
            ("AttachLoadBalancerTargetGroups", new - old),
            ("DetachLoadBalancerTargetGroups", old - new),
        ):
            if arns:
                context.call(operation, AutoScalingGroupName=context.id, TargetGroupARNs=sorted(arns))
    return done


def _retag_group(context: Context, inputs: dict[str, Any]) -> None:
    old = {tag["key"] for tag in context.old_inputs.get("tags") or ()}
    base = {"ResourceId": context.id, "ResourceType": "auto-scaling-group"}
    tags = [
        {
            **base,
            "Key": tag["key"],
            "Value": tag["value"],
            "PropagateAtLaunch": bool(tag.get("propagateAtLaunch")),
        }
        for tag in inputs.get("tags") or ()
    ]
    gone = [{**base, "Key": key} for key in sorted(old - {tag["Key"] for tag in tags})]
    if gone:
        context.call("DeleteTags", Tags=gone)
    if tags:
        context.call("CreateOrUpdateTags", Tags=tags)


def _collect(context: Context, old: set[str], inputs: Mapping[str, Any]) -> None:
    new = set(inputs.get("enabledMetrics") or ())
    if old - new:
        context.call("DisableMetricsCollection", AutoScalingGroupName=context.id, Metrics=sorted(old - new))
    if new:
        context.call(
            "EnableMetricsCollection",
            AutoScalingGroupName=context.id,
            Metrics=sorted(new),
            Granularity=inputs.get("metricsGranularity", "1Minute"),
        )


def _group_created(context: Context) -> None:
    if context.inputs.get("enabledMetrics"):
        _collect(context, set(), context.inputs)


def _describe_group(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    template = found.get("LaunchTemplate") or {}
    named = {"id": "LaunchTemplateId", "name": "LaunchTemplateName", "version": "Version"}
    asked = (context.inputs.get("launchTemplate") or {}).keys() or named.keys()
    metrics = [item["Metric"] for item in found.get("EnabledMetrics", ())]
    return {
        **found,
        "launchTemplate": {key: template.get(name) for key, name in named.items() if key in asked} or None,
        "vpcZoneIdentifiers": [item for item in (found.get("VPCZoneIdentifier") or "").split(",") if item],
        "enabledMetrics": metrics or None,
        "tags": [
            {"key": tag["Key"], "value": tag["Value"], "propagateAtLaunch": tag["PropagateAtLaunch"]}
            for tag in found.get("Tags", ())
        ],
    }


def _group_sizes(check: Check) -> list[Problem]:
    low, high = check.inputs.get("minSize"), check.inputs.get("maxSize")
    wanted = check.inputs.get("desiredCapacity")
    problems = []
    if isinstance(low, int) and isinstance(high, int) and low > high:
        problems.append(("minSize", f"{low} is above maxSize {high}"))
    if (
        isinstance(wanted, int)
        and isinstance(low, int)
        and isinstance(high, int)
        and not low <= wanted <= high
    ):
        problems.append(("desiredCapacity", f"{wanted} is outside minSize {low} … maxSize {high}"))
    return problems


_REFRESH = "instanceRefresh.preferences"
_GROUP_DEFAULTS = {
    f"{_REFRESH}.maxHealthyPercentage": 100,
    f"{_REFRESH}.minHealthyPercentage": 90,
    f"{_REFRESH}.scaleInProtectedInstances": "Ignore",
    f"{_REFRESH}.skipMatching": False,
    f"{_REFRESH}.standbyInstances": "Ignore",
    "warmPool.instanceReusePolicy.reuseOnScaleIn": False,
    "warmPool.maxGroupPreparedCapacity": -1,
    "warmPool.minSize": 0,
    "warmPool.poolState": "Stopped",
    "forceDelete": False,
    "forceDeleteWarmPool": False,
    "healthCheckGracePeriod": 300,
    "ignoreFailedScalingActivities": False,
    "metricsGranularity": "1Minute",
    "protectFromScaleIn": False,
    "waitForCapacityTimeout": "10m",
}

ENTRIES = (
    Entry(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "ec2",
        create=Call(
            "CreateLaunchTemplate",
            {"LaunchTemplateName": "{name}", "VersionDescription": "{description}"},
            mapped=False,
        ),
        id="LaunchTemplate.LaunchTemplateId",
        read=Read("DescribeLaunchTemplates", {"LaunchTemplateIds": ["{id}"]}, "LaunchTemplates[0]"),
        delete=Call("DeleteLaunchTemplate", {"LaunchTemplateId": "{id}"}),
        force_new=frozenset({"name", "namePrefix"}),
        within="LaunchTemplateData",
        names={"name": "LaunchTemplateName", **_DATA_NAMES},
        packed=frozenset({"defaultVersion", "tagSpecifications", "updateDefaultVersion"}),
        beyond=frozenset({"instanceType"}),  # Held against the region's own table instead.
        kept=frozenset({"defaultVersion", "metadataOptions"}),
        ordered=frozenset({"blockDeviceMappings", "networkInterfaces", "tagSpecifications"}),
        recomputed={"latestVersion": (), "defaultVersion": ()},
        # The answer gives the names that EC2 knows; what it adds to each block is not the program's business.
        write_only=frozenset({"description"}),
        outputs={"arn": "arn:aws:ec2:{region}:{account}:launch-template/{id}"},
        tags=ec2_tags("launch-template"),
        autoname=Autoname("name", 255),
        gone=("InvalidLaunchTemplateId.NotFoundException", "InvalidLaunchTemplateId.NotFound"),
        checks=(_user_data, instance_type),
        prepare=_with_data,
        described=_describe_template,
        on_update=_new_version,
    ),
    Entry(
        "aws:autoscaling/group:Group",
        "autoscaling",
        create=Call("CreateAutoScalingGroup", {"AutoScalingGroupName": "{name}"}),
        id="{name}",
        read=Read("DescribeAutoScalingGroups", {"AutoScalingGroupNames": ["{id}"]}, "AutoScalingGroups[0]"),
        delete=Call("DeleteAutoScalingGroup", {"AutoScalingGroupName": "{id}", "ForceDelete": True}),
        update=Call("UpdateAutoScalingGroup", {"AutoScalingGroupName": "{id}"}),
        force_new=frozenset({"initialLifecycleHooks", "name", "namePrefix"}),
        names={
            "name": "AutoScalingGroupName",
            "arn": "AutoScalingGroupARN",
            "vpcZoneIdentifiers": "VPCZoneIdentifier",
            "maxInstanceLifetime": "MaxInstanceLifetime",
            "protectFromScaleIn": "NewInstancesProtectedFromScaleIn",
            "serviceLinkedRoleArn": "ServiceLinkedRoleARN",
            "targetGroupArns": "TargetGroupARNs",
        },
        reads={
            "launchTemplate": "launchTemplate",
            "vpcZoneIdentifiers": "vpcZoneIdentifiers",
            "tags": "tags",
            "enabledMetrics": "enabledMetrics",
        },
        packed=frozenset({"enabledMetrics", "metricsGranularity"}),
        kept=frozenset(
            {
                "availabilityZoneDistribution",
                "availabilityZones",
                "capacityReservationSpecification",
                "defaultCooldown",
                "desiredCapacity",
                "healthCheckType",
                "launchTemplate",
                "launchTemplate.id",
                "launchTemplate.name",
                "launchTemplate.version",
                "loadBalancers",
                "serviceLinkedRoleArn",
                "targetGroupArns",
                "trafficSources",
                "vpcZoneIdentifiers",
            }
        ),
        ordered=frozenset({"terminationPolicies"}),
        defaults=_GROUP_DEFAULTS,
        settings=frozenset(
            {
                "forceDelete",
                "forceDeleteWarmPool",
                "instanceRefresh",
                "ignoreFailedScalingActivities",
                "waitForCapacityTimeout",
                "minElbCapacity",
                "waitForElbCapacity",
            }
        ),
        write_only=frozenset({"instanceRefresh", "metricsGranularity"}),
        autoname=Autoname("name", 255),
        checks=(_group_sizes, zones("availabilityZones")),
        prepare=_group_arguments,
        described=_describe_group,
        on_update=_group_update,
        after_create=_group_created,
    ),
    Entry(
        "aws:autoscaling/policy:Policy",
        "autoscaling",
        create=Call(
            "PutScalingPolicy", {"AutoScalingGroupName": "{autoscalingGroupName}", "PolicyName": "{name}"}
        ),
        id="{name}",
        read=Read(
            "DescribePolicies",
            {"AutoScalingGroupName": "{autoscalingGroupName}", "PolicyNames": ["{id}"]},
            "ScalingPolicies[0]",
        ),
        delete=Call("DeletePolicy", {"AutoScalingGroupName": "{autoscalingGroupName}", "PolicyName": "{id}"}),
        update=Call(
            "PutScalingPolicy",
            {"AutoScalingGroupName": "{autoscalingGroupName}", "PolicyName": "{name}"},
            whole=True,
        ),
        force_new=frozenset({"autoscalingGroupName", "name"}),
        names={"name": "PolicyName", "arn": "PolicyARN", "scalingAdjustment": "ScalingAdjustment"},
        defaults={
            "enabled": True,
            "policyType": "SimpleScaling",
            "predictiveScalingConfiguration.maxCapacityBreachBehavior": "HonorMaxCapacity",
            "predictiveScalingConfiguration.mode": "ForecastOnly",
            "targetTrackingConfiguration.customizedMetricSpecification.metrics[].returnData": True,
            "targetTrackingConfiguration.disableScaleIn": False,
        },
        kept=frozenset({"metricAggregationType"}),
        autoname=Autoname("name", 255, prefix=None),
        import_id=("autoscalingGroupName", "name"),
        import_separator="/",
    ),
)
