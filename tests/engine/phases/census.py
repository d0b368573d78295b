"""Everything that stands in a local cloud, asked through the AWS API, under names that no run changes.

What has tags is known by `palier:name`; what has none (routes, associations, rules, policies, records,
attachments) by what it joins. Two local clouds that were brought up from the same settings have the same
census, each entry once: so one that was interrupted can be held against one that was not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Client = Callable[[str], Any]
Thing = Mapping[str, Any]
# What the engine adds to a name that the program leaves open.
_RANDOM = re.compile(r"-[0-9a-f]{7}(?=$|\b)")

# Service, operation, key of the list, and the key by whose value a thing is known: "" is its tag palier:name.
LISTED: tuple[tuple[str, str, str, str], ...] = (
    ("ec2", "describe_vpcs", "Vpcs", ""),
    ("ec2", "describe_subnets", "Subnets", ""),
    ("ec2", "describe_route_tables", "RouteTables", ""),
    ("ec2", "describe_internet_gateways", "InternetGateways", ""),
    ("ec2", "describe_nat_gateways", "NatGateways", ""),
    ("ec2", "describe_addresses", "Addresses", ""),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", ""),
    ("ec2", "describe_security_groups", "SecurityGroups", ""),
    ("ec2", "describe_security_group_rules", "SecurityGroupRules", ""),
    ("ec2", "describe_flow_logs", "FlowLogs", ""),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName"),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
    ("autoscaling", "describe_policies", "ScalingPolicies", "PolicyName"),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    ("rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName"),
    ("rds", "describe_db_proxies", "DBProxies", "DBProxyName"),
    ("elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
    ("elasticache", "describe_cache_clusters", "CacheClusters", "CacheClusterId"),
    ("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups", "CacheSubnetGroupName"),
    ("elasticache", "describe_cache_parameter_groups", "CacheParameterGroups", "CacheParameterGroupName"),
    ("sns", "list_subscriptions", "Subscriptions", "Endpoint"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("ssm", "describe_parameters", "Parameters", "Name"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("route53", "list_health_checks", "HealthChecks", "Id"),
)
GONE = ("deleted", "deleting", "terminated", "shutting-down")


def census(client: Client) -> Counter[str]:
    """What stands: a description that stays the same from run to run -> how often it is there."""
    found: Counter[str] = Counter()
    for service, operation, key, known_by in LISTED:
        for thing in _pages(client(service), operation, key):
            if thing.get("State") in GONE or thing.get("Status") in GONE:
                continue
            name = _tagged(thing) if known_by == "" else _stable(str(thing.get(known_by)))
            if name and not name.startswith("default"):
                # Two health checks differ in nothing but their ids: they are counted.
                found[f"{service} {key} {'' if known_by == 'Id' else name}"] += 1
    for part in (_routes, _elb, _roles, _keys, _buckets, _records, _proxy_targets):
        found.update(part(client))
    return found


def _pages(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Thing]:
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page[key]
    else:
        yield from getattr(client, operation)(**arguments)[key]


def _stable(name: str) -> str:
    return _RANDOM.sub("", name)


def _tagged(thing: Thing) -> str:
    return next((tag["Value"] for tag in thing.get("Tags", ()) if tag["Key"] == "palier:name"), "")


def _routes(client: Client) -> Iterator[str]:
    for table in _pages(client("ec2"), "describe_route_tables", "RouteTables"):
        if name := _tagged(table):
            yield from (f"route of {name}: {_destination(route)}" for route in table["Routes"])
            yield from (f"association with {name}" for _ in table["Associations"])


def _destination(route: Thing) -> str:
    where = route.get("DestinationCidrBlock") or "prefix list"
    ways = ("NatGatewayId", "GatewayId", "NetworkInterfaceId")
    return f"{where} through {next((way for way in ways if route.get(way)), 'nothing')}"


def _elb(client: Client) -> Iterator[str]:
    balancing = client("elbv2")
    for balancer in _pages(balancing, "describe_load_balancers", "LoadBalancers"):
        listeners = _pages(
            balancing, "describe_listeners", "Listeners", LoadBalancerArn=balancer["LoadBalancerArn"]
        )
        yield from (f"listener on {listener['Port']}" for listener in listeners)
    for group in _pages(client("autoscaling"), "describe_auto_scaling_groups", "AutoScalingGroups"):
        yield from (
            f"target group attached to {_stable(group['AutoScalingGroupName'])}"
            for _ in group["TargetGroupARNs"]
        )
        yield from (f"instance of {_stable(group['AutoScalingGroupName'])}" for _ in group["Instances"])


def _roles(client: Client) -> Iterator[str]:
    iam = client("iam")
    for role in _pages(iam, "list_roles", "Roles"):
        if role["Path"].startswith("/aws-service-role/"):
            continue
        name = _stable(role["RoleName"])
        yield f"role {name}"
        attached = _pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=role["RoleName"])
        yield from (f"policy {policy['PolicyName']} attached to {name}" for policy in attached)
        inline = _pages(iam, "list_role_policies", "PolicyNames", RoleName=role["RoleName"])
        yield from (f"policy {_stable(str(policy))} of {name}" for policy in inline)


def _keys(client: Client) -> Iterator[str]:
    kms = client("kms")
    for key in _pages(kms, "list_keys", "Keys"):
        told = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if told["KeyManager"] == "CUSTOMER" and told["KeyState"] == "Enabled":
            yield f"key {told['Description']}"
            aliases = _pages(kms, "list_aliases", "Aliases", KeyId=key["KeyId"])
            yield from (f"alias {_stable(alias['AliasName'])}" for alias in aliases)


def _buckets(client: Client) -> Iterator[str]:
    s3 = client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        name = _stable(bucket["Name"])
        yield f"bucket {name}"
        yield f"policy of bucket {name}: {len(s3.get_bucket_policy(Bucket=bucket['Name'])['Policy']) > 0}"
        yield f"versioning of {name}: {s3.get_bucket_versioning(Bucket=bucket['Name']).get('Status')}"
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket["Name"])["Rules"]
        yield from (f"lifecycle of {name}: {rule['ID']}" for rule in rules)


def _records(client: Client) -> Iterator[str]:
    route53 = client("route53")
    for zone in _pages(route53, "list_hosted_zones", "HostedZones"):
        yield f"zone {zone['Name']}"
        for record in _pages(
            route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"]
        ):
            yield f"record {record['Name']} {record['Type']} {record.get('SetIdentifier', '')}"


def _proxy_targets(client: Client) -> Iterator[str]:
    rds = client("rds")
    for proxy in _pages(rds, "describe_db_proxies", "DBProxies"):
        targets = _pages(rds, "describe_db_proxy_targets", "Targets", DBProxyName=proxy["DBProxyName"])
        yield from (f"target of the proxy: {target['RdsResourceId']}" for target in targets)
