"""The mapping between Pulumi's camelCase properties and botocore's shapes, both ways.

Names meet where they agree without case and punctuation (`cidrBlock` and `CidrBlock`, `dbSubnetGroupName`
and `DBSubnetGroupName`); a table entry names the others. Values meet by the shape's type.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from palier.local.provider.schema import Kind

# What `coerce` answers for a value that is not of the wanted kind.
MISSING: Final = object()
_PAIR_NAMES: Final = (("Key", "Value"), ("TagKey", "TagValue"), ("key", "value"))


@lru_cache(maxsize=8192)
def normal(name: str) -> str:
    """A name without case and punctuation."""
    return "".join(filter(str.isalnum, name)).lower()


@lru_cache(maxsize=1024)
def _members(shape: Any) -> dict[str, str]:
    return {normal(member): member for member in shape.members}


def member_of(name: str, shape: Any, names: Mapping[str, str] | None = None) -> str | None:
    """The member of structure `shape` that a property fills: the one named for it, or the one of its name."""
    named = (names or {}).get(name)
    return named if named in shape.members else _members(shape).get(normal(name))


def to_aws(
    properties: Mapping[str, Any], shape: Any, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The members of structure `shape` that `properties` fill; what the shape does not have is left out."""
    if shape is None:
        return {}
    filled: dict[str, Any] = {}
    for key, value in properties.items():
        member = member_of(key, shape, names)
        if value is not None and member is not None:
            filled[member] = _convert(value, shape.members[member], names)
    return filled


def _convert(value: Any, shape: Any, names: Mapping[str, str] | None) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(value, shape, names)
    if kind == "list":
        return _list(value, shape, names)
    if kind == "map":
        return {str(key): _convert(item, shape.value, names) for key, item in value.items()}
    if kind in ("integer", "long"):
        return int(float(value))
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind == "string":
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _structure(value: Any, shape: Any, names: Mapping[str, str] | None) -> Any:
    if isinstance(value, list) and {"Quantity", "Items"} <= set(shape.members):
        items = _convert(value, shape.members["Items"], names)
        return {"Quantity": len(items), "Items": items}
    return to_aws(value, shape, names) if isinstance(value, Mapping) else value


def _list(value: Any, shape: Any, names: Mapping[str, str] | None) -> list[Any]:
    member = shape.member
    if isinstance(value, Mapping) and member.type_name == "structure":
        for key, text in _PAIR_NAMES:
            if {key, text} <= set(member.members):
                return [{key: str(name), text: str(item)} for name, item in value.items()]
    items = value if isinstance(value, (list, tuple)) else [value]
    return [_convert(item, member, names) for item in items]


def from_aws(
    described: Mapping[str, Any], kinds: Mapping[str, Kind], names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The properties that a described object gives, each of its kind; what does not fit is left out."""
    by_name = {normal(key): value for key, value in described.items()}
    found = {}
    for key, kind in kinds.items():
        raw = by_name.get(normal((names or {}).get(key, key)), MISSING)
        value = MISSING if raw is MISSING or raw is None else coerce(raw, kind)
        if value is not MISSING:
            found[key] = value
    return found


def coerce(value: Any, kind: Kind) -> Any:
    """`value` as `kind` wants it, or MISSING where it is something else."""
    if isinstance(kind, str):
        return _coerce_scalar(value, kind)
    name, inner = kind
    if name == "object":
        return from_aws(value, inner) if isinstance(value, Mapping) else MISSING
    if name == "map":
        return _coerce_map(value, inner)
    items = value["Items"] if isinstance(value, Mapping) and "Items" in value else value
    if not isinstance(items, (list, tuple)):
        return MISSING
    coerced = [coerce(item, inner) for item in items]
    return MISSING if MISSING in coerced else coerced


def _coerce_map(value: Any, inner: Kind) -> Any:
    if isinstance(value, list):
        value = pairs(value)
    if not isinstance(value, Mapping):
        return MISSING
    coerced = {str(key): coerce(item, inner) for key, item in value.items()}
    return {key: item for key, item in coerced.items() if item is not MISSING}


def pairs(items: list[Any]) -> dict[str, Any] | None:
    """A list of `{Key, Value}` or the like as a mapping; None for another list."""
    for key, text in (*_PAIR_NAMES, ("Name", "Value")):
        if all(isinstance(item, Mapping) and key in item for item in items):
            return {item[key]: item.get(text, "") for item in items}
    return None


def _coerce_scalar(value: Any, kind: str) -> Any:
    if kind == "any":
        return value
    if isinstance(value, (Mapping, list, tuple)):
        return MISSING
    try:
        if kind == "string":
            return str(value).lower() if isinstance(value, bool) else str(value)
        if kind == "integer":
            return int(float(value))
        if kind == "number":
            return float(value)
    except ValueError:
        return MISSING
    if isinstance(value, bool):
        return value
    return str(value).lower() == "true" if str(value).lower() in ("true", "false") else MISSING
