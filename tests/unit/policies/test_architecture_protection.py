"""Protected data: backups, deletion protection, encryption and private databases."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from palier_policies.architecture import databases, encryption, protection, transit
from palier_policies.stack import Stack

from tests.unit.policies.happy import UNKNOWN, changed, planned, resource, stack, without
from tests.unit.policies.judged import Case

BACKUPS, DELETION = "backups", "deletion-protection"
AT_REST, DECLARED, TRANSIT = "encryption-at-rest", "bucket-encryption-declared", "encryption-in-transit"
PUBLIC = "no-public-databases"
LOST = "what is deleted or damaged is lost after that"


def _primary(**inputs: Any) -> Stack:
    return changed(planned("foundation"), protection.INSTANCE, **inputs)


def _one(type_: str, **inputs: Any) -> Stack:
    return stack(resource(type_, "it", **inputs))


def _site(**inputs: Any) -> Stack:
    return stack(resource(transit.DISTRIBUTION, "site", **inputs))


def _without_versions() -> Stack:
    return without(planned("foundation"), protection.VERSIONING)


BREAKS = [
    Case(
        BACKUPS,
        partial(_primary, backupRetentionPeriod=1),
        f"Instance primary: backupRetentionPeriod is 1 days, fewer than 7: {LOST}; set it to 7 or more",
    ),
    Case(
        BACKUPS,
        partial(_primary, backupRetentionPeriod=None),
        f"Instance primary: backupRetentionPeriod is 0 days, fewer than 7: {LOST}; set it to 7 or more",
    ),
    Case(
        BACKUPS,
        partial(_one, protection.CLUSTER),
        f"Cluster it: backupRetentionPeriod is 1 days, fewer than 7: {LOST}; set it to 7 or more",
    ),
    Case(
        BACKUPS,
        partial(_one, protection.WAREHOUSE, automatedSnapshotRetentionPeriod=0),
        f"Cluster it: automatedSnapshotRetentionPeriod is 0 days, fewer than 7: {LOST}; set it to 7 or more",
    ),
    Case(
        BACKUPS,
        lambda: changed(planned("shards"), protection.TABLE, pointInTimeRecovery={"enabled": False}),
        "Table shard-map: pointInTimeRecovery.enabled is not true: what is overwritten is lost; set it to "
        "true",
    ),
    Case(
        BACKUPS,
        lambda: changed(planned("multi-region"), protection.TABLE, replicas=[{"regionName": "eu-west-1"}]),
        "Table sessions: pointInTimeRecovery of its replica in eu-west-1 is not true; set it to true",
    ),
    Case(
        BACKUPS,
        lambda: changed(planned("foundation"), protection.CACHE, "sessions", snapshotRetentionLimit=0),
        "ReplicationGroup sessions: snapshotRetentionLimit is 0 days: when the group is lost, so is what "
        "is in it, "
        "and every user logs in again; set it to 1 or more",
        "advisory",
    ),
    Case(
        BACKUPS,
        _without_versions,
        "Bucket assets keeps no versions and its lifecycle does not empty it: what is overwritten or "
        "deleted is "
        "lost; enable its BucketVersioning, or let a lifecycle rule expire all that is in it",
    ),
    Case(
        BACKUPS,
        partial(_one, protection.FILES),
        "FileSystem it has no BackupPolicy whose status is ENABLED: what is deleted is lost; add one",
    ),
    Case(
        DELETION,
        partial(_one, protection.INSTANCE, skipFinalSnapshot=False),
        "Instance it: deletionProtection is not set: one wrong destroy deletes it; "
        "set deletionProtection to true",
    ),
    Case(
        DELETION,
        partial(_one, protection.INSTANCE, deletionProtection=True, skipFinalSnapshot=True),
        "Instance it: skipFinalSnapshot is true: what it holds goes with it when it is deleted; "
        "set skipFinalSnapshot to false",
    ),
    Case(
        DELETION,
        partial(_one, protection.BUCKET, forceDestroy=True),
        "Bucket it: forceDestroy is true: its objects are deleted with it; set forceDestroy to false",
    ),
    Case(
        DELETION,
        partial(_one, "aws:lb/loadBalancer:LoadBalancer", enableDeletionProtection=False),
        "LoadBalancer it: enableDeletionProtection is false: one wrong destroy deletes it; "
        "set enableDeletionProtection to true",
    ),
    Case(
        DELETION,
        partial(_one, "aws:cognito/userPool:UserPool"),
        "UserPool it: deletionProtection is not set: one wrong destroy deletes it; "
        "set deletionProtection to ACTIVE",
    ),
    Case(
        DELETION,
        partial(
            _one, protection.TABLE, deletionProtectionEnabled=True, replicas=[{"regionName": "eu-west-1"}]
        ),
        "Table it: deletionProtectionEnabled of its replica in eu-west-1 is not true; set it to true",
    ),
    Case(
        AT_REST,
        partial(_primary, storageEncrypted=False),
        "Instance primary: storageEncrypted is false: what it stores is not encrypted; "
        "set storageEncrypted to true",
    ),
    Case(
        AT_REST,
        lambda: changed(planned("foundation"), encryption.CACHE, "shared", atRestEncryptionEnabled=None),
        "ReplicationGroup shared: atRestEncryptionEnabled is not set: what it stores is not encrypted; "
        "set atRestEncryptionEnabled to true",
    ),
    Case(
        AT_REST,
        lambda: changed(
            planned("foundation"),
            encryption.TEMPLATE,
            blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20}}],
        ),
        "LaunchTemplate application: blockDeviceMappings.ebs.encrypted of /dev/xvda is not true: what it "
        "stores is "
        "not encrypted; set it to true",
    ),
    Case(
        AT_REST,
        partial(_one, encryption.MACHINES[0], rootBlockDevice={"volumeSize": 20}),
        "Instance it: rootBlockDevice.encrypted of its root is not true: what it stores is not encrypted; "
        "set it to true",
    ),
    Case(
        AT_REST,
        partial(_one, encryption.QUEUE, sqsManagedSseEnabled=False),
        "Queue it: sqsManagedSseEnabled is false: what it stores is not encrypted; "
        "set sqsManagedSseEnabled to true",
    ),
    Case(
        AT_REST,
        partial(_one, "aws:kinesis/stream:Stream"),
        "Stream it: encryptionType is not set: what it stores is not encrypted; set encryptionType to KMS",
    ),
    Case(
        AT_REST,
        partial(_one, "aws:opensearch/domain:Domain", encryptAtRest={"enabled": False}),
        "Domain it: encryptAtRest.enabled is false: what it stores is not encrypted; "
        "set encryptAtRest.enabled to true",
    ),
    Case(
        AT_REST,
        lambda: changed(planned("foundation"), encryption.TOPIC, "attention", kmsMasterKeyId=None),
        "Topic attention has no kmsMasterKeyId: what it stores is not encrypted; set it to a key that its "
        "publishers may use",
        "advisory",
    ),
    Case(
        DECLARED,
        lambda: without(planned("foundation"), encryption.BUCKET_ENCRYPTION[0], "assets"),
        "Bucket assets declares no encryption: S3 encrypts it with a key of its own; say which key it is "
        "to be, by "
        "a BucketServerSideEncryptionConfiguration",
    ),
    Case(
        TRANSIT,
        lambda: changed(planned("foundation"), transit.CACHE, "sessions", transitEncryptionEnabled=False),
        "ReplicationGroup sessions: transitEncryptionEnabled is not true: what is sent is not encrypted; "
        "set it to true",
    ),
    Case(
        TRANSIT,
        partial(_one, transit.PARAMETERS[0], parameters=[{"name": "rds.force_ssl", "value": "0"}]),
        "ParameterGroup it sets rds.force_ssl to 0: clients may connect without TLS; set it to 1",
    ),
    Case(
        TRANSIT,
        partial(_one, transit.LISTENERS[0], protocol="HTTP", port=80, defaultActions=[{"type": "forward"}]),
        "Listener it serves plain HTTP on port 80: what is sent is not encrypted; let its default action "
        "redirect "
        "to HTTPS, and give an HTTPS listener a certificate",
    ),
    Case(
        TRANSIT,
        lambda: changed(planned("replicas"), "aws:rds/proxy:Proxy", requireTls=False),
        "Proxy primary: requireTls is false: what is sent is not encrypted; set requireTls to true",
    ),
    Case(
        TRANSIT,
        partial(
            _site,
            defaultCacheBehavior={"viewerProtocolPolicy": "allow-all"},
            viewerCertificate={"minimumProtocolVersion": "TLSv1.2_2021"},
        ),
        "Distribution site: viewerProtocolPolicy of its default behavior is allow-all: what is sent is not "
        "encrypted; set redirect-to-https",
    ),
    Case(
        TRANSIT,
        partial(_site, viewerCertificate={"minimumProtocolVersion": "TLSv1"}),
        "Distribution site: viewerCertificate.minimumProtocolVersion is TLSv1; set TLSv1.2_2021",
    ),
    Case(
        TRANSIT,
        partial(_site, viewerCertificate={"cloudfrontDefaultCertificate": True}),
        "Distribution site uses CloudFront's own certificate, which takes TLS 1.0; set viewerCertificate "
        "to one of "
        "your own, with minimumProtocolVersion TLSv1.2_2021",
        "advisory",
    ),
    Case(
        TRANSIT,
        partial(
            _site,
            viewerCertificate={"minimumProtocolVersion": "TLSv1.2_2021"},
            origins=[{"originId": "web", "customOriginConfig": {"originProtocolPolicy": "http-only"}}],
        ),
        "Distribution site: originProtocolPolicy of web is http-only: what is sent is not encrypted; "
        "set https-only",
    ),
    Case(
        PUBLIC,
        partial(_primary, publiclyAccessible=True),
        "Instance primary: publiclyAccessible is true: it is reachable from outside its VPC; "
        "set publiclyAccessible to false",
    ),
    Case(
        PUBLIC,
        partial(_one, "aws:redshift/cluster:Cluster", publiclyAccessible=True),
        "Cluster it: publiclyAccessible is true: it is reachable from outside its VPC; "
        "set publiclyAccessible to false",
    ),
    Case(
        PUBLIC,
        partial(_one, databases.OPENSEARCH, domainName="search"),
        "Domain it has no vpcOptions: it is reachable from outside its VPC; set vpcOptions.subnetIds (that "
        "replaces "
        "the domain)",
    ),
    Case(
        PUBLIC,
        lambda: changed(
            planned("foundation"),
            databases.INGRESS,
            "database-from-application",
            cidrIpv4="0.0.0.0/0",
            referencedSecurityGroupId=None,
        ),
        "SecurityGroupIngressRule database-from-application opens port 5432 to 0.0.0.0/0; name the "
        "security group "
        "that may connect, by referencedSecurityGroupId or securityGroups",
    ),
    Case(
        PUBLIC,
        partial(
            _one,
            databases.SECURITY_GROUP,
            ingress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "ipv6CidrBlocks": ["::/0"]}],
        ),
        "SecurityGroup it opens every port to ::/0; name the security group that may connect, by "
        "referencedSecurityGroupId or securityGroups",
    ),
    Case(
        PUBLIC,
        partial(
            _one,
            databases.RULE,
            type="ingress",
            protocol="tcp",
            fromPort=3000,
            toPort=6000,
            cidrBlocks=["0.0.0.0/0"],
        ),
        "SecurityGroupRule it opens port 3306, 5432, 5439 to 0.0.0.0/0; name the security group that may "
        "connect, "
        "by referencedSecurityGroupId or securityGroups",
    ),
]

KEEPS = [
    Case(BACKUPS, partial(_primary, backupRetentionPeriod=1), settings={"retention_days": 1}),
    Case(BACKUPS, partial(_one, protection.INSTANCE, replicateSourceDb="primary")),
    Case(BACKUPS, _without_versions, settings={"without_versions": ["assets"]}),
    Case(DELETION, lambda: planned("foundation")),
    Case(DELETION, partial(_one, protection.INSTANCE, deletionProtection=True, skipFinalSnapshot=False)),
    Case(DELETION, partial(_one, protection.BUCKET)),
    Case(AT_REST, partial(_one, protection.INSTANCE, replicateSourceDb="primary")),
    Case(AT_REST, partial(_one, encryption.QUEUE)),
    Case(AT_REST, partial(_one, encryption.CACHE, engine="valkey")),
    Case(AT_REST, partial(_one, encryption.TOPIC, kmsMasterKeyId=UNKNOWN)),
    Case(DECLARED, lambda: planned("foundation")),
    Case(TRANSIT, partial(_one, transit.PARAMETERS[0], parameters=[{"name": "rds.force_ssl", "value": "1"}])),
    Case(
        TRANSIT,
        partial(
            _one,
            transit.LISTENERS[0],
            protocol="HTTP",
            port=80,
            defaultActions=[{"type": "redirect", "redirect": {"protocol": "HTTPS"}}],
        ),
    ),
    Case(PUBLIC, partial(_one, databases.OPENSEARCH, vpcOptions={"subnetIds": ["a"]})),
    Case(
        PUBLIC,
        partial(_one, databases.INGRESS, ipProtocol="tcp", fromPort=443, toPort=443, cidrIpv4="0.0.0.0/0"),
    ),
    Case(
        PUBLIC,
        partial(_one, databases.INGRESS, ipProtocol="tcp", fromPort=5432, toPort=5432, cidrIpv4="10.0.0.0/8"),
    ),
]

UNKNOWNS = [
    Case(
        BACKUPS,
        partial(_primary, backupRetentionPeriod=UNKNOWN),
        "not judged: Instance primary: backupRetentionPeriod is not known before up",
        "advisory",
    ),
    Case(
        DELETION,
        partial(_one, protection.INSTANCE, deletionProtection=UNKNOWN, skipFinalSnapshot=False),
        "not judged: Instance it: deletionProtection is not known before up",
        "advisory",
    ),
    Case(
        AT_REST,
        partial(_primary, storageEncrypted=UNKNOWN),
        "not judged: Instance primary: storageEncrypted is not known before up",
        "advisory",
    ),
    Case(
        DECLARED,
        lambda: stack(
            resource(encryption.BUCKET, "assets"),
            resource(encryption.BUCKET_ENCRYPTION[0], "assets", bucket=UNKNOWN),
        ),
        "not judged: BucketServerSideEncryptionConfiguration assets: bucket is not known before up",
    ),
    Case(
        TRANSIT,
        partial(_one, transit.LISTENERS[0], protocol=UNKNOWN),
        "not judged: Listener it: protocol is not known before up",
        "advisory",
    ),
    Case(
        PUBLIC,
        partial(_primary, publiclyAccessible=UNKNOWN),
        "not judged: Instance primary: publiclyAccessible is not known before up",
        "advisory",
    ),
]


@pytest.mark.parametrize("case", [*BREAKS, *UNKNOWNS], ids=str)
def test_data_that_is_not_protected_is_said(case: Case) -> None:
    assert case.said() == case.expected


@pytest.mark.parametrize("case", KEEPS, ids=str)
def test_data_that_is_protected_passes(case: Case) -> None:
    assert case.said() == []


def test_an_environment_that_is_no_throwaway_is_protected_in_every_part() -> None:
    database = resource(protection.INSTANCE, deletionProtection=UNKNOWN, skipFinalSnapshot=True)
    said = Case(DELETION, lambda: stack(database)).said()

    assert [level for level, _ in said] == ["advisory", "mandatory"]
