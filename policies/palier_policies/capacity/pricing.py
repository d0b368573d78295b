"""What resources cost a month by list price, and which of their servers have no price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from palier_policies.resources import Resource
from palier_policies.stack import Stack

_SERVERS = ("instances", "nodes")


@dataclass(frozen=True)
class Priced:
    """US dollars a month. `unpriced` names servers that are not in it: without them the sum says nothing."""

    usd: Decimal
    unpriced: frozenset[str]


def priced(stack: Stack, resources: Sequence[Resource]) -> Priced:
    """What resources of a stack cost, beside those that stand of it."""
    from palier.costs.estimate import cost_of
    from palier.costs.prices import open_book

    found = cost_of(stack.project, resources, open_book(), beside=stack.standing)
    unpriced = {item.what for item in found.of("no_price", "not_known") if item.what.startswith(_SERVERS)}
    return Priced(found.monthly_usd, frozenset(unpriced))
