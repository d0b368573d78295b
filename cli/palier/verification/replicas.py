"""Checks of the read replicas, of the endpoint the application reads from, and of the pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from palier.verification.model import Answer, compare, row, show, whether
from palier.verification.observability import alarm_checks
from palier.verification.storage import tagged
from palier.verification.things import Thing, some
from palier.verification.world import Replicas, parameters_of

PHASE = "replicas"


def count(world: Replicas) -> Iterator[Answer]:
    """As many replicas as asked for."""
    yield compare("read replicas", len(world.things.databases()), len(world.wanted.weights))


def source(world: Replicas) -> Iterator[Answer]:
    """Each replica follows foundation's primary."""
    primary = world.primary()
    names = {primary.id: primary.name, primary.data.get("DBInstanceArn"): primary.name}
    for replica in world.replicas():
        follows = replica.data.get("ReadReplicaSourceDBInstanceIdentifier")
        yield compare(replica.name, names.get(follows, follows), primary.name)


def spread(world: Replicas) -> Iterator[Answer]:
    """Replicas stand evenly over the zones asked for: none has two more than another."""
    zones = Counter(dict.fromkeys(world.wanted.zones, 0))
    zones.update(Counter(replica.data.get("AvailabilityZone", "no zone") for replica in world.replicas()))
    actual = show([f"{number} in {zone}" for zone, number in sorted(zones.items())])
    ok = max(zones.values()) - min(zones.values()) <= 1 and set(zones) == set(world.wanted.zones)
    yield Answer(ok, "read replicas", actual, f"evenly over {show(world.wanted.zones)}")


def encrypted(world: Replicas) -> Iterator[Answer]:
    """Storage is encrypted."""
    for replica in world.replicas():
        yield compare(replica.name, whether(replica.data.get("StorageEncrypted"), "encrypted"), "encrypted")


def private(world: Replicas) -> Iterator[Answer]:
    """No replica has a public address."""
    for replica in world.replicas():
        yield compare(replica.name, whether(replica.data.get("PubliclyAccessible"), "public"), "not public")


def parameters(world: Replicas) -> Iterator[Answer]:
    """Replicas have a parameter group of their own, not the primary's and not the default."""
    primary = _groups(world.primary())
    for replica in world.replicas():
        own = _groups(replica)
        ok = bool(own) and not own & primary and not any(name.startswith("default.") for name in own)
        yield Answer(ok, replica.name, show(own), "a group of the replicas' own")


def max_connections(world: Replicas) -> Iterator[Answer]:
    """As many connections as asked: PostgreSQL starts no standby that allows fewer than its primary."""
    for replica in world.replicas():
        actual = [parameters_of(world.reads, name).get("max_connections") for name in _groups(replica)]
        yield compare(replica.name, actual, [str(world.wanted.max_connections)])


def protected(world: Replicas) -> Iterator[Answer]:
    """Replicas are protected from deletion, as asked."""
    for replica in world.replicas():
        actual = whether(replica.data.get("DeletionProtection"), "protected")
        yield compare(replica.name, actual, whether(world.wanted.deletion_protection, "protected"))


def size(world: Replicas) -> Iterator[Answer]:
    """Replicas have the instance class asked for."""
    for replica in world.replicas():
        yield compare(replica.name, replica.data["DBInstanceClass"], world.wanted.instance_class)


def available(world: Replicas) -> Iterator[Answer]:
    """Replicas serve."""
    for replica in world.replicas():
        yield compare(replica.name, replica.data["DBInstanceStatus"], "available")


def reader_zone(world: Replicas) -> Iterator[Answer]:
    """The reader endpoint's zone is private, and the platform's VPC sees it."""
    vpcs = {each.id: each.name for each in world.foundation.vpcs()}
    for zone in some(world.things.hosted_zones(), "hosted zone"):
        hidden = bool(zone.data.get("Config", {}).get("PrivateZone"))
        seen = [vpcs.get(each, each) for each in world.zone_vpcs(zone)]
        actual = f"{'private' if hidden else 'public'}, seen from {show(seen)}"
        yield compare(zone.data["Name"], actual, f"private, seen from {show(list(vpcs.values()))}")


