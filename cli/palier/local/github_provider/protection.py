"""github:index/branchProtectionV3:BranchProtectionV3: the REST API's protection of a branch.

The newer BranchProtection goes over GraphQL, which the local cloud does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from palier.local.github_provider.api import Api

OPTIONAL = (
    "enforceAdmins",
    "requireConversationResolution",
    "requireSignedCommits",
    "requiredPullRequestReviews",
    "requiredStatusChecks",
)
DEFAULTS: Mapping[str, Any] = {
    "enforceAdmins": False,
    "requireConversationResolution": False,
    "requireSignedCommits": False,
}
_REVIEWS = {
    "dismissStaleReviews": ("dismiss_stale_reviews", False),
    "requireCodeOwnerReviews": ("require_code_owner_reviews", False),
    "requireLastPushApproval": ("require_last_push_approval", False),
    "requiredApprovingReviewCount": ("required_approving_review_count", 1),
}


SILENT: Mapping[str, Any] = {
    **DEFAULTS,
    **{ours: default for ours, (_, default) in _REVIEWS.items()},
    "strict": False,
    "checks": [],
}


def write(api: Api, inputs: Mapping[str, Any], id_: str | None) -> str:
    """Replace the branch's protection, then set whether commits must be signed."""
    path = _path(api, inputs["repository"], inputs["branch"])
    reviews, checks = inputs.get("requiredPullRequestReviews"), inputs.get("requiredStatusChecks")
    body = {
        "enforce_admins": bool(inputs.get("enforceAdmins")),
        "required_conversation_resolution": bool(inputs.get("requireConversationResolution")),
        "restrictions": None,
        "required_pull_request_reviews": reviews
        and {theirs: reviews.get(ours, default) for ours, (theirs, default) in _REVIEWS.items()},
        "required_status_checks": checks
        and {
            "strict": bool(checks.get("strict")),
            "contexts": list(checks.get("contexts") or checks.get("checks") or []),
        },
    }
    api.call("PUT", path, body)
    if id_ is not None or inputs.get("requireSignedCommits"):
        api.call("POST" if inputs.get("requireSignedCommits") else "DELETE", f"{path}/required_signatures")
    return f"{inputs['repository']}:{inputs['branch']}"


def read(api: Api, id_: str) -> dict[str, Any] | None:
    """What stands."""
    repository, _, branch = id_.partition(":")
    found = api.find(_path(api, repository, branch))
    if found is None:
        return None
    shown: dict[str, Any] = {
        "repository": repository,
        "branch": branch,
        "etag": "",
        "enforceAdmins": found["enforce_admins"]["enabled"],
        "requireConversationResolution": found["required_conversation_resolution"]["enabled"],
        "requireSignedCommits": found["required_signatures"]["enabled"],
    }
    if reviews := found.get("required_pull_request_reviews"):
        shown["requiredPullRequestReviews"] = {
            ours: reviews[theirs] for ours, (theirs, _) in _REVIEWS.items()
        }
    if checks := found.get("required_status_checks"):
        shown["requiredStatusChecks"] = {"strict": checks["strict"], "checks": checks["contexts"]}
    return shown


def delete(api: Api, id_: str, inputs: Mapping[str, Any]) -> None:
    """Take it away."""
    repository, _, branch = id_.partition(":")
    api.call("DELETE", _path(api, repository, branch))


def _path(api: Api, repository: str, branch: str) -> str:
    return f"/repos/{api.owner}/{repository}/branches/{quote(branch, safe='')}/protection"
