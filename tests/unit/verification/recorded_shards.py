"""The recorded platform: two shards, a replica of the second, and the published map."""

from __future__ import annotations

from typing import Any

from palier.sharding import ShardMap, items, strategy_from

from tests.unit.verification.recorded_aws import REGION, State
from tests.unit.verification.recorded_data import database, secret
from tests.unit.verification.recorded_names import KEY_ARN, REPLICA_WATCHED, SHARD_WATCHED, ZONES
from tests.unit.verification.recorded_watch import alarm

TABLE = "jobo-local-shard-map"
NAMES = ("shard-1", "shard-2")
# Where the items of the map stand in the recorded state, to be changed by a test.
ITEMS = ("shard-map", "items")


def _shard(number: int, days: int, window: str) -> dict[str, Any]:
    name = f"local-shard-{number}"
    shard = database(
        name,
        "shards",
        ZONES[0],
        MultiAZ=True,
        BackupRetentionPeriod=days,
        PreferredBackupWindow=window,
        DeletionProtection=True,
        DBParameterGroups=[{"DBParameterGroupName": f"jobo-shard-{number}"}],
    )
    return _named(shard, f"shard-{number}")


def _named(instance: dict[str, Any], name: str) -> dict[str, Any]:
    """The instance, under the logical name that its identifier goes beyond."""
    for tag in instance["TagList"]:
        if tag["Key"] == "palier:name":
            tag["Value"] = name
    return instance


def _replica() -> dict[str, Any]:
    replica = database(
        "local-shard-2-replica",
        "shards",
        ZONES[1],
        ReadReplicaSourceDBInstanceIdentifier="jobo-local-shard-2",
        DBParameterGroups=[{"DBParameterGroupName": "jobo-shard-2"}],
    )
    return _named(replica, "shard-2-replica")


def published() -> dict[str, Any]:
    """The items of the map by their names."""
    first = ShardMap.initial(strategy_from({"kind": "hash", "key": "user_id"}), NAMES)
    told = {
        name: {
            "host": f"jobo-local-{name}.abc.{REGION}.rds.amazonaws.com",
            "port": 5432,
            "database": "application",
            "replica_host": None,
        }
        for name in NAMES
    }
    told["shard-2"]["replica_host"] = f"jobo-local-shard-2-replica.abc.{REGION}.rds.amazonaws.com"
    return {
        items.CURRENT: items.current_item(first),
        items.version_name(1): items.version_item(first),
        items.ENDPOINTS: items.endpoints_item(told),
    }


def shards(state: State) -> State:
    """What is recorded of the shards; their servers and alarms join those in `state`."""
    servers = [_shard(1, 7, "00:00-00:30"), _shard(2, 35, "00:30-01:00"), _replica()]
    state["rds", "describe_db_instances"]["DBInstances"] += servers
    state["secretsmanager", "list_secrets"]["SecretList"] += [secret(name, "shards") for name in NAMES]
    made: State = {}
    for name, watched in (
        ("shard-1", SHARD_WATCHED),
        ("shard-2", SHARD_WATCHED),
        ("shard-2-replica", REPLICA_WATCHED),
    ):
        for what, limits in watched.items():
            for level, limit in zip(("attention", "critical"), limits, strict=True):
                dimension = ("DBInstanceIdentifier", [f"jobo-local-{name}"])
                made |= alarm(f"{name}-{what}", level, limit, dimension, "shards")
    entries = [made.pop(key) for key in list(made) if key[0] == "alarm"]
    state["cloudwatch", "describe_alarms"]["MetricAlarms"] += entries
    kept = published()

    def item(request: dict[str, Any]) -> dict[str, Any]:
        found = kept.get(request["Key"]["item"]["S"])
        return {"Item": found} if found else {}

    connections_of: dict[str, str] = {
        "ParameterName": "max_connections",
        "ParameterValue": "300",
        "Source": "user",
    }
    connections: State = {
        ("rds", "describe_db_parameters", f"jobo-{name}"): {"Parameters": [dict(connections_of)]}
        for name in NAMES
    }
    return {
        **state,
        **made,
        **connections,
        ITEMS: kept,
        ("dynamodb", "get_item"): item,
        ("dynamodb", "describe_table"): {
            "Table": {
                "TableName": TABLE,
                "DeletionProtectionEnabled": True,
                "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY_ARN},
            }
        },
        ("dynamodb", "describe_continuous_backups"): {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"},
            }
        },
    }
