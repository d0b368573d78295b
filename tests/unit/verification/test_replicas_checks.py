"""Each check of the replicas holds on a platform in order; one changed property turns it alone red."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from palier.verification.model import CheckResult
from palier.verification.run import run_checks
from palier.verification.table import checks_of

from tests.unit.verification.recorded_aws import Recorded, State
from tests.unit.verification.recorded_names import ENVIRONMENT, settings_by_phase
from tests.unit.verification.recorded_platform import platform

Change = Callable[[State], Any]
DATABASES, RECORDS = ("rds", "describe_db_instances"), ("route53", "list_resource_record_sets")
CPU_ALARM, LAG_ALARM = "jobo-replica-1-cpu-attention", "jobo-replica-1-lag-attention"


def check(state: State, **settings: Any) -> list[CheckResult]:
    """The results of the replicas' checks on `state`."""
    return run_checks("replicas", {**settings_by_phase(), **settings}, ENVIRONMENT, Recorded(state))


def replica(state: State, number: int) -> Any:
    """A recorded replica; the listing has the primary first."""
    return state[DATABASES]["DBInstances"][number]


def record(state: State, number: int) -> Any:
    """A recorded weighted record; the listing has the zone's own record first."""
    return state[RECORDS]["ResourceRecordSets"][number]


def alarm(state: State, name: str) -> Any:
    """A recorded alarm."""
    alarms = state["cloudwatch", "describe_alarms"]["MetricAlarms"]
    return next(each for each in alarms if each["AlarmName"] == name)


def stranger(state: State) -> None:
    """A record that answers with a database which is no replica."""
    values = [{"Value": "elsewhere.example.org"}]
    more = {"SetIdentifier": "replica-9", "Weight": 1, "ResourceRecords": values}
    state[RECORDS]["ResourceRecordSets"].append({**record(state, 1), **more})


