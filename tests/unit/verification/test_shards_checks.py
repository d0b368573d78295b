"""Each check of the shards holds on a platform in order; one changed property turns it alone red."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from palier.sharding import ShardMap, items
from palier.verification.model import CheckResult
from palier.verification.run import run_checks
from palier.verification.table import checks_of

from tests.unit.verification.recorded_aws import Recorded, State
from tests.unit.verification.recorded_names import ENVIRONMENT, settings_by_phase
from tests.unit.verification.recorded_platform import platform
from tests.unit.verification.recorded_shards import ITEMS

Change = Callable[[State], Any]
DATABASES = ("rds", "describe_db_instances")
SECRETS = ("secretsmanager", "list_secrets")
CPU_ALARM = "jobo-shard-1-cpu-attention"


def check(state: State, **settings: Any) -> list[CheckResult]:
    """The results of the shards' checks on `state`."""
    return run_checks("shards", {**settings_by_phase(), **settings}, ENVIRONMENT, Recorded(state))


def server(state: State, name: str) -> Any:
    """A recorded server."""
    instances = state[DATABASES]["DBInstances"]
    return next(each for each in instances if each["DBInstanceIdentifier"] == f"jobo-local-{name}")


def alarm(state: State, name: str) -> Any:
    """A recorded alarm."""
    alarms = state["cloudwatch", "describe_alarms"]["MetricAlarms"]
    return next(each for each in alarms if each["AlarmName"] == name)


def gone(state: State, name: str) -> None:
    """Take a server away."""
    state[DATABASES]["DBInstances"].remove(server(state, name))


def put(state: State, shard_map: ShardMap) -> None:
    """Publish a map, as `palier shards apply` does."""
    state[ITEMS][items.CURRENT] = items.current_item(shard_map)
    state[ITEMS][items.version_name(shard_map.version)] = items.version_item(shard_map)


def current(state: State) -> ShardMap:
    """The recorded map."""
    return ShardMap.from_json(state[ITEMS][items.CURRENT]["document"]["S"])


def moved_away(state: State) -> None:
    """A map that places a logical shard on a shard that nobody made."""
    now = current(state)
    put(state, now.moved({0: "shard-9"}, (*now.shards, "shard-9")))


def written_by_hand(state: State) -> None:
    """A map whose placement somebody has changed in the console."""
    document = json.loads(state[ITEMS][items.CURRENT]["document"]["S"])
    document["placement"][0] = 1
    state[ITEMS][items.CURRENT]["document"]["S"] = json.dumps(document)


def answers_elsewhere(state: State) -> None:
    """Endpoints of before a restore."""
    told = json.loads(state[ITEMS][items.ENDPOINTS]["document"]["S"])
    told["shard-1"]["host"] = "jobo-local-shard-1-g2.abc.eu-west-3.rds.amazonaws.com"
    state[ITEMS][items.ENDPOINTS] = items.endpoints_item(told)


