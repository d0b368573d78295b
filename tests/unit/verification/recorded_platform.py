"""The recorded platform: foundation in three zones and two replicas of its primary, all in order."""

from __future__ import annotations

import datetime
from typing import Any

from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.replicas.settings import ReplicasSettings

from tests.unit.verification.recorded_aws import ACCOUNT, REGION, State

PLATFORM, ENVIRONMENT = "jobo", "local"
ZONES = ("eu-west-3a", "eu-west-3b", "eu-west-3c")
TIERS = ("public", "private", "data")
WHEN = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key-1"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/1"
TARGETS = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/1"
CPU, MEMORY = (70.0, 90.0), (80.0, 95.0)
# What alarms watch: CloudWatch's dimension, its value, and the two limits of the source document.
WATCHED: dict[str, tuple[str, list[str], tuple[float, float]]] = {
    "response-time": ("LoadBalancer", ["app/web/1"], (2.0, 5.0)),
    "error-rate": ("LoadBalancer", ["app/web/1"], (1.0, 5.0)),
    "application-cpu": ("AutoScalingGroupName", ["web"], CPU),
    "application-memory": ("AutoScalingGroupName", ["web"], MEMORY),
    "primary-cpu": ("DBInstanceIdentifier", ["jobo-primary"], CPU),
    "primary-memory": ("DBInstanceIdentifier", ["jobo-primary"], MEMORY),
    "primary-connections": ("DBInstanceIdentifier", ["jobo-primary"], (70.0, 90.0)),
    "sessions-cpu": ("CacheClusterId", ["jobo-sessions-001", "jobo-sessions-002"], CPU),
    "sessions-memory": ("CacheClusterId", ["jobo-sessions-001", "jobo-sessions-002"], MEMORY),
    "shared-cpu": ("CacheClusterId", ["jobo-shared-001"], CPU),
    "shared-memory": ("CacheClusterId", ["jobo-shared-001"], MEMORY),
}
REPLICA_WATCHED = {"cpu": CPU, "memory": MEMORY, "connections": (70.0, 90.0), "lag": (30.0, 300.0)}
CONFIG: dict[str, object] = {
    "aws:region": REGION,
    "foundation:platform": PLATFORM,
    "foundation:owner": "platform-team",
    "foundation:cost_center": "platform",
    "foundation:network": {"vpc_cidr": "10.20.0.0/16", "zone_count": 3, "flow_log_retention_days": 14},
    "foundation:application": {
        "image": "jobo/web:1",
        "instance_type": "m7g.large",
        "min_instances": 3,
        "desired_instances": 3,
        "max_instances": 9,
        "target_cpu_percent": 55.0,
    },
    "foundation:database": {
        "instance_class": "db.m6g.large",
        "allocated_storage_gib": 100,
        "backup_retention_days": 14,
        "max_connections": 400,
    },
    "foundation:session_cache": {"node_type": "cache.m7g.large"},
    "foundation:shared_cache": {"node_type": "cache.r7g.large", "replicas": 2},
    "foundation:storage": {"access_log_days": 90},
    "foundation:alarms": {"log_retention_days": 30},
}


def settings() -> FoundationSettings:
    """Foundation's settings, which the recorded platform is true to."""
    return FoundationSettings.from_config(CONFIG)


def settings_by_phase() -> dict[str, Any]:
    """The settings of both phases."""
    replicas = ReplicasSettings.from_config(
        {
            "aws:region": REGION,
            "replicas:instances": {"count": 2, "instance_class": "db.r6g.large", "weights": [100, 50]},
            "replicas:parameters": {"max_connections": 600},
            "replicas:proxy": {"enabled": True},
        }
    )
    return {"foundation": settings(), "replicas": replicas}


def tags(name: str, component: str, phase: str = "foundation") -> dict[str, str]:
    """The tags every resource carries."""
    return {
        "palier:platform": PLATFORM,
        "palier:phase": phase,
        "palier:environment": ENVIRONMENT,
        "palier:component": component,
        "palier:name": name,
        "cost-center": "platform",
        "owner": "platform-team",
    }


