"""Slack's Web API, as far as a bot and an admin need it to bring people in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from palier.local.workplace.http import Reply, Request
from palier.local.workplace.world import World

BOT_TOKEN, ADMIN_TOKEN = "xoxb-palier-local", "xoxp-palier-local-admin"
BOT = "U0BOT"

Method = Callable[[World, dict[str, Any]], dict[str, Any]]
METHODS: dict[str, Method] = {}
# What each method changes nothing of (for the count of writes).
READS = frozenset(
    {
        "auth.test",
        "conversations.history",
        "conversations.info",
        "conversations.list",
        "conversations.members",
        "users.info",
        "users.list",
        "users.lookupByEmail",
    }
)
# Requests per minute (Slack's "Rate limits": tiers 1 to 4, and one message a second per channel).
TIERS = {
    "admin.users.invite": 20,
    "admin.users.remove": 20,
    "admin.users.session.reset": 20,
    "conversations.list": 20,
    "users.list": 20,
    "conversations.history": 50,
    "conversations.invite": 50,
    "conversations.join": 50,
    "conversations.kick": 50,
    "conversations.open": 50,
    "users.lookupByEmail": 50,
    "conversations.members": 100,
}


class SlackError(Exception):
    """An answer that is not ok."""

    def __init__(self, error: str, **more: str) -> None:
        self.body = {"ok": False, "error": error, **more}
        super().__init__(error)


def method(name: str) -> Callable[[Method], Method]:
    """Register a method of the Web API."""

    def register(serve: Method) -> Method:
        METHODS[name] = serve
        return serve

    return register


def call(world: World, name: str, request: Request) -> Reply:
    """Answer a method: always 200, `ok` tells."""
    try:
        if request.token not in (BOT_TOKEN, ADMIN_TOKEN):
            raise SlackError("invalid_auth" if request.token else "not_authed")
        if name not in METHODS:
            raise SlackError("unknown_method", req_method=name)
        if name.startswith("admin.") and request.token != ADMIN_TOKEN:
            raise SlackError("not_allowed_token_type")
        if name.startswith("admin.") and world.slack["plan"] != "enterprise":
            raise SlackError("feature_not_enabled")
        fields = {**request.query, **(request.fields if isinstance(request.fields, dict) else {})}
        return Reply(200, {"ok": True, **METHODS[name](world, fields)})
    except SlackError as error:
        return Reply(200, error.body)


@method("auth.test")
def auth_test(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Who the token is."""
    team = world.slack["team"]
    return {"user_id": BOT, "user": "palier", "team": team.get("name", ""), "team_id": "T0PALIER"}


