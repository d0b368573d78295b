"""Cases of DynamoDB's types: the shard map's table and its items."""

from __future__ import annotations

import json

from tests.engine.provider.case import Case, fixed


def _item(**attributes: str) -> str:
    return json.dumps(
        {"map": {"S": "shards"}, "item": {"S": "current"}}
        | {name: {"S": value} for name, value in attributes.items()}
    )


CASES: dict[str, Case] = {
    "aws:dynamodb/table:Table": Case(
        lambda w: {
            "hashKey": "map",
            "rangeKey": "item",
            "attributes": [{"name": "map", "type": "S"}, {"name": "item", "type": "S"}],
            "billingMode": "PAY_PER_REQUEST",
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": w.key.outputs["arn"]},
        },
        lambda w: {
            "attributes": [{"name": name, "type": "S"} for name in ("map", "item", "owner")],
            "billingMode": "PROVISIONED",
            "readCapacity": 2,
            "writeCapacity": 3,
            "globalSecondaryIndexes": [
                {
                    "name": "by-owner",
                    "hashKey": "owner",
                    "projectionType": "INCLUDE",
                    "nonKeyAttributes": ["version"],
                    "readCapacity": 1,
                    "writeCapacity": 1,
                }
            ],
            "streamEnabled": True,
            "streamViewType": "NEW_AND_OLD_IMAGES",
            "ttl": {"attributeName": "expires_at", "enabled": True},
            "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 7},
            "serverSideEncryption": {"enabled": False},
        },
        {"attributes": [{"name": name, "type": "S"} for name in ("map", "item", "idle")]},
        "all attributes must be indexed; unused: idle",
    ),
    "aws:dynamodb/tableItem:TableItem": Case(
        lambda w: {
            "tableName": w.items,
            "hashKey": "map",
            "rangeKey": "item",
            "item": _item(checksum="one", reason="first"),
        },
        fixed(item=_item(checksum="two")),
        {"item": json.dumps({"map": {"S": "shards"}})},
        "has no 'item', which is a key of the table",
    ),
}
