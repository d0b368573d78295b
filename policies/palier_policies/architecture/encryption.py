"""Encryption of what lies on disks and in queues."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from palier_policies.architecture.common import (
    Flag,
    apart,
    blocks,
    copied,
    flag,
    flagged,
    mended,
    one_that_refers,
    types_of,
)
from palier_policies.policy import Example, NoSettings, Policy, Problem
from palier_policies.resources import Resource
from palier_policies.stack import Stack

CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
QUEUE, TOPIC = "aws:sqs/queue:Queue", "aws:sns/topic:Topic"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
MACHINES = ("aws:ec2/instance:Instance", "aws:ec2/launchConfiguration:LaunchConfiguration")
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
_PLAIN = "what it stores is not encrypted"
_FLAGS = (
    # A replica in the same region is encrypted as its source is (RDS user guide, "Encrypting resources").
    Flag("aws:rds/instance:Instance", ("storageEncrypted",), _PLAIN, unless=("replicateSourceDb",)),
    Flag("aws:rds/cluster:Cluster", ("storageEncrypted",), _PLAIN, unless=("replicationSourceIdentifier",)),
    Flag(
        "aws:rds/globalCluster:GlobalCluster",
        ("storageEncrypted",),
        _PLAIN,
        unless=("sourceDbClusterIdentifier",),
    ),
    Flag("aws:docdb/cluster:Cluster", ("storageEncrypted",), _PLAIN),
    Flag("aws:neptune/cluster:Cluster", ("storageEncrypted",), _PLAIN),
    # New clusters are encrypted unless told otherwise (Redshift management guide, "Database encryption").
    Flag("aws:redshift/cluster:Cluster", ("encrypted",), _PLAIN, without=True),
    Flag("aws:ebs/volume:Volume", ("encrypted",), _PLAIN),
    Flag("aws:efs/fileSystem:FileSystem", ("encrypted",), _PLAIN),
    Flag("aws:kinesis/stream:Stream", ("encryptionType",), _PLAIN, wanted="KMS", without="NONE"),
    Flag("aws:opensearch/domain:Domain", ("encryptAtRest", "enabled"), _PLAIN),
    Flag("aws:elasticsearch/domain:Domain", ("encryptAtRest", "enabled"), _PLAIN),
    # SQS encrypts by itself unless told otherwise (SQS developer guide, "Encryption at rest").
    Flag(QUEUE, ("sqsManagedSseEnabled",), _PLAIN, without=True, unless=("kmsMasterKeyId",), mends=True),
)


def _at_rest(resource: Resource, settings: NoSettings) -> Iterator[Problem]:
    if resource.type == CACHE:
        yield from _cache(resource)
    elif resource.type == TOPIC:
        # The id of a key that is yet to be made is one.
        if resource.known("kmsMasterKeyId") and not resource.read("kmsMasterKeyId"):
            yield Problem.of(
                resource,
                f"{resource.label} has no kmsMasterKeyId: {_PLAIN}; set it to a key that its publishers "
                "may use",
                level="advisory",
            )
    elif resource.type == TEMPLATE:
        for device in blocks(resource, "blockDeviceMappings"):
            if device.known("ebs") and device.read("ebs") is None:
                continue
            yield from apart(
                partial(_device, device, "blockDeviceMappings.ebs.encrypted", ("ebs", "encrypted"))
            )
    elif resource.type in MACHINES:
        for name in ("rootBlockDevice", "ebsBlockDevices"):
            yield from apart(partial(_devices, resource, name))
    else:
        yield from flagged(_FLAGS, resource)


def _cache(resource: Resource) -> Iterator[Problem]:
    # Valkey is encrypted unless told otherwise, Redis is not (ElastiCache user guide, "At-rest encryption").
    value = resource.read("atRestEncryptionEnabled")
    stands = (
        resource.read("engine") == "valkey" if value is None else flag(resource, "atRestEncryptionEnabled")
    )
    if not stands:
        yield Problem.of(
            resource,
            f"{resource.label}: atRestEncryptionEnabled is {'not set' if value is None else 'false'}: "
            f"{_PLAIN}; "
            "set atRestEncryptionEnabled to true",
        )


def _devices(resource: Resource, name: str) -> Iterator[Problem]:
    for device in blocks(resource, name):
        yield from apart(partial(_device, device, f"{name}.encrypted", ("encrypted",)))


def _device(device: Resource, named: str, path: tuple[str, ...]) -> Iterator[Problem]:
    if not flag(device, *path):
        where = device.read("deviceName", default="its root")
        text = f"{device.label}: {named} of {where} is not true: {_PLAIN}; set it to true"
        yield Problem.of(device, text)


def _encrypt(resource: Resource, settings: NoSettings) -> dict[str, Any]:
    if resource.type != TEMPLATE:
        return mended(_FLAGS, resource)
    if not list(_at_rest(resource, settings)):
        return {}
    devices = copied(resource, "blockDeviceMappings")
    for device in devices:
        if isinstance(device.get("ebs"), dict):
            device["ebs"] = {**device["ebs"], "encrypted": "true"}
    return {"blockDeviceMappings": devices}


def _buckets(stack: Stack, settings: NoSettings) -> Iterator[Problem]:
    for bucket in stack.of(BUCKET):
        yield from apart(partial(_declared, bucket, stack))


def _declared(bucket: Resource, stack: Stack) -> Iterator[Problem]:
    if bucket.read("serverSideEncryptionConfiguration"):
        return
    if one_that_refers(stack.of(*BUCKET_ENCRYPTION), "bucket", to=bucket) is None:
        yield Problem.of(
            bucket,
            f"{bucket.label} declares no encryption: S3 encrypts it with a key of its own; say which key "
            "it is to "
            "be, by a BucketServerSideEncryptionConfiguration",
        )


POLICIES = (
    Policy(
        name="encryption-at-rest",
        says="What is stored is encrypted.",
        severity="critical",
        level="mandatory",
        source="AWS Security Hub RDS.3, RDS.27, DocumentDB.1, Neptune.1, Redshift.10, EC2.3, EFS.1, "
        "Kinesis.1, "
        "Opensearch.1, ES.1, ElastiCache.4, SQS.1, SNS.1",
        types=types_of(_FLAGS) | {CACHE, TOPIC, TEMPLATE, *MACHINES},
        check=_at_rest,
        mend=_encrypt,
        limits="DynamoDB, MemoryDB, ElastiCache Serverless and Secrets Manager always encrypt. A root disk "
        "that "
        "a machine does not declare is as the account's default has it. A topic without a key is advisory: "
        "nothing stays in it.",
        remedy="Sets sqsManagedSseEnabled of a queue, and encrypts the disks of a launch template, which "
        "holds for "
        "the instances started from then on. All else would be replaced by AWS, and its data lost (RDS, "
        "DocumentDB, Neptune, ElastiCache, EFS, EBS), or needs a key that others may use (SNS, Kinesis), or "
        "takes a cluster out of use for hours (Redshift, OpenSearch).",
        example=Example(
            breaks='aws.rds.Instance("database", instance_class="db.t4g.medium", allocated_storage=20)',
            keeps='aws.rds.Instance(\n    "database",\n    instance_class="db.t4g.medium",\n'
            "    allocated_storage=20,\n    storage_encrypted=True,\n    kms_key_id=key.arn,\n)",
        ),
    ),
    Policy(
        name="bucket-encryption-declared",
        says="Every bucket declares how it is encrypted.",
        severity="low",
        level="advisory",
        source="AWS Security Hub S3.17; Amazon S3 user guide, “Setting default server-side encryption "
        "behavior”",
        check_stack=_buckets,
        limits="Buckets and their encryption in the same stack. Since January 2023 S3 encrypts every "
        "object, so "
        "nothing is plain without it: what is missing is whose key it is.",
        remedy="None: the declaration is a resource of its own.",
        example=Example(
            breaks='aws.s3.Bucket("assets")',
            keeps='bucket = aws.s3.Bucket("assets")\naws.s3.BucketServerSideEncryptionConfiguration(\n    '
            '"assets",\n'
            '    bucket=bucket.bucket,\n    rules=[{"apply_server_side_encryption_by_default": '
            '{"sse_algorithm": "aws:kms"}}],\n)',
        ),
    ),
)
