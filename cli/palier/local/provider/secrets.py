"""Secret values: which properties of a request are secret, marking them in an answer, cutting them out.

The engine hands secrets over in a wrapping of its own, and what comes back unwrapped is secret no more. So
every answer marks what its request marked; the part of a list is not told apart, the whole list is secret.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import struct_pb2

# pulumi.runtime.rpc: _special_sig_key and _special_secret_sig.
_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
_SHORTEST = 3  # Characters: to cut anything shorter out of a text leaves no text.
_STRUCTS = ("news", "olds", "properties", "inputs", "old_inputs", "args")

Marks = Mapping[str, Any]
"""Property name to True where it is secret, or to the marks inside it."""


def unwrapped(value: struct_pb2.Value) -> struct_pb2.Value | None:
    """What a secret wraps; None for what is no secret."""
    if value.WhichOneof("kind") != "struct_value":
        return None
    fields = value.struct_value.fields
    if _SIGNATURE_KEY not in fields or fields[_SIGNATURE_KEY].string_value != _SECRET_SIGNATURE:
        return None
    return fields["value"]


def marks(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Which properties are secret."""
    found = {key: _mark(value) for key, value in struct.fields.items()}
    return {key: mark for key, mark in found.items() if mark}


def _mark(value: struct_pb2.Value) -> Any:
    if unwrapped(value) is not None:
        return True
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return marks(value.struct_value)
    return kind == "list_value" and any(_mark(item) for item in value.list_value.values)


def mark(struct: struct_pb2.Struct, secret: Marks) -> struct_pb2.Struct:
    """`struct` with the properties wrapped that `secret` names; changes it in place."""
    for key, inside in secret.items():
        if key not in struct.fields:
            continue
        value = struct.fields[key]
        if inside is True:
            _wrap(value)
        elif value.WhichOneof("kind") == "struct_value":
            mark(value.struct_value, inside)
    if "tags" in secret and "tagsAll" in struct.fields and "tagsAll" not in secret:
        mark(struct, {"tagsAll": secret["tags"]})
    return struct


def _wrap(value: struct_pb2.Value) -> None:
    held = struct_pb2.Value()
    held.CopyFrom(value)
    fields = value.struct_value.fields
    fields.clear()
    fields[_SIGNATURE_KEY].string_value = _SECRET_SIGNATURE
    fields["value"].CopyFrom(held)


def texts(request: Any) -> set[str]:
    """Every secret text in a request."""
    found: set[str] = set()
    known = {field.name for field in request.DESCRIPTOR.fields}
    for name in known & set(_STRUCTS):
        for value in getattr(request, name).fields.values():
            _collect(value, False, found)
    return found


def _collect(value: struct_pb2.Value, secret: bool, into: set[str]) -> None:
    held = unwrapped(value)
    if held is not None:
        _collect(held, True, into)
        return
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        for item in value.struct_value.fields.values():
            _collect(item, secret, into)
    elif kind == "list_value":
        for item in value.list_value.values:
            _collect(item, secret, into)
    elif secret and kind == "string_value":
        into.add(value.string_value)
    elif secret and kind == "number_value":
        into.add(f"{value.number_value:g}")


def redacted(text: str, secret: Iterable[str]) -> str:
    """`text` without the secrets, in whatever way they are quoted in it."""
    spellings = {
        spelt
        for one in secret
        if len(one) >= _SHORTEST
        for spelt in (one, json.dumps(one)[1:-1], repr(one)[1:-1], html.escape(one))
    }
    for spelt in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelt, "[secret]")
    return text
