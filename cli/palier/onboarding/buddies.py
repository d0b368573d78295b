"""Who takes a newcomer by the hand: one of the team's buddies, chosen by rules that anybody can follow.

The rules, in their order: who has no newcomer goes before who has one, whatever else speaks for them;
then who speaks the newcomer's languages, who is near in time, who knows the same things, whose last
newcomer is longest ago, and the login, so that the same roster gives the same answer.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from palier.errors import InputError
from palier.onboarding.models import Person
from palier.onboarding.roster import TEAMS, Roster

# The source's "Mois 1-3 : Progression mesurée": so long somebody is new, and their buddy not free.
NEW_DAYS = 90
_FAR = 99  # behind every language that a newcomer may list


@dataclass(frozen=True)
class Candidate:
    """One buddy of the team, and what speaks for them on the newcomer's first day.

    `language` is the first of the newcomer's that both speak, `last` when their last newcomer began.
    """

    login: str
    newcomers: tuple[str, ...]
    language: str | None
    place: int
    hours_apart: float
    skills: tuple[str, ...]
    last: datetime.date | None

    @property
    def order(self) -> tuple[int, int, float, int, datetime.date, str]:
        """Best first."""
        return (
            len(self.newcomers),
            self.place,
            self.hours_apart,
            -len(self.skills),
            self.last or datetime.date.min,
            self.login,
        )

    def reasons(self) -> str:
        """What speaks for and against, in words."""
        said = [f"takes {', '.join(self.newcomers)} already" if self.newcomers else "is free"]
        said.append(f"speaks {self.language}" if self.language else "speaks none of the languages")
        said.append(f"{self.hours_apart:g} h apart" if self.hours_apart else "the same time of day")
        if self.skills:
            said.append(f"knows {', '.join(self.skills)} too")
        said.append(f"last newcomer on {self.last}" if self.last else "no newcomer yet")
        return "; ".join(said)


def ranked(roster: Roster, login: str) -> list[Candidate]:
    """The team's buddies who are there on the newcomer's first day, best first.

    Raises InputError where there is none.
    """
    newcomer = roster.people[login]
    found = [
        _candidate(roster, login, newcomer, name)
        for name in roster.teams[newcomer.team].buddies
        if name != login and roster.people[name].is_there(newcomer.starts)
    ]
    if not found:
        raise InputError(
            f"no buddy is there on {newcomer.starts}, the first day of {login}",
            file=roster.folder / TEAMS / f"{newcomer.team}.yaml",
            key="buddies",
        )
    return sorted(found, key=lambda each: each.order)


def _candidate(roster: Roster, login: str, newcomer: Person, name: str) -> Candidate:
    buddy = roster.people[name]
    theirs = {other: each for other, each in roster.people.items() if each.buddy == name and other != login}
    now = [other for other, each in theirs.items() if _is_new(each, newcomer.starts)]
    before = [each.starts for each in theirs.values() if each.starts <= newcomer.starts]
    language = next((each for each in newcomer.languages if each in buddy.languages), None)
    return Candidate(
        login=name,
        newcomers=tuple(sorted(now)),
        language=language,
        place=_FAR if language is None else newcomer.languages.index(language),
        hours_apart=_hours_apart(newcomer.time_zone, buddy.time_zone, newcomer.starts),
        skills=tuple(each for each in newcomer.skills if each in buddy.skills),
        last=max(before, default=None),
    )


def _is_new(person: Person, day: datetime.date) -> bool:
    """Whether somebody is new on a day, or will be before a newcomer of that day no longer is."""
    apart = abs((person.starts - day).days)
    return apart < NEW_DAYS and (person.ends is None or day <= person.ends)


def _hours_apart(one: str, other: str, day: datetime.date) -> float:
    noon = datetime.datetime.combine(day, datetime.time(12))
    offsets = [
        noon.replace(tzinfo=ZoneInfo(zone)).utcoffset() or datetime.timedelta() for zone in (one, other)
    ]
    return abs(offsets[0] - offsets[1]).total_seconds() / 3600


def write(roster: Roster, login: str, buddy: str) -> Path:
    """Set the buddy in the newcomer's file, whose text stays as it is otherwise. Returns the file."""
    from palier.capacity import whole_files

    file = roster.file_of(login)
    text = file.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("buddy:")]
    whole_files.replace(file, "\n".join([*lines, f"buddy: {buddy}"]) + "\n")
    return file
