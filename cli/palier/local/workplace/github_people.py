"""GitHub's organisation: members, teams, and what teams may do."""

from __future__ import annotations

import re
from typing import Any

from palier.local.workplace import github_shapes as shapes
from palier.local.workplace.github_errors import invalid, not_found
from palier.local.workplace.github_routes import ROUTES, Hub
from palier.local.workplace.http import Reply, Request, page

ADMIN_ORG, READ_ORG = "admin:org", "read:org"


@ROUTES("GET", "/user")
def me(hub: Hub, request: Request) -> Reply:
    """Who the token is."""
    return Reply(200, shapes.user(hub.world, hub.base, hub.login_of(request)))


@ROUTES("GET", "/users/{username}")
def one_user(hub: Hub, request: Request) -> Reply:
    """A user."""
    return Reply(200, shapes.user(hub.world, hub.base, hub.user(request.named["username"])))


@ROUTES("GET", "/orgs/{org}", READ_ORG)
def organisation(hub: Hub, request: Request) -> Reply:
    """The organisation."""
    hub.organisation(request)
    return Reply(200, shapes.organisation(hub.world, hub.base))


@ROUTES("GET", "/orgs/{org}/members", READ_ORG)
def members(hub: Hub, request: Request) -> Reply:
    """Members; who has not accepted is none yet."""
    hub.organisation(request)
    active = [login for login, held in hub.world.github["members"].items() if held["state"] == "active"]
    return page(request, [shapes.user(hub.world, hub.base, login) for login in sorted(active)])


@ROUTES("GET", "/orgs/{org}/members/{username}", READ_ORG)
def is_member(hub: Hub, request: Request) -> Reply:
    """Whether somebody is one: 204 or 404."""
    hub.organisation(request)
    held = hub.world.github["members"].get(hub.user(request.named["username"]))
    if not held or held["state"] != "active":
        raise not_found()
    return Reply(204)


@ROUTES("GET", "/orgs/{org}/invitations", ADMIN_ORG)
def invitations(hub: Hub, request: Request) -> Reply:
    """Who has not accepted yet."""
    hub.organisation(request)
    waiting = [
        {"id": hub.world.github["users"][login]["id"], "login": login, "email": None, "role": "direct_member"}
        for login, held in hub.world.github["members"].items()
        if held["state"] == "pending"
    ]
    return page(request, waiting)


@ROUTES("GET", "/orgs/{org}/memberships/{username}", READ_ORG)
def membership(hub: Hub, request: Request) -> Reply:
    """Somebody's membership."""
    hub.organisation(request)
    login = hub.user(request.named["username"])
    if login not in hub.world.github["members"]:
        raise not_found()
    return Reply(200, shapes.membership(hub.world, hub.base, login))


@ROUTES("PUT", "/orgs/{org}/memberships/{username}", ADMIN_ORG)
def set_membership(hub: Hub, request: Request) -> Reply:
    """Invite, or change the role."""
    hub.organisation(request)
    login, role = hub.user(request.named["username"]), request.fields.get("role", "member")
    if role not in ("admin", "member"):
        raise invalid("OrganizationMembership", "role")
    _join(hub, login)
    hub.world.github["members"][login]["role"] = role
    return Reply(200, shapes.membership(hub.world, hub.base, login))


def _join(hub: Hub, login: str) -> None:
    state = "pending" if hub.world.behaviour["invitations"] == "pending" else "active"
    hub.world.github["members"].setdefault(login, {"role": "member", "state": state})


@ROUTES("DELETE", "/orgs/{org}/memberships/{username}", ADMIN_ORG)
def remove_membership(hub: Hub, request: Request) -> Reply:
    """Take somebody out, of the teams too; what they may not read any more is not assigned to them."""
    hub.organisation(request)
    login = hub.user(request.named["username"])
    if hub.world.github["members"].pop(login, None) is None:
        raise not_found()
    for team in hub.world.github["teams"].values():
        team["members"].pop(login, None)
    for repository in hub.world.github["repositories"].values():
        for issue in repository["issues"]:
            issue["assignees"] = [each for each in issue["assignees"] if each != login]
    return Reply(204)


