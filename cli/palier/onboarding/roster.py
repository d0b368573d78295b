"""The roster: every person and team of a folder, read whole, and held against each other.

A file may be looked at while somebody writes it: what is not whole is refused with its name, and nothing is
done with the rest.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from palier.capacity.sections import nearest
from palier.capacity.yaml_files import load as load_yaml
from palier.errors import InputError
from palier.onboarding.models import LOGIN, TEAM, Person, Team
from palier.onboarding.refusals import refusal
from palier.paths import ROSTER_VARIABLE

PEOPLE, TEAMS = "people", "teams"
Model = TypeVar("Model", Person, Team)


@dataclass(frozen=True)
class Roster:
    """People by GitHub login and teams by name, of the folder that holds both."""

    folder: Path
    people: Mapping[str, Person]
    teams: Mapping[str, Team]

    def person(self, login: str) -> Person:
        """The person of a login, whatever its case. Raises InputError with the nearest."""
        for name, person in self.people.items():
            if name.lower() == login.lower():
                return person
        raise InputError(
            f"nobody of the roster has the login {login!r}",
            file=self.folder / PEOPLE,
            allowed=nearest(login, self.people) or None,
        )

    def login(self, given: str) -> str:
        """A login as its file has it, whatever its case. Raises InputError."""
        wanted = self.person(given)
        return next(name for name, person in self.people.items() if person is wanted)

    def file_of(self, login: str) -> Path:
        """The person's file."""
        return self.folder / PEOPLE / f"{login}.yaml"

    def of_team(self, team: str, day: datetime.date | None = None) -> dict[str, Person]:
        """The people of a team, or those who are there on a day."""
        return {
            login: person
            for login, person in self.people.items()
            if person.team == team and (day is None or person.is_there(day))
        }


def find(given: Path | None = None) -> Path:
    """The folder meant: the one given, else that of `PALIER_ROSTER_DIR`, else the nearest at or above where
    one stands that holds `people/`.

    Raises InputError where there is none.
    """
    for folder, key in ((given, "--roster"), (find_override(), ROSTER_VARIABLE)):
        if folder is not None:
            if not (folder / PEOPLE).is_dir():
                raise InputError("holds no people/", file=folder, key=key)
            return folder
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / PEOPLE).is_dir():
            return folder
    raise InputError(f"no {PEOPLE}/ at or above {here}; go to one or name its folder with --roster")


def find_override() -> Path | None:
    """The folder that `PALIER_ROSTER_DIR` names, for every process of a run."""
    override = os.environ.get(ROSTER_VARIABLE)
    return Path(override).expanduser().absolute() if override else None


def load(given: Path | None = None) -> Roster:
    """The roster of a folder. Raises InputError for the first thing wrong; `problems` has all."""
    folder = find(given)
    roster, wrong = read(folder)
    if wrong:
        raise wrong[0]
    return roster


def read(folder: Path) -> tuple[Roster, list[InputError]]:
    """What can be read of a folder, and everything that is wrong in it."""
    wrong: list[InputError] = []
    people = dict(_files(folder / PEOPLE, Person, LOGIN.fullmatch, "a GitHub login", wrong))
    teams = dict(_files(folder / TEAMS, Team, TEAM.fullmatch, "a team's name", wrong))
    roster = Roster(folder, people, teams)
    if not wrong:  # what is missing because its file is broken has been told
        wrong.extend(_against_each_other(roster))
    return roster, wrong


def _files(
    folder: Path, model: type[Model], fits: Any, what: str, wrong: list[InputError]
) -> Iterator[tuple[str, Model]]:
    for file in sorted(folder.glob("*.y*ml")):
        if file.name.startswith("."):
            continue  # what an editor, or a kill, left of a new file
        try:
            if file.suffix != ".yaml":
                raise InputError("ends in .yml", file=file, allowed=f"{file.stem}.yaml")
            if not fits(file.stem):
                raise InputError(f"the file's name is not {what}", file=file)
            yield file.stem, _parsed(file, model)
        except InputError as error:
            wrong.append(error)


def _parsed(file: Path, model: type[Model]) -> Model:
    """The model in a file; one that did not change since it was read is not read again.

    A run of onboarding reads the roster after each change, which is one file of many.
    """
    try:
        stamp = file.stat()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    found: Model = _parsed_at(file, model, (stamp.st_mtime_ns, stamp.st_size, stamp.st_ino))
    return found


@lru_cache(maxsize=4096)
def _parsed_at(file: Path, model: type[Model], stamp: tuple[int, int, int]) -> Model:
    data = load_yaml(file)
    if not isinstance(data, dict):
        raise InputError("is empty" if data is None else "is not a mapping", file=file, allowed=_names(model))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise refusal(error, model, file) from None


def _names(model: type[BaseModel]) -> str:
    return ", ".join(model.model_fields)


def _against_each_other(roster: Roster) -> Iterator[InputError]:
    yield from _people(roster)
    for name, team in roster.teams.items():
        file = roster.folder / TEAMS / f"{name}.yaml"
        for place, login in enumerate(team.buddies):
            if login not in roster.people:
                yield InputError(
                    f"nobody of the roster has the login {login!r}",
                    file=file,
                    key=f"buddies[{place}]",
                    allowed=nearest(login, roster.people) or None,
                )
        if not team.buddies and roster.of_team(name):
            yield InputError("a team with people needs buddies", file=file, key="buddies")


def _people(roster: Roster) -> Iterator[InputError]:
    by_mail: dict[str, str] = {}
    by_login: dict[str, str] = {}
    by_vpn: dict[str, str] = {}
    for login, person in roster.people.items():
        file = roster.file_of(login)
        if (other := by_login.setdefault(login.lower(), login)) != login:
            yield InputError(f"is the same login as {other}.yaml: GitHub ignores case", file=file)
        if (other := by_mail.setdefault(person.email.lower(), login)) != login:
            yield InputError(f"{person.email} is {other}'s too", file=file, key="email")
        if person.team not in roster.teams:
            known = nearest(person.team, roster.teams) or f"a file of {TEAMS}/"
            yield InputError(f"no team {person.team!r}", file=file, key="team", allowed=known)
        if person.ends is not None and person.ends < person.starts:
            yield InputError(f"{person.ends} is before the first day, {person.starts}", file=file, key="ends")
        for key, value in (person.vpn.model_dump(exclude_none=True) if person.vpn else {}).items():
            if (other := by_vpn.setdefault(value, login)) != login:
                yield InputError(f"{value} is {other}'s too", file=file, key=f"vpn.{key}")
        yield from _another(roster, login, "manager", "nobody manages themself")
        yield from _another(roster, login, "buddy", "nobody is their own buddy")


def _another(roster: Roster, login: str, key: str, self_said: str) -> Iterator[InputError]:
    """What is wrong with a key that names another person."""
    file, named = roster.file_of(login), getattr(roster.people[login], key)
    if named == login:
        yield InputError(self_said, file=file, key=key)
    elif named is not None and named not in roster.people:
        yield InputError(
            f"nobody of the roster has the login {named!r}",
            file=file,
            key=key,
            allowed=nearest(named, roster.people) or None,
        )
