"""What GitHub's errors mean to onboarding: a failure that may pass, one that stays, or nothing there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from palier.onboarding.calls import Gone, Passing, Refused, seconds_asked

SERVICE, TOKEN = "GitHub", "GITHUB_TOKEN"
PASSING_STATUSES = (408, 409, 425, 429, 500, 502, 503, 504)


def judged(error: Any, what: str) -> Exception:
    """What an error of PyGithub means to who asked."""
    status, headers = error.status, {key.lower(): value for key, value in (error.headers or {}).items()}
    said = _message(error)
    after = _wait(headers)
    if status == 409 and "repository is empty" in said.lower():
        return Gone(SERVICE, f"{what}: {said}")  # it has no commits, and waiting brings none
    if status in PASSING_STATUSES or (status == 403 and (after is not None or "rate limit" in said.lower())):
        return Passing(SERVICE, f"{what}: {status} {said}", after)
    if status == 404:
        return Gone(SERVICE, what)
    if status == 401:
        return Refused(
            f"GitHub does not accept the token of {TOKEN} ({said})", next_step=f"export a valid {TOKEN}"
        )
    if status == 403:
        return _forbidden(headers, what, said)
    return Refused(f"GitHub: {what}: {status} {said}", next_step="correct what it names, and run this again")


def _forbidden(headers: Mapping[str, str], what: str, said: str) -> Refused:
    wanted = [each.strip() for each in headers.get("x-accepted-oauth-scopes", "").split(",") if each.strip()]
    held = [each.strip() for each in headers.get("x-oauth-scopes", "").split(",") if each.strip()]
    if wanted and not set(wanted) & set(held):
        return Refused(
            f"GitHub: {what}: the token of {TOKEN} lacks the scope {' or '.join(wanted)} "
            f"(it has {', '.join(held) or 'none'})",
            next_step=f"give the token that scope, or export another {TOKEN}",
        )
    return Refused(f"GitHub: {what}: 403 {said}", next_step=f"see what the token of {TOKEN} may do")


def _message(error: Any) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    details = [
        str(each.get("message") or each.get("code"))
        for each in data.get("errors", [])
        if isinstance(each, dict)
    ]
    return ": ".join([str(data.get("message") or "no message"), *details])


def _wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that GitHub asks to wait: said, or until its hourly limit begins anew."""
    if (after := seconds_asked(headers.get("retry-after"))) is not None:
        return after
    if headers.get("x-ratelimit-remaining") != "0":
        return None
    begins = seconds_asked(headers.get("x-ratelimit-reset"))
    return None if begins is None else max(0.0, begins - time.time()) + 1.0
