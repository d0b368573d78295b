"""The history file: what was read of GitHub, so that a later run asks only for the rest, or for nothing.

A reading is of one person in one repository, from their first day on. It holds moments and numbers of pull
requests, no text and no code. Merging is idempotent: the same reading twice is that reading.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, ValidationError

from palier.capacity.sections import Section
from palier.errors import InputError, OperationError
from palier.onboarding.models import Login, Repository
from palier.onboarding.refusals import refusal


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(datetime.UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Key = tuple[str, str]  # repository, and login in lower case: GitHub ignores its case


class PullRequest(Section):
    """A pull request of the person."""

    number: int = Field(ge=1, description="Its number in the repository.")
    opened_at: Moment = Field(description="When it was opened.")
    merged_at: Moment | None = Field(default=None, description="When it was merged, if it was.")


class Reading(Section):
    """One person's events in one repository, known from `from` until `until`."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    repository: Repository
    login: Login
    since: Moment = Field(alias="from", description="The first moment of the person's first day.")
    until: Moment = Field(description="When GitHub was asked last.")
    commits_at: list[Moment] = Field(default=[], description="When commits were written, as far as needed.")
    pull_requests: list[PullRequest] = Field(default=[], description="Those that the person opened.")

    @property
    def key(self) -> Key:
        """By what it is found."""
        return self.repository, self.login.lower()


class _File(Section):
    palier_onboarding_history: Literal[1]
    organization: Login
    readings: list[Reading]


@dataclass(frozen=True)
class History:
    """Readings of one organisation by repository and login."""

    organization: str
    readings: Mapping[Key, Reading] = field(default_factory=dict)

    def of(self, repository: str, login: str) -> Reading | None:
        """What is known of a person in a repository."""
        return self.readings.get((repository, login.lower()))

    def merged(self, more: Iterable[Reading]) -> History:
        """With further readings, in whatever order they come."""
        known = dict(self.readings)
        for each in more:
            known[each.key] = merge(known[each.key], each) if each.key in known else normal(each)
        return History(self.organization, known)


def normal(reading: Reading) -> Reading:
    """The same reading as the file holds it: sorted, nothing twice, a merge before no merge."""
    by_number: dict[int, PullRequest] = {}
    for each in reading.pull_requests:
        other = by_number.get(each.number)
        by_number[each.number] = each if other is None else _one(other, each)
    return reading.model_copy(
        update={
            "commits_at": sorted(set(reading.commits_at)),
            "pull_requests": [by_number[number] for number in sorted(by_number)],
        }
    )


def _one(left: PullRequest, right: PullRequest) -> PullRequest:
    merges = [each.merged_at for each in (left, right) if each.merged_at is not None]
    opened = min(left.opened_at, right.opened_at)
    return PullRequest(number=left.number, opened_at=opened, merged_at=min(merges, default=None))


def merge(left: Reading, right: Reading) -> Reading:
    """Two readings of one key. Where the first day was changed between them, the later one alone holds."""
    if left.since != right.since:
        return normal(max(left, right, key=lambda each: (each.until, each.since)))
    return normal(
        left.model_copy(
            update={
                "login": min(left.login, right.login),
                "until": max(left.until, right.until),
                "commits_at": [*left.commits_at, *right.commits_at],
                "pull_requests": [*left.pull_requests, *right.pull_requests],
            }
        )
    )


def load(file: Path, organization: str) -> History:
    """The history of a file, empty where there is none yet. Raises InputError."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return History(organization)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=file) from None
    try:
        found = _File.model_validate_json(text)
        _distinct(found.readings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "json_invalid":
            raise InputError(f"is not JSON: {first['ctx']['error']}", file=file) from None
        raise refusal(error, _File, file) from None
    except ValueError as error:
        raise InputError(str(error), file=file, key="readings") from None
    if found.organization.lower() != organization.lower():
        raise InputError(
            f"is of {found.organization}, and the settings say {organization}",
            file=file,
            key="organization",
            allowed="a history file for each organisation",
        )
    return History(organization).merged(found.readings)


def _distinct(readings: list[Reading]) -> None:
    seen: set[Key] = set()
    for each in readings:
        if each.key in seen:
            raise ValueError(f"{each.login} in {each.repository} stands twice")
        seen.add(each.key)


def save(file: Path, history: History) -> None:
    """Put the history in the file's place, whole. Raises OperationError."""
    from palier.capacity import whole_files

    content = _File(
        palier_onboarding_history=1,
        organization=history.organization,
        readings=[history.readings[key] for key in sorted(history.readings)],
    )
    try:
        whole_files.replace(file, content.model_dump_json(by_alias=True, indent=1) + "\n")
    except OSError as error:
        raise OperationError(
            f"{file} cannot be written: {error.strerror}", next_step="name another file with --history"
        ) from None
