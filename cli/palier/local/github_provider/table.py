"""The resource types: how each is made, read, changed and taken away.

Ids, inputs that force a new resource and what is changed in place are those of terraform-provider-github 6
(github/resource_github_*.go), which pulumi-github wraps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from palier.local.github_provider import protection
from palier.local.github_provider.api import Api
from palier.local.provider.errors import ProviderError

Inputs = Mapping[str, Any]
Outputs = dict[str, Any]


@dataclass(frozen=True)
class Type:
    """One type. `write` makes or changes and returns the id, `read` gives the outputs or None."""

    token: str
    write: Callable[[Api, Inputs, str | None], str]
    read: Callable[[Api, str], Outputs | None]
    delete: Callable[[Api, str, Inputs], None]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    caseless: tuple[str, ...] = ()
    """Logins: GitHub ignores their case, and says them as their owner writes them."""
    own_id: Callable[[Api, str], str | None] | None = None
    """The resource's id from the one that was given to import it; None for what is not there."""
    silent: Mapping[str, Any] = field(default_factory=dict)
    """Property, at any depth, to the value that says nothing where the program does not say it."""


def _two(id_: str) -> tuple[str, str]:
    first, separator, second = id_.partition(":")
    if not separator or not second:
        raise ProviderError(f"{id_!r} is no id of two parts with a colon between them")
    return first, second


# -- github:index/membership:Membership ---------------------------------------------------------------


def _write_membership(api: Api, inputs: Inputs, id_: str | None) -> str:
    api.call("PUT", f"/orgs/{api.owner}/memberships/{inputs['username']}", {"role": inputs["role"]})
    return f"{api.owner}:{inputs['username']}"


def _read_membership(api: Api, id_: str) -> Outputs | None:
    organization, login = _two(id_)
    found = api.find(f"/orgs/{organization}/memberships/{login}")
    if found is None:
        return None
    return {"username": found["user"]["login"], "role": found["role"], "etag": ""}


def _delete_membership(api: Api, id_: str, inputs: Inputs) -> None:
    organization, login = _two(id_)
    if inputs.get("downgradeOnDestroy"):
        api.call("PUT", f"/orgs/{organization}/memberships/{login}", {"role": "member"})
    else:
        api.call("DELETE", f"/orgs/{organization}/memberships/{login}")


# -- github:index/team:Team ---------------------------------------------------------------------------

_TEAM_FIELDS = {"name": "name", "description": "description", "privacy": "privacy"}


def _write_team(api: Api, inputs: Inputs, id_: str | None) -> str:
    body = {theirs: inputs.get(ours, "") for ours, theirs in _TEAM_FIELDS.items()}
    if id_ is None:
        try:
            return str(api.call("POST", f"/orgs/{api.owner}/teams", body)["id"])
        except ProviderError:
            # One that a killed run made has our name and nobody in it: a rehearsal goes on with it, where the
            # official provider asks for an import.
            known = api.find(f"/orgs/{api.owner}/teams/{inputs['name']}")
            if known is None or known["members_count"] or known["repos_count"]:
                raise
            id_ = str(known["id"])
    api.call("PATCH", f"/organizations/1/team/{id_}", body)
    return id_


def _read_team(api: Api, id_: str) -> Outputs | None:
    found = api.find(_team(api, id_))
    if found is None:
        return None
    return {
        "name": found["name"],
        "description": found["description"] or "",
        "privacy": found["privacy"],
        "slug": found["slug"],
        "nodeId": found["node_id"],
        "membersCount": found["members_count"],
        "createDefaultMaintainer": False,
        "notificationSetting": found["notification_setting"],
        "parentTeamId": "",
        "parentTeamReadId": "",
        "parentTeamReadSlug": "",
        "ldapDn": "",
        "etag": "",
    }


def _team_id(api: Api, given: str) -> str | None:
    """A team's number, which stays when it is renamed, from its number or slug."""
    found = api.find(_team(api, given))
    return None if found is None else str(found["id"])


def _delete_team(api: Api, id_: str, inputs: Inputs) -> None:
    api.call("DELETE", f"/organizations/1/team/{id_}")


