"""The roster's two kinds of file: a person and a team. Nothing secret stands in either.

`people/<login>.yaml` is named by the person's GitHub login, `teams/<team>.yaml` by the team's name, so that a
name stands once, and a pull request that adds a person adds one file.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import ipaddress
import re
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, WithJsonSchema

from palier.capacity.sections import Section, nearest, refuse

Role = Literal["developer", "platform", "data", "security", "design", "product", "manager"]
# What GitHub grants on a repository (REST API, "Add or update team repository permissions").
Right = Literal["pull", "triage", "push", "maintain", "admin"]
# The profiles of playbooks/profiles.yml that a team chooses (a test holds the two together).
ToolProfile = Literal["python", "node", "go", "rust", "java", "aws", "pulumi"]
# GitHub's own rule of a login: letters, digits and single hyphens, not at an end, 39 at most.
LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")
TEAM = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# One @, and a dot in what follows: whether anybody reads it, only a message tells.
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
# Slack's rule of a channel's name: lower case, no spaces or full stops, 80 at most.
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def _matching(pattern: re.Pattern[str], what: str, allowed: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise refuse(f"{value!r} is not {what}", allowed=allowed)
        return value

    return AfterValidator(check)


def _schema(pattern: re.Pattern[str]) -> WithJsonSchema:
    """What an editor checks by: the model's own messages say more, but only the model has them."""
    return WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern.pattern})$"})


@cache
def _zones() -> frozenset[str]:
    """Every zone there is; Python walks through their folders to know, 12 ms each time."""
    return frozenset(available_timezones())


def _zone(value: str) -> str:
    if value not in _zones():
        raise refuse(f"no time zone {value!r}", allowed=nearest(value, sorted(_zones())))
    return value


def _public_key(value: str) -> str:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise refuse(
            f"{value!r} is no WireGuard public key", allowed="32 bytes in base64, as `wg pubkey` says"
        )
    return value


def _address(value: str) -> str:
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        raise refuse(f"{value!r} is no IPv4 address", allowed="like 10.90.0.7") from None


def _distinct(values: list[str]) -> list[str]:
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise refuse(f"{twice[0]!r} stands twice")
    return values


Login = Annotated[
    str,
    _matching(LOGIN, "a GitHub login", "letters, digits and single hyphens, at most 39"),
    _schema(LOGIN),
]
Mail = Annotated[str, _matching(_MAIL, "an e-mail address", "like ada@shop.example"), _schema(_MAIL)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[
    str, _matching(_LANGUAGE, "a language", "an ISO 639 code like fr or pt-BR"), _schema(_LANGUAGE)
]
Channel = Annotated[
    str, _matching(_CHANNEL, "a Slack channel", "lower case, digits, - and _, without #"), _schema(_CHANNEL)
]
Repository = Annotated[
    str,
    _matching(_REPOSITORY, "a repository", "its name without the organisation"),
    _schema(_REPOSITORY),
]
TeamName = Annotated[str, _matching(TEAM, "a team's name", "lower case, digits and hyphens"), _schema(TEAM)]
Names = Annotated[list[str], AfterValidator(_distinct)]


PublicKey = Annotated[str, AfterValidator(_public_key)]


class Vpn(Section):
    """A person's place in the VPN. The private key is on their machine, and nowhere else."""

    public_key: PublicKey = Field(description="WireGuard public key; `palier vpn key` makes it.")
    address: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None, description="Address in the pool; onboarding takes the first free one."
    )


class Person(Section):
    """One person. The file's name is the GitHub login."""

    name: str = Field(min_length=1, description="Full name.")
    email: Mail = Field(description="Address at work, by which Slack and AWS know the person.")
    team: TeamName = Field(description="The team's name, a file of teams/.")
    role: Role = Field(default="developer", description="What the person does in the team.")
    starts: datetime.date = Field(description="First day.")
    ends: datetime.date | None = Field(default=None, description="Last day, once it is known.")
    time_zone: Zone = Field(description="An IANA time zone, like Europe/Paris.")
    languages: Annotated[list[Language], AfterValidator(_distinct)] = Field(
        min_length=1, description="Languages the person speaks, best first."
    )
    skills: Names = Field(default=[], description="What the person is good at, in the team's own words.")
    manager: Login | None = Field(default=None, description="GitHub login of the manager.")
    buddy: Login | None = Field(
        default=None,
        description="GitHub login of who takes this newcomer by the hand; `palier roster buddy`.",
    )
    vpn: Vpn | None = Field(default=None, description="The person's place in the VPN.")

    offboarded: datetime.date | None = Field(
        default=None, description="When access was taken back; `palier offboard apply` writes it."
    )

    def has_access(self, day: datetime.date) -> bool:
        """Whether the person's access is to stand on a day: before the first one too, for who prepares it."""
        return self.offboarded is None and (self.ends is None or day <= self.ends)

    def is_there(self, day: datetime.date) -> bool:
        """Whether the person works here on a day."""
        return self.starts <= day and (self.ends is None or day <= self.ends)


class Sample(Section):
    """A repository by which a machine of the team proves that it works."""

    repository: Repository = Field(description="One of the team's repositories.")
    commands: list[str] = Field(
        min_length=1, description="What builds it and runs its tests, each in a login shell, in order."
    )


class Team(Section):
    """What everybody of one team gets. The file's name is the team's."""

    description: str = Field(min_length=1, description="What the team answers for.")
    github_teams: Names = Field(default=[], description="Slugs of the GitHub teams that its people join.")
    repositories: dict[Repository, Right] = Field(
        default={}, description="The team's repositories, with the right that its people have."
    )
    slack_channels: Annotated[list[Channel], AfterValidator(_distinct)] = Field(
        default=[], description="Slack channels that its people join."
    )
    aws_permission_sets: dict[str, list[Annotated[str, Field(pattern=r"^\d{12}$")]]] = Field(
        default={},
        description="Permission sets of IAM Identity Center, each with the accounts it is given in.",
    )
    vpn_networks: Names = Field(default=[], description="Networks of the VPN that its people reach.")
    docs: dict[str, str] = Field(default={}, description="Links to read first, by title.")
    tools: Annotated[list[ToolProfile], AfterValidator(_distinct)] = Field(
        default=[], description="Tool profiles of its people's machines."
    )
    sample: Sample | None = Field(
        default=None, description="What a machine builds and tests to prove that it works."
    )
    buddies: Annotated[list[Login], AfterValidator(_distinct)] = Field(
        default=[], description="Logins of those who take newcomers by the hand."
    )
    first_task_labels: Names = Field(
        default=["good first issue"], description="Labels of issues that suit a first day."
    )
