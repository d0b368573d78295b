"""The published map: read, changed in one step, and its history.

A change is one transaction of DynamoDB: the new version is put where none is, and `current` moves on only
from the version that the change started from. Two who apply at once: one wins, the other is told. A process
killed before it has changed nothing, killed after it has changed everything.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palier.errors import OperationError
from palier.sharding import items
from palier.sharding.errors import BadMap
from palier.sharding.plan_file import Plan
from palier.sharding.planning import listed
from palier.sharding.shard_map import ShardMap

# An item of DynamoDB holds 400 KB ("Quotas in Amazon DynamoDB"). The document of the largest map, 32,768
# logical shards, takes up to 200 KB of them; a plan that is longer than this is kept without its moves.
PLAN_BYTES = 150_000


@dataclass(frozen=True)
class Version:
    """A version of the map as the audit trail has it. `plan` is the plan's content, where one made it."""

    shard_map: ShardMap
    reason: str
    applied_by: str
    applied_at: str | None
    previous_version: int | None
    plan: Mapping[str, Any] | None

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            "version": self.shard_map.version,
            "checksum": self.shard_map.checksum,
            "shards": list(self.shard_map.used_shards()),
            "reason": self.reason,
            "applied_by": self.applied_by,
            "applied_at": self.applied_at,
            "previous_version": self.previous_version,
            "plan": self.plan["checksum"] if self.plan else None,
        }


