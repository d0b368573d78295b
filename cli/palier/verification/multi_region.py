"""Checks of further regions: each as foundation is checked at home, and what all regions share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from palier.verification import application, data, network, observability, storage
from palier.verification.model import Absent, Answer, Check, compare, row, show, whether
from palier.verification.storage import tagged
from palier.verification.things import Thing, some
from palier.verification.world_regions import PHASE, FurtherRegion, MultiRegion

# Foundation's checks that have no sense in a further region: of its database, which has its own here, and
# of its dashboard.
NOT_HERE = {"observability.dashboard", "security.database-source"}
MOVED = "see `palier region status`; a switchover or failover that was interrupted goes on where it stopped"


def everywhere(look: Callable[[Any], Iterable[Answer]]) -> Callable[[MultiRegion], Iterator[Answer]]:
    """A check of foundation's, made of every further region."""

    def looked(world: MultiRegion) -> Iterator[Answer]:
        for region, view in world.further.items():
            yield from _within(region, view, look)

    return looked


def _within(region: str, view: Any, look: Callable[[Any], Iterable[Answer]]) -> Iterator[Answer]:
    """The answers of a check in one region, their subjects named with it."""
    try:
        for answer in look(view):
            yield answer._replace(subject=f"{region}: {answer.subject}")
    except Absent as absent:
        yield Answer(False, f"{region}: {absent.what}", "not found", "exists")


def of_database(look: Callable[[FurtherRegion, Thing], tuple[object, object]]) -> Any:
    """A check of one thing about each further region's database: (actual, expected)."""

    def looked(world: MultiRegion) -> Iterator[Answer]:
        for region, view in world.further.items():
            yield compare(f"database in {region}", *look(view, world.database(region)))

    return looked


def writer(world: MultiRegion) -> Iterator[Answer]:
    """One region writes, the one that the applications are told, and every other follows it."""
    active = world.active_region(world.wanted.home_region)
    writers = world.writers() if world.wanted.aurora else set()
    source = world.database_arn(active) if active in world.wanted.regions else ""
    for region in world.wanted.regions:
        if world.wanted.aurora:
            actual = "writes" if world.database_arn(region) in writers else "follows"
        else:
            follows = world.database(region).data.get("ReadReplicaSourceDBInstanceIdentifier")
            actual = f"follows {follows}" if follows else "writes"
        following = "follows" if world.wanted.aurora else f"follows {source}"
        expected = "writes" if region == active else following
        yield compare(f"database in {region}", actual, expected)


def active_region(world: MultiRegion) -> Iterator[Answer]:
    """Every region's application is told the same region to write in."""
    wanted = world.active_region(world.wanted.home_region)
    for region in world.wanted.regions:
        told = world.active_region(region)
        ok = told == wanted and told in world.wanted.regions
        yield Answer(ok, f"application in {region}", show(told), f"one of {show(world.wanted.regions)}")


def encrypted(world: MultiRegion) -> Iterator[Answer]:
    """Each region's database is encrypted by a key of that region."""
    for region, view in world.further.items():
        keys = {each.data["Arn"]: each.name for each in view.things.kms_keys()}
        found = world.database(region).data
        key = found.get("KmsKeyId", "")
        actual = f"by {keys.get(key, key)}" if found.get("StorageEncrypted") else "not encrypted"
        yield compare(f"database in {region}", actual, "by data")


def database_source(world: MultiRegion) -> Iterator[Answer]:
    """Only applications, of the region or of a peered one, reach the database, at its port."""
    return everywhere(network.database_source)(world)


def sizes(world: MultiRegion) -> Iterator[Answer]:
    """Each instance has the class asked for, and there are as many as asked for."""
    count = world.wanted.instances_per_region if world.wanted.aurora else 1
    for region, view in world.further.items():
        classes = [each.data["DBInstanceClass"] for each in view.things.databases()]
        yield compare(f"database in {region}", classes, [view.wanted.instance_class] * count)


def instances_private(world: MultiRegion) -> Iterator[Answer]:
    """No instance has a public address."""
    for region, view in world.further.items():
        for each in some(view.things.databases(), f"database in {region}"):
            actual = whether(each.data.get("PubliclyAccessible"), "public")
            yield compare(f"{region}: {each.name}", actual, "not public")


