"""Rosters, histories and surveys made for the tests of the metrics."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from palier.onboarding.metrics import clock
from palier.onboarding.metrics.history import History, PullRequest, Reading
from palier.onboarding.metrics.measuring import Metrics, measure
from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.metrics.surveys import Survey, Surveys
from palier.onboarding.models import Person, Team
from palier.onboarding.roster import Roster

DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
REPOSITORIES = ("app", "site")
LATE = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


def moment(text: str) -> datetime.datetime:
    """A moment of UTC."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def person(login: str, starts: str | datetime.date, **more: Any) -> Person:
    """Somebody of team web, in Paris unless said."""
    begins = datetime.date.fromisoformat(starts) if isinstance(starts, str) else starts
    content: dict[str, Any] = {
        "name": login.title(),
        "email": f"{login}@shop.example",
        "team": "web",
        "starts": begins,
        "time_zone": "Europe/Paris",
        "languages": ["en"],
        **more,
    }
    return Person(**content)


def roster(people: Mapping[str, Person], folder: Path = Path("shop")) -> Roster:
    """People of team web, which has two repositories."""
    web = Team(
        description="The shop's pages",
        buddies=[next(iter(people))],
        repositories=dict.fromkeys(REPOSITORIES, "push"),
    )
    return Roster(folder, people, {"web": web})


def reading(
    login: str,
    who: Person,
    commits: Iterable[datetime.datetime] = (),
    merges: Iterable[datetime.datetime | None] = (),
    repository: str = "app",
    until: datetime.datetime = LATE,
) -> Reading:
    """Pull requests are numbered on, and opened an hour before they are merged, on the first day at most."""
    return Reading(
        repository=repository,
        login=login,
        since=clock.arrives(who),
        until=until,
        commits_at=list(commits),
        pull_requests=[
            PullRequest(
                number=number,
                opened_at=clock.arrives(who) if merged is None else max(clock.arrives(who), merged - HOUR),
                merged_at=merged,
            )
            for number, merged in enumerate(merges, start=1)
        ],
    )


def survey(day: str, satisfaction: float, comment: str | None = None) -> Survey:
    """One answer."""
    on = datetime.date.fromisoformat(day)
    return Survey(on=on, satisfaction=satisfaction, comment=comment)


Case = tuple[Roster, list[Reading], Surveys]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A team of some newcomers of 2023 and 2024: who did what when, who left, who answered."""
    people: dict[str, Person] = {}
    readings: list[Reading] = []
    surveys: dict[str, tuple[Survey, ...]] = {}
    for number in range(draw(st.integers(1, 6))):
        login = f"p{number}"
        starts = draw(st.dates(datetime.date(2023, 1, 1), datetime.date(2024, 12, 31)))
        stays = draw(st.none() | st.integers(0, 500))
        zone = draw(st.sampled_from(["Europe/Paris", "America/Los_Angeles", "Asia/Tokyo"]))
        ends = None if stays is None else starts + stays * DAY
        who = people[login] = person(login, starts, ends=ends, time_zone=zone)
        for repository in REPOSITORIES:
            commits = draw(st.lists(st.integers(0, 200), max_size=3))
            merges = draw(st.lists(st.integers(0, 2500), max_size=8))
            first = clock.arrives(who)
            readings.append(
                reading(
                    login,
                    who,
                    [first + hours * HOUR for hours in commits],
                    [first + hours * HOUR for hours in merges],
                    repository,
                )
            )
        answers = draw(st.dictionaries(st.integers(30, 140), st.integers(0, 20), max_size=3))
        surveys[login] = tuple(
            Survey(on=starts + days * DAY, satisfaction=halves / 2, comment="well")
            for days, halves in sorted(answers.items())
        )
    return roster(people), readings, surveys


def winter() -> Case:
    """Three who began in Paris on 8 January 2024: the clock starts at 9 o'clock there, 8 o'clock UTC."""
    people = {
        "ada": person("ada", "2024-01-08"),
        "bob": person("bob", "2024-01-08", ends=datetime.date(2024, 6, 30)),
        "eve": person("eve", "2024-01-08"),
    }
    nine = [moment("2024-01-10T08:00") + days * DAY for days in range(9)]
    readings = [
        reading("ada", people["ada"], [moment("2024-01-08T14:00")], [*nine, moment("2024-02-05T08:00")]),
        reading(
            "bob",
            people["bob"],
            [moment("2024-01-09T12:00")],
            [moment("2024-01-18T08:00"), moment("2024-01-19T08:00")],
        ),
        reading("eve", people["eve"], [moment("2024-01-08T18:00")], [None]),
    ]
    surveys = {
        "ada": (survey("2024-04-08", 9, "a good buddy"), survey("2024-04-20", 2)),
        "bob": (survey("2024-04-01", 7.5, "slow machine"),),
    }
    return roster(people), readings, surveys


def spring() -> Case:
    """The same, and one who began on 8 April: the example of the page."""
    team, readings, surveys = winter()
    kim = person("kim", "2024-04-08")
    first, merged = moment("2024-04-08T11:30"), moment("2024-04-12T07:00")
    people = {**team.people, "kim": kim}
    return roster(people), [*readings, reading("kim", kim, [first], [merged])], surveys


def history(readings: Iterable[Reading]) -> History:
    """Readings of one organisation."""
    return History("shop").merged(readings)


moments = st.datetimes(
    datetime.datetime(2023, 1, 1), datetime.datetime(2026, 6, 1), timezones=st.just(datetime.UTC)
)


def measured(case: Case, as_of: datetime.datetime, **more: Any) -> Metrics:
    """The metrics of a team under the default settings."""
    team, readings, surveys = case
    return measure(team, history(readings), surveys, MetricsSettings(), as_of, **more)
