"""DynamoDB tables: created by one operation, changed by several that must not come together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources import dynamodb_described as described
from palier.local.provider.resources import dynamodb_replicas as replicas
from palier.local.provider.resources.dynamodb_rules import RULES
from palier.local.provider.table import Autoname, Call, Entry, Read, Tags
from palier.local.provider.values import same

ON_DEMAND = "PAY_PER_REQUEST"
_TABLE = {"TableName": "{id}"}
_CAPACITY = ("billingMode", "readCapacity", "writeCapacity")
_STREAM = ("streamEnabled", "streamViewType")
_INDEXES = "globalSecondaryIndexes"


def _key_schema(properties: Mapping[str, Any]) -> list[dict[str, str]]:
    """The keys of a table or an index, the hash key first."""
    if properties.get("keySchemas"):
        return [
            {"AttributeName": key["attributeName"], "KeyType": key["keyType"]}
            for key in properties["keySchemas"]
        ]
    kinds = (("hashKey", "HASH"), ("rangeKey", "RANGE"))
    return [
        {"AttributeName": properties[name], "KeyType": kind} for name, kind in kinds if properties.get(name)
    ]


def _throughput(properties: Mapping[str, Any]) -> dict[str, int]:
    """Capacity units, at least 1 as the official provider sends them."""
    return {
        "ReadCapacityUnits": int(properties.get("readCapacity") or 1),
        "WriteCapacityUnits": int(properties.get("writeCapacity") or 1),
    }


def _projection(index: Mapping[str, Any]) -> dict[str, Any]:
    attributes = index.get("nonKeyAttributes")
    return {
        "ProjectionType": index["projectionType"],
        **({"NonKeyAttributes": list(attributes)} if attributes else {}),
    }


def _global_index(index: Mapping[str, Any], billing: Any) -> dict[str, Any]:
    made = {
        "IndexName": index["name"],
        "KeySchema": _key_schema(index),
        "Projection": _projection(index),
    }
    return made if billing == ON_DEMAND else {**made, "ProvisionedThroughput": _throughput(index)}


def _local_index(index: Mapping[str, Any], hash_key: str) -> dict[str, Any]:
    return {
        "IndexName": index["name"],
        "KeySchema": _key_schema({"hashKey": hash_key, "rangeKey": index["rangeKey"]}),
        "Projection": _projection(index),
    }


def _definitions(inputs: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
        for attribute in inputs.get("attributes") or ()
    ]


def _encryption(wanted: Mapping[str, Any]) -> dict[str, Any]:
    if not wanted.get("enabled"):
        return {"Enabled": False}
    key = wanted.get("kmsKeyArn")
    return {"Enabled": True, **({"SSEType": "KMS", "KMSMasterKeyId": key} if key else {})}


def _stream(inputs: Mapping[str, Any]) -> dict[str, Any]:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs.get("streamViewType")}


def _create(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    inputs, billing = context.inputs, context.inputs["billingMode"]
    made: dict[str, Any] = {
        **arguments,
        "BillingMode": billing,
        "KeySchema": _key_schema(inputs),
        "AttributeDefinitions": _definitions(inputs),
    }
    if billing != ON_DEMAND:
        made["ProvisionedThroughput"] = _throughput(inputs)
    if inputs.get(_INDEXES):
        made["GlobalSecondaryIndexes"] = [_global_index(index, billing) for index in inputs[_INDEXES]]
    if inputs.get("localSecondaryIndexes"):
        made["LocalSecondaryIndexes"] = [
            _local_index(index, inputs["hashKey"]) for index in inputs["localSecondaryIndexes"]
        ]
    if inputs.get("streamEnabled"):
        made["StreamSpecification"] = _stream(inputs)
    if inputs.get("serverSideEncryption"):
        made["SSESpecification"] = _encryption(inputs["serverSideEncryption"])
    if inputs.get("deletionProtectionEnabled"):
        made["DeletionProtectionEnabled"] = True
    return made


def _finish(context: Context) -> None:
    """What no creation takes: time to live, recovery to a point in time, replicas."""
    _expire(context)
    _recover(context)
    replicas.settle(context)


def _expire(context: Context) -> None:
    wanted = context.inputs.get("ttl") or {}
    stands = described.time_to_live(context)
    enabled = bool(wanted.get("enabled"))
    if enabled == stands["enabled"]:
        return
    attribute = wanted.get("attributeName") or stands["attributeName"]
    context.call(
        "UpdateTimeToLive",
        TableName=context.id,
        TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute},
    )


def _recover(context: Context) -> None:
    wanted = context.inputs.get("pointInTimeRecovery") or {}
    days = wanted.get("recoveryPeriodInDays")
    stands = described.recovery(context)
    if bool(wanted.get("enabled")) == stands["enabled"] and days in (
        None,
        stands.get("recoveryPeriodInDays"),
    ):
        return
    enabled = bool(wanted.get("enabled"))
    asked: dict[str, Any] = {"PointInTimeRecoveryEnabled": enabled}
    if enabled and days:
        asked["RecoveryPeriodInDays"] = int(days)
    context.call("UpdateContinuousBackups", TableName=context.id, PointInTimeRecoverySpecification=asked)


def _update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """The changes in the official provider's order: DynamoDB takes one index at a time, encryption alone."""
    _change_indexes(context, changed, "Delete")
    request: dict[str, Any] = {}
    if changed & set(_CAPACITY):
        request["BillingMode"] = inputs["billingMode"]
        if inputs["billingMode"] != ON_DEMAND:
            request["ProvisionedThroughput"] = _throughput(inputs)
    if "deletionProtectionEnabled" in changed:
        request["DeletionProtectionEnabled"] = bool(inputs.get("deletionProtectionEnabled"))
    if request:
        context.call("UpdateTable", TableName=context.id, **request)
    if changed & set(_STREAM):
        _change_stream(context, inputs)
    _change_indexes(context, changed, "Create")
    if "serverSideEncryption" in changed:
        wanted = _encryption(inputs.get("serverSideEncryption") or {})
        context.call("UpdateTable", TableName=context.id, SSESpecification=wanted)
    if "ttl" in changed:
        _expire(context)
    if "pointInTimeRecovery" in changed:
        _recover(context)
    if "replicas" in changed:
        replicas.settle(context)
    return {*changed} & _SERVED


