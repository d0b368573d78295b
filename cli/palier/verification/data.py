"""Checks of foundation's data: the RDS primary, and the cache that holds the sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from palier.verification.master_passwords import kept
from palier.verification.model import Answer, compare, row, whether
from palier.verification.things import Thing, some
from palier.verification.world import Foundation, parameters_of

Look = Callable[[Foundation], Iterator[Answer]]


def primary_has(actual: Callable[[Thing], object], expected: Callable[[Foundation], object]) -> Look:
    """A check that compares one thing about the primary with what is wanted."""

    def look(world: Foundation) -> Iterator[Answer]:
        primary = world.primary()
        yield compare(primary.name, actual(primary), expected(world))

    return look


def encrypted(world: Foundation) -> Iterator[Answer]:
    """Storage is encrypted, by a key of the platform."""
    primary = world.primary()
    named = {each.data["Arn"]: each.name for each in world.things.kms_keys()}
    key = primary.data.get("KmsKeyId", "")
    actual = f"by {named.get(key, key)}" if primary.data.get("StorageEncrypted") else "not encrypted"
    ours = [f"by {name}" for name in named.values()]
    yield Answer(actual in ours, primary.name, actual, "by a key of the platform")


def master_secret(world: Foundation) -> Iterator[Answer]:
    """The platform keeps the master password, and not RDS."""
    keys = {each.data["Arn"]: each.name for each in world.things.kms_keys()}
    yield kept(world.primary(), world.things.secrets(), keys)


def max_connections(world: Foundation) -> Iterator[Answer]:
    """The primary's own parameter group sets max_connections as asked."""
    primary = world.primary()
    for group in some(primary.data.get("DBParameterGroups", []), "parameter group of the primary"):
        name = group["DBParameterGroupName"]
        yield compare(
            f"{primary.name}, {name}",
            parameters_of(world.reads, name).get("max_connections"),
            str(world.wanted.max_connections),
        )


def performance_insights(world: Foundation) -> Iterator[Answer]:
    """Performance Insights is on, with the history asked for."""
    data = world.primary().data
    on, days = data.get("PerformanceInsightsEnabled"), data.get("PerformanceInsightsRetentionPeriod")
    wanted = f"{world.wanted.performance_insights_days} days"
    yield compare(world.primary().name, f"{days} days" if on else "off", wanted)


def database_subnets(world: Foundation) -> Iterator[Answer]:
    """The primary's subnet group holds the data subnets and no other."""
    primary = world.primary()
    named = {each.id: each.name for each in world.things.subnets()}
    held = primary.data.get("DBSubnetGroup", {}).get("Subnets", [])
    actual = {named.get(each["SubnetIdentifier"], each["SubnetIdentifier"]) for each in held}
    yield compare(primary.name, actual, {each.name for each in world.tier("data")})


def cache_encrypted(world: Foundation) -> Iterator[Answer]:
    """Encrypted on disk and on the wire."""
    for cache in some(world.things.caches(), "cache"):
        kept = [
            words
            for key, words in (
                ("AtRestEncryptionEnabled", "at rest"),
                ("TransitEncryptionEnabled", "in transit"),
            )
            if cache.data.get(key)
        ]
        yield compare(cache.name, kept, ["at rest", "in transit"])


def cache_available(world: Foundation) -> Iterator[Answer]:
    """A zone may fail: Multi-AZ and automatic failover."""
    for cache in some(world.things.caches(), "cache"):
        actual = f"Multi-AZ {cache.data.get('MultiAZ')}, failover {cache.data.get('AutomaticFailover')}"
        yield compare(cache.name, actual, "Multi-AZ enabled, failover enabled")


def cache_nodes(world: Foundation) -> Iterator[Answer]:
    """As many nodes as asked for, each of the type asked for."""
    nodes = world.cache_nodes()
    for name, wanted in world.wanted.caches.items():
        cache = world.cache(name)
        members = cache.data.get("MemberClusters", [])
        types = [nodes[each]["CacheNodeType"] if each in nodes else "missing" for each in members]
        yield compare(cache.name, types, [wanted.node_type] * wanted.nodes)


CHECKS = (
    row(
        "foundation",
        primary_has(
            lambda db: whether(db.data.get("MultiAZ"), "Multi-AZ"),
            lambda world: whether(world.wanted.multi_az, "Multi-AZ"),
        ),
        "database.multi-az",
        "The primary has a standby in another zone, as asked",
    ),
    row(
        "foundation",
        primary_has(lambda db: db.data["DBInstanceClass"], lambda world: world.wanted.instance_class),
        "database.size",
        "The primary has the instance class asked for",
    ),
    row(
        "foundation",
        encrypted,
        "database.encrypted",
        "The primary's storage is encrypted by a key of the platform",
        "encryption can't be turned on later: restore a snapshot into an encrypted instance",
    ),
    row(
        "foundation",
        primary_has(
            lambda db: whether(db.data.get("PubliclyAccessible"), "public"), lambda world: "not public"
        ),
        "database.private",
        "The primary has no public address",
    ),
    row(
        "foundation",
        primary_has(
            lambda db: f"{db.data['BackupRetentionPeriod']} days",
            lambda world: f"{world.wanted.backup_retention_days} days",
        ),
        "database.backups",
        "The primary keeps backups for as many days as asked",
    ),
    row(
        "foundation",
        primary_has(
            lambda db: whether(db.data.get("DeletionProtection"), "protected"),
            lambda world: whether(world.wanted.deletion_protection, "protected"),
        ),
        "database.deletion-protection",
        "The primary is protected from deletion, as asked",
    ),
    row(
        "foundation",
        master_secret,
        "database.master-secret",
        "The master password is in a secret of the platform's, under its key, and RDS manages none",
    ),
    row(
        "foundation",
        performance_insights,
        "database.performance-insights",
        "Performance Insights is on, with the history asked for",
    ),
    row(
        "foundation",
        max_connections,
        "database.max-connections",
        "The primary's parameter group sets max_connections as asked",
    ),
    row(
        "foundation",
        database_subnets,
        "database.subnets",
        "The primary stands in the data subnets and nowhere else",
    ),
    row(
        "foundation",
        cache_encrypted,
        "cache.encrypted",
        "The cache is encrypted at rest and in transit",
        "encryption at rest can't be turned on later: `palier up {phase}` replaces the cache",
    ),
    row(
        "foundation",
        cache_available,
        "cache.failover",
        "The cache survives the loss of a zone: Multi-AZ and automatic failover",
    ),
    row("foundation", cache_nodes, "cache.nodes", "The cache has the nodes asked for, of the type asked for"),
)
