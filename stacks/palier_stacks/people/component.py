"""Everybody's access as one component."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pulumi
from palier.errors import InputError
from palier.onboarding import vpn
from palier.onboarding.roster import Roster
from palier.onboarding.roster import load as load_roster

from palier_stacks.people.aws_access import AwsAccess
from palier_stacks.people.github_access import GitHubAccess
from palier_stacks.people.settings import PeopleSettings

TODAY_VARIABLE = "PALIER_TODAY"


def today() -> datetime.date:
    """The day by which access is decided: `PALIER_TODAY`, or the real one. Raises InputError."""
    text = os.environ.get(TODAY_VARIABLE)
    if not text:
        return datetime.date.today()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no day", key=TODAY_VARIABLE, allowed="like 2026-03-02") from None


def build(settings: PeopleSettings, project: Path) -> People:
    """The component for the roster that the settings of the `project` folder name.

    pulumi.RunError, which Pulumi prints as one line, where roster and settings do not fit.
    """
    try:
        roster = load_roster(settings.roster_folder(project))
        settings.check_roster(roster)
        return People(settings, roster, day=today())
    except InputError as error:
        raise pulumi.RunError(str(error)) from None


class People(pulumi.ComponentResource):
    """The access of everybody who has not left on `day`."""

    def __init__(self, settings: PeopleSettings, roster: Roster, *, day: datetime.date) -> None:
        super().__init__("palier:people:People", "people")
        logins = sorted(login for login, person in roster.people.items() if person.has_access(day))
        GitHubAccess(settings.github, roster, logins, self)
        identity = settings.identity
        aws = AwsAccess(identity, roster, logins, self) if identity is not None else None
        self.outputs: dict[str, Any] = {
            "organization": settings.organization,
            "identity_store_id": aws.store_id if aws else None,
            "people": {login: roster.people[login].team for login in logins},
            "vpn_peers": _peers(settings, roster, logins),
        }
        self.register_outputs(self.outputs)


def _peers(settings: PeopleSettings, roster: Roster, logins: list[str]) -> dict[str, dict[str, str]]:
    """Who the VPN's gateway lets in."""
    if settings.vpn is None:
        return {}
    found = {login: vpn.peer(settings.vpn, roster.people[login]) for login in logins}
    return {login: peer for login, peer in found.items() if peer is not None}
