"""The roadmap as it is told: troubles, steps with their dates, and why not less. `planner` finds it.

Trouble is a metric whose attention level half of the paths have crossed, or whose critical level one in ten.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, Literal

from palier.capacity.structure import Structure


@dataclass(frozen=True)
class Trouble:
    """When a metric leaves what is allowed; `actual` is its P50 then, or P90 where critical binds."""

    metric: str
    unit: str
    level: Literal["attention", "critical"]
    limit: float
    months: float
    date: datetime.date


@dataclass(frozen=True)
class Refusal:
    """Why a simpler kind of change does not do: at its most, the metric is at `actual` on `date`."""

    move: str
    metric: str
    actual: float
    limit: float
    date: datetime.date
    made: str

    def sentence(self) -> str:
        """The reason in words."""
        return (
            f"{self.move}, at most {self.made}: {self.metric} at {self.actual:.0f}, limit {self.limit:g}, "
            f"on {self.date}"
        )


@dataclass(frozen=True)
class Step:
    """One change: what of the structure, because of what, live by when, work to start when.

    `holds_until` is when the metric that bound is in trouble again, None for not within the horizon; `left`
    is what it has left to its attention level at the horizon, in its unit, with this change and those before.
    """

    move: str
    phase: str
    setting: str
    field: str
    old: Any
    new: Any
    because: Trouble
    live_by: datetime.date
    start_by: datetime.date
    lead_days: int
    late_days: int
    holds_until: Trouble | None
    left: float | None
    refused: tuple[Refusal, ...]
    database_vcpus: int

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            **self.__dict__,
            "because": _trouble_data(self.because),
            "live_by": self.live_by.isoformat(),
            "start_by": self.start_by.isoformat(),
            "holds_until": _trouble_data(self.holds_until) if self.holds_until else None,
            "refused": [{**each.__dict__, "date": each.date.isoformat()} for each in self.refused],
        }


def _trouble_data(trouble: Trouble) -> dict[str, Any]:
    return {**trouble.__dict__, "date": trouble.date.isoformat()}


@dataclass(frozen=True)
class Roadmap:
    """The steps of one scenario as they go live; `unresolved` has what no step relieves."""

    scenario: str
    as_of: datetime.date
    horizon: datetime.date
    start: Structure
    end: Structure
    steps: tuple[Step, ...]
    unresolved: tuple[Trouble, ...] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            "scenario": self.scenario,
            "as_of": self.as_of.isoformat(),
            "horizon": self.horizon.isoformat(),
            "start": self.start.__dict__,
            "end": self.end.__dict__,
            "steps": [step.as_data() for step in self.steps],
            "unresolved": [_trouble_data(each) for each in self.unresolved],
        }
