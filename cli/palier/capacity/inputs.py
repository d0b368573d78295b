"""From palier.yaml and its observations to what a forecast starts from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from palier.capacity.assessment import DAYS_PER_MONTH, STALE_DAYS
from palier.capacity.demand import FittedScenario, Scenario
from palier.capacity.forecast import Inputs
from palier.capacity.observations import History
from palier.capacity.scalability import fit_history
from palier.capacity.standing import cache_hit_ratio, load_settings, structure_of
from palier.capacity.structure import Structure, from_settings
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.capacity.coefficients import Coefficient
    from palier.capacity.platform_file import Loaded, Platform


def history_of(loaded: Loaded, as_of: datetime.date | None) -> History:
    """What was observed up to a day. Raises InputError where that is nothing."""
    history = loaded.history(as_of)
    if not history:
        until = f" up to {as_of}" if as_of else ""
        raise InputError(
            f"nothing was observed{until}; `palier capacity collect`, `palier cost` and the phases' commands "
            "work without observations",
            file=loaded.file,
            key="observations",
            allowed="date, metric, value",
        )
    return history


def inputs_of(loaded: Loaded, as_of: datetime.date | None = None) -> Inputs:
    """The inputs of a forecast from the last observation on. Raises InputError for an empty history."""
    history = history_of(loaded, as_of)
    platform, day = loaded.platform, history.last_date
    fresh: dict[str, float] = {}
    stale = []
    for name in history.metrics:
        latest = history.of(name)[-1]
        if (day - latest.date).days > STALE_DAYS:
            stale.append(name)
        else:
            fresh[name] = latest.value
    coefficients, notes = _fitted(platform, history)
    structure, settings = standing(platform)
    bill = None if "infrastructure_cost" in fresh else listed_bill(platform, settings)
    if bill is not None:
        fresh["infrastructure_cost"] = bill
        notes = (*notes, LISTED)
    if "cache_hit_ratio" not in platform.coefficients and (hits := cache_hit_ratio(settings, coefficients)):
        coefficients["cache_hit_ratio"] = hits
    return Inputs(
        as_of=day,
        observed=fresh,
        structure=structure,
        coefficients=coefficients,
        limits=platform.limits,
        storage_growth_percent=storage_growth(history),
        stale=tuple(stale),
        notes=notes,
    )


def standing(platform: Platform) -> tuple[Structure, dict[str, Any]]:
    """What stands, and the settings that say it, by phase; none where palier.yaml names no environment."""
    given = platform.structure
    if given.environment is None:
        return from_settings(given), {}
    settings = load_settings(given.environment, given.phases)
    return structure_of(settings, given), settings


LISTED = "no bill was observed: it is taken for the list price of the settings that stand (palier cost)"


def listed_bill(platform: Platform, settings: Mapping[str, Any]) -> float | None:
    """The monthly list price of the phases that stand, in the platform's currency.

    None without settings, and where nothing says how many of the currency a dollar is.
    """
    rate = 1.0 if platform.currency == "USD" else platform.currency_per_usd
    if not settings or rate is None:
        return None
    from palier.costs.prices import open_book
    from palier.costs.settings import PHASES, REQUIRED, settings_cost

    book = open_book()
    priced = [phase for phase in settings if phase in PHASES and {*REQUIRED.get(phase, ())} <= {*settings}]
    costs = [settings_cost(phase, settings, book).monthly_usd for phase in priced]
    return float(sum(costs)) * rate


def scenarios_of(platform: Platform) -> list[Scenario]:
    """The scenarios of palier.yaml, in its order."""
    return [Scenario(name, each.growth_percent, each.months) for name, each in platform.scenarios.items()]


# What demand is read from, the first that was observed: who is active, who is known, what is done.
DEMAND_METRICS = ("mau", "users", "daily_transactions", "throughput")
FITTED = "fitted"


def fitted_scenario(history: History, months: int) -> FittedScenario:
    """Demand as history continues it.

    Raises InputError for too short a history, and OperationError where the library for it is missing.
    """
    from palier.capacity.fitting import fit

    for name in DEMAND_METRICS:
        if name in history:
            found = fit(history.of(name), months)
            mean, spread = found.log_mean.tolist(), found.log_sd.tolist()
            notes = (f"demand is {name}, continued by {found.method}", *found.validity)
            return FittedScenario(FITTED, tuple(mean), tuple(spread), found.method, notes)
    raise InputError(
        "no demand was observed to be continued; the scenarios of palier.yaml work without",
        key="--scenario",
        allowed=", ".join(DEMAND_METRICS),
    )


def _fitted(platform: Platform, history: History) -> tuple[dict[str, Coefficient], tuple[str, ...]]:
    """The coefficients, those of scalability from load observations where the file does not give them."""
    model = dict(platform.model)
    if "usl_contention" in platform.coefficients or (found := fit_history(history)) is None:
        return model, ()
    for name, value in (("usl_contention", found.contention), ("usl_coherency", found.coherency)):
        kept = min(max(value, 0.0), 1.0)
        source = f"fitted from {found.sizes} sizes of the application"
        model[name] = replace(model[name], low=kept, mid=kept, high=kept, source=source)
    note = (
        f"scalability is fitted from {found.sizes} sizes: contention {found.contention:.4f}, coherency "
        f"{found.coherency:.6f}, {found.requests_per_second_per_instance:.1f} requests/s for an instance"
    )
    return model, (note,)


def storage_growth(history: History) -> float | None:
    """Percent of today's data that is added a month, by least squares; None for fewer than three values."""
    values = history.of("storage_usage")
    if len(values) < 3 or values[-1].value <= 0:
        return None
    months = [(each.date - values[-1].date).days / DAYS_PER_MONTH for each in values]
    middle, mean = sum(months) / len(months), sum(each.value for each in values) / len(values)
    spread = sum((month - middle) ** 2 for month in months)
    slope = sum((m - middle) * (each.value - mean) for m, each in zip(months, values, strict=True)) / spread
    return max(0.0, 100.0 * slope / values[-1].value)