@ROUTES("GET", "/orgs/{org}/teams", READ_ORG)
def teams(hub: Hub, request: Request) -> Reply:
    """All teams."""
    hub.organisation(request)
    return page(
        request, [shapes.team(hub.world, hub.base, slug) for slug in sorted(hub.world.github["teams"])]
    )


@ROUTES("POST", "/orgs/{org}/teams", ADMIN_ORG)
def create_team(hub: Hub, request: Request) -> Reply:
    """Make a team."""
    hub.organisation(request)
    name = str(request.fields.get("name") or "")
    slug = slug_of(name)
    if not slug or slug in hub.world.github["teams"]:
        raise invalid("Team", "name", "must be unique for this org" if slug else "is missing")
    hub.world.github["teams"][slug] = {
        "id": hub.world.number(),
        "name": name,
        "description": request.fields.get("description"),
        "privacy": request.fields.get("privacy", "secret"),
        "members": {},
        "repositories": {},
    }
    return Reply(201, shapes.team(hub.world, hub.base, slug))


def slug_of(name: str) -> str:
    """A team's slug, as GitHub makes it of the name."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")


@ROUTES("GET", "/organizations/{org_id}/team/{team_id}", READ_ORG)
@ROUTES("GET", "/teams/{team_id}", READ_ORG)
@ROUTES("GET", "/orgs/{org}/teams/{team_slug}", READ_ORG)
def one_team(hub: Hub, request: Request) -> Reply:
    """A team, by slug or id."""
    return Reply(200, shapes.team(hub.world, hub.base, hub.team(request)))


@ROUTES("PATCH", "/organizations/{org_id}/team/{team_id}", ADMIN_ORG)
@ROUTES("PATCH", "/teams/{team_id}", ADMIN_ORG)
@ROUTES("PATCH", "/orgs/{org}/teams/{team_slug}", ADMIN_ORG)
def change_team(hub: Hub, request: Request) -> Reply:
    """Change a team; a new name gives it a new slug."""
    slug = hub.team(request)
    team = hub.world.github["teams"].pop(slug)
    team.update({key: request.fields[key] for key in ("description", "privacy") if key in request.fields})
    if request.fields.get("name"):
        team["name"] = request.fields["name"]
        slug = slug_of(team["name"])
    hub.world.github["teams"][slug] = team
    return Reply(200, shapes.team(hub.world, hub.base, slug))


@ROUTES("DELETE", "/organizations/{org_id}/team/{team_id}", ADMIN_ORG)
@ROUTES("DELETE", "/teams/{team_id}", ADMIN_ORG)
@ROUTES("DELETE", "/orgs/{org}/teams/{team_slug}", ADMIN_ORG)
def delete_team(hub: Hub, request: Request) -> Reply:
    """Take a team away."""
    del hub.world.github["teams"][hub.team(request)]
    return Reply(204)


@ROUTES("GET", "/organizations/{org_id}/team/{team_id}/members", READ_ORG)
@ROUTES("GET", "/orgs/{org}/teams/{team_slug}/members", READ_ORG)
def team_members(hub: Hub, request: Request) -> Reply:
    """Its members who have accepted."""
    held = hub.world.github["teams"][hub.team(request)]["members"]
    states = {login: each["state"] for login, each in hub.world.github["members"].items()}
    active = [login for login in sorted(held) if states.get(login) == "active"]
    return page(request, [shapes.user(hub.world, hub.base, login) for login in active])


@ROUTES("GET", "/organizations/{org_id}/team/{team_id}/memberships/{username}", READ_ORG)
@ROUTES("GET", "/teams/{team_id}/memberships/{username}", READ_ORG)
@ROUTES("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}", READ_ORG)
def team_membership(hub: Hub, request: Request) -> Reply:
    """Somebody's membership of a team."""
    slug, login = hub.team(request), hub.user(request.named["username"])
    if login not in hub.world.github["teams"][slug]["members"]:
        raise not_found()
    return Reply(200, shapes.team_membership(hub.world, hub.base, slug, login))