def listed(name: str, component: str, phase: str = "foundation") -> list[dict[str, str]]:
    """The tags as most services tell them."""
    return [{"Key": key, "Value": value} for key, value in tags(name, component, phase).items()]


def topic_arn(level: str) -> str:
    """The ARN of a level's topic."""
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{level}"


def platform() -> State:
    """Everything that verification asks, answered for a platform in order. A new copy each time."""
    return {
        **_network(),
        **_security_groups(),
        **_application(),
        **_databases(),
        **_cache(),
        **_storage(),
        **_topics_and_logs(),
        **_alarms(),
        **_reader(),
    }


def _network() -> State:
    subnets, tables, nats = [], [], []
    plan = {each.zone: each for each in settings().subnets}
    for zone in ZONES:
        for tier in TIERS:
            name = f"{tier}-{zone[-1]}"
            subnets.append(
                {
                    "SubnetId": f"subnet-{name}",
                    "VpcId": "vpc-1",
                    "AvailabilityZone": zone,
                    "CidrBlock": str(getattr(plan[zone], tier)),
                    "Tags": [*listed(name, "network"), {"Key": "palier:tier", "Value": tier}],
                }
            )
            way: dict[str, Any] = {
                "public": {"GatewayId": "igw-1"},
                "private": {"NatGatewayId": f"nat-{zone[-1]}"},
            }
            routes = [{"DestinationCidrBlock": "10.20.0.0/16", "GatewayId": "local"}]
            if tier in way:
                routes.append({"DestinationCidrBlock": "0.0.0.0/0", **way[tier]})
            tables.append(
                {
                    "RouteTableId": f"rtb-{name}",
                    "VpcId": "vpc-1",
                    "Routes": routes,
                    "Associations": [{"SubnetId": f"subnet-{name}", "Main": False}],
                    "Tags": listed(name, "network"),
                }
            )
        nats.append(
            {
                "NatGatewayId": f"nat-{zone[-1]}",
                "SubnetId": f"subnet-public-{zone[-1]}",
                "State": "available",
                "Tags": listed(f"nat-{zone[-1]}", "network"),
            }
        )
    main = {"RouteTableId": "rtb-main", "VpcId": "vpc-1", "Routes": [], "Associations": [{"Main": True}]}
    vpc = {"VpcId": "vpc-1", "CidrBlock": "10.20.0.0/16", "Tags": listed("vpc", "network")}
    return {
        ("ec2", "describe_vpcs"): {"Vpcs": [vpc]},
        ("ec2", "describe_subnets"): {"Subnets": subnets},
        ("ec2", "describe_route_tables"): {"RouteTables": [main, *tables]},
        ("ec2", "describe_nat_gateways"): {"NatGateways": nats},
        ("ec2", "describe_flow_logs"): {"FlowLogs": [{"FlowLogStatus": "ACTIVE", "TrafficType": "ALL"}]},
    }


