"""The WSGI application: AWS on one side, `/palier-api` on the other.

Every request to AWS is told apart, may meet a fault that was asked for, and is then the engine's. The last
few thousand are remembered: who asked what, with which key, and what it was answered.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from palier import __version__
from palier.local.emulator import summary
from palier.local.emulator.calls import Call, identify
from palier.local.emulator.engine import Answer, Engine
from palier.local.emulator.faults import Dropped, Faults, error_answer, failed_answer
from palier.local.emulator.regions import REGIONS
from palier.local.workplace.front import Workplace

log = logging.getLogger("palier.emulator")

REMEMBERED = 5000  # requests: several ups of every phase
SILENCE_POLL_SECONDS = 0.2  # how soon a held request notices that its region is back
SILENCE_SECONDS = 300.0  # longer than any client waits (botocore 60 s, the provider 120 s); frees the thread
Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Application:
    """What the server serves."""

    def __init__(self, engine: Engine, facts: dict[str, Any]) -> None:
        self.engine, self.facts = engine, facts
        self.ready = False
        self.failed: str | None = None
        self.faults = Faults()
        self.workplace = Workplace(engine.journal.path.with_name("workplace.json"), self.faults)
        self._requests: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        self._seen = 0
        self.written: Counter[str] = Counter()  # requests that write, ever, to GitHub and Slack

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        length = environ.get("CONTENT_LENGTH")
        stream = environ["wsgi.input"]
        body = stream.read(int(length)) if length else b""
        if not length and environ.get("wsgi.input_terminated"):
            body = stream.read()
        path = environ.get("PATH_INFO", "")
        if path.startswith("/palier-api/"):
            status, headers, content = self._own(environ, path.removeprefix("/palier-api/"), body)
        elif path.startswith(("/github/", "/slack/")):
            status, headers, content = self._at_work(environ, path, body)
        else:
            status, headers, content = self._aws(environ, body)
        headers.pop("Content-Length", None)
        start_response(
            f"{status} {HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else 'Other'}",
            [*headers.items(), ("Content-Length", str(len(content)))],
        )
        return [content]

    def _aws(self, environ: Environ, body: bytes) -> Answer:
        began = time.monotonic()
        call = identify(environ, body)
        try:
            answer = self._aws_answer(call, environ, body)
        except Dropped:
            self._note(call, 0, time.monotonic() - began)
            raise
        self._note(call, answer[0], time.monotonic() - began)
        return answer

    def _aws_answer(self, call: Call, environ: Environ, body: bytes) -> Answer:
        """Raises Dropped where a fault closes the connection."""
        if REGIONS.mode_for(call) is not None:
            return _outage(call)
        fault = self.faults.take(call)
        if fault is not None and not fault.after and (failed := failed_answer(fault, call)):
            return failed
        answer: Answer = (
            self.engine.answer(call, environ, body)
            if self.ready
            else error_answer(call, 503, "ServiceUnavailable", "the local cloud is replaying its journal")
        )
        if fault is not None and fault.after:
            answer = failed_answer(fault, call) or answer
        return answer

    def _at_work(self, environ: Environ, path: str, body: bytes) -> Answer:
        began = time.monotonic()
        try:
            answer, told = self.workplace.answer(environ, path, body)
        except Dropped as dropped:
            self._remember(environ["REQUEST_METHOD"], 0, dropped.args[0], time.monotonic() - began)
            raise
        self._remember(environ["REQUEST_METHOD"], answer[0], told, time.monotonic() - began)
        return answer

    def _remember(self, method: str, status: int, told: dict[str, Any], seconds: float) -> None:
        self._seen += 1
        self.written[told["service"]] += bool(told["writes"])
        known = {"number": self._seen, "method": method, "region": "", "access_key": "", "urn": None}
        self._requests.append({**known, **told, "status": status, "milliseconds": round(seconds * 1000, 1)})
        log.info("%s %s %d %.0f ms", told["service"], told["operation"], status, seconds * 1000)

    def _note(self, call: Call, status: int, seconds: float) -> None:
        self._seen += 1
        self._requests.append(
            {
                "number": self._seen,
                "method": call.method,
                "service": call.service,
                "operation": call.operation,
                "region": call.region,
                "access_key": call.access_key,
                "writes": not call.reads,
                "status": status,
                "urn": call.urn,
                "milliseconds": round(seconds * 1000, 1),
            }
        )
        log.info("%s %s %s %d %.0f ms", call.region, call.service, call.operation, status, seconds * 1000)

    def _own(self, environ: Environ, path: str, body: bytes) -> Answer:
        asked = {key: values[0] for key, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        routes: dict[tuple[str, str], Callable[[dict[str, str], bytes], object]] = {
            ("GET", "health"): lambda asked, body: self.health(),
            ("GET", "creations"): lambda asked, body: self.engine.creations(asked["urn"]),
            ("GET", "summary"): lambda asked, body: self.engine.look(summary.standing),
            ("GET", "requests"): lambda asked, body: self._since(int(asked.get("since", "0"))),
            ("POST", "reset"): lambda asked, body: self._reset(),
            ("GET", "regions"): lambda asked, body: REGIONS.told(),
            ("PUT", "regions"): lambda asked, body: self.engine.control(body),
            ("GET", "workplace"): lambda asked, body: self.workplace.control("workplace", None),
            ("PUT", "workplace"): lambda asked, body: self.workplace.control("workplace", json.loads(body)),
            ("PUT", "workplace/behaviour"): lambda asked, body: self.workplace.control(
                "workplace/behaviour", json.loads(body)
            ),
            ("POST", "workplace/accept"): lambda asked, body: self.workplace.control(
                "workplace/accept", json.loads(body)
            ),
            ("GET", "faults"): lambda asked, body: {"faults": self.faults.told()},
            ("PUT", "faults"): lambda asked, body: {"faults": self.faults.put(json.loads(body))},
        }
        serve = routes.get((environ["REQUEST_METHOD"], path))
        if serve is None:
            known = ", ".join(f"{method} {name}" for method, name in routes)
            return _json(404, {"error": f"no {environ['REQUEST_METHOD']} {path}; there are: {known}"})
        try:
            return _json(200, serve(asked, body))
        except (KeyError, ValueError, TypeError) as error:
            return _json(400, {"error": f"{type(error).__name__}: {error}"})

    def health(self) -> dict[str, Any]:
        """What the emulator is, and how far its replay."""
        replay = self.engine.replay_state
        return {
            **self.facts,
            "palier": __version__,
            "pid": os.getpid(),
            "ready": self.ready,
            "loaded": self.engine.loaded.is_set(),
            "mutations": self.engine.journal.count,
            "written": dict(self.written),
            "problem": self.engine.problem,
            "regions": REGIONS.told(),
            "replay": {"done": replay.done, "total": replay.total, "diverged": replay.diverged},
        }

    def _since(self, number: int) -> list[dict[str, Any]]:
        return [request for request in list(self._requests) if request["number"] > number]

    def _reset(self) -> dict[str, Any]:
        self.engine.reset()
        self.workplace.reset()
        self.faults.put([])
        self._requests.clear()
        return {"reset": True}


def _outage(call: Call) -> Answer:
    """What a failing region answers: nothing for as long as it is silent, an error otherwise."""
    gives_up = time.monotonic() + SILENCE_SECONDS
    while REGIONS.mode_for(call) == "silence" and time.monotonic() < gives_up:
        time.sleep(SILENCE_POLL_SECONDS)
    return error_answer(call, 503, "ServiceUnavailable", f"{call.region} fails, as it was asked to")


def _json(status: int, value: object) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()
