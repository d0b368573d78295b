"""The shards on the local cloud: what the stack changes, leaves to `palier shards`, and refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from palier.sharding import ShardMap, items

from tests.engine.phases.machine import Machine, Platform

TABLE = "jobo-local-shard-map"


@pytest.fixture
def machine(whole_path: Platform) -> Iterator[Machine]:
    """The machine on which the whole path stands; its settings of the shards are put back afterwards."""
    file = whole_path.machine.settings("shards")
    before = file.read_text()
    try:
        yield whole_path.machine
    finally:
        file.write_text(before)


def published(machine: Machine) -> dict[str, Any]:
    """The item that applications read."""
    answer = machine.aws("dynamodb").get_item(TableName=TABLE, Key=items.key_of(items.CURRENT))
    found: dict[str, Any] = answer["Item"]
    return found


def publish(machine: Machine, shard_map: ShardMap) -> None:
    """Put a map there, as `palier shards apply` does."""
    dynamodb = machine.aws("dynamodb")
    for item in (items.current_item(shard_map), items.version_item(shard_map)):
        dynamodb.put_item(TableName=TABLE, Item=item)


def failing(machine: Machine) -> list[str]:
    """The checks of the shards that do not hold."""
    told = machine.palier("verify", "shards", "--output", "json", code=None).json
    return sorted({each["check"] for each in told["results"] if not each["ok"]})


def servers(machine: Machine) -> set[str]:
    """The shards' servers that stand."""
    instances = machine.aws("rds").describe_db_instances()["DBInstances"]
    names = {instance["DBInstanceIdentifier"] for instance in instances}
    return {name.removeprefix("jobo-local-") for name in names if "-shard-" in name}


def test_shards_stand_as_asked_and_a_second_up_changes_nothing(machine: Machine) -> None:
    assert servers(machine) == {f"shard-{number}" for number in range(1, 5)}
    assert failing(machine) == []
    before = machine.mutations()
    assert "nothing to change" in machine.palier("up", "shards").text
    assert machine.mutations() == before


def test_shards_come_and_go_and_the_map_is_left_to_its_plan(machine: Machine) -> None:
    first = published(machine)
    machine.set("shards", "servers", count=5)
    machine.palier("up", "shards")
    assert "shard-5" in servers(machine)
    assert published(machine) == first, "a new server holds nothing until a plan is applied"
    assert failing(machine) == []

    # A plan moves everything from shard-4 onto shard-5; then the stack neither takes it back nor minds.
    shard_map = ShardMap.from_json(first["document"]["S"])
    moves = dict.fromkeys(shard_map.held_by("shard-4"), "shard-5")
    moved = shard_map.moved(moves, (*shard_map.shards, "shard-5"))
    publish(machine, moved)
    assert "nothing to change" in machine.palier("up", "shards").text
    assert failing(machine) == []

    # The map still uses shard-5, so the count may not fall; nothing is touched.
    machine.set("shards", "servers", count=4)
    before = machine.mutations()
    said = machine.palier("preview", "shards", code=1)
    assert "shards:servers.count: 4 leaves out shard-5 (120 logical shards), which version 2 of" in said.err
    assert (
        "run: palier shards plan --to 4 --out plan.json, palier shards apply plan.json, palier up shards"
        in said.err
    )
    machine.palier("up", "shards", code=1)
    assert machine.mutations() == before

    # Moved back, shard-5 goes.
    publish(machine, moved.moved(dict.fromkeys(moves, "shard-4"), shard_map.shards))
    machine.palier("up", "shards")
    assert "shard-5" not in servers(machine)
    assert failing(machine) == []


def test_one_shard_is_restored_beside_the_server_that_stands(machine: Machine) -> None:
    others = servers(machine) - {"shard-2"}
    restore = {"generation": 2, "source_identifier": "jobo-local-shard-2"}
    machine.set("shards", "overrides", **{"shard-2": {"restore": restore}})
    machine.palier("up", "shards")
    assert servers(machine) == others | {"shard-2-g2"}
    assert failing(machine) == []
    machine.set("shards", "overrides", **{"shard-2": {}})
    machine.palier("up", "shards")
    assert servers(machine) == others | {"shard-2"}
