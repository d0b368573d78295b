"""What reaches further regions: replicas of KMS keys, and S3's replication of objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import json_text, known
from palier.local.provider.resources.security import KMS_TAGS
from palier.local.provider.shapes import to_aws
from palier.local.provider.table import Call, Check, Entry, Extra, Problem, Read

_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:key/(.+)")
_STATUSES = ("Enabled", "Disabled")


def _replicate(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """Replication is asked of the primary key's region, for the replica's own."""
    found = _KEY_ARN.fullmatch(str(context.inputs["primaryKeyArn"]))
    if context.id or found is None:
        return arguments
    made = {**arguments, "KeyId": found[2], "ReplicaRegion": context.region}
    context.region = found[1]
    return made


def _come_home(context: Context) -> None:
    context.region = str(context.inputs["region"])
    if context.inputs.get("enabled") is False:
        context.call("DisableKey", KeyId=context.id)


def _describe_replica(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    if found.get("KeyState") == "PendingDeletion":
        return {}
    rotation = context.call("GetKeyRotationStatus", KeyId=context.id)
    return {
        **found,
        "keyRotationEnabled": rotation.get("KeyRotationEnabled"),
        "policy": context.call("GetKeyPolicy", KeyId=context.id, PolicyName="default")["Policy"],
        "primaryKeyArn": found.get("MultiRegionConfiguration", {}).get("PrimaryKey", {}).get("Arn"),
    }


def _switch(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if "enabled" in changed:
        context.call("EnableKey" if inputs.get("enabled", True) else "DisableKey", KeyId=context.id)
    return changed & {"enabled"}


def _primary(check: Check) -> list[Problem]:
    arn = check.inputs.get("primaryKeyArn")
    if not isinstance(arn, str):
        return []
    found = _KEY_ARN.fullmatch(arn)
    if found is None:
        return [("primaryKeyArn", f"{arn!r} is not the ARN of a KMS key")]
    if found[1] == check.region:
        return [("primaryKeyArn", f"{arn!r} is of {check.region} itself; a replica stands in another region")]
    if not found[2].startswith("mrk-"):
        return [("primaryKeyArn", f"{arn!r} is not a multi-Region key; set multiRegion on its Key")]
    return []


def _window(check: Check) -> list[Problem]:
    days = check.inputs.get("deletionWindowInDays")
    if not isinstance(days, (int, float)) or 7 <= days <= 30:
        return []
    return [("deletionWindowInDays", f"{days:g} is outside 7…30")]


def _replication(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    model = context.clients.operation_model("s3", "PutBucketReplication")
    shape = model.input_shape.members["ReplicationConfiguration"]
    asked = {"role": context.inputs["role"], "rules": context.inputs["rules"]}
    token = context.inputs.get("token")
    return {
        "Bucket": context.inputs["bucket"],
        "ReplicationConfiguration": to_aws(asked, shape),
        **({"Token": token} if token else {}),
    }


def _describe_replication(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    """S3 gives every rule a priority; one that was not asked for is no drift."""
    asked = {rule.get("id"): rule for rule in context.inputs.get("rules") or ()}
    rules = []
    for rule in found.get("Rules", ()):
        mine = asked.get(rule["ID"])
        bare = mine is not None and mine.get("priority") is None
        rules.append({key: value for key, value in rule.items() if not (bare and key == "Priority")})
    return {"bucket": context.id, "role": found.get("Role"), "rules": rules}


def _rules(check: Check) -> list[Problem]:
    problems: list[Problem] = []
    rules = check.inputs.get("rules")
    for position, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, Mapping):
            problems += _rule(f"rules[{position}]", rule)
    return problems


def _rule(path: str, rule: Mapping[str, Any]) -> list[Problem]:
    problems = []
    status = rule.get("status")
    if isinstance(status, str) and status not in _STATUSES:
        problems.append((f"{path}.status", f"{status!r} is not one of AWS's values ({', '.join(_STATUSES)})"))
    bucket = (rule.get("destination") or {}).get("bucket")
    if isinstance(bucket, str) and not bucket.startswith("arn:"):
        problems.append((f"{path}.destination.bucket", f"{bucket!r} is not the ARN of a bucket"))
    if known(rule.get("filter")) and "deleteMarkerReplication" not in rule:
        problems.append((f"{path}.deleteMarkerReplication", "is required in a rule with a filter"))
    return problems


ENTRIES = (
    Entry(
        "aws:kms/replicaKey:ReplicaKey",
        "kms",
        create=Call("ReplicateKey"),
        id="ReplicaKeyMetadata.KeyId",
        read=Read("DescribeKey", {"KeyId": "{id}"}, "KeyMetadata"),
        delete=Call(
            "ScheduleKeyDeletion", {"KeyId": "{id}", "PendingWindowInDays": "{deletionWindowInDays}"}
        ),
        extras=(
            Extra(
                ("description",),
                Call("UpdateKeyDescription", {"KeyId": "{id}", "Description": "{description}"}),
                on_create=False,
            ),
            Extra(
                ("policy",),
                Call("PutKeyPolicy", {"KeyId": "{id}", "PolicyName": "default", "Policy": "{policy}"}),
                on_create=False,
            ),
        ),
        force_new=frozenset({"primaryKeyArn"}),
        defaults={"bypassPolicyLockoutSafetyCheck": False, "deletionWindowInDays": 30, "enabled": True},
        settings=frozenset({"bypassPolicyLockoutSafetyCheck", "deletionWindowInDays"}),
        packed=frozenset({"enabled", "primaryKeyArn"}),
        kept=frozenset({"policy"}),
        outputs={"keyId": "{id}"},
        tags=KMS_TAGS,
        checks=(json_text("policy"), _primary, _window),
        prepare=_replicate,
        described=_describe_replica,
        on_update=_switch,
        after_create=_come_home,
    ),
    Entry(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "s3",
        create=Call("PutBucketReplication", {"Bucket": "{bucket}"}, mapped=False),
        id="{bucket}",
        read=Read("GetBucketReplication", {"Bucket": "{id}"}, "ReplicationConfiguration"),
        delete=Call("DeleteBucketReplication", {"Bucket": "{id}"}),
        update=Call("PutBucketReplication", {"Bucket": "{bucket}"}, mapped=False),
        force_new=frozenset({"bucket"}),
        packed=frozenset({"role", "rules"}),
        kept=frozenset({"rules[].id"}),
        write_only=frozenset({"token"}),
        gone=("NoSuchBucket", "ReplicationConfigurationNotFoundError"),
        checks=(_rules,),
        prepare=_replication,
        described=_describe_replication,
    ),
)
