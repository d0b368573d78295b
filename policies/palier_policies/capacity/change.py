"""A change as the capacity model sees it: the platform with what stands, and with what is planned."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from palier.capacity.assessment import DAYS_PER_MONTH
from palier.capacity.breaches import crossed_by, day_after, months_until
from palier.capacity.demand import Scenario
from palier.capacity.forecast import Forecaster, Inputs
from palier.capacity.inputs import inputs_of, scenarios_of
from palier.capacity.moves import MOVES
from palier.capacity.planner import Planner
from palier.capacity.sections import Section
from palier.capacity.structure import Structure
from palier.capacity.technical import MODELLED
from palier.errors import InputError
from pydantic import Field

from palier_policies.capacity.facts import Facts, facts_of, overlaid, owned
from palier_policies.policy import Problem
from palier_policies.stack import Stack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from palier.capacity.platform_file import Platform
    from palier.capacity.thresholds import Threshold

    Array = NDArray[np.float64]

PATHS = 1_000  # as the roadmap's search: quantiles to about a percent
# Phases in the order in which they come, by the field that says whether they have.
_NEXT = ("replicas", "cdn", "shards", "multi-region")
_MARGIN_MONTHS = 3.0  # beyond the next phase's lead time: as long again to see it coming
_STALE_DAYS = 45  # observations are monthly; one and a half months without any says that nobody looks


class ForecastSettings(Section):
    """From which growth, and how far, a plan is judged."""

    scenario: str | None = Field(
        default=None, description="A scenario of palier.yaml; left out, the middle one of them."
    )
    horizon_months: float | None = Field(
        default=None,
        gt=0,
        le=60,
        description="How far to look; left out, the next phase's lead time and 3 months.",
    )


@dataclass(frozen=True)
class Crossing:
    """When half of the paths have crossed a level of a metric; `actual` is the median at the horizon."""

    metric: str
    row: Threshold
    level: Literal["attention", "critical"]
    months: float
    actual: float

    @property
    def words(self) -> str:
        """The level in a sentence."""
        return "critical" if self.level == "critical" else "at attention"

    @property
    def limit(self) -> float:
        """The level's number, in the metric's unit."""
        return self.row.limit(self.level)


@dataclass(frozen=True)
class Remedy:
    """Settings that would do, in words, and the fields of the structure that they change."""

    words: str
    fields: frozenset[str]


class Change:
    """One stack's change. Raises PalierError where the platform or what stands cannot be read."""

    def __init__(self, stack: Stack, settings: ForecastSettings) -> None:
        self.stack, self.settings = stack, settings
        self.platform: Platform = stack.platform.platform

    @classmethod
    def of(cls, stack: Stack, settings: ForecastSettings) -> Change:
        """The change of a stack, made once for all policies that ask with the same settings."""
        key = ("change", settings.scenario, settings.horizon_months)
        if key not in stack.shared:
            stack.shared[key] = cls(stack, settings)
        found: Change = stack.shared[key]
        return found

    @property
    def elsewhere(self) -> str | None:
        """The environment that palier.yaml tells of, where it is another than this one."""
        named = self.platform.structure.environment
        return named if named not in (None, self.stack.environment) else None

    @cached_property
    def facts(self) -> tuple[Facts, Facts]:
        """What the stack has, before and after."""
        return facts_of(self.stack.standing), facts_of(self.stack.resources)

    @cached_property
    def stands(self) -> bool:
        """Whether anything of this stack stands yet."""
        return any(not each.type.startswith("pulumi:") for each in self.stack.standing)

    @cached_property
    def owned(self) -> frozenset[str]:
        """The fields of the structure that this stack decides."""
        return owned(self.stack.project, *self.facts)

    @cached_property
    def _read(self) -> Inputs:
        inputs = inputs_of(self.stack.platform)
        if not any(name in inputs.observed for name in MODELLED):
            raise InputError(
                "no metric of the infrastructure was observed lately",
                file=self.stack.platform.file,
                key="observations",
                allowed=", ".join(MODELLED[:5]) + ", …",
            )
        return inputs

    @cached_property
    def before(self) -> Structure:
        """The platform with what stands; of a stack that does not stand yet, what palier.yaml says."""
        base = self._read.structure
        return overlaid(base, self.stack.project, self.facts[0], self.owned) if self.stands else base

    @cached_property
    def after(self) -> Structure:
        """The platform with what is planned."""
        earlier, later = self.facts
        planned = overlaid(self._read.structure, self.stack.project, later, self.owned)
        if self.stands and earlier.storage_gib and later.storage_gib:
            planned = planned.with_changes(storage_factor=later.storage_gib / earlier.storage_gib)
        return planned

    @cached_property
    def inputs(self) -> Inputs:
        """What a forecast starts from: observed on what stands."""
        return replace(self._read, structure=self.before)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario by which a plan is judged. Raises InputError for a name that palier.yaml has not."""
        return self.named(self.settings.scenario)

    def named(self, name: str | None) -> Scenario:
        """A scenario of palier.yaml; without a name, the middle one."""
        known = scenarios_of(self.platform)
        if name is None:
            return known[len(known) // 2]
        for each in known:
            if each.name == name:
                return each
        raise InputError(
            f"no scenario {name!r}",
            file=self.stack.platform.file,
            key="scenarios",
            allowed=", ".join(each.name for each in known),
        )

    @cached_property
    def horizon_months(self) -> float:
        """How far to look: as the settings say, or the next phase's lead time and three months."""
        if self.settings.horizon_months is not None:
            return self.settings.horizon_months
        lead = {move.key: move.lead_days for move in MOVES} | dict(self.platform.lead_days)
        there = {
            "replicas": self.after.replicas > 0,
            "cdn": self.after.cdn,
            "shards": self.after.shards > 1,
            "multi-region": self.after.regions > 1,
        }
        upcoming = next((key for key in _NEXT if not there[key]), _NEXT[-1])
        return lead[upcoming] / DAYS_PER_MONTH + _MARGIN_MONTHS

    @cached_property
    def forecaster(self) -> Forecaster:
        """Up to the horizon, at least a year, which is as far as a surplus is looked for."""
        return Forecaster(self.inputs, months=max(12, ceil(self.horizon_months)), paths=PATHS)

    def load(self, scenario: Scenario) -> Array:
        """Load against today's in a scenario; shape (months + 1, paths)."""
        return self.forecaster.demand(scenario)[1]

    def metrics(self, scenario: Scenario, structure: Structure) -> Mapping[str, Array]:
        """Every technical metric on a structure, computed once."""
        known: dict[Any, Mapping[str, Array]] = self.stack.shared
        key = ("metrics", self.settings, scenario, structure)
        if key not in known:
            known[key] = self.forecaster.technical(self.load(scenario), structure)
        return known[key]

    def crossings(self, structure: Structure, months: float | None = None) -> Iterator[Crossing]:
        """The levels that half of the paths have crossed by the horizon, the worse level of each metric."""
        within = self.horizon_months if months is None else months
        for name, values in self.metrics(self.scenario, structure).items():
            row = self.inputs.limits.get(name)
            if row is None:
                continue
            for level in ("critical", "attention"):
                found = crossing(row, values, level, 0.5)
                if found is not None and found <= within:
                    yield Crossing(name, row, level, found, median(values, within))
                    break

    def day(self, months: float) -> datetime.date:
        """The day so many months after the last observation."""
        return day_after(self.inputs.as_of, months)

    @cached_property
    def remedy(self) -> Remedy:
        """The least change of settings that keeps every technical metric out of trouble, from the plan on."""
        months = ceil(self.horizon_months)
        planner = Planner.of(
            self.platform, Forecaster(self.inputs, months=months, paths=PATHS), self.scenario
        )
        end, _, unresolved = planner.least(self.after)
        moves = [move for move in MOVES if getattr(end, move.field) != getattr(self.after, move.field)]
        changes = [
            f"{move.phase}:{move.setting}: {self._setting(move.key, self.after, end)}" for move in moves
        ]
        if unresolved:
            changes.append(f"nothing relieves {', '.join(each.metric for each in unresolved)}")
        words = "; ".join(changes) or "no change of settings relieves it"
        return Remedy(words, frozenset(move.field for move in moves))

    def _setting(self, key: str, before: Structure, after: Structure) -> str:
        from palier.capacity.standing import larger_class

        if key == "vertical":
            classes = sorted(set(self.facts[1].classes.values()))
            larger = larger_class(classes[0], after.database_vcpus) if classes else None
            if larger:
                return f"{classes[0]} → {larger}"
            return f"{before.database_vcpus} → {after.database_vcpus} vCPUs"
        if key == "storage":
            return f"{after.storage_factor / before.storage_factor:g} times as much"
        move = next(each for each in MOVES if each.key == key)
        old, new = getattr(before, move.field), getattr(after, move.field)
        return "true" if new is True else f"{'–' if old is None else old} → {new}"

    def age(self, today: datetime.date) -> int | None:
        """Days since the last observation, where they are more than anyone should wait."""
        days = (today - self.inputs.as_of).days
        return days if days > _STALE_DAYS else None


