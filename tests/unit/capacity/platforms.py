"""Platforms for the tests: the example of the source document, and small ones made on the spot."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path

from palier.capacity.coefficients import COEFFICIENTS
from palier.capacity.forecast import Inputs
from palier.capacity.limits import Limits
from palier.capacity.observations import History, Observation
from palier.capacity.platform_file import Loaded, load
from palier.capacity.structure import Structure

ROOT = Path(__file__).parents[3]
JOBO = ROOT / "examples/jobo"
DAY = datetime.date(2024, 4, 30)

OBSERVED = {
    "cpu_utilization": 50.0,
    "memory_usage": 50.0,
    "database_utilization": 40.0,
    "database_connections": 30.0,
    "storage_usage": 30.0,
    "bandwidth_utilization": 30.0,
    "response_time_p95": 0.5,
    "error_rate": 0.1,
    "occupancy": 70.0,
    "cycle_time": 8.0,
    "mau": 100_000.0,
    "revenue": 100_000.0,
    "infrastructure_cost": 5_000.0,
}


def jobo(part: str = "") -> Loaded:
    """The example, or one of its parts: `capacity-plan`, `q2-2024`."""
    return load(JOBO / part)


def inputs(**observed: float) -> Inputs:
    """What a forecast starts from, with some values of one's own."""
    stands = Structure(database_vcpus=4, instances=4, instances_most=40)
    coefficients = {each.name: each for each in COEFFICIENTS}
    return Inputs(DAY, {**OBSERVED, **observed}, stands, coefficients, Limits())


def history(values: Mapping[str, Iterable[tuple[str, float]]]) -> History:
    """A history from metric to (day, value)."""
    return History(
        Observation(datetime.date.fromisoformat(day), name, value)
        for name, rows in values.items()
        for day, value in rows
    )
