"""GitHub's REST API on loopback, with the retries and the words of the official provider."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from palier.local.provider.errors import ProviderError
from palier.local.provider.patience import Patience

LOOPBACK = ("127.0.0.1", "localhost", "::1")
JSON = "application/vnd.github+json"
TIMEOUT_SECONDS = 30
# Longer than GitHub's secondary limits ask to wait (a minute), shorter than anybody waits for an engine.
PATIENCE_SECONDS = 120.0
PASSING = (500, 502, 503, 504)


class Api:
    """One organisation through one token."""

    def __init__(self, base_url: str | None, token: str | None, owner: str) -> None:
        """Raises ProviderError for an address that is not this machine's."""
        if not base_url or urlsplit(base_url).hostname not in LOOPBACK:
            raise ProviderError(
                "GITHUB_BASE_URL is not on this machine: Palier's own provider serves the local cloud alone"
            )
        self._base, self._token, self.owner = base_url.rstrip("/"), token or "", owner
        self._opener = build_opener(ProxyHandler({}))

    def find(self, path: str, accept: str = JSON) -> Any | None:
        """GET; None for what is not there."""
        try:
            return self.call("GET", path, accept=accept)
        except NotThere:
            return None

    def call(self, method: str, path: str, body: Any = None, accept: str = JSON) -> Any:
        """A request, again where it may pass. The answer as JSON, True for an empty one.

        Raises NotThere for 404, ProviderError for every other refusal.
        """
        patience = Patience(PATIENCE_SECONDS)
        while True:
            try:
                return self._once(method, path, body, accept)
            except _MayPass as error:
                if not patience.holds(error.after_seconds):
                    raise ProviderError(str(error)) from None

    def _once(self, method: str, path: str, body: Any, accept: str) -> Any:
        url = f"{self._base}{path}"
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": accept,
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        try:
            with self._opener.open(
                Request(url, data, headers, method=method), timeout=TIMEOUT_SECONDS
            ) as answer:
                content = answer.read()
                return json.loads(content) if content else True
        except HTTPError as error:
            with error:
                raise _judged(error, method, path) from None
        except (URLError, OSError) as error:
            raise _MayPass(f"{method} {path}: {error}", None) from None


class NotThere(ProviderError):
    """404."""


class _MayPass(Exception):
    def __init__(self, text: str, after_seconds: float | None) -> None:
        self.after_seconds = after_seconds
        super().__init__(text)


def _judged(error: HTTPError, method: str, path: str) -> Exception:
    said = _message(error)
    text = f"{method} {path}: {error.code} {said}"
    after = error.headers.get("Retry-After")
    if error.code in PASSING or error.code == 429 or (error.code == 403 and after is not None):
        return _MayPass(text, float(after) if after and after.isdigit() else None)
    if error.code == 404:
        return NotThere(text)
    if error.code == 403:
        wanted, held = (error.headers.get(name, "") for name in ("X-Accepted-OAuth-Scopes", "X-OAuth-Scopes"))
        lacking = f"; the token lacks the scope {wanted} (it has {held or 'none'})" if wanted else ""
        return ProviderError(text + lacking)
    return ProviderError(text)


def _message(error: HTTPError) -> str:
    try:
        body = json.loads(error.read())
    except (ValueError, OSError):
        return "no message"
    details = [str(each.get("message", each.get("code"))) for each in body.get("errors") or []]
    return "; ".join([str(body.get("message", "no message")), *details])
