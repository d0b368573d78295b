"""Inputs held against botocore's model of the create operation: values that AWS does not name, and inputs
that no operation takes, which the local cloud would forget."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from palier.local.provider.clients import Clients
from palier.local.provider.shapes import member_of
from palier.local.provider.table import Call, Entry, Problem
from palier.local.provider.values import DEFAULTS_KEY, same

_OF_THE_PROVIDER = frozenset({"tags", "tagsAll", "region", DEFAULTS_KEY})
_SHOWN = 8  # Values in a refusal: all of a short enumeration, the nearest of a long one.
_NOT_SERVED = "is not served by the local cloud, which would forget it (docs/fidelity.md)"


def problems(entry: Entry, inputs: Mapping[str, Any], region: str, clients: Clients) -> list[Problem]:
    """Values outside an enumeration or a range of the model, and inputs that have no place in it."""
    shape = clients.operation_model(entry.service, entry.create.operation).input_shape
    if entry.within:
        shape = shape.members[entry.within]
    asked = {key: value for key, value in inputs.items() if key not in _OF_THE_PROVIDER}
    forgotten = [
        (key, _NOT_SERVED)
        for key, value in asked.items()
        if not is_served(entry, key, shape)
        and value is not False
        and not same(value, entry.defaults.get(key))
    ]
    known = {key: value for key, value in asked.items() if key not in entry.beyond}
    return forgotten + (_hold_against(shape, known, entry.names, "") if shape is not None else [])


def is_served(entry: Entry, key: str, shape: Any) -> bool:
    """Whether an input has an effect; `shape` is the create operation's input (or what is `within` it)."""
    if key in entry.unserved:
        return False
    if key in entry.settings or key in entry.packed or key in _OF_THE_PROVIDER:
        return True
    if entry.autoname and key in (entry.autoname.property, entry.autoname.prefix):
        return True
    if any(key in extra.inputs for extra in entry.extras):
        return True
    calls: tuple[Call | None, ...] = (entry.create, entry.update)
    if any(call is not None and f"{{{key}}}" in repr(call.arguments) for call in calls):
        return True
    mapped = entry.create.mapped or entry.within is not None
    return mapped and shape is not None and member_of(key, shape, entry.names) is not None


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
    if len(allowed) <= _SHOWN:
        return [(path, f"{value!r} is not one of AWS's values ({', '.join(allowed)})")]
    shown = get_close_matches(value, allowed, n=_SHOWN) or list(allowed)[:_SHOWN]
    return [(path, f"{value!r} is not one of AWS's values ({', '.join(shown)}, …)")]


def _ranged(shape: Any, value: int, path: str) -> list[Problem]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        return [(path, f"{value} is outside {'' if low is None else low}…{'' if high is None else high}")]
    return []
