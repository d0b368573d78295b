"""Finds the roadmap of a scenario: the least structure without trouble, and its parts as they come.

Three questions. What is the least structure that keeps every technical metric out of trouble until the
horizon? The simplest kind of change is tried first, and what it cannot do is kept as the reason for the next.
In which order do its parts come? Each when what stands before it no longer suffices. When must work start?
That day less the part's lead time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Literal

from palier.capacity.breaches import crossed_by, day_after, months_until
from palier.capacity.moves import MOVES, Move, combinations
from palier.capacity.roadmap import Refusal, Roadmap, Step, Trouble
from palier.capacity.structure import Structure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from palier.capacity.demand import FittedScenario, Scenario
    from palier.capacity.forecast import Forecaster, Inputs
    from palier.capacity.platform_file import Platform
    from palier.capacity.thresholds import Threshold

    Array = NDArray[np.float64]
    Metrics = Mapping[str, Array]

PATHS = 1_000  # for the search: quantiles to about a percent, three dozen structures in a second
_SHARES: tuple[tuple[Literal["attention", "critical"], float], ...] = (("attention", 0.5), ("critical", 0.1))
_CONSEQUENCES = ("response_time_p95", "error_rate")  # of what binds; a cause is named before them


class Planner:
    """Finds the roadmap of a scenario; `months` is the horizon."""

    def __init__(
        self,
        forecaster: Forecaster,
        scenario: Scenario | FittedScenario,
        *,
        lead_days: Mapping[str, int] | None = None,
        regions_from_users: Sequence[float] = (),
    ) -> None:
        self.forecaster, self.scenario = forecaster, scenario
        self.inputs: Inputs = forecaster.inputs
        self.months = forecaster.months
        self.lead_days = {move.key: move.lead_days for move in MOVES} | dict(lead_days or {})
        self.regions_from_users = regions_from_users
        self._log_demand, self._ratio = forecaster.demand(scenario)
        self._known: dict[Structure, Metrics] = {}
        self._singly: dict[tuple[Structure, str], Array | None] = {}

    @classmethod
    def of(cls, platform: Platform, forecaster: Forecaster, scenario: Scenario | FittedScenario) -> Planner:
        """A planner with the lead times and the regions that palier.yaml wants."""
        return cls(
            forecaster,
            scenario,
            lead_days=platform.lead_days,
            regions_from_users=platform.regions_from_users,
        )

    def plan(self) -> Roadmap:
        """The roadmap."""
        start = self.inputs.structure
        end, refused, unresolved = self.least(start)
        steps, last = self._staged(start, end, refused)
        steps, last = self._with_regions(steps, last)
        return Roadmap(
            self.scenario.name,
            self.inputs.as_of,
            day_after(self.inputs.as_of, self.months),
            start,
            last,
            tuple(sorted(steps, key=lambda step: step.live_by)),
            tuple(unresolved),
        )

    def metrics(self, structure: Structure) -> Metrics:
        """The technical metrics on a structure."""
        if structure not in self._known:
            self._known[structure] = self.forecaster.technical(self._ratio, structure)
        return self._known[structure]

    def _one(self, structure: Structure, name: str) -> Array | None:
        """One technical metric on a structure: the search asks for few of many structures."""
        if structure in self._known:
            return self._known[structure].get(name)
        key = (structure, name)
        if key not in self._singly:
            self._singly[key] = self.forecaster.technical(self._ratio, structure, name).get(name)
        return self._singly[key]

    def troubles(self, structure: Structure, since: int = 1) -> list[Trouble]:
        """What gets into trouble on a structure from a month on: causes before effects, earliest first."""
        metrics = self.metrics(structure)
        found = [trouble for name in metrics if (trouble := self.trouble(structure, name, since)) is not None]
        return sorted(found, key=lambda each: (each.metric in _CONSEQUENCES, each.months))

    def trouble(self, structure: Structure, name: str, since: int = 1) -> Trouble | None:
        """When one metric gets into trouble on a structure, from a month on; None for never."""
        row = self.inputs.limits.get(name)
        values = self._one(structure, name)
        if row is None or values is None:
            return None
        found = list(_crossings(row, values, since))
        if not found:
            return None
        months, level = min(found)
        day = day_after(self.inputs.as_of, months)
        return Trouble(name, row.unit, level, row.limit(level), months, day)

    def least(self, start: Structure) -> tuple[Structure, dict[str, tuple[Refusal, ...]], list[Trouble]]:
        """The least structure without trouble, why less does not do by metric, and what nothing relieves."""
        end = start
        refused: dict[str, tuple[Refusal, ...]] = {}
        unresolved: dict[str, Trouble] = {}
        while True:
            open_ones = [each for each in self.troubles(end) if each.metric not in unresolved]
            if not open_ones:
                return end, refused, list(unresolved.values())
            # What a simple change relieves comes first: the harder ones would relieve it too, and too soon.
            binding = min(
                open_ones, key=lambda each: (each.metric in _CONSEQUENCES, self._simplest(end, each))
            )
            found, reasons = self._relieve(end, binding)
            refused[binding.metric] = (*refused.get(binding.metric, ()), *reasons)
            if found is None:
                unresolved[binding.metric] = binding
            else:
                end = found

    def _simplest(self, structure: Structure, trouble: Trouble) -> int:
        """Place of the first kind of change that does something about a metric."""
        return next(
            (place for place, move in enumerate(MOVES) if self._affects(move, structure, trouble.metric)),
            len(MOVES),
        )

    def _relieve(self, structure: Structure, binding: Trouble) -> tuple[Structure | None, list[Refusal]]:
        """The least change that keeps one metric out of trouble, and why each simpler kind does not."""
        refused: list[Refusal] = []
        for move in MOVES:
            if not self._affects(move, structure, binding.metric):
                continue
            tried = combinations(move, structure)
            for candidate in tried:
                if self.trouble(candidate, binding.metric) is None:
                    return candidate, refused
            if tried:
                refused.append(self._refusal(move, tried, binding))
        return None, refused

    def _affects(self, move: Move, structure: Structure, metric: str) -> bool:
        candidates = move.candidates(structure)
        if not candidates:
            return False
        before, after = self._one(structure, metric), self._one(candidates[-1], metric)
        return before is not None and after is not None and bool((after[-1] < before[-1]).any())

    def _refusal(self, move: Move, tried: Sequence[Structure], binding: Trouble) -> Refusal:
        """What the kind of change reaches at its best."""
        import numpy as np

        def last(structure: Structure) -> Array:
            values = self._one(structure, binding.metric)
            assert values is not None  # it is in trouble
            return np.asarray(values[-1])

        best = min(tried, key=lambda one: np.quantile(last(one), (0.9, 0.5)).tolist())
        trouble = self.trouble(best, binding.metric)
        assert trouble is not None  # it was tried and did not do
        share = 0.5 if trouble.level == "attention" else 0.9
        actual = float(np.quantile(last(best), share))
        reached = getattr(best, move.field)
        made = {"vertical": f"{best.database_vcpus} vCPUs", "cdn": "one", "proxy": "one"}.get(
            move.key, f"{reached:g}"
        )
        horizon = day_after(self.inputs.as_of, self.months)
        return Refusal(move.key, binding.metric, actual, trouble.limit, horizon, made)

    def _staged(
        self, start: Structure, end: Structure, refused: Mapping[str, tuple[Refusal, ...]]
    ) -> tuple[list[Step], Structure]:
        """The parts of `end`, each when what stands before no longer suffices."""
        pending = [move for move in MOVES if getattr(start, move.field) != getattr(end, move.field)]
        stands, since, live = start, 1, 0.0
        steps: list[Step] = []
        while pending and (binding := next(iter(self._relievable(stands, since, pending, end)), None)):
            trouble, move = binding
            after = stands.with_changes(**{move.field: getattr(end, move.field)})
            live = max(live, trouble.months)
            since = max(since, ceil(live))
            reasons = refused.get(trouble.metric, ())
            upto = MOVES.index(move)
            simpler = tuple(each for each in reasons if _place(each.move) < upto)
            steps.append(self._step(move, stands, after, trouble, live, since, simpler))
            stands = after
            pending.remove(move)
        return steps, stands

    def _relievable(
        self, stands: Structure, since: int, pending: Sequence[Move], end: Structure
    ) -> Iterator[tuple[Trouble, Move]]:
        for trouble in self.troubles(stands, since):
            for move in pending:
                after = stands.with_changes(**{move.field: getattr(end, move.field)})
                before = self.metrics(stands)[trouble.metric][-1]
                if bool((self.metrics(after)[trouble.metric][-1] < before).any()):
                    yield trouble, move

    def _step(
        self,
        move: Move,
        before: Structure,
        after: Structure,
        because: Trouble,
        live: float,
        since: int,
        refused: tuple[Refusal, ...],
    ) -> Step:
        as_of = self.inputs.as_of
        live_by, lead = day_after(as_of, live), self.lead_days[move.key]
        start_by = live_by - datetime.timedelta(days=lead)
        return Step(
            move=move.key,
            phase=move.phase,
            setting=move.setting,
            field=move.field,
            old=getattr(before, move.field),
            new=getattr(after, move.field),
            because=because,
            live_by=live_by,
            start_by=start_by,
            lead_days=lead,
            late_days=max(0, (as_of - start_by).days),
            holds_until=self.trouble(after, because.metric, since),
            left=self._left(after, because.metric),
            refused=refused,
            database_vcpus=after.database_vcpus,
        )

    def _left(self, structure: Structure, metric: str) -> float | None:
        import numpy as np

        row, values = self.inputs.limits.get(metric), self.metrics(structure).get(metric)
        if row is None or values is None:
            return None
        distance = row.attention - float(np.median(values[-1]))
        return distance if row.direction == "above" else -distance

    def _with_regions(self, steps: list[Step], last: Structure) -> tuple[list[Step], Structure]:
        """A further region wherever the platform wants one from so many users on."""
        move = next(each for each in MOVES if each.key == "multi-region")
        users = self.inputs.observed.get("mau") or self.inputs.observed.get("users")
        for index, wanted in enumerate(self.regions_from_users):
            regions = index + 2
            if users is None or last.regions >= regions:
                continue
            shares = crossed_by(users * _exp(self._log_demand), wanted, "above")
            months = months_until(shares, 0.5)
            if months is None:
                continue
            day = day_after(self.inputs.as_of, months)
            because = Trouble("mau", "users", "attention", wanted, months, day)
            after = last.with_changes(regions=regions)
            steps.append(self._step(move, last, after, because, months, max(1, ceil(months)), ()))
            last = after
        return steps, last


def _place(key: str) -> int:
    return next(place for place, move in enumerate(MOVES) if move.key == key)


def _exp(values: Array) -> Array:
    import numpy as np

    return np.asarray(np.exp(values))


def _crossings(
    row: Threshold, values: Array, since: int
) -> Iterator[tuple[float, Literal["attention", "critical"]]]:
    for level, share in _SHARES:
        limit = row.limit(level)
        shares = crossed_by(values[since:], limit, row.direction)
        months = months_until(shares, share)
        if months is None:
            continue
        if months > 0:
            yield months + since, level
            continue
        # Crossed in the first month looked at: since when, the month before tells.
        before = float(crossed_by(values[since - 1 : since], limit, row.direction)[0])
        after = float(shares[0])
        yield since - 1 + (0.0 if before >= share else (share - before) / (after - before)), level
