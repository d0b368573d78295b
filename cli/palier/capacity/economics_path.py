"""Unit costs now and along each scenario, with the roadmap's regions in the bill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from palier.capacity.economics import Return, UnitCosts, returns, unit_costs
from palier.capacity.forecast import Forecaster, Inputs
from palier.capacity.inputs import LISTED
from palier.capacity.planner import PATHS, Planner
from palier.capacity.planning import bill_of

if TYPE_CHECKING:
    from palier.capacity.demand import Scenario
    from palier.capacity.platform_file import Platform

_STEP_MONTHS = 6
_YEAR = 12


def along(
    platform: Platform, inputs: Inputs, scenarios: Sequence[Scenario]
) -> tuple[list[UnitCosts], list[Return]]:
    """Unit costs today and every half year of each scenario, by medians; then the returns of investments."""
    today = "today, at list prices" if LISTED in inputs.notes else "today"
    costs = [unit_costs(today, inputs.observed, inputs.limits)]
    demand: dict[str, float] = {}
    for scenario in scenarios:
        found, mean = _scenario(platform, inputs, scenario)
        costs += found
        demand[scenario.name] = mean
    hiring = platform.hiring.annual_cost_per_developer
    return costs, returns(platform.investments, hiring, demand)


def _scenario(platform: Platform, inputs: Inputs, scenario: Scenario) -> tuple[list[UnitCosts], float]:
    import numpy as np

    forecaster = Forecaster(inputs, months=scenario.months, paths=PATHS)
    bill = bill_of(forecaster, scenario, Planner.of(platform, forecaster, scenario).plan())
    log_demand, metrics = forecaster.simulate(scenario, inputs.structure)
    if bill is not None:
        metrics["infrastructure_cost"] = bill
    names = ("infrastructure_cost", "mau", "users", "daily_transactions", "revenue")
    found = []
    for month in range(_STEP_MONTHS, scenario.months + 1, _STEP_MONTHS):
        values = {name: float(np.median(metrics[name][month])) for name in names if name in metrics}
        found.append(unit_costs(f"{scenario.name}, month {month}", values, inputs.limits))
    year = np.exp(log_demand[: _YEAR + 1])
    return found, float(np.median(year.mean(axis=0)))
