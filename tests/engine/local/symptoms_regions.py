"""The symptoms of moto where regions replicate: tables, buckets, keys, and how far they are behind."""

from __future__ import annotations

import time
from typing import Any

from tests.engine.local.symptoms import Symptom, outcome
from tests.engine.local.symptoms_aurora import AWAY, HOME, Clients, two_regions


def table(dynamodb: Any, *regions: str) -> None:
    """A table `sessions` with replicas in `regions`."""
    dynamodb.create_table(
        TableName="sessions",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for region in regions:
        replicate(dynamodb, region)


def replicate(dynamodb: Any, region: str, action: str = "Create") -> Any:
    return dynamodb.update_table(TableName="sessions", ReplicaUpdates=[{action: {"RegionName": region}}])


def item(dynamodb: Any, key: str = "a") -> Any:
    """What stands under `key` in a region's `sessions`; None for nothing."""
    found = dynamodb.get_item(TableName="sessions", Key={"id": {"S": key}}).get("Item")
    return found and found["v"]["S"]


def put_item(dynamodb: Any, value: str, key: str = "a") -> None:
    dynamodb.put_item(TableName="sessions", Item={"id": {"S": key}, "v": {"S": value}})


def replicas_stand(clients: Clients) -> object:
    here, there = clients("dynamodb", HOME), clients("dynamodb", AWAY)
    table(here, AWAY)
    told = [
        [
            one["RegionName"]
            for one in dynamodb.describe_table(TableName="sessions")["Table"].get("Replicas", ())
        ]
        if outcome(dynamodb.describe_table, TableName="sessions") == "done"
        else None
        for dynamodb in (here, there)
    ]
    again, gone = (
        outcome(replicate, dynamodb=here, region=AWAY),
        outcome(replicate, dynamodb=here, region=AWAY, action="Delete"),
    )
    return told, again, gone, outcome(there.describe_table, TableName="sessions")


def items_replicated(clients: Clients) -> object:
    here, there = clients("dynamodb", HOME), clients("dynamodb", AWAY)
    table(here)
    put_item(here, "before", "old")
    replicate(here, AWAY)
    if outcome(there.describe_table, TableName="sessions") != "done":
        return None
    put_item(here, "one")
    seen = [item(there, "old"), item(there)]
    there.update_item(
        TableName="sessions",
        Key={"id": {"S": "a"}},
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": {"S": "two"}},
    )
    seen.append(item(here))
    put = {"TableName": "sessions", "Item": {"id": {"S": "t"}, "v": {"S": "in one go"}}}
    check = {
        "TableName": "sessions",
        "Key": {"id": {"S": "none"}},
        "ConditionExpression": "attribute_exists(id)",
    }
    refused = outcome(here.transact_write_items, TransactItems=[{"Put": put}, {"ConditionCheck": check}])
    seen += [refused, item(there, "t")]
    here.transact_write_items(TransactItems=[{"Put": put}])
    seen.append(item(there, "t"))
    here.delete_item(TableName="sessions", Key={"id": {"S": "a"}})
    return [*seen, item(there)]


def lag_told(clients: Clients) -> object:
    metrics = clients("cloudwatch", AWAY).list_metrics(Namespace="AWS/RDS")["Metrics"]
    two_regions(clients)
    time.sleep(1.1)  # a second is the least that CloudWatch tells apart
    metrics += clients("cloudwatch", AWAY).list_metrics(Namespace="AWS/RDS")["Metrics"]
    return sorted({one["MetricName"] for one in metrics})


def buckets(clients: Clients, *, versioned: bool = True) -> Any:
    """Buckets `assets` in HOME and `copies` in AWAY; the client."""
    s3 = clients("s3", HOME)
    for name, region in (("assets", HOME), ("copies", AWAY)):
        place = {"LocationConstraint": region}
        clients("s3", region).create_bucket(Bucket=name, CreateBucketConfiguration=place)
        if versioned or name == "assets":
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return s3


def rule(bucket: str = "copies", **changes: Any) -> dict[str, Any]:
    """What replicates everything below `static/`, removals too."""
    wanted = {
        "ID": "static",
        "Priority": 3,
        "Status": "Enabled",
        "Filter": {"Prefix": "static/"},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"},
    } | changes
    return {"Role": "arn:aws:iam::123456789012:role/replication", "Rules": [wanted]}


def rules_told(clients: Clients) -> object:
    s3 = buckets(clients, versioned=False)
    put = {"Bucket": "assets"}
    none = outcome(s3.put_bucket_replication, **put, ReplicationConfiguration=rule("nowhere"))
    plain = outcome(s3.put_bucket_replication, **put, ReplicationConfiguration=rule())
    s3.put_bucket_versioning(Bucket="copies", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_replication(**put, ReplicationConfiguration=rule())
    (told,) = s3.get_bucket_replication(**put)["ReplicationConfiguration"]["Rules"]
    return none, plain, told["Filter"], told["DeleteMarkerReplication"]["Status"]


def objects_replicated(clients: Clients) -> object:
    s3 = buckets(clients)
    s3.put_bucket_replication(Bucket="assets", ReplicationConfiguration=rule())
    made = s3.put_object(Bucket="assets", Key="static/a.css", Body=b"a", Metadata={"m": "1"}, Tagging="t=2")
    s3.put_object(Bucket="assets", Key="private/b", Body=b"b")
    listed = [one["Key"] for one in s3.list_objects_v2(Bucket="copies").get("Contents", ())]
    if not listed:
        return listed
    copy = s3.get_object(Bucket="copies", Key="static/a.css")
    tags = s3.get_object_tagging(Bucket="copies", Key="static/a.css")["TagSet"]
    original = s3.head_object(Bucket="assets", Key="static/a.css")
    s3.delete_object(Bucket="assets", Key="static/a.css")
    return (
        listed,
        copy["Body"].read(),
        copy["Metadata"],
        tags,
        copy["VersionId"] == made["VersionId"],
        (original.get("ReplicationStatus"), copy.get("ReplicationStatus")),
        outcome(s3.get_object, Bucket="copies", Key="static/a.css"),
    )


def encrypted_objects_replicated(clients: Clients) -> object:
    s3 = buckets(clients)
    key = clients("kms", AWAY).create_key()["KeyMetadata"]["Arn"]
    told = {"Bucket": "assets", "ServerSideEncryption": "aws:kms"}
    s3.put_bucket_replication(Bucket="assets", ReplicationConfiguration=rule())
    s3.put_object(**told, Key="static/without", Body=b"a")
    chosen = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    there = {"Bucket": "arn:aws:s3:::copies", "EncryptionConfiguration": {"ReplicaKmsKeyID": key}}
    both = rule(SourceSelectionCriteria=chosen, Destination=there)
    s3.put_bucket_replication(Bucket="assets", ReplicationConfiguration=both)
    s3.put_object(**told, Key="static/with", Body=b"a")
    listed = [one["Key"] for one in s3.list_objects_v2(Bucket="copies").get("Contents", ())]
    keys = [s3.head_object(Bucket="copies", Key=one).get("SSEKMSKeyId") == key for one in listed]
    return listed, keys


def keys_replicated(clients: Clients) -> object:
    here, there = clients("kms", HOME), clients("kms", AWAY)
    plain = here.create_key()["KeyMetadata"]["KeyId"]
    refused = outcome(here.replicate_key, KeyId=plain, ReplicaRegion=AWAY)
    key = here.create_key(MultiRegion=True, Description="primary")["KeyMetadata"]["KeyId"]
    here.replicate_key(KeyId=key, ReplicaRegion=AWAY, Description="replica")
    told = [one.describe_key(KeyId=key)["KeyMetadata"] for one in (there, here)]
    kinds = [one["MultiRegionConfiguration"]["MultiRegionKeyType"] for one in told]
    return refused, [one["Description"] for one in told], kinds


SYMPTOMS = (
    Symptom(
        "replicas_kept",
        replicas_stand,
        ([[], None], "done", "done", "ResourceNotFoundException"),
        ([[AWAY], [HOME]], "ValidationException", "done", "ResourceNotFoundException"),
    ),
    Symptom(
        "items_reach_the_replicas",
        items_replicated,
        None,
        ["before", "one", "two", "TransactionCanceledException", None, "in one go", None],
    ),
    Symptom(
        "replication_measured",
        lag_told,
        [],
        ["AuroraGlobalDBRPOLag", "AuroraGlobalDBReplicationLag"],
    ),
    Symptom(
        "replication_rules_told",
        rules_told,
        ("done", "done", {"Prefix": ""}, "Disabled"),
        ("InvalidRequest", "InvalidRequest", {"Prefix": "static/"}, "Enabled"),
    ),
    Symptom(
        "objects_reach_the_replica",
        objects_replicated,
        [],
        (
            ["static/a.css"],
            b"a",
            {"m": "1"},
            [{"Key": "t", "Value": "2"}],
            True,
            ("COMPLETED", "REPLICA"),
            "NoSuchKey",
        ),
    ),
    Symptom(
        "objects_reach_the_replica",
        encrypted_objects_replicated,
        ([], []),
        (["static/with"], [True]),
    ),
    Symptom(
        "replica_key_of_its_own",
        keys_replicated,
        ("AttributeError", ["primary", "primary"], ["REPLICA", "REPLICA"]),
        ("UnsupportedOperationException", ["replica", "primary"], ["REPLICA", "PRIMARY"]),
    ),
)
