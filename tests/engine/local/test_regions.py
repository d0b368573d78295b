"""A region that fails or lags because it was asked to, over a restart too, and leaves the others alone."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from palier.commands.main import run
from palier.local.layout import ACCESS_KEY

from tests.engine.local.building import database, described
from tests.engine.local.emulated import Emulated
from tests.engine.local.symptoms import outcome
from tests.engine.local.symptoms_aurora import AWAY, ENGINE, HOME, members, two_regions
from tests.engine.local.symptoms_regions import replicate, table

EVERY_PROTOCOL = (
    ("ec2", "describe_vpcs"),
    ("rds", "describe_db_instances"),
    ("s3", "list_buckets"),
    ("dynamodb", "list_tables"),
    ("cloudwatch", "describe_alarms"),
    ("kms", "list_keys"),
)


def put(emulator: Emulated, **asked: object) -> Any:
    return emulator.api("regions", method="PUT", body=asked)


@pytest.fixture
def failing(emulator: Emulated) -> Emulated:
    put(emulator, region=HOME, mode="error")
    return emulator


def impatient(emulator: Emulated, region: str) -> Any:
    """A client that waits half a second for an answer."""
    return boto3.client(
        "ec2",
        endpoint_url=emulator.endpoint,
        region_name=region,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=ACCESS_KEY,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=0.5),
    )


@pytest.mark.parametrize(("service", "operation"), EVERY_PROTOCOL)
def test_a_failing_region_answers_no_regional_service(
    service: str, operation: str, failing: Emulated
) -> None:
    assert outcome(getattr(failing.client(service, HOME), operation)) == "ServiceUnavailable"
    assert outcome(getattr(failing.client(service, AWAY), operation)) == "done"


def test_services_without_regions_go_on(failing: Emulated) -> None:
    assert outcome(failing.client("iam", HOME).list_roles) == "done"
    assert outcome(failing.client("route53", HOME).list_hosted_zones) == "done"
    put(failing, region="us-east-1", mode="error")
    assert outcome(failing.client("cloudfront", "us-east-1").list_distributions) == "done"


def test_what_a_failing_region_was_asked_is_never_done(failing: Emulated) -> None:
    assert outcome(failing.client("ec2", HOME).create_vpc, CidrBlock="10.9.0.0/16") == "ServiceUnavailable"
    put(failing, region=HOME, mode=None)
    vpcs = failing.client("ec2", HOME).describe_vpcs()["Vpcs"]
    assert "10.9.0.0/16" not in [vpc["CidrBlock"] for vpc in vpcs]


def test_a_silent_region_gives_no_answer_until_it_is_back(emulator: Emulated) -> None:
    put(emulator, region=HOME, mode="silence")
    client = impatient(emulator, HOME)
    with pytest.raises(ReadTimeoutError):
        client.describe_vpcs()
    held: list[str] = []
    waiting = threading.Thread(
        target=lambda: held.append(outcome(emulator.client("ec2", HOME).describe_vpcs))
    )
    waiting.start()
    time.sleep(0.3)
    assert held == []
    put(emulator, region=HOME, mode=None)
    waiting.join(5)
    assert held == ["ServiceUnavailable"]
    assert outcome(emulator.client("ec2", HOME).describe_vpcs) == "done"


def test_faults_and_lags_are_told(failing: Emulated) -> None:
    put(failing, region=AWAY, lag_seconds=12.5)
    assert failing.api("regions") == {"faults": {HOME: "error"}, "lag_seconds": {AWAY: 12.5}}
    assert failing.api("health")["regions"] == failing.api("regions")
    put(failing, region=HOME, mode=None)
    assert put(failing, region=AWAY, lag_seconds=0) == {"faults": {}, "lag_seconds": {}}


@pytest.mark.parametrize(
    "asked",
    [
        {"mode": "error"},
        {"region": HOME},
        {"region": HOME, "mode": "slow"},
        {"region": HOME, "lag_seconds": -1},
        {"region": HOME, "lag_seconds": "long"},
        {"region": HOME, "mod": "error"},
    ],
)
def test_what_is_no_fault_is_refused_and_changes_nothing(
    asked: dict[str, object], emulator: Emulated
) -> None:
    from palier.local import client

    with pytest.raises(client.Unreachable, match="answered 400"):
        put(emulator, **asked)
    assert emulator.api("regions") == {"faults": {}, "lag_seconds": {}}


def test_a_reset_ends_every_fault(failing: Emulated) -> None:
    failing.api("reset", method="POST")
    assert outcome(failing.client("ec2", HOME).describe_vpcs) == "done"


def test_a_failover_in_a_failed_region_comes_back_from_a_restart_as_it_was(own_emulator: Emulated) -> None:
    own_emulator.start()
    _, two = two_regions(own_emulator.client)
    put(own_emulator, region=HOME, mode="error")
    asked = {"GlobalClusterIdentifier": "world", "TargetDbClusterIdentifier": two}
    away = own_emulator.client("rds", AWAY)
    assert outcome(away.switchover_global_cluster, **asked) == "InvalidGlobalClusterStateFault"
    assert outcome(away.failover_global_cluster, **asked, AllowDataLoss=True) == "done"
    own_emulator.restart_after_kill()
    assert own_emulator.api("health")["replay"]["diverged"] == []
    assert own_emulator.api("regions")["faults"] == {HOME: "error"}
    assert members(away) == {HOME: False, AWAY: True}


def test_the_old_writer_of_a_failed_region_is_told_to_be_out_of_sync(emulator: Emulated) -> None:
    _, two = two_regions(emulator.client)
    put(emulator, region=HOME, mode="error")
    away = emulator.client("rds", AWAY)
    asked = {"GlobalClusterIdentifier": "world", "TargetDbClusterIdentifier": two}
    answer = away.failover_global_cluster(**asked, AllowDataLoss=True)["GlobalCluster"]
    assert answer["FailoverState"]["IsDataLossAllowed"] is True
    assert answer["FailoverState"]["ToDbClusterArn"] == two
    (told,) = away.describe_global_clusters()["GlobalClusters"]
    states = {one["DBClusterArn"].split(":")[3]: one for one in told["GlobalClusterMembers"]}
    assert states[HOME]["SynchronizationStatus"] == "pending-resync"
    put(emulator, region=HOME, mode=None)
    (told,) = away.describe_global_clusters()["GlobalClusters"]
    assert {one["SynchronizationStatus"] for one in told["GlobalClusterMembers"]} == {"connected"}


def test_a_replica_is_promoted_while_its_sources_region_fails_and_none_is_made(emulator: Emulated) -> None:
    source = database(emulator.client)["DBInstanceArn"]
    away = emulator.client("rds", AWAY)
    away.create_db_instance_read_replica(DBInstanceIdentifier="far", SourceDBInstanceIdentifier=source)
    put(emulator, region=HOME, mode="error")
    more = outcome(
        away.create_db_instance_read_replica, DBInstanceIdentifier="two", SourceDBInstanceIdentifier=source
    )
    assert more == "InvalidDBInstanceState"
    assert outcome(away.promote_read_replica, DBInstanceIdentifier="far", BackupRetentionPeriod=7) == "done"
    promoted = described(away, "far")
    assert promoted["BackupRetentionPeriod"] == 7
    assert "ReadReplicaSourceDBInstanceIdentifier" not in promoted
    put(emulator, region=HOME, mode=None)
    assert described(emulator.client("rds", HOME), "primary")["ReadReplicaDBInstanceIdentifiers"] == []


def test_nothing_joins_what_is_written_in_a_failing_region(emulator: Emulated) -> None:
    two_regions(emulator.client)
    table(emulator.client("dynamodb", HOME))
    third = emulator.client("rds", "eu-west-1")
    joined = {"DBClusterIdentifier": "orders", "GlobalClusterIdentifier": "world", **ENGINE}
    put(emulator, region=HOME, mode="error")
    assert outcome(third.create_db_cluster, **joined) == "InvalidGlobalClusterStateFault"
    put(emulator, region=HOME, mode=None)
    assert outcome(third.create_db_cluster, **joined) == "done"
    put(emulator, region=AWAY, mode="error")
    here = emulator.client("dynamodb", HOME)
    assert outcome(replicate, dynamodb=here, region=AWAY) == "ValidationException"


def checked(emulator: Emulated, name: str) -> str:
    """What a new health check of `name` tells."""
    route53 = emulator.client("route53")
    made = route53.create_health_check(
        CallerReference=name, HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": name}
    )
    answer = route53.get_health_check_status(HealthCheckId=made["HealthCheck"]["Id"])
    (observed,) = answer["HealthCheckObservations"]
    return str(observed["StatusReport"]["Status"]).split(":")[0]


def zone_with(emulator: Emulated, *targets: str) -> None:
    """A zone in which `app.example.org` leads to `targets`, by latency."""
    route53 = emulator.client("route53")
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="zone")["HostedZone"]["Id"]
    for region, target in zip((HOME, AWAY), targets, strict=False):
        record = {
            "Name": "app.example.org",
            "Type": "CNAME",
            "TTL": 60,
            "SetIdentifier": region,
            "Region": region,
            "ResourceRecords": [{"Value": target}],
        }
        changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def test_a_health_check_of_what_stands_in_a_failing_region_fails(failing: Emulated) -> None:
    assert checked(failing, f"lb-1.{HOME}.elb.amazonaws.com") == "Failure"
    assert checked(failing, f"lb-2.{AWAY}.elb.amazonaws.com") == "Success"
    put(failing, region=HOME, mode=None)
    assert checked(failing, f"lb-3.{HOME}.elb.amazonaws.com") == "Success"


def test_a_health_check_follows_records_and_one_answer_of_several_is_enough(failing: Emulated) -> None:
    zone_with(failing, f"lb.{HOME}.elb.amazonaws.com", f"lb.{AWAY}.elb.amazonaws.com")
    assert checked(failing, "app.example.org") == "Success"
    put(failing, region=AWAY, mode="silence")
    assert checked(failing, "App.example.org") == "Failure"


def test_moto_still_takes_everything_for_healthy() -> None:
    from moto import mock_aws

    from tests.engine.local.emulated import upstream_client

    with mock_aws():
        route53 = upstream_client("route53")
        config = {"Type": "HTTPS", "FullyQualifiedDomainName": "nowhere.invalid"}
        made = route53.create_health_check(CallerReference="a", HealthCheckConfig=config)
        answer = route53.get_health_check_status(HealthCheckId=made["HealthCheck"]["Id"])
        assert answer["HealthCheckObservations"][0]["StatusReport"]["Status"].startswith("Success")


def test_the_commands_make_a_region_fail_and_lag_and_say_so(
    running_ends: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["local", "fault", HOME, "--mode", "error"]) == 1
    assert "the local cloud does not run" in capsys.readouterr().err
    assert run(["local", "start"]) == 0
    capsys.readouterr()
    assert run(["local", "fault", HOME, "--mode", "silence", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"faults": {HOME: "silence"}, "lag_seconds": {}}
    assert run(["local", "lag", AWAY, "--seconds", "30"]) == 0
    told = f"fault      {HOME} fails (silence)\nlag        {AWAY} is 30 s behind\n"
    assert capsys.readouterr().out == told
    assert run(["local", "status"]) == 0
    assert told in capsys.readouterr().out
    assert run(["local", "fault", HOME, "--clear"]) == 0
    assert run(["local", "lag", AWAY, "--clear"]) == 0
    assert capsys.readouterr().out.endswith("No region of the local cloud fails or lags.\n")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["fault", "eu-west-33", "--clear"], "unknown AWS region 'eu-west-33'; did you mean eu-west-3"),
        (["fault", HOME], "say --mode error, --mode silence or --clear"),
        (["fault", HOME, "--clear", "--mode", "error"], "say --mode error, --mode silence or --clear"),
        (["lag", HOME], "say --seconds N or --clear"),
    ],
)
def test_bad_input_is_exit_code_2_with_what_is_allowed(
    asked: list[str], said: str, local_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["local", *asked]) == 2
    assert said in capsys.readouterr().err