def rule(port: int, **source: Any) -> dict[str, Any]:
    """A TCP rule of a security group."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **source}


def _security_groups() -> State:
    world = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}

    def group(name: str, *rules: dict[str, Any]) -> dict[str, Any]:
        return {"GroupId": f"sg-{name}", "IpPermissions": list(rules), "Tags": listed(name, "security")}

    def source(name: str) -> dict[str, Any]:
        return {"UserIdGroupPairs": [{"GroupId": f"sg-{name}"}]}

    groups = [
        group("load-balancer", rule(443, **world)),
        group("application", rule(8080, **source("load-balancer"))),
        group("database", rule(5432, **source("application")), rule(5432, **source("primary-proxy"))),
        group("cache", rule(6379, **source("application"))),
    ]
    pool = group("primary-proxy", rule(5432, **source("application")))
    pool["Tags"] = listed("primary-proxy", "database", "replicas")
    return {("ec2", "describe_security_groups"): {"SecurityGroups": [*groups, pool]}}


def _application() -> State:
    group = {
        "AutoScalingGroupName": "web",
        "MinSize": 3,
        "MaxSize": 9,
        "DesiredCapacity": 3,
        "DefaultCooldown": 300,
        "AvailabilityZones": list(ZONES),
        "HealthCheckType": "ELB",
        "CreatedTime": WHEN,
        "VPCZoneIdentifier": ",".join(f"subnet-private-{zone[-1]}" for zone in ZONES),
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "$Latest"},
        "Tags": listed("application", "application"),
    }
    template = {
        "LaunchTemplateId": "lt-1",
        "LaunchTemplateName": "web",
        "LaunchTemplateData": {
            "SecurityGroupIds": ["sg-application"],
            "MetadataOptions": {"HttpTokens": "required"},
        },
    }
    tracking = {
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingConfiguration": {
            "TargetValue": 55.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        },
    }
    balancer = {
        "LoadBalancerArn": BALANCER,
        "LoadBalancerName": "web",
        "SecurityGroups": ["sg-load-balancer"],
        "AvailabilityZones": [{"ZoneName": zone} for zone in ZONES],
    }
    return {
        ("autoscaling", "describe_auto_scaling_groups"): {"AutoScalingGroups": [group]},
        ("autoscaling", "describe_policies"): {"ScalingPolicies": [tracking]},
        ("ec2", "describe_launch_template_versions"): {"LaunchTemplateVersions": [template]},
        ("elbv2", "describe_load_balancers"): {"LoadBalancers": [balancer]},
        ("elbv2", "describe_target_groups"): {"TargetGroups": [{"TargetGroupArn": TARGETS}]},
        ("elbv2", "describe_tags"): lambda request: {
            "TagDescriptions": [
                {
                    "ResourceArn": arn,
                    "Tags": listed("load-balancer" if arn == BALANCER else "targets", "application"),
                }
                for arn in request["ResourceArns"]
            ]
        },
        ("elbv2", "describe_load_balancer_attributes"): {
            "Attributes": [
                {"Key": "access_logs.s3.enabled", "Value": "true"},
                {"Key": "access_logs.s3.bucket", "Value": "jobo-logs"},
                {"Key": "deletion_protection.enabled", "Value": "true"},
                {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
            ]
        },
        ("elbv2", "describe_target_group_attributes"): {
            "Attributes": [{"Key": "stickiness.enabled", "Value": "false"}]
        },
    }


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


def _databases() -> State:
    primary = database(
        "primary",
        "foundation",
        ZONES[0],
        MultiAZ=True,
        BackupRetentionPeriod=14,
        DeletionProtection=True,
        MasterUserSecret={
            "SecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds",
            "SecretStatus": "active",
        },
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
        ("rds", "describe_db_instances"): {"DBInstances": [primary, *replicas]},
        ("rds", "describe_db_parameters", "jobo-primary"): limit(400),
        ("rds", "describe_db_parameters", "jobo-replicas"): limit(600),
    }


def _cache() -> State:
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


def _storage() -> State:
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


def _topics_and_logs() -> State:
    state: State = {
        ("sns", "list_topics"): {
            "Topics": [{"TopicArn": topic_arn(level)} for level in ("attention", "critical")]
        },
        ("cloudwatch", "list_dashboards"): {"DashboardEntries": [{"DashboardName": "jobo-local-platform"}]},
    }
    groups = []
    for name, component, days in (("application", "observability", 30), ("flow-logs", "network", 14)):
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/jobo/{name}"
        groups.append({"logGroupName": f"/jobo/{name}", "arn": f"{arn}:*", "retentionInDays": days})
        state["logs", "list_tags_for_resource", arn] = {"tags": tags(name, component)}
    state["logs", "describe_log_groups"] = {"logGroups": groups}
    for level in ("attention", "critical"):
        state["sns", "list_tags_for_resource", topic_arn(level)] = {"Tags": listed(level, "observability")}
        state["sns", "get_topic_attributes", topic_arn(level)] = {"Attributes": {"KmsMasterKeyId": "key-1"}}
    return state


def alarm(
    name: str, level: str, threshold: float, dimension: tuple[str, list[str]], phase: str = "foundation"
) -> State:
    """An alarm above a threshold, which tells its level's topic: its description and its tags."""
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:jobo-{name}-{level}"
    metrics = [
        {
            "Namespace": "AWS/Any",
            "MetricName": "Any",
            "Dimensions": [{"Name": dimension[0], "Value": value}],
        }
        for value in dimension[1]
    ]
    described = {
        "AlarmName": f"jobo-{name}-{level}",
        "AlarmArn": arn,
        "ActionsEnabled": True,
        "AlarmActions": [topic_arn(level)],
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
    }
    if len(metrics) == 1:
        described |= metrics[0]
    else:
        queries = [
            {"Id": f"node{index}", "MetricStat": {"Metric": each, "Period": 60, "Stat": "Average"}}
            for index, each in enumerate(metrics)
        ]
        described["Metrics"] = [*queries, {"Id": "result", "Expression": "MAX([node0, node1])"}]
    return {
        ("alarm", arn): described,
        ("cloudwatch", "list_tags_for_resource", arn): {
            "Tags": listed(f"{name}-{level}", "observability", phase)
        },
    }


