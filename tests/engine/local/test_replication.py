"""Items of a global table on their way between regions: late, held up, in conflict, over a restart."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.engine.local.building import database
from tests.engine.local.emulated import Emulated
from tests.engine.local.symptoms import outcome
from tests.engine.local.symptoms_aurora import AWAY, HOME, two_regions
from tests.engine.local.symptoms_regions import buckets, item, put_item, rule, table
from tests.engine.local.test_regions import put


@pytest.fixture
def regions(emulator: Emulated) -> tuple[Any, Any]:
    """Clients of both regions of a global table."""
    here, there = emulator.client("dynamodb", HOME), emulator.client("dynamodb", AWAY)
    table(here, AWAY)
    return here, there


def test_an_item_arrives_when_the_lag_is_over(regions: tuple[Any, Any], emulator: Emulated) -> None:
    here, there = regions
    put(emulator, region=AWAY, lag_seconds=1)
    began = time.monotonic()
    put_item(here, "one")
    assert item(there) is None
    assert item(here) == "one"
    while item(there) is None:
        assert time.monotonic() - began < 5
        time.sleep(0.05)
    assert time.monotonic() - began >= 1


def test_what_a_failed_region_had_not_sent_arrives_when_it_is_back(
    regions: tuple[Any, Any], emulator: Emulated
) -> None:
    here, there = regions
    put(emulator, region=AWAY, lag_seconds=0.5)
    put_item(here, "one")
    put(emulator, region=HOME, mode="error")
    time.sleep(0.6)
    assert item(there) is None
    put(emulator, region=HOME, mode=None)
    assert item(there) == "one"


def test_the_last_writer_wins_in_both_regions(regions: tuple[Any, Any], emulator: Emulated) -> None:
    here, there = regions
    put(emulator, region=AWAY, lag_seconds=0.5)
    put_item(here, "earlier")
    put_item(there, "later")
    time.sleep(0.6)
    assert (item(here), item(there)) == ("later", "later")


def test_settings_that_replicas_have_in_common_are_changed_in_all(regions: tuple[Any, Any]) -> None:
    here, there = regions
    here.update_time_to_live(
        TableName="sessions", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    told = there.describe_time_to_live(TableName="sessions")["TimeToLiveDescription"]
    assert told == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}


def test_a_table_without_the_stream_it_needs_gets_no_replica(emulator: Emulated) -> None:
    here = emulator.client("dynamodb", HOME)
    table(here)
    here.update_table(TableName="sessions", StreamSpecification={"StreamEnabled": False})
    updates = [{"Create": {"RegionName": AWAY}}]
    assert outcome(here.update_table, TableName="sessions", ReplicaUpdates=updates) == "ValidationException"


def test_replication_comes_back_from_a_restart(own_emulator: Emulated) -> None:
    own_emulator.start()
    here, there = own_emulator.client("dynamodb", HOME), own_emulator.client("dynamodb", AWAY)
    table(here, AWAY)
    put(own_emulator, region=AWAY, lag_seconds=3600)
    put_item(here, "one")
    lost = {"TableName": "sessions", "Item": {"id": {"S": "a"}, "v": {"S": "two"}}}
    # Only where the first write has not arrived does this one pass; a replay must see that too.
    assert outcome(there.put_item, **lost, ConditionExpression="attribute_not_exists(id)") == "done"
    own_emulator.restart_after_kill()
    assert own_emulator.api("health")["replay"]["diverged"] == []
    assert (item(here), item(there)) == ("two", "two")
    put_item(here, "three")
    assert item(there) == "two"


def measured(cloudwatch: Any, namespace: str, metric: str, **dimensions: str) -> list[float]:
    """The values of the last minutes, oldest first."""
    asked = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    }
    query = {"Id": "lag", "MetricStat": {"Metric": asked, "Period": 60, "Stat": "Maximum"}}
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[query], StartTime=now - timedelta(minutes=10), EndTime=now + timedelta(seconds=1)
    )
    values: list[float] = answer["MetricDataResults"][0]["Values"]
    return values


def test_the_lag_of_each_kind_of_replica_is_measured_in_its_unit(emulator: Emulated) -> None:
    two_regions(emulator.client)
    table(emulator.client("dynamodb", HOME), AWAY)
    source = database(emulator.client)
    emulator.client("rds", AWAY).create_db_instance_read_replica(
        DBInstanceIdentifier="far", SourceDBInstanceIdentifier=source["DBInstanceArn"]
    )
    put(emulator, region=AWAY, lag_seconds=2.5)
    time.sleep(1.1)
    here, there = emulator.client("cloudwatch", HOME), emulator.client("cloudwatch", AWAY)
    of = {"DBClusterIdentifier": "orders"}
    for metric in ("AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag"):
        assert measured(there, "AWS/RDS", metric, **of)[-1] == 2500
        assert measured(there, "AWS/RDS", metric, **of, SourceRegion=HOME)[-1] == 2500
        assert measured(here, "AWS/RDS", metric, **of) == []
    assert measured(there, "AWS/RDS", "ReplicaLag", DBInstanceIdentifier="far")[-1] == 2.5
    latency = measured(here, "AWS/DynamoDB", "ReplicationLatency", TableName="sessions", ReceivingRegion=AWAY)
    assert latency[-1] == 2500


def test_the_last_lag_before_an_outage_stays_the_last_one_told(emulator: Emulated) -> None:
    two_regions(emulator.client)
    put(emulator, region=AWAY, lag_seconds=4)
    time.sleep(1.1)
    put(emulator, region=HOME, mode="error")
    put(emulator, region=AWAY, lag_seconds=9)
    time.sleep(1.1)
    there, of = emulator.client("cloudwatch", AWAY), {"DBClusterIdentifier": "orders"}
    assert measured(there, "AWS/RDS", "AuroraGlobalDBReplicationLag", **of)[-1] == 4000


def test_an_object_waits_for_the_lag_and_for_the_failed_region(emulator: Emulated) -> None:
    s3 = buckets(emulator.client)
    s3.put_bucket_replication(Bucket="assets", ReplicationConfiguration=rule())
    put(emulator, region=AWAY, lag_seconds=0.5)
    s3.put_object(Bucket="assets", Key="static/a.css", Body=b"a")
    there = emulator.client("s3", AWAY)
    assert there.list_objects_v2(Bucket="copies")["KeyCount"] == 0
    assert s3.head_object(Bucket="assets", Key="static/a.css")["ReplicationStatus"] == "PENDING"
    put(emulator, region=HOME, mode="error")
    time.sleep(0.6)
    assert there.list_objects_v2(Bucket="copies")["KeyCount"] == 0
    put(emulator, region=HOME, mode=None)
    assert there.list_objects_v2(Bucket="copies")["KeyCount"] == 1
