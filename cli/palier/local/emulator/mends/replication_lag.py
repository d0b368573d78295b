"""CloudWatch metrics of replication: how far each replica is behind, as asked for of its region.

A point a minute for the last hour, counted back from now, and one from right before each outage: none while
the region that writes or the one that reads fails, since then nothing is measured (or nobody is told).
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from palier.local.emulator.determinism import CLOCK
from palier.local.emulator.mends.table import around, mend
from palier.local.emulator.regions import REGIONS

PERIOD_SECONDS, POINTS = 60, 60
# CloudWatch counts a point in when it is older than the end that was asked for, which is often now.
NEWEST_SECONDS = 1.0
MILLISECONDS = 1000


@dataclass(frozen=True)
class Measured:
    """One metric: where it is told, what it is of, and between which regions the lag is."""

    region: str
    namespace: str
    name: str
    unit: str
    dimensions: dict[str, str]
    source: str
    target: str
    since: float

    def points(self) -> Iterator[tuple[float, float]]:
        """(when, value in the metric's unit), oldest first."""
        newest = CLOCK.now() - NEWEST_SECONDS
        oldest = newest - PERIOD_SECONDS * (POINTS - 1)
        at = {newest - PERIOD_SECONDS * number for number in range(POINTS)}
        for region in (self.source, self.target):
            at |= {span.begin - NEWEST_SECONDS for span in REGIONS.outages.get(region, ())}
        factor = MILLISECONDS if self.unit == "Milliseconds" else 1
        for moment in sorted(at):
            seen = max(self.since, oldest) <= moment
            if seen and not any(REGIONS.failed_at(one, moment) for one in (self.source, self.target)):
                yield moment, factor * self._lag(moment)

    def _lag(self, moment: float) -> float:
        return 0.0 if self.source == self.target else REGIONS.lag_at(self.target, moment)


@mend("cloudwatch")
def replication_measured() -> None:
    """No metric of replication exists: AuroraGlobalDBReplicationLag, AuroraGlobalDBRPOLag, ReplicaLag and
    DynamoDB's ReplicationLatency are never told."""
    from moto.cloudwatch.models import CloudWatchBackend, MetricDatum

    @around(CloudWatchBackend, "get_all_metrics")
    def all_metrics(original: Any, self: Any) -> list[Any]:
        told = list(original(self))
        for one in _measured(self.account_id):
            if one.region == self.region_name:
                named = [{"Name": name, "Value": value} for name, value in one.dimensions.items()]
                told += [
                    MetricDatum(one.namespace, one.name, value, named, _moment(at), unit=one.unit)
                    for at, value in one.points()
                ]
        return told


def _moment(at: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).replace(tzinfo=None)


def _since(created: datetime.datetime) -> float:
    return created.replace(tzinfo=datetime.UTC).timestamp()


def _measured(account: str) -> Iterator[Measured]:
    if rds := sys.modules.get("moto.rds.models"):
        yield from _of_clusters(rds, account)
        yield from _of_replicas(rds, account)
    if dynamodb := sys.modules.get("moto.dynamodb.models"):
        yield from _of_tables(dynamodb, account)


def _of_clusters(rds: Any, account: str) -> Iterator[Measured]:
    from palier.local.emulator.mends.rds_global import HOME_OF_GLOBALS

    for group in rds.rds_backends[account][HOME_OF_GLOBALS].global_clusters.values():
        writer = next((one for one in group.members if one.is_writer), None)
        for reader in group.members:
            if writer is None or reader is writer:
                continue
            of = {"DBClusterIdentifier": reader.db_cluster_identifier}
            for name in ("AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag"):
                for dimensions in (of, {**of, "SourceRegion": writer.region}):
                    yield Measured(
                        reader.region,
                        "AWS/RDS",
                        name,
                        "Milliseconds",
                        dimensions,
                        writer.region,
                        reader.region,
                        _since(reader.created),
                    )


def _of_replicas(rds: Any, account: str) -> Iterator[Measured]:
    for backend in list(rds.rds_backends[account].values()):
        for one in backend.databases.values():
            source = one.source_db_instance_identifier
            if not one.is_replica or not source or getattr(one, "replication_ended", False):
                continue
            region = source.split(":")[3] if source.startswith("arn:") else one.region
            of = {"DBInstanceIdentifier": one.db_instance_identifier}
            since = _since(one.created)
            yield Measured(one.region, "AWS/RDS", "ReplicaLag", "Seconds", of, region, one.region, since)


def _of_tables(dynamodb: Any, account: str) -> Iterator[Measured]:
    from palier.local.emulator.mends.dynamodb_replicas import groups_of

    for name, group in groups_of(account).items():
        for source in group.regions:
            for target in group.regions:
                if source == target:
                    continue
                replica = dynamodb.dynamodb_backends[account][target].tables[name]
                yield Measured(
                    source,
                    "AWS/DynamoDB",
                    "ReplicationLatency",
                    "Milliseconds",
                    {"TableName": name, "ReceivingRegion": target},
                    source,
                    target,
                    _since(replica.created_at),
                )
