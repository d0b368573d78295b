"""What of the events that the metrics need a history knows, and what is to be asked."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path

from palier.errors import InputError
from palier.onboarding.metrics import clock
from palier.onboarding.metrics.history import History, Reading
from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.models import Person
from palier.onboarding.roster import Roster


def places(roster: Roster, people: Mapping[str, Person]) -> Iterator[tuple[str, str]]:
    """(repository, login) of every repository of each person's team, in order."""
    for login in sorted(people):
        for repository in sorted(roster.teams[people[login].team].repositories):
            yield repository, login


def window_ends(person: Person, settings: MetricsSettings) -> datetime.datetime:
    """After this moment no event of the person is needed."""
    ends, leaves = clock.reading_ends(person, settings), clock.leaves(person)
    return ends if leaves is None else min(ends, leaves)


def fits(reading: Reading | None, person: Person) -> bool:
    """Whether a reading begins with the first day that the roster says."""
    return reading is not None and reading.since == clock.arrives(person)


def settled(reading: Reading | None, person: Person, settings: MetricsSettings) -> bool:
    """Whether a reading holds all that will ever be needed of a person in a repository."""
    if reading is None or not fits(reading, person):
        return False
    return reading.until >= window_ends(person, settings)


def open_places(
    roster: Roster,
    people: Mapping[str, Person],
    history: History,
    settings: MetricsSettings,
    now: datetime.datetime,
) -> dict[str, list[str]]:
    """Logins by repository of which something is still to be asked; who has not begun yet is left out."""
    found: dict[str, list[str]] = {}
    for repository, login in places(roster, people):
        person = people[login]
        if clock.arrives(person) > now or settled(history.of(repository, login), person, settings):
            continue
        found.setdefault(repository, []).append(login)
    return dict(sorted(found.items()))


def known_until(
    roster: Roster,
    people: Mapping[str, Person],
    history: History,
    settings: MetricsSettings,
    now: datetime.datetime,
) -> datetime.datetime:
    """Until when everything is known without asking; `now` where nothing is left to ask."""
    open_now = open_places(roster, people, history, settings, now)
    moments = [
        reading.until
        for repository, logins in open_now.items()
        for login in logins
        if (reading := history.of(repository, login)) is not None and fits(reading, people[login])
    ]
    return min([now, *moments])


def need(
    roster: Roster,
    people: Mapping[str, Person],
    history: History,
    settings: MetricsSettings,
    as_of: datetime.datetime,
    file: Path,
) -> None:
    """Raises InputError where the history lacks events until `as_of`: a gap is not "none"."""
    wanted = open_places(roster, people, history, settings, as_of)
    lacks = []
    for repository, logins in wanted.items():
        for login in logins:
            reading = history.of(repository, login)
            if reading is None or not fits(reading, people[login]) or reading.until < as_of:
                lacks.append((repository, login, reading))
    if not lacks:
        return
    repository, login, reading = lacks[0]
    more = f" [and {len(lacks) - 1} more]" if len(lacks) > 1 else ""
    if reading is None:
        problem = f"holds nothing of {login} in {repository}"
    elif not fits(reading, people[login]):
        problem = f"was read of {login} in {repository} for another first day or time zone"
    else:
        problem = f"was read of {login} in {repository} until {reading.until:%Y-%m-%d %H:%M} UTC only"
    raise InputError(f"{problem}{more}", file=file, allowed="run it once without --offline")
