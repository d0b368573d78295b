"""Slack's SCIM API: accounts made and switched off, on the plans that have it."""

from __future__ import annotations

import re
from typing import Any

from palier.local.workplace import slack
from palier.local.workplace.http import Reply, Request, Routes
from palier.local.workplace.world import World

ROUTES = Routes()
PLANS = ("business+", "enterprise")
_FILTER = re.compile(r'(?:email|emails\.value|userName) eq "([^"]*)"', re.IGNORECASE)


def refused(world: World, request: Request) -> Reply | None:
    """Why nobody may ask, None where they may."""
    if request.token != slack.ADMIN_TOKEN:
        return _error(401, "invalid_authentication")
    if world.slack["plan"] not in PLANS:
        return _error(403, "scim_is_not_available_on_this_plan")
    return None


def _error(status: int, detail: str) -> Reply:
    errors = {"description": detail, "code": status}
    return Reply(status, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "Errors": errors})


@ROUTES("GET", "/Users")
def find(world: World, request: Request) -> Reply:
    """Accounts, one by address or name where a filter asks."""
    wanted = _FILTER.fullmatch(request.query.get("filter", ""))
    found = [
        _shown(id_, user)
        for id_, user in world.slack["users"].items()
        if wanted is None or wanted[1].lower() in (user["email"].lower(), user["name"].lower())
    ]
    return Reply(
        200, {"totalResults": len(found), "Resources": found[: int(request.query.get("count", "100"))]}
    )


@ROUTES("POST", "/Users")
def create(world: World, request: Request) -> Reply:
    """Make an account."""
    mails = [each["value"] for each in request.fields.get("emails", []) if each.get("value")]
    if not mails or not request.fields.get("userName"):
        return _error(400, "emails and userName are required")
    if any(user["email"].lower() == mails[0].lower() for user in world.slack["users"].values()):
        return _error(409, "email_already_exists")
    name = request.fields.get("name", {})
    real = f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()
    joined = world.behaviour["slack_invitations"] != "pending"
    id_ = slack.account(world, mails[0], real or mails[0], joined=joined)
    return Reply(201, _shown(id_, world.slack["users"][id_]))


@ROUTES("PATCH", "/Users/{id}")
def change(world: World, request: Request) -> Reply:
    """Switch an account on or off."""
    user = world.slack["users"].get(request.named["id"])
    if user is None:
        return _error(404, "user_not_found")
    for operation in request.fields.get("Operations", []):
        if operation.get("path") == "active":
            _switch(world, request.named["id"], bool(operation.get("value")))
    return Reply(200, _shown(request.named["id"], user))


@ROUTES("DELETE", "/Users/{id}")
def delete(world: World, request: Request) -> Reply:
    """Switch an account off: Slack deletes none."""
    if request.named["id"] not in world.slack["users"]:
        return _error(404, "user_not_found")
    slack.deactivate(world, request.named["id"])
    return Reply(204)


def _switch(world: World, id_: str, active: bool) -> None:
    if active:
        world.slack["users"][id_]["active"] = True
    else:
        slack.deactivate(world, id_)


def _shown(id_: str, user: dict[str, Any]) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": id_,
        "userName": user["name"],
        "displayName": user["real_name"],
        "active": user["active"],
        "emails": [{"value": user["email"], "primary": True}],
    }
