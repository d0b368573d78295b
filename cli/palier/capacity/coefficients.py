"""Every number of the capacity model that is not observed: its unit, its range, where it comes from.

Each is uncertain, and drawn from a triangle between `low`, `mid` and `high` for every path of the forecast;
palier.yaml overrides one with a number, or with its own range (`coefficients:`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

_OWN = "Palier's default, no source: measure yours"
_REGRESSION = "scaling-et-croissance.md, « Scénarios de scaling »"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A number of the model, in `unit`. Raises ValueError where low, mid and high are not in order."""

    name: str
    unit: str
    low: float
    mid: float
    high: float
    meaning: str
    source: str
    bounds: tuple[float, float] = (0.0, math.inf)

    def __post_init__(self) -> None:
        least, most = self.bounds
        if not least <= self.low <= self.mid <= self.high <= most:  # NaN, too
            allowed = f"{least:g} to {most:g}" if math.isfinite(most) else f"from {least:g}"
            raise ValueError(f"{self.low:g}, {self.mid:g}, {self.high:g} are not in order within {allowed}")


_PERCENT = (0.0, 100.0)

COEFFICIENTS: tuple[Coefficient, ...] = (
    Coefficient(
        "growth_spread",
        "standard deviation of the logarithm",
        0.25,
        0.25,
        0.25,
        "How far a scenario's growth may be off: the logarithm of growth is multiplied by exp(normal).",
        _OWN,
        (0.0, 2.0),
    ),
    Coefficient(
        "monthly_noise",
        "standard deviation of the logarithm",
        0.03,
        0.03,
        0.03,
        "Ups and downs of demand from month to month around its path.",
        _OWN,
        (0.0, 1.0),
    ),
    Coefficient(
        "load_elasticity",
        "percent of load per percent of users",
        0.95,
        1.0,
        1.05,
        "How load follows users: 1 is the same work for each.",
        _OWN,
        (0.1, 3.0),
    ),
    Coefficient(
        "usl_contention",
        "share of work done alone, sigma of the Universal Scalability Law",
        0.0,
        0.0002,
        0.001,
        "What each instance of the application waits for the others.",
        f"N. Gunther, Guerrilla Capacity Planning (2007), chapter 4; {_OWN}",
        (0.0, 1.0),
    ),
    Coefficient(
        "usl_coherency",
        "share per pair of instances, kappa of the Universal Scalability Law",
        0.0,
        0.0,
        0.000002,
        "What instances spend on agreeing with each other; little where the tier keeps no state.",
        f"N. Gunther, Guerrilla Capacity Planning (2007), chapter 4; {_OWN}",
        (0.0, 1.0),
    ),
    Coefficient(
        "memory_fixed_share",
        "percent of the memory in use",
        30.0,
        40.0,
        50.0,
        "Memory that an instance takes whatever its load.",
        _OWN,
        _PERCENT,
    ),
    Coefficient(
        "write_share",
        "percent of the database's work",
        15.0,
        20.0,
        30.0,
        "Work that only the writer can do; pg_stat_statements tells yours.",
        _OWN,
        _PERCENT,
    ),
    Coefficient(
        "cross_shard_share",
        "percent of the database's work",
        2.0,
        5.0,
        10.0,
        "Work that every shard must do, as queries over all keys.",
        _OWN,
        _PERCENT,
    ),
    Coefficient(
        "cdn_database_share",
        "percent of the database's work",
        10.0,
        20.0,
        30.0,
        "Reads of the database behind requests that a CDN may answer; the rest is not cached.",
        _OWN,
        _PERCENT,
    ),
    Coefficient(
        "cache_hit_ratio",
        "percent of requests",
        40.0,
        60.0,
        75.0,
        "Requests that the CDN answers by itself, where the phase's settings do not say.",
        "cdn:cache of the phase; CloudFront's metric CacheHitRate tells yours",
        _PERCENT,
    ),
    Coefficient(
        "connections_per_instance_share",
        "percent of the connections",
        80.0,
        100.0,
        100.0,
        "Connections that grow with the instances of the application, as pools of a fixed size do.",
        "pool arithmetic: instances x pool size; the rest are jobs and people",
        _PERCENT,
    ),
    Coefficient(
        "proxy_multiplexing",
        "client connections per database connection",
        2.0,
        3.0,
        5.0,
        "What a proxy saves in connections.",
        _OWN,
        (1.0, 100.0),
    ),
    Coefficient(
        "storage_growth",
        "percent of today's data per month at today's load",
        2.0,
        4.0,
        7.0,
        "How storage fills; fitted from the observations of storage_usage where there are three.",
        _OWN,
        (0.0, 100.0),
    ),
    Coefficient(
        "workload_elasticity",
        "percent of the team's work per percent of users",
        0.35,
        0.4,
        0.46,
        "How the work to be done follows the platform's growth.",
        f"{_REGRESSION}: 25 developers plus 8, 20 and 50 for 2, 5 and 11 times the users give 0.37 to 0.46",
        (0.0, 2.0),
    ),
    Coefficient(
        "revenue_elasticity",
        "percent of revenue per percent of users",
        0.9,
        1.0,
        1.1,
        "How revenue follows users.",
        _OWN,
        (0.0, 3.0),
    ),
    Coefficient(
        "cost_elasticity",
        "percent of infrastructure cost per percent of load",
        0.8,
        0.9,
        1.0,
        "How the bill follows load where no phase is added; below 1, the cost per user falls.",
        f"{_OWN}; « Cost per user (should decrease with scale) »",
        (0.0, 3.0),
    ),
    Coefficient(
        "region_cost_share",
        "percent of the first region's bill",
        100.0,
        100.0,
        100.0,
        "What a further region costs beside the first.",
        "each region must carry the whole peak when another is lost (N-1), so each is as large",
        (0.0, 200.0),
    ),
)

_BY_NAME = {each.name: each for each in COEFFICIENTS}


class UnknownCoefficient(LookupError):
    """No coefficient of that name; `nearest` has those spelt most like it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nearest = tuple(get_close_matches(name, _BY_NAME, n=3)) or tuple(_BY_NAME)[:6]
        super().__init__(f"no coefficient named {name!r}")


def coefficient(name: str) -> Coefficient:
    """The coefficient of that name. Raises UnknownCoefficient."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownCoefficient(name) from None


def overridden(ranges: Mapping[str, tuple[float, float, float]]) -> dict[str, Coefficient]:
    """All coefficients, with a platform's own ranges over the defaults.

    Raises UnknownCoefficient, and ValueError for a range out of order or bounds.
    """
    found = dict(_BY_NAME)
    for name, (low, mid, high) in ranges.items():
        found[name] = replace(
            coefficient(name), low=low, mid=mid, high=high, source="palier.yaml, coefficients"
        )
    return found
