"""GitHub's repositories: rights, branch protection, labels, issues."""

from __future__ import annotations

from typing import Any

from palier.local.workplace import github_shapes as shapes
from palier.local.workplace.github_errors import invalid, not_found
from palier.local.workplace.github_people import ADMIN_ORG
from palier.local.workplace.github_routes import ROUTES, Hub
from palier.local.workplace.http import Reply, Request, page

REPO = "repo"


def new_repository(hub: Hub, name: str, **more: Any) -> dict[str, Any]:
    """A repository as it begins."""
    made = {
        "id": hub.world.number(),
        "private": True,
        "default_branch": "main",
        "description": None,
        "labels": [],
        "issues": [],
        "protection": {},
    }
    repositories: dict[str, Any] = hub.world.github["repositories"]
    repositories[name] = made | more
    return made


@ROUTES("GET", "/orgs/{org}/repos", "read:org")
def repositories(hub: Hub, request: Request) -> Reply:
    """The organisation's repositories."""
    hub.organisation(request)
    names = sorted(hub.world.github["repositories"])
    return page(request, [shapes.repository(hub.world, hub.base, name) for name in names])


@ROUTES("POST", "/orgs/{org}/repos", ADMIN_ORG)
def create_repository(hub: Hub, request: Request) -> Reply:
    """Make a repository."""
    hub.organisation(request)
    name = str(request.fields.get("name") or "")
    if not name or name in hub.world.github["repositories"]:
        raise invalid("Repository", "name", "already exists on this account" if name else "is missing")
    new_repository(hub, name, private=bool(request.fields.get("private", False)))
    return Reply(201, shapes.repository(hub.world, hub.base, name))


@ROUTES("GET", "/repos/{owner}/{repo}")
def one_repository(hub: Hub, request: Request) -> Reply:
    """A repository."""
    return Reply(200, shapes.repository(hub.world, hub.base, hub.repository(request)))


@ROUTES("DELETE", "/repos/{owner}/{repo}", REPO)
def delete_repository(hub: Hub, request: Request) -> Reply:
    """Take a repository away."""
    name = hub.repository(request)
    del hub.world.github["repositories"][name]
    hub.world.github["deleted"].append(name)  # a world that is asked for again does not bring it back
    for team in hub.world.github["teams"].values():
        team["repositories"].pop(name, None)
    return Reply(204)


@ROUTES("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", REPO)
def permission(hub: Hub, request: Request) -> Reply:
    """What somebody may do, by whatever way: `none` for nothing."""
    name, login = hub.repository(request), hub.user(request.named["username"])
    right = shapes.right_of(hub.world, name, login)
    shown = {
        "permission": shapes.LEGACY[right] if right else "none",
        "role_name": shapes.ROLE_NAMES.get(right, right) if right else "none",
        "user": shapes.user(hub.world, hub.base, login),
    }
    return Reply(200, shown)


@ROUTES("GET", "/repos/{owner}/{repo}/branches/{branch+}/protection", REPO)
def protection(hub: Hub, request: Request) -> Reply:
    """A branch's protection."""
    name, branch = hub.repository(request), request.named["branch"]
    held = hub.world.github["repositories"][name]["protection"].get(branch)
    if held is None:
        raise not_found()
    return Reply(200, _protection(hub, name, branch, held))


@ROUTES("PUT", "/repos/{owner}/{repo}/branches/{branch+}/protection", REPO)
def protect(hub: Hub, request: Request) -> Reply:
    """Protect a branch: the request replaces what stood."""
    name, branch = hub.repository(request), request.named["branch"]
    for key in ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"):
        if key not in request.fields:
            raise invalid("ProtectedBranch", key, "wasn't supplied")
    held = {**request.fields, "signatures": False}
    hub.world.github["repositories"][name]["protection"][branch] = held
    return Reply(200, _protection(hub, name, branch, held))


@ROUTES("DELETE", "/repos/{owner}/{repo}/branches/{branch+}/protection", REPO)
def unprotect(hub: Hub, request: Request) -> Reply:
    """Take the protection away."""
    held = hub.world.github["repositories"][hub.repository(request)]["protection"]
    if held.pop(request.named["branch"], None) is None:
        raise not_found()
    return Reply(204)


