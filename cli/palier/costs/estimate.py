"""What planned resources cost: the list of every item of a phase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from palier.costs.model import CostEstimate, Planned
from palier.costs.prices import PriceBook
from palier.costs.table import items_of
from palier.costs.world import world


def cost_of(
    phase: str, planned: Sequence[Planned], prices: PriceBook, *, beside: Iterable[Planned] = ()
) -> CostEstimate:
    """What the resources of a phase cost; `beside` are those of other phases, which they may hang on."""
    everything = world(prices, planned, beside)
    items = [item for resource in planned for item in items_of(everything, resource)]
    return CostEstimate(phase, tuple(items))


def costs_of(planned: Mapping[str, Sequence[Planned]], prices: PriceBook) -> dict[str, CostEstimate]:
    """What several phases cost, each beside the others."""
    everything = [resource for resources in planned.values() for resource in resources]
    return {
        phase: cost_of(phase, resources, prices, beside=everything) for phase, resources in planned.items()
    }
