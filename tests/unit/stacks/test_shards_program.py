"""What the shards program makes of foundation's outputs, and when it refuses to go on."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from palier.sharding import ShardMap, items
from palier_stacks.shards.component import MOST_NAMED_INSTANCES, NEEDED, SHARDS_PER_DASHBOARD
from palier_stacks.shards.settings import ShardsSettings

from tests.unit.stacks.conftest import Config, build_shards, changed
from tests.unit.stacks.mocked import Recorder

Run = tuple[Recorder, dict[str, Any]]


@pytest.fixture
def outputs(foundation: Run) -> dict[str, Any]:
    """What a foundation that stands exports."""
    return dict(foundation[1])


@pytest.fixture
def first(shards_config: Config) -> ShardMap:
    """The map that the local settings begin with."""
    return ShardsSettings.from_config(shards_config).first_map()


def item(recorder: Recorder, name: str) -> dict[str, Any]:
    """An item of the map's table, as the program puts it."""
    put: dict[str, Any] = json.loads(recorder.named("dynamodb.TableItem", name).inputs["item"])
    return put


def test_foundation_exports_everything_that_shards_needs(outputs: dict[str, Any]) -> None:
    assert set(NEEDED) <= set(outputs)


def test_each_shard_is_a_server_of_its_own(shards: Run) -> None:
    recorder, exported = shards
    servers = {server.name: server.inputs for server in recorder.of("rds.Instance")}

    assert sorted(servers) == exported["shard_names"] == ["shard-1", "shard-2", "shard-3", "shard-4"]
    assert sorted(server["identifier"] for server in servers.values()) == exported["shard_identifiers"]
    assert len({server["parameterGroupName"] for server in servers.values()}) == 4
    assert len({server["backupWindow"] for server in servers.values()}) == 4
    assert len({server["maintenanceWindow"] for server in servers.values()}) == 4
    for server in servers.values():
        assert server["multiAz"] is True
        assert server["storageEncrypted"] is True
        assert server["kmsKeyId"].endswith(":data")
        assert "manageMasterUserPassword" not in server, "RDS makes no replica of such an instance"
        assert server["iamDatabaseAuthenticationEnabled"] is True
        assert server["publiclyAccessible"] is False
        assert server["backupRetentionPeriod"] == 7


def test_a_shards_parameters_are_those_of_the_settings(
    shards_config: Config, outputs: dict[str, Any]
) -> None:
    own = {"work_mem_mib": 16, "statement_timeout_seconds": 30, "lock_timeout_seconds": 5}
    recorder, _ = build_shards(changed(shards_config, parameters=own), outputs)
    group = recorder.named("rds.ParameterGroup", "shard-1").inputs
    values = {entry["name"]: entry["value"] for entry in group["parameters"]}

    assert group["family"] == "postgres17"
    assert values["work_mem"] == "16384"
    assert (values["statement_timeout"], values["lock_timeout"]) == ("30000", "5000")
    assert values["max_connections"] == "450"
    assert values["rds.force_ssl"] == "1"


def test_the_map_is_put_once_and_left_alone(shards: Run, first: ShardMap) -> None:
    recorder, exported = shards
    table = recorder.named("dynamodb.Table", "shard-map").inputs

    assert exported["shard_map_table"] == table["name"] == "jobo-local-shard-map"
    assert (table["hashKey"], table["rangeKey"]) == ("map", "item")
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert table["serverSideEncryption"]["kmsKeyArn"].endswith(":data")
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert item(recorder, "map-current") == items.current_item(first)
    assert item(recorder, "map-version-1") == items.version_item(first)


