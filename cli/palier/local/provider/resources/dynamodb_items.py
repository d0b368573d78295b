"""Items of DynamoDB tables, as pulumi-aws has them: whole, in the API's typed JSON."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.table import Call, Check, Entry, Problem, Read

# The kinds of values of the API, and what JSON has for them.
_KINDS: Mapping[str, Any] = {
    **dict.fromkeys(("S", "N", "B"), str),
    **dict.fromkeys(("BOOL", "NULL"), bool),
    "M": Mapping,
    **dict.fromkeys(("L", "SS", "NS", "BS"), list),
}
_SEPARATOR = "|"


def attributes(text: str) -> dict[str, Any]:
    """The attributes of an item's JSON, ready for the API. ValueError where it is none."""
    read = json.loads(text)
    if not isinstance(read, Mapping):
        raise ValueError("expected a mapping of attributes")
    return {str(name): _value(str(name), value) for name, value in read.items()}


def _value(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or len(value) != 1 or (kind := next(iter(value))) not in _KINDS:
        raise ValueError(f"attribute {name!r} is not one of {{{', '.join(_KINDS)}: value}}")
    held: Any = value[kind]
    if not isinstance(held, _KINDS[kind]):
        raise ValueError(f"attribute {name!r}: {type(held).__name__} is no value of kind {kind}")
    if kind == "M":
        held = {str(key): _value(f"{name}.{key}", item) for key, item in held.items()}
    elif kind == "L":
        held = [_value(f"{name}[{index}]", item) for index, item in enumerate(held)]
    elif kind in ("B", "BS"):
        held = _binary(name, held)
    return {kind: held}


def _binary(name: str, held: Any) -> Any:
    try:
        decoded = [
            base64.b64decode(item, validate=True) for item in ([held] if isinstance(held, str) else held)
        ]
    except (binascii.Error, TypeError):
        raise ValueError(f"attribute {name!r} is not base64") from None
    return decoded[0] if isinstance(held, str) else decoded


def plain(value: Any) -> Any:
    """Attributes as JSON has them: binary values as base64, sets in order."""
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {
            key: sorted(map(plain, item))
            if key in ("SS", "NS", "BS") and isinstance(item, list)
            else plain(item)
            for key, item in value.items()
        }
    return [plain(item) for item in value] if isinstance(value, list) else value


def _canonical(text: Any) -> Any:
    """An item's JSON in one spelling, so that only its meaning is compared."""
    try:
        return json.dumps(plain(attributes(text)), sort_keys=True)
    except ValueError:
        return text


def _key(properties: Mapping[str, Any]) -> dict[str, Any]:
    item = attributes(properties["item"])
    names = [properties[name] for name in ("hashKey", "rangeKey") if properties.get(name)]
    return {name: item[name] for name in names}


def _id(inputs: Mapping[str, Any], _: str) -> str:
    """`table|hash key|B|S|N[|range key|B|S|N]`, as terraform-provider-aws writes it."""
    parts = [inputs["tableName"]]
    for name, value in _key(inputs).items():
        told = plain(value)
        parts += [name, *(told.get(kind, "") for kind in ("B", "S", "N"))]
    return _SEPARATOR.join(parts)


def _put(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """An item that stands is somebody else's: creating never overwrites."""
    return {
        **arguments,
        "Item": attributes(context.inputs["item"]),
        "ConditionExpression": "attribute_not_exists(#hk)",
        "ExpressionAttributeNames": {"#hk": context.inputs["hashKey"]},
    }


def _update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """Attributes set and removed one by one; an item under another key is made, and the old one removed."""
    table, key, old_key = inputs["tableName"], _key(inputs), _key(context.old_inputs)
    new, old = attributes(inputs["item"]), attributes(context.old_inputs["item"])
    updates = {name: {"Action": "PUT", "Value": value} for name, value in new.items() if name not in key}
    gone = old.keys() - new.keys() - key.keys()
    updates |= {name: {"Action": "DELETE"} for name in gone}
    context.call("UpdateItem", TableName=table, Key=key, AttributeUpdates=updates)
    if key != old_key:
        context.call("DeleteItem", TableName=table, Key=old_key)
    return changed & {"item"}


def _describe(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    known = {**context.outputs, **context.inputs}
    if "item" in known:
        key = _key(known)
    else:
        known = {**known, "tableName": found["TableName"]}
        key = _located_key(known, found)
    answer = context.call("GetItem", TableName=known["tableName"], Key=key, ConsistentRead=True)
    if not answer.get("Item"):
        return {}
    names = {one["KeyType"]: one["AttributeName"] for one in found["KeySchema"]}
    text = json.dumps(plain(answer["Item"]), sort_keys=True)
    asked = known.get("item")
    read = {
        "tableName": known["tableName"],
        "hashKey": names["HASH"],
        "rangeKey": names.get("RANGE"),
        "item": asked if asked is not None and _canonical(asked) == _canonical(text) else text,
    }
    values = [next(iter(plain(value).values())) for value in key.values()]
    read |= dict(zip(("hashKeyValue", "rangeKeyValue"), values, strict=False))
    context.id = _id({key: value for key, value in read.items() if value is not None}, "")
    return {name: value for name, value in read.items() if value is not None}


def _located_key(known: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    key = {}
    for one in table["KeySchema"]:
        name = one["AttributeName"]
        value = known.get("hashKeyValue" if one["KeyType"] == "HASH" else "rangeKeyValue")
        if not value:
            raise ProviderError(f"no value given for the key {name!r}")
        key[name] = {kinds[name]: base64.b64decode(value) if kinds[name] == "B" else value}
    return key


def _locate(context: Context) -> None:
    """An import's id is `table|hash key's value[|range key's value]`, or a JSON list of them."""
    given = json.loads(context.id) if context.id.startswith("[") else context.id.split(_SEPARATOR)
    if not 2 <= len(given) <= 3:
        raise ProviderError("an item's id is table_name|hash_key_value[|range_key_value]")
    names = ("tableName", "hashKeyValue", "rangeKeyValue")
    context.outputs = {**context.outputs, **dict(zip(names, given, strict=False))}


def _remove(context: Context) -> None:
    known = {**context.outputs, **context.inputs}
    context.call("DeleteItem", TableName=known["tableName"], Key=_key(known))


def _whole(check: Check) -> list[Problem]:
    text = check.inputs.get("item")
    if not isinstance(text, str):
        return []
    try:
        item = attributes(text)
    except ValueError as error:
        return [("item", f"is not an item: {error}")]
    names = (check.inputs.get(name) for name in ("hashKey", "rangeKey"))
    missing = [name for name in names if isinstance(name, str) and name not in item]
    return [("item", f"has no {name!r}, which is a key of the table") for name in missing]


ENTRIES = (
    Entry(
        "aws:dynamodb/tableItem:TableItem",
        "dynamodb",
        create=Call("PutItem", {"TableName": "{tableName}"}, mapped=False),
        id="{tableName}",
        canonical_id=_id,
        read=Read("DescribeTable", {"TableName": "{tableName}"}, "Table"),
        delete=None,
        force_new=frozenset({"hashKey", "rangeKey", "tableName"}),
        packed=frozenset({"hashKey", "item", "rangeKey"}),
        spelling={"item": _canonical},
        gone=("ResourceNotFoundException",),
        locate=_locate,
        checks=(_whole,),
        prepare=_put,
        described=_describe,
        on_update=_update,
        before_delete=_remove,
    ),
)
