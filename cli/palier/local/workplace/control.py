"""What a rehearsal asks of the workplace itself: a world to begin with, how it behaves, what stands."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from palier.local.workplace import slack
from palier.local.workplace.github_routes import Hub
from palier.local.workplace.github_work import new_issue, new_repository
from palier.local.workplace.world import ADMIN, World

PLANS = ("free", "pro", "business+", "enterprise")
BEHAVIOUR: Mapping[str, tuple[Any, ...]] = {
    "invitations": ("accepted", "pending"),
    "slack_invitations": ("accepted", "pending"),
    "rate_limits": (True, False),
}


def serve(world: World, path: str, asked: Any) -> object:
    """One request; `asked` is None for a look. Raises ValueError."""
    if path == "workplace":
        return standing(world) if asked is None else ensure(world, asked)
    if path == "workplace/behaviour":
        return behave(world, asked or {})
    if path == "workplace/accept":
        return accept(world, asked or {})
    raise ValueError(f"no {path}; there are: workplace, workplace/behaviour, workplace/accept")


def behave(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Choose how the services behave; the plan of Slack is `slack_plan`."""
    for key, value in asked.items():
        if key == "slack_plan" and value in PLANS:
            world.slack["plan"] = value
        elif value in BEHAVIOUR.get(key, ()):
            world.behaviour[key] = value
        else:
            raise ValueError(f"{key}={value!r}: there are {dict(BEHAVIOUR)} and slack_plan of {PLANS}")
    return {**world.behaviour, "slack_plan": world.slack["plan"]}


def accept(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Somebody accepts their invitations: by `login` on GitHub, by `email` in Slack."""
    done = {"github": False, "slack": False}
    held = world.github["members"].get(asked.get("login"))
    if held is not None and held["state"] == "pending":
        held["state"], done["github"] = "active", True
    for user in world.slack["users"].values():
        if user["email"] == asked.get("email") and not user["joined"]:
            user["joined"], done["slack"] = True, True
    return done


def ensure(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Make what is asked for and not there; nothing is changed or taken away. Counts what was made."""
    made = {"users": 0, "repositories": 0, "accounts": 0, "channels": 0}
    hub = Hub(world, "")
    github, work = asked.get("github") or {}, asked.get("slack") or {}
    known = world.github
    if github.get("organisation") and known["organisation"] is None:
        known["organisation"] = github["organisation"]
        known["users"][ADMIN] = {"id": world.number(), "name": "Palier", "email": None}
        known["members"][ADMIN] = {"role": "admin", "state": "active"}
    for user in github.get("users", []):
        if user["login"] not in known["users"]:
            known["users"][user["login"]] = {
                "id": world.number(),
                "name": user.get("name"),
                "email": user.get("email"),
            }
            made["users"] += 1
    for repository in github.get("repositories", []):
        if repository["name"] not in (*known["repositories"], *known["deleted"]):
            new_repository(hub, repository["name"], private=bool(repository.get("private", True)))
            known["repositories"][repository["name"]]["labels"] = list(repository.get("labels", []))
            for issue in repository.get("issues", []):
                held = new_issue(hub, repository["name"], {**issue, "assignees": []})
                held["assignees"] = list(issue.get("assignees", []))
            made["repositories"] += 1
    return made | _ensure_slack(world, work)


def _ensure_slack(world: World, work: dict[str, Any]) -> dict[str, int]:
    made = {"accounts": 0, "channels": 0}
    if work.get("team") and not world.slack["team"]:
        world.slack["team"] = dict(work["team"])
        world.slack["plan"] = work.get("plan", world.slack["plan"])
    names = {held["name"] for held in world.slack["channels"].values()}
    for channel in work.get("channels", []):
        if channel["name"] not in names:
            id_ = f"C{world.number():08d}"
            world.slack["channels"][id_] = {"name": channel["name"], "members": [], "messages": []}
            made["channels"] += 1
    mails = {user["email"].lower() for user in world.slack["users"].values()}
    for user in work.get("users", []):
        if user["email"].lower() not in mails:
            slack.account(world, user["email"], user.get("real_name") or user["name"], joined=True)
            made["accounts"] += 1
    return made


def standing(world: World) -> dict[str, Any]:
    """What stands, by names instead of ids and without times, so that two looks can be compared."""
    data = copy.deepcopy(world.data)
    github, workspace = data["github"], data["slack"]
    for held in (*github["users"].values(), *github["teams"].values(), *github["repositories"].values()):
        held.pop("id")
    for repository in github["repositories"].values():
        for issue in repository["issues"]:
            for key in ("id", "created_at", "updated_at"):
                issue.pop(key)
    mails = {id_: user["email"] for id_, user in workspace["users"].items()} | {slack.BOT: "bot"}
    channels = {
        held["name"]: sorted(mails[id_] for id_ in held["members"]) for held in workspace["channels"].values()
    }
    messages = {
        mails[held["user"]]: [
            {key: value for key, value in each.items() if key != "ts"} for each in held["messages"]
        ]
        for held in workspace["conversations"].values()
    }
    return {
        "github": github,
        "slack": {
            "plan": workspace["plan"],
            "users": {user["email"]: user for user in workspace["users"].values()},
            "channels": channels,
            "messages": messages,
        },
        "behaviour": data["behaviour"],
    }
