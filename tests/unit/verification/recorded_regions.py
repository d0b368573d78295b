"""The recorded platform in two regions: at home what foundation made, in the other the same once more."""

from __future__ import annotations

import json
from typing import Any

from palier_stacks.multi_region.settings import MultiRegionSettings

from tests.unit.verification.recorded_aws import ACCOUNT, REGION, State
from tests.unit.verification.recorded_data import cache, database, storage
from tests.unit.verification.recorded_names import CPU, MEMORY, ZONES, listed
from tests.unit.verification.recorded_network import application, network, rule, security_groups
from tests.unit.verification.recorded_platform import platform
from tests.unit.verification.recorded_watch import alarm, alarms, topics_and_logs

FAR, PHASE, DOMAIN = "eu-west-1", "multi-region", "www.jobo.example"
HOME_BLOCK, FAR_BLOCK = "10.20.0.0/16", "10.21.0.0/16"
FAR_KEY = f"arn:aws:kms:{FAR}:{ACCOUNT}:key/key-1"
LAG = (150.0, 300.0)
WATCHED = {"database-cpu": CPU, "database-memory": MEMORY, "database-connections": (70.0, 90.0)}
PRIMARY = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:jobo-primary"
CONFIG: dict[str, Any] = {
    "aws:region": REGION,
    "multi-region:regions": [
        {
            "region": FAR,
            "network": {"vpc_cidr": FAR_BLOCK, "zone_count": 3, "flow_log_retention_days": 14},
        }
    ],
    "multi-region:application": {
        "image": "jobo/web:1",
        "instance_type": "m7g.large",
        "min_instances": 3,
        "desired_instances": 3,
        "max_instances": 9,
        "target_cpu_percent": 55.0,
    },
    "multi-region:session_cache": {"node_type": "cache.m7g.large"},
    "multi-region:shared_cache": {"node_type": "cache.r7g.large", "replicas": 2},
    "multi-region:database": {"instance_class": "db.m6g.large"},
    "multi-region:routing": {"domain": DOMAIN, "hosted_zone_id": "Z2PUBLIC"},
    "multi-region:targets": {"rpo_seconds": 300},
    "multi-region:capacity": {
        "forecast_peak_requests_per_second": 800.0,
        "requests_per_second_per_instance": 100.0,
    },
}


def multi_region_settings(**database: Any) -> MultiRegionSettings:
    """The settings that the recorded regions are true to; `database` changes that section."""
    section = CONFIG["multi-region:database"] | database
    return MultiRegionSettings.from_config({**CONFIG, "multi-region:database": section})


def moved(value: Any) -> Any:
    """What stands at home as it stands in the other region, of this phase."""
    if callable(value):
        return lambda request: moved(value(json.loads(back(json.dumps(request)))))
    if isinstance(value, dict):
        return {moved(key): moved(each) for key, each in value.items()}
    if isinstance(value, list):
        return [moved(each) for each in value]
    if isinstance(value, tuple):
        return tuple(moved(each) for each in value)
    if isinstance(value, str):
        text = value.replace(REGION, FAR).replace("10.20.", "10.21.").replace("vpc-1", "vpc-2")
        return PHASE if text == "foundation" else text.replace("jobo-assets", "jobo-assets-far")
    return value


def back(text: str) -> str:
    """A request of the other region in the home's words."""
    return text.replace(FAR, REGION)


def peering(own_phase_tags: list[dict[str, str]]) -> State:
    """The peering of both VPCs, as either side tells of it."""
    connection = {
        "VpcPeeringConnectionId": "pcx-1",
        "Status": {"Code": "active"},
        "RequesterVpcInfo": {"VpcId": "vpc-1", "CidrBlock": HOME_BLOCK, "Region": REGION},
        "AccepterVpcInfo": {"VpcId": "vpc-2", "CidrBlock": FAR_BLOCK, "Region": FAR},
        "Tags": own_phase_tags,
    }
    return {("ec2", "describe_vpc_peering_connections"): {"VpcPeeringConnections": [connection]}}


