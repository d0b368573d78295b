"""For every policy a program that breaks it, and the same one mended: resources by Pulumi's names.

All broken programs are run as one, and so are the mended ones. So a resource may serve several policies, and
a mended one keeps them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from palier.capacity.thresholds import threshold

ID, LATE, SECRET = "$id", "$late", "$secret"
# Type token, logical name, inputs.
Made = tuple[str, str, dict[str, Any]]

REGION, FURTHER = "eu-west-3", "eu-west-1"
TAGS = {"owner": "shop", "cost-center": "platform"}
DATABASE, REPLICATION = "aws:rds/instance:Instance", "aws:elasticache/replicationGroup:ReplicationGroup"
ALARM, GROUP = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:autoscaling/group:Group"
BALANCER, TARGETS = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"
QUEUE, BUCKET, LOGS = "aws:sqs/queue:Queue", "aws:s3/bucket:Bucket", "aws:cloudwatch/logGroup:LogGroup"
TEMPLATE, FUNCTION = "aws:ec2/launchTemplate:LaunchTemplate", "aws:lambda/function:Function"
SERVICE, PROXY = "aws:ecs/service:Service", "aws:rds/proxy:Proxy"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
ACCESS = "aws:cloudfront/originAccessControl:OriginAccessControl"
WALL = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
TOPICS = {level: f"arn:aws:sns:{REGION}:123456789012:{level}" for level in ("attention", "critical")}
KEY = f"arn:aws:kms:{REGION}:123456789012:key/1"
BROKEN_CLASS, KEPT_CLASS = "db.m7g.2xlarge", "db.m7g.xlarge"
ZONES = ["subnet-a", "subnet-b"]
ENCRYPTED = {"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20, "encrypted": "true"}}
INSTANCES = {"minSize": 3, "desiredCapacity": 3, "maxSize": 12}


@dataclass(frozen=True)
class Case:
    """A policy, resources that break it, and resources that keep it."""

    policy: str
    broken: tuple[Made, ...]
    kept: tuple[Made, ...]


def id_of(resource: str) -> dict[str, Any]:
    """The id of an earlier resource, by its logical name, which the program puts in."""
    return {ID: resource}


def late(resource: str, value: Any) -> dict[str, Any]:
    """A value that follows from the id of an earlier resource, and so is not known in a preview."""
    return {LATE: [resource, value]}


def secret(value: str) -> dict[str, Any]:
    """A value that the program marks as a secret."""
    return {SECRET: value}


def merged(resources: Iterable[Made]) -> list[Made]:
    """Each resource once, in order; AssertionError where one is told in two ways."""
    found: dict[tuple[str, str], Made] = {}
    for each in resources:
        assert found.setdefault(each[:2], each) == each, each[:2]
    return list(found.values())


def database(name: str, **inputs: Any) -> Made:
    """A database that keeps every policy of one resource, with changes; None leaves an input out."""
    kept = {
        "identifier": name,
        "engine": "postgres",
        "instanceClass": KEPT_CLASS,
        "allocatedStorage": 100,
        "storageType": "gp3",
        "storageEncrypted": True,
        "multiAz": True,
        "publiclyAccessible": False,
        "deletionProtection": True,
        "backupRetentionPeriod": 14,
        "skipFinalSnapshot": False,
        "tags": TAGS,
        **inputs,
    }
    return DATABASE, name, {key: value for key, value in kept.items() if value is not None}


def broken_database(name: str, **inputs: Any) -> Made:
    """One of a larger class than is needed, which breaks what `inputs` break."""
    return database(name, **{"instanceClass": BROKEN_CLASS, **inputs})


def alarm(
    name: str, namespace: str, metric: str, dimensions: dict[str, str], limit: float, level: str
) -> Made:
    """An alarm that tells the topic of its level."""
    inputs = {
        "namespace": namespace,
        "metricName": metric,
        "dimensions": dimensions,
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": limit,
        "statistic": "Average",
        "period": 60,
        "evaluationPeriods": 5,
        "alarmActions": [TOPICS[level]],
        "tags": TAGS,
    }
    return ALARM, name, inputs


_SHOWN = {
    "AWS/RDS": (
        ("cpu_utilization", "CPUUtilization"),
        ("memory_usage", "FreeableMemory"),
        ("database_connections", "DatabaseConnections"),
    ),
    "AWS/ElastiCache": (
        ("cpu_utilization", "EngineCPUUtilization"),
        ("memory_usage", "DatabaseMemoryUsagePercentage"),
    ),
    "AWS/ApplicationELB": (
        ("response_time_p95", "TargetResponseTime"),
        ("error_rate", "HTTPCode_Target_5XX_Count"),
    ),
    "AWS/EC2": (("cpu_utilization", "CPUUtilization"), ("memory_usage", "mem_used_percent")),
}


def watch(what: str, namespace: str, dimensions: dict[str, str]) -> tuple[Made, ...]:
    """The alarms that the threshold table asks for."""
    return tuple(
        alarm(
            f"{what}-{metric}-{level}",
            namespace,
            shown,
            dimensions,
            threshold(metric).limit("critical" if level == "critical" else "attention"),
            level,
        )
        for metric, shown in _SHOWN[namespace]
        for level in TOPICS
    )


def watched_database(name: str, **inputs: Any) -> tuple[Made, ...]:
    """A database and its alarms."""
    return (database(name, **inputs), *watch(name, "AWS/RDS", {"DBInstanceIdentifier": name}))


def template(name: str, *devices: dict[str, Any], region: str = REGION) -> Made:
    """What an application's instances are started from."""
    inputs = {"instanceType": "m7g.large", "blockDeviceMappings": list(devices), "tags": TAGS}
    return TEMPLATE, name, {"name": name, "region": region, **inputs}


