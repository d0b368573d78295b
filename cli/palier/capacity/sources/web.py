"""JSON over HTTP: a token that goes to one host alone, errors in one line, no waiting without end."""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlencode, urlsplit

from palier.capacity.sources.model import failed
from palier.capacity.sources.settings import LOOPBACK

TIMEOUT_SECONDS = 30
MOST_BYTES = 64 * 1024 * 1024
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its headers, and its JSON; None where the body is none."""

    status: int
    headers: Mapping[str, str]
    data: Any


class Web:
    """Asks one origin, for one source."""

    def __init__(self, source: str, url: str, headers: Mapping[str, str]) -> None:
        self.source, self.url, self._headers = source, url, dict(headers)
        self.shown = urlsplit(url).netloc  # for messages
        handlers: list[urllib.request.BaseHandler] = [_SameOrigin(url)]
        if urlsplit(url).hostname in LOOPBACK:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """GET below the origin's address. Raises OperationError where no answer in JSON comes."""
        return self.get_url(self.url + path + (f"?{urlencode(parameters)}" if parameters else ""))

    def get_url(self, url: str) -> Answer:
        """GET an address that the origin itself gave. Raises OperationError, also for another origin."""
        if not same_origin(url, self.url):
            raise failed(self.source, f"{self.shown} sends on to {urlsplit(url).netloc or 'nowhere'}")
        request = urllib.request.Request(url, headers={"User-Agent": "palier", **self._headers})
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return self._read(answer.status, answer.headers, answer)
        except urllib.error.HTTPError as error:
            with error:
                return self._read(error.code, error.headers, error)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
            raise failed(self.source, f"{self.shown} does not answer: {text}") from None

    def _read(self, status: int, headers: Message, body: Any) -> Answer:
        content = body.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise failed(self.source, f"{self.shown} answers with more than {MOST_BYTES >> 20} MiB")
        lower = {name.lower(): value for name, value in headers.items()}
        if status in REDIRECTS:
            raise failed(self.source, f"{self.shown} sends on to another host", next_step="give that as url")
        try:
            return Answer(status, lower, json.loads(content))
        except ValueError:
            if status >= 400:  # of a proxy, perhaps; the status says more than the page
                return Answer(status, lower, None)
            raise failed(self.source, f"{self.shown} does not answer in JSON (HTTP {status})") from None


class _SameOrigin(urllib.request.HTTPRedirectHandler):
    """Follows a redirect within the origin alone: urllib would send the token along to any host."""

    def __init__(self, url: str) -> None:
        self._url = url

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The request to go on with; None leaves the redirect as the answer."""
        if not same_origin(newurl, self._url):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses share scheme, host and port."""
    try:
        first, second = urlsplit(one), urlsplit(other)
        return (first.scheme, first.hostname, first.port) == (second.scheme, second.hostname, second.port)
    except ValueError:
        return False


def bearer(source: str, variable: str | None) -> dict[str, str]:
    """The header with the token of an environment variable; none for no variable.

    Raises OperationError where the variable is empty or holds what no header may; it never shows the token.
    """
    if variable is None:
        return {}
    token = os.environ.get(variable, "").strip()
    if not token:
        raise failed(source, f"{variable} is not set", next_step=f"put the token into {variable}")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise failed(source, f"what {variable} holds is no token: it has blanks or other signs")
    return {"Authorization": f"Bearer {token}"}