def joined(state: State, block: str) -> None:
    """Let the private and data subnets reach the other VPC, and its application this database."""
    for table in state["ec2", "describe_route_tables"]["RouteTables"]:
        if any(tag["Key"] == "palier:name" and "public" not in tag["Value"] for tag in table.get("Tags", [])):
            table["Routes"].append({"DestinationCidrBlock": block, "VpcPeeringConnectionId": "pcx-1"})
    for group in state["ec2", "describe_security_groups"]["SecurityGroups"]:
        if group["GroupId"] == "sg-database":
            group["IpPermissions"].append(rule(5432, IpRanges=[{"CidrIp": block}]))


def shared(bucket: str, target: str) -> State:
    """What both regions have of all regions: sessions, the region that writes, replication of the assets."""
    table = {
        "TableName": "jobo-local-sessions",
        "TableStatus": "ACTIVE",
        "DeletionProtectionEnabled": True,
        "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": FAR_KEY},
        "Replicas": [{"RegionName": FAR, "ReplicaStatus": "ACTIVE"}],
    }
    recovery = {"PointInTimeRecoveryStatus": "ENABLED"}
    replication = {
        "Role": f"arn:aws:iam::{ACCOUNT}:role/replication",
        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{target}"}}],
    }
    return {
        ("dynamodb", "describe_table"): {"Table": table},
        ("dynamodb", "describe_continuous_backups"): {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": recovery,
            }
        },
        ("dynamodb", "describe_time_to_live"): {
            "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        },
        ("ssm", "get_parameter"): {
            "Parameter": {"Name": "/jobo/local/application/ACTIVE_REGION", "Type": "String", "Value": REGION}
        },
        ("s3", "get_bucket_replication", bucket): {"ReplicationConfiguration": replication},
        ("rds", "describe_db_clusters"): {"DBClusters": []},
        ("rds", "describe_global_clusters"): {"GlobalClusters": []},
    }


def lag_and_load(names: dict[str, tuple[float, float]], database_id: str) -> State:
    """Alarms of a region's database."""
    state: State = {}
    for name, limits in names.items():
        for level, limit in zip(("attention", "critical"), limits, strict=True):
            state |= alarm(name, level, limit, ("DBInstanceIdentifier", [database_id]), PHASE)
    return state


def with_alarms(state: State, more: State) -> None:
    """Add alarms to those that stand."""
    for key, value in more.items():
        if key[0] == "alarm":
            state["cloudwatch", "describe_alarms"]["MetricAlarms"].append(value)
        else:
            state[key] = value


def records() -> State:
    """The latency records of both regions in the public zone, and their health checks."""

    def record(region: str, number: int) -> dict[str, Any]:
        target = {"HostedZoneId": "Z3", "DNSName": f"web.{region}.elb.example.", "EvaluateTargetHealth": True}
        return {
            "Name": f"{DOMAIN}.",
            "Type": "A",
            "SetIdentifier": region,
            "Region": region,
            "AliasTarget": target,
            "HealthCheckId": f"health-of-{number}",
        }

    state: State = {
        ("route53", "list_resource_record_sets", "Z2PUBLIC"): {
            "ResourceRecordSets": [record(REGION, 1), record(FAR, 2)],
            "IsTruncated": False,
            "MaxItems": "300",
        }
    }
    for number, region in enumerate((REGION, FAR), start=1):
        config = {
            "Type": "HTTP",
            "FullyQualifiedDomainName": f"web.{region}.elb.example",
            "ResourcePath": "/health",
        }
        check = {"Id": f"health-of-{number}", "CallerReference": "1", "HealthCheckVersion": 1}
        state["route53", "get_health_check", f"health-of-{number}"] = {
            "HealthCheck": {**check, "HealthCheckConfig": config}
        }
    return state


def home() -> State:
    """The home region: foundation and replicas, and what this phase adds."""
    state = platform()
    state |= {
        **shared("jobo-assets", "jobo-assets-far"),
        **peering(listed("peering", "network", PHASE)),
        **records(),
    }
    joined(state, FAR_BLOCK)
    state["elbv2", "describe_load_balancers"]["LoadBalancers"][0]["DNSName"] = f"web.{REGION}.elb.example"
    with_alarms(state, lag_and_load({"database-lag": LAG}, "jobo-primary"))
    return state