@ROUTES("GET", "/repos/{owner}/{repo}/branches/{branch+}/protection/required_signatures", REPO)
def signatures(hub: Hub, request: Request) -> Reply:
    """Whether commits must be signed."""
    return Reply(200, {"enabled": bool(_held(hub, request)["signatures"])})


@ROUTES("POST", "/repos/{owner}/{repo}/branches/{branch+}/protection/required_signatures", REPO)
def require_signatures(hub: Hub, request: Request) -> Reply:
    """Ask for signed commits."""
    _held(hub, request)["signatures"] = True
    return Reply(200, {"enabled": True})


@ROUTES("DELETE", "/repos/{owner}/{repo}/branches/{branch+}/protection/required_signatures", REPO)
def forgo_signatures(hub: Hub, request: Request) -> Reply:
    """Ask for them no more."""
    _held(hub, request)["signatures"] = False
    return Reply(204)


def _held(hub: Hub, request: Request) -> dict[str, Any]:
    repository = hub.world.github["repositories"][hub.repository(request)]
    held: dict[str, Any] | None = repository["protection"].get(request.named["branch"])
    if held is None:
        raise not_found()
    return held


def _protection(hub: Hub, name: str, branch: str, held: dict[str, Any]) -> dict[str, Any]:
    url = f"{hub.base}/repos/{hub.world.github['organisation']}/{name}/branches/{branch}/protection"
    shown: dict[str, Any] = {
        "url": url,
        "enforce_admins": {"enabled": bool(held.get("enforce_admins"))},
        "required_linear_history": {"enabled": bool(held.get("required_linear_history"))},
        "allow_force_pushes": {"enabled": bool(held.get("allow_force_pushes"))},
        "allow_deletions": {"enabled": bool(held.get("allow_deletions"))},
        "required_conversation_resolution": {"enabled": bool(held.get("required_conversation_resolution"))},
        "required_signatures": {"enabled": bool(held["signatures"])},
    }
    if checks := held.get("required_status_checks"):
        contexts = checks.get("contexts") or [each["context"] for each in checks.get("checks") or []]
        rows = [{"context": each, "app_id": None} for each in contexts]
        shown["required_status_checks"] = {
            "strict": bool(checks.get("strict")),
            "contexts": contexts,
            "checks": rows,
        }
    if reviews := held.get("required_pull_request_reviews"):
        shown["required_pull_request_reviews"] = {
            "dismiss_stale_reviews": bool(reviews.get("dismiss_stale_reviews")),
            "require_code_owner_reviews": bool(reviews.get("require_code_owner_reviews")),
            "require_last_push_approval": bool(reviews.get("require_last_push_approval")),
            "required_approving_review_count": int(reviews.get("required_approving_review_count") or 0),
        }
    return shown


@ROUTES("GET", "/repos/{owner}/{repo}/branches/{branch}", REPO)
def branch(hub: Hub, request: Request) -> Reply:
    """A branch: there is the default one."""
    name = hub.repository(request)
    held = hub.world.github["repositories"][name]
    if request.named["branch"] != held["default_branch"]:
        raise not_found()
    return Reply(
        200, {"name": held["default_branch"], "protected": held["default_branch"] in held["protection"]}
    )


@ROUTES("GET", "/repos/{owner}/{repo}/labels", REPO)
def labels(hub: Hub, request: Request) -> Reply:
    """Labels of a repository."""
    name = hub.repository(request)
    full = f"{hub.world.github['organisation']}/{name}"
    held = hub.world.github["repositories"][name]["labels"]
    return page(request, [shapes.label(hub.base, full, each) for each in held])


@ROUTES("GET", "/repos/{owner}/{repo}/commits", REPO)
@ROUTES("GET", "/repos/{owner}/{repo}/pulls", REPO)
def nothing_yet(hub: Hub, request: Request) -> Reply:
    """Nobody commits in a rehearsal."""
    hub.repository(request)
    return page(request, [])


@ROUTES("GET", "/repos/{owner}/{repo}/issues", REPO)
def issues(hub: Hub, request: Request) -> Reply:
    """Issues and pull requests, newest first; several labels must all be there."""
    name, query = hub.repository(request), request.query
    wanted = {each for each in query.get("labels", "").split(",") if each}
    state, assignee = query.get("state", "open"), query.get("assignee")
    found = [
        shapes.issue(hub.world, hub.base, name, held)
        for held in reversed(hub.world.github["repositories"][name]["issues"])
        if state in ("all", held["state"])
        and wanted <= set(held["labels"])
        and _assigned(held, assignee)
        and held["updated_at"] >= query.get("since", "")
    ]
    return page(request, found)


