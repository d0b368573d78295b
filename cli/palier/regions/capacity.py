"""The proof that the regions that are left carry all of the forecast peak; pure arithmetic.

Counted by the most instances that each region's autoscaling group may have now, not by what the settings say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from palier.regions.topology import Demand


@dataclass(frozen=True)
class Proof:
    """What some regions carry, against the forecast peak; `unknown` ones gave no answer and count 0."""

    survivors: Mapping[str, int]
    unknown: tuple[str, ...]
    demand: Demand

    @property
    def needed_instances(self) -> int:
        """Instances that the peak takes."""
        # Rounded first: 0.3 / 0.1 is a hair over 3 in floating point, and needs no fourth instance.
        quotient = self.demand.peak_requests_per_second / self.demand.requests_per_second_per_instance
        return ceil(round(quotient, 9))

    @property
    def most_instances(self) -> int:
        """Instances that the regions may have together."""
        return sum(self.survivors.values())

    @property
    def capacity_requests_per_second(self) -> float:
        """Requests per second that they carry."""
        return self.most_instances * self.demand.requests_per_second_per_instance

    @property
    def missing_instances(self) -> int:
        """How many instances are missing; 0 where the peak is carried."""
        return max(0, self.needed_instances - self.most_instances)

    @property
    def missing_requests_per_second(self) -> float:
        """Requests per second of the peak that nobody carries."""
        return max(0.0, self.demand.peak_requests_per_second - self.capacity_requests_per_second)

    @property
    def holds(self) -> bool:
        """Whether they carry all of it."""
        return self.missing_instances == 0

    def sentence(self) -> str:
        """The proof in words."""
        names = ", ".join(self.survivors) or "no region"
        text = (
            f"{names}: at most {self.most_instances} instances carry {self.capacity_requests_per_second:g} "
            f"of the forecast peak of {self.demand.peak_requests_per_second:g} requests/s"
        )
        if not self.holds:
            text += (
                f"; missing {self.missing_requests_per_second:g} requests/s, "
                f"{self.missing_instances} instances"
            )
        return text + (f" ({', '.join(self.unknown)} not counted: no answer)" if self.unknown else "")

    def remedy(self) -> str:
        """What would make it hold."""
        return (
            f"raise max_instances by {self.missing_instances} in {' or '.join(self.survivors) or 'a region'} "
            "(stacks/multi-region, stacks/foundation for the home), `palier up --through multi-region`"
        )

    def as_data(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {
            "survivors": dict(self.survivors),
            "unknown": list(self.unknown),
            "needed_instances": self.needed_instances,
            "most_instances": self.most_instances,
            "capacity_requests_per_second": self.capacity_requests_per_second,
            "forecast_peak_requests_per_second": self.demand.peak_requests_per_second,
            "missing_instances": self.missing_instances,
            "missing_requests_per_second": self.missing_requests_per_second,
            "holds": self.holds,
        }


def prove(demand: Demand, survivors: Sequence[str], most: Mapping[str, int | None]) -> Proof:
    """The proof for `survivors`, given the most instances of each region (None: it did not answer)."""
    known = {region: count for region in survivors if (count := most.get(region)) is not None}
    return Proof(known, tuple(region for region in survivors if region not in known), demand)
