"""What DynamoDB's types do beyond a life of their own: taken over, never overwritten, under another key."""

from __future__ import annotations

import json

import pytest

from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, Failed, Properties

TABLE, ITEM = "aws:dynamodb/table:Table", "aws:dynamodb/tableItem:TableItem"


def item(world: World, name: str, **attributes: str) -> Properties:
    """An item's inputs, under the range key `name`."""
    content = {"map": {"S": "shards"}, "item": {"S": name}}
    content |= {key: {"N": value} for key, value in attributes.items()}
    keys = {"hashKey": "map", "rangeKey": "item"}
    return {"tableName": world.items, **keys, "item": json.dumps(content)}


def test_table_and_item_are_taken_over_by_their_ids(provider: Driven, world: World) -> None:
    made = provider.make(ITEM, "taken", item(world, "taken", version="1"))
    assert made.id == f"{world.items}|map||shards||item||taken|"

    table = provider.take_over(TABLE, "table", world.items)
    assert table is not None
    assert (table.inputs["hashKey"], table.inputs["rangeKey"]) == ("map", "item")

    found = provider.take_over(ITEM, "again", f"{world.items}|shards|taken")
    assert found is not None
    assert found.id == made.id
    assert json.loads(found.inputs["item"]) == json.loads(made.inputs["item"])
    assert (found.outputs["hashKeyValue"], found.outputs["rangeKeyValue"]) == ("shards", "taken")
    assert provider.take_over(ITEM, "none", f"{world.items}|shards|nothing") is None


def test_an_item_that_stands_is_never_overwritten(provider: Driven, world: World) -> None:
    made = provider.make(ITEM, "first", item(world, "current", version="1"))
    with pytest.raises(Failed, match="ConditionalCheckFailedException"):
        provider.make(ITEM, "second", item(world, "current", version="2"))
    seen = provider.look(made)
    assert seen is not None
    assert seen.inputs == made.inputs


def test_an_item_under_another_key_leaves_nothing_under_the_old_one(provider: Driven, world: World) -> None:
    made = provider.make(ITEM, "moving", item(world, "old", version="1"))
    moved = provider.change(made, provider.recheck(made, item(world, "new", version="1")))
    assert provider.look(made) is None
    seen = provider.look(moved)
    assert seen is not None
    assert seen.id == f"{world.items}|map||shards||item||new|"


def test_a_protected_table_is_not_deleted(provider: Driven) -> None:
    keys = {"hashKey": "map", "attributes": [{"name": "map", "type": "S"}], "billingMode": "PAY_PER_REQUEST"}
    made = provider.make(TABLE, "kept", {**keys, "deletionProtectionEnabled": True})
    with pytest.raises(Failed, match="can't be deleted while DeletionProtectionEnabled"):
        provider.remove(made)
    freed = provider.change(made, provider.recheck(made, {**keys, "deletionProtectionEnabled": False}))
    provider.remove(freed)
    assert provider.look(freed) is None
