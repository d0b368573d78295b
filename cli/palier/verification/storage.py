"""Checks of foundation's keys and buckets, and of the tags that tell who pays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from palier.verification.model import Answer, compare, row, show
from palier.verification.things import Thing, some
from palier.verification.world import Foundation

PUBLIC_ACCESS_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def keys_rotate(world: Foundation) -> Iterator[Answer]:
    """Keys are enabled and rotate."""
    for key in some(world.things.kms_keys(), "KMS key"):
        rotates = "rotating" if world.key_rotates(key) else "not rotating"
        yield compare(key.subject, f"{key.data['KeyState']}, {rotates}", "Enabled, rotating")


def encrypted(world: Foundation) -> Iterator[Answer]:
    """Buckets encrypt by default.

    Load balancers can write their access logs only into buckets encrypted with S3's own key (SSE-S3),
    so either algorithm will do.
    """
    for bucket in some(world.things.buckets(), "bucket"):
        found = world.bucket_encryption(bucket)
        yield Answer(found in {"aws:kms", "AES256"}, bucket.name, show(found), "aws:kms or AES256")


def private(world: Foundation) -> Iterator[Answer]:
    """All four public access blocks are on."""
    for bucket in some(world.things.buckets(), "bucket"):
        blocks = world.bucket_public_access(bucket)
        on = [name for name in PUBLIC_ACCESS_BLOCKS if blocks.get(name)]
        yield compare(bucket.name, on, list(PUBLIC_ACCESS_BLOCKS))


def versioned(world: Foundation) -> Iterator[Answer]:
    """Whatever is put into a bucket can be had back; access logs, written once, need no versions."""
    logs = {each.id for each in world.log_buckets()}
    for bucket in some([each for each in world.things.buckets() if each.id not in logs], "bucket of assets"):
        yield compare(bucket.name, world.bucket_versioning(bucket), "Enabled")


def logs_expire(world: Foundation) -> Iterator[Answer]:
    """Access logs are kept as long as asked, then expire."""
    for bucket in some(world.log_buckets(), "bucket of access logs"):
        rules = [rule for rule in world.bucket_lifecycle(bucket) if rule["Status"] == "Enabled"]
        days = [rule["Expiration"].get("Days") for rule in rules if "Expiration" in rule]
        yield compare(bucket.name, days, [world.wanted.access_log_days])


def cost_tags(world: Foundation) -> Iterator[Answer]:
    """Whatever carries the platform's tags says who pays for it."""
    return tagged(some(world.taggable(), "resource"), world.wanted.cost_tags)


def tagged(things: Iterable[Thing], tags: Mapping[str, str]) -> Iterator[Answer]:
    """Every thing has the cost tags."""
    wanted = dict(tags)
    for thing in things:
        actual = {tag: thing.tags.get(tag, "") for tag in wanted}
        yield Answer(actual == wanted, f"{thing.kind} {thing.subject}", _told(actual), _told(wanted))


def _told(tags: dict[str, str]) -> str:
    return ", ".join(f"{tag}={value or 'missing'}" for tag, value in tags.items())


CHECKS = (
    row("foundation", keys_rotate, "security.keys", "KMS keys are enabled and rotate every year"),
    row("foundation", encrypted, "storage.encrypted", "Buckets encrypt what is put into them"),
    row("foundation", private, "storage.private", "Buckets block public access in all four ways"),
    row("foundation", versioned, "storage.versioned", "Buckets keep versions of what is put into them"),
    row(
        "foundation", logs_expire, "storage.logs-expire", "Access logs are kept as long as asked, then expire"
    ),
    row("foundation", cost_tags, "cost.tags", "Every resource says who owns it and who pays"),
)
