"""The workplace's door: which service is meant, what a fault or a limit makes of it, and that it is kept."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from palier.local.emulator.faults import Dropped, Fault, Faults
from palier.local.workplace import control, github_people, github_work, scim, slack
from palier.local.workplace.github_errors import Refusal, not_found
from palier.local.workplace.github_routes import ROUTES, Hub
from palier.local.workplace.http import READS, Reply, Request, read
from palier.local.workplace.limits import Limits
from palier.local.workplace.world import World

GITHUB, SLACK, SCIM = "/github", "/slack/api/", "/slack/scim/v2"
# Imported for the routes that they register.
SERVICES = (github_people, github_work)

Answer = tuple[int, dict[str, str], bytes]


class Workplace:
    """GitHub and Slack of one local cloud. Served one request at a time."""

    def __init__(self, file: Path, faults: Faults) -> None:
        self.world, self.limits, self._faults = World(file), Limits(), faults
        self._lock = threading.Lock()

    @staticmethod
    def serves(path: str) -> bool:
        """Whether a path is one of ours."""
        return path.startswith(("/github/", "/slack/"))

    def answer(self, environ: dict[str, Any], path: str, body: bytes) -> tuple[Answer, dict[str, Any]]:
        """Answer a request, and say what it was. Raises Dropped after what is to be noted was noted in it."""
        request = read(environ, path, body)
        service, operation, writes = _told(request)
        told = {"service": service, "operation": operation, "path": request.path, "writes": writes}
        fault = self._faults.take_named(service, operation)
        if fault is not None and not fault.after:
            failed = _failed(fault, told)
            if failed is not None:
                return failed.encoded(), told
        with self._lock:
            reply = self._served(request, service, operation)
            if writes and reply.status < 400:
                self.world.save()
        if fault is not None and fault.after:
            reply = _failed(fault, told) or reply
        return reply.encoded(), told

    def _served(self, request: Request, service: str, operation: str) -> Reply:
        limited = self._limited(request, service, operation)
        if limited is not None:
            return limited
        if service == "slack":
            return self._slack(request)
        base = f"http://{request.headers.get('host', '127.0.0.1')}{GITHUB}"
        hub = Hub(self.world, base)
        try:
            found = ROUTES.find(request.method, _within(request))
            if found is None:
                raise not_found()
            route, named = found
            headers = hub.allow(route, request)
            inner = Request(
                request.method, _within(request), request.query, request.headers, request.fields, named
            )
            reply = route.serve(hub, inner)
            reply.headers = {**headers, "X-GitHub-Media-Type": "github.v3; format=json", **reply.headers}
            return reply
        except Refusal as refusal:
            return refusal.reply

    def _slack(self, request: Request) -> Reply:
        if request.path.startswith(SLACK):
            return slack.call(self.world, request.path.removeprefix(SLACK), request)
        found = scim.ROUTES.find(request.method, _within(request))
        if found is None:
            return Reply(404, {"ok": False, "error": "unknown_path"})
        refused = scim.refused(self.world, request)
        if refused is not None:
            return refused
        route, named = found
        return route.serve(
            self.world,
            Request(request.method, request.path, request.query, request.headers, request.fields, named),
        )

    def _limited(self, request: Request, service: str, operation: str) -> Reply | None:
        if not self.world.behaviour["rate_limits"]:
            return None
        if service == "github":
            return self.limits.github(request.method)
        channel = str(request.fields.get("channel", "")) if isinstance(request.fields, dict) else ""
        return self.limits.slack(operation, channel)

    # -- for `/palier-api` --------------------------------------------------------------------------

    def control(self, path: str, asked: Any) -> object:
        """What is asked of the workplace itself. Raises ValueError for what it does not understand."""
        with self._lock:
            told = control.serve(self.world, path, asked)
            if asked is not None:
                self.world.save()
                if path == "workplace/behaviour":
                    self.limits.forget()
            return told

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self.world.reset()
            self.limits.forget()


def _within(request: Request) -> str:
    """The path as the service's documentation has it."""
    for prefix in (SCIM, GITHUB):
        if request.path.startswith(f"{prefix}/"):
            return request.path.removeprefix(prefix)
    return request.path


def _told(request: Request) -> tuple[str, str, bool]:
    """Service, operation and whether it writes."""
    if request.path.startswith(SLACK):
        name = request.path.removeprefix(SLACK)
        return "slack", name, name not in slack.READS
    service = "slack" if request.path.startswith("/slack/") else "github"
    table = scim.ROUTES if service == "slack" else ROUTES
    found = table.find(request.method, _within(request))
    operation = found[0].operation if found else f"{request.method} {_within(request)}"
    return service, operation, request.method not in READS


def _failed(fault: Fault, told: dict[str, Any]) -> Reply | None:
    """What a fault makes of a request: None where it only takes its time."""
    time.sleep(fault.delay_seconds)
    if fault.reset:
        raise Dropped(told)
    if fault.status is None:
        return None
    body = {"ok": False, "error": fault.code} if told["service"] == "slack" else {"message": fault.message}
    return Reply(fault.status, body, dict(fault.headers or {}))
