"""Items of a global table on their way between regions: late, held up, in conflict, over a restart."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.engine.local.emulated import Emulated
from tests.engine.local.symptoms import outcome
from tests.engine.local.symptoms_regions import AWAY, HOME, item, put_item, table
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
