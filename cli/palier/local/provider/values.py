"""Property values as they travel between engine and provider.

The engine sends google Structs. In a preview a value that is not known yet is a fixed string; here it is
the one object UNKNOWN, wherever it stands in a list or mapping.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import struct_pb2

from palier.local.provider.secrets import unwrapped

# The engine's own spelling of "not known yet" (pulumi.runtime.rpc.UNKNOWN).
_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DEFAULTS_KEY: Final = "__defaults"


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A Struct as a plain dict: whole numbers are ints, unknown values are UNKNOWN, secrets are unwrapped
    (`secrets.marks` tells which they were), nulls are left out."""
    return {key: _decode(value) for key, value in struct.fields.items() if _kind(value) != "null_value"}


def _kind(value: struct_pb2.Value) -> str | None:
    kind: str | None = value.WhichOneof("kind")
    return kind


def _decode(value: struct_pb2.Value) -> Any:
    held = unwrapped(value)
    if held is not None:
        return _decode(held)
    kind = _kind(value)
    if kind == "string_value":
        return UNKNOWN if value.string_value == _UNKNOWN_TEXT else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        return decode(value.struct_value)
    return None


def encode(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The reverse of `decode`; None is left out."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        if value is not None:
            _encode(value, struct.fields[key])
    return struct


def _encode(value: Any, into: struct_pb2.Value) -> None:
    if value is UNKNOWN:
        into.string_value = _UNKNOWN_TEXT
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, (int, float)):
        into.number_value = value
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, Mapping):
        into.struct_value.CopyFrom(encode(value))
    elif isinstance(value, (list, tuple, set, frozenset)):
        into.list_value.SetInParent()
        for item in value:
            _encode(item, into.list_value.values.add())
    elif value is None:
        into.null_value = struct_pb2.NULL_VALUE
    else:
        into.string_value = str(value)


def has_unknown(value: Any) -> bool:
    """Whether something in `value` is not known yet."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    return isinstance(value, list) and any(has_unknown(item) for item in value)


def same(left: Any, right: Any, *, ordered: bool = False) -> bool:
    """Whether two inputs ask AWS for the same thing.

    Lists are compared without order (Terraform's sets are lists here) unless `ordered`, policies by meaning,
    other JSON documents by content, a number equals its text, and a mapping's absent key equals null, an
    empty list or an empty text.
    """
    if ordered and isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    equal: bool = canonical(left) == canonical(right)
    return equal


def canonical(value: Any) -> Any:
    """A hashable form in which equal requests are equal."""
    if isinstance(value, Mapping):
        return tuple(
            sorted((key, canonical(item)) for key, item in value.items() if item not in (None, [], ""))
        )
    if isinstance(value, (list, tuple)):
        return tuple(sorted((canonical(item) for item in value), key=repr))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(int(value)) if float(value).is_integer() else repr(value)
    if isinstance(value, str) and value[:1] in ("{", "[") and value[-1:] in ("}", "]"):
        return _canonical_json(value)
    return value


def _canonical_json(text: str) -> Any:
    try:
        document = json.loads(text)
    except ValueError:
        return text
    if isinstance(document, dict) and "Statement" in document:
        return ("policy", canonical(_unwrapped(document)))
    return ("json", json.dumps(document, sort_keys=True))


def _unwrapped(policy: Any) -> Any:
    """A policy in which a list of one item is the item, as AWS reads both."""
    if isinstance(policy, Mapping):
        return {key: _unwrapped(item) for key, item in policy.items()}
    if isinstance(policy, list):
        items = [_unwrapped(item) for item in policy]
        return items[0] if len(items) == 1 else items
    return policy