def max_connections(world: MultiRegion) -> Iterator[Answer]:
    """As many connections as the primary allows: PostgreSQL starts no standby that allows fewer."""
    for region, view in world.further.items():
        actual = world.parameters(region).get("max_connections")
        yield compare(f"database in {region}", actual, str(view.wanted.max_connections))


def peered(world: MultiRegion) -> Iterator[Answer]:
    """Every region's VPC is joined with every other's."""
    for region in world.wanted.regions:
        yield compare(f"VPC in {region}", world.peers(region), {*world.wanted.regions} - {region})


def peer_routes(world: MultiRegion) -> Iterator[Answer]:
    """Private and data subnets have a route to every other region's VPC."""
    blocks = {world.wanted.home_region: world.wanted.home.vpc_cidr} | {
        region: view.wanted.vpc_cidr for region, view in world.further.items()
    }
    for region, view in world.regions.items():
        others = {block for other, block in blocks.items() if other != region}
        tables = [each for each in view.things.route_tables() if not each.name.startswith("public")]
        for table in some(tables, f"route table in {region}"):
            found = {
                route.get("DestinationCidrBlock")
                for route in table.data["Routes"]
                if route.get("VpcPeeringConnectionId") and route.get("State", "active") == "active"
            }
            ok = others <= found
            yield Answer(ok, f"{region}: {table.name}", show(found), f"routes to {show(others)}")


def sessions(world: MultiRegion) -> Iterator[Answer]:
    """The table of sessions has a replica in every further region, and each is active."""
    home = world.sessions(world.wanted.home_region)
    states = {each["RegionName"]: each.get("ReplicaStatus") for each in home.get("Replicas", [])}
    for region in world.wanted.further:
        yield compare(f"{world.sessions_name()} in {region}", states.get(region), "ACTIVE")


def sessions_kept(world: MultiRegion) -> Iterator[Answer]:
    """Sessions expire, are encrypted by our key, and can be recovered and are protected, as asked."""
    for region in world.wanted.regions:
        table = world.sessions(region)
        key = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
        facts = (
            whether(key, "encrypted by a key"),
            whether(world.sessions_recoverable(region), "recoverable"),
            whether(table.get("DeletionProtectionEnabled"), "protected"),
        )
        wanted = (
            "encrypted by a key",
            whether(world.wanted.sessions_recoverable, "recoverable"),
            whether(world.wanted.sessions_protected, "protected"),
        )
        yield compare(f"{world.sessions_name()} in {region}", facts, wanted)
    yield compare(world.sessions_name(), world.sessions_expire(), "expires_at")


def assets(world: MultiRegion) -> Iterator[Answer]:
    """Each bucket of assets is replicated to every other."""
    buckets = {region: world.assets(region).id for region in world.wanted.regions}
    for region in world.wanted.regions:
        others = {bucket for other, bucket in buckets.items() if other != region}
        yield compare(f"assets in {region}", world.replicated_to(region), others)


def routing(world: MultiRegion) -> Iterator[Answer]:
    """The domain answers with each region's load balancer by latency, each while it is healthy."""
    if world.wanted.domain is None:
        yield Answer(True, "latency records", "no domain asked for", "no domain asked for")
        return
    records = world.latency_records()
    for region in world.wanted.regions:
        expected = f"{world.balancer_name(region)} while {world.wanted.health_check_path} answers"
        yield compare(f"{world.wanted.domain} in {region}", _led(world, records.get(region)), expected)
    for name in sorted(records.keys() - {*world.wanted.regions}):
        yield Answer(False, f"{world.wanted.domain} in {name}", _led(world, records[name]), "no record")


def _led(world: MultiRegion, record: Any) -> str:
    """Where a latency record leads, and while what holds."""
    if record is None or "Region" not in record:
        return "no latency record"
    target = (
        str(record.get("AliasTarget", {}).get("DNSName", "")).removesuffix(".").removeprefix("dualstack.")
    )
    check = record.get("HealthCheckId")
    if not check:
        return f"{target} always"
    config = world.health_check(check)
    asked = config.get("FullyQualifiedDomainName")
    where = config.get("ResourcePath") if asked == target else f"another host, {show(asked)},"
    return f"{target} while {where} answers"


