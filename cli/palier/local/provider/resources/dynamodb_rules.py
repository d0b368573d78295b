"""What DynamoDB refuses of a table, and moto takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from palier.local.provider.resources.facts import partitions
from palier.local.provider.table import Check, Problem
from palier.local.provider.values import UNKNOWN, has_unknown

_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")  # DynamoDB developer guide, naming rules.
_VIEWS = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+")
_INDEXES = ("globalSecondaryIndexes", "localSecondaryIndexes")


def _name(check: Check) -> list[Problem]:
    name = check.inputs.get("name")
    if not isinstance(name, str) or _NAME.fullmatch(name):
        return []
    return [("name", f"{name!r} is no table's name: 3 to 255 of a-z, A-Z, 0-9, _, - and .")]


def _key_names(properties: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name in ("hashKey", "rangeKey"):
        if properties.get(name):
            yield f"{path}{name}", properties[name]
    for index, key in enumerate(properties.get("keySchemas") or ()):
        yield f"{path}keySchemas[{index}].attributeName", key.get("attributeName")


def _keys(check: Check) -> list[Problem]:
    """Every key is a defined attribute, and every defined attribute is a key."""
    inputs = check.inputs
    if has_unknown([inputs.get(name) for name in ("attributes", "hashKey", "rangeKey", *_INDEXES)]):
        return []
    if not inputs.get("hashKey"):
        return [("hashKey", "is required")]
    used = list(_key_names(inputs, ""))
    for name in _INDEXES:
        for position, index in enumerate(inputs.get(name) or ()):
            used += _key_names(index, f"{name}[{position}].")
    defined = [attribute["name"] for attribute in inputs.get("attributes") or ()]
    problems = [(path, f"{key!r} is not one of the attributes") for path, key in used if key not in defined]
    idle = sorted(set(defined) - {key for _, key in used})
    if idle:
        problems.append(("attributes", f"all attributes must be indexed; unused: {', '.join(idle)}"))
    kinds = ((index, one["type"]) for index, one in enumerate(inputs.get("attributes") or ()))
    wrong = [(index, kind) for index, kind in kinds if kind not in ("S", "N", "B")]
    return problems + [
        (f"attributes[{index}].type", f"{kind!r} is not one of AWS's values (S, N, B)")
        for index, kind in wrong
    ]


def _capacity(check: Check) -> list[Problem]:
    """Capacity is for provisioned tables, which want it; with on-demand it is refused."""
    inputs, mode = check.inputs, check.inputs.get("billingMode")
    problems = []
    for name in ("readCapacity", "writeCapacity"):
        value = inputs.get(name)
        if value is UNKNOWN:
            continue
        if mode == "PROVISIONED" and (value is None or value < 1):
            problems.append((name, "must be at least 1 when billingMode is PROVISIONED"))
        if mode == "PAY_PER_REQUEST" and value:
            problems.append((name, "can not be set when billingMode is PAY_PER_REQUEST"))
    return problems


def _streams(check: Check) -> list[Problem]:
    enabled, view = check.inputs.get("streamEnabled"), check.inputs.get("streamViewType")
    if UNKNOWN in (enabled, view):
        return []
    if enabled and not view:
        return [("streamViewType", f"is required when streamEnabled is true ({', '.join(_VIEWS)})")]
    if view and view not in _VIEWS:
        return [("streamViewType", f"{view!r} is not one of AWS's values ({', '.join(_VIEWS)})")]
    return []


def _expiry(check: Check) -> list[Problem]:
    ttl = check.inputs.get("ttl")
    if not isinstance(ttl, Mapping) or not ttl.get("enabled") or ttl.get("attributeName"):
        return []
    return [("ttl.attributeName", "is required when ttl.enabled is true")]


def _recovery_days(check: Check) -> list[Problem]:
    recovery = check.inputs.get("pointInTimeRecovery")
    days = recovery.get("recoveryPeriodInDays") if isinstance(recovery, Mapping) else None
    if not isinstance(days, int) or 1 <= days <= 35:
        return []
    return [("pointInTimeRecovery.recoveryPeriodInDays", f"{days} is outside 1…35")]


def _projections(check: Check) -> list[Problem]:
    kinds = ("ALL", "INCLUDE", "KEYS_ONLY")
    return [
        (f"{name}[{position}].projectionType", f"{kind!r} is not one of AWS's values ({', '.join(kinds)})")
        for name in _INDEXES
        if isinstance(check.inputs.get(name), list)
        for position, index in enumerate(check.inputs[name])
        if isinstance(index, Mapping)
        if isinstance(kind := index.get("projectionType"), str) and kind not in kinds
    ]


def _key_arn(check: Check) -> list[Problem]:
    encryption = check.inputs.get("serverSideEncryption")
    key = encryption.get("kmsKeyArn") if isinstance(encryption, Mapping) else None
    if not isinstance(key, str) or _ARN.fullmatch(key):
        return []
    return [("serverSideEncryption.kmsKeyArn", f"{key!r} is not the ARN of a KMS key")]


def _replicas(check: Check) -> list[Problem]:
    """Replicas stand in other regions, once each, and are fed by a stream of both images."""
    replicas = check.inputs.get("replicas")
    if not isinstance(replicas, list) or not replicas or has_unknown(replicas):
        return []
    regions = [replica.get("regionName") for replica in replicas]
    problems = []
    for position, region in enumerate(regions):
        path = f"replicas[{position}].regionName"
        if region not in partitions():
            problems.append((path, f"unknown AWS region {region!r}"))
        elif region == check.region:
            problems.append((path, f"{region!r} is the table's own region"))
        elif region in regions[:position]:
            problems.append((path, f"{region!r} is given twice"))
    strong = any(replica.get("consistencyMode") == "STRONG" for replica in replicas)
    fed = check.inputs.get("streamEnabled") and check.inputs.get("streamViewType") in (
        "NEW_AND_OLD_IMAGES",
        UNKNOWN,
    )
    if not (strong or fed or check.inputs.get("streamEnabled") is UNKNOWN):
        problems.append(("replicas", "need streamEnabled with streamViewType NEW_AND_OLD_IMAGES"))
    return problems


RULES = (
    _name,
    _keys,
    _capacity,
    _streams,
    _expiry,
    _recovery_days,
    _projections,
    _key_arn,
    _replicas,
)
