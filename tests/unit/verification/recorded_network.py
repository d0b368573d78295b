"""The recorded platform: its network and its application tier, over three zones."""

from __future__ import annotations

import datetime
from typing import Any

from tests.unit.verification.recorded_aws import State
from tests.unit.verification.recorded_names import BALANCER, TARGETS, TIERS, ZONES, listed, settings

WHEN = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


def network() -> State:
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
        ("ec2", "describe_vpc_peering_connections"): {"VpcPeeringConnections": []},
        ("ec2", "describe_flow_logs"): {"FlowLogs": [{"FlowLogStatus": "ACTIVE", "TrafficType": "ALL"}]},
    }


def rule(port: int, **source: Any) -> dict[str, Any]:
    """A TCP rule of a security group."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **source}


def security_groups() -> State:
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


def application() -> State:
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
