"""From roster, history and surveys to the metrics of onboarding; the same input gives the same result."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from palier.onboarding.metrics import clock
from palier.onboarding.metrics.cohorts import By, Cohort, Slope, cohorts, everybody, slopes
from palier.onboarding.metrics.history import History
from palier.onboarding.metrics.models import Newcomer
from palier.onboarding.metrics.people import newcomer
from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.metrics.surveys import Surveys
from palier.onboarding.models import Person
from palier.onboarding.roster import Roster


@dataclass(frozen=True)
class Metrics:
    """The cohorts, all of them as one, the slopes by goal, and the people in the order of their first day."""

    as_of: datetime.datetime
    by: By
    team: str | None
    settings: MetricsSettings
    cohorts: Sequence[Cohort]
    all: Cohort
    slopes: Mapping[str, Slope]
    people: Sequence[Newcomer]


def chosen(roster: Roster, team: str | None) -> dict[str, Person]:
    """The people of a team, or everybody."""
    return dict(roster.people) if team is None else roster.of_team(team)


def measure(
    roster: Roster,
    history: History,
    surveys: Surveys,
    settings: MetricsSettings,
    as_of: datetime.datetime,
    by: By = "quarter",
    team: str | None = None,
) -> Metrics:
    """The metrics at `as_of`, of everybody who had begun by then."""
    people = [
        newcomer(
            login,
            person,
            [
                reading
                for repository in roster.teams[person.team].repositories
                if (reading := history.of(repository, login)) is not None
            ],
            surveys.get(login, ()),
            as_of,
            settings,
        )
        for login, person in chosen(roster, team).items()
        if clock.arrives(person) <= as_of
    ]
    people.sort(key=lambda each: (each.person.starts, each.login))
    found = cohorts(people, by, settings.comments_from_people)
    return Metrics(as_of, by, team, settings, found, everybody(people), slopes(found), people)
