"""A newcomer's page: one file of HTML that needs nothing else, and can be printed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from palier.onboarding import path, vpn
from palier.onboarding.steps.base import Case

TEMPLATE = "page.html.jinja"


@dataclass(frozen=True)
class Colleague:
    """Somebody of the team, or beside it."""

    name: str
    login: str
    role: str
    says: str = ""


def html(case: Case) -> str:
    """The page. The same facts give the same text, so that a second run writes nothing."""
    return str(_template().render(**facts(case)))


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE)


def facts(case: Case) -> dict[str, Any]:
    """Everything that the page says."""
    person, team, roster = case.person, case.team, case.roster
    task, checklist = case.facts.get("first_task"), case.facts.get("checklist")
    names = {
        "buddy": _name(case, person.buddy) or "your buddy",
        "manager": _name(case, person.manager) or "your manager",
        "first_task": task.name if task else "a first task",
    }
    learning = path.load(roster.folder)

    def parts(of: list[path.Part]) -> list[dict[str, Any]]:
        return [
            {"title": part.title, "items": [path.filled(item, names) for item in part.items]} for part in of
        ]

    return {
        "login": case.login,
        "person": person,
        "team_name": person.team,
        "team": team,
        "organization": case.reach.organization,
        "buddy": _colleague(case, person.buddy, "takes you by the hand: ask anything, at any time"),
        "manager": _colleague(case, person.manager, "your manager"),
        "colleagues": _colleagues(case),
        "repositories": list(team.repositories.items()),
        "access": _access(case),
        "task": task,
        "checklist": checklist,
        "week": parts(learning.week),
        "months": parts(learning.months),
    }


def _name(case: Case, login: str | None) -> str | None:
    return case.roster.people[login].name if login else None


def _colleague(case: Case, login: str | None, says: str) -> Colleague | None:
    if login is None:
        return None
    person = case.roster.people[login]
    return Colleague(person.name, login, person.role, says)


def _colleagues(case: Case) -> list[Colleague]:
    there = case.roster.of_team(case.person.team, max(case.today, case.person.starts))
    found = [
        Colleague(each.name, login, each.role, ", ".join(each.skills))
        for login, each in there.items()
        if login != case.login
    ]
    return sorted(found, key=lambda each: each.name)


def _access(case: Case) -> list[tuple[str, str]]:
    """What the person can reach: by service, in words, without a secret."""
    person, team = case.person, case.team
    found = [
        ("GitHub", f"{case.reach.organization}, as {case.login}: teams {', '.join(team.github_teams) or '–'}")
    ]
    if case.reach.slack_settings is not None and team.slack_channels:
        found.append(("Slack", ", ".join(f"#{name}" for name in team.slack_channels)))
    for name, accounts in team.aws_permission_sets.items():
        if case.reach.has_identity:
            found.append(("AWS", f"{name} in {', '.join(accounts)}, as {person.email}"))
    settings = case.reach.vpn_settings
    if settings is not None and team.vpn_networks:
        address = person.vpn.address if person.vpn and person.vpn.address else "once your machine has a key"
        reached = ", ".join(vpn.routes(settings, team.vpn_networks))
        found.append(("VPN", f"{', '.join(team.vpn_networks)} ({reached}); address: {address}"))
    return found
