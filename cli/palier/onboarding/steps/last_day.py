"""The first steps by which somebody leaves: the roster says so, and what they signed in with is revoked."""

from __future__ import annotations

import datetime
from pathlib import Path

from palier.onboarding.calls import Gone
from palier.onboarding.models import Person
from palier.onboarding.roster_files import alone, set_key
from palier.onboarding.steps.base import Case, Found, Step, Told, done, missing


class LastDay(Step):
    """The roster says that access ends now."""

    name = "last-day"
    title = "Roster"
    what = "Write the last day and `offboarded` into the person's file, and take their VPN key out of it."
    proof = "The file says so; nothing that reads the roster gives them access any more."

    def check(self, case: Case) -> Found:
        """Both keys, and no place in the VPN."""
        person = case.person
        if person.offboarded is not None and person.ends is not None and person.vpn is None:
            return done(f"offboarded on {person.offboarded}, last day {person.ends}")
        return missing("the roster still gives access", f"set ends: and offboarded: in {case.login}.yaml")

    def apply(self, case: Case, told: Told) -> None:
        """A last day that is past stays; one ahead becomes today, because access ends today."""
        with alone(case.roster.folder):
            case.reach.read_again()
            end_access(case.roster.file_of(case.login), case.person, case.today)
            case.reach.read_again()


def end_access(file: Path, person: Person, today: datetime.date) -> None:
    """Say in a person's file that access ends today, or has ended."""
    last = str(max(today, person.starts))
    if person.vpn is not None:
        set_key(file, "vpn", None)
    if person.ends is None or person.ends > today:
        set_key(file, "ends", last)
    if person.offboarded is None:
        set_key(file, "offboarded", last)


class Sessions(Step):
    """Sessions and keys, before anything else."""

    name = "sessions"
    title = "Sessions"
    what = (
        "End the person's sessions in Slack where the plan has an API for it, and revoke the keys that they "
        "authorised for the organisation on GitHub. Sessions of AWS end with the permission set's hours."
    )
    proof = "GitHub lists no credential of theirs."
    needs = ("last-day",)

    def check(self, case: Case) -> Found:
        """Credentials that a SAML organisation lists; others know none."""
        held = self._credentials(case)
        sessions = case.reach.slack_settings is not None and case.reach.slack_settings.invite == "admin"
        if held or (sessions and not case.facts.get("sessions_reset") and self._slack_user(case)):
            return missing(f"{len(held)} credentials authorised", "revoke them", "end Slack sessions")
        return done("no credential authorised, sessions ended")

    def apply(self, case: Case, told: Told) -> None:
        """Revoke, end."""
        for credential in self._credentials(case):
            organization = case.reach.organization
            case.github.delete(f"/orgs/{organization}/credential-authorizations/{credential}")
        if case.reach.slack_settings is not None and case.reach.slack_settings.invite == "admin":
            if user := self._slack_user(case):
                case.slack.admin_reset_sessions(user)
            case.facts["sessions_reset"] = True

    def _credentials(self, case: Case) -> list[int]:
        where = f"/orgs/{case.reach.organization}/credential-authorizations"
        try:
            listed = case.github.ask(where, {"login": case.login, "per_page": "100"})
        except Gone:
            return []  # no SAML, and so no list
        return [int(each["credential_id"]) for each in listed if each["login"].lower() == case.login.lower()]

    def _slack_user(self, case: Case) -> str | None:
        user = case.slack.find(case.person.email)
        return None if user is None else str(user["id"])
