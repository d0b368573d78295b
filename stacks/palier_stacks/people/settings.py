"""Settings of the people stack, read from `people:<section>`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Self

from palier.errors import InputError
from palier.onboarding import vpn
from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.models import Login
from palier.onboarding.roster import TEAMS, Roster, find_override
from palier.onboarding.settings import SlackSettings, VpnSettings, WorkSettings
from palier.workstation.settings import WorkstationSettings
from pydantic import AfterValidator, Field

from palier_stacks.settings import PhaseSettings, Section, SettingsError, distinct, nearest, refuse

OWNER_KEY = "github:owner"
# GitHub's rule of an organisation's login is that of a user's.
_ORGANIZATION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")
_POLICY = re.compile(r"arn:aws:iam::aws:policy/[\w+=,.@/-]+")


def _organization(value: str) -> str:
    if not _ORGANIZATION.fullmatch(value):
        raise refuse(f"{value!r} is no GitHub organisation", allowed="its login, as in its address")
    return value


def _policy(value: str) -> str:
    if not _POLICY.fullmatch(value):
        raise refuse(f"{value!r} is no managed policy of AWS", allowed="arn:aws:iam::aws:policy/<name>")
    return value


ManagedPolicy = Annotated[str, AfterValidator(_policy)]


class RosterSettings(Section):
    """Where people and teams stand."""

    folder: str = Field(
        default="../..",
        description="Folder of people/ and teams/, from the project's; `PALIER_ROSTER_DIR` overrides.",
    )


class ProtectionSettings(Section):
    """What the default branch of every repository of the teams asks for."""

    branch: str = Field(default="main", min_length=1, description="The branch.")
    required_reviews: int = Field(default=1, ge=0, le=6, description="Approving reviews before a merge.")
    dismiss_stale_reviews: bool = Field(default=True, description="A push takes approvals back.")
    required_checks: Annotated[list[str], AfterValidator(distinct)] = Field(
        default=[], description="Status checks that must pass."
    )
    enforce_admins: bool = Field(default=True, description="Administrators too.")


class GitHubSettings(Section):
    """What holds for every repository of the teams."""

    owners: Annotated[list[Login], AfterValidator(distinct)] = Field(
        default=[], description="Logins that are owners of the organisation; everybody else is a member."
    )
    protection: ProtectionSettings | None = Field(
        default=ProtectionSettings(), description="Branch protection; null for none."
    )


class PermissionSetSettings(Section):
    """What a permission set of IAM Identity Center allows."""

    description: str = Field(min_length=1, max_length=700, description="For whoever logs in.")
    managed_policies: Annotated[list[Annotated[str, AfterValidator(_policy)]], AfterValidator(distinct)] = (
        Field(min_length=1, max_length=10, description="ARNs of AWS managed policies.")
    )
    # One to twelve hours: IAM Identity Center, "Set session duration".
    session_hours: int = Field(default=4, ge=1, le=12, description="How long a session lasts.")


class IdentitySettings(Section):
    """IAM Identity Center."""

    permission_sets: dict[str, PermissionSetSettings] = Field(description="By the name that teams give.")


class PeopleSettings(PhaseSettings):
    """Everybody's access."""

    PHASE: ClassVar[str] = "people"

    organization: Annotated[str, AfterValidator(_organization)] = Field(
        description="GitHub organisation, from `github:owner`."
    )
    roster: RosterSettings = Field(default=RosterSettings(), description="Where people and teams stand.")
    github: GitHubSettings = Field(default=GitHubSettings(), description="Repositories on GitHub.")
    identity: IdentitySettings | None = Field(default=None, description="Access to AWS; none without it.")
    slack: SlackSettings | None = Field(default=None, description="Slack; not used without it.")
    vpn: VpnSettings | None = Field(default=None, description="The VPN; none without it.")
    work: WorkSettings = Field(description="First task, path, budget.")
    workstation: WorkstationSettings = Field(
        default=WorkstationSettings(), description="Developers' machines."
    )
    metrics: MetricsSettings = Field(default=MetricsSettings(), description="What counts as productive.")

    @classmethod
    def from_config(cls, config: Mapping[str, object], *, file: Path | str | None = None) -> Self:
        """As for every phase; the organisation comes from the key that the provider itself reads."""
        if f"{cls.PHASE}:organization" in config:
            raise SettingsError(
                "stands under another key", key="people:organization", allowed=OWNER_KEY, file=file
            )
        own = {
            f"{cls.PHASE}:organization" if key == OWNER_KEY else key: value for key, value in config.items()
        }
        return super().from_config(own, file=file)

    @classmethod
    def _key(cls, location: Sequence[str | int]) -> str:
        return OWNER_KEY if location and location[0] == "organization" else super()._key(location)

    def roster_folder(self, project: Path) -> Path:
        """The folder of the roster, of the project's folder."""
        return find_override() or (project / self.roster.folder).resolve()

    def check_roster(self, roster: Roster) -> None:
        """Refuse a roster that asks for what these settings do not have. Raises InputError."""
        rights: dict[tuple[str, str], tuple[str, str]] = {}
        for name, team in roster.teams.items():
            file = roster.folder / TEAMS / f"{name}.yaml"
            sets, networks = self._permission_sets(), self._networks()
            _check_names(file, "aws_permission_sets", team.aws_permission_sets, sets, "permission set")
            _check_names(file, "vpn_networks", team.vpn_networks, networks, "VPN network")
            for slug in team.github_teams:
                for repository, right in team.repositories.items():
                    known, of = rights.setdefault((slug, repository), (right, name))
                    if known != right:
                        raise InputError(
                            f"the GitHub team {slug} has {known} on {repository} by the team {of}, "
                            f"and {right} by this one",
                            file=file,
                            key=f"repositories.{repository}",
                        )
        for place_of, login in enumerate(self.github.owners):
            if login not in roster.people:
                raise InputError(
                    f"nobody of the roster has the login {login!r}",
                    key=f"people:github.owners[{place_of}]",
                    allowed=nearest(login, roster.people) or None,
                )
        for login, person in roster.people.items():
            place = person.vpn.address if person.vpn else None
            if place and (self.vpn is None or vpn.outside_pool(self.vpn, place)):
                raise InputError(
                    f"{place} is not a client's address of the pool",
                    file=roster.file_of(login),
                    key="vpn.address",
                    allowed=self.vpn.pool if self.vpn else "none: there is no people:vpn",
                )

    def _networks(self) -> list[str] | None:
        return None if self.vpn is None else list(self.vpn.networks)

    def _permission_sets(self) -> list[str] | None:
        return None if self.identity is None else list(self.identity.permission_sets)


def _check_names(file: Path, key: str, names: Iterable[str], known: list[str] | None, what: str) -> None:
    """Refuse a name that a team gives and the settings lack, where they have the part at all."""
    for name in names if known is not None else ():
        if name not in (known or ()):
            raise InputError(
                f"no {what} {name!r} in the people stack's settings",
                file=file,
                key=key,
                allowed=nearest(name, known or ()) or None,
            )
