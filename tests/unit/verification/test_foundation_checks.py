"""Each check of foundation holds on a platform in order; one changed property turns it, and it alone, red."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from palier.verification.model import CheckResult
from palier.verification.run import run_checks
from palier.verification.table import checks_of

from tests.unit.verification.recorded_aws import Recorded, State
from tests.unit.verification.recorded_names import BALANCER, ENVIRONMENT, settings, topic_arn
from tests.unit.verification.recorded_network import rule
from tests.unit.verification.recorded_platform import platform

Change = Callable[[State], Any]


def check(state: State) -> list[CheckResult]:
    """The results of foundation's checks on `state`."""
    return run_checks("foundation", {"foundation": settings()}, ENVIRONMENT, Recorded(state))


def red(results: list[CheckResult]) -> set[str]:
    """The checks that fail."""
    return {result.check for result in results if not result.ok}


def item(state: State, key: tuple[str, ...], listing: str, index: int = 0) -> Any:
    """One item of a recorded listing."""
    return state[key][listing][index]


def primary(state: State) -> Any:
    """The recorded RDS primary."""
    return item(state, ("rds", "describe_db_instances"), "DBInstances")


def group(state: State, name: str) -> Any:
    """A recorded security group."""
    groups = state["ec2", "describe_security_groups"]["SecurityGroups"]
    return next(each for each in groups if each["GroupId"] == f"sg-{name}")


def table(state: State, name: str) -> Any:
    """A recorded route table."""
    tables = state["ec2", "describe_route_tables"]["RouteTables"]
    return next(each for each in tables if each["RouteTableId"] == f"rtb-{name}")


def attribute(state: State, operation: str, key: str, value: str) -> None:
    """Set one recorded attribute of a load balancer or target group."""
    for each in state["elbv2", operation]["Attributes"]:
        if each["Key"] == key:
            each["Value"] = value


def autoscaling_group(state: State) -> Any:
    """The recorded Auto Scaling group."""
    return item(state, ("autoscaling", "describe_auto_scaling_groups"), "AutoScalingGroups")


def tracking(state: State) -> Any:
    """The recorded target tracking configuration."""
    return item(state, ("autoscaling", "describe_policies"), "ScalingPolicies")["TargetTrackingConfiguration"]


def cache(state: State) -> Any:
    """The recorded cache of sessions."""
    return item(state, ("elasticache", "describe_replication_groups"), "ReplicationGroups")


def alarm(state: State) -> Any:
    """The first recorded alarm: attention, response time."""
    return item(state, ("cloudwatch", "describe_alarms"), "MetricAlarms")


WORLD = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
BALANCER_ATTRIBUTES, TARGET_ATTRIBUTES = (
    "describe_load_balancer_attributes",
    "describe_target_group_attributes",
)
PARAMETERS = ("rds", "describe_db_parameters", "jobo-primary")
OUT = {"DestinationCidrBlock": "0.0.0.0/0"}

