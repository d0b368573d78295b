"""Check: names, defaults, default tags and region filled in; what AWS would refuse is refused here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from palier.local.provider.clients import Clients
from palier.local.provider.errors import ProviderError
from palier.local.provider.schema import Kind, TypeSchema
from palier.local.provider.shapes import MISSING, coerce, member_of
from palier.local.provider.table import Autoname, Check, Entry, Problem
from palier.local.provider.values import DEFAULTS_KEY, UNKNOWN, has_unknown

Properties = dict[str, Any]
_NAME_SUFFIX_LENGTH = 7  # Pulumi's own: "-" and seven hexadecimal digits.


def fill_in(
    entry: Entry,
    schema: TypeSchema,
    news: Properties,
    olds: Mapping[str, Any],
    *,
    logical_name: str,
    seed: bytes,
    region: str,
    default_tags: Mapping[str, str],
    proposed: tuple[str, str] | None = None,
) -> Properties:
    """The program's inputs with everything that the provider adds; `__defaults` names what it added."""
    inputs = {key: value for key, value in news.items() if key != DEFAULTS_KEY}
    added: list[str] = []
    for key, value in entry.defaults.items():
        if key not in inputs:
            inputs[key] = value
            added.append(key)
    if entry.autoname and _name(entry.autoname, inputs, olds, logical_name, seed, proposed):
        added.append(entry.autoname.property)
    if "region" in schema.inputs and "region" not in inputs:
        inputs["region"] = region
        added.append("region")
    if entry.tags and "tagsAll" in schema.properties:
        own = inputs.get("tags") or {}
        inputs["tagsAll"] = UNKNOWN if own is UNKNOWN else {**default_tags, **own}
        added.append("tagsAll")
    inputs[DEFAULTS_KEY] = sorted(added)
    return inputs


def _name(
    rule: Autoname,
    inputs: Properties,
    olds: Mapping[str, Any],
    logical: str,
    seed: bytes,
    proposed: tuple[str, str] | None,
) -> bool:
    """Name the resource where the program does not: as before, as the engine proposes, or anew."""
    if rule.property in inputs:
        return False
    if rule.prefix and rule.prefix in inputs:
        base, separator = inputs[rule.prefix], ""
        if base is UNKNOWN:
            inputs[rule.property] = UNKNOWN
            return True
    else:
        leading = "" if logical.startswith(rule.leading) else rule.leading
        base, separator = f"{leading}{logical}", rule.separator
    before = olds.get(rule.property)
    if (
        isinstance(before, str)
        and rule.property in olds.get(DEFAULTS_KEY, [])
        and before.startswith(base[:8])
    ):
        inputs[rule.property] = before
        return True
    if proposed and proposed[0] == "disable":
        return False
    name = proposed[1] if proposed else ""
    if not name:
        suffix = hashlib.sha256(seed + logical.encode()).hexdigest()[:_NAME_SUFFIX_LENGTH]
        name = f"{base}{separator}{suffix}"
    inputs[rule.property] = name.lower() if rule.lower else name
    return True