def _change_stream(context: Context, inputs: Mapping[str, Any]) -> None:
    """A stream's view can't be changed: the official provider ends the stream and begins another."""
    if context.old_inputs.get("streamEnabled") and inputs.get("streamEnabled"):
        context.call("UpdateTable", TableName=context.id, StreamSpecification={"StreamEnabled": False})
    context.call("UpdateTable", TableName=context.id, StreamSpecification=_stream(inputs))


def _change_indexes(context: Context, changed: set[str], step: str) -> None:
    """One step of the way from the old indexes to the new ones; one that differs goes and comes anew."""
    if _INDEXES not in changed:
        return
    old = {index["name"]: index for index in context.old_inputs.get(_INDEXES) or ()}
    new = {index["name"]: index for index in context.inputs.get(_INDEXES) or ()}
    differ = {name for name in old.keys() | new.keys() if not same(old.get(name), new.get(name))}
    billing = context.inputs["billingMode"]
    for name in sorted(differ):
        if step == "Delete" and name in old:
            update = {"Delete": {"IndexName": name}}
        elif step == "Create" and name in new:
            update = {"Create": _global_index(new[name], billing)}
        else:
            continue
        context.call(
            "UpdateTable",
            TableName=context.id,
            AttributeDefinitions=_definitions(context.inputs),
            GlobalSecondaryIndexUpdates=[update],
        )


_SERVED = frozenset(
    {
        *_CAPACITY,
        *_STREAM,
        _INDEXES,
        "attributes",
        "deletionProtectionEnabled",
        "pointInTimeRecovery",
        "replicas",
        "serverSideEncryption",
        "ttl",
    }
)

ENTRIES = (
    Entry(
        "aws:dynamodb/table:Table",
        "dynamodb",
        create=Call("CreateTable", {"TableName": "{name}"}, mapped=False),
        id="TableDescription.TableName",
        read=Read("DescribeTable", _TABLE, "Table"),
        delete=Call("DeleteTable", _TABLE),
        force_new=frozenset(
            {"hashKey", "importTable.s3BucketSource", "localSecondaryIndexes", "name", "rangeKey"}
            | {"restoreDateTime", "restoreToLatestTime"}
        ),
        packed=_SERVED | {"hashKey", "localSecondaryIndexes", "rangeKey"},
        defaults={
            "billingMode": "PROVISIONED",
            "tableClass": "STANDARD",
            "ttl.enabled": False,
            "replicas[].consistencyMode": "EVENTUAL",
            "replicas[].pointInTimeRecovery": False,
            "replicas[].propagateTags": False,
        },
        kept=frozenset(
            {"attributes", "globalTableWitness", "hashKey", "pointInTimeRecovery", "readCapacity"}
            | {"pointInTimeRecovery.recoveryPeriodInDays", "replicas[].deletionProtectionEnabled"}
            | {"replicas[].kmsKeyArn", "serverSideEncryption", "serverSideEncryption.kmsKeyArn"}
            | {"streamViewType", "ttl", "warmThroughput", "writeCapacity"}
        ),
        recomputed={"streamArn": _STREAM, "streamLabel": _STREAM},
        tags=Tags(
            on_create={"Tags": "{tags}"},
            add=Call("TagResource", {"ResourceArn": "{arn}", "Tags": "{tags}"}),
            remove=Call("UntagResource", {"ResourceArn": "{arn}", "TagKeys": "{keys}"}),
        ),
        autoname=Autoname("name", 255, prefix=None),
        gone=("ResourceNotFoundException",),
        import_id=("name",),
        checks=RULES,
        prepare=_create,
        described=described.table,
        on_update=_update,
        after_create=_finish,
        before_delete=replicas.remove_all,
    ),
)