def test_the_endpoints_say_where_each_shard_answers(shards_config: Config, outputs: dict[str, Any]) -> None:
    config = changed(shards_config, overrides={"shard-2": {"replica": True}})
    recorder, exported = build_shards(config, outputs)
    told = json.loads(item(recorder, "map-endpoints")["document"]["S"])

    assert [told[name]["host"] for name in exported["shard_names"]] == exported["shard_addresses"]
    assert told["shard-1"]["replica_host"] is None
    assert told["shard-2"]["replica_host"].startswith("jobo-local-shard-2-replica.")
    assert {(each["port"], each["database"]) for each in told.values()} == {(5432, "application")}
    assert exported["replica_identifiers"] == ["jobo-local-shard-2-replica"]


def test_a_replica_follows_its_shard_under_its_parameters(
    shards_config: Config, outputs: dict[str, Any]
) -> None:
    config = changed(shards_config, overrides={"shard-2": {"replica": True}})
    recorder, _ = build_shards(config, outputs)
    replica = recorder.named("rds.Instance", "shard-2-replica").inputs

    assert replica["replicateSourceDb"] == "jobo-local-shard-2"
    assert replica["parameterGroupName"] == "shard-2-1234567"
    assert not {"engine", "username", "dbName", "kmsKeyId", "dbSubnetGroupName"} & set(replica)
    alarms = {alarm.name for alarm in recorder.of("cloudwatch.MetricAlarm")}
    assert {"shard-2-replica-lag-attention", "shard-2-replica-lag-critical"} <= alarms
    assert not any(name.startswith("shard-1-replica") for name in alarms)


@pytest.mark.parametrize(
    ("restore", "asked"),
    [
        ({"snapshot_identifier": "kept"}, {"snapshotIdentifier": "kept"}),
        (
            {"source_identifier": "jobo-local-shard-2"},
            {
                "restoreToPointInTime": {
                    "sourceDbInstanceIdentifier": "jobo-local-shard-2",
                    "useLatestRestorableTime": True,
                }
            },
        ),
        (
            {"source_identifier": "jobo-local-shard-2", "restore_time": "2026-11-25T12:30:00Z"},
            {
                "restoreToPointInTime": {
                    "sourceDbInstanceIdentifier": "jobo-local-shard-2",
                    "restoreTime": "2026-11-25T12:30:00Z",
                }
            },
        ),
    ],
)
def test_a_restored_shard_stands_beside_the_one_before(
    restore: dict[str, Any], asked: dict[str, Any], shards_config: Config, outputs: dict[str, Any]
) -> None:
    own = {"shard-2": {"restore": {"generation": 2, **restore}}}
    recorder, _ = build_shards(changed(shards_config, overrides=own), outputs)
    server = recorder.named("rds.Instance", "shard-2").inputs

    assert server["identifier"] == "jobo-local-shard-2-g2"
    assert {key: server[key] for key in asked} == asked
    assert not {"dbName", "username"} & set(server), "it has its source's"
    held = recorder.named("secretsmanager.SecretVersion", "shard-2-master-1").inputs["secretString"]
    assert server["password"] == json.loads(held)["password"]


def test_each_shard_is_watched_at_the_tables_thresholds(shards: Run) -> None:
    alarms = {alarm.name: alarm.inputs for alarm in shards[0].of("cloudwatch.MetricAlarm")}

    assert set(alarms) == {
        f"shard-{number}-{what}-{level}"
        for number in range(1, 5)
        for what in ("cpu", "memory", "connections")
        for level in ("attention", "critical")
    }
    assert alarms["shard-3-cpu-attention"]["threshold"] == 70
    assert alarms["shard-3-cpu-attention"]["dimensions"] == {"DBInstanceIdentifier": "jobo-local-shard-3"}
    assert alarms["shard-3-cpu-critical"]["alarmActions"][0].endswith(":critical")


