"""The recorded platform: primary, two replicas, caches, buckets and keys."""

from __future__ import annotations

from typing import Any

from tests.unit.verification.recorded_aws import ACCOUNT, REGION, State
from tests.unit.verification.recorded_names import KEY_ARN, ZONES, listed, tags


def database(name: str, phase: str, zone: str, **more: Any) -> dict[str, Any]:
    """An RDS instance, as described."""
    return {
        "DBInstanceIdentifier": f"jobo-{name}",
        "DBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:jobo-{name}",
        "DBInstanceClass": "db.m6g.large",
        "DBInstanceStatus": "available",
        "AvailabilityZone": zone,
        "Endpoint": {"Address": f"jobo-{name}.abc.{REGION}.rds.amazonaws.com", "Port": 5432},
        "StorageEncrypted": True,
        "KmsKeyId": KEY_ARN,
        "PubliclyAccessible": False,
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsRetentionPeriod": 7,
        "DBSubnetGroup": {
            "Subnets": [
                {"SubnetIdentifier": f"subnet-data-{each[-1]}", "SubnetAvailabilityZone": {"Name": each}}
                for each in ZONES
            ]
        },
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-database", "Status": "active"}],
        "TagList": listed(name, "database", phase),
        **more,
    }


def secret(server: str, phase: str) -> dict[str, Any]:
    """The secret of a server's master password, as listed."""
    name = f"{server}-master"
    return {
        "ARN": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:jobo-local-{name}-AbCdEf",
        "Name": f"jobo-local-{name}",
        "KmsKeyId": KEY_ARN,
        "SecretVersionsToStages": {"2f0c6ab1-0000-0000-0000-000000000001": ["AWSCURRENT"]},
        "Tags": listed(name, "database", phase),
    }


def databases() -> State:
    primary = database(
        "primary",
        "foundation",
        ZONES[0],
        MultiAZ=True,
        BackupRetentionPeriod=14,
        DeletionProtection=True,
        DBParameterGroups=[{"DBParameterGroupName": "jobo-primary"}],
    )
    replicas = [
        database(
            f"replica-{number}",
            "replicas",
            zone,
            ReadReplicaSourceDBInstanceIdentifier="jobo-primary",
            DBParameterGroups=[{"DBParameterGroupName": "jobo-replicas"}],
            DBInstanceClass="db.r6g.large",
            DeletionProtection=True,
        )
        for number, zone in enumerate(ZONES[1:], 1)
    ]

    def limit(connections: int) -> dict[str, Any]:
        name, value = "max_connections", str(connections)
        return {"Parameters": [{"ParameterName": name, "ParameterValue": value, "Source": "user"}]}

    return {
        ("secretsmanager", "list_secrets"): {"SecretList": [secret("primary", "foundation")]},
        ("rds", "describe_db_instances"): {"DBInstances": [primary, *replicas]},
        ("rds", "describe_db_parameters", "jobo-primary"): limit(400),
        ("rds", "describe_db_parameters", "jobo-replicas"): limit(600),
    }


def cache() -> State:
    state: State = {}
    groups, nodes = [], []
    for name, node_type, count in (("sessions", "cache.m7g.large", 2), ("shared", "cache.r7g.large", 3)):
        arn = f"arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup:jobo-{name}"
        members = [f"jobo-{name}-{number:03}" for number in range(1, count + 1)]
        groups.append(
            {
                "ReplicationGroupId": f"jobo-{name}",
                "ARN": arn,
                "AtRestEncryptionEnabled": True,
                "TransitEncryptionEnabled": True,
                "MultiAZ": "enabled",
                "AutomaticFailover": "enabled",
                "MemberClusters": members,
            }
        )
        nodes += [{"CacheClusterId": each, "CacheNodeType": node_type} for each in members]
        state["elasticache", "list_tags_for_resource", arn] = {"TagList": listed(name, "cache")}
    return state | {
        ("elasticache", "describe_replication_groups"): {"ReplicationGroups": groups},
        ("elasticache", "describe_cache_clusters"): {"CacheClusters": nodes},
    }


def storage() -> State:
    buckets = ("jobo-assets", "jobo-logs")
    state: State = {
        ("s3", "list_buckets"): {"Buckets": [{"Name": name} for name in (*buckets, "somebody-elses")]},
        ("s3", "get_bucket_tagging", "somebody-elses"): "NoSuchTagSet",
        ("kms", "list_keys"): {"Keys": [{"KeyId": "key-1"}]},
        ("kms", "describe_key"): {
            "KeyMetadata": {"KeyId": "key-1", "Arn": KEY_ARN, "KeyManager": "CUSTOMER", "KeyState": "Enabled"}
        },
        ("kms", "list_resource_tags"): {
            "Tags": [{"TagKey": key, "TagValue": value} for key, value in tags("data", "security").items()]
        },
        ("kms", "get_key_rotation_status"): {"KeyRotationEnabled": True},
    }
    for name in buckets:
        algorithm = "AES256" if name == "jobo-logs" else "aws:kms"
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
        expiring = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}
        blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        state |= {
            ("s3", "get_bucket_tagging", name): {"TagSet": listed(name.removeprefix("jobo-"), "storage")},
            ("s3", "get_bucket_encryption", name): {
                "ServerSideEncryptionConfiguration": {"Rules": [default]}
            },
            ("s3", "get_public_access_block", name): {
                "PublicAccessBlockConfiguration": dict.fromkeys(blocks, True)
            },
            ("s3", "get_bucket_versioning", name): {"Status": "Enabled"},
            ("s3", "get_bucket_lifecycle_configuration", name): {"Rules": [expiring]},
        }
    return state
