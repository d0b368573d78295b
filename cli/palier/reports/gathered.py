"""Everything that a report may tell of a platform on a day, computed once and only where it is asked for."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from palier.capacity.actions import Action
    from palier.capacity.assessment import Assessment
    from palier.capacity.economics import UnitCosts
    from palier.capacity.forecast import Forecast, Inputs
    from palier.capacity.observations import History
    from palier.capacity.planning import Planning
    from palier.capacity.platform_file import Loaded
    from palier.capacity.signals import Signal

MONTHS = 24


@dataclass(frozen=True)
class Gathered:
    """A platform, what was observed of it up to a day, and the language of the report."""

    loaded: Loaded
    history: History
    as_of: datetime.date
    language: str

    @property
    def currency(self) -> str:
        """The platform's currency."""
        return self.loaded.platform.currency

    @cached_property
    def assessment(self) -> Assessment:
        """Every metric against its levels."""
        from palier.capacity.assessment import assess

        return assess(self.history, self.loaded.platform.limits)

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """The warning signals."""
        from palier.capacity.signals import find_signals

        platform = self.loaded.platform
        return find_signals(self.history, self.assessment, platform.limits, platform.events)

    @cached_property
    def inputs(self) -> Inputs:
        """What a forecast starts from."""
        from palier.capacity.inputs import inputs_of

        return inputs_of(self.loaded, self.as_of)

    @cached_property
    def actions(self) -> list[Action]:
        """What to do, most pressing first."""
        from palier.capacity.actions import actions_of
        from palier.capacity.inputs import scenarios_of, standing

        platform = self.loaded.platform
        first = next(iter(scenarios_of(platform)), None)
        developers = self.history.value("developers")
        structure = standing(platform)[0]
        return actions_of(self.assessment, structure, first, platform.model, developers)

    @cached_property
    def forecast(self) -> Forecast | None:
        """The first scenario on what stands, if nothing is done; None where nothing of it can be forecast."""
        from palier.capacity.forecast import Forecaster
        from palier.capacity.inputs import scenarios_of
        from palier.capacity.technical import MODELLED

        if not any(name in self.inputs.observed for name in MODELLED):
            return None
        scenario = scenarios_of(self.loaded.platform)[0]
        return Forecaster(self.inputs, months=MONTHS).forecast(scenario)

    @cached_property
    def planning(self) -> Planning:
        """The planning table."""
        from palier.capacity.inputs import scenarios_of
        from palier.capacity.planning import plan

        return plan(self.loaded.platform, self.inputs, self.history, scenarios_of(self.loaded.platform))

    def unit_costs_at(self, day: datetime.date) -> UnitCosts:
        """Unit costs from what was last observed up to a day."""
        from palier.capacity.economics import unit_costs

        names = ("infrastructure_cost", "mau", "users", "daily_transactions", "revenue")
        values = {name: found.value for name in names if (found := self.history.at(name, day)) is not None}
        return unit_costs(day.isoformat(), values, self.loaded.platform.limits)
