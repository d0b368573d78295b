"""S3 buckets and the parts of them that pulumi-aws has as resources of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read, Tags

_BUCKET = {"Bucket": "{bucket}"}
_ID = {"Bucket": "{id}"}
_REGION = re.compile(r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")


def _location(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Bucket": arguments["Bucket"]}
    if context.region != "us-east-1":  # us-east-1 is S3's default and may not be named.
        made["CreateBucketConfiguration"] = {"LocationConstraint": context.region}
    if context.inputs.get("objectLockEnabled"):
        made["ObjectLockEnabledForBucket"] = True
    return made


def _describe_bucket(context: Context, _: dict[str, Any]) -> dict[str, Any]:
    name, region = context.id, context.region
    return {
        "bucket": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        "bucketRegion": region,
        "tags": {},
    }


def _empty(context: Context) -> None:
    """`forceDestroy` empties the bucket, versions and delete markers too."""
    if not context.inputs.get("forceDestroy"):
        return
    while True:
        answer = context.call("ListObjectVersions", Bucket=context.id)
        found = [*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())]
        if not found:
            return
        objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        context.call("DeleteObjects", Bucket=context.id, Delete={"Objects": objects, "Quiet": True})


def _bucket_name(check: Check) -> list[Problem]:
    name = check.inputs.get("bucket")
    if isinstance(name, str) and not _REGION.match(name):
        return [
            ("bucket", f"{name!r} is not a bucket name: 3 to 63 lower-case letters, digits, dots, hyphens")
        ]
    return []


def _versioning(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    asked = context.inputs["versioningConfiguration"]
    return {"Bucket": context.inputs["bucket"], "VersioningConfiguration": {"Status": asked["status"]}}


def _suspend(context: Context) -> None:
    context.call("PutBucketVersioning", Bucket=context.id, VersioningConfiguration={"Status": "Suspended"})


def _describe_versioning(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    if not found.get("Status"):
        return {}
    return {"bucket": context.id, "versioningConfiguration": {"status": found["Status"]}}


def _never_disabled(check: Check) -> list[Problem]:
    status = (check.inputs.get("versioningConfiguration") or {}).get("status")
    if not isinstance(status, str):
        return []
    if status not in ("Enabled", "Suspended", "Disabled"):
        return [("versioningConfiguration.status", f"{status!r} is not one of Enabled, Suspended, Disabled")]
    before = (check.olds.get("versioningConfiguration") or {}).get("status")
    if status == "Disabled" and before in ("Enabled", "Suspended"):
        return [("versioningConfiguration.status", f"cannot be updated from {before!r} to 'Disabled'")]
    return []


def _encryption(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in context.inputs["rules"]:
        default = rule.get("applyServerSideEncryptionByDefault")
        made: dict[str, Any] = {}
        if default:
            made["ApplyServerSideEncryptionByDefault"] = {
                "SSEAlgorithm": default["sseAlgorithm"],
                **({"KMSMasterKeyID": default["kmsMasterKeyId"]} if default.get("kmsMasterKeyId") else {}),
            }
        if rule.get("bucketKeyEnabled") is not None:
            made["BucketKeyEnabled"] = rule["bucketKeyEnabled"]
        rules.append(made)
    return {"Bucket": context.inputs["bucket"], "ServerSideEncryptionConfiguration": {"Rules": rules}}


def _describe_encryption(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in found.get("Rules", ()):
        default = rule.get("ApplyServerSideEncryptionByDefault", {})
        read = {"sseAlgorithm": default.get("SSEAlgorithm"), "kmsMasterKeyId": default.get("KMSMasterKeyID")}
        given = {key: value for key, value in read.items() if value}
        rules.append(
            {
                "applyServerSideEncryptionByDefault": given,
                "bucketKeyEnabled": rule.get("BucketKeyEnabled", False),
            }
        )
    return {"bucket": context.id, "rules": rules}


def _describe_block(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {"bucket": context.id, **found}


def _block(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    names = {
        "blockPublicAcls": "BlockPublicAcls",
        "blockPublicPolicy": "BlockPublicPolicy",
        "ignorePublicAcls": "IgnorePublicAcls",
        "restrictPublicBuckets": "RestrictPublicBuckets",
    }
    settings = {member: bool(context.inputs.get(name)) for name, member in names.items()}
    return {"Bucket": context.inputs["bucket"], "PublicAccessBlockConfiguration": settings}


def _days(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name[0].upper() + name[1:]: item[name] for name in names if item.get(name) is not None}


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"ID": rule["id"], "Status": rule["status"]}
    asked = rule.get("filter") or {}
    prefix = asked.get("prefix", rule.get("prefix") or "")
    made["Filter"] = {"Prefix": prefix}
    if rule.get("expiration"):
        made["Expiration"] = _days(rule["expiration"], "days", "date", "expiredObjectDeleteMarker")
    if rule.get("transitions"):
        made["Transitions"] = [_days(item, "days", "date", "storageClass") for item in rule["transitions"]]
    if rule.get("noncurrentVersionExpiration"):
        made["NoncurrentVersionExpiration"] = _days(
            rule["noncurrentVersionExpiration"], "noncurrentDays", "newerNoncurrentVersions"
        )
    if rule.get("noncurrentVersionTransitions"):
        made["NoncurrentVersionTransitions"] = [
            _days(item, "noncurrentDays", "newerNoncurrentVersions", "storageClass")
            for item in rule["noncurrentVersionTransitions"]
        ]
    if rule.get("abortIncompleteMultipartUpload"):
        made["AbortIncompleteMultipartUpload"] = _days(
            rule["abortIncompleteMultipartUpload"], "daysAfterInitiation"
        )
    return made


def _lifecycle(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    rules = [_rule(rule) for rule in context.inputs["rules"]]
    return {"Bucket": context.inputs["bucket"], "LifecycleConfiguration": {"Rules": rules}}


def _describe_lifecycle(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in found.get("Rules", ()):
        read = {_lower(key): _lowered(value) for key, value in rule.items()}
        read["id"] = rule.get("ID")
        rules.append(read)
    return {"bucket": context.id, "rules": rules}


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _lowered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_lower(key): _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _ownership(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    rule = {"ObjectOwnership": context.inputs["rule"]["objectOwnership"]}
    return {"Bucket": context.inputs["bucket"], "OwnershipControls": {"Rules": [rule]}}


def _describe_ownership(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    rules = found.get("Rules") or [{}]
    return {"bucket": context.id, "rule": {"objectOwnership": rules[0].get("ObjectOwnership")}}


def _policy(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    policy = context.inputs["policy"]
    return {
        "Bucket": context.inputs["bucket"],
        "Policy": policy if isinstance(policy, str) else json.dumps(policy),
    }


def _describe_policy(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {"bucket": context.id, "policy": found.get("Policy")}


def _part(
    token: str, put: str, get: str, at: str | None, delete: str | None, *, owner: bool = True, **further: Any
) -> Entry:
    """A part of a bucket that one call puts, whole, and another takes away; `owner`: whether the bucket's
    expected owner is an input of it."""
    return Entry(
        token,
        "s3",
        create=Call(put, _BUCKET, mapped=False),
        id="{bucket}",
        read=Read(get, _ID, at),
        delete=Call(delete, _ID) if delete else None,
        update=Call(put, _BUCKET, mapped=False),
        force_new=frozenset({"bucket", "expectedBucketOwner"} if owner else {"bucket"}),
        gone=(
            "NoSuchBucket",
            "ServerSideEncryptionConfigurationNotFoundError",
            "NoSuchPublicAccessBlockConfiguration",
            "NoSuchLifecycleConfiguration",
            "OwnershipControlsNotFoundError",
            "NoSuchBucketPolicy",
        ),
        **further,
    )


ENTRIES = (
    Entry(
        "aws:s3/bucket:Bucket",
        "s3",
        create=Call("CreateBucket", _BUCKET, mapped=False),
        id="{bucket}",
        read=Read("HeadBucket", _ID),
        delete=Call("DeleteBucket", _ID),
        force_new=frozenset(
            {"bucket", "bucketNamespace", "bucketPrefix", "objectLockEnabled"}
            | {"objectLockConfiguration.objectLockEnabled"}
        ),
        packed=frozenset({"objectLockEnabled"}),
        kept=frozenset({"objectLockEnabled"}),
        defaults={"forceDestroy": False},
        settings=frozenset({"forceDestroy"}),
        tags=Tags(
            add=Call("PutBucketTagging", {"Bucket": "{id}", "Tagging": {"TagSet": "{all_tags}"}}),
            remove=Call("DeleteBucketTagging", _ID),
            read=Read("GetBucketTagging", _ID, "TagSet"),
            empty=("NoSuchTagSet",),
            replaces_all=True,
        ),
        autoname=Autoname("bucket", 63, lower=True, prefix="bucketPrefix"),
        gone=("404", "NoSuchBucket"),
        checks=(_bucket_name,),
        prepare=_location,
        described=_describe_bucket,
        before_delete=_empty,
    ),
    _part(
        "aws:s3/bucketVersioning:BucketVersioning",
        "PutBucketVersioning",
        "GetBucketVersioning",
        "{Status: Status}",
        None,
        packed=frozenset({"versioningConfiguration"}),
        beyond=frozenset({"versioningConfiguration"}),
        checks=(_never_disabled,),
        prepare=_versioning,
        described=_describe_versioning,
        before_delete=_suspend,
    ),
    _part(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "PutBucketEncryption",
        "GetBucketEncryption",
        "ServerSideEncryptionConfiguration",
        "DeleteBucketEncryption",
        packed=frozenset({"rules"}),
        prepare=_encryption,
        described=_describe_encryption,
    ),
    _part(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "PutPublicAccessBlock",
        "GetPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        "DeletePublicAccessBlock",
        defaults={
            "blockPublicAcls": False,
            "blockPublicPolicy": False,
            "ignorePublicAcls": False,
            "restrictPublicBuckets": False,
        },
        owner=False,
        settings=frozenset({"skipDestroy"}),
        packed=frozenset(
            {"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"}
        ),
        prepare=_block,
        described=_describe_block,
    ),
    _part(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "GetBucketLifecycleConfiguration",
        None,
        "DeleteBucketLifecycle",
        settings=frozenset({"timeouts"}),
        packed=frozenset({"rules"}),
        kept=frozenset({"transitionDefaultMinimumObjectSize"}),
        prepare=_lifecycle,
        described=_describe_lifecycle,
    ),
    _part(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "PutBucketOwnershipControls",
        "GetBucketOwnershipControls",
        "OwnershipControls",
        "DeleteBucketOwnershipControls",
        owner=False,
        packed=frozenset({"rule"}),
        prepare=_ownership,
        described=_describe_ownership,
    ),
    _part(
        "aws:s3/bucketPolicy:BucketPolicy",
        "PutBucketPolicy",
        "GetBucketPolicy",
        None,
        "DeleteBucketPolicy",
        owner=False,
        packed=frozenset({"policy"}),
        prepare=_policy,
        described=_describe_policy,
    ),
)
