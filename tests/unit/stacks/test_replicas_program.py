"""What the replicas program makes of foundation's outputs, and when it refuses them."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from palier_stacks.replicas.primary import NEEDED, PrimaryRefused, check
from palier_stacks.replicas.settings import ReplicasSettings

from tests.unit.stacks.conftest import Config, build_replicas, changed
from tests.unit.stacks.mocked import Recorder

Run = tuple[Recorder, dict[str, Any]]


@pytest.fixture
def outputs(foundation: Run) -> dict[str, Any]:
    """What a foundation that stands exports."""
    return dict(foundation[1])


def test_foundation_exports_everything_that_replicas_needs(outputs: dict[str, Any]) -> None:
    assert set(NEEDED) <= set(outputs)


def test_replicas_are_of_the_primary_and_stand_in_different_zones(replicas: Run) -> None:
    instances = replicas[0].of("rds.Instance")

    assert [instance.inputs["replicateSourceDb"] for instance in instances] == ["jobo-local-primary"] * 2
    assert sorted(instance.inputs["availabilityZone"] for instance in instances) == [
        "eu-west-3a",
        "eu-west-3b",
    ]
    assert sorted(instance.inputs["identifier"] for instance in instances) == [
        "jobo-local-replica-1",
        "jobo-local-replica-2",
    ]


def test_a_replica_says_nothing_that_it_has_from_its_source(replicas: Run) -> None:
    for instance in replicas[0].of("rds.Instance"):
        inherited = {
            "engine",
            "engineVersion",
            "username",
            "password",
            "dbName",
            "dbSubnetGroupName",
            "kmsKeyId",
        }
        assert not inherited & set(instance.inputs)
        assert instance.inputs["skipFinalSnapshot"] is True


def test_five_replicas_over_three_zones_are_spread_evenly(
    replicas_config: Config, outputs: dict[str, Any]
) -> None:
    recorder, _ = build_replicas(changed(replicas_config, instances={"count": 5}), outputs)
    zones = [i.inputs["availabilityZone"] for i in sorted(recorder.of("rds.Instance"), key=lambda i: i.name)]

    assert zones == [f"eu-west-3{letter}" for letter in "abcab"]


def test_replicas_have_parameters_of_their_own_and_no_fewer_connections(
    replicas_config: Config, outputs: dict[str, Any]
) -> None:
    own = {"hot_standby_feedback": False, "max_standby_streaming_delay_seconds": 60, "work_mem_mib": 16}
    recorder, _ = build_replicas(changed(replicas_config, parameters=own), outputs)
    group = recorder.named("rds.ParameterGroup", "replicas").inputs
    values = {entry["name"]: entry["value"] for entry in group["parameters"]}

    assert group["family"] == "postgres17"
    assert values["hot_standby_feedback"] == "0"
    assert values["max_standby_streaming_delay"] == "60000"
    assert values["work_mem"] == "16384"
    assert values["max_connections"] == "450", (
        "PostgreSQL starts no standby that allows fewer than its primary"
    )


def test_one_name_answers_with_every_replica_by_weight(
    replicas_config: Config, outputs: dict[str, Any]
) -> None:
    recorder, exported = build_replicas(changed(replicas_config, instances={"weights": [200, 50]}), outputs)
    records = {record.inputs["setIdentifier"]: record.inputs for record in recorder.of("route53.Record")}
    (zone,) = recorder.of("route53.Zone")

    assert zone.inputs["vpcs"] == [{"vpcId": "vpc-id"}], "seen in the VPC alone"
    assert {record["name"] for record in records.values()} == {exported["reader_endpoint"]}
    assert {name: r["weightedRoutingPolicies"][0]["weight"] for name, r in records.items()} == {
        "replica-1": 200,
        "replica-2": 50,
    }
    assert records["replica-1"]["records"] == ["jobo-local-replica-1.abc.eu-west-3.rds.amazonaws.com"]
    assert all(record["ttl"] == 5 for record in records.values())


def test_a_replica_leaves_the_answers_when_its_lag_is_critical(replicas: Run) -> None:
    recorder, _ = replicas
    checks = {entry.name: entry.inputs for entry in recorder.of("route53.HealthCheck")}
    records = {entry.inputs["setIdentifier"]: entry.inputs for entry in recorder.of("route53.Record")}

    for name in ("replica-1", "replica-2"):
        alarm = recorder.named("cloudwatch.MetricAlarm", f"{name}-lag-critical").inputs
        assert records[name]["healthCheckId"] == f"{name}-id"
        assert checks[name]["cloudwatchAlarmName"] == f"{name}-lag-critical-1234567"
        assert checks[name]["insufficientDataHealthStatus"] == "Unhealthy"
        # What Route 53 can follow: a plain statistic of one metric, all periods and not some of them.
        assert alarm["statistic"] == "Minimum"
        assert alarm["datapointsToAlarm"] == alarm["evaluationPeriods"]
        assert "metricQueries" not in alarm


def test_records_stand_without_health_checks_by_setting(
    replicas_config: Config, outputs: dict[str, Any]
) -> None:
    recorder, _ = build_replicas(changed(replicas_config, reader={"follow_health": False}), outputs)

    assert not recorder.of("route53.HealthCheck")
    assert not any("healthCheckId" in record.inputs for record in recorder.of("route53.Record"))


def test_each_replica_is_watched_for_lag_and_for_the_tables_metrics(replicas: Run) -> None:
    watched = {
        (alarm.inputs["tags"]["palier:metric"], alarm.inputs["tags"]["palier:level"]): alarm.inputs
        for alarm in replicas[0].of("cloudwatch.MetricAlarm")
        if alarm.name.startswith("replica-2-")
    }

    assert set(watched) == {
        (metric, level)
        for metric in ("cpu_utilization", "memory_usage", "database_connections", "replica_lag")
        for level in ("attention", "critical")
    }
    assert watched["replica_lag", "attention"]["threshold"] == 30
    assert watched["replica_lag", "critical"]["threshold"] == 300
    assert watched["replica_lag", "critical"]["treatMissingData"] == "breaching"
    assert watched["replica_lag", "critical"]["alarmActions"][0].endswith(":critical")


def test_the_proxy_stands_before_the_primary_and_never_before_a_replica(replicas: Run) -> None:
    recorder, _ = replicas
    (target,), (proxy,) = recorder.of("rds.ProxyTarget"), recorder.of("rds.Proxy")

    assert target.inputs["dbInstanceIdentifier"] == "jobo-local-primary"
    assert proxy.inputs["requireTls"] is True
    assert proxy.inputs["vpcSubnetIds"] == ["data-a-id", "data-b-id", "data-c-id"]
    (auth,) = proxy.inputs["auths"]
    assert (auth["iamAuth"], auth["authScheme"]) == ("REQUIRED", "SECRETS")


def test_the_proxy_is_reached_by_the_application_and_reaches_the_database(replicas: Run) -> None:
    recorder, _ = replicas
    inward = {
        (rule.inputs["referencedSecurityGroupId"], rule.inputs["securityGroupId"])
        for rule in recorder.of("vpc.SecurityGroupIngressRule")
    }

    assert inward == {("application-id", "primary-proxy-id"), ("primary-proxy-id", "database-id")}


def test_without_the_proxy_nothing_of_it_is_made(replicas_config: Config, outputs: dict[str, Any]) -> None:
    recorder, exported = build_replicas(changed(replicas_config, proxy={"enabled": False}), outputs)

    assert not recorder.of("rds.Proxy")
    assert not recorder.of("ec2.SecurityGroup")
    assert exported.get("pool_endpoint") is None
    assert [p.name for p in recorder.of("ssm.Parameter")] == ["database-reader-host"]


def test_the_application_may_log_in_to_the_replicas_and_through_the_proxy(replicas: Run) -> None:
    policy = replicas[0].named("iam.RolePolicy", "application-reads-replicas").inputs
    (statement,) = json.loads(policy["policy"])["Statement"]

    assert policy["role"] == "application-1234567"
    assert statement["Action"] == ["rds-db:connect"]
    assert [arn.split("dbuser:")[-1] for arn in statement["Resource"]] == [
        "db-REPLICA-1/application",
        "db-REPLICA-2/application",
        "primary/application",
    ]


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no backups": (
        {"backup_retention_days": 0},
        {},
        "the primary keeps no backups, and RDS makes no replica without them; set "
        "foundation:database.backup_retention_days to 1 or more and run: palier up foundation --env local",
    ),
    "managed password": (
        {"database_master_secret_arn": "arn:aws:secretsmanager:eu-west-3:1:secret:rds!db-1-abc"},
        {},
        "RDS manages the primary's master password, and makes no replica of such an instance; "
        "let foundation give it one of its own and run: palier up foundation --env local",
    ),
    "half up": (
        {"database_identifier": None},
        {},
        "foundation in local has no output database_identifier: it is older or half up; "
        "run: palier up foundation --env local",
    ),
    "another region": (
        {"region": "eu-west-1"},
        {},
        "aws:region: eu-west-3 is not foundation's; set it to eu-west-1",
    ),
    "a zone that foundation does not use": (
        {"zones": ["eu-west-3a", "eu-west-3b"]},
        {"instances": {"availability_zones": ["eu-west-3a", "eu-west-3c"]}},
        "replicas:instances.availability_zones[1]: foundation has no subnet in eu-west-3c "
        "(allowed: eu-west-3a, eu-west-3b)",
    ),
    "fewer connections than the primary": (
        {},
        {"parameters": {"max_connections": 100}},
        "replicas:parameters.max_connections: 100 is below the primary's 450, and PostgreSQL "
        "does not start a standby that allows fewer (allowed: 450 or more)",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_foundation_that_replicas_cannot_stand_on_is_refused(
    case: str, replicas_config: Config, outputs: dict[str, Any]
) -> None:
    found, sections, message = REFUSALS[case]
    settings = ReplicasSettings.from_config(changed(replicas_config, **sections))

    with pytest.raises(PrimaryRefused) as caught:
        check(outputs | found, settings, "local")
    assert str(caught.value) == message


def test_a_foundation_that_is_not_up_is_told_with_what_to_run(replicas_config: Config) -> None:
    settings = ReplicasSettings.from_config(replicas_config)

    with pytest.raises(PrimaryRefused) as caught:
        check({}, settings, "prod")
    assert str(caught.value) == "foundation is not up in prod; run: palier up foundation --env prod"


def test_the_program_tells_a_refusal_as_pulumi_prints_it_in_one_line(
    replicas_config: Config, outputs: dict[str, Any]
) -> None:
    with pytest.raises(pulumi.RunError, match=r"^the primary keeps no backups"):
        build_replicas(replicas_config, outputs | {"backup_retention_days": 0})
