"""Mends of S3 replication: rules told as they were put, and objects that reach the other bucket.

An object counts where it was put and is then on its way to the bucket of each rule that holds for it: it
arrives after the request that put it, once the lag of that bucket's region is over, and while neither region
fails. Arrivals are worked off before the next look at any bucket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from palier.local.emulator.determinism import CLOCK
from palier.local.emulator.mends.table import around, mend
from palier.local.emulator.regions import REGIONS

KMS = "aws:kms"


@dataclass
class Arrival:
    """One version of an object, or a delete marker (no version), on its way by a rule."""

    rule: dict[str, Any]
    source: Any
    target: str
    name: str
    version: Any
    at: float

    def due(self, target: Any) -> bool:
        """Whether it has arrived in bucket `target` by now: in a later request at the earliest."""
        late = REGIONS.lag_at(target.region_name, self.at)
        held_up = REGIONS.failing(self.source.region_name, target.region_name)
        return self.at + late < CLOCK.now() and not held_up


@mend("s3")
def replication_rules_told() -> None:
    """GetBucketReplication tells rules without their filter, and delete markers as never replicated; a rule
    may lead to a bucket that does not exist or keeps no versions."""
    from moto.core.responses import ActionResult
    from moto.s3.exceptions import ReplicationConfigurationNotFoundError, S3ClientError
    from moto.s3.models import S3Backend
    from moto.s3.responses import S3Response

    @around(S3Backend, "put_bucket_replication")
    def put(original: Any, self: Any, bucket_name: str, replication: dict[str, Any]) -> None:
        rules = replication["Rule"]
        for rule in rules if isinstance(rules, list) else [rules]:
            target = self.buckets.get(_bucket_of(rule))
            if target is None:
                raise S3ClientError("InvalidRequest", "Destination bucket must exist.")
            if not target.is_versioned:
                raise S3ClientError("InvalidRequest", "Destination bucket must have versioning enabled.")
        original(self, bucket_name, replication)

    @around(S3Response, "get_bucket_replication")
    def get(original: Any, self: Any) -> Any:
        self.data["Action"] = "GetBucketReplication"
        held = self.backend.get_bucket_replication(self.bucket_name)
        if not held:
            raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
        told = {"Role": held["Role"], "Rules": [_told(rule) for rule in held["Rule"]]}
        return self.serialized(ActionResult({"ReplicationConfiguration": told}))


def _bucket_of(rule: dict[str, Any]) -> str:
    return str(rule["Destination"]["Bucket"]).split(":")[-1]


def _told(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as it was put, in botocore's shapes."""
    told = {key: value for key, value in rule.items() if not key.startswith("@")}
    told["Priority"] = int(told["Priority"])
    if "Filter" in told:
        given = dict(told["Filter"] or {})
        if "And" in given:
            both = dict(given["And"])
            tags = both.pop("Tag", [])
            given["And"] = {**both, "Tags": tags if isinstance(tags, list) else [tags]}
        elif "Tag" not in given:
            given["Prefix"] = given.get("Prefix") or ""
        told["Filter"] = given
    elif "Prefix" in told:
        told["Prefix"] = told["Prefix"] or ""
    return told


@mend("s3")
def objects_reach_the_replica() -> None:
    """An object put into a bucket with a replication rule never stands in the rule's other bucket."""
    from moto.s3.models import FakeKey, S3Backend

    @around(S3Backend, "get_bucket")
    def get_bucket(original: Any, self: Any, bucket_name: str) -> Any:
        _arrive(self)
        return original(self, bucket_name)

    @around(S3Backend, "put_object")
    def put(original: Any, self: Any, bucket_name: str, key_name: str, *given: Any, **named: Any) -> Any:
        key = original(self, bucket_name, key_name, *given, **named)
        _send(self, self.buckets.get(bucket_name), key)
        return key

    @around(S3Backend, "_set_delete_marker")
    def delete(original: Any, self: Any, bucket_name: str, key_name: str) -> Any:
        marker = original(self, bucket_name, key_name)
        _send(self, self.buckets.get(bucket_name), marker)
        return marker

    told = vars(FakeKey)["response_dict"].fget

    def response_dict(self: Any) -> dict[str, Any]:
        status = getattr(self, "replication_status", None)
        return {**told(self), **({"x-amz-replication-status": status} if status else {})}

    FakeKey.response_dict = property(response_dict)  # type: ignore[assignment]


def _under_way(backend: Any) -> list[Arrival]:
    found: list[Arrival] = vars(backend).setdefault("palier_under_way", [])
    return found


def _send(backend: Any, bucket: Any, version: Any) -> None:
    """Put a new version on its way by every rule of its bucket that holds for it."""
    rules = getattr(bucket, "replication", None)
    if not rules or getattr(backend, "palier_arriving", False):
        return
    removed = not hasattr(version, "metadata")
    for rule in rules["Rule"]:
        if _holds(rule, version, removed=removed):
            if not removed:
                version.replication_status = "PENDING"
            _under_way(backend).append(
                Arrival(rule, bucket, _bucket_of(rule), version.name, version, CLOCK.now())
            )


def _holds(rule: dict[str, Any], version: Any, *, removed: bool) -> bool:
    markers = (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled"
    criteria = (rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects") or {}
    if rule["Status"] != "Enabled" or (removed and not markers):
        return False
    if not removed and version.encryption == KMS and criteria.get("Status") != "Enabled":
        return False
    given = rule.get("Filter") or {}
    prefix = (given.get("And") or given).get("Prefix") or rule.get("Prefix") or ""
    return str(version.name).startswith(prefix)


def _wanted_tags(rule: dict[str, Any]) -> Iterator[tuple[str, str]]:
    given = rule.get("Filter") or {}
    tags = (given.get("And") or given).get("Tag") or []
    for tag in tags if isinstance(tags, list) else [tags]:
        yield tag["Key"], tag["Value"]


def _arrive(backend: Any) -> None:
    waiting = _under_way(backend)
    if not waiting or getattr(backend, "palier_arriving", False):
        return
    backend.palier_arriving = True
    try:
        for one in list(waiting):
            target = backend.buckets.get(one.target)
            if target is None:
                waiting.remove(one)
            elif one.due(target):
                waiting.remove(one)
                _put(backend, one, target)
    finally:
        backend.palier_arriving = False


def _put(backend: Any, one: Arrival, target: Any) -> None:
    if not hasattr(one.version, "metadata"):
        if one.name in target.keys:
            backend._set_delete_marker(one.target, one.name)
        return
    # Tags come after the object itself, so they are looked at only now.
    tags = backend.tagger.get_tag_dict_for_resource(one.version.arn)
    if any(tags.get(key) != value for key, value in _wanted_tags(one.rule)):
        one.version.replication_status = None
        return
    destination = one.rule["Destination"]
    key = (destination.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID")
    made = backend.put_object(
        one.target,
        one.name,
        one.version.value,
        storage=destination.get("StorageClass") or one.version.storage_class,
        etag=one.version.etag.strip('"'),
        encryption=KMS if key else None,
        kms_key_id=key,
        disable_notification=True,
    )
    made._version_id = one.version.version_id  # a replica has the version of what it is of
    made.set_metadata(one.version.metadata)
    backend.tagger.copy_tags(one.version.arn, made.arn)
    made.replication_status, one.version.replication_status = "REPLICA", "COMPLETED"
