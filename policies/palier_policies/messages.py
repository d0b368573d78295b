"""Resources out of the engine's messages, unpacked when somebody looks.

Most resources are of types that no policy of a pack looks at: of those, nothing but URN and type is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from google.protobuf import struct_pb2

from palier_policies.resources import Resource, plain, region_of


class Properties(Mapping[str, Any]):
    """The properties of a message: a mapping that is unpacked when it is first asked."""

    def __init__(self, properties: struct_pb2.Struct) -> None:
        self._properties = properties

    @cached_property
    def _unpacked(self) -> dict[str, Any]:
        found: dict[str, Any] = plain(_mapping(self._properties))
        return found

    def __getitem__(self, name: str) -> Any:
        return self._unpacked[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._unpacked)

    def __len__(self) -> int:
        return len(self._unpacked)


def _mapping(struct: struct_pb2.Struct) -> dict[str, Any]:
    return {name: _value(value) for name, value in struct.fields.items()}


def _value(value: struct_pb2.Value) -> Any:
    # A third of the time of protobuf's own json_format, which is made for every kind of message.
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return _mapping(value.struct_value)
    if kind == "list_value":
        return [_value(each) for each in value.list_value.values]
    return None


def resource_of(message: Any) -> Resource:
    """A resource of an AnalyzeRequest or an AnalyzerResource."""
    fields = message.properties.fields
    own = {"region": fields["region"].string_value} if "region" in fields else {}
    of_provider = message.provider.properties.fields
    return Resource(
        urn=message.urn,
        type=message.type,
        region=region_of(own, of_provider["region"].string_value if "region" in of_provider else None),
        inputs=Properties(message.properties),
        parent=message.options.parent,
        protect=message.options.protect,
        ignores=tuple(message.options.ignoreChanges),
        custom=message.HasField("provider") or message.type.startswith("pulumi:"),
    )
