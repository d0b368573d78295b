"""What DynamoDB tells of a table, as pulumi-aws has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources import dynamodb_replicas as replicas


def time_to_live(context: Context) -> dict[str, Any]:
    """Whether items expire, and by which attribute."""
    found = context.call("DescribeTimeToLive", TableName=context.id).get("TimeToLiveDescription", {})
    enabled = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    return {"enabled": enabled, "attributeName": found.get("AttributeName", "") if enabled else ""}


def recovery(context: Context) -> dict[str, Any]:
    """Whether the table can be restored to a point in time, and how far back."""
    answer = context.call("DescribeContinuousBackups", TableName=context.id)
    found = answer.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
    if found.get("PointInTimeRecoveryStatus") != "ENABLED":
        return {"enabled": False}
    return {"enabled": True, "recoveryPeriodInDays": found.get("RecoveryPeriodInDays", 35)}


def _keys(schema: list[dict[str, str]]) -> dict[str, str]:
    names = {"HASH": "hashKey", "RANGE": "rangeKey"}
    return {names[key["KeyType"]]: key["AttributeName"] for key in schema}


def _described_index(index: Mapping[str, Any], *, local: bool) -> dict[str, Any]:
    keys = _keys(index["KeySchema"])
    projection = index.get("Projection", {})
    read = {
        "name": index["IndexName"],
        "projectionType": projection.get("ProjectionType"),
        "rangeKey": keys.get("rangeKey"),
    }
    if projection.get("NonKeyAttributes"):
        read["nonKeyAttributes"] = projection["NonKeyAttributes"]
    if local:
        return read
    capacity = index.get("ProvisionedThroughput") or {}
    schemas = [{"attributeName": k["AttributeName"], "keyType": k["KeyType"]} for k in index["KeySchema"]]
    return {
        **read,
        "hashKey": keys["hashKey"],
        "keySchemas": schemas,
        "readCapacity": capacity.get("ReadCapacityUnits", 0),
        "writeCapacity": capacity.get("WriteCapacityUnits", 0),
    }


def _tags(context: Context, arn: str) -> list[dict[str, str]]:
    tags: list[dict[str, str]] = []
    further: dict[str, str] = {}
    while True:
        answer = context.call("ListTagsOfResource", ResourceArn=arn, **further)
        tags += answer.get("Tags", [])
        if not answer.get("NextToken"):
            return tags
        further = {"NextToken": answer["NextToken"]}


def table(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    """The properties of the described table `found`; further calls tell what it leaves out."""
    context.id = found["TableName"]
    capacity = found.get("ProvisionedThroughput") or {}
    stream, encryption = found.get("StreamSpecification") or {}, found.get("SSEDescription") or {}
    key = encryption.get("KMSMasterKeyArn")
    encrypted = encryption.get("Status") in ("ENABLED", "UPDATING")
    definitions = found.get("AttributeDefinitions") or ()
    return {
        "name": found["TableName"],
        "arn": found["TableArn"],
        "billingMode": found.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "attributes": [{"name": one["AttributeName"], "type": one["AttributeType"]} for one in definitions],
        **_keys(found["KeySchema"]),
        "readCapacity": capacity.get("ReadCapacityUnits", 0),
        "writeCapacity": capacity.get("WriteCapacityUnits", 0),
        "globalSecondaryIndexes": [
            _described_index(one, local=False) for one in found.get("GlobalSecondaryIndexes") or ()
        ],
        "localSecondaryIndexes": [
            _described_index(one, local=True) for one in found.get("LocalSecondaryIndexes") or ()
        ],
        "streamEnabled": bool(stream.get("StreamEnabled")),
        "streamViewType": stream.get("StreamViewType", ""),
        "streamArn": found.get("LatestStreamArn", ""),
        "streamLabel": found.get("LatestStreamLabel", ""),
        "serverSideEncryption": {"enabled": encrypted, **({"kmsKeyArn": key} if encrypted and key else {})},
        "deletionProtectionEnabled": bool(found.get("DeletionProtectionEnabled")),
        "tableClass": found.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "ttl": time_to_live(context),
        "pointInTimeRecovery": recovery(context),
        "replicas": replicas.describe(context, found),
        "Tags": _tags(context, found["TableArn"]),
    }
