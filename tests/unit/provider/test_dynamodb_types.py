"""DynamoDB's types: what is refused of a table and of an item, and how an item is told from another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from palier.local.provider import invokes
from palier.local.provider.errors import AwsError, ProviderError
from palier.local.provider.resources import dynamodb_items
from palier.local.provider.table import Check, entries
from palier.local.provider.values import UNKNOWN

TABLE: dict[str, Any] = {
    "name": "jobo-local-shard-map",
    "hashKey": "map",
    "rangeKey": "item",
    "attributes": [{"name": "map", "type": "S"}, {"name": "item", "type": "S"}],
    "billingMode": "PAY_PER_REQUEST",
}
BOTH = {"streamEnabled": True, "streamViewType": "NEW_AND_OLD_IMAGES"}


def refused(name: str, inputs: dict[str, Any]) -> dict[str, str]:
    entry = entries()[name]
    check = Check(entry, inputs, "eu-west-3", lambda service, operation, arguments: None)
    return dict(problem for rule in entry.checks for problem in rule(check))


def of_table(**changes: Any) -> dict[str, str]:
    return refused("aws:dynamodb/table:Table", {**TABLE, **changes})


def test_a_table_that_aws_takes_passes() -> None:
    assert of_table() == {}
    assert of_table(replicas=[{"regionName": "eu-central-1"}], **BOTH) == {}
    assert of_table(replicas=[{"regionName": "eu-central-1", "consistencyMode": "STRONG"}]) == {}
    assert of_table(attributes=UNKNOWN, hashKey=UNKNOWN) == {}


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"name": "ab"}, "name", "3 to 255"),
        ({"hashKey": "key"}, "hashKey", "'key' is not one of the attributes"),
        ({"rangeKey": None}, "attributes", "all attributes must be indexed; unused: item"),
        (
            {"attributes": [{"name": "map", "type": "S"}, {"name": "item", "type": "T"}]},
            "attributes[1].type",
            "'T' is not one of AWS's values (S, N, B)",
        ),
        ({"billingMode": "PROVISIONED"}, "readCapacity", "must be at least 1"),
        ({"readCapacity": 5}, "readCapacity", "can not be set when billingMode is PAY_PER_REQUEST"),
        ({"streamEnabled": True}, "streamViewType", "is required when streamEnabled is true"),
        ({**BOTH, "streamViewType": "IMAGES"}, "streamViewType", "'IMAGES' is not one of"),
        ({"ttl": {"enabled": True}}, "ttl.attributeName", "is required when ttl.enabled is true"),
        (
            {"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 36}},
            "pointInTimeRecovery.recoveryPeriodInDays",
            "36 is outside 1…35",
        ),
        (
            {"serverSideEncryption": {"enabled": True, "kmsKeyArn": "alias/data"}},
            "serverSideEncryption.kmsKeyArn",
            "is not the ARN of a KMS key",
        ),
        (
            {"localSecondaryIndexes": [{"name": "x", "rangeKey": "item", "projectionType": "SOME"}]},
            "localSecondaryIndexes[0].projectionType",
            "'SOME' is not one of",
        ),
        ({"replicas": [{"regionName": "eu-central-1"}]}, "replicas", "NEW_AND_OLD_IMAGES"),
        ({**BOTH, "replicas": [{"regionName": "eu-west-3"}]}, "replicas[0].regionName", "own region"),
        (
            {**BOTH, "replicas": [{"regionName": "eu-west-33"}]},
            "replicas[0].regionName",
            "unknown AWS region",
        ),
        (
            {**BOTH, "replicas": [{"regionName": "eu-central-1"}, {"regionName": "eu-central-1"}]},
            "replicas[1].regionName",
            "is given twice",
        ),
    ],
)
def test_a_table_that_aws_refuses_is_refused(changes: dict[str, Any], path: str, says: str) -> None:
    assert says in of_table(**changes)[path]


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("{", "is not an item"),
        ("[]", "expected a mapping of attributes"),
        ('{"map": "shards"}', "attribute 'map' is not one of {S, N,"),
        ('{"map": {"S": 1}}', "attribute 'map': int is no value of kind S"),
        ('{"map": {"B": "?"}}', "attribute 'map' is not base64"),
        ('{"other": {"S": "x"}}', "has no 'map'"),
    ],
)
def test_an_item_that_aws_refuses_is_refused(item: str, says: str) -> None:
    inputs = {"tableName": "t", "hashKey": "map", "item": item}
    assert says in refused("aws:dynamodb/tableItem:TableItem", inputs)["item"]


def test_an_item_is_compared_by_meaning() -> None:
    spelt = entries()["aws:dynamodb/tableItem:TableItem"].spelling["item"]
    one = '{"a": {"S": "x"}, "b": {"M": {"c": {"L": [{"N": "1"}]}}}, "d": {"SS": ["p", "q"]}}'
    other = json.dumps(json.loads(one.replace('["p", "q"]', '["q", "p"]')), indent=2)
    assert spelt(one) == spelt(other)
    assert spelt(one) != spelt(one.replace('"x"', '"y"'))


def test_an_items_id_is_terraforms() -> None:
    inputs = {"tableName": "t", "hashKey": "h", "rangeKey": "r", "item": '{"h": {"S": "x"}, "r": {"N": "1"}}'}
    assert dynamodb_items._id(inputs, "t") == "t|h||x||r|||1"


def test_binary_values_go_as_bytes_and_come_back_as_base64() -> None:
    text = '{"h": {"B": "AQI="}, "s": {"BS": ["AQ=="]}}'
    read = dynamodb_items.attributes(text)
    assert read == {"h": {"B": b"\x01\x02"}, "s": {"BS": [b"\x01"]}}
    assert dynamodb_items.plain(read) == json.loads(text)


class Table:
    """A client that answers GetItem with `item`, or with no table at all."""

    def __init__(self, item: dict[str, Any] | None) -> None:
        self.item = item
        self.asked: dict[str, Any] = {}

    def call(self, service: str, region: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.asked = {"service": service, "region": region, "operation": operation, **arguments}
        if self.item is None:
            raise AwsError("DynamoDB", operation, "ResourceNotFoundException", "no such table")
        return {"Item": self.item} if self.item else {}


def _read(item: dict[str, Any] | None) -> tuple[dict[str, Any], Table]:
    table = Table(item)
    asked = {"tableName": "t", "key": '{"h": {"S": "x"}}', "projectionExpression": "version"}
    token = "aws:dynamodb/getTableItem:getTableItem"
    return invokes.invoke(token, asked, "eu-west-3", table), table  # type: ignore[arg-type]


def test_an_item_is_read_as_a_data_source() -> None:
    answer, table = _read({"h": {"S": "x"}, "b": {"B": b"\x01"}})
    assert json.loads(answer["item"]) == {"h": {"S": "x"}, "b": {"B": "AQ=="}}
    assert answer["id"] == "t|x"
    assert table.asked["Key"] == {"h": {"S": "x"}}
    assert table.asked["ProjectionExpression"] == "version"
    assert table.asked["ConsistentRead"] is True


@pytest.mark.parametrize(("item", "why"), [(None, "couldn't find resource"), ({}, "empty result")])
def test_an_item_that_is_not_there_is_told_as_the_official_provider_does(
    item: dict[str, Any] | None, why: str
) -> None:
    with pytest.raises(ProviderError, match=rf"^reading DynamoDB Table Item \(t\|x\): {why}$"):
        _read(item)