def group(name: str, region: str = REGION, *, of: str, **inputs: Any) -> Made:
    """An application's instances in two zones, started from a template."""
    tags = [{"key": key, "value": value, "propagateAtLaunch": True} for key, value in TAGS.items()]
    kept = {
        "name": name,
        "region": region,
        **INSTANCES,
        "launchTemplate": {"id": id_of(of)},
        "vpcZoneIdentifiers": ZONES,
        "healthCheckType": "ELB",
        "tags": tags,
    }
    return GROUP, name, {**kept, **inputs}


def watched_group(name: str, region: str = REGION, **inputs: Any) -> tuple[Made, ...]:
    """An application's instances, their template and their alarms."""
    started = template(f"{name}-template", ENCRYPTED, region=region)
    return (
        started,
        group(name, region, of=started[1], **inputs),
        *watch(name, "AWS/EC2", {"AutoScalingGroupName": name}),
    )


def queue(name: str, **inputs: Any) -> tuple[Made, ...]:
    """A queue and its two alarms."""
    metric = "ApproximateAgeOfOldestMessage"
    return (
        (QUEUE, name, {"name": name, "sqsManagedSseEnabled": True, "tags": TAGS, **inputs}),
        *(
            alarm(f"{name}-{level}", "AWS/SQS", metric, {"QueueName": name}, limit, level)
            for level, limit in (("attention", 60), ("critical", 300))
        ),
    )


def balancer(name: str, **inputs: Any) -> tuple[Made, ...]:
    """A load balancer and its alarms."""
    made = (
        BALANCER,
        name,
        {
            "name": name,
            "enableDeletionProtection": True,
            "idleTimeout": 30,
            "subnets": ZONES,
            "tags": TAGS,
            **inputs,
        },
    )
    return (made, *watch(name, "AWS/ApplicationELB", {"LoadBalancer": name}))


def function(name: str, host: str, **inputs: Any) -> Made:
    """A service's function and the database it reads."""
    variables = {"DATABASE_HOST": f"{host}.c1.{REGION}.rds.amazonaws.com"}
    return FUNCTION, name, {"name": name, "environment": {"variables": variables}, "tags": TAGS, **inputs}


def site(**origin: Any) -> Made:
    """A distribution of what a bucket holds."""
    inputs = {
        "enabled": True,
        "origins": [{"originId": "assets", "domainName": f"assets.s3.{REGION}.amazonaws.com", **origin}],
        "defaultCacheBehavior": {"viewerProtocolPolicy": "redirect-to-https"},
        "viewerCertificate": {"acmCertificateArn": "arn:1", "minimumProtocolVersion": "TLSv1.2_2021"},
        "tags": TAGS,
    }
    return DISTRIBUTION, "site", inputs


FLEET = watched_group("application", targetGroupArns=["arn:targets"])
PRIMARY = watched_database("primary")
FAR = watched_group("application-far", FURTHER)
COPY = (
    *watched_database(
        "copy",
        region=FURTHER,
        replicateSourceDb=f"arn:aws:rds:{REGION}:123456789012:db:primary",
        backupRetentionPeriod=None,
    ),
    alarm("copy-lag", "AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": "copy"}, 30, "attention"),
)
SESSIONS: tuple[Made, ...] = (
    (
        REPLICATION,
        "sessions",
        {
            "replicationGroupId": "sessions",
            "nodeType": "cache.t4g.micro",
            "numCacheClusters": 2,
            "automaticFailoverEnabled": True,
            "multiAzEnabled": True,
            "atRestEncryptionEnabled": True,
            "transitEncryptionEnabled": True,
            "snapshotRetentionLimit": 7,
            "tags": TAGS,
        },
    ),
    *watch("sessions", "AWS/ElastiCache", {"CacheClusterId": "sessions-001"}),
)
ASSETS: tuple[Made, ...] = (
    (BUCKET, "assets", {"bucket": "assets", "tags": TAGS}),
    (VERSIONING, "assets", {"bucket": "assets", "versioningConfiguration": {"status": "Enabled"}}),
    (
        ENCRYPTION,
        "assets",
        {
            "bucket": "assets",
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}],
        },
    ),
    (
        WALL,
        "assets",
        {
            "bucket": "assets",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
    ),
)
HEALTH = {"path": "/health", "timeout": 5, "interval": 10}
REDRIVE = json.dumps(
    {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:123456789012:jobs-dlq", "maxReceiveCount": 5}
)
