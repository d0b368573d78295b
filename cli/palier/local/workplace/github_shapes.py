"""GitHub's answers: the fields that its clients read, filled from what stands."""

from __future__ import annotations

import base64
import datetime
from typing import Any

from palier.local.workplace.world import ADMIN, World

RIGHTS = ("pull", "triage", "push", "maintain", "admin")
ROLE_NAMES = {"pull": "read", "push": "write"}
# The older field of three levels beside role_name (REST, "Get repository permissions for a user").
LEGACY = {"pull": "read", "triage": "read", "push": "write", "maintain": "write", "admin": "admin"}


def now() -> str:
    """The time as GitHub writes it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(world: World, base: str, login: str) -> dict[str, Any]:
    """A user."""
    known = world.github["users"].get(login, {"id": 0})
    return {
        "login": login,
        "id": known["id"],
        "node_id": _node("U", known["id"]),
        "type": "User",
        "site_admin": False,
        "name": known.get("name"),
        "email": known.get("email"),
        "avatar_url": f"{base}/avatars/{login}",
        "url": f"{base}/users/{login}",
        "html_url": f"https://github.com/{login}",
    }


def organisation(world: World, base: str) -> dict[str, Any]:
    """The organisation."""
    login = world.github["organisation"]
    return {
        "login": login,
        "id": 1,
        "node_id": _node("O", 1),
        "url": f"{base}/orgs/{login}",
        "html_url": f"https://github.com/{login}",
        "default_repository_permission": "none",
        "plan": {"name": "team", "seats": 1000, "filled_seats": len(world.github["members"])},
    }


def membership(world: World, base: str, login: str) -> dict[str, Any]:
    """A person's membership of the organisation."""
    held = world.github["members"][login]
    organization = world.github["organisation"]
    return {
        "url": f"{base}/orgs/{organization}/memberships/{login}",
        "state": held["state"],
        "role": held["role"],
        "organization_url": f"{base}/orgs/{organization}",
        "organization": organisation(world, base),
        "user": user(world, base, login),
    }


def team(world: World, base: str, slug: str) -> dict[str, Any]:
    """A team."""
    held, organization = world.github["teams"][slug], world.github["organisation"]
    return {
        "id": held["id"],
        "node_id": _node("T", held["id"]),
        "name": held["name"],
        "slug": slug,
        "description": held["description"],
        "privacy": held["privacy"],
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "parent": None,
        "members_count": len(held["members"]),
        "repos_count": len(held["repositories"]),
        "organization": organisation(world, base),
        "url": f"{base}/organizations/1/team/{held['id']}",
        "html_url": f"https://github.com/orgs/{organization}/teams/{slug}",
        "members_url": f"{base}/organizations/1/team/{held['id']}/members{{/member}}",
        "repositories_url": f"{base}/organizations/1/team/{held['id']}/repos",
    }


def team_membership(world: World, base: str, slug: str, login: str) -> dict[str, Any]:
    """A person's membership of a team: pending as long as that of the organisation is."""
    held = world.github["teams"][slug]
    return {
        "url": f"{base}/organizations/1/team/{held['id']}/memberships/{login}",
        "role": held["members"][login],
        "state": world.github["members"].get(login, {}).get("state", "pending"),
    }


def repository(world: World, base: str, name: str, right: str | None = "admin") -> dict[str, Any]:
    """A repository, as somebody with `right` sees it."""
    held, organization = world.github["repositories"][name], world.github["organisation"]
    full = f"{organization}/{name}"
    granted = RIGHTS[: RIGHTS.index(right) + 1] if right else ()
    return {
        "id": held["id"],
        "node_id": _node("R", held["id"]),
        "name": name,
        "full_name": full,
        "owner": {**organisation(world, base), "type": "Organization"},
        "private": held["private"],
        "visibility": "private" if held["private"] else "public",
        "description": held.get("description"),
        "default_branch": held["default_branch"],
        "archived": False,
        "has_issues": True,
        "open_issues_count": len([each for each in held["issues"] if each["state"] == "open"]),
        "url": f"{base}/repos/{full}",
        "html_url": f"https://github.com/{full}",
        "permissions": {each: each in granted for each in RIGHTS},
        "role_name": ROLE_NAMES.get(right, right) if right else None,
    }


def issue(world: World, base: str, repository_name: str, held: dict[str, Any]) -> dict[str, Any]:
    """An issue, or a pull request as the list of issues has it."""
    full = f"{world.github['organisation']}/{repository_name}"
    number = held["number"]
    shown = {
        "id": held["id"],
        "node_id": _node("I", held["id"]),
        "number": number,
        "title": held["title"],
        "body": held["body"],
        "state": held["state"],
        "state_reason": held.get("state_reason"),
        "labels": [label(base, full, name) for name in held["labels"]],
        "assignees": [user(world, base, login) for login in held["assignees"]],
        "assignee": user(world, base, held["assignees"][0]) if held["assignees"] else None,
        "user": user(world, base, held["author"]),
        "comments": 0,
        "created_at": held["created_at"],
        "updated_at": held["updated_at"],
        "closed_at": held.get("closed_at"),
        "url": f"{base}/repos/{full}/issues/{number}",
        "repository_url": f"{base}/repos/{full}",
        "html_url": f"https://github.com/{full}/{'pull' if held.get('pull') else 'issues'}/{number}",
    }
    return shown | (
        {"pull_request": {"url": f"{base}/repos/{full}/pulls/{number}"}} if held.get("pull") else {}
    )


def label(base: str, full: str, name: str) -> dict[str, Any]:
    """A label."""
    return {"name": name, "color": "ededed", "default": False, "url": f"{base}/repos/{full}/labels/{name}"}


def right_of(world: World, name: str, login: str) -> str | None:
    """The most that a person may do in a repository: an owner all, a member what their teams may."""
    member = world.github["members"].get(login)
    if login == ADMIN or (member and member["state"] == "active" and member["role"] == "admin"):
        return "admin"
    if not member or member["state"] != "active":
        return None
    granted = [
        each["repositories"][name]
        for each in world.github["teams"].values()
        if login in each["members"] and name in each["repositories"]
    ]
    return max(granted, key=RIGHTS.index, default=None)


def _node(kind: str, number: int) -> str:
    return base64.b64encode(f"{kind}_{number}".encode()).decode()