@method("users.lookupByEmail")
def lookup(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Somebody by their address; not who is invited only, nor whose account is off."""
    for id_, user in world.slack["users"].items():
        if (
            user["email"].lower() == str(fields.get("email", "")).lower()
            and user["joined"]
            and user["active"]
        ):
            return {"user": _user(id_, user)}
    raise SlackError("users_not_found")


@method("users.list")
def users(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Everybody who has joined, also whose account is off."""
    found = [_user(id_, user) for id_, user in world.slack["users"].items() if user["joined"]]
    return _paged("members", found, fields)


@method("users.info")
def user_info(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Somebody by id."""
    return {"user": _user(fields.get("user", ""), _member(world, fields.get("user", "")))}


def _member(world: World, id_: str) -> dict[str, Any]:
    user: dict[str, Any] | None = world.slack["users"].get(id_)
    if user is None:
        raise SlackError("user_not_found")
    return user


def _user(id_: str, user: dict[str, Any]) -> dict[str, Any]:
    profile = {"email": user["email"], "real_name": user["real_name"]}
    return {
        "id": id_,
        "team_id": "T0PALIER",
        "name": user["name"],
        "real_name": user["real_name"],
        "deleted": not user["active"],
        "is_bot": False,
        "profile": profile,
    }


@method("conversations.list")
def conversations(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Channels, or the bot's own conversations with `types=im`."""
    kinds = str(fields.get("types") or "public_channel").split(",")
    found: list[dict[str, Any]] = []
    if "public_channel" in kinds:
        found += [_channel(id_, held) for id_, held in world.slack["channels"].items()]
    if "im" in kinds:
        found += [
            {"id": id_, "is_im": True, "user": held["user"]}
            for id_, held in world.slack["conversations"].items()
        ]
    return _paged("channels", found, fields)


def _channel(id_: str, held: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": id_,
        "name": held["name"],
        "is_channel": True,
        "is_archived": False,
        "is_member": BOT in held["members"],
        "num_members": len(held["members"]),
    }


def _paged(key: str, rows: list[Any], fields: dict[str, Any]) -> dict[str, Any]:
    size, begins = int(fields.get("limit") or 100), int(fields.get("cursor") or 0)
    following = str(begins + size) if begins + size < len(rows) else ""
    return {key: rows[begins : begins + size], "response_metadata": {"next_cursor": following}}


@method("conversations.members")
def members(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Members of a channel."""
    return _paged("members", sorted(_known(world, fields)["members"]), fields)


def _known(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] | None = world.slack["channels"].get(fields.get("channel"))
    if held is None:
        raise SlackError("channel_not_found")
    return held


@method("conversations.join")
def join(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """The bot joins."""
    held = _known(world, fields)
    if BOT not in held["members"]:
        held["members"].append(BOT)
    return {"channel": _channel(fields["channel"], held)}


@method("conversations.invite")
def invite(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Somebody is brought in, by a bot that is in."""
    held, wanted = _known(world, fields), str(fields.get("users", "")).split(",")
    if BOT not in held["members"]:
        raise SlackError("not_in_channel")
    for id_ in wanted:
        if not _member(world, id_)["active"]:
            raise SlackError("user_not_found")
    if all(id_ in held["members"] for id_ in wanted):
        raise SlackError("already_in_channel")
    held["members"].extend(id_ for id_ in wanted if id_ not in held["members"])
    return {"channel": _channel(fields["channel"], held)}


@method("conversations.kick")
def kick(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Somebody is taken out."""
    held = _known(world, fields)
    if fields.get("user") not in held["members"]:
        raise SlackError("not_in_channel")
    held["members"].remove(fields["user"])
    return {}


@method("conversations.open")
def open_(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """The conversation with one person, the same each time."""
    user = str(fields.get("users", ""))
    if not _member(world, user)["active"]:
        raise SlackError("user_disabled")
    for id_, held in world.slack["conversations"].items():
        if held["user"] == user:
            return {"channel": {"id": id_}, "already_open": True, "no_op": True}
    id_ = f"D{world.number():08d}"
    world.slack["conversations"][id_] = {"user": user, "messages": []}
    return {"channel": {"id": id_}}


@method("conversations.history")
def history(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Messages, newest first; their metadata only where it is asked for."""
    held = world.slack["conversations"].get(fields.get("channel")) or _known(world, fields)
    metadata = str(fields.get("include_all_metadata", "")).lower() in ("true", "1")
    shown = [
        {key: value for key, value in message.items() if metadata or key != "metadata"}
        for message in reversed(held["messages"])
    ]
    return _paged("messages", shown, fields)


@method("chat.postMessage")
def post(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """A message."""
    held = world.slack["conversations"].get(fields.get("channel")) or _known(world, fields)
    if not fields.get("text"):
        raise SlackError("no_text")
    message = {"type": "message", "user": BOT, "text": fields["text"], "ts": f"{time.time():.6f}"}
    if fields.get("metadata"):
        given = fields["metadata"]
        message["metadata"] = json.loads(given) if isinstance(given, str) else given
    held["messages"].append(message)
    return {"channel": fields["channel"], "ts": message["ts"], "message": message}


def account(world: World, email: str, name: str, *, joined: bool) -> str:
    """Make an account, and return its id."""
    id_ = f"U{world.number():08d}"
    world.slack["users"][id_] = {
        "email": email,
        "name": email.partition("@")[0],
        "real_name": name,
        "active": True,
        "joined": joined,
    }
    return id_


@method("admin.users.invite")
def admin_invite(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Invite to the workspace."""
    email = str(fields.get("email", ""))
    for user in world.slack["users"].values():
        if user["email"] == email and user["active"]:
            raise SlackError("already_in_team" if user["joined"] else "already_in_team_invited_user")
    joined = world.behaviour["slack_invitations"] != "pending"
    id_ = account(world, email, str(fields.get("real_name") or email), joined=joined)
    for channel in str(fields.get("channel_ids", "")).split(","):
        if channel in world.slack["channels"]:
            world.slack["channels"][channel]["members"].append(id_)
    return {}


@method("admin.users.remove")
def admin_remove(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Take a member out of the workspace."""
    deactivate(world, str(fields.get("user_id", "")))
    return {}


@method("admin.users.session.reset")
def reset_sessions(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """End sessions."""
    _member(world, str(fields.get("user_id", "")))
    return {}


def deactivate(world: World, id_: str) -> None:
    """Switch an account off; it leaves every channel, and its sessions end."""
    _member(world, id_)["active"] = False
    for channel in world.slack["channels"].values():
        channel["members"] = [each for each in channel["members"] if each != id_]
