"""The five goals, in one table, and what is known of one newcomer against each."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from palier.onboarding.models import Person

DOCUMENT = "scaling-et-croissance.md, « Métriques d'onboarding »"

# The document's "Satisfaction après 3 mois" and "Retention à 12 mois".
SATISFACTION_AFTER_MONTHS, RETENTION_AFTER_MONTHS = 3, 12

# `no_answer`: asked for and not said, which is neither a hit nor a miss.
Status = Literal["met", "missed", "too_early", "left_before", "no_answer"]
Statistic = Literal["median", "mean", "share"]


@dataclass(frozen=True, slots=True)
class Goal:
    """One row: `limit` in `unit`, compared strictly, as the document writes it (`<24h`, `>8/10`).

    `looked_at_by` is who can do something where it is missed: a part of the organisation, never the newcomer.
    """

    name: str
    title: str
    unit: str
    limit: float
    direction: Literal["below", "above"]
    statistic: Statistic
    hours_per_unit: float
    looked_at_by: str
    source: str

    def met(self, value: float) -> bool:
        """Whether a value in `unit` is on the right side of the limit."""
        return value < self.limit if self.direction == "below" else value > self.limit

    @property
    def is_time(self) -> bool:
        """Whether it counts time since the first day."""
        return self.hours_per_unit > 0

    @property
    def length(self) -> datetime.timedelta:
        """The limit of a goal that counts time."""
        return datetime.timedelta(hours=self.limit * self.hours_per_unit)

    @property
    def sign(self) -> str:
        """How the limit is written before its number."""
        return "<" if self.direction == "below" else ">"


FIRST_COMMIT = "time_to_first_commit_hours"
FIRST_FEATURE = "time_to_first_feature_days"
PRODUCTIVITY = "time_to_full_productivity_weeks"
SATISFACTION = "satisfaction_points"
RETENTION = "retention_percent"

GOALS: tuple[Goal, ...] = (
    Goal(
        name=FIRST_COMMIT,
        title="first commit",
        unit="h",
        limit=24,
        direction="below",
        statistic="median",
        hours_per_unit=1,
        looked_at_by="the buddy, and whoever answers for accounts and machines",
        source=f"{DOCUMENT}: « Time to first commit : <24h »",
    ),
    Goal(
        name=FIRST_FEATURE,
        title="first feature",
        unit="days",
        limit=7,
        direction="below",
        statistic="median",
        hours_per_unit=24,
        looked_at_by="the buddy, and the team that picks first tasks and reviews them",
        source=f"{DOCUMENT}: « Time to first feature : <1 semaine »",
    ),
    Goal(
        name=PRODUCTIVITY,
        title="full productivity",
        unit="weeks",
        limit=6,
        direction="below",
        statistic="median",
        hours_per_unit=168,
        looked_at_by="the manager, with the learning path of the months after",
        source=f"{DOCUMENT}: « Time to full productivity : <6 semaines »",
    ),
    Goal(
        name=SATISFACTION,
        title="3-month satisfaction",
        unit="of 10",
        limit=8,
        direction="above",
        statistic="mean",
        hours_per_unit=0,
        looked_at_by="the manager and the buddies, with what the surveys say",
        source=f"{DOCUMENT}: « Satisfaction après 3 mois : >8/10 »",
    ),
    Goal(
        name=RETENTION,
        title="12-month retention",
        unit="%",
        limit=90,
        direction="above",
        statistic="share",
        hours_per_unit=0,
        looked_at_by="the management: why people left",
        source=f"{DOCUMENT}: « Retention à 12 mois : >90% »",
    ),
)
BY_NAME = {goal.name: goal for goal in GOALS}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one newcomer stands against one goal.

    `value` is in the goal's unit, None where nothing happened; retention is 100 or 0. Of a goal that counts
    time it may be known while it is still `too_early` to count it.
    """

    status: Status
    value: float | None = None

    @property
    def counted(self) -> bool:
        """Whether it is part of n."""
        return self.status in ("met", "missed")


@dataclass(frozen=True)
class Newcomer:
    """One person against every goal. `settled`: the months of retention are over, by the calendar."""

    login: str
    person: Person
    outcomes: Mapping[str, Outcome]
    settled: bool
    comment: str | None = None