def refusals(
    entry: Entry, schema: TypeSchema, inputs: Mapping[str, Any], region: str, clients: Clients
) -> list[Problem]:
    """Everything that AWS would refuse about `inputs`, as (property, reason)."""
    problems = _unknown_properties(schema, inputs)
    problems += [
        (key, f"is required, but {entry.token} has no {key}") for key in schema.required if key not in inputs
    ]
    problems += _wrong_kinds(schema, inputs) + _long_name(entry, inputs)
    if problems:
        return sorted(problems)
    if "region" in schema.inputs and (unknown := unknown_region(region)):
        return [("region", unknown)]
    problems += _outside_the_model(entry, inputs, region, clients)

    def read(service: str, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        if has_unknown(dict(arguments)):
            return None
        try:
            return clients.call(service, region, operation, arguments)
        except ProviderError:
            return None

    asked = Check(entry, inputs, region, read)
    for rule in entry.checks:
        problems += rule(asked)
    return problems


def _long_name(entry: Entry, inputs: Mapping[str, Any]) -> list[Problem]:
    """As the official provider, a name that is too long is refused, never cut."""
    rule = entry.autoname
    name = inputs.get(rule.property) if rule else None
    if rule is None or not isinstance(name, str) or len(name) <= rule.max_length:
        return []
    return [(rule.property, f"{name!r} has {len(name)} characters; AWS allows {rule.max_length}")]


def _unknown_properties(schema: TypeSchema, inputs: Mapping[str, Any]) -> list[Problem]:
    allowed: dict[str, Kind] = {**schema.inputs, DEFAULTS_KEY: "any", "tagsAll": "any"}
    return list(_strangers(allowed, inputs, ""))


def _strangers(allowed: Mapping[str, Kind], given: Mapping[str, Any], path: str) -> list[Problem]:
    problems: list[Problem] = []
    for key, value in given.items():
        if key not in allowed:
            near = get_close_matches(key, allowed, n=1)
            problems.append(
                (f"{path}{key}", f"is not a property{f'; did you mean {near[0]}?' if near else ''}")
            )
            continue
        kind = allowed[key]
        if isinstance(kind, list) and kind[0] == "object" and isinstance(value, Mapping):
            problems += _strangers(kind[1], value, f"{path}{key}.")
        elif isinstance(kind, list) and kind[0] == "list" and isinstance(value, list):
            inner = kind[1]
            if isinstance(inner, list) and inner[0] == "object":
                for index, item in enumerate(value):
                    if isinstance(item, Mapping):
                        problems += _strangers(inner[1], item, f"{path}{key}[{index}].")
    return problems


def _wrong_kinds(schema: TypeSchema, inputs: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    for key, value in inputs.items():
        kind = schema.inputs.get(key)
        if kind is None or has_unknown(value) or coerce(value, kind) is not MISSING:
            continue
        wanted = kind if isinstance(kind, str) else kind[0]
        problems.append((key, f"expected a value of kind {wanted}, got {type(value).__name__}"))
    return problems


@lru_cache(maxsize=1)
def _regions() -> tuple[str, ...]:
    import botocore.session

    return tuple(sorted(botocore.session.Session().get_available_regions("ec2")))


def unknown_region(region: str) -> str | None:
    """What is wrong with a region's name; None where AWS has it."""
    if region in _regions():
        return None
    near = get_close_matches(region, _regions(), n=2)
    return f"unknown AWS region {region!r}" + (f"; did you mean {' or '.join(near)}?" if near else "")


def _outside_the_model(
    entry: Entry, inputs: Mapping[str, Any], region: str, clients: Clients
) -> list[Problem]:
    """Values outside an enumeration or a range that botocore's model of the create operation knows."""
    shape = clients.operation_model(entry.service, region, entry.create.operation).input_shape
    return _hold_against(shape, inputs, entry.names, "") if shape is not None else []


def _hold_against(shape: Any, given: Mapping[str, Any], names: Mapping[str, str], path: str) -> list[Problem]:
    problems: list[Problem] = []
    for key, value in given.items():
        member = member_of(key, shape, names)
        if member is not None and key not in ("tags", "tagsAll"):
            problems += _value_against(shape.members[member], value, names, f"{path}{key}")
    return problems


def _value_against(shape: Any, value: Any, names: Mapping[str, str], path: str) -> list[Problem]:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return _hold_against(shape, value, names, f"{path}.")
    if shape.type_name == "list" and isinstance(value, list):
        return [
            problem
            for index, item in enumerate(value)
            for problem in _value_against(shape.member, item, names, f"{path}[{index}]")
        ]
    if isinstance(value, str) and shape.type_name == "string":
        return _enumerated(shape, value, path)
    if isinstance(value, int) and not isinstance(value, bool) and shape.type_name in ("integer", "long"):
        return _ranged(shape, value, path)
    return []


def _enumerated(shape: Any, value: str, path: str) -> list[Problem]:
    allowed = getattr(shape, "enum", None) or []
    if not allowed or value in allowed:
        return []
    shown = get_close_matches(value, allowed, n=5) or list(allowed)[:8]
    return [
        (
            path,
            f"{value!r} is not one of AWS's values ({', '.join(shown)}{', …' if len(allowed) > 8 else ''})",
        )
    ]


def _ranged(shape: Any, value: int, path: str) -> list[Problem]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        return [(path, f"{value} is outside {'' if low is None else low}…{'' if high is None else high}")]
    return []
