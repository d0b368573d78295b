"""Check: names, defaults, default tags and region filled in; what AWS would refuse is refused here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from palier.local.provider import limits
from palier.local.provider.changes import changes
from palier.local.provider.clients import Clients
from palier.local.provider.errors import ProviderError
from palier.local.provider.resources.facts import partitions
from palier.local.provider.schema import Kind, TypeSchema
from palier.local.provider.shapes import MISSING, coerce
from palier.local.provider.table import Autoname, Check, Entry, Problem
from palier.local.provider.values import DEFAULTS_KEY, UNKNOWN, has_unknown

Properties = dict[str, Any]
Planned = Callable[[str, str], Mapping[str, Any] | None]
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
        if "." in key:
            inputs = _nested_default(inputs, key.split("."), value)
        elif key not in inputs:
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


def _nested_default(holder: Any, path: list[str], value: Any) -> Any:
    """`holder` with `value` at `path`, where what should hold it is there and does not have it."""
    head, *rest = path
    key = head.removesuffix("[]")
    if not isinstance(holder, Mapping) or (rest and not holder.get(key)):
        return holder
    if not rest:
        return {key: value, **holder}
    if head.endswith("[]") and isinstance(holder[key], list):
        return {**holder, key: [_nested_default(item, rest, value) for item in holder[key]]}
    return {**holder, key: _nested_default(holder[key], rest, value)}


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
    prefix = inputs.get(rule.prefix) if rule.prefix else None
    if prefix is UNKNOWN:
        inputs[rule.property] = UNKNOWN
        return True
    before = olds.get(rule.property)
    if _named_so_before(rule, olds) and prefix == (olds.get(rule.prefix) if rule.prefix else None):
        inputs[rule.property] = before  # Whatever the resource is called in the program now.
        return True
    leading = "" if logical.startswith(rule.leading) else rule.leading
    base, separator = (f"{leading}{logical}", rule.separator) if prefix is None else (str(prefix), "")
    if prefix is None and proposed and proposed[0] == "disable":
        return False
    name = proposed[1] if proposed and prefix is None else ""
    if not name:
        suffix = hashlib.sha256(seed + logical.encode()).hexdigest()[:_NAME_SUFFIX_LENGTH]
        name = f"{base}{separator}{suffix}"
    inputs[rule.property] = name.lower() if rule.lower else name
    return True


def _named_so_before(rule: Autoname, olds: Mapping[str, Any]) -> bool:
    return isinstance(olds.get(rule.property), str) and rule.property in olds.get(DEFAULTS_KEY, [])


def refusals(
    entry: Entry,
    schema: TypeSchema,
    inputs: Mapping[str, Any],
    region: str,
    clients: Clients,
    *,
    olds: Mapping[str, Any] | None = None,
    planned: Planned = lambda token, name: None,
) -> list[Problem]:
    """Everything that AWS would refuse about `inputs`, as (property, reason).

    `olds` are the inputs before, `planned` finds what else this run has checked.
    """
    problems = _unknown_properties(schema, inputs)
    problems += [
        (key, f"is required, but {entry.token} has no {key}") for key in schema.required if key not in inputs
    ]
    problems += _wrong_kinds(schema, inputs) + _name_problems(entry, inputs)
    if problems:
        return sorted(problems)
    if "region" in schema.inputs and (unknown := unknown_region(region)):
        return [("region", unknown)]
    if olds and not changes(entry, olds, inputs):
        return []  # What stands was accepted; a run that changes nothing needs no model and no request.
    problems += limits.problems(entry, inputs, region, clients)

    def read(service: str, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        if has_unknown(dict(arguments)):
            return None
        try:
            return clients.call(service, region, operation, arguments)
        except ProviderError:
            return None

    asked = Check(entry, inputs, region, read, olds or {}, planned)
    for rule in entry.checks:
        problems += rule(asked)
    return problems


def _name_problems(entry: Entry, inputs: Mapping[str, Any]) -> list[Problem]:
    """As the official provider, a name that is too long is refused, never cut."""
    rule = entry.autoname
    if rule is None:
        return []
    name = inputs.get(rule.property)
    if name is None:
        return [(rule.property, "is required where automatic naming is disabled")]
    if isinstance(name, str) and len(name) > rule.max_length:
        return [(rule.property, f"{name!r} has {len(name)} characters; AWS allows {rule.max_length}")]
    return []


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


def unknown_region(region: str) -> str | None:
    """What is wrong with a region's name; None where AWS has it."""
    if region in partitions():
        return None
    near = get_close_matches(region, partitions(), n=2)
    return f"unknown AWS region {region!r}" + (f"; did you mean {' or '.join(near)}?" if near else "")
