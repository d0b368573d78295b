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


def policies() -> list[Policy]:
    """The policies of every pack."""
    return [policy for pack in packs() for policy in pack.policies]
