"""What a cache in front of the platform leaves for it to serve.

The shares and hit ratios are assumptions of the settings (`cdn:cache`) until CloudFront's own metric,
CacheHitRate, tells otherwise; nothing here knows better.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CachedClass:
    """A class of requests: its share of all, and the share of its own that the cache answers, in percent.

    Raises ValueError for a percentage outside 0 to 100.
    """

    traffic_percent: float
    hit_ratio_percent: float

    def __post_init__(self) -> None:
        for name, value in (
            ("traffic_percent", self.traffic_percent),
            ("hit_ratio_percent", self.hit_ratio_percent),
        ):
            if not 0.0 <= value <= 100.0:  # NaN, too
                raise ValueError(f"{name}: {value} is not between 0 and 100")


def hit_ratio_percent(classes: Iterable[CachedClass]) -> float:
    """Share of all requests that the cache answers, in percent.

    Raises ValueError where the shares of the classes are not 100 percent in all.
    """
    parts = list(classes)
    total = math.fsum(part.traffic_percent for part in parts)
    if not math.isclose(total, 100.0, abs_tol=0.01):
        raise ValueError(f"traffic_percent of all classes is {total:g}, not 100")
    hits = math.fsum(part.traffic_percent * part.hit_ratio_percent for part in parts) / 100.0
    return min(hits, 100.0)


def origin_requests_per_second(requests_per_second: float, hit_ratio_percent: float) -> float:
    """Requests per second that reach the origins of all that viewers send, at a hit ratio in percent.

    CloudFront asks an origin once for each miss and for each copy to be confirmed; joins and retries of
    its own are not counted. Raises ValueError for what is negative, infinite, or no percentage.
    """
    if not math.isfinite(requests_per_second) or requests_per_second < 0:
        raise ValueError(f"requests_per_second: {requests_per_second} is not a rate")
    if not 0.0 <= hit_ratio_percent <= 100.0:
        raise ValueError(f"hit_ratio_percent: {hit_ratio_percent} is not between 0 and 100")
    return requests_per_second * ((100.0 - hit_ratio_percent) / 100.0)
