"""The published shard map: a table that the stack makes and seeds, and that it leaves to `palier shards`.

Three items. `current` and the first version are put once and never changed by the stack: the map changes by
`palier shards apply`, in one transaction with its next version. `endpoints` says where each shard answers; it
is the stack's, because it follows what the stack makes.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi
from palier.sharding import items
from pulumi_aws import dynamodb

from palier_stacks.scope import Scope
from palier_stacks.shards.servers import PORT, Shard
from palier_stacks.shards.settings import ShardsSettings


def endpoints(shards: list[Shard]) -> pulumi.Output[str]:
    """The item that says where each shard answers: host, port, database, and the replica's host or null."""
    told = {
        shard.settings.name: {
            "host": shard.instance.address,
            "port": PORT,
            "database": shard.settings.server.database_name,
            "replica_host": shard.replica.address if shard.replica else None,
        }
        for shard in shards
    }
    # Through JSON: numbers come back from an output as floats.
    return pulumi.Output.json_dumps(told).apply(
        lambda text: json.dumps(items.endpoints_item(json.loads(text)), sort_keys=True)
    )


class PublishedMap(pulumi.ComponentResource):
    """The table with the map's first version and the shards' endpoints."""

    def __init__(
        self,
        scope: Scope,
        settings: ShardsSettings,
        foundation: pulumi.Output[dict[str, Any]],
        *,
        shards: list[Shard],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:shards:PublishedMap", "published-map", None, opts)
        self._own = pulumi.ResourceOptions(parent=self)
        self.table = dynamodb.Table(
            "shard-map",
            name=scope.name("shard-map"),
            billing_mode="PAY_PER_REQUEST",
            hash_key=items.HASH_KEY,
            range_key=items.RANGE_KEY,
            attributes=[{"name": name, "type": "S"} for name in (items.HASH_KEY, items.RANGE_KEY)],
            server_side_encryption={"enabled": True, "kms_key_arn": foundation["data_key_arn"]},
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=settings.map.deletion_protection,
            tags=scope.tags("database", "shard-map"),
            opts=self._own,
        )
        first = settings.first_map()
        self._seed("map-version-1", items.version_item(first))
        self._seed("map-current", items.current_item(first))
        self._item("map-endpoints", endpoints(shards), self._own)
        self.register_outputs({"table": self.table.name})

    def _seed(self, name: str, item: dict[str, Any]) -> None:
        """An item that the stack puts once: what stands later is not the stack's to change."""
        once = pulumi.ResourceOptions(parent=self, ignore_changes=["item"])
        self._item(name, json.dumps(item, sort_keys=True), once)

    def _item(self, name: str, item: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        dynamodb.TableItem(
            name,
            table_name=self.table.name,
            hash_key=items.HASH_KEY,
            range_key=items.RANGE_KEY,
            item=item,
            opts=opts,
        )