def crossing(
    row: Threshold, values: Array, level: Literal["attention", "critical"], share: float
) -> float | None:
    """Months until a share of the paths has crossed a level, from the first month on; None for never.

    Row 0 is what was observed, on what stands: it says nothing of another structure.
    """
    shares = crossed_by(values[1:], row.limit(level), row.direction)
    months = months_until(shares, share)
    if months is None or months > 0:
        return None if months is None else months + 1.0
    before, after = float(crossed_by(values[:1], row.limit(level), row.direction)[0]), float(shares[0])
    return 0.0 if before >= share else (share - before) / (after - before)


def median(values: Array, months: float) -> float:
    """The median over the paths at a month, the last where that is beyond."""
    import numpy as np

    return float(np.median(values[min(ceil(months), values.shape[0] - 1)]))


def not_here(change: Change) -> Problem:
    """What a policy says in an environment that palier.yaml does not tell of."""
    return Problem(
        f"not judged in {change.stack.environment}: palier.yaml tells of {change.elsewhere}",
        level="advisory",
        not_known=True,
    )


def unknown_sizes(change: Change) -> Iterator[Problem]:
    """A finding for each size that is not known yet, so that a plan without it is not taken for whole."""
    for error in change.facts[1].unknown:
        yield Problem.unknown(error)
