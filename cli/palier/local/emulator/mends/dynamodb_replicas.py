"""Mends of DynamoDB global tables (version 2019.11.21): replicas that stand, and items that reach them.

A write counts where it was made and is then on its way to every other region of its table: it arrives once
the lag of the receiving region is over, and while neither region fails. What arrives later but was written
earlier is dropped (the last writer wins, by the clock), as the developer guide has it ("How global tables
work"). Arrivals are worked off before each request, so a replay sees every write where it was.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from palier.local.emulator.determinism import CLOCK
from palier.local.emulator.mends.table import around, mend
from palier.local.emulator.regions import REGIONS

VERSION = "2019.11.21"
# What replicas of a table have in common (developer guide, "Global tables: managing settings").
COMMON = ("attr", "billing_mode", "throughput", "global_indexes", "ttl")
Key = tuple[Any, Any]


@dataclass
class Arrival:
    """One item, or its removal (None), on its way from one region to another."""

    key: Key
    item: Any
    source: str
    target: str
    at: float

    def due(self) -> bool:
        """Whether it has arrived by now."""
        late = REGIONS.lag_at(self.target, self.at)
        return self.at + late <= CLOCK.now() and not REGIONS.failing(self.source, self.target)


@dataclass
class Group:
    """The regions of one global table, each with what was asked of its replica, and what is under way."""

    regions: dict[str, dict[str, Any]]
    under_way: list[Arrival] = field(default_factory=list)
    written: dict[tuple[str, str], float] = field(default_factory=dict)
    """(region, key) to when the item that stands there was written."""


def groups_of(account: str) -> dict[str, Group]:
    """The account's global tables by name; gone when the backends are."""
    from moto.dynamodb.models import dynamodb_backends

    backends: Any = dynamodb_backends[account]
    found: dict[str, Group] = vars(backends).setdefault("palier_global_tables", {})
    return found


def _backend(account: str, region: str) -> Any:
    from moto.dynamodb.models import dynamodb_backends

    return dynamodb_backends[account][region]


def _invalid(message: str) -> Exception:
    from moto.dynamodb.exceptions import MockValidationException

    return MockValidationException(message)


_writes: list[tuple[str, str, Key]] = []  # of the request under way: region, table, key
_arriving = False


@mend("dynamodb")
def replicas_kept() -> None:
    """UpdateTable drops ReplicaUpdates: no replica is ever told or stands in its region."""
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler

    @around(DynamoHandler, "update_table")
    def update(original: Any, self: Any) -> Any:
        backend = self.dynamodb_backend
        table = backend.get_table(self.body["TableName"])
        for one in self.body.get("ReplicaUpdates") or ():
            if create := one.get("Create"):
                _create(backend, table, create)
            elif change := one.get("Update"):
                _group(backend, table, change["RegionName"]).regions[change["RegionName"]].update(change)
            elif delete := one.get("Delete"):
                _delete(backend, table, delete["RegionName"])
        answer = original(self)
        _settle_settings(backend, table.name)
        return answer

    @around(DynamoDBBackend, "update_time_to_live")
    def expire(original: Any, self: Any, table_name: str, ttl_spec: Any) -> None:
        original(self, table_name, ttl_spec)
        _settle_settings(self, self.get_table(table_name).name)

    @around(DynamoDBBackend, "delete_table")
    def delete(original: Any, self: Any, name: str) -> Any:
        table = original(self, name)
        _leave(self.account_id, table.name, self.region_name)
        return table

    @around(Table, "describe")
    def describe(original: Any, self: Any, base_key: str = "TableDescription") -> Any:
        told = original(self, base_key)
        group = groups_of(self.account_id).get(self.name)
        if group is not None and self.region_name in group.regions:
            told[base_key]["GlobalTableVersion"] = VERSION
            told[base_key]["Replicas"] = [
                {**asked, "RegionName": region, "ReplicaStatus": "ACTIVE"}
                for region, asked in group.regions.items()
                if region != self.region_name
            ]
        return told


def _group(backend: Any, table: Any, region: str) -> Group:
    group = groups_of(backend.account_id).get(table.name)
    if group is None or region not in group.regions:
        raise _invalid(f"Replica of table {table.name} does not exist in {region}")
    return group


