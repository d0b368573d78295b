"""How long each shard lasts: the days until a metric of the threshold table crosses its levels.

A straight line through the samples by least squares, which is what a few days or weeks of samples can bear.
It knows no weekday and no season.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from palier.capacity.thresholds import TECHNICAL, Threshold
from palier.sharding.observations import Sample

_DAY_S = 86_400.0


@dataclass(frozen=True)
class Runway:
    """One metric of one shard. Days are from the last sample; 0 where the level is crossed, None for never.

    `per_day` is the slope in the metric's unit a day; None where the samples span no time.
    """

    shard: str
    metric: str
    unit: str
    value: float
    level: str
    per_day: float | None
    attention_days: float | None
    critical_days: float | None

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return dict(self.__dict__)


def runways(samples: Sequence[Sample]) -> list[Runway]:
    """A line for each shard and metric that was sampled, the one that ends first before the others."""
    found = []
    for row in TECHNICAL:
        for shard in sorted({sample.shard for sample in samples if sample.metric == row.metric}):
            mine = [each for each in samples if (each.shard, each.metric) == (shard, row.metric)]
            found.append(_runway(shard, row, mine))
    far = float("inf")
    return sorted(found, key=lambda each: far if each.attention_days is None else each.attention_days)


def _runway(shard: str, row: Threshold, samples: Sequence[Sample]) -> Runway:
    last = samples[-1]
    days = [(sample.at - last.at).total_seconds() / _DAY_S for sample in samples]
    slope, now = _line(days, [sample.value for sample in samples])
    return Runway(
        shard,
        row.metric,
        row.unit,
        last.value,
        row.level(last.value),
        slope,
        _until(row.attention, now, last.value, slope),
        _until(row.critical, now, last.value, slope),
    )


def _line(days: Sequence[float], values: Sequence[float]) -> tuple[float | None, float]:
    """Slope a day and the line's value at day 0, by least squares."""
    count = len(days)
    middle, mean = sum(days) / count, sum(values) / count
    spread = sum((day - middle) ** 2 for day in days)
    if spread == 0:
        return None, mean
    products = zip(days, values, strict=True)
    slope = sum((day - middle) * (value - mean) for day, value in products) / spread
    return slope, mean - slope * middle


def _until(limit: float, now: float, last: float, slope: float | None) -> float | None:
    if last > limit:
        return 0.0
    if slope is None or slope <= 0:
        return None
    return max(0.0, (limit - now) / slope)
