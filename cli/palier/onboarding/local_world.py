"""What the local cloud's GitHub and Slack hold before anybody is onboarded: what a company has anyway.

Everybody's GitHub account (those exist before somebody is hired), the teams' repositories with some open
work, the Slack channels, and the Slack accounts of who is not a newcomer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from palier.console import Reporter
from palier.onboarding.models import Person
from palier.onboarding.roster import Roster
from palier.onboarding.steps.work import LABEL

# Work of a shop, small to large, so that a first task can be chosen.
WORK = (
    ("The healthcheck answers 200 before the database is reachable", "size/S"),
    ("A typo in the message for a wrong e-mail address", "size/XS"),
    ("Say which field was refused when an order is invalid", "size/M"),
    ("Show prices with the currency of the visitor's country", "size/L"),
)
# And one that somebody is at already, which is nobody's first task.
TAKEN = ("Try again where the payment provider answers 503", "size/S")


def world(roster: Roster, settings: Any) -> dict[str, Any]:
    """The body for the local cloud's `PUT workplace`."""
    repositories: dict[str, tuple[str, str | None]] = {settings.work.checklist_repository: (LABEL, None)}
    for team in roster.teams.values():
        label = team.first_task_labels[0] if team.first_task_labels else "good first issue"
        at_it = team.buddies[0] if team.buddies else None
        repositories |= dict.fromkeys(team.repositories, (label, at_it))
    channels = sorted({name for team in roster.teams.values() for name in team.slack_channels})
    return {
        "github": {
            "organisation": settings.organization,
            "users": [
                {"login": login, "name": person.name, "email": person.email}
                for login, person in roster.people.items()
            ],
            "repositories": [
                {
                    "name": name,
                    "private": True,
                    "labels": list(settings.work.sizes),
                    "issues": list(_issues(label, at_it)),
                }
                for name, (label, at_it) in sorted(repositories.items())
            ],
        },
        "slack": {
            "team": {"name": settings.organization, "domain": settings.organization},
            "plan": "enterprise" if settings.slack and settings.slack.invite == "admin" else "business+",
            "channels": [{"name": name} for name in channels],
            "users": [
                {"name": login, "real_name": person.name, "email": person.email}
                for login, person in roster.people.items()
                if not is_newcomer(roster, login, person)
            ],
        },
    }


def _issues(label: str, at_it: str | None) -> Iterator[dict[str, Any]]:
    for title, size in WORK:
        yield _issue(title, label, size)
    if at_it is not None:
        yield {**_issue(TAKEN[0], label, TAKEN[1]), "assignees": [at_it]}


def _issue(title: str, label: str, size: str) -> dict[str, Any]:
    return {"title": title, "body": f"Seen on staging. {title}.", "labels": [label, size]}


def is_newcomer(roster: Roster, login: str, person: Person) -> bool:
    """Whether the rehearsal takes somebody for one: they have a manager, and are nobody's, and no buddy."""
    named = {each for other in roster.people.values() for each in (other.manager, other.buddy)}
    named |= {each for team in roster.teams.values() for each in team.buddies}
    return person.manager is not None and login not in named


def ensure(endpoint: str, roster: Roster, settings: Any, report: Reporter) -> None:
    """Make it where it is not there; what stands is left alone."""
    from palier.local import client

    made = client.must_ask(endpoint, "workplace", method="PUT", body=world(roster, settings))
    if any(made.values()):
        counted = ", ".join(f"{number} {what}" for what, number in made.items() if number)
        report.line(f"The local cloud's GitHub and Slack begin with {counted}")