# (what was changed, the change, the one check that must notice)
CHANGES: list[tuple[str, Change, str]] = [
    (
        "the VPC has another block",
        lambda s: item(s, ("ec2", "describe_vpcs"), "Vpcs").update(CidrBlock="10.9.0.0/16"),
        "network.vpc",
    ),
    (
        "a subnet stands in the wrong zone",
        lambda s: item(s, ("ec2", "describe_subnets"), "Subnets", 2).update(AvailabilityZone="eu-west-3b"),
        "network.subnets",
    ),
    (
        "a data subnet has a way out",
        lambda s: table(s, "data-a")["Routes"].append({**OUT, "NatGatewayId": "nat-a"}),
        "network.data-isolated",
    ),
    (
        "a data subnet falls back to a main table with a way out",
        lambda s: (
            table(s, "data-b")["Associations"].clear(),
            table(s, "main")["Routes"].append({**OUT, "GatewayId": "igw-1"}),
        ),
        "network.data-isolated",
    ),
    (
        "a public subnet has no way out",
        lambda s: table(s, "public-c")["Routes"].pop(),
        "network.public-routes",
    ),
    (
        "a NAT gateway is not ready",
        lambda s: item(s, ("ec2", "describe_nat_gateways"), "NatGateways").update(State="pending"),
        "network.nat-gateways",
    ),
    (
        "a private subnet goes out by another zone's NAT",
        lambda s: table(s, "private-a")["Routes"][-1].update(NatGatewayId="nat-b"),
        "network.private-routes",
    ),
    (
        "a private subnet goes straight to the internet",
        lambda s: table(s, "private-a")["Routes"].__setitem__(-1, {**OUT, "GatewayId": "igw-1"}),
        "network.private-routes",
    ),
    (
        "only rejected traffic is logged",
        lambda s: item(s, ("ec2", "describe_flow_logs"), "FlowLogs").update(TrafficType="REJECT"),
        "network.flow-logs",
    ),
    (
        "the application is open to the world",
        lambda s: group(s, "application")["IpPermissions"].append(rule(22, **WORLD)),
        "security.open-to-world",
    ),
    (
        "the cache is open to half of the world",
        lambda s: group(s, "cache")["IpPermissions"].append(rule(6379, IpRanges=[{"CidrIp": "0.0.0.0/1"}])),
        "security.open-to-world",
    ),
    (
        "the cache is open to the world over IPv6",
        lambda s: group(s, "cache")["IpPermissions"].append(rule(6379, Ipv6Ranges=[{"CidrIpv6": "::/0"}])),
        "security.open-to-world",
    ),
    (
        "the cache's group reaches the database",
        lambda s: group(s, "database")["IpPermissions"].append(
            rule(5432, UserIdGroupPairs=[{"GroupId": "sg-cache"}])
        ),
        "security.database-source",
    ),
    (
        "the application reaches every port of the database",
        lambda s: group(s, "database")["IpPermissions"][0].update(FromPort=0, ToPort=65535),
        "security.database-source",
    ),
    (
        "the key does not rotate",
        lambda s: s["kms", "get_key_rotation_status"].update(KeyRotationEnabled=False),
        "security.keys",
    ),
    (
        "the key is disabled",
        lambda s: s["kms", "describe_key"]["KeyMetadata"].update(KeyState="Disabled"),
        "security.keys",
    ),
    (
        "the load balancer stands in one zone",
        lambda s: item(s, ("elbv2", "describe_load_balancers"), "LoadBalancers").update(
            AvailabilityZones=[{"ZoneName": "eu-west-3a"}]
        ),
        "application.load-balancer-zones",
    ),
    (
        "invalid headers pass",
        lambda s: attribute(
            s, BALANCER_ATTRIBUTES, "routing.http.drop_invalid_header_fields.enabled", "false"
        ),
        "application.load-balancer-headers",
    ),
    (
        "access logs are off",
        lambda s: attribute(s, BALANCER_ATTRIBUTES, "access_logs.s3.enabled", "false"),
        "application.load-balancer-logs",
    ),
    (
        "anybody may delete the load balancer",
        lambda s: attribute(s, BALANCER_ATTRIBUTES, "deletion_protection.enabled", "false"),
        "application.load-balancer-protected",
    ),
    (
        "the target group is sticky",
        lambda s: attribute(s, TARGET_ATTRIBUTES, "stickiness.enabled", "true"),
        "application.no-stickiness",
    ),
    (
        "the group may shrink to one",
        lambda s: autoscaling_group(s).update(MinSize=1),
        "application.group-size",
    ),
    (
        "the group stands beyond its bounds",
        lambda s: autoscaling_group(s).update(DesiredCapacity=10),
        "application.group-size",
    ),
    (
        "an instance may stand in a public subnet",
        lambda s: autoscaling_group(s).update(VPCZoneIdentifier="subnet-private-a,subnet-public-b"),
        "application.group-subnets",
    ),
    (
        "instance metadata takes requests without a token",
        lambda s: item(s, ("ec2", "describe_launch_template_versions"), "LaunchTemplateVersions")[
            "LaunchTemplateData"
        ].update(MetadataOptions={"HttpTokens": "optional"}),
        "application.metadata-tokens",
    ),
    (
        "the group aims elsewhere",
        lambda s: tracking(s).update(TargetValue=85.0),
        "application.target-tracking",
    ),
    (
        "the group follows something else",
        lambda s: tracking(s).update(
            PredefinedMetricSpecification={"PredefinedMetricType": "ASGAverageNetworkIn"}
        ),
        "application.target-tracking",
    ),
    ("the primary has no standby", lambda s: primary(s).update(MultiAZ=False), "database.multi-az"),
    ("the primary is smaller", lambda s: primary(s).update(DBInstanceClass="db.m6g.medium"), "database.size"),
    (
        "the primary is not encrypted",
        lambda s: primary(s).update(StorageEncrypted=False),
        "database.encrypted",
    ),
    (
        "the primary is encrypted by AWS's own key",
        lambda s: primary(s).update(KmsKeyId="arn:aws:kms:eu-west-3:123456789012:key/aws-rds"),
        "database.encrypted",
    ),
    ("the primary is public", lambda s: primary(s).update(PubliclyAccessible=True), "database.private"),
    ("backups are kept a day", lambda s: primary(s).update(BackupRetentionPeriod=1), "database.backups"),
    (
        "anybody may delete the primary",
        lambda s: primary(s).update(DeletionProtection=False),
        "database.deletion-protection",
    ),
    (
        "the password was given by hand",
        lambda s: s["secretsmanager", "list_secrets"]["SecretList"].clear(),
        "database.master-secret",
    ),
    (
        "RDS manages the password, and makes no replica",
        lambda s: primary(s).update(MasterUserSecret={"SecretStatus": "active"}),
        "database.master-secret",
    ),
    (
        "the secret holds nothing",
        lambda s: item(s, ("secretsmanager", "list_secrets"), "SecretList").pop("SecretVersionsToStages"),
        "database.master-secret",
    ),
    (
        "AWS's own key encrypts the secret",
        lambda s: item(s, ("secretsmanager", "list_secrets"), "SecretList").pop("KmsKeyId"),
        "database.master-secret",
    ),
    (
        "Performance Insights is off",
        lambda s: primary(s).update(PerformanceInsightsEnabled=False),
        "database.performance-insights",
    ),
    (
        "max_connections is another",
        lambda s: item(s, ("rds", "describe_db_parameters", "jobo-primary"), "Parameters").update(
            ParameterValue="4000"
        ),
        "database.max-connections",
    ),
    (
        "the primary may stand in a public subnet",
        lambda s: primary(s)["DBSubnetGroup"]["Subnets"][0].update(SubnetIdentifier="subnet-public-a"),
        "database.subnets",
    ),
    (
        "the cache's disk is in clear",
        lambda s: cache(s).update(AtRestEncryptionEnabled=False),
        "cache.encrypted",
    ),
    (
        "the cache speaks in clear",
        lambda s: cache(s).update(TransitEncryptionEnabled=False),
        "cache.encrypted",
    ),
    ("the cache stands in one zone", lambda s: cache(s).update(MultiAZ="disabled"), "cache.failover"),
    (
        "nobody takes over the cache",
        lambda s: cache(s).update(AutomaticFailover="disabled"),
        "cache.failover",
    ),
    (
        "a node of the cache is of another type",
        lambda s: item(s, ("elasticache", "describe_cache_clusters"), "CacheClusters").update(
            CacheNodeType="cache.t4g.micro"
        ),
        "cache.nodes",
    ),
    (
        "a bucket does not encrypt",
        lambda s: s.update(
            {("s3", "get_bucket_encryption", "jobo-assets"): "ServerSideEncryptionConfigurationNotFoundError"}
        ),
        "storage.encrypted",
    ),
    (
        "a bucket takes public policies",
        lambda s: s["s3", "get_public_access_block", "jobo-logs"]["PublicAccessBlockConfiguration"].update(
            BlockPublicPolicy=False
        ),
        "storage.private",
    ),
    (
        "a bucket has no public access block",
        lambda s: s.update(
            {("s3", "get_public_access_block", "jobo-logs"): "NoSuchPublicAccessBlockConfiguration"}
        ),
        "storage.private",
    ),
    (
        "a bucket keeps no versions any more",
        lambda s: s["s3", "get_bucket_versioning", "jobo-assets"].update(Status="Suspended"),
        "storage.versioned",
    ),
    (
        "access logs stay for ever",
        lambda s: s.update(
            {("s3", "get_bucket_lifecycle_configuration", "jobo-logs"): "NoSuchLifecycleConfiguration"}
        ),
        "storage.logs-expire",
    ),
    (
        "the rule that expires access logs is switched off",
        lambda s: item(s, ("s3", "get_bucket_lifecycle_configuration", "jobo-logs"), "Rules").update(
            Status="Disabled"
        ),
        "storage.logs-expire",
    ),
    (
        "the load balancer names no cost center",
        lambda s: s.update(
            {("elbv2", "describe_tags"): without_tag(s["elbv2", "describe_tags"], "cost-center")}
        ),
        "cost.tags",
    ),
    (
        "a topic is not encrypted",
        lambda s: s["sns", "get_topic_attributes", topic_arn("critical")].update(Attributes={}),
        "observability.topics",
    ),
    ("an alarm has another threshold", lambda s: alarm(s).update(Threshold=3.0), "observability.alarms"),
    (
        "an alarm looks the other way",
        lambda s: alarm(s).update(ComparisonOperator="LessThanThreshold"),
        "observability.alarms",
    ),
    (
        "an alarm watches a load balancer that is gone",
        lambda s: alarm(s)["Dimensions"][0].update(Value="app/web/0"),
        "observability.alarm-subjects",
    ),
    (
        "an alarm tells the other level's topic",
        lambda s: alarm(s).update(AlarmActions=[topic_arn("critical")]),
        "observability.alarm-actions",
    ),
    (
        "an alarm's actions are switched off",
        lambda s: alarm(s).update(ActionsEnabled=False),
        "observability.alarm-actions",
    ),
    (
        "the dashboard is gone",
        lambda s: s["cloudwatch", "list_dashboards"]["DashboardEntries"].clear(),
        "observability.dashboard",
    ),
    (
        "logs are kept for ever",
        lambda s: item(s, ("logs", "describe_log_groups"), "logGroups").pop("retentionInDays"),
        "observability.log-retention",
    ),
]


def without_tag(answer: Any, key: str) -> Any:
    """A recorded answer of tags by ARN, without one of the load balancer's tags."""

    def changed(request: Any) -> Any:
        found = answer(request)
        for each in found["TagDescriptions"]:
            if each["ResourceArn"] == BALANCER:
                each["Tags"] = [tag for tag in each["Tags"] if tag["Key"] != key]
        return found

    return changed


def test_a_platform_in_order_passes_every_check() -> None:
    results = check(platform())
    assert [result for result in results if not result.ok] == []
    assert {result.check for result in results} == {each.id for each in checks_of("foundation")}


@pytest.mark.parametrize(("change", "noticed"), [pytest.param(c, n, id=w) for w, c, n in CHANGES])
def test_one_change_turns_one_check_red(change: Change, noticed: str) -> None:
    state = platform()
    change(state)
    results = check(state)
    assert red(results) == {noticed}
    assert all(result.actual != result.expected and result.advice for result in results if not result.ok)


def test_every_check_of_foundation_is_seen_to_fail() -> None:
    assert {noticed for _, _, noticed in CHANGES} == {each.id for each in checks_of("foundation")}
