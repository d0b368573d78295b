"""The forecast: demand by scenario, turned into every metric, with P10, P50 and P90 by month.

Monte Carlo over the uncertain inputs, all paths at once in numpy. Nothing here changes what stands; the
roadmap asks for the same forecast with another structure.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from palier.capacity.demand import FAR, Draws, FittedScenario, Scenario
from palier.capacity.limits import COST_SHARE, Limits
from palier.capacity.metrics import METRICS
from palier.capacity.structure import Structure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from palier.capacity.breaches import Breach
    from palier.capacity.coefficients import Coefficient

    Array = NDArray[np.float64]

PATHS = 10_000
MONTHS = 24
SEED = 20_240_430
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Inputs:
    """What a forecast starts from: the day, what was observed, what stands, and the model's numbers.

    `storage_growth_percent` is fitted from history, or None for the coefficient. `stale` has the metrics that
    are too old to start from.
    """

    as_of: datetime.date
    observed: Mapping[str, float]
    structure: Structure
    coefficients: Mapping[str, Coefficient]
    limits: Limits
    storage_growth_percent: float | None = None
    stale: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Bands:
    """One metric's P10, P50 and P90; index 0 is today, then one value for each month."""

    metric: str
    unit: str
    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {"unit": self.unit, "p10": list(self.p10), "p50": list(self.p50), "p90": list(self.p90)}


@dataclass(frozen=True)
class Forecast:
    """One scenario. `demand` has the bands of demand against today's."""

    scenario: str
    as_of: datetime.date
    months: int
    paths: int
    structure: Structure
    demand: Bands
    bands: Mapping[str, Bands]
    breaches: tuple[Breach, ...]
    not_forecast: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def dates(self) -> list[datetime.date]:
        """The day of each index."""
        return [add_months(self.as_of, month) for month in range(self.months + 1)]

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            "scenario": self.scenario,
            "as_of": self.as_of.isoformat(),
            "paths": self.paths,
            "dates": [day.isoformat() for day in self.dates],
            "structure": self.structure.__dict__,
            "demand": self.demand.as_data(),
            "metrics": {name: bands.as_data() for name, bands in self.bands.items()},
            "breaches": [each.as_data() for each in self.breaches],
            "not_forecast": dict(self.not_forecast),
            "notes": list(self.notes),
        }


def add_months(day: datetime.date, months: int) -> datetime.date:
    """The same day some months later, or the month's last where it is shorter; a last day stays one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    at_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return datetime.date(year, month + 1, last if at_end else min(day.day, last))


class Forecaster:
    """Forecasts from one set of inputs; every scenario and structure sees the same random numbers."""

    def __init__(self, inputs: Inputs, *, months: int = MONTHS, paths: int = PATHS, seed: int = SEED) -> None:
        self.inputs, self.months, self.paths = inputs, months, paths
        self.draws = Draws(inputs.coefficients, months, paths, seed)

    def forecast(self, scenario: Scenario | FittedScenario, structure: Structure | None = None) -> Forecast:
        """One scenario on what stands, or on another structure that stands from the first month on."""
        from palier.capacity.breaches import breaches_of

        then = structure or self.inputs.structure
        log_demand, metrics = self.simulate(scenario, then)
        bands = {name: _bands(name, values) for name, values in metrics.items()}
        demand = _bands("demand", _exp(log_demand))
        found = [
            breach
            for name, values in metrics.items()
            if (row := self.inputs.limits.get(name)) is not None
            for breach in breaches_of(row, values, scenario.name, self.inputs.as_of)
        ]
        return Forecast(
            scenario=scenario.name,
            as_of=self.inputs.as_of,
            months=self.months,
            paths=self.paths,
            structure=then,
            demand=demand,
            bands=bands,
            breaches=tuple(sorted(found, key=lambda each: each.order)),
            not_forecast=self._not_forecast(metrics),
            notes=(*self.inputs.notes, *getattr(scenario, "notes", ()), *_validity(demand, bands)),
        )

    def simulate(
        self, scenario: Scenario | FittedScenario, then: Structure
    ) -> tuple[Array, dict[str, Array]]:
        """Logarithm of demand, and every metric that has a model; shape (months + 1, paths)."""
        from palier.capacity.organisation import business, organisational

        observed, draws = self.inputs.observed, self.draws
        log_demand, ratio = self.demand(scenario)
        return log_demand, {
            **self.technical(ratio, then),
            **organisational(log_demand, observed, draws),
            **business(log_demand, ratio, observed, draws),
        }

    def demand(self, scenario: Scenario | FittedScenario) -> tuple[Array, Array]:
        """Logarithm of demand against today's, and the load that follows from it against today's."""
        log_demand = scenario.log_path(self.months, self.draws)
        return log_demand, _exp(log_demand * self.draws["load_elasticity"])

    def technical(self, ratio: Array, then: Structure, only: str | None = None) -> dict[str, Array]:
        """The technical metrics under a load, on a structure from the first month on; or one of them."""
        import numpy as np

        from palier.capacity.technical import Load, technical

        inputs, growth = self.inputs, self.draws.share("storage_growth")
        if inputs.storage_growth_percent is not None:
            growth = np.full_like(growth, inputs.storage_growth_percent / 100.0)
        load = Load(ratio, inputs.observed, self.draws, inputs.structure, then, growth)
        return technical(load, only)

    def _not_forecast(self, metrics: Mapping[str, Array]) -> dict[str, str]:
        reasons = dict.fromkeys(self.inputs.observed, "no model: it does not follow from load")
        reasons |= dict.fromkeys(self.inputs.stale, "the last observation is too old")
        return {name: reason for name, reason in reasons.items() if name not in metrics}


def _exp(values: Array) -> Array:
    import numpy as np

    return np.asarray(np.exp(values))


def _bands(name: str, values: Array) -> Bands:
    import numpy as np

    places = [min(values.shape[1] - 1, int(quantile * values.shape[1])) for quantile in QUANTILES]
    ordered = np.partition(values, places, axis=1)[:, places]
    low, middle, high = (tuple(column.tolist()) for column in ordered.T)
    unit = METRICS[name].unit if name in METRICS else "times today's"
    if name == COST_SHARE.metric:
        unit = COST_SHARE.unit
    return Bands(name, unit, low, middle, high)


def _validity(demand: Bands, bands: Mapping[str, Bands]) -> list[str]:
    """Where the model leaves what it can tell, in words."""
    from palier.capacity.queueing import MOST_UTILISATION
    from palier.capacity.technical import BOTTLENECKS

    notes = []
    if (month := _first(demand.p50, FAR)) is not None:
        notes.append(
            f"demand is {FAR:g} times today's in month {month}: no observation of today bears figures beyond"
        )
    for name in BOTTLENECKS:
        month = _first(bands[name].p50, 100 * MOST_UTILISATION) if name in bands else None
        if month is not None:
            notes.append(
                f"{name} passes {100 * MOST_UTILISATION:g} percent in month {month}: from there, response "
                "times say only that requests pile up"
            )
    return notes


def _first(values: tuple[float, ...], limit: float) -> int | None:
    return next((month for month, value in enumerate(values) if value > limit), None)
