"""Talk to the emulator's own interface, `/palier-api`: loopback only, and never through a proxy."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from palier.errors import OperationError

_OPENER = build_opener(ProxyHandler({}))


class Unreachable(Exception):
    """Nothing answers there, or what answers is not Palier's emulator."""


def ask(
    endpoint: str, path: str, *, method: str = "GET", body: object = None, timeout_seconds: float = 10.0
) -> Any:
    """Ask `/palier-api/<path>` and return the JSON answer. Raises Unreachable."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{endpoint}/palier-api/{path}", data=data, method=method)
    try:
        with _OPENER.open(request, timeout=timeout_seconds) as answer:
            return json.loads(answer.read())
    except HTTPError as error:
        error.close()
        raise Unreachable(f"{endpoint} answered {error.code}") from error
    except (URLError, OSError, ValueError) as error:
        raise Unreachable(f"{endpoint}: {error}") from error


def must_ask(endpoint: str, path: str, *, method: str = "GET", body: object = None) -> Any:
    """As `ask`, for who cannot go on without. Raises OperationError."""
    try:
        return ask(endpoint, path, method=method, body=body, timeout_seconds=60.0)
    except Unreachable as error:
        raise OperationError(
            f"the local cloud does not answer ({error})", next_step="palier local status; palier local start"
        ) from error