# -- github:index/teamMembership:TeamMembership -------------------------------------------------------


def _write_team_membership(api: Api, inputs: Inputs, id_: str | None) -> str:
    team, login = inputs["teamId"], inputs["username"]
    api.call("PUT", f"{_team(api, team)}/memberships/{login}", {"role": inputs["role"]})
    return f"{team}:{login}"


def _read_team_membership(api: Api, id_: str) -> Outputs | None:
    team, login = _two(id_)
    found = api.find(f"{_team(api, team)}/memberships/{login}")
    return None if found is None else {"teamId": team, "username": login, "role": found["role"], "etag": ""}


def _delete_team_membership(api: Api, id_: str, inputs: Inputs) -> None:
    team, login = _two(id_)
    api.call("DELETE", f"{_team(api, team)}/memberships/{login}")


def _team(api: Api, team: str) -> str:
    """A team's path by id or slug, as the provider takes both."""
    return f"/organizations/1/team/{team}" if str(team).isdigit() else f"/orgs/{api.owner}/teams/{team}"


# -- github:index/teamRepository:TeamRepository -------------------------------------------------------

RIGHTS = ("pull", "triage", "push", "maintain", "admin")
_ROLES = {"read": "pull", "write": "push"}


def _write_team_repository(api: Api, inputs: Inputs, id_: str | None) -> str:
    team, repository = inputs["teamId"], inputs["repository"]
    body = {"permission": inputs["permission"]}
    api.call("PUT", f"{_team(api, team)}/repos/{api.owner}/{repository}", body)
    return f"{team}:{repository}"


def _read_team_repository(api: Api, id_: str) -> Outputs | None:
    team, repository = _two(id_)
    found = api.find(
        f"{_team(api, team)}/repos/{api.owner}/{repository}", "application/vnd.github.v3.repository+json"
    )
    if found is None:
        return None
    role = found["role_name"]
    return {"teamId": team, "repository": found["name"], "permission": _ROLES.get(role, role), "etag": ""}


def _delete_team_repository(api: Api, id_: str, inputs: Inputs) -> None:
    team, repository = _two(id_)
    api.call("DELETE", f"{_team(api, team)}/repos/{api.owner}/{repository}")


TYPES: Mapping[str, Type] = {
    each.token: each
    for each in (
        Type(
            "github:index/membership:Membership",
            _write_membership,
            _read_membership,
            _delete_membership,
            required=("username",),
            optional=("role", "downgradeOnDestroy"),
            replaces=("username",),
            defaults={"role": "member", "downgradeOnDestroy": False},
            allowed={"role": ("member", "admin")},
            caseless=("username",),
        ),
        Type(
            "github:index/team:Team",
            _write_team,
            _read_team,
            _delete_team,
            required=("name",),
            optional=("description", "privacy", "createDefaultMaintainer"),
            defaults={"privacy": "secret", "createDefaultMaintainer": False},
            allowed={"privacy": ("secret", "closed")},
            own_id=_team_id,
        ),
        Type(
            "github:index/teamMembership:TeamMembership",
            _write_team_membership,
            _read_team_membership,
            _delete_team_membership,
            required=("teamId", "username"),
            optional=("role",),
            replaces=("teamId", "username"),
            defaults={"role": "member"},
            allowed={"role": ("member", "maintainer")},
            caseless=("username",),
        ),
        Type(
            "github:index/teamRepository:TeamRepository",
            _write_team_repository,
            _read_team_repository,
            _delete_team_repository,
            required=("teamId", "repository"),
            optional=("permission",),
            replaces=("teamId", "repository"),
            defaults={"permission": "pull"},
            allowed={"permission": RIGHTS},
        ),
        Type(
            "github:index/branchProtectionV3:BranchProtectionV3",
            protection.write,
            protection.read,
            protection.delete,
            required=("repository", "branch"),
            optional=protection.OPTIONAL,
            replaces=("repository", "branch"),
            defaults=protection.DEFAULTS,
            silent=protection.SILENT,
        ),
    )
}