# (what was changed, the change, the one check that must notice)
CHANGES: list[tuple[str, Change, str]] = [
    ("a shard has no standby", lambda s: server(s, "shard-1").update(MultiAZ=False), "shards.multi-az"),
    (
        "a shard is not encrypted",
        lambda s: server(s, "shard-1").update(StorageEncrypted=False),
        "shards.encrypted",
    ),
    (
        "a shard is encrypted by AWS's key",
        lambda s: server(s, "shard-1").update(KmsKeyId="arn:aws:kms:eu-west-3:123456789012:key/rds"),
        "shards.encrypted",
    ),
    ("a shard is public", lambda s: server(s, "shard-2").update(PubliclyAccessible=True), "shards.private"),
    (
        "a shard allows fewer connections",
        lambda s: s["rds", "describe_db_parameters", "jobo-shard-1"]["Parameters"][0].update(
            ParameterValue="30"
        ),
        "shards.max-connections",
    ),
    (
        "two shards share a parameter group",
        lambda s: server(s, "shard-1").update(DBParameterGroups=[{"DBParameterGroupName": "jobo-shard-2"}]),
        "shards.parameters",
    ),
    (
        "a shard forgets its backups too early",
        lambda s: server(s, "shard-2").update(BackupRetentionPeriod=7),
        "shards.backups",
    ),
    (
        "all shards are backed up at one time",
        lambda s: server(s, "shard-2").update(PreferredBackupWindow="00:00-00:30"),
        "shards.backups",
    ),
    (
        "a shard's password was given by hand",
        lambda s: s[SECRETS]["SecretList"][1].pop("SecretVersionsToStages"),
        "shards.master-secret",
    ),
    (
        "anybody may delete a shard",
        lambda s: server(s, "shard-1").update(DeletionProtection=False),
        "shards.deletion-protection",
    ),
    (
        "a shard is of another class",
        lambda s: server(s, "shard-1").update(DBInstanceClass="db.t4g.micro"),
        "shards.size",
    ),
    ("a shard fails", lambda s: server(s, "shard-1").update(DBInstanceStatus="failed"), "shards.available"),
    (
        "the map's table is encrypted by AWS's key",
        lambda s: s["dynamodb", "describe_table"]["Table"].pop("SSEDescription"),
        "map.table",
    ),
    (
        "the map's table can't be restored",
        lambda s: s["dynamodb", "describe_continuous_backups"]["ContinuousBackupsDescription"].update(
            PointInTimeRecoveryDescription={"PointInTimeRecoveryStatus": "DISABLED"}
        ),
        "map.table",
    ),
    (
        "anybody may delete the map's table",
        lambda s: s["dynamodb", "describe_table"]["Table"].update(DeletionProtectionEnabled=False),
        "map.table",
    ),
    (
        "the map tells another version than its document",
        lambda s: s[ITEMS][items.CURRENT].update(version={"N": "7"}),
        "map.checksum",
    ),
    (
        "the map's version was applied as something else",
        lambda s: s[ITEMS][items.version_name(1)].update(checksum={"S": "sha256:0"}),
        "map.checksum",
    ),
    ("the map uses a shard that does not stand", moved_away, "map.placement"),
    (
        "the map has fewer logical shards",
        lambda s: put(s, ShardMap.initial(current(s).strategy, current(s).shards, 240)),
        "map.routing",
    ),
    ("a shard answers elsewhere", answers_elsewhere, "map.endpoints"),
    ("an alarm waits longer", lambda s: alarm(s, CPU_ALARM).update(Threshold=75.0), "shards.alarms"),
    (
        "an alarm watches a shard that is gone",
        lambda s: alarm(s, CPU_ALARM)["Dimensions"][0].update(Value="jobo-local-shard-0"),
        "shards.alarm-subjects",
    ),
    (
        "an alarm tells nobody",
        lambda s: alarm(s, CPU_ALARM).update(AlarmActions=[]),
        "shards.alarm-actions",
    ),
    (
        "a shard names no owner",
        lambda s: server(s, "shard-1").update(
            TagList=[each for each in server(s, "shard-1")["TagList"] if each["Key"] != "owner"]
        ),
        "shards.tags",
    ),
]
# These take something away that other checks look at as well.
OF_EACH_SHARD = {
    f"shards.{name}" for name in ("multi-az", "backups", "master-secret", "deletion-protection", "size")
}
WIDER: list[tuple[str, Change, set[str]]] = [
    (
        "a shard is gone",
        lambda s: gone(s, "shard-1"),
        OF_EACH_SHARD | {"shards.count", "shards.alarm-subjects", "map.placement", "map.endpoints"},
    ),
    (
        "a replica follows another shard",
        lambda s: server(s, "shard-2-replica").update(ReadReplicaSourceDBInstanceIdentifier="other"),
        {"shards.replicas", "map.endpoints"},
    ),
    (
        "a replica is gone",
        lambda s: gone(s, "shard-2-replica"),
        {"shards.replicas", "shards.alarm-subjects", "map.endpoints"},
    ),
    (
        "the map was written by hand",
        written_by_hand,
        {"map.checksum", "map.placement", "map.routing"},
    ),
    (
        "there is no map",
        lambda s: s[ITEMS].pop(items.CURRENT),
        {"map.checksum", "map.placement", "map.routing"},
    ),
    (
        "there is no table",
        lambda s: s.update({("dynamodb", "describe_table"): "ResourceNotFoundException"}),
        {"map.table", "map.checksum", "map.placement", "map.routing", "map.endpoints"},
    ),
]


def red(results: list[CheckResult]) -> set[str]:
    """The checks that fail."""
    return {result.check for result in results if not result.ok}


def test_shards_in_order_pass_every_check() -> None:
    results = check(platform())
    assert [result for result in results if not result.ok] == []
    assert {result.check for result in results} == {each.id for each in checks_of("shards")}


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


def test_every_check_of_the_shards_is_seen_to_fail() -> None:
    seen = {noticed for _, _, noticed in CHANGES}.union(*(noticed for _, _, noticed in WIDER))
    assert seen == {each.id for each in checks_of("shards")}


def test_a_map_that_was_moved_by_a_plan_is_as_good_as_the_first() -> None:
    state = platform()
    put(state, current(state).moved({0: "shard-2"}))
    assert red(check(state)) == set()


def test_a_shard_without_a_logical_shard_on_it_is_no_fault_of_the_map() -> None:
    state = platform()
    now = current(state)
    put(state, now.moved(dict.fromkeys(now.held_by("shard-1"), "shard-2")))
    assert red(check(state)) == set()
