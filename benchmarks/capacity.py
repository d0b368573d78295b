"""The forecast beside service-capacity-modeling's plan for RDS, in one process and in turn.

Not the same thing: ours is three scenarios of 10,000 paths, every metric that was observed, over 24 months,
with its breach calendar; Netflix's is one plan of a database's shape, by 512 simulations. It is the nearest
that there is, and says what a user of either waits for.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palier.capacity.forecast import MONTHS, PATHS, Forecaster
from palier.capacity.inputs import inputs_of, scenarios_of
from palier.capacity.platform_file import load

EXAMPLE = Path(__file__).parents[1] / "examples/jobo"
SIMULATIONS = 512


@dataclass(frozen=True)
class Forecasts:
    """Seconds of ours and of the peer's, in turn; `metrics` is how many ours forecast."""

    ours: tuple[float, ...]
    peer: tuple[float, ...]
    metrics: int

    @property
    def ratio(self) -> float:
        """Median of the ratios round by round."""
        return statistics.median(a / b for a, b in zip(self.ours, self.peer, strict=True))


def measure(rounds: int = 7) -> Forecasts:
    """Both in turn, after one round that is not counted."""
    found = inputs_of(load(EXAMPLE))
    scenarios = scenarios_of(load(EXAMPLE).platform)
    planner, desires = _peer()
    ours, peer, metrics = [], [], 0
    for _ in range(rounds + 1):
        started = time.perf_counter()
        forecaster = Forecaster(found, months=MONTHS, paths=PATHS)
        forecasts = [forecaster.forecast(scenario) for scenario in scenarios]
        ours.append(time.perf_counter() - started)
        metrics = len(forecasts[0].bands)
        started = time.perf_counter()
        planner.plan(
            model_name="org.netflix.rds", region="us-east-1", desires=desires, simulations=SIMULATIONS
        )
        peer.append(time.perf_counter() - started)
    return Forecasts(tuple(ours[1:]), tuple(peer[1:]), metrics)


def _peer() -> tuple[Any, Any]:
    from service_capacity_modeling.capacity_planner import planner
    from service_capacity_modeling.interface import CapacityDesires, DataShape, Interval, QueryPattern

    def between(low: float, mid: float, high: float) -> Interval:
        return Interval(low=low, mid=mid, high=high, confidence=0.98)

    desires = CapacityDesires(
        service_tier=1,
        query_pattern=QueryPattern(
            estimated_read_per_second=between(200, 500, 1500),
            estimated_write_per_second=between(100, 200, 500),
        ),
        data_shape=DataShape(estimated_state_size_gib=between(10, 50, 100)),
    )
    return planner, desires


def table(found: Forecasts) -> list[str]:
    """As docs/benchmarks.md has it."""
    ours, peer = statistics.median(found.ours), statistics.median(found.peer)
    return [
        "| capacity, in one process | seconds | goal |",
        "|---|---:|---:|",
        f"| 3 scenarios × {PATHS:,} paths × {found.metrics} metrics × {MONTHS} months, breaches included "
        f"| {ours:.2f} | < 1 |",
        f"| service-capacity-modeling: one plan for RDS, {SIMULATIONS} simulations | {peer:.2f} | – |",
        f"| ratio, ours to theirs | {found.ratio:.2f} | – |",
        "",
    ]


if __name__ == "__main__":
    print("\n".join(table(measure())))