def _assigned(held: dict[str, Any], assignee: str | None) -> bool:
    if assignee in (None, "*"):
        return assignee is None or bool(held["assignees"])
    if assignee == "none":
        return not held["assignees"]
    return str(assignee).lower() in {each.lower() for each in held["assignees"]}


def new_issue(hub: Hub, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """An issue; assignees who may not read the repository are left out without a word, as GitHub does."""
    repository = hub.world.github["repositories"][name]
    held = {
        "id": hub.world.number(),
        "number": len(repository["issues"]) + 1,
        "title": fields["title"],
        "body": fields.get("body") or "",
        "state": "open",
        "labels": list(fields.get("labels") or []),
        "assignees": _readers(hub, name, fields.get("assignees") or []),
        "author": fields.get("author", "palier-admin"),
        "created_at": fields.get("created_at") or shapes.now(),
        "updated_at": fields.get("updated_at") or shapes.now(),
        "pull": bool(fields.get("pull")),
    }
    repository["issues"].append(held)
    repository["labels"] = list(dict.fromkeys([*repository["labels"], *held["labels"]]))
    return held


def _readers(hub: Hub, name: str, logins: list[str]) -> list[str]:
    known = {each.lower(): each for each in hub.world.github["users"]}
    found = [known[each.lower()] for each in logins if each.lower() in known]
    return [each for each in dict.fromkeys(found) if shapes.right_of(hub.world, name, each)]


@ROUTES("POST", "/repos/{owner}/{repo}/issues", REPO)
def create_issue(hub: Hub, request: Request) -> Reply:
    """Open an issue."""
    name = hub.repository(request)
    if not request.fields.get("title"):
        raise invalid("Issue", "title", "can't be blank")
    return Reply(201, shapes.issue(hub.world, hub.base, name, new_issue(hub, name, request.fields)))


def _issue(hub: Hub, request: Request) -> tuple[str, dict[str, Any]]:
    name = hub.repository(request)
    for held in hub.world.github["repositories"][name]["issues"]:
        if str(held["number"]) == request.named["issue_number"]:
            return name, held
    raise not_found()


@ROUTES("GET", "/repos/{owner}/{repo}/issues/{issue_number}", REPO)
def one_issue(hub: Hub, request: Request) -> Reply:
    """An issue."""
    return Reply(200, shapes.issue(hub.world, hub.base, *_issue(hub, request)))


@ROUTES("PATCH", "/repos/{owner}/{repo}/issues/{issue_number}", REPO)
def change_issue(hub: Hub, request: Request) -> Reply:
    """Change an issue."""
    name, held = _issue(hub, request)
    fields = request.fields
    held.update(
        {key: fields[key] for key in ("title", "body", "state", "state_reason", "labels") if key in fields}
    )
    if "assignees" in fields:
        held["assignees"] = _readers(hub, name, fields["assignees"])
    held["updated_at"] = shapes.now()
    return Reply(200, shapes.issue(hub.world, hub.base, name, held))


@ROUTES("POST", "/repos/{owner}/{repo}/issues/{issue_number}/assignees", REPO)
def add_assignees(hub: Hub, request: Request) -> Reply:
    """Assign."""
    name, held = _issue(hub, request)
    more = _readers(hub, name, request.fields.get("assignees") or [])
    held["assignees"] = list(dict.fromkeys([*held["assignees"], *more]))
    held["updated_at"] = shapes.now()
    return Reply(201, shapes.issue(hub.world, hub.base, name, held))


@ROUTES("DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/assignees", REPO)
def remove_assignees(hub: Hub, request: Request) -> Reply:
    """Unassign."""
    name, held = _issue(hub, request)
    gone = {str(each).lower() for each in request.fields.get("assignees") or []}
    held["assignees"] = [each for each in held["assignees"] if each.lower() not in gone]
    held["updated_at"] = shapes.now()
    return Reply(200, shapes.issue(hub.world, hub.base, name, held))