@dataclass(frozen=True)
class Published:
    """The map that a table publishes. `dynamodb` is boto3's client; `table` the table's name."""

    dynamodb: Any
    table: str

    def current(self) -> ShardMap:
        """The map that holds now. Raises OperationError: no table, no map in it, or one that was changed."""
        item = self._item(items.CURRENT)
        if item is None:
            raise OperationError(
                f"table {self.table} publishes no shard map",
                next_step="palier up shards",
            )
        return _map_of(item, f"{self.table}, current")

    def endpoints(self) -> dict[str, dict[str, Any]]:
        """Where each shard is reached: by name, host, port, database, replica_host."""
        item = self._item(items.ENDPOINTS)
        found: dict[str, dict[str, Any]] = json.loads(item["document"]["S"]) if item else {}
        return found

    def version(self, number: int) -> Version | None:
        """A version of the audit trail; None where there is none."""
        item = self._item(items.version_name(number))
        return None if item is None else _version_of(item, self.table)

    def history(self) -> list[Version]:
        """Every version, newest first."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            ConsistentRead=True,
            ScanIndexForward=False,
            KeyConditionExpression="#map = :map AND begins_with(#item, :prefix)",
            ExpressionAttributeNames={"#map": items.HASH_KEY, "#item": items.RANGE_KEY},
            ExpressionAttributeValues={":map": {"S": items.MAP}, ":prefix": {"S": "version#"}},
        )
        return [_version_of(item, self.table) for page in pages for item in page["Items"]]

    def apply(self, plan: Plan, *, who: str, reason: str | None = None) -> tuple[ShardMap, bool]:
        """Publish what a plan makes of the map; the map, and whether that changed anything.

        Raises OperationError where the map is not the one that the plan starts from, or where a shard that
        would hold data has no server.
        """
        now = self.current()
        if self._has_applied(now, plan):
            return now, False
        if (now.version, now.checksum) != (plan.version, plan.checksum):
            raise OperationError(
                f"the plan starts from version {plan.version} of the map; version {now.version} is published",
                left="nothing was changed",
                next_step="make the plan anew: palier shards plan",
            )
        self._need_servers(plan)
        after = now.moved(plan.placements(), listed(now, plan.shards))
        told = reason or f"plan: {len(plan.moves)} logical shards, {len(plan.shards)} shards"
        return self._publish(now, after, who=who, reason=told, plan=plan.as_data()), True

    def revert(self, to: int | None, *, who: str) -> tuple[ShardMap, bool]:
        """Publish again what an earlier version said, as a new version: the one before, or `to`.

        Raises OperationError where there is no such version, or where it used a shard that has no server now.
        """
        now = self.current()
        target = to if to is not None else self._before(now)
        earlier = self.version(target)
        if earlier is None:
            raise OperationError(
                f"there is no version {target} of the map",
                left="nothing was changed",
                next_step="palier shards history lists them",
            )
        old = earlier.shard_map
        if [old.shards[each] for each in old.placement] == [now.shards[each] for each in now.placement]:
            return now, False
        self._need(old.used_shards())
        after = ShardMap(old.strategy, old.shards, old.placement, now.version + 1)
        return self._publish(now, after, who=who, reason=f"back to version {target}", plan=None), True

    def _before(self, now: ShardMap) -> int:
        """The version that the published one took the place of."""
        told = self.version(now.version)
        if told is None or told.previous_version is None:
            raise OperationError(
                f"version {now.version} is the first: there is nothing to go back to",
                left="nothing was changed",
            )
        return told.previous_version

    def _has_applied(self, now: ShardMap, plan: Plan) -> bool:
        told = self.version(now.version)
        return bool(told and told.plan and told.plan["checksum"] == plan.id)

    def _need_servers(self, plan: Plan) -> None:
        self._need(tuple(dict.fromkeys(move.target for move in plan.moves)))

    def _need(self, shards: tuple[str, ...]) -> None:
        standing = self.endpoints()
        if missing := [shard for shard in shards if shard not in standing]:
            raise OperationError(
                f"no server stands for {', '.join(missing)}",
                left="nothing was changed",
                next_step="raise shards:servers.count in the settings, then palier up shards",
            )

    def _publish(
        self, now: ShardMap, after: ShardMap, *, who: str, reason: str, plan: Mapping[str, Any] | None
    ) -> ShardMap:
        if plan is not None and len(json.dumps(plan)) > PLAN_BYTES:
            # What moved is the difference of two versions, which both stay.
            plan = {name: value for name, value in plan.items() if name != "moves"}
        kept = items.version_item(
            after,
            reason=reason,
            applied_by=who,
            applied_at=datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
            previous_version=now.version,
            plan=plan,
        )
        put = {
            "TableName": self.table,
            "Item": kept,
            "ConditionExpression": "attribute_not_exists(#map)",
            "ExpressionAttributeNames": {"#map": items.HASH_KEY},
        }
        switch = {
            "TableName": self.table,
            "Item": items.current_item(after),
            "ConditionExpression": "#version = :version AND #checksum = :checksum",
            "ExpressionAttributeNames": {"#version": "version", "#checksum": "checksum"},
            "ExpressionAttributeValues": {
                ":version": {"N": str(now.version)},
                ":checksum": {"S": now.checksum},
            },
        }
        try:
            self.dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Put": switch}])
        except self.dynamodb.exceptions.TransactionCanceledException:
            # A retry inside boto3 of a request whose answer was lost finds its own work done.
            if self.current().checksum == after.checksum:
                return after
            raise OperationError(
                "somebody else changed the map at the same time",
                left="nothing was changed by this run",
                next_step="palier shards history tells what they did; then make the plan anew",
            ) from None
        return after

    def _item(self, name: str) -> dict[str, Any] | None:
        try:
            answer = self.dynamodb.get_item(TableName=self.table, Key=items.key_of(name), ConsistentRead=True)
        except self.dynamodb.exceptions.ResourceNotFoundException:
            raise OperationError(f"there is no table {self.table}", next_step="palier up shards") from None
        found: dict[str, Any] | None = answer.get("Item")
        return found


def _map_of(item: Mapping[str, Any], where: str) -> ShardMap:
    try:
        return ShardMap.from_json(item["document"]["S"])
    except (BadMap, KeyError) as error:
        raise OperationError(
            f"the shard map in {where} cannot be trusted: {error}",
            left="nothing was changed",
            next_step="palier shards history shows the versions; the table's backups hold the older ones",
        ) from None


def _version_of(item: Mapping[str, Any], table: str) -> Version:
    previous = item.get("previous_version")
    return Version(
        _map_of(item, f"{table}, {item[items.RANGE_KEY]['S']}"),
        item["reason"]["S"],
        item["applied_by"]["S"],
        item["applied_at"]["S"] if "applied_at" in item else None,
        int(previous["N"]) if previous else None,
        json.loads(item["plan"]["S"]) if "plan" in item else None,
    )
