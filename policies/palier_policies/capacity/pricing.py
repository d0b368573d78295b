"""What resources cost a month by list price, and which of their servers have no price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from palier.costs.world import TEMPLATE

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

    ids = {each.urn: each.id for each in stack.standing if each.type == TEMPLATE}
    # The engine shows policies no ids, by which a group names its launch template once that stands.
    known = [replace(each, id=ids[each.urn]) if each.urn in ids else each for each in resources]
    found = cost_of(stack.project, known, open_book(), beside=stack.standing)
    unpriced = {item.what for item in found.of("no_price", "not_known") if item.what.startswith(_SERVERS)}
    return Priced(found.monthly_usd, frozenset(unpriced))
