"""What the regions that are left must carry: pure arithmetic, refused before anything is made.

A platform that only holds its peak with every region up has more regions, not more availability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from pydantic import Field

from palier_stacks.settings import Section


class CapacitySettings(Section):
    """What the regions that are left must carry when one is lost: all of the forecast peak."""

    forecast_peak_requests_per_second: float = Field(
        gt=0, description="Peak of the whole platform that the forecast expects, not today's."
    )
    requests_per_second_per_instance: float = Field(
        gt=0, description="What one instance carries at its target CPU, from a load test."
    )


@dataclass(frozen=True, slots=True)
class Tier:
    """The application tier of one region and the most instances it may have."""

    region: str
    max_instances: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The loss that is not survived: what is missing, in words, and what would do."""

    lost: str
    missing_instances: int
    problem: str
    allowed: str


def shortfall(capacity: CapacitySettings, tiers: Sequence[Tier]) -> Shortfall | None:
    """The worst loss of one region that the others cannot carry, or None where they carry each."""
    peak, each = capacity.forecast_peak_requests_per_second, capacity.requests_per_second_per_instance
    needed = ceil(peak / each)
    total = sum(tier.max_instances for tier in tiers)
    lost = max(tiers, key=lambda tier: tier.max_instances)
    left = total - lost.max_instances
    if left >= needed:
        return None
    names = ", ".join(tier.region for tier in tiers if tier is not lost)
    problem = (
        f"without {lost.region}, {left} instances of {each:g} requests/s in {names} carry {left * each:g} "
        f"of the forecast peak of {peak:g} requests/s: {needed - left} instances short"
    )
    allowed = f"max_instances of {needed} or more in all regions but {lost.region} together"
    return Shortfall(lost.region, needed - left, problem, allowed)
