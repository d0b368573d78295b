"""The planning table: what each scenario asks for in infrastructure, people and money, and how risky that is.

The table is the source document's (« Scénarios de scaling »): timeline, infrastructure, cost, team, risk, and
a recommendation. Infrastructure comes from the roadmap, its cost from the bill as it grows, people from the
hiring assumptions of palier.yaml; risk is how much is new to run, and how many people come at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from palier.capacity.assessment import DAYS_PER_MONTH, monthly_growth_percent
from palier.capacity.forecast import Forecaster, Inputs
from palier.capacity.moves import move
from palier.capacity.planner import PATHS, Planner
from palier.capacity.roadmap import Roadmap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from palier.capacity.demand import Scenario
    from palier.capacity.observations import History
    from palier.capacity.planning_settings import Hiring
    from palier.capacity.platform_file import Platform

    Array = NDArray[np.float64]

Risk = Literal["low", "medium", "high", "very_high"]
Advice = Literal["prepare", "monitor", "emergency_plan"]
RISKS: tuple[Risk, ...] = ("low", "medium", "high", "very_high")
# Weights of the kinds of change (moves.py) that are new to run: none is low; the source calls replicas and
# regions together medium, and shards with regions very high.
_INFRASTRUCTURE_RISK: tuple[tuple[float, Risk], ...] = ((0, "low"), (3, "medium"), (4, "high"))
# Developers to hire a month against those that the team can take in: the source's three scenarios are at 56,
# 93 and 174 percent with ten percent a month of twelve developers, and called low, high and very high.
_TEAM_RISK: tuple[tuple[float, Risk], ...] = ((0.6, "low"), (0.8, "medium"), (1.0, "high"))
_RESOURCES = (
    "cpu_utilization",
    "memory_usage",
    "database_utilization",
    "bandwidth_utilization",
)
_TEAMS_FOR_SERVICES = 3  # product teams from which services of their own pay (the source's second scenario)
_DEFAULT_TRAINING_PERCENT = 10.0  # « Capacité formation : 10%/mois »


@dataclass(frozen=True)
class TeamPlan:
    """People: how many more, in how many teams of the smallest size or larger, at what cost for a year.

    `load_percent` is hires a month against those that can be taken in.
    """

    developers: int
    teams: int
    offices: int
    annual_cost: float
    hires_per_month: float
    load_percent: float | None
    size_before: float | None
    risk: Risk


@dataclass(frozen=True)
class ScenarioPlan:
    """One column of the planning table. Costs are in the platform's currency, over the scenario's months."""

    scenario: str
    growth_percent: float
    months: int
    capacity_percent: float
    roadmap: Roadmap
    changes: tuple[str, ...]
    services: bool
    infrastructure_cost: float | None
    infrastructure_risk: Risk
    team: TeamPlan
    advice: Advice
    reasons: tuple[str, ...]

    @property
    def risk(self) -> Risk:
        """The worse of the two."""
        return max(self.infrastructure_risk, self.team.risk, key=RISKS.index)

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            **{key: value for key, value in self.__dict__.items() if key not in ("roadmap", "team")},
            "changes": list(self.changes),
            "reasons": list(self.reasons),
            "team": self.team.__dict__,
            "risk": self.risk,
            "roadmap": self.roadmap.as_data(),
        }


@dataclass(frozen=True)
class Planning:
    """All scenarios, and what the observed pace says of them."""

    plans: tuple[ScenarioPlan, ...]
    notes: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {"scenarios": [plan.as_data() for plan in self.plans], "notes": list(self.notes)}


def plan(platform: Platform, inputs: Inputs, history: History, scenarios: Sequence[Scenario]) -> Planning:
    """The planning table of the scenarios, each up to its own end."""
    plans = tuple(_plan(platform, inputs, scenario) for scenario in scenarios)
    return Planning(plans, tuple(_pace(history, scenarios)))


def _plan(platform: Platform, inputs: Inputs, scenario: Scenario) -> ScenarioPlan:
    planner = Planner.of(platform, Forecaster(inputs, months=scenario.months, paths=PATHS), scenario)
    roadmap = planner.plan()
    changes = tuple(dict.fromkeys(step.move for step in roadmap.steps))
    infrastructure = _infrastructure_risk(changes)
    team = team_plan(platform.hiring, scenario, inputs.observed)
    advice, reasons = _advice(infrastructure, team)
    return ScenarioPlan(
        scenario=scenario.name,
        growth_percent=scenario.growth_percent,
        months=scenario.months,
        capacity_percent=capacity_needed_percent(planner, inputs),
        roadmap=roadmap,
        changes=changes,
        services=team.teams >= _TEAMS_FOR_SERVICES,
        # A sum of money is told to two digits: that takes more paths than the search for a structure.
        infrastructure_cost=infrastructure_cost(
            Forecaster(inputs, months=scenario.months), scenario, roadmap
        ),
        infrastructure_risk=infrastructure,
        team=team,
        advice=advice,
        reasons=reasons,
    )


def capacity_needed_percent(planner: Planner, inputs: Inputs) -> float:
    """Capacity to add, in percent of today's: the mean over CPU, memory, database and bandwidth.

    Each needs what brings its P50 at the end, on what stands, back to its attention level; nothing where it
    stays below. 0 where none of them was observed.
    """
    import numpy as np

    # As if nothing scaled by itself: what scaling starts is capacity that is needed too.
    fixed = inputs.structure.with_changes(instances_most=inputs.structure.instances)
    metrics = planner.metrics(fixed)
    needed = []
    for name in _RESOURCES:
        row = inputs.limits.get(name)
        if name in metrics and row is not None:
            needed.append(max(1.0, float(np.median(metrics[name][-1])) / row.attention))
    return 100.0 * (sum(needed) / len(needed) - 1.0) if needed else 0.0


def infrastructure_cost(forecaster: Forecaster, scenario: Scenario, roadmap: Roadmap) -> float | None:
    """The bill over the scenario's months: the median of its sum; None where today's was not observed.

    A further region costs its share from the day it is live.
    """
    import numpy as np

    bill = bill_of(forecaster, scenario, roadmap)
    if bill is None:
        return None
    return float(np.median(((bill[1:] + bill[:-1]) / 2.0).sum(axis=0)))


def bill_of(forecaster: Forecaster, scenario: Scenario, roadmap: Roadmap) -> Array | None:
    """The monthly bill by month and path, with a roadmap's regions; None where today's was not observed."""
    import numpy as np

    observed = forecaster.inputs.observed.get("infrastructure_cost")
    if observed is None:
        return None
    draws = forecaster.draws
    _, load = forecaster.demand(scenario)
    regions = np.full(load.shape[0], float(roadmap.start.regions))
    for step in roadmap.steps:
        if step.move == "multi-region":
            months = np.arange(load.shape[0])
            # Part of the month in which it goes live counts as that part.
            live = (step.live_by - roadmap.as_of).days / DAYS_PER_MONTH
            since = np.clip(months - live + 0.5, 0.0, 1.0)
            regions += since * (step.new - step.old)
    more = draws.share("region_cost_share")[None, :] * (regions - roadmap.start.regions)[:, None]
    first = 1.0 + draws.share("region_cost_share")[None, :] * (roadmap.start.regions - 1)
    bill = observed * load ** draws["cost_elasticity"]
    return np.asarray(bill * (1.0 + more / first))


def team_plan(hiring: Hiring, scenario: Scenario, observed: Mapping[str, float]) -> TeamPlan:
    """Developers to hire for a scenario, and what that asks of those who are there."""
    wanted = hiring.developers_per_100_percent_growth * max(0.0, scenario.growth_percent) / 100.0
    # Rounded first: 2.4 x 0.5 is 1.2 and a bit in floating point, and twelve tenths are not thirteen.
    developers = ceil(round(wanted, 9)) if wanted else 0
    developers = max(developers, hiring.smallest_team) if developers else 0
    teams = ceil(developers / max(hiring.smallest_team, 7)) if developers else 0
    size = observed.get("developers")
    per_month = developers / scenario.months
    taken_in = hiring.hires_per_month
    if taken_in is None and size:
        taken_in = size * observed.get("training_capacity", _DEFAULT_TRAINING_PERCENT) / 100.0
    load = per_month / taken_in if taken_in else None
    return TeamPlan(
        developers=developers,
        teams=teams,
        offices=1 + int(((size or 0) + developers) // hiring.developers_per_office),
        annual_cost=developers * hiring.annual_cost_per_developer,
        hires_per_month=per_month,
        load_percent=None if load is None else 100.0 * load,
        size_before=size,
        risk=_risk(load, _TEAM_RISK) if load is not None else "medium",
    )


def _infrastructure_risk(changes: Sequence[str]) -> Risk:
    return _risk(sum(move(key).weight for key in changes), _INFRASTRUCTURE_RISK)


def _risk(value: float, steps: Sequence[tuple[float, Risk]]) -> Risk:
    for most, risk in steps:
        if value <= most:
            return risk
    return "very_high"


def _advice(infrastructure: Risk, team: TeamPlan) -> tuple[Advice, tuple[str, ...]]:
    worst = max(infrastructure, team.risk, key=RISKS.index)
    load = (
        "" if team.load_percent is None else f" ({team.load_percent:.0f} % of the hires that can be taken in)"
    )
    reasons = (
        f"infrastructure risk {infrastructure.replace('_', ' ')}",
        f"team risk {team.risk.replace('_', ' ')}{load}",
    )
    if worst in ("low", "medium"):
        return "prepare", reasons
    return ("monitor" if worst == "high" else "emergency_plan"), reasons


def _pace(history: History, scenarios: Sequence[Scenario]) -> list[str]:
    """What the observed growth of users says of the scenarios' pace."""
    values = history.of("mau") or history.of("users")
    if len(values) < 2 or not scenarios:
        return []
    observed = monthly_growth_percent(values[-2], values[-1])
    beyond = [one.name for one in scenarios if observed > one.percent_per_month]
    if not beyond:
        return []
    fastest = max(scenarios, key=lambda one: one.percent_per_month)
    which = "every scenario's" if len(beyond) == len(scenarios) else f"that of {', '.join(beyond)}"
    return [
        f"users grew {observed:.1f} percent in the last month, beyond {which} pace "
        f"({fastest.name}: {fastest.percent_per_month:.1f} percent a month)"
    ]
