"""The published map, in moto's DynamoDB: one step, audited, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from palier.errors import OperationError
from palier.sharding import ShardMap, items, strategy_from
from palier.sharding.plan_file import Plan
from palier.sharding.planning import Measured, plan
from palier.sharding.published import Published

TABLE = "jobo-local-shard-map"
FIRST = ShardMap.initial(strategy_from({"kind": "hash", "key": "user_id"}), ["shard-1", "shard-2"])
EVEN = Measured("count", (1.0,) * 480, None)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """A table as the stack seeds it: two shards used, three standing."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-3")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": items.HASH_KEY, "KeyType": "HASH"},
                {"AttributeName": items.RANGE_KEY, "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": items.HASH_KEY, "AttributeType": "S"},
                {"AttributeName": items.RANGE_KEY, "AttributeType": "S"},
            ],
        )
        endpoints = {f"shard-{number}": {"host": f"{number}.db", "port": 5432} for number in (1, 2, 3)}
        for item in (items.current_item(FIRST), items.version_item(FIRST), items.endpoints_item(endpoints)):
            client.put_item(TableName=TABLE, Item=item)
        yield Published(client, TABLE)


def to(count: int, shard_map: ShardMap = FIRST) -> Plan:
    """A plan to so many shards."""
    return plan(shard_map, [f"shard-{number}" for number in range(1, count + 1)], EVEN, 1.0)


def everything(published: Published) -> list[dict[str, Any]]:
    """Every item of the table."""
    found: list[dict[str, Any]] = published.dynamodb.scan(TableName=TABLE)["Items"]
    return found


def test_a_plan_is_published_as_the_next_version_with_who_why_and_the_plan(published: Published) -> None:
    after, changed = published.apply(to(3), who="mia", reason="week 48")
    assert changed
    assert published.current() == after
    assert (after.version, len(after.held_by("shard-3"))) == (2, 160)
    newest, seeded = published.history()
    assert (newest.applied_by, newest.reason, newest.previous_version) == ("mia", "week 48", 1)
    assert newest.plan is not None
    assert newest.plan["checksum"] == to(3).id
    assert newest.applied_at is not None
    assert (seeded.shard_map, seeded.applied_at) == (FIRST, None)


def test_a_plan_applied_again_changes_nothing(published: Published) -> None:
    published.apply(to(3), who="mia")
    before = everything(published)
    after, changed = published.apply(to(3), who="noa")
    assert not changed
    assert after.version == 2
    assert everything(published) == before


def test_a_plan_of_another_version_is_refused(published: Published) -> None:
    published.apply(to(3), who="mia")
    published.revert(None, who="mia")
    before = everything(published)
    with pytest.raises(OperationError, match="starts from version 1 of the map; version 3 is published"):
        published.apply(to(3), who="mia")
    assert everything(published) == before


def test_a_plan_to_a_shard_without_a_server_is_refused(published: Published) -> None:
    before = everything(published)
    with pytest.raises(OperationError, match="no server stands for shard-4") as refused:
        published.apply(to(4), who="mia")
    assert "palier up shards" in refused.value.lines()[-1]
    assert everything(published) == before


def test_of_two_who_apply_at_once_one_wins_and_the_other_changes_nothing(published: Published) -> None:
    class Slow(Published):
        """Another run gets in between this one's reading and its writing."""

        def _need_servers(self, plan: Plan) -> None:
            published.apply(to(3), who="the quicker")

    before = FIRST.version
    other = Measured("count", (2.0, *(1.0,) * 479), None)
    late = plan(FIRST, ["shard-1", "shard-2", "shard-3"], other, 1.0)
    with pytest.raises(OperationError, match="somebody else changed the map at the same time"):
        Slow(published.dynamodb, TABLE).apply(late, who="the slower")
    assert published.current().version == before + 1
    assert [each.applied_by for each in published.history()] == ["the quicker", "pulumi"]


def test_back_is_a_new_version_that_says_what_the_old_one_said(published: Published) -> None:
    published.apply(to(3), who="mia")
    back, changed = published.revert(None, who="noa")
    assert changed
    assert (back.version, back.placement, back.shards) == (3, FIRST.placement, FIRST.shards)
    assert published.history()[0].reason == "back to version 1"


def test_back_to_what_holds_already_changes_nothing(published: Published) -> None:
    before = everything(published)
    assert published.revert(1, who="mia") == (FIRST, False)
    assert everything(published) == before


def test_there_is_no_way_back_from_the_first_version(published: Published) -> None:
    with pytest.raises(OperationError, match="version 1 is the first"):
        published.revert(None, who="mia")
    with pytest.raises(OperationError, match="there is no version 9"):
        published.revert(9, who="mia")


def test_back_to_a_shard_whose_server_is_gone_is_refused(published: Published) -> None:
    published.apply(to(1), who="mia")
    published.dynamodb.put_item(TableName=TABLE, Item=items.endpoints_item({"shard-1": {"host": "1.db"}}))
    with pytest.raises(OperationError, match="no server stands for shard-2"):
        published.revert(None, who="mia")


def test_a_map_that_somebody_edited_is_not_trusted(published: Published) -> None:
    item = items.current_item(FIRST)
    item["document"]["S"] = item["document"]["S"].replace('"placement":[0', '"placement":[1')
    published.dynamodb.put_item(TableName=TABLE, Item=item)
    with pytest.raises(OperationError, match="cannot be trusted: checksum: does not fit the content"):
        published.current()


def test_a_table_without_a_map_or_no_table_says_what_to_run(published: Published) -> None:
    published.dynamodb.delete_item(TableName=TABLE, Key=items.key_of(items.CURRENT))
    with pytest.raises(OperationError, match="publishes no shard map"):
        published.current()
    with pytest.raises(OperationError, match="there is no table elsewhere"):
        Published(published.dynamodb, "elsewhere").current()


def test_a_plan_too_long_for_an_item_is_kept_without_its_moves(published: Published) -> None:
    first = ShardMap.initial(FIRST.strategy, ["shard-1", "shard-2"], 32_768)
    published.dynamodb.put_item(TableName=TABLE, Item=items.current_item(first))
    published.dynamodb.put_item(TableName=TABLE, Item=items.version_item(first))
    weights = Measured("bytes", (1.5,) * 32_768, (1.5,) * 32_768)
    long = plan(first, ["shard-1", "shard-2", "shard-3"], weights, 1.0)
    after, changed = published.apply(long, who="test")
    assert changed
    assert after == published.current()
    assert published.apply(long, who="test") == (after, False)
    kept = published.history()[0].plan
    assert kept is not None
    assert kept["checksum"] == long.id
    assert "moves" not in kept


@pytest.mark.parametrize("answered", [False, True])
def test_a_process_killed_around_the_transaction_leaves_all_of_a_version_or_nothing(
    published: Published, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    before, write = everything(published), published.dynamodb.transact_write_items

    def killed(**request: Any) -> None:
        if answered:
            write(**request)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(published.dynamodb, "transact_write_items", killed)
        with pytest.raises(KeyboardInterrupt):
            published.apply(to(3), who="test")
    if not answered:
        assert everything(published) == before
    assert published.history()[0].shard_map == published.current()
    after, changed = published.apply(to(3), who="test")
    assert changed is not answered
    assert after.version == published.current().version == 2
