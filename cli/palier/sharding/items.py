"""The items of the published map, in DynamoDB's typed JSON: what the stack seeds and the commands write.

One table, hash key `map`, range key `item`. `current` is what readers take; `version#…` are kept for ever,
the audit trail and the way back; `endpoints` says where each shard is reached and belongs to Pulumi.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from palier.sharding.shard_map import ShardMap

MAP = "shards"
CURRENT, ENDPOINTS = "current", "endpoints"
HASH_KEY, RANGE_KEY = "map", "item"
SEEDED = "the first placement, by the stack"

Item = dict[str, dict[str, str]]


def key_of(item: str) -> Item:
    """The primary key of an item."""
    return {HASH_KEY: {"S": MAP}, RANGE_KEY: {"S": item}}


def version_name(version: int) -> str:
    """The range key of a version; padded, so that the versions sort by number."""
    return f"version#{version:010d}"


def current_item(shard_map: ShardMap) -> Item:
    """What readers take."""
    return {**key_of(CURRENT), **_content(shard_map)}


def version_item(
    shard_map: ShardMap,
    *,
    reason: str = SEEDED,
    applied_by: str = "pulumi",
    applied_at: str | None = None,
    previous_version: int | None = None,
    plan: Mapping[str, Any] | None = None,
) -> Item:
    """A version for ever: the map, who put it there, when (ISO 8601, UTC), why, and by which plan."""
    told: dict[str, dict[str, str]] = {"reason": {"S": reason}, "applied_by": {"S": applied_by}}
    if applied_at is not None:
        told["applied_at"] = {"S": applied_at}
    if previous_version is not None:
        told["previous_version"] = {"N": str(previous_version)}
    if plan is not None:
        told["plan"] = {"S": json.dumps(plan, separators=(",", ":"), sort_keys=True)}
    return {**key_of(version_name(shard_map.version)), **_content(shard_map), **told}


def endpoints_item(endpoints: Mapping[str, Mapping[str, Any]]) -> Item:
    """Where each shard is reached: host, port, database, replica_host."""
    document = json.dumps(endpoints, separators=(",", ":"), sort_keys=True)
    return {**key_of(ENDPOINTS), "document": {"S": document}}


def _content(shard_map: ShardMap) -> Item:
    return {
        "version": {"N": str(shard_map.version)},
        "checksum": {"S": shard_map.checksum},
        "document": {"S": shard_map.to_json()},
    }