def home_alarms(look: Callable[[Any], Iterable[Answer]]) -> Callable[[MultiRegion], Iterator[Answer]]:
    """A check of alarms, of every further region and of what the phase watches at home."""

    def looked(world: MultiRegion) -> Iterator[Answer]:
        yield from everywhere(look)(world)
        yield from _within(world.wanted.home_region, _HomeAlarms(world), look)

    return looked


class _HomeAlarms:
    """The home region's alarms in the form that the checks of alarms look at."""

    def __init__(self, world: MultiRegion) -> None:
        self.alarm, self.topic = world.home.alarm, world.home.topic
        self.watchable = world.home.watchable
        self.wanted = self
        self.alarms = world.wanted.home_alarms


def cost_tags(world: MultiRegion) -> Iterator[Answer]:
    """Whatever carries the phase's tags says who pays for it, in every region."""
    found = [thing for view in world.further.values() for thing in view.taggable()]
    home = (*world.things.alarms(), *world.things.clusters())
    return tagged(some([*found, *home], "resource"), world.wanted.home.cost_tags)


def _from_foundation() -> Iterator[Check]:
    """Foundation's checks of network, application, caches, keys and buckets, made of further regions."""
    parts = (*network.CHECKS, *application.CHECKS, *data.CHECKS, *storage.CHECKS, *observability.CHECKS)
    alarms = {"observability.alarms", "observability.alarm-subjects", "observability.alarm-actions"}
    for check in parts:
        if check.id in NOT_HERE or check.id.startswith("database.") or check.id == "cost.tags":
            continue
        made = home_alarms if check.id in alarms else everywhere
        sentence = f"In each further region: {check.sentence[:1].lower()}{check.sentence[1:]}"
        yield row(PHASE, made(check.look), f"regions.{check.id}", sentence, check.advice)


CHECKS = (
    *_from_foundation(),
    row(PHASE, writer, "regions.writer", "One region's database writes and every other follows it", MOVED),
    row(
        PHASE, active_region, "regions.active", "The applications of all regions write in the same one", MOVED
    ),
    row(
        PHASE,
        encrypted,
        "regions.database-encrypted",
        "Each region's database is encrypted by that region's key",
    ),
    row(
        PHASE,
        database_source,
        "regions.database-source",
        "Only applications of the platform's regions reach a database, at its port",
        "revoke the other rules",
    ),
    row(PHASE, sizes, "regions.database-size", "Databases have the instances and the class asked for"),
    row(PHASE, instances_private, "regions.database-private", "No database has a public address"),
    row(
        PHASE,
        of_database(
            lambda view, db: (
                whether(db.data.get("DeletionProtection"), "protected"),
                whether(view.wanted.deletion_protection, "protected"),
            )
        ),
        "regions.database-protected",
        "Databases are protected from deletion, as asked",
    ),
    row(
        PHASE,
        of_database(
            lambda view, db: (db.data.get("BackupRetentionPeriod"), view.wanted.backup_retention_days)
        ),
        "regions.database-backups",
        "Databases keep backups for as many days as asked",
    ),
    row(
        PHASE,
        of_database(lambda _, db: (db.data.get("DBInstanceStatus", db.data.get("Status")), "available")),
        "regions.database-available",
        "Databases are available",
        "wait, then verify again; one that stays away is told in its RDS events",
    ),
    row(
        PHASE,
        max_connections,
        "regions.max-connections",
        "Databases allow as many connections as asked",
    ),
    row(PHASE, peered, "regions.peering", "Every region's network is joined with every other's"),
    row(PHASE, peer_routes, "regions.peering-routes", "Applications have a route to every region's database"),
    row(PHASE, sessions, "sessions.replicas", "Sessions have an active replica in every region"),
    row(PHASE, sessions_kept, "sessions.kept", "Sessions expire, are encrypted, and are kept as asked"),
    row(PHASE, assets, "assets.replicated", "Assets are replicated from every region to every other"),
    row(PHASE, routing, "routing.latency", "The domain leads to the nearest region that is well, as asked"),
    row(PHASE, cost_tags, "regions.tags", "Every resource of the phase says who owns it and who pays"),
)
