"""Reading GitHub: when somebody's first commits were written, and which of their pull requests were merged.

One request after another, as GitHub asks of who reads much; who is past their weeks of reading is not asked
about again.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from palier.errors import OperationError
from palier.onboarding.calls import Gone, Passing, attempts
from palier.onboarding.github import URL, GitHub
from palier.onboarding.github_failures import TOKEN
from palier.onboarding.metrics import clock
from palier.onboarding.metrics.coverage import fits, open_places, window_ends
from palier.onboarding.metrics.history import History, PullRequest, Reading
from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.models import Person
from palier.onboarding.roster import Roster

T = TypeVar("T")
# Commits are first asked for this long: who wrote one by then, has not all of theirs read.
FIRST_SPAN = datetime.timedelta(days=7)
# Our clock and GitHub's may differ: what was changed just before the last reading is read again.
OVERLAP = datetime.timedelta(hours=1)


def read(
    github: GitHub,
    roster: Roster,
    people: Mapping[str, Person],
    history: History,
    settings: MetricsSettings,
    now: datetime.datetime,
    told: Callable[[str], None],
    keep: Callable[[History], None],
) -> History:
    """The history with all that is new until `now`; `keep` is called after each repository.

    Raises OperationError (Refused among them), with what was kept until then.
    """
    deadline = time.monotonic() + 60.0 * settings.read_minutes
    for repository, logins in open_places(roster, people, history, settings, now).items():
        told(f"{repository}: {len(logins)} people")
        wire = _Wire(github, repository, deadline, told)
        theirs = {login: people[login] for login in logins}
        try:
            readings = _Repository(wire, theirs, history, settings, now).readings()
        except Gone as error:
            raise OperationError(
                f"{error}: not there",
                next_step=f"see whether the token of {TOKEN} may read pull requests of {repository}",
            ) from None
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise OperationError(
                f"GitHub: {repository}: an answer has not the form of its REST API ({error!r})",
                next_step=f"see whether {URL} is GitHub's API",
            ) from None
        history = history.merged(readings)
        keep(history)
    return history


class _Wire:
    """Lists of one repository, each page tried again while its failure may pass."""

    def __init__(self, github: GitHub, repository: str, deadline: float, told: Callable[[str], None]) -> None:
        self._github, self.repository = github, repository
        self._deadline, self._told = deadline, told
        self._root = f"/repos/{github.organization}/{repository}"

    def need(self) -> None:
        """Raises Refused where the repository is not there for this token."""
        self._again(lambda: self._github.need_repository(self.repository))

    def every(self, path: str, **parameters: Any) -> Iterator[Any]:
        """Every entry of a list, page by page, each asked for when it is reached. Raises Gone."""
        number, more = 1, True
        while more:
            entries, more = self._page(path, parameters, number)
            yield from entries
            number += 1

    def _page(self, path: str, parameters: dict[str, Any], number: int) -> tuple[list[Any], bool]:
        return self._again(lambda: self._github.page(self._root + path, parameters, number))

    def _again(self, call: Callable[[], T]) -> T:
        try:
            for attempt in attempts(self._deadline, self._told):
                with attempt:
                    return call()
        except Passing as error:
            wait = f" It asks to wait {error.after_seconds:.0f} s." if error.after_seconds else ""
            raise OperationError(
                f"{error}; gave up.{wait}",
                left="with --history, what was read of the repositories before is kept",
                next_step="run this again later; it goes on where it stopped",
            ) from None
        raise AssertionError("an attempt returns or raises")


class _Repository:
    """The people of one repository of whom something is to be asked."""

    def __init__(
        self,
        wire: _Wire,
        people: Mapping[str, Person],
        history: History,
        settings: MetricsSettings,
        now: datetime.datetime,
    ) -> None:
        self._wire, self._people, self._settings, self._now = wire, people, settings, now
        self._known = {
            login: reading
            for login, person in people.items()
            if (reading := history.of(wire.repository, login)) is not None and fits(reading, person)
        }

    def readings(self) -> list[Reading]:
        """What is new of each person. Raises OperationError."""
        self._wire.need()
        pulls = self._pull_requests()
        return [
            Reading(
                repository=self._wire.repository,
                login=login,
                since=clock.arrives(person),
                until=self._now,
                commits_at=sorted(set(self._commits(login, person, pulls[login]))),
                pull_requests=pulls[login],
            )
            for login, person in self._people.items()
        ]

    def _pull_requests(self) -> dict[str, list[PullRequest]]:
        """Pull requests by login, changed since what is known; newest change first, so reading can stop."""
        since = min(
            self._known[login].until - OVERLAP if login in self._known else clock.arrives(person)
            for login, person in self._people.items()
        )
        logins = {login.lower(): login for login in self._people}
        found: dict[str, dict[int, PullRequest]] = {login: {} for login in self._people}
        for entry in self._wire.every("/pulls", state="all", sort="updated", direction="desc"):
            if _moment(entry["updated_at"]) < since:
                break
            login = logins.get(_login(entry.get("user")))
            if login is None:
                continue
            pull = PullRequest(
                number=int(entry["number"]),
                opened_at=_moment(entry["created_at"]),
                merged_at=_moment(entry["merged_at"]) if entry["merged_at"] else None,
            )
            if pull.opened_at <= window_ends(self._people[login], self._settings):
                found[login][pull.number] = pull  # a page may move while it is read, and tell one twice
        return {login: list(each.values()) for login, each in found.items()}

    def _commits(self, login: str, person: Person, pulls: list[PullRequest]) -> Iterator[datetime.datetime]:
        """When commits of the default branch and of the first pull request were written.

        A squash merge writes the commit of the default branch anew, with the merge's time; what stood in
        the pull request tells when work was first committed.
        """
        first, last = clock.arrives(person), window_ends(person, self._settings)
        for moment in (*self._of_branch(login, first, last), *self._of_first(login, first, pulls)):
            if first <= moment <= last:
                yield moment

    def _of_branch(
        self, login: str, first: datetime.datetime, last: datetime.datetime
    ) -> list[datetime.datetime]:
        for until in (first + FIRST_SPAN, last):
            span = {"author": login, "since": _text(first), "until": _text(until)}
            try:
                found = [
                    _moment(entry["commit"]["author"]["date"])
                    for entry in self._wire.every("/commits", **span)
                    if _login(entry.get("author")) == login.lower()
                ]
            except Gone:
                return []  # an empty repository: that it is there was asked before
            if found or until >= self._now:
                return found
        return []

    def _of_first(
        self, login: str, first: datetime.datetime, pulls: list[PullRequest]
    ) -> list[datetime.datetime]:
        known = self._known[login].pull_requests if login in self._known else []
        opened = [each for each in (*known, *pulls) if each.opened_at >= first]
        if not opened:
            return []
        number = min(opened, key=lambda each: (each.opened_at, each.number)).number
        try:
            return [
                _moment(entry["commit"]["author"]["date"])
                for entry in self._wire.every(f"/pulls/{number}/commits")
                # Without a user: an address that GitHub does not know yet, the usual one of a new machine.
                if not entry.get("author") or _login(entry["author"]) == login.lower()
            ]
        except Gone:
            return []


def _login(user: Any) -> str:
    """The login in lower case; empty for a bot and for who deleted their account."""
    if not user or user.get("type") == "Bot":
        return ""
    return str(user["login"]).lower()


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


def _text(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