def _alarms() -> State:
    state: State = {}
    for name, (dimension, values, limits) in WATCHED.items():
        for level, limit in zip(("attention", "critical"), limits, strict=True):
            state |= alarm(name, level, limit, (dimension, values))
    for number in (1, 2):
        for name, limits in REPLICA_WATCHED.items():
            for level, limit in zip(("attention", "critical"), limits, strict=True):
                watched = ("DBInstanceIdentifier", [f"jobo-replica-{number}"])
                state |= alarm(f"replica-{number}-{name}", level, limit, watched, "replicas")
    entries = [state.pop(key) for key in list(state) if key[0] == "alarm"]
    return {**state, ("cloudwatch", "describe_alarms"): {"MetricAlarms": entries}}


def _reader() -> State:
    def record(number: int, weight: int) -> dict[str, Any]:
        return {
            "Name": "reader.database.internal.",
            "Type": "CNAME",
            "SetIdentifier": f"replica-{number}",
            "Weight": weight,
            "TTL": 5,
            "HealthCheckId": f"health-{number}",
            "ResourceRecords": [{"Value": f"jobo-replica-{number}.abc.{REGION}.rds.amazonaws.com"}],
        }

    def health(number: int) -> dict[str, Any]:
        follows = {"Region": REGION, "Name": f"jobo-replica-{number}-lag-critical"}
        configuration = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": follows}
        check = {"Id": f"health-{number}", "CallerReference": "1", "HealthCheckVersion": 1}
        return {"HealthCheck": {**check, "HealthCheckConfig": configuration}}

    zone = {"Id": "/hostedzone/Z1", "Name": "database.internal.", "CallerReference": "1"}
    zone_is: dict[str, Any] = {**zone, "Config": {"PrivateZone": True}}
    start = {"Name": "database.internal.", "Type": "SOA", "ResourceRecords": [{"Value": "ns"}]}
    proxy_arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:db-proxy:prx-1"
    proxy = {
        "DBProxyName": "jobo-primary",
        "DBProxyArn": proxy_arn,
        "Status": "available",
        "RequireTLS": True,
    }
    return {
        ("route53", "list_hosted_zones"): {
            "HostedZones": [zone_is],
            "Marker": "",
            "IsTruncated": False,
            "MaxItems": "100",
        },
        ("route53", "list_tags_for_resources"): {
            "ResourceTagSets": [{"ResourceId": "Z1", "Tags": listed("reader", "dns", "replicas")}]
        },
        ("route53", "get_hosted_zone"): {
            "HostedZone": zone_is,
            "VPCs": [{"VPCRegion": REGION, "VPCId": "vpc-1"}],
        },
        ("route53", "list_resource_record_sets"): {
            "ResourceRecordSets": [start, record(1, 100), record(2, 50)],
            "IsTruncated": False,
            "MaxItems": "300",
        },
        ("route53", "get_health_check", "health-1"): health(1),
        ("route53", "get_health_check", "health-2"): health(2),
        ("rds", "describe_db_proxies"): {"DBProxies": [proxy]},
        ("rds", "list_tags_for_resource", proxy_arn): {"TagList": listed("primary", "database", "replicas")},
        ("rds", "describe_db_proxy_targets"): {
            "Targets": [{"RdsResourceId": "jobo-primary", "Type": "RDS_INSTANCE"}]
        },
    }
