"""Build the things that the tests of the emulator look at; works on moto as it is and on the emulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# A service, and a region where it is not the usual one.
Clients = Callable[..., Any]
TAGS = [{"Key": "palier:phase", "Value": "foundation"}]


@dataclass
class Network:
    """A VPC with a subnet in each of three zones and a security group."""

    vpc: str
    subnets: list[str]
    group: str


def network(clients: Clients) -> Network:
    """Make one."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-3{zone}")
        for number, zone in enumerate("abc")
    ]
    group = ec2.create_security_group(GroupName="data", Description="data", VpcId=vpc)["GroupId"]
    return Network(vpc, [subnet["Subnet"]["SubnetId"] for subnet in subnets], group)


def database(clients: Clients, name: str = "primary", **changes: Any) -> dict[str, Any]:
    """Make a primary on a subnet group and parameter group of its own; returns it as described."""
    net = network(clients)
    rds = clients("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName="data", DBSubnetGroupDescription="data", SubnetIds=net.subnets
    )
    rds.create_db_parameter_group(
        DBParameterGroupName="primary", DBParameterGroupFamily="postgres16", Description="primary"
    )
    wanted: dict[str, Any] = {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.m6g.large",
        "Engine": "postgres",
        "EngineVersion": "16.4",
        "AllocatedStorage": 100,
        "MasterUsername": "jobo",
        "MasterUserPassword": "not-a-secret",
        "DBSubnetGroupName": "data",
        "DBParameterGroupName": "primary",
        "VpcSecurityGroupIds": [net.group],
        "BackupRetentionPeriod": 7,
        "AvailabilityZone": "eu-west-3a",
    }
    if changes.get("ManageMasterUserPassword"):
        del wanted["MasterUserPassword"]
    rds.create_db_instance(**(wanted | changes))
    return described(rds, name)


def described(rds: Any, name: str) -> dict[str, Any]:
    """One DB instance."""
    found: dict[str, Any] = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return found


def replica(rds: Any, name: str, source: str = "primary", **settings: Any) -> dict[str, Any]:
    """Make a replica; returns it as described."""
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier=name, SourceDBInstanceIdentifier=source, **settings
    )
    return described(rds, name)


def cache(clients: Clients, count: int = 3, **settings: Any) -> dict[str, Any]:
    """Make a replication group of `count` members over three zones; returns it as described."""
    net = network(clients)
    elasticache = clients("elasticache")
    elasticache.create_cache_subnet_group(
        CacheSubnetGroupName="cache", CacheSubnetGroupDescription="cache", SubnetIds=net.subnets
    )
    elasticache.create_replication_group(
        ReplicationGroupId="sessions",
        ReplicationGroupDescription="sessions",
        NumCacheClusters=count,
        CacheNodeType="cache.t4g.small",
        Engine="redis",
        CacheSubnetGroupName="cache",
        SecurityGroupIds=[net.group],
        **settings,
    )
    found: dict[str, Any] = elasticache.describe_replication_groups()["ReplicationGroups"][0]
    return found
