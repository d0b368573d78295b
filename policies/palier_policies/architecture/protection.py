"""Data that is not lost: backups, and nothing that deletes what holds state by accident."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import partial

from palier.capacity.sections import Section
from pydantic import Field

from palier_policies.architecture.common import (
    Flag,
    Throwaway,
    apart,
    blocks,
    flag,
    flagged,
    number,
    one_that_refers,
    types_of,
)
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import Resource
from palier_policies.stack import Stack

INSTANCE, CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
DOCUMENTS, GRAPH = "aws:docdb/cluster:Cluster", "aws:neptune/cluster:Cluster"
WAREHOUSE, TABLE = "aws:redshift/cluster:Cluster", "aws:dynamodb/table:Table"
CACHE, MEMORY = "aws:elasticache/replicationGroup:ReplicationGroup", "aws:memorydb/cluster:Cluster"
BUCKET, VERSIONING = "aws:s3/bucket:Bucket", "aws:s3/bucketVersioning:BucketVersioning"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
FILES, FILES_BACKUP = "aws:efs/fileSystem:FileSystem", "aws:efs/backupPolicy:BackupPolicy"


class Backups(Section):
    """How long backups are kept."""

    # AWS Security Hub RDS.11: 7 days where nothing else is said.
    retention_days: int = Field(default=7, ge=1, description="The fewest days that backups are kept.")
    session_caches: list[str] = Field(
        default=["*session*"], description="Patterns of the logical names of caches that hold sessions."
    )
    without_versions: list[str] = Field(
        default=[], description="Patterns of the logical names of buckets that hold nothing to keep."
    )


def _kept(stack: Stack, settings: Backups) -> Iterator[Problem]:
    for resource in stack.of(*_BACKED_UP):
        yield from apart(partial(_BACKED_UP[resource.type], resource, stack, settings))


def _days(resource: Resource, name: str, days: float, least: float, why: str) -> Iterator[Problem]:
    if days < least:
        yield Problem.of(
            resource,
            f"{resource.label}: {name} is {days:g} days, fewer than {least:g}: {why}; set it to {least:g} "
            "or more",
            actual=days,
            limit=least,
        )


def _database(resource: Resource, stack: Stack, settings: Backups) -> Iterator[Problem]:
    source = "replicateSourceDb" if resource.type == INSTANCE else "replicationSourceIdentifier"
    # RDS itself keeps none of an instance, and one day of a cluster, where nothing is set
    # (CreateDBInstance and CreateDBCluster, "BackupRetentionPeriod").
    without = 0.0 if resource.type == INSTANCE else 1.0
    given = number(resource, "backupRetentionPeriod")
    days = without if given is None else given
    if days >= settings.retention_days or resource.read(source):
        return
    why = "what is deleted or damaged is lost after that"
    yield from _days(resource, "backupRetentionPeriod", days, settings.retention_days, why)


def _warehouse(resource: Resource, stack: Stack, settings: Backups) -> Iterator[Problem]:
    given = number(resource, "automatedSnapshotRetentionPeriod")
    days = 1.0 if given is None else given  # Redshift's own (CreateCluster)
    why = "what is deleted or damaged is lost after that"
    yield from _days(resource, "automatedSnapshotRetentionPeriod", days, settings.retention_days, why)


def _table(resource: Resource, stack: Stack, settings: Backups) -> Iterator[Problem]:
    def own() -> Iterator[Problem]:
        if not flag(resource, "pointInTimeRecovery", "enabled"):
            yield Problem.of(
                resource,
                f"{resource.label}: pointInTimeRecovery.enabled is not true: what is overwritten is lost; "
                "set it "
                "to true",
            )

    yield from apart(own, partial(_replicas, resource))


def _replicas(table: Resource) -> Iterator[Problem]:
    for replica in blocks(table, "replicas"):
        if not flag(replica, "pointInTimeRecovery"):
            region = replica.read("regionName", default="a further region")
            text = (
                f"{table.label}: pointInTimeRecovery of its replica in {region} is not true; set it to true"
            )
            yield Problem.of(table, text)


def _cache(resource: Resource, stack: Stack, settings: Backups) -> Iterator[Problem]:
    session = any(fnmatchcase(resource.name, pattern) for pattern in settings.session_caches)
    if not session and resource.type == CACHE:
        return  # a cache of what can be fetched again
    days = number(resource, "snapshotRetentionLimit") or 0.0
    if days < 1:
        yield Problem.of(
            resource,
            f"{resource.label}: snapshotRetentionLimit is {days:g} days: when the group is lost, so is "
            "what is in it, "
            "and every user logs in again; set it to 1 or more",
            level="advisory" if resource.type == CACHE else "mandatory",
            actual=days,
            limit=1.0,
        )


def _bucket(resource: Resource, stack: Stack, settings: Backups) -> Iterator[Problem]:
    if any(fnmatchcase(resource.name, pattern) for pattern in settings.without_versions):
        return
    versions = one_that_refers(stack.of(VERSIONING), "bucket", to=resource)
    status = versions.read("versioningConfiguration", "status") if versions is not None else None
    if status == "Enabled":
        return
    lifecycle = one_that_refers(stack.of(LIFECYCLE), "bucket", to=resource)
    if lifecycle is not None and any(_empties(rule) for rule in blocks(lifecycle, "rules")):
        return
    yield Problem.of(
        resource,
        f"{resource.label} keeps no versions and its lifecycle does not empty it: what is overwritten or "
        "deleted is "
        "lost; enable its BucketVersioning, or let a lifecycle rule expire all that is in it",
    )


def _empties(rule: Resource) -> bool:
    """Whether a rule deletes every object by age, as of logs: what passes is no state."""
    everything = not any(rule.read("filter", name) for name in ("prefix", "tag", "and")) and not rule.read(
        "prefix"
    )
    return everything and rule.read("status") == "Enabled" and bool(rule.read("expiration", "days"))


def _files(resource: Resource, stack: Stack, settings: Backups) -> Iterator[Problem]:
    policy = one_that_refers(stack.of(FILES_BACKUP), "fileSystemId", to=resource)
    if policy is None or policy.read("backupPolicy", "status") != "ENABLED":
        yield Problem.of(
            resource,
            f"{resource.label} has no BackupPolicy whose status is ENABLED: what is deleted is lost; add one",
        )


_BACKED_UP: Mapping[str, Callable[[Resource, Stack, Backups], Iterator[Problem]]] = {
    INSTANCE: _database,
    CLUSTER: _database,
    DOCUMENTS: _database,
    GRAPH: _database,
    WAREHOUSE: _warehouse,
    TABLE: _table,
    CACHE: _cache,
    MEMORY: _cache,
    BUCKET: _bucket,
    FILES: _files,
}

_DELETED = "one wrong destroy deletes it"
_FINAL = "what it holds goes with it when it is deleted"
_PROTECTED = (
    *(Flag(kind, ("deletionProtection",), _DELETED) for kind in (INSTANCE, CLUSTER, DOCUMENTS, GRAPH)),
    *(
        Flag(f"aws:{service}/globalCluster:GlobalCluster", ("deletionProtection",), _DELETED)
        for service in ("rds", "docdb", "neptune")
    ),
    *(
        Flag(f"aws:{service}/loadBalancer:LoadBalancer", ("enableDeletionProtection",), _DELETED)
        for service in ("lb", "alb")
    ),
    Flag(TABLE, ("deletionProtectionEnabled",), _DELETED),
    Flag("aws:dsql/cluster:Cluster", ("deletionProtectionEnabled",), _DELETED),
    Flag(
        "aws:cognito/userPool:UserPool",
        ("deletionProtection",),
        _DELETED,
        wanted="ACTIVE",
        without="INACTIVE",
    ),
    Flag(BUCKET, ("forceDestroy",), "its objects are deleted with it", wanted=False),
    Flag(INSTANCE, ("skipFinalSnapshot",), _FINAL, wanted=False, unless=("replicateSourceDb",)),
    *(
        Flag(kind, ("skipFinalSnapshot",), _FINAL, wanted=False)
        for kind in (CLUSTER, DOCUMENTS, GRAPH, WAREHOUSE)
    ),
)


def _protected(resource: Resource, settings: Throwaway) -> Iterator[Problem]:
    if settings.covers(resource):
        return
    yield from flagged(_PROTECTED, resource)
    if resource.type == TABLE:
        yield from apart(partial(_protected_replicas, resource))


def _protected_replicas(table: Resource) -> Iterator[Problem]:
    for replica in blocks(table, "replicas"):
        if not flag(replica, "deletionProtectionEnabled"):
            region = replica.read("regionName", default="a further region")
            what = f"deletionProtectionEnabled of its replica in {region}"
            yield Problem.of(table, f"{table.label}: {what} is not true; set it to true")


POLICIES = (
    Policy(
        name="backups",
        says="What holds state has backups, or versions, that are kept long enough.",
        severity="critical",
        level="mandatory",
        source="scaling-et-croissance.md, « Stratégies de Sharding » (« Quelle stratégie de backup et "
        "réplication ? »); "
        "AWS Security Hub RDS.11, DynamoDB.2, S3.14, EFS.2, DocumentDB.2, Neptune.5, Redshift.3, "
        "ElastiCache.1",
        check_stack=_kept,
        settings=Backups,
        limits="Replicas are let through: their source is backed up. A bucket that a lifecycle rule "
        "empties by age "
        "holds no state. Caches count where their name says that they hold sessions, and are advisory. Not "
        "seen: "
        "plans of AWS Backup, and versioning or lifecycle that another stack sets.",
        remedy="None: from no backups to some, RDS stops the writes of an instance for a moment; somebody "
        "chooses "
        "that moment.",
        example=Example(
            breaks='aws.rds.Instance("database", instance_class="db.t4g.medium", backup_retention_period=0)',
            keeps='aws.rds.Instance("database", instance_class="db.t4g.medium", backup_retention_period=7)',
        ),
    ),
    Policy(
        name="deletion-protection",
        says="What holds state, and what everything goes through, is not deleted by one wrong command.",
        severity="critical",
        level="mandatory",
        source="AWS Security Hub RDS.7, RDS.8, ELB.6, DynamoDB.6, DocumentDB.5, Neptune.4, Cognito.6",
        types=types_of(_PROTECTED),
        check=_protected,
        settings=Throwaway,
        limits="AWS's own protection, forceDestroy and final snapshots. Pulumi's `protect` is something "
        "else: it "
        "does not hold in the console.",
        remedy="None: who may delete what is decided in the program, where one who has to delete it will "
        "look.",
        example=Example(
            breaks='aws.rds.Instance(\n    "database",\n    instance_class="db.t4g.medium",\n'
            "    skip_final_snapshot=True,\n)",
            keeps='aws.rds.Instance(\n    "database",\n    instance_class="db.t4g.medium",\n'
            "    deletion_protection=True,\n    skip_final_snapshot=False,\n"
            '    final_snapshot_identifier="database-final",\n)',
        ),
    ),
)