# (what was changed, the change, the one check that must notice)
CHANGES: list[tuple[str, Change, str]] = [
    (
        "a replica follows another database",
        lambda s: replica(s, 1).update(ReadReplicaSourceDBInstanceIdentifier="other"),
        "replicas.source",
    ),
    (
        "both replicas stand in one zone",
        lambda s: replica(s, 1).update(AvailabilityZone="eu-west-3c"),
        "replicas.zones",
    ),
    (
        "a replica stands in a zone that was not asked for",
        lambda s: replica(s, 1).update(AvailabilityZone="eu-west-3d"),
        "replicas.zones",
    ),
    (
        "a replica is not encrypted",
        lambda s: replica(s, 2).update(StorageEncrypted=False),
        "replicas.encrypted",
    ),
    ("a replica is public", lambda s: replica(s, 2).update(PubliclyAccessible=True), "replicas.private"),
    (
        "a replica allows fewer connections",
        lambda s: s["rds", "describe_db_parameters", "jobo-replicas"]["Parameters"][0].update(
            ParameterValue="400"
        ),
        "replicas.max-connections",
    ),
    (
        "anybody may delete a replica",
        lambda s: replica(s, 1).update(DeletionProtection=False),
        "replicas.deletion-protection",
    ),
    (
        "a replica is of another class",
        lambda s: replica(s, 1).update(DBInstanceClass="db.t4g.micro"),
        "replicas.size",
    ),
    (
        "a replica fails",
        lambda s: replica(s, 1).update(DBInstanceStatus="failed"),
        "replicas.available",
    ),
    (
        "the reader's zone is public",
        lambda s: s["route53", "list_hosted_zones"]["HostedZones"][0].update(Config={"PrivateZone": False}),
        "reader.zone",
    ),
    (
        "the VPC does not see the reader's zone",
        lambda s: s["route53", "get_hosted_zone"]["VPCs"][0].update(VPCId="vpc-2"),
        "reader.zone",
    ),
    ("a replica has no record", lambda s: s[RECORDS]["ResourceRecordSets"].pop(), "reader.records"),
    ("a record has another weight", lambda s: record(s, 1).update(Weight=1), "reader.records"),
    (
        "a record points at the primary",
        lambda s: record(s, 1).update(
            ResourceRecords=[{"Value": "jobo-primary.abc.eu-west-3.rds.amazonaws.com"}]
        ),
        "reader.records",
    ),
    ("a record follows no health check", lambda s: record(s, 1).pop("HealthCheckId"), "reader.health"),
    (
        "a record follows the other replica's lag",
        lambda s: record(s, 1).update(HealthCheckId="health-2"),
        "reader.health",
    ),
    ("a lag alarm waits longer", lambda s: alarm(s, LAG_ALARM).update(Threshold=3000.0), "replicas.alarms"),
    ("a CPU alarm waits longer", lambda s: alarm(s, CPU_ALARM).update(Threshold=75.0), "replicas.alarms"),
    (
        "an alarm watches a replica that is gone",
        lambda s: alarm(s, LAG_ALARM)["Dimensions"][0].update(Value="jobo-replica-0"),
        "replicas.alarm-subjects",
    ),
    (
        "a lag alarm tells nobody",
        lambda s: alarm(s, LAG_ALARM).update(AlarmActions=[]),
        "replicas.alarm-actions",
    ),
    (
        "the pool targets a replica",
        lambda s: s["rds", "describe_db_proxy_targets"]["Targets"][0].update(RdsResourceId="jobo-replica-1"),
        "replicas.proxy",
    ),
    (
        "the pool takes connections in clear",
        lambda s: s["rds", "describe_db_proxies"]["DBProxies"][0].update(RequireTLS=False),
        "replicas.proxy",
    ),
    (
        "a replica names no owner",
        lambda s: replica(s, 1).update(
            TagList=[each for each in replica(s, 1)["TagList"] if each["Key"] != "owner"]
        ),
        "replicas.tags",
    ),
]
# These take something away that other checks look at as well.
WIDER: list[tuple[str, Change, set[str]]] = [
    (
        "a replica is gone",
        lambda s: s[DATABASES]["DBInstances"].pop(2),
        {"replicas.count", "reader.records", "replicas.alarm-subjects"},
    ),
    (
        "a replica has the primary's parameter group",
        lambda s: replica(s, 1).update(DBParameterGroups=[{"DBParameterGroupName": "jobo-primary"}]),
        {"replicas.parameters", "replicas.max-connections"},
    ),
    (
        "a stranger answers at the reader endpoint",
        stranger,
        {"reader.records", "reader.health"},
    ),
    (
        "the primary is gone",
        lambda s: s[DATABASES]["DBInstances"].pop(0),
        {"replicas.source", "replicas.parameters", "replicas.proxy"},
    ),
]


def red(results: list[CheckResult]) -> set[str]:
    """The checks that fail."""
    return {result.check for result in results if not result.ok}


def test_replicas_in_order_pass_every_check() -> None:
    results = check(platform())
    assert [result for result in results if not result.ok] == []
    assert {result.check for result in results} == {each.id for each in checks_of("replicas")}


@pytest.mark.parametrize(("change", "noticed"), [pytest.param(c, n, id=w) for w, c, n in CHANGES])
def test_one_change_turns_one_check_red(change: Change, noticed: str) -> None:
    state = platform()
    change(state)
    results = check(state)
    assert red(results) == {noticed}
    assert all(result.actual != result.expected and result.advice for result in results if not result.ok)


@pytest.mark.parametrize(("change", "noticed"), [pytest.param(c, n, id=w) for w, c, n in WIDER])
def test_what_is_gone_is_noticed_wherever_it_is_looked_at(change: Change, noticed: set[str]) -> None:
    state = platform()
    change(state)
    assert red(check(state)) == noticed


def test_every_check_of_the_replicas_is_seen_to_fail() -> None:
    seen = {noticed for _, _, noticed in CHANGES}.union(*(noticed for _, _, noticed in WIDER))
    assert seen == {each.id for each in checks_of("replicas")}


def test_a_pool_that_nobody_asked_for_is_noticed() -> None:
    wanted = settings_by_phase()["replicas"]
    without = wanted.model_copy(update={"proxy": wanted.proxy.model_copy(update={"enabled": False})})
    assert red(check(platform(), replicas=without)) == {"replicas.proxy"}