def _create(backend: Any, table: Any, asked: dict[str, Any]) -> None:
    region, account = asked["RegionName"], backend.account_id
    stream = table.stream_specification or {}
    if stream.get("StreamViewType") != "NEW_AND_OLD_IMAGES":
        raise _invalid("Table must have a stream with NEW_AND_OLD_IMAGES before it can have replicas")
    if REGIONS.failing(region):
        raise _invalid(f"Region {region} can't be reached: it fails")
    there = _backend(account, region)
    if region == backend.region_name or table.name in there.tables:
        raise _invalid(
            f"Failed to create a the new replica of table with name: '{table.name}' because one or more "
            "replicas already existed as tables."
        )
    sse = copy.deepcopy(table.sse_specification)
    if sse and asked.get("KMSMasterKeyId"):
        sse["KMSMasterKeyId"] = asked["KMSMasterKeyId"]
    elif sse:
        sse.pop("KMSMasterKeyId", None)
    replica = there.create_table(
        name=table.name,
        schema=copy.deepcopy(table.schema),
        throughput=copy.deepcopy(table.throughput),
        attr=copy.deepcopy(table.attr),
        global_indexes=None,
        indexes=[index.describe() for index in table.indexes],
        streams=dict(stream),
        billing_mode=table.billing_mode,
        sse_specification=sse,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    replica.items = copy.deepcopy(table.items)
    group = groups_of(account).setdefault(table.name, Group({backend.region_name: {}}))
    group.regions[region] = dict(asked)


def _delete(backend: Any, table: Any, region: str) -> None:
    _group(backend, table, region)
    if region == backend.region_name:
        raise _invalid("A replica can't be removed from its own region; delete the table there")
    _backend(backend.account_id, region).delete_table(table.name)


def _leave(account: str, name: str, region: str) -> None:
    """What is under way to a region that leaves is dropped; a group of one is none."""
    group = groups_of(account).get(name)
    if group is None:
        return
    group.regions.pop(region, None)
    group.under_way = [one for one in group.under_way if region not in (one.source, one.target)]
    if len(group.regions) < 2:
        del groups_of(account)[name]


def _settle_settings(backend: Any, name: str) -> None:
    """Every region of a global table gets the settings that its replicas have in common."""
    group, table = groups_of(backend.account_id).get(name), backend.tables.get(name)
    if group is None or table is None:
        return
    for region in group.regions:
        if region != backend.region_name:
            other = _backend(backend.account_id, region).tables[name]
            for attribute in COMMON:
                setattr(other, attribute, copy.deepcopy(getattr(table, attribute)))


@mend("dynamodb")
def items_reach_the_replicas() -> None:
    """What is written in one region of a global table is never seen in another."""
    from moto.dynamodb.models.table import StreamShard
    from moto.dynamodb.responses import DynamoHandler

    # Every write of a table with a stream comes by here, and a table with replicas has one.
    @around(StreamShard, "add")
    def add(original: Any, self: Any, old: Any, new: Any) -> None:
        original(self, old, new)
        item = new if new is not None else old
        if not _arriving and item is not None:
            _writes.append((self.table.region_name, self.table.name, (item.hash_key, item.range_key)))

    @around(DynamoHandler, "call_action")
    def call(original: Any, self: Any) -> Any:
        account = self.current_account
        for name in list(groups_of(account)):
            _arrive(account, name)
        _writes.clear()
        answer = original(self)
        if answer[0] < 300:
            for region, name, key in _writes:
                _send(account, name, region, key)
        return answer


def _send(account: str, name: str, region: str, key: Key) -> None:
    group, now = groups_of(account).get(name), CLOCK.now()
    if group is None or region not in group.regions:
        return
    item = copy.deepcopy(_backend(account, region).tables[name].get_item(*key))
    group.written[region, repr(_plain(key))] = now
    targets = [one for one in group.regions if one != region]
    group.under_way += [Arrival(key, item, region, target, now) for target in targets]


def _arrive(account: str, name: str) -> None:
    global _arriving  # requests are served one at a time
    group = groups_of(account)[name]
    arrived = [one for one in group.under_way if one.due()]
    if not arrived:
        return
    group.under_way = [one for one in group.under_way if not one.due()]
    _arriving = True
    try:
        for one in sorted(arrived, key=lambda each: each.at):
            place = (one.target, repr(_plain(one.key)))
            if group.written.get(place, 0.0) <= one.at:
                group.written[place] = one.at
                _put(_backend(account, one.target).tables[name], one)
    finally:
        _arriving = False


def _put(table: Any, arrival: Arrival) -> None:
    hash_key, range_key = arrival.key
    if arrival.item is None:
        table.delete_item(hash_key, range_key)
    else:
        table.put_item(copy.deepcopy(arrival.item.to_json()["Attributes"]), overwrite=True)


def _plain(key: Key) -> list[Any]:
    return [None if part is None else (part.type, part.value) for part in key]
