"""Checks of the shards, and of the published map that says which shard holds which key."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from palier.sharding import items
from palier.verification.master_passwords import kept
from palier.verification.model import Answer, Check, compare, row, show, whether
from palier.verification.observability import alarm_checks
from palier.verification.shards_world import Shards, ShardWanted, backups_told, source_of
from palier.verification.storage import tagged
from palier.verification.things import Thing, some
from palier.verification.world import parameters_of

PHASE = "shards"
PORT = 5432
MAP = "published map"


def count(world: Shards) -> Iterator[Answer]:
    """A server for each shard asked for, under its identifier, and no other."""
    found = {each.name: each.id for each in world.servers()}
    for name in sorted(found.keys() | world.wanted.shards.keys(), key=_number):
        wanted = world.wanted.shards.get(name)
        yield compare(name, found.get(name), wanted.identifier if wanted else None)


def _number(name: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, name))
    return int(digits or 0), name


def each_has(actual: Callable[[Thing], Any], wanted: Callable[[ShardWanted], Any]) -> Callable[..., Any]:
    """A look that compares something of every shard's server with what its settings ask for."""

    def look(world: Shards) -> Iterator[Answer]:
        for name, asked in world.wanted.shards.items():
            yield compare(name, actual(world.server(name)), wanted(asked))

    return look


def encrypted(world: Shards) -> Iterator[Answer]:
    """Storage is encrypted, by a key of the platform."""
    named = world.key_names()
    for server in (*world.servers(), *world.replicas()):
        key = server.data.get("KmsKeyId", "")
        actual = f"by {named.get(key, key)}" if server.data.get("StorageEncrypted") else "not encrypted"
        yield Answer(
            key in named and actual != "not encrypted", server.name, actual, "by a key of the platform"
        )


def master_secrets(world: Shards) -> Iterator[Answer]:
    """The platform keeps each shard's master password, and not RDS."""
    for name in world.wanted.shards:
        yield kept(world.server(name), world.things.secrets(), world.key_names())


def private(world: Shards) -> Iterator[Answer]:
    """No shard has a public address."""
    for server in (*world.servers(), *world.replicas()):
        yield compare(server.name, whether(server.data.get("PubliclyAccessible"), "public"), "not public")


def parameters(world: Shards) -> Iterator[Answer]:
    """Every shard has a parameter group of its own."""
    servers = world.servers()
    uses = Counter(group for server in servers for group in _groups(server))
    for server in servers:
        own = _groups(server)
        shared = any(uses[name] > 1 or name.startswith("default.") for name in own)
        ok = bool(own) and not shared
        yield Answer(ok, server.name, show(own), "a group of its own")


def max_connections(world: Shards) -> Iterator[Answer]:
    """As many connections as asked, on a shard and on its replica."""
    for server in (*world.servers(), *world.replicas()):
        asked = world.wanted.shards.get(server.name.removesuffix("-replica"))
        actual = [parameters_of(world.reads, name).get("max_connections") for name in _groups(server)]
        yield compare(server.name, actual, [str(asked.max_connections)] if asked else [])


def replicas(world: Shards) -> Iterator[Answer]:
    """A replica of each shard that is to have one, and of no other; each follows its own shard."""
    follows = {each.name: source_of(each) for each in world.replicas()}
    for name, asked in world.wanted.shards.items():
        actual = follows.pop(f"{name}-replica", None)
        yield compare(f"{name}-replica", actual, world.server(name).id if asked.replica else None)
    for name, source in sorted(follows.items()):
        yield compare(name, source, None)


def available(world: Shards) -> Iterator[Answer]:
    """Shards and replicas serve."""
    for server in (*world.servers(), *world.replicas()):
        yield compare(server.name, server.data["DBInstanceStatus"], "available")


def table(world: Shards) -> Iterator[Answer]:
    """The map's table is encrypted by a key of the platform, can be restored, and is protected as asked."""
    found, named = world.table(), world.key_names()
    encryption = found.get("SSEDescription", {})
    key = encryption.get("KMSMasterKeyArn", "")
    by = named.get(key) if encryption.get("Status") == "ENABLED" else None
    recovery = world.recovery().get("PointInTimeRecoveryStatus") == "ENABLED"
    told = [
        "encrypted by a key of the platform" if by else "not encrypted by a key of the platform",
        whether(recovery, "restored to any point in time"),
        whether(found.get("DeletionProtectionEnabled"), "protected"),
    ]
    asked = [
        "encrypted by a key of the platform",
        "restored to any point in time",
        whether(world.wanted.table_protected, "protected"),
    ]
    yield compare(found["TableName"], told, asked)


def checksum(world: Shards) -> Iterator[Answer]:
    """The published map is whole: its checksum is its content's, and what its version was applied as."""
    found = world.published()
    if isinstance(found, str):
        yield Answer(False, MAP, found, "a map whose checksum is its content's")
        return
    current, applied = (world.item(name) for name in (items.CURRENT, items.version_name(found.version)))
    for subject, item in ((MAP, current), (f"version {found.version}", applied)):
        told = f"version {item['version']['N']}, {item['checksum']['S']}"
        yield compare(subject, told, f"version {found.version}, {found.checksum}")


