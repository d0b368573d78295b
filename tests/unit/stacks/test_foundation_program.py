"""What the foundation program makes, as an AWS expert would ask it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from ipaddress import IPv4Network
from typing import Any

import pytest
from palier.capacity.thresholds import ORGANISATIONAL, TECHNICAL, threshold

from tests.unit.stacks.conftest import Config, build_foundation, changed
from tests.unit.stacks.mocked import Recorder, Registered

Run = tuple[Recorder, dict[str, Any]]

# Types that AWS cannot tag, or that the provider does not let one tag.
UNTAGGABLE = {
    "autoscaling/policy:Policy",
    "cloudwatch/dashboard:Dashboard",
    "ec2/route:Route",
    "ec2/routeTableAssociation:RouteTableAssociation",
    "iam/rolePolicy:RolePolicy",
    "iam/rolePolicyAttachment:RolePolicyAttachment",
    "kms/alias:Alias",
    "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    "rds/proxyTarget:ProxyTarget",
    "secretsmanager/secretVersion:SecretVersion",
    "route53/record:Record",
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "s3/bucketOwnershipControls:BucketOwnershipControls",
    "s3/bucketPolicy:BucketPolicy",
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "s3/bucketVersioning:BucketVersioning",
    "sns/topicPolicy:TopicPolicy",
    "sns/topicSubscription:TopicSubscription",
}
# Inputs whose keys are the user's own words, not property names.
FREE_KEYS = {"tags", "dimensions"}


def tags_of(resource: Registered) -> dict[str, str]:
    """Tags as a mapping, whichever of the two ways the type has them."""
    tags = resource.inputs.get("tags", {})
    if isinstance(tags, list):
        return {tag["key"]: tag["value"] for tag in tags}
    return dict(tags)


def aws(run: Run) -> list[Registered]:
    """The AWS resources of a run, without components."""
    return [resource for resource in run[0].resources if resource.type.startswith("aws:")]


def statements(document: str) -> list[dict[str, Any]]:
    """Statements of a policy document."""
    found: list[dict[str, Any]] = json.loads(document)["Statement"]
    return found


@pytest.mark.parametrize("phase", ["foundation", "replicas"])
def test_everything_that_can_be_tagged_says_whose_it_is(phase: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(phase)
    for resource in aws(run):
        if resource.type.removeprefix("aws:") in UNTAGGABLE:
            assert "tags" not in resource.inputs, resource
            continue
        tags = tags_of(resource)
        assert tags["palier:platform"] == "jobo", resource
        assert tags["palier:phase"] == phase
        assert tags["palier:environment"] == "local"
        assert tags["palier:component"] in {
            "network",
            "security",
            "application",
            "database",
            "cache",
            "storage",
            "observability",
            "dns",
        }
        assert tags["palier:name"] == resource.name
        assert (tags["cost-center"], tags["owner"]) == ("platform", "platform-team")
        assert tags["Name"] == f"jobo-local-{resource.name}"


@pytest.mark.parametrize("phase", ["foundation", "replicas"])
def test_every_property_has_a_name_that_the_provider_knows(
    phase: str, request: pytest.FixtureRequest
) -> None:
    def walk(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for key, inner in value.items():
                assert "_" not in key, f"{key} was not turned into a property name of the provider"
                if key not in FREE_KEYS:
                    walk(inner)

    run: Run = request.getfixturevalue(phase)
    for resource in aws(run):
        walk(resource.inputs)


def test_the_rehearsal_is_of_sixty_resources_and_more(foundation: Run, replicas: Run) -> None:
    assert len(aws(foundation)) + len(aws(replicas)) >= 60


def test_names_are_told_apart_within_a_type(foundation: Run) -> None:
    seen = [(resource.type, resource.name) for resource in foundation[0].resources]

    assert len(seen) == len(set(seen))


def test_a_subnet_of_each_tier_stands_in_each_zone_and_gives_no_public_address(foundation: Run) -> None:
    subnets = foundation[0].of("ec2.Subnet")

    assert {(tags_of(s)["palier:tier"], s.inputs["availabilityZone"]) for s in subnets} == {
        (tier, f"eu-west-3{letter}") for tier in ("public", "private", "data") for letter in "abc"
    }
    assert not any(subnet.inputs["mapPublicIpOnLaunch"] for subnet in subnets)
    assert all(IPv4Network(s.inputs["cidrBlock"]).subnet_of(IPv4Network("10.20.0.0/16")) for s in subnets)


def test_each_zone_has_a_nat_gateway_of_its_own_by_default(foundation: Run) -> None:
    recorder, _ = foundation
    routes = {
        r.name: r.inputs["natGatewayId"] for r in recorder.of("ec2.Route") if "natGatewayId" in r.inputs
    }

    assert len(recorder.of("ec2.NatGateway")) == len(recorder.of("ec2.Eip")) == 3
    assert routes == {f"private-{letter}-nat": f"nat-{letter}-id" for letter in "abc"}


def test_a_single_nat_gateway_serves_every_zone_by_setting(foundation_config: Config) -> None:
    recorder, _ = build_foundation(changed(foundation_config, network={"nat_gateways": "single"}))
    routes = [r.inputs["natGatewayId"] for r in recorder.of("ec2.Route") if "natGatewayId" in r.inputs]

    assert [nat.name for nat in recorder.of("ec2.NatGateway")] == ["nat-a"]
    assert routes == ["nat-a-id"] * 3


def test_nothing_leads_out_of_the_data_subnets(foundation: Run) -> None:
    recorder, _ = foundation
    tables = {
        a.inputs["routeTableId"]
        for a in recorder.of("ec2.RouteTableAssociation")
        if a.inputs["subnetId"].startswith("data-")
    }

    assert tables == {"data-id"}
    assert not [route for route in recorder.of("ec2.Route") if route.inputs["routeTableId"] in tables]


def test_flow_logs_of_the_whole_vpc_go_to_an_encrypted_log_group(foundation: Run) -> None:
    recorder, _ = foundation
    (flow_log,) = recorder.of("ec2.FlowLog")
    group = recorder.named("cloudwatch.LogGroup", "flow-logs")

    assert (flow_log.inputs["trafficType"], flow_log.inputs["vpcId"]) == ("ALL", "vpc-id")
    assert group.inputs["kmsKeyId"].endswith(":operations")
    assert group.inputs["retentionInDays"] == 7


def test_only_the_load_balancer_can_be_reached_from_the_internet(foundation: Run) -> None:
    recorder, _ = foundation
    open_rules = [
        rule
        for rule in recorder.of("vpc.SecurityGroupIngressRule")
        if rule.inputs.get("cidrIpv4") is not None
    ]

    assert [(rule.inputs["securityGroupId"], rule.inputs["fromPort"]) for rule in open_rules] == [
        ("load-balancer-id", 80)
    ]


def test_traffic_goes_from_balancer_to_application_to_data_and_no_other_way(foundation: Run) -> None:
    recorder, _ = foundation
    inward = {
        (rule.inputs["referencedSecurityGroupId"], rule.inputs["securityGroupId"], rule.inputs["fromPort"])
        for rule in recorder.of("vpc.SecurityGroupIngressRule")
        if "referencedSecurityGroupId" in rule.inputs
    }
    outward = {
        (
            rule.inputs["securityGroupId"],
            rule.inputs.get("referencedSecurityGroupId", rule.inputs.get("cidrIpv4")),
            rule.inputs["toPort"],
        )
        for rule in recorder.of("vpc.SecurityGroupEgressRule")
    }

    between = {
        ("load-balancer-id", "application-id", 80),
        ("application-id", "database-id", 5432),
        ("application-id", "cache-id", 6379),
    }
    assert inward == between
    assert outward == between | {("application-id", "0.0.0.0/0", 443)}
    assert not any({"ingress", "egress"} & set(group.inputs) for group in recorder.of("ec2.SecurityGroup"))


@pytest.mark.parametrize("phase", ["foundation", "replicas"])
def test_no_database_can_be_reached_from_outside_and_all_are_encrypted(
    phase: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(phase)
    instances = run[0].of("rds.Instance")

    assert instances
    for instance in instances:
        assert instance.inputs["publiclyAccessible"] is False
        assert instance.inputs["storageEncrypted"] is True
        assert instance.inputs["performanceInsightsEnabled"] is True
        assert instance.inputs["copyTagsToSnapshot"] is True
        assert instance.inputs["monitoringInterval"] == 60


def test_the_primary_survives_the_loss_of_a_zone_and_nobody_knows_its_password(foundation: Run) -> None:
    primary = foundation[0].named("rds.Instance", "primary").inputs

    assert primary["multiAz"] is True
    assert primary["backupRetentionPeriod"] == 7
    assert primary["kmsKeyId"].endswith(":data")
    assert primary["iamDatabaseAuthenticationEnabled"] is True
    assert primary["identifier"] == "jobo-local-primary"


def test_the_master_password_is_in_a_secret_of_the_platforms_own(foundation: Run) -> None:
    recorder, exported = foundation
    primary = recorder.named("rds.Instance", "primary").inputs
    secret = recorder.named("secretsmanager.Secret", "primary-master").inputs
    held = json.loads(
        recorder.named("secretsmanager.SecretVersion", "primary-master-1").inputs["secretString"]
    )

    assert "manageMasterUserPassword" not in primary, "RDS makes no replica of such an instance"
    assert held == {"username": primary["username"], "password": primary["password"]}
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", held["password"])
    assert secret["name"] == "jobo-local-primary-master"
    assert secret["kmsKeyId"] == primary["kmsKeyId"]
    assert held["password"] not in json.dumps(exported)


def test_another_generation_of_the_master_password_is_another_version_of_the_same_secret(
    foundation_config: Config,
) -> None:
    config = changed(foundation_config, database={"master_password_generation": 2})
    recorder, _ = build_foundation(config)

    assert [each.name for each in recorder.of("secretsmanager.Secret")] == ["primary-master"]
    assert [each.name for each in recorder.of("secretsmanager.SecretVersion")] == ["primary-master-2"]


def test_final_snapshot_and_deletion_protection_are_on_unless_set_otherwise(
    foundation_config: Config,
) -> None:
    database = {
        key: value
        for key, value in foundation_config["foundation:database"].items()
        if key not in ("final_snapshot", "deletion_protection")
    }
    recorder, _ = build_foundation({**foundation_config, "foundation:database": database})
    primary = recorder.named("rds.Instance", "primary").inputs

    assert primary["deletionProtection"] is True
    assert primary["skipFinalSnapshot"] is False
    assert primary["finalSnapshotIdentifier"] == "jobo-local-primary-final"
    assert primary["deleteAutomatedBackups"] is False


def test_static_parameters_wait_for_a_reboot_and_the_others_do_not(foundation: Run) -> None:
    group = foundation[0].named("rds.ParameterGroup", "primary").inputs
    methods = {entry["name"]: entry["applyMethod"] for entry in group["parameters"]}
    values = {entry["name"]: entry["value"] for entry in group["parameters"]}

    assert group["family"] == "postgres17"
    assert methods.pop("max_connections") == methods.pop("shared_preload_libraries") == "pending-reboot"
    assert set(methods.values()) == {"immediate"}
    assert (values["rds.force_ssl"], values["max_connections"]) == ("1", "450")


def test_logs_of_the_primary_are_kept_by_groups_of_ours(foundation: Run) -> None:
    recorder, _ = foundation
    names = {group.inputs["name"] for group in recorder.of("cloudwatch.LogGroup")}
    exports = recorder.named("rds.Instance", "primary").inputs["enabledCloudwatchLogsExports"]

    assert {f"/aws/rds/instance/jobo-local-primary/{kind}" for kind in exports} < names
    assert all("kmsKeyId" in group.inputs for group in recorder.of("cloudwatch.LogGroup"))


def test_both_caches_fail_over_and_speak_tls_and_forget_each_in_its_way(foundation: Run) -> None:
    recorder, _ = foundation
    for group in recorder.of("elasticache.ReplicationGroup"):
        assert group.inputs["multiAzEnabled"] is group.inputs["automaticFailoverEnabled"] is True
        assert group.inputs["transitEncryptionEnabled"] is group.inputs["atRestEncryptionEnabled"] is True
        assert group.inputs["numCacheClusters"] == 2
    policies = {group.name: group.inputs["parameters"] for group in recorder.of("elasticache.ParameterGroup")}
    assert policies == {
        "sessions": [{"name": "maxmemory-policy", "value": "volatile-ttl"}],
        "shared": [{"name": "maxmemory-policy", "value": "allkeys-lru"}],
    }


def test_no_session_sticks_to_an_instance(foundation: Run) -> None:
    recorder, _ = foundation
    (target_group,) = recorder.of("lb.TargetGroup")

    assert "stickiness" not in target_group.inputs
    for listener in recorder.of("lb.Listener"):
        assert all("forward" not in action for action in listener.inputs["defaultActions"])


def test_instances_keep_no_address_no_open_metadata_and_no_plain_disk(foundation: Run) -> None:
    (template,) = foundation[0].of("ec2.LaunchTemplate")

    assert template.inputs["metadataOptions"]["httpTokens"] == "required"
    (interface,) = template.inputs["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    assert all(disk["ebs"]["encrypted"] == "true" for disk in template.inputs["blockDeviceMappings"])
    assert template.inputs["imageId"].startswith("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023")
    assert "keyName" not in template.inputs


def test_the_start_script_is_sound_and_ships_logs_and_metrics(foundation: Run) -> None:
    (template,) = foundation[0].of("ec2.LaunchTemplate")
    script = base64.b64decode(template.inputs["userData"]).decode()

    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    assert "ssm:/jobo/local/agent/cloudwatch" in script
    assert "awslogs-group='/jobo/local/application'" in script
    assert "--path '/jobo/local/application'" in script
    assert "${name##*/}" in script, "each variable is named by the last part of its parameter"
    assert "tag='{{.ID}}'" in script


def test_the_agent_sums_memory_up_by_group_because_the_alarm_watches_the_group(foundation: Run) -> None:
    parameter = foundation[0].named("ssm.Parameter", "cloudwatch-agent")
    metrics = json.loads(parameter.inputs["value"])["metrics"]
    alarm = foundation[0].named("cloudwatch.MetricAlarm", "application-memory-critical").inputs

    assert metrics["aggregation_dimensions"] == [list(alarm["dimensions"])]
    assert metrics["namespace"] == alarm["namespace"]
    assert metrics["metrics_collected"]["mem"]["measurement"] == [alarm["metricName"]]


def test_scaling_moves_the_desired_capacity_and_replaces_instances_by_turns(foundation: Run) -> None:
    recorder, _ = foundation
    (group,), (policy,) = recorder.of("autoscaling.Group"), recorder.of("autoscaling.Policy")

    assert group.inputs["healthCheckType"] == "ELB"
    assert group.inputs["instanceRefresh"]["strategy"] == "Rolling"
    assert all(tag["propagateAtLaunch"] for tag in group.inputs["tags"])
    tracking = policy.inputs["targetTrackingConfiguration"]
    assert tracking["predefinedMetricSpecification"]["predefinedMetricType"] == "ASGAverageCPUUtilization"
    assert tracking["targetValue"] < threshold("cpu_utilization").attention


def test_requests_per_instance_are_tracked_too_by_setting(foundation_config: Config) -> None:
    recorder, _ = build_foundation(
        changed(foundation_config, application={"target_requests_per_minute": 600})
    )
    tracking = recorder.named("autoscaling.Policy", "application-requests").inputs[
        "targetTrackingConfiguration"
    ]

    assert tracking["targetValue"] == 600
    assert tracking["predefinedMetricSpecification"] == {
        "predefinedMetricType": "ALBRequestCountPerTarget",
        "resourceLabel": "lb/application/1234/lb/application/1234",
    }


def test_a_certificate_brings_https_and_sends_plain_http_there(foundation_config: Config) -> None:
    arn = "arn:aws:acm:eu-west-3:123456789012:certificate/12ab-34cd"
    recorder, outputs = build_foundation(changed(foundation_config, application={"certificate_arn": arn}))
    listeners = {listener.inputs["port"]: listener.inputs for listener in recorder.of("lb.Listener")}

    assert listeners[80]["defaultActions"][0]["redirect"]["statusCode"] == "HTTP_301"
    assert listeners[443]["certificateArn"] == arn
    assert listeners[443]["sslPolicy"].startswith("ELBSecurityPolicy-TLS13")
    assert outputs["url"].startswith("https://")
    opened = {
        rule.inputs["fromPort"]
        for rule in recorder.of("vpc.SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"] == "load-balancer-id"
    }
    assert opened == {80, 443}


def test_the_load_balancer_may_write_its_logs_and_nobody_may_speak_plain_http(foundation: Run) -> None:
    recorder, _ = foundation
    (balancer,) = recorder.of("lb.LoadBalancer")
    policies = {
        policy.name: {statement["Sid"]: statement for statement in statements(policy.inputs["policy"])}
        for policy in recorder.of("s3.BucketPolicy")
    }

    assert balancer.inputs["accessLogs"]["enabled"] is True
    assert balancer.inputs["dropInvalidHeaderFields"] is True
    delivery = policies["logs"]["LoadBalancerAccessLogs"]
    prefix = balancer.inputs["accessLogs"]["prefix"]
    assert delivery["Resource"].endswith(f"/{prefix}/AWSLogs/123456789012/*")
    assert all("DenyPlainHttp" in policy for policy in policies.values())


def test_buckets_are_closed_encrypted_and_forget_in_time(foundation: Run) -> None:
    recorder, _ = foundation
    for wall in recorder.of("s3.BucketPublicAccessBlock"):
        assert all(value is True for key, value in wall.inputs.items() if key != "bucket")
    algorithms = {
        entry.name: entry.inputs["rules"][0]["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
        for entry in recorder.of("s3.BucketServerSideEncryptionConfiguration")
    }
    assert algorithms == {"assets": "aws:kms", "logs": "AES256"}
    assert len(recorder.of("s3.BucketLifecycleConfiguration")) == 2


def test_keys_rotate_and_the_services_that_need_one_may_use_it(foundation: Run) -> None:
    recorder, _ = foundation
    assert all(key.inputs["enableKeyRotation"] is True for key in recorder.of("kms.Key"))
    services = {
        key.name: {
            statement["Principal"]["Service"]
            for statement in statements(key.inputs["policy"])
            if "Service" in statement["Principal"]
        }
        for key in recorder.of("kms.Key")
    }
    assert services == {
        "data": {"cloudfront.amazonaws.com"},
        "operations": {"logs.eu-west-3.amazonaws.com", "cloudwatch.amazonaws.com"},
    }


def test_no_policy_of_the_instances_allows_everything(foundation: Run) -> None:
    policy = foundation[0].named("iam.RolePolicy", "application").inputs["policy"]
    anywhere = {statement["Sid"] for statement in statements(policy) if statement["Resource"] == "*"}

    assert not any("*" in action for statement in statements(policy) for action in statement["Action"])
    assert anywhere == {"ShipMetrics", "FindOwnGroup"}, "the two that AWS lets be no narrower"


def test_every_technical_threshold_has_an_alarm_at_both_levels_that_tells_the_right_topic(
    foundation: Run,
) -> None:
    alarms = foundation[0].of("cloudwatch.MetricAlarm")
    for row in TECHNICAL:
        for level, limit in (("attention", row.attention), ("critical", row.critical)):
            found = [
                alarm.inputs
                for alarm in alarms
                if (tags_of(alarm)["palier:metric"], tags_of(alarm)["palier:level"]) == (row.metric, level)
            ]
            assert found, f"{row.metric} at {level}"
            for alarm in found:
                assert alarm["threshold"] == limit
                assert alarm["comparisonOperator"] == "GreaterThanThreshold"
                assert [arn.rsplit(":", 1)[-1] for arn in alarm["alarmActions"]] == [level]
                assert row.action in alarm["alarmDescription"]


def test_every_tier_is_watched_for_cpu_and_memory(foundation: Run) -> None:
    watched = {
        (tags_of(alarm)["palier:component"], tags_of(alarm)["palier:metric"])
        for alarm in foundation[0].of("cloudwatch.MetricAlarm")
    }

    assert watched == {
        ("application", "response_time_p95"),
        ("application", "error_rate"),
        ("application", "cpu_utilization"),
        ("application", "memory_usage"),
        ("database", "cpu_utilization"),
        ("database", "memory_usage"),
        ("database", "database_connections"),
        ("cache", "cpu_utilization"),
        ("cache", "memory_usage"),
    }


def test_the_response_time_alarm_reads_the_95th_percentile_in_seconds(foundation: Run) -> None:
    alarm = foundation[0].named("cloudwatch.MetricAlarm", "response-time-critical").inputs

    assert (alarm["extendedStatistic"], alarm["metricName"]) == ("p95", "TargetResponseTime")
    assert alarm["threshold"] == 5.0
    assert alarm["treatMissingData"] == "notBreaching"


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("error-rate", "100 * (FILL(target, 0) + FILL(balancer, 0)) / requests"),
        ("primary-memory", f"100 * (1 - free / {4 * 1024**3})"),
        ("primary-connections", "100 * open / 450"),
        ("sessions-cpu", "MAX([node1, node2])"),
    ],
)
def test_what_cloudwatch_does_not_report_is_worked_out(foundation: Run, name: str, expression: str) -> None:
    alarm = foundation[0].named("cloudwatch.MetricAlarm", f"{name}-attention").inputs
    returned = [query for query in alarm["metricQueries"] if query["returnData"]]

    assert [query["expression"] for query in returned] == [expression]
    assert all(query["id"] in expression for query in alarm["metricQueries"] if query not in returned)


def test_the_dashboard_draws_the_thresholds_and_says_what_aws_cannot_see(foundation: Run) -> None:
    (dashboard,) = foundation[0].of("cloudwatch.Dashboard")
    widgets = json.loads(dashboard.inputs["dashboardBody"])["widgets"]
    graphs, (text,) = widgets[:-1], [widget for widget in widgets if widget["type"] == "text"]

    drawn = {
        tuple(mark["value"] for mark in graph["properties"]["annotations"]["horizontal"]) for graph in graphs
    }
    assert drawn == {(row.attention, row.critical) for row in TECHNICAL}
    assert all(row.metric.replace("_", " ") in text["properties"]["markdown"] for row in ORGANISATIONAL)
    places = [(widget["x"], widget["y"]) for widget in widgets]
    assert len(places) == len(set(places))


def test_only_this_accounts_alarms_may_publish_and_addresses_are_told(foundation: Run) -> None:
    recorder, _ = foundation
    for policy in recorder.of("sns.TopicPolicy"):
        (statement,) = statements(policy.inputs["policy"])
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert {(entry.name, entry.inputs["endpoint"]) for entry in recorder.of("sns.TopicSubscription")} == {
        ("attention-platform@jobo.example", "platform@jobo.example"),
        ("critical-astreinte@jobo.example", "astreinte@jobo.example"),
    }


def test_the_application_finds_everything_in_ssm_and_no_secret_is_there(foundation: Run) -> None:
    parameters = {p.inputs["name"]: p.inputs for p in foundation[0].of("ssm.Parameter")}
    variables = {
        name.rsplit("/", 1)[-1] for name in parameters if name.startswith("/jobo/local/application/")
    }

    assert variables == {
        "DATABASE_HOST",
        "DATABASE_PORT",
        "DATABASE_NAME",
        "DATABASE_USER",
        "SESSION_CACHE_URL",
        "SHARED_CACHE_URL",
        "ASSETS_BUCKET",
    }
    assert parameters["/jobo/local/application/SESSION_CACHE_URL"]["value"].startswith("rediss://")
    assert not any("secret" in json.dumps(parameter["value"]).lower() for parameter in parameters.values())


def test_vertical_scaling_changes_the_class_and_what_follows_from_it(foundation_config: Config) -> None:
    recorder, outputs = build_foundation(
        changed(foundation_config, database={"instance_class": "db.m7g.large"})
    )
    values = {
        entry["name"]: entry["value"]
        for entry in recorder.named("rds.ParameterGroup", "primary").inputs["parameters"]
    }
    memory = recorder.named("cloudwatch.MetricAlarm", "primary-memory-critical").inputs["metricQueries"]

    assert recorder.named("rds.Instance", "primary").inputs["instanceClass"] == "db.m7g.large"
    assert values["max_connections"] == str(outputs["database_max_connections"]) == "901"
    assert str(8 * 1024**3) in memory[-1]["expression"]