def reader_records(world: Replicas) -> Iterator[Answer]:
    """The reader endpoint answers with every replica, by its address and weight, and with nothing else."""
    addresses = {replica.name: _address(replica) for replica in world.replicas()}
    records = {record["SetIdentifier"]: record for record in world.reader_records()}
    for name, weight in world.wanted.weights.items():
        told = _told(records[name]) if name in records else "no record"
        yield compare(name, told, f"{world.wanted.reader} to {addresses.get(name)}, weight {weight}")
    for name in sorted(records.keys() - world.wanted.weights.keys()):
        yield Answer(False, name, _told(records[name]), "no record")


def reader_health(world: Replicas) -> Iterator[Answer]:
    """A replica whose lag is critical leaves the answers: its record follows that alarm, where asked."""
    alarms = {each.id: each.name for each in world.things.alarms()}
    for record in some(world.reader_records(), "record of the reader endpoint"):
        check = record.get("HealthCheckId")
        alarm = world.health_alarm(check) if check else ""
        wanted = f"{record['SetIdentifier']}-lag-critical" if world.wanted.follow_health else ""
        yield compare(
            record["SetIdentifier"], f"follows {show(alarms.get(alarm, alarm))}", f"follows {show(wanted)}"
        )


def proxy(world: Replicas) -> Iterator[Answer]:
    """The pool in front of the primary, where the settings ask for one, and none where they do not."""
    found = world.things.proxies()
    if not world.wanted.proxy:
        yield compare("database proxy", [each.name for each in found], [])
        return
    primary = world.primary()
    for each in some(found, "database proxy"):
        targets = [target.get("RdsResourceId") for target in world.proxy_targets(each)]
        actual = f"{each.data['Status']}, of {show(targets)}, TLS {show(bool(each.data.get('RequireTLS')))}"
        yield compare(each.name, actual, f"available, of {primary.id}, TLS yes")


def cost_tags(world: Replicas) -> Iterator[Answer]:
    """Whatever carries the phase's tags says who pays for it."""
    things = world.things
    found = (*things.databases(), *things.hosted_zones(), *things.proxies(), *things.alarms())
    return tagged(some(found, "resource"), world.wanted.cost_tags)


def _groups(database: Thing) -> set[str]:
    return {each["DBParameterGroupName"] for each in database.data.get("DBParameterGroups", [])}


def _address(database: Thing) -> Any:
    return database.data.get("Endpoint", {}).get("Address")


def _told(record: Mapping[str, Any]) -> str:
    values = show([each["Value"].rstrip(".") for each in record["ResourceRecords"]])
    return f"{record['Name']} to {values}, weight {record.get('Weight')}"


CHECKS = (
    row(PHASE, count, "replicas.count", "As many read replicas as asked for"),
    row(
        PHASE,
        source,
        "replicas.source",
        "Each replica follows foundation's primary",
        "a replica of another source serves other data: take it out of the reader endpoint at once",
    ),
    row(PHASE, spread, "replicas.zones", "Replicas are spread evenly over the availability zones"),
    row(PHASE, encrypted, "replicas.encrypted", "Replicas are encrypted"),
    row(PHASE, private, "replicas.private", "No replica has a public address"),
    row(PHASE, parameters, "replicas.parameters", "Replicas have a parameter group of their own"),
    row(PHASE, max_connections, "replicas.max-connections", "Replicas allow as many connections as asked"),
    row(PHASE, protected, "replicas.deletion-protection", "Replicas are protected from deletion, as asked"),
    row(PHASE, size, "replicas.size", "Replicas have the instance class asked for"),
    row(
        PHASE,
        available,
        "replicas.available",
        "Replicas are available",
        "wait, then verify again; a replica that stays away is told in its RDS events",
    ),
    row(PHASE, reader_zone, "reader.zone", "The reader endpoint's zone is private and belongs to the VPC"),
    row(
        PHASE,
        reader_records,
        "reader.records",
        "The reader endpoint has one weighted record per replica, at its address",
    ),
    row(
        PHASE,
        reader_health,
        "reader.health",
        "A replica whose lag is critical leaves the answers, as asked",
    ),
    *alarm_checks(PHASE, "replicas.", "For each threshold and the lag of each replica"),
    row(
        PHASE,
        proxy,
        "replicas.proxy",
        "The connection pool targets the primary; there is one only where asked for",
    ),
    row(PHASE, cost_tags, "replicas.tags", "Every resource of the phase says who owns it and who pays"),
)
