"""Checks of foundation's keys and buckets, and of the tags that tell who pays."""

from __future__ import annotations

from collections.abc import Iterator

from palier.verification.inventory import some
from palier.verification.model import Answer, compare, row, show
from palier.verification.world import Foundation

COST_TAGS = ("cost-center", "owner")
PUBLIC_ACCESS_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def keys_rotate(world: Foundation) -> Iterator[Answer]:
    """Keys are enabled and rotate."""
    for key in some(world.things.keys(), "KMS key"):
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
        yield compare(
            bucket.name, [name for name in PUBLIC_ACCESS_BLOCKS if blocks.get(name)], PUBLIC_ACCESS_BLOCKS
        )


def versioned(world: Foundation) -> Iterator[Answer]:
    """Every bucket keeps versions."""
    for bucket in some(world.things.buckets(), "bucket"):
        yield compare(bucket.name, world.bucket_versioning(bucket), "Enabled")


def logs_expire(world: Foundation) -> Iterator[Answer]:
    """Where access logs are kept, they expire."""
    logs = {
        world.balancer_attributes(balancer).get("access_logs.s3.bucket")
        for balancer in world.things.load_balancers()
    }
    for bucket in some([each for each in world.things.buckets() if each.id in logs], "bucket of access logs"):
        expiring = [
            rule
            for rule in world.bucket_lifecycle(bucket)
            if rule["Status"] == "Enabled" and "Expiration" in rule
        ]
        days = [rule["Expiration"].get("Days") for rule in expiring]
        yield Answer(bool(days), bucket.name, f"{show(days)} days" if days else "never", "after some days")


def cost_tags(world: Foundation) -> Iterator[Answer]:
    """Whatever carries the platform's tags says who pays for it."""
    things = some(world.taggable(), "resource")
    for kind in dict.fromkeys(thing.kind for thing in things):
        ours = [thing for thing in things if thing.kind == kind]
        untagged = [each.subject for each in ours if not all(each.tags.get(tag) for tag in COST_TAGS)]
        actual = f"missing on {show(untagged)}" if untagged else f"on all {len(ours)}"
        yield Answer(not untagged, f"{kind}s", actual, f"{show(COST_TAGS)} on all {len(ours)}")


CHECKS = (
    row("foundation", keys_rotate, "security.keys", "KMS keys are enabled and rotate every year"),
    row("foundation", encrypted, "storage.encrypted", "Buckets encrypt what is put into them"),
    row("foundation", private, "storage.private", "Buckets block public access in all four ways"),
    row("foundation", versioned, "storage.versioned", "Buckets keep versions"),
    row("foundation", logs_expire, "storage.logs-expire", "Access logs expire"),
    row("foundation", cost_tags, "cost.tags", "Every resource says who owns it and who pays"),
)