@ROUTES("PUT", "/organizations/{org_id}/team/{team_id}/memberships/{username}", ADMIN_ORG)
@ROUTES("PUT", "/teams/{team_id}/memberships/{username}", ADMIN_ORG)
@ROUTES("PUT", "/orgs/{org}/teams/{team_slug}/memberships/{username}", ADMIN_ORG)
def set_team_membership(hub: Hub, request: Request) -> Reply:
    """Bring somebody into a team; who is no member of the organisation is invited to it."""
    slug, login = hub.team(request), hub.user(request.named["username"])
    role = request.fields.get("role", "member")
    if role not in ("member", "maintainer"):
        raise invalid("TeamMember", "role")
    _join(hub, login)
    hub.world.github["teams"][slug]["members"][login] = role
    return Reply(200, shapes.team_membership(hub.world, hub.base, slug, login))


@ROUTES("DELETE", "/organizations/{org_id}/team/{team_id}/memberships/{username}", ADMIN_ORG)
@ROUTES("DELETE", "/teams/{team_id}/memberships/{username}", ADMIN_ORG)
@ROUTES("DELETE", "/orgs/{org}/teams/{team_slug}/memberships/{username}", ADMIN_ORG)
def remove_team_membership(hub: Hub, request: Request) -> Reply:
    """Take somebody out of a team."""
    slug, login = hub.team(request), hub.user(request.named["username"])
    if hub.world.github["teams"][slug]["members"].pop(login, None) is None:
        raise not_found()
    return Reply(204)


@ROUTES("GET", "/organizations/{org_id}/team/{team_id}/repos", READ_ORG)
@ROUTES("GET", "/orgs/{org}/teams/{team_slug}/repos", READ_ORG)
def team_repositories(hub: Hub, request: Request) -> Reply:
    """Repositories of a team, with its right in each."""
    held: dict[str, Any] = hub.world.github["teams"][hub.team(request)]["repositories"]
    found = [shapes.repository(hub.world, hub.base, name, right) for name, right in sorted(held.items())]
    return page(request, found)


@ROUTES("GET", "/organizations/{org_id}/team/{team_id}/repos/{owner}/{repo}", READ_ORG)
@ROUTES("GET", "/teams/{team_id}/repos/{owner}/{repo}", READ_ORG)
@ROUTES("GET", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", READ_ORG)
def team_repository(hub: Hub, request: Request) -> Reply:
    """A team's right in a repository; 204 where the repository itself is not asked for."""
    held = hub.world.github["teams"][hub.team(request)]["repositories"]
    name = hub.repository(request)
    if name not in held:
        raise not_found()
    if "repository+json" not in request.headers.get("accept", ""):
        return Reply(204)
    return Reply(200, shapes.repository(hub.world, hub.base, name, held[name]))


@ROUTES("PUT", "/organizations/{org_id}/team/{team_id}/repos/{owner}/{repo}", ADMIN_ORG)
@ROUTES("PUT", "/teams/{team_id}/repos/{owner}/{repo}", ADMIN_ORG)
@ROUTES("PUT", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", ADMIN_ORG)
def set_team_repository(hub: Hub, request: Request) -> Reply:
    """Give a team a right in a repository."""
    slug, name = hub.team(request), hub.repository(request)
    right = request.fields.get("permission", "push")
    if right not in shapes.RIGHTS:
        raise invalid("TeamRepository", "permission")
    hub.world.github["teams"][slug]["repositories"][name] = right
    return Reply(204)


@ROUTES("DELETE", "/organizations/{org_id}/team/{team_id}/repos/{owner}/{repo}", ADMIN_ORG)
@ROUTES("DELETE", "/teams/{team_id}/repos/{owner}/{repo}", ADMIN_ORG)
@ROUTES("DELETE", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", ADMIN_ORG)
def remove_team_repository(hub: Hub, request: Request) -> Reply:
    """Take a team's right away."""
    hub.world.github["teams"][hub.team(request)]["repositories"].pop(hub.repository(request), None)
    return Reply(204)
