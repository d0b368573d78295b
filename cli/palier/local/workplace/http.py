"""A request and its answer, and a table of routes; no more of HTTP than the two services need."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

READS = ("GET", "HEAD")


@dataclass(frozen=True)
class Request:
    """What was asked: `fields` is the body read as JSON or as a form, `named` the parts of the path."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    fields: Any
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """The token of the Authorization header, or of a form."""
        given = self.headers.get("authorization", "")
        if given:
            return given.partition(" ")[2].strip()
        return str(self.fields.get("token", "")) if isinstance(self.fields, dict) else ""


@dataclass
class Reply:
    """What is answered. A body of None is an empty one."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[int, dict[str, str], bytes]:
        """As the emulator's server wants it."""
        content = b"" if self.body is None else json.dumps(self.body).encode()
        return self.status, {"Content-Type": "application/json; charset=utf-8", **self.headers}, content


Serve = Callable[[Any, Request], Reply]


@dataclass(frozen=True)
class Route:
    """One route: `operation` names it, in faults and in the list of requests."""

    method: str
    template: str
    serve: Serve
    scope: str | None
    pattern: re.Pattern[str]

    @property
    def operation(self) -> str:
        """As the service's own documentation writes it."""
        return f"{self.method} {self.template}"


class Routes:
    """A table of routes, filled by decorated functions."""

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def __call__(self, method: str, template: str, scope: str | None = None) -> Callable[[Serve], Serve]:
        """Register a function. `{name}` is one part of the path, `{name+}` the rest of it."""
        parts = re.split(r"(\{[a-z_]+\+?\})", template)
        pattern = "".join(_part(part) for part in parts)

        def register(serve: Serve) -> Serve:
            self._routes.append(Route(method, template, serve, scope, re.compile(pattern)))
            return serve

        return register

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a request, and the parts of its path."""
        for route in self._routes:
            if route.method == method and (found := route.pattern.fullmatch(path)):
                return route, {name: unquote(value) for name, value in found.groupdict().items()}
        return None


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part.strip("{}").rstrip("+")
    return f"(?P<{name}>.+)" if part.endswith("+}") else f"(?P<{name}>[^/]+)"


def read(environ: Mapping[str, Any], path: str, body: bytes) -> Request:
    """A request of WSGI. A body that is neither JSON nor a form is an empty one."""
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    kind = str(environ.get("CONTENT_TYPE", ""))
    fields: Any = {}
    if "x-www-form-urlencoded" in kind and body[:1] not in (b"{", b"["):
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif body:
        try:
            fields = json.loads(body)
        except ValueError:
            fields = {}
    return Request(environ["REQUEST_METHOD"], path, query, headers, fields)


def page(request: Request, found: Iterable[Any]) -> Reply:
    """A page of a list, with GitHub's Link header where there are more."""
    rows = list(found)
    size = min(100, int(request.query.get("per_page", "30")))
    number = int(request.query.get("page", "1"))
    begins = (number - 1) * size
    headers = {}
    if begins + size < len(rows):
        query = "&".join(f"{key}={value}" for key, value in request.query.items() if key != "page")
        base = f"http://{request.headers.get('host', '127.0.0.1')}/github{request.path}"
        headers["Link"] = f'<{base}?{query}{"&" if query else ""}page={number + 1}>; rel="next"'
    return Reply(200, rows[begins : begins + size], headers)