def placement(world: Shards) -> Iterator[Answer]:
    """Every logical shard is placed on a shard that stands."""
    standing = {each.name for each in world.servers()}
    found = world.readable()
    for name in found.used_shards():
        held = f"{len(found.held_by(name))} logical shards"
        yield Answer(
            name in standing, name, f"{held} on {whether(name in standing, 'a standing')} shard", held
        )


def routing(world: Shards) -> Iterator[Answer]:
    """The published map routes as the settings say."""
    found = world.readable()
    told = f"{found.logical_shards} logical shards, {json.dumps(found.strategy.as_data())}"
    yield compare(
        MAP, told, f"{world.wanted.logical_shards} logical shards, {json.dumps(world.wanted.strategy)}"
    )


def endpoints(world: Shards) -> Iterator[Answer]:
    """Where the map says that shards answer, they answer."""
    told = json.loads(world.item(items.ENDPOINTS)["document"]["S"])
    followers = {source_of(each): _address(each) for each in world.replicas()}
    for name, asked in world.wanted.shards.items():
        server = world.server(name)
        wanted = [_address(server), PORT, asked.database, followers.get(server.id)]
        actual = [told.get(name, {}).get(key) for key in ("host", "port", "database", "replica_host")]
        yield compare(name, actual, wanted)
    for name in sorted(told.keys() - world.wanted.shards.keys()):
        yield compare(name, told[name].get("host"), None)


def cost_tags(world: Shards) -> Iterator[Answer]:
    """Whatever carries the phase's tags says who pays for it."""
    found = (*world.things.databases(), *world.things.alarms())
    return tagged(some(found, "resource"), world.wanted.cost_tags)


def _groups(database: Thing) -> set[str]:
    return {each["DBParameterGroupName"] for each in database.data.get("DBParameterGroups", [])}


def _address(database: Thing) -> Any:
    return database.data.get("Endpoint", {}).get("Address")


def _backups(server: Thing) -> str:
    data = server.data
    return backups_told(data.get("BackupRetentionPeriod"), data.get("PreferredBackupWindow"))


_SERVERS: tuple[Check, ...] = (
    row(PHASE, count, "shards.count", "A server for each shard asked for, and no other"),
    row(
        PHASE,
        each_has(
            lambda server: whether(server.data.get("MultiAZ"), "Multi-AZ"),
            lambda asked: whether(asked.multi_az, "Multi-AZ"),
        ),
        "shards.multi-az",
        "Each shard has a standby in another zone, as asked",
    ),
    row(
        PHASE,
        encrypted,
        "shards.encrypted",
        "Each shard is encrypted by a key of the platform",
        "encryption can't be turned on later: restore a snapshot into an encrypted instance",
    ),
    row(PHASE, private, "shards.private", "No shard has a public address"),
    row(PHASE, parameters, "shards.parameters", "Each shard has a parameter group of its own"),
    row(PHASE, max_connections, "shards.max-connections", "Shards allow as many connections as asked"),
    row(
        PHASE,
        each_has(_backups, lambda asked: asked.backups),
        "shards.backups",
        "Each shard keeps backups as long as asked, made in its own window",
    ),
    row(
        PHASE,
        master_secrets,
        "shards.master-secret",
        "Each shard's master password is in a secret of its own, under the platform's key",
    ),
    row(
        PHASE,
        each_has(
            lambda server: whether(server.data.get("DeletionProtection"), "protected"),
            lambda asked: whether(asked.deletion_protection, "protected"),
        ),
        "shards.deletion-protection",
        "Shards are protected from deletion, as asked",
    ),
    row(
        PHASE,
        each_has(lambda server: server.data["DBInstanceClass"], lambda asked: asked.instance_class),
        "shards.size",
        "Each shard has the instance class asked for",
    ),
    row(PHASE, replicas, "shards.replicas", "Shards have a replica only where asked for, of their own data"),
    row(
        PHASE,
        available,
        "shards.available",
        "Shards are available",
        "wait, then verify again; a shard that stays away is told in its RDS events",
    ),
)
_PUBLISHED: tuple[Check, ...] = (
    row(
        PHASE, table, "map.table", "The map's table is encrypted, can be restored, and is protected as asked"
    ),
    row(
        PHASE,
        checksum,
        "map.checksum",
        "The published map is whole: its checksum is its content's and its version's",
        "somebody wrote it by hand; go back to a version: palier shards revert",
    ),
    row(
        PHASE,
        placement,
        "map.placement",
        "The map places every logical shard on a shard that stands",
        "keys are looked for where nothing is: bring the shard back, or revert: palier shards revert",
    ),
    row(PHASE, routing, "map.routing", "The map routes keys as the settings say"),
    row(PHASE, endpoints, "map.endpoints", "The map says where each shard and its replica answer"),
)
CHECKS: tuple[Check, ...] = (
    *_SERVERS,
    *_PUBLISHED,
    *alarm_checks(PHASE, "shards.", "For each threshold of each shard"),
    row(PHASE, cost_tags, "shards.tags", "Every resource of the phase says who owns it and who pays"),
)