def far() -> State:
    """The other region: all that foundation makes, and a replica of its primary."""
    parts = (network(), security_groups(), application(), cache(), storage(), topics_and_logs(), alarms())
    state: State = {key: value for part in parts for key, value in part.items()}
    replica = database(
        "database",
        "foundation",
        ZONES[0],
        ReadReplicaSourceDBInstanceIdentifier="SOURCE",
        MultiAZ=True,
        BackupRetentionPeriod=7,
        DeletionProtection=True,
        DBParameterGroups=[{"DBParameterGroupName": "jobo-database"}],
    )
    limit = {"ParameterName": "max_connections", "ParameterValue": "400", "Source": "user"}
    state["rds", "describe_db_instances"] = {"DBInstances": [replica]}
    state["rds", "describe_db_parameters"] = {"Parameters": [limit]}
    names = {**WATCHED, "database-lag": LAG}
    with_alarms(state, lag_and_load(names, "jobo-database"))
    state = moved(state)
    state["rds", "describe_db_instances"]["DBInstances"][0]["ReadReplicaSourceDBInstanceIdentifier"] = PRIMARY
    state |= {
        **shared("jobo-assets-far", "jobo-assets"),
        **peering(listed("peering", "network", PHASE)),
    }
    joined(state, HOME_BLOCK)
    state["elbv2", "describe_load_balancers"]["LoadBalancers"][0]["DNSName"] = f"web.{FAR}.elb.example"
    return state


def with_aurora(state: State, region: str, *, writes: bool) -> State:
    """The state with an Aurora cluster of two instances in place of the region's RDS instance."""
    home = region == REGION
    zones = [zone.replace(REGION, region) for zone in ZONES]
    phase_tags = listed("database", "database", PHASE)
    clusters = {name: f"arn:aws:rds:{name}:{ACCOUNT}:cluster:jobo-database" for name in (REGION, FAR)}
    cluster = {
        "DBClusterIdentifier": "jobo-database",
        "DBClusterArn": clusters[region],
        "Status": "available",
        "StorageEncrypted": True,
        "KmsKeyId": FAR_KEY,
        "DeletionProtection": True,
        "BackupRetentionPeriod": 7,
        "DBClusterParameterGroup": "jobo-database",
        "TagList": phase_tags,
    }
    instances = [
        database(f"database-{number}", PHASE, zones[number - 1], DBInstanceClass="db.r7g.large")
        for number in (1, 2)
    ]
    members = [
        {"DBClusterArn": arn, "IsWriter": (name == REGION) == (home == writes)}
        for name, arn in clusters.items()
    ]
    globally = {"GlobalClusterIdentifier": "jobo-local-database", "GlobalClusterMembers": members}
    standing = state["rds", "describe_db_instances"]["DBInstances"] if home else []
    limit = {"ParameterName": "max_connections", "ParameterValue": "1802", "Source": "user"}
    return {
        **state,
        ("rds", "describe_db_instances"): {"DBInstances": [*standing, *instances]},
        ("rds", "describe_db_clusters"): {"DBClusters": [cluster]},
        ("rds", "describe_global_clusters"): {"GlobalClusters": [globally]},
        ("rds", "describe_db_cluster_parameters"): {"Parameters": [limit]},
    }


def aurora_home(*, writes: bool = True) -> State:
    """The home region with an Aurora global database, whose writer stands here or in the other region."""
    state = with_aurora(home(), REGION, writes=writes)
    state["ssm", "get_parameter"]["Parameter"]["Value"] = REGION if writes else FAR
    with_alarms(state, lag_and_load(WATCHED, "jobo-primary"))
    return state


def aurora_far(*, writes: bool = False) -> State:
    """The other region of the same."""
    state = with_aurora(far(), FAR, writes=writes)
    state["ssm", "get_parameter"]["Parameter"]["Value"] = FAR if writes else REGION
    return state
