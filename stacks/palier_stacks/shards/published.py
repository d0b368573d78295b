"""The map that is published already, asked of AWS in each preview and each `up`.

Pulumi's state does not know it: `palier shards apply` changes the map, and the stack leaves it alone from
its first `up` on. So what the settings ask for is held against the map itself, before anything is made or
deleted: a shard on which the map still places keys must not go, and what decides where a key belongs must not
change.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi
from palier.sharding import ShardMap, items

from palier_stacks.ground import GroundRefused
from palier_stacks.shards.settings import ShardsSettings

TOKEN = "aws:dynamodb/getTableItem:getTableItem"
# What pulumi-aws says of a table or an item that does not exist (terraform-provider-aws, findTableItem).
_ABSENT = ("couldn't find resource", "empty result", "ResourceNotFoundException")


async def published_map(table: str) -> ShardMap | None:
    """The map that `table` publishes; None where there is no such table yet, or no map in it.

    GroundRefused where AWS does not answer, or where what stands there is no map.
    """
    asked: dict[str, Any] = {"tableName": table, "key": json.dumps(items.key_of(items.CURRENT))}
    try:
        answer = await pulumi.runtime.invoke_async(TOKEN, asked)
    except Exception as error:  # The SDK raises a bare one.
        if any(words in str(error) for words in _ABSENT):
            return None
        raise GroundRefused(f"the published shard map can't be read from {table}: {error}") from None
    try:
        return ShardMap.from_json(json.loads(answer["item"])["document"]["S"])
    except (KeyError, ValueError) as error:
        raise GroundRefused(
            f"{table} publishes no shard map that can be read ({error}); go back to the version before: "
            "palier shards revert"
        ) from None


def check_published(published: ShardMap, settings: ShardsSettings, environment: str) -> None:
    """Refuse settings that would lose keys of the published map: GroundRefused, in one line."""
    flag = "" if environment == "local" else f" --env {environment}"
    wanted = settings.map.logical_shards
    if wanted != published.logical_shards:
        raise GroundRefused(
            f"shards:map.logical_shards: {wanted} is not the published map's, and never changes: every key "
            f"would fall into another (allowed: {published.logical_shards})"
        )
    if settings.routing != published.strategy:
        raise GroundRefused(
            "shards:strategy: it is not the published map's, and keys would be looked for where they are not "
            f"(allowed: {json.dumps(published.strategy.as_data())})"
        )
    count = settings.servers.count
    going = [name for name in published.used_shards() if name not in settings.names]
    if going:
        load = ", ".join(f"{name} ({len(published.held_by(name))} logical shards)" for name in going)
        steps = (f"shards plan --to {count} --out plan.json", "shards apply plan.json", "up shards")
        run = ", ".join(f"palier {step}{flag}" for step in steps)
        raise GroundRefused(
            f"shards:servers.count: {count} leaves out {load}, which version {published.version} of the "
            f"published map still uses; run: {run}"
        )
