"""Each check of several regions holds on a platform in order; one changed property turns it alone red."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from palier.verification.model import CheckResult
from palier.verification.run import run_checks
from palier.verification.table import checks_of

from tests.unit.verification.recorded_aws import REGION, Recorded, State
from tests.unit.verification.recorded_names import ENVIRONMENT, settings_by_phase
from tests.unit.verification.recorded_regions import (
    FAR,
    PHASE,
    PRIMARY,
    aurora_far,
    aurora_home,
    far,
    home,
    multi_region_settings,
)

Change = Callable[[State, State], Any]
INSTANCES, ROUTES = ("rds", "describe_db_instances"), ("ec2", "describe_route_tables")
GROUPS, RECORDS = ("ec2", "describe_security_groups"), ("route53", "list_resource_record_sets", "Z2PUBLIC")
AURORA = {"engine": "aurora_global", "instance_class": "db.r7g.large"}
REPLICA = f"arn:aws:rds:{FAR}:123456789012:db:jobo-database"


def check(here: State, there: State, **database: Any) -> list[CheckResult]:
    """The results of the checks on both regions; `database` changes that section of the settings."""
    settings = {**settings_by_phase(), PHASE: multi_region_settings(**database)}
    return run_checks(PHASE, settings, ENVIRONMENT, Recorded(here, elsewhere={FAR: there}))


def red(results: list[CheckResult]) -> set[str]:
    """The checks that do not hold."""
    return {result.check for result in results if not result.ok}


def replica(state: State) -> Any:
    """The other region's recorded database."""
    return state[INSTANCES]["DBInstances"][0]


def told(state: State, region: str) -> None:
    """Tell the application of a region that `region` writes."""
    state["ssm", "get_parameter"]["Parameter"]["Value"] = region


def alarm(state: State, name: str) -> Any:
    """A recorded alarm."""
    alarms = state["cloudwatch", "describe_alarms"]["MetricAlarms"]
    return next(each for each in alarms if each["AlarmName"] == name)


def table(state: State) -> Any:
    """The recorded table of sessions."""
    return state["dynamodb", "describe_table"]["Table"]


def failed_over(here: State, there: State) -> None:
    """The other region writes, and the primary of old follows it."""
    replica(there).pop("ReadReplicaSourceDBInstanceIdentifier")
    here[INSTANCES]["DBInstances"][0]["ReadReplicaSourceDBInstanceIdentifier"] = REPLICA
    told(here, FAR)
    told(there, FAR)


# (what was changed at home or in the other region, the change, the one check that must notice)
CHANGES: list[tuple[str, Change, str]] = [
    (
        "the replica follows another database",
        lambda _, s: replica(s).update(ReadReplicaSourceDBInstanceIdentifier="other"),
        "regions.writer",
    ),
    (
        "both regions write",
        lambda _, s: replica(s).pop("ReadReplicaSourceDBInstanceIdentifier"),
        "regions.writer",
    ),
    ("a region is told another writer", lambda _, s: told(s, FAR), "regions.active"),
    (
        "the replica is not encrypted",
        lambda _, s: replica(s).update(StorageEncrypted=False),
        "regions.database-encrypted",
    ),
    (
        "the replica is under another key",
        lambda _, s: replica(s).update(KmsKeyId="alias/aws/rds"),
        "regions.database-encrypted",
    ),
    (
        "the replica is public",
        lambda _, s: replica(s).update(PubliclyAccessible=True),
        "regions.database-private",
    ),
    (
        "anybody may delete it",
        lambda _, s: replica(s).update(DeletionProtection=False),
        "regions.database-protected",
    ),
    (
        "it keeps no backups",
        lambda _, s: replica(s).update(BackupRetentionPeriod=0),
        "regions.database-backups",
    ),
    ("it fails", lambda _, s: replica(s).update(DBInstanceStatus="failed"), "regions.database-available"),
    (
        "it is of another class",
        lambda _, s: replica(s).update(DBInstanceClass="db.t4g.micro"),
        "regions.database-size",
    ),
    (
        "it allows fewer connections",
        lambda _, s: s["rds", "describe_db_parameters"]["Parameters"][0].update(ParameterValue="40"),
        "regions.max-connections",
    ),
    (
        "everybody in the home network reaches it at any port",
        lambda _, s: s[GROUPS]["SecurityGroups"][2]["IpPermissions"][-1].update(FromPort=0, ToPort=65535),
        "regions.database-source",
    ),
    (
        "a network that is not peered reaches it",
        lambda _, s: s[GROUPS]["SecurityGroups"][2]["IpPermissions"][-1].update(
            IpRanges=[{"CidrIp": "10.99.0.0/16"}]
        ),
        "regions.database-source",
    ),
    (
        "a private subnet has no route to the home's network",
        lambda _, s: s[ROUTES]["RouteTables"][2]["Routes"].pop(),
        "regions.peering-routes",
    ),
    (
        "the home's data subnet has no route back",
        lambda s, _: s[ROUTES]["RouteTables"][3]["Routes"].pop(),
        "regions.peering-routes",
    ),
    (
        "sessions have no replica there",
        lambda s, _: table(s).update(Replicas=[]),
        "sessions.replicas",
    ),
    (
        "the replica of sessions is being made",
        lambda s, _: table(s)["Replicas"][0].update(ReplicaStatus="CREATING"),
        "sessions.replicas",
    ),
    (
        "sessions may be deleted there",
        lambda _, s: table(s).update(DeletionProtectionEnabled=False),
        "sessions.kept",
    ),
    (
        "sessions never expire",
        lambda s, _: s["dynamodb", "describe_time_to_live"]["TimeToLiveDescription"].update(
            TimeToLiveStatus="DISABLED"
        ),
        "sessions.kept",
    ),
    (
        "assets of the home stay there",
        lambda s, _: s["s3", "get_bucket_replication", "jobo-assets"]["ReplicationConfiguration"]["Rules"][
            0
        ].update(Status="Disabled"),
        "assets.replicated",
    ),
    (
        "assets do not come back",
        lambda _, s: s.update(
            {("s3", "get_bucket_replication", "jobo-assets-far"): "ReplicationConfigurationNotFoundError"}
        ),
        "assets.replicated",
    ),
    ("a region has no record", lambda s, _: s[RECORDS]["ResourceRecordSets"].pop(), "routing.latency"),
    (
        "a record follows no health check",
        lambda s, _: s[RECORDS]["ResourceRecordSets"][1].pop("HealthCheckId"),
        "routing.latency",
    ),
    (
        "a record follows the other region's health",
        lambda s, _: s[RECORDS]["ResourceRecordSets"][1].update(HealthCheckId="health-of-1"),
        "routing.latency",
    ),
    (
        "the lag alarm there waits longer",
        lambda _, s: alarm(s, "jobo-database-lag-critical").update(Threshold=3000.0),
        "regions.observability.alarms",
    ),
    (
        "the lag alarm at home waits longer",
        lambda s, _: alarm(s, "jobo-database-lag-critical").update(Threshold=3000.0),
        "regions.observability.alarms",
    ),
    (
        "the group there is bounded lower",
        lambda _, s: s["autoscaling", "describe_auto_scaling_groups"]["AutoScalingGroups"][0].update(
            MaxSize=4
        ),
        "regions.application.group-size",
    ),
    (
        "a key there does not rotate",
        lambda _, s: s["kms", "get_key_rotation_status"].update(KeyRotationEnabled=False),
        "regions.security.keys",
    ),
]


