"""Every pack: the names that policies.yaml may use come from here."""

from __future__ import annotations

from functools import cache

from palier_policies.policy import Pack, Policy


@cache
def packs() -> tuple[Pack, ...]:
    """The packs, in the order in which they are run."""
    from palier_policies.architecture import PACK as architecture
    from palier_policies.capacity import PACK as capacity

    return (capacity, architecture)


@cache
def everything() -> Pack:
    """All packs as one: what the engine asks about a resource it asks once."""
    return Pack(
        name="all",
        says=" ".join(f"{pack.says}." for pack in packs()),
        policies=tuple(policies()),
        outlook=next((pack.outlook for pack in packs() if pack.outlook is not None), None),
    )


def policies() -> list[Policy]:
    """The policies of every pack."""
    return [policy for pack in packs() for policy in pack.policies]