def test_the_application_may_read_the_map_and_log_in_to_the_shards(shards: Run) -> None:
    policy = shards[0].named("iam.RolePolicy", "application-uses-shards").inputs
    read, login = json.loads(policy["policy"])["Statement"]

    assert policy["role"] == "application-1234567"
    assert all(
        action.startswith(("dynamodb:Get", "dynamodb:Batch", "dynamodb:Query", "dynamodb:Describe"))
        for action in read["Action"]
    )
    assert read["Resource"].endswith(":shard-map")
    assert [arn.split("dbuser:")[-1] for arn in login["Resource"]] == [
        f"db-SHARD-{number}/application" for number in range(1, 5)
    ]
    assert [each.name for each in shards[0].of("ssm.Parameter")] == ["shard-map-table"]


def test_many_shards_fit_into_iams_and_cloudwatchs_limits(
    shards_config: Config, outputs: dict[str, Any]
) -> None:
    count = MOST_NAMED_INSTANCES + 1
    recorder, exported = build_shards(changed(shards_config, servers={"count": count}), outputs)
    policy = recorder.named("iam.RolePolicy", "application-uses-shards").inputs["policy"]
    boards = [json.loads(board.inputs["dashboardBody"]) for board in recorder.of("cloudwatch.Dashboard")]

    assert len(policy) < 10_240
    assert json.loads(policy)["Statement"][1]["Resource"] == [
        "arn:aws:rds-db:eu-west-3:123456789012:dbuser:*/application"
    ]
    assert exported["dashboard_names"] == ["jobo-local-shards", "jobo-local-shards-2"]
    assert all(len(board["widgets"]) <= 500 for board in boards)
    assert SHARDS_PER_DASHBOARD * 7 < 500


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "a shard that the map uses is left out": (
        {"servers": {"count": 2}},
        "shards:servers.count: 2 leaves out shard-3 (120 logical shards), shard-4 (120 logical shards), "
        "which version 1 of the published map still uses; run: palier shards plan --to 2 --out plan.json, "
        "palier shards apply plan.json, palier up shards",
    ),
    "another number of logical shards": (
        {"map": {"logical_shards": 960}},
        "shards:map.logical_shards: 960 is not the published map's, and never changes: every key would fall "
        "into another (allowed: 480)",
    ),
    "another strategy": (
        {"strategy": {"key": "account_id"}},
        "shards:strategy: it is not the published map's, and keys would be looked for where they are not "
        '(allowed: {"kind": "hash", "key": "user_id"})',
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_would_lose_keys_of_the_published_map_is_refused(
    case: str, shards_config: Config, outputs: dict[str, Any], first: ShardMap
) -> None:
    sections, message = REFUSALS[case]
    with pytest.raises(pulumi.RunError) as caught:
        build_shards(changed(shards_config, **sections), outputs, first.to_json())
    assert str(caught.value) == message


def test_a_shard_goes_once_the_map_uses_it_no_more(
    shards_config: Config, outputs: dict[str, Any], first: ShardMap
) -> None:
    emptied = first.moved(dict.fromkeys(first.held_by("shard-4"), "shard-1"))
    recorder, _ = build_shards(changed(shards_config, servers={"count": 3}), outputs, emptied.to_json())
    assert len(recorder.of("rds.Instance")) == 3


def test_a_shard_is_added_whatever_the_map_says(
    shards_config: Config, outputs: dict[str, Any], first: ShardMap
) -> None:
    recorder, _ = build_shards(changed(shards_config, servers={"count": 6}), outputs, first.to_json())
    assert len(recorder.of("rds.Instance")) == 6


def test_a_map_that_cannot_be_read_stops_the_program(
    shards_config: Config, outputs: dict[str, Any], first: ShardMap
) -> None:
    with pytest.raises(
        pulumi.RunError, match=r"publishes no shard map that can be read \(.*palier shards revert"
    ):
        build_shards(shards_config, outputs, first.to_json().replace("user_id", "user"))


def test_a_foundation_that_is_not_up_is_told_with_what_to_run(shards_config: Config) -> None:
    with pytest.raises(pulumi.RunError, match=r"^foundation is not up in local; run: palier up foundation"):
        build_shards(shards_config, {})
