"""What each step of a roadmap costs a month: the settings with it, less the settings without it.

Priced offline from the price file, at on-demand list prices; None where a price is missing or the step's
settings are the platform's own to name. More instances and storage are priced as if all always ran and were
full, so theirs is the most that the step can cost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from palier.capacity.standing import SettingChange, setting_changes

if TYPE_CHECKING:
    from palier.capacity.roadmap import Roadmap, Step
    from palier.costs.prices import PriceBook


NO_SETTINGS = "no settings to price: name an environment with --env, or in palier.yaml"
_NEWER = "`palier cost prices update` may know one"
_BY_USE = ("instances", "storage")
_SERVERS = ("RDS", "EC2", "ElastiCache")


@dataclass(frozen=True)
class StepCost:
    """Dollars a month more with a step; `at_most` where it depends on how long instances run.

    `monthly_usd` is None where it cannot be told. `why` says why, or what is not in it.
    """

    monthly_usd: Decimal | None
    at_most: bool = False
    estimated: bool = False
    why: str = ""

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        usd = None if self.monthly_usd is None else float(self.monthly_usd)
        return {**self.__dict__, "monthly_usd": usd}


def step_costs(
    plan: Roadmap, settings: Mapping[str, Any], standing: Iterable[str], book: PriceBook
) -> list[StepCost]:
    """One for each step, in their order, each on the settings as the steps before leave them.

    A phase that is not `standing` costs all that it makes, once a step needs it.
    """
    current, stands, found = dict(settings), set(standing), []
    for step in plan.steps:
        if not settings:
            found.append(StepCost(None, why=NO_SETTINGS))
            continue
        changes = setting_changes(step, current, stands)
        found.append(_cost(step, current, changes, stands, book))
        current = _changed(current, changes)
        stands.add(step.phase)
    return found


def _cost(
    step: Step,
    current: Mapping[str, Any],
    changes: Sequence[SettingChange],
    stands: Collection[str],
    book: PriceBook,
) -> StepCost:
    if any(change.new is None for change in changes):
        return StepCost(None, why="its settings are the platform's own to name")
    before, after = _at_most(current, step.move), _at_most(_changed(current, changes), step.move)
    total, estimated = Decimal(0), False
    besides: set[str] = set()
    for phase in dict.fromkeys([step.phase, *(change.phase for change in changes)]):
        was = _priced(phase, before, book) if phase in stands else _NOTHING
        now = _priced(phase, after, book)
        unpriced = now.unpriced - was.unpriced
        if servers := sorted(name for name in unpriced if name.startswith(("instances", "nodes"))):
            return StepCost(None, why=f"no price for {servers[0]}; {_NEWER}")
        besides |= unpriced
        total += now.usd - was.usd
        estimated |= now.estimated
    why = f"besides, without a price: {', '.join(sorted(besides))}" if besides else ""
    return StepCost(total, step.move in _BY_USE, estimated, why)


@dataclass(frozen=True)
class _Priced:
    usd: Decimal
    estimated: bool
    unpriced: frozenset[str]


_NOTHING = _Priced(Decimal(0), False, frozenset())


def _priced(phase: str, settings: Mapping[str, Any], book: PriceBook) -> _Priced:
    """Dollars a month of a phase, and which of its servers have no price."""
    from palier.costs.settings import settings_cost

    found = settings_cost(phase, settings, book)
    # What has no price and is paid by use is in no total; servers are what a step changes.
    missing = (item for item in found.of("no_price") if item.service in _SERVERS and item.note != "by use")
    return _Priced(found.monthly_usd, found.estimated, frozenset(item.what for item in missing))


def _at_most(settings: Mapping[str, Any], move: str) -> Mapping[str, Any]:
    """The settings as if all ran, or was full, that may: what costs the most."""
    if move not in _BY_USE:
        return settings
    foundation = settings["foundation"]
    if move == "instances":
        part, name, value = "application", "desired_instances", foundation.application.max_instances
    else:
        database = foundation.database
        most = database.max_allocated_storage_gib or database.allocated_storage_gib
        part, name, value = "database", "allocated_storage_gib", most
    section = getattr(foundation, part).model_copy(update={name: value})
    return {**settings, "foundation": foundation.model_copy(update={part: section})}


def _changed(settings: Mapping[str, Any], changes: Sequence[SettingChange]) -> dict[str, Any]:
    """The settings with changes made, of phases that are there."""
    found = dict(settings)
    for change in changes:
        if change.new is None or change.phase not in found:
            continue
        phase = found[change.phase]
        section = getattr(phase, change.section).model_copy(update={change.name: change.new})
        found[change.phase] = phase.model_copy(update={change.section: section})
    return found
