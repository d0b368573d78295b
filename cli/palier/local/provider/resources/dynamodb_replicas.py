"""Replicas of a DynamoDB table in other regions (global tables, version 2019.11.21).

A replica is made and removed through its table; what is said of it alone (recovery, protection, tags) is set
in its own region.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.local.provider import tagging
from palier.local.provider.context import Context

_SERVICE = "dynamodb"


def describe(context: Context, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The replicas of the table `found`, in the order of the program's, and what their regions tell."""
    asked = [replica["regionName"] for replica in context.inputs.get("replicas") or ()]
    standing = [one for one in found.get("Replicas") or () if one["RegionName"] != context.region]
    standing.sort(
        key=lambda one: asked.index(one["RegionName"]) if one["RegionName"] in asked else len(asked)
    )
    return [
        _described(context, one, str(found.get("MultiRegionConsistency", "EVENTUAL"))) for one in standing
    ]


def _described(context: Context, replica: Mapping[str, Any], consistency: str) -> dict[str, Any]:
    region = replica["RegionName"]
    table = _there(context, region, "DescribeTable", TableName=context.id).get("Table", {})
    backups = _there(context, region, "DescribeContinuousBackups", TableName=context.id)
    recovery = backups.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
    read = {
        "regionName": region,
        "arn": table.get("TableArn"),
        "consistencyMode": consistency,
        "deletionProtectionEnabled": bool(table.get("DeletionProtectionEnabled")),
        "kmsKeyArn": replica.get("KMSMasterKeyId"),
        "pointInTimeRecovery": recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        "propagateTags": bool(_asked(context, region).get("propagateTags")),
        "streamArn": table.get("LatestStreamArn"),
        "streamLabel": table.get("LatestStreamLabel"),
    }
    return {key: value for key, value in read.items() if value is not None}


def _asked(context: Context, region: str) -> Mapping[str, Any]:
    replicas = context.inputs.get("replicas") or ()
    return next((one for one in replicas if one["regionName"] == region), {})


def _there(context: Context, region: str, operation: str, **arguments: Any) -> dict[str, Any]:
    return context.clients.call(_SERVICE, region, operation, arguments)


def settle(context: Context) -> None:
    """Make the replicas that are missing, remove those that are not asked for, set what differs.

    One under another key is made anew, as the official provider does it.
    """
    asked = {one["regionName"]: one for one in context.inputs.get("replicas") or ()}
    found = context.call("DescribeTable", TableName=context.id)["Table"]
    standing = {one["regionName"]: one for one in describe(context, found)}
    for region, stands in standing.items():
        key = asked.get(region, {}).get("kmsKeyArn")
        if region not in asked or (key and key != stands.get("kmsKeyArn")):
            _remove(context, region)
            standing = {name: one for name, one in standing.items() if name != region}
    for region, wanted in asked.items():
        if region not in standing:
            _make(context, wanted)
        _set(context, region, wanted, standing.get(region, {}), str(found["TableArn"]))


def _make(context: Context, wanted: Mapping[str, Any]) -> None:
    action = {"RegionName": wanted["regionName"]}
    if wanted.get("kmsKeyArn"):
        action["KMSMasterKeyId"] = wanted["kmsKeyArn"]
    further = {"MultiRegionConsistency": "STRONG"} if wanted.get("consistencyMode") == "STRONG" else {}
    context.call("UpdateTable", TableName=context.id, ReplicaUpdates=[{"Create": action}], **further)


def _remove(context: Context, region: str) -> None:
    context.call("UpdateTable", TableName=context.id, ReplicaUpdates=[{"Delete": {"RegionName": region}}])


def _set(
    context: Context, region: str, wanted: Mapping[str, Any], stands: Mapping[str, Any], arn: str
) -> None:
    recovery = bool(wanted.get("pointInTimeRecovery"))
    if recovery != bool(stands.get("pointInTimeRecovery")):
        specification = {"PointInTimeRecoveryEnabled": recovery}
        _there(
            context,
            region,
            "UpdateContinuousBackups",
            TableName=context.id,
            PointInTimeRecoverySpecification=specification,
        )
    protected = wanted.get("deletionProtectionEnabled")
    if protected is not None and protected != bool(stands.get("deletionProtectionEnabled")):
        _there(context, region, "UpdateTable", TableName=context.id, DeletionProtectionEnabled=protected)
    tags = [{"Key": key, "Value": value} for key, value in tagging.wanted(context).items()]
    if wanted.get("propagateTags") and tags:
        there = arn.replace(f":{context.region}:", f":{region}:")
        _there(context, region, "TagResource", ResourceArn=there, Tags=tags)


def remove_all(context: Context) -> None:
    """Remove every replica: a table that has some can't be deleted."""
    found = context.call("DescribeTable", TableName=context.id).get("Table", {})
    for replica in found.get("Replicas") or ():
        if replica["RegionName"] != context.region:
            _remove(context, replica["RegionName"])