def test_every_check_holds_where_both_regions_are_in_order() -> None:
    results = check(home(), far())

    assert red(results) == set()
    assert {result.check for result in results} == {each.id for each in checks_of(PHASE)}


@pytest.mark.parametrize(
    ("change", "expected"), [(c, e) for _, c, e in CHANGES], ids=[w for w, _, _ in CHANGES]
)
def test_one_changed_property_turns_one_check_red(change: Change, expected: str) -> None:
    here, there = home(), far()
    change(here, there)

    assert red(check(here, there)) == {expected}


def test_a_failure_says_in_which_region_it_is() -> None:
    there = far()
    replica(there).update(DBInstanceStatus="failed")
    (failure,) = [result for result in check(home(), there) if not result.ok]

    assert failure.subject == f"database in {FAR}"
    assert (failure.actual, failure.expected) == ("failed", "available")


def test_after_a_failover_every_check_holds_with_the_roles_changed() -> None:
    here, there = home(), far()
    failed_over(here, there)

    assert red(check(here, there)) == set()


def test_foundation_is_in_order_after_a_failover_too() -> None:
    here, there = home(), far()
    failed_over(here, there)

    results = run_checks("foundation", settings_by_phase(), ENVIRONMENT, Recorded(here))
    assert red(results) == set()


def test_a_primary_of_old_that_writes_on_after_a_failover_is_told() -> None:
    here, there = home(), far()
    failed_over(here, there)
    here[INSTANCES]["DBInstances"][0].pop("ReadReplicaSourceDBInstanceIdentifier")
    (failure,) = [result for result in check(here, there) if not result.ok]

    assert failure.subject == f"database in {REGION}"
    assert (failure.actual, failure.expected) == ("writes", f"follows {REPLICA}")


@pytest.mark.parametrize("home_writes", [True, False], ids=["at home", "in the other region"])
def test_an_aurora_global_database_is_in_order_wherever_it_writes(home_writes: bool) -> None:
    here, there = aurora_home(writes=home_writes), aurora_far(writes=not home_writes)

    assert red(check(here, there, **AURORA)) == set()


def test_an_aurora_cluster_that_writes_where_nobody_expects_it_is_told() -> None:
    here, there = aurora_home(writes=False), aurora_far()
    told(here, REGION)

    assert red(check(here, there, **AURORA)) == {"regions.writer"}


def test_a_region_that_stands_no_more_is_told_by_its_name() -> None:
    there = far()
    there["ec2", "describe_vpcs"] = {"Vpcs": []}
    there[INSTANCES] = {"DBInstances": []}

    with pytest.raises(Exception, match="multi-region does not stand in local"):
        check(home(), there)


def test_the_source_is_told_by_its_arn_since_it_is_in_another_region() -> None:
    assert replica(far())["ReadReplicaSourceDBInstanceIdentifier"] == PRIMARY
