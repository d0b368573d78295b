"""What the phases of an environment hold, and what a preview says they would: read, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from palier.console import Reporter
from palier.costs import collect
from palier.costs.estimate import costs_of
from palier.costs.model import CostEstimate, Planned
from palier.costs.prices import PriceBook
from palier.costs.settings import settings_cost
from palier.phases.catalog import PhaseLike, load_together, phases
from palier.phases.operations import Operations, Selection, look
from palier.phases.runner import Options

Resources = dict[str, list[Planned]]


@dataclass(frozen=True)
class PhaseCost:
    """What one phase costs as it stands, and as it is planned; None where no plan was asked for.

    `by_settings`: the plan is of its settings, because nothing that it requires stands to preview it on.
    """

    standing: CostEstimate
    planned: CostEstimate | None = None
    by_settings: bool = False

    @property
    def phase(self) -> str:
        """The phase's name."""
        return self.standing.phase

    @property
    def shown(self) -> CostEstimate:
        """What was asked for: the plan, or else what stands."""
        return self.planned or self.standing

    @property
    def difference_usd(self) -> Decimal | None:
        """Planned minus standing, US dollars a month."""
        return None if self.planned is None else self.planned.monthly_usd - self.standing.monthly_usd


def standing(environment: str, report: Reporter) -> Resources:
    """The resources of every phase as their states tell them. Needs no engine for the local cloud."""
    found = look(environment, report)
    return {phase.name: collect.from_deployment(found(phase).deployment()) for phase in phases()}


def standing_costs(chosen: Sequence[PhaseLike], stands: Resources, prices: PriceBook) -> list[PhaseCost]:
    """What the chosen phases cost as they stand."""
    now = costs_of(stands, prices)
    return [PhaseCost(now[phase.name]) for phase in chosen]


def planned_costs(
    environment: str, report: Reporter, chosen: Sequence[PhaseLike], stands: Resources, prices: PriceBook
) -> list[PhaseCost]:
    """What the chosen phases cost as they stand and as planned: previewed, which deploys nothing.

    A phase that cannot be previewed, because nothing of what it requires stands, is priced by its settings.
    """
    settings = load_together(_with_required(chosen), environment)
    previewed = [phase for phase in chosen if all(stands.get(name) for name in phase.requires)]
    operations = Operations(environment, report, ask=None)
    plans = {phase.name: _preview(operations, phase) for phase in previewed}
    now, then = costs_of(stands, prices), costs_of({**stands, **plans}, prices)
    return [
        PhaseCost(now[phase.name], then[phase.name])
        if phase.name in plans
        else PhaseCost(now[phase.name], settings_cost(phase.name, settings, prices), by_settings=True)
        for phase in chosen
    ]


def _preview(operations: Operations, phase: PhaseLike) -> list[Planned]:
    (outcome,) = operations.preview(Selection(phase.name, through=False), Options())
    return collect.from_event_log(outcome.log.with_suffix(".events"))


def _with_required(chosen: Sequence[PhaseLike]) -> list[PhaseLike]:
    names = {name for phase in chosen for name in (phase.name, *phase.requires)}
    return [phase for phase in phases() if phase.name in names]
