"""moto behind one lock: loaded, made deterministic, mended, journalled, replayed.

moto is not safe for threads, and a replay needs one order of effects: so requests are served one at a
time. That costs little, since they share one interpreter anyway.
"""

from __future__ import annotations

import base64
import importlib
import io
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from palier.local.emulator.calls import Call, identify
from palier.local.emulator.determinism import CLOCK, Determinism, Source
from palier.local.emulator.faults import error_answer
from palier.local.emulator.journal import Entry, Journal
from palier.local.emulator.regions import REGIONS

log = logging.getLogger("palier.emulator")

# What a service imports only in the middle of a request: loaded with it, so that it is mended before.
COMPANIONS = {
    "autoscaling": ("ec2", "elbv2"),
    "cloudfront": ("acm", "wafv2"),
    "elasticache": ("ec2",),
    "elbv2": ("ec2", "acm"),
    "rds": ("ec2", "kms", "secretsmanager"),
}
# Mended with paths of their own: moto reads a service's paths once, as it first serves it. The service that
# is asked for, and the one of moto's that serves it.
WITH_PATHS = {"cloudfront": "cloudfront", "cloudfront-keyvaluestore": "cloudfront"}
# Loaded in the background once the emulator answers (a second's work), so that nobody waits for it later.
SERVICES = (
    "ec2",
    "iam",
    "elbv2",
    "autoscaling",
    "kms",
    "rds",
    "elasticache",
    "s3",
    "sns",
    "cloudwatch",
    "logs",
    "route53",
    "ssm",
    "secretsmanager",
    "sts",
    "acm",
    "cloudfront",
    "wafv2",
)
# Not kept: they say how a request travelled or prove who sent it, and change nothing of what it does.
DROPPED_HEADERS = ("HTTP_CONNECTION", "HTTP_ACCEPT_ENCODING", "HTTP_AMZ_SDK", "HTTP_X_AMZ_SECURITY_TOKEN")

CONTROL = "palier"  # the service of an entry that is no request to AWS: what was asked of REGIONS

T = TypeVar("T")
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Replay:
    """How far the replay is, and what did not come out as recorded."""

    done: int = 0
    total: int = 0
    diverged: list[str] = field(default_factory=list)


class Engine:
    """Answers AWS requests, and keeps what they changed."""

    def __init__(self, journal: Journal) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self.journal = journal
        self.replay_state = Replay(total=journal.count)
        self.loaded = threading.Event()
        self.lock = threading.Lock()
        self.problem: str | None = None
        self._moto: Any = DomainDispatcherApplication(create_backend_app)
        self._source = Source(journal.seed, journal.born_at)
        self._determinism = Determinism(self._source)
        self._created: dict[str, list[dict[str, Any]]] = {}

    def load(self) -> None:
        """Load what every request needs; until then requests wait. Services load as they are asked for."""
        with self.lock:
            self._load("iam")
        self.loaded.set()

    def load_rest(self) -> None:
        """Load the services that nobody has asked for yet, one at a time between requests."""
        for service in SERVICES:
            with self.lock:
                self._load(service)

    def _load(self, *services: str) -> None:
        """Import services, and mend what that loaded."""
        from palier.local.emulator import mends

        with self._source.apart(None):  # what a service draws as it is loaded is no request's
            for service in services:
                for part in ("models", "responses", "urls"):
                    importlib.import_module(f"moto.{service}.{part}")
            if self._determinism.adopt():
                mends.apply_pending()

    def answer(self, call: Call, environ: dict[str, Any], body: bytes) -> Answer:
        """Answer one request; what it changed is in the journal when this returns."""
        self.loaded.wait()
        with self.lock:
            self._source.begin(self.journal.count)
            CLOCK.held = at = time.time()
            try:
                answer = self._dispatch(call, environ, body)
            finally:
                CLOCK.held = None
            if call.stateless or (call.reads and not self._source.drawn()):
                return answer
            entry = _entry(self.journal.count, at, answer[0], call, environ, body)
            try:
                self.journal.append(entry)
            except OSError as error:
                self.problem = f"the journal cannot be written ({error}): a restart loses what followed"
                log.error("%s", self.problem)
                return error_answer(call, 500, "InternalFailure", self.problem)
            self._remember(call, entry.number, answer)
            return answer

    def control(self, body: bytes) -> dict[str, Any]:
        """Make a region fail or lag, or end that; in the journal when this returns.

        Raises ValueError, KeyError or TypeError for a body that asks for something else.
        """
        self.loaded.wait()
        with self.lock:
            at = time.time()
            told = REGIONS.apply(body, at)
            number = self.journal.count
            self.journal.append(Entry(number, at, 200, CONTROL, "PutRegion", "", "PUT", "", {}, body))
            return told

    def replay(self) -> None:
        """Do everything in the journal again, and note what does not come out as recorded."""
        self.loaded.wait()
        with self.lock:
            for entry in self.journal.entries():
                if entry.service == CONTROL:
                    REGIONS.apply(entry.body, entry.at)
                    self.replay_state.done += 1
                    continue
                environ = _environ(entry)
                call = identify(environ, entry.body)
                self._source.begin(entry.number)
                CLOCK.held = entry.at
                try:
                    answer = self._dispatch(call, environ, entry.body)
                finally:
                    CLOCK.held = None
                if answer[0] != entry.status:
                    self.replay_state.diverged.append(
                        f"request {entry.number}, {entry.service} {entry.operation} in {entry.region}: "
                        f"answered {answer[0]} now, {entry.status} when it was recorded"
                    )
                self._remember(call, entry.number, answer)
                self.replay_state.done += 1

    def reset(self) -> None:
        """Forget everything that stands, and the journal."""
        self.loaded.wait()
        with self.lock:
            _forget()
            REGIONS.clear()
            self.journal.empty()
            self._source.seed, self._source.born_at = self.journal.seed, self.journal.born_at
            self._created.clear()
            self.replay_state = Replay()

    def creations(self, urn: str) -> list[dict[str, Any]]:
        """The successful changes that were made for the creation of resource `urn`, in order."""
        with self.lock:
            return list(self._created.get(urn, ()))

    def look(self, question: Callable[[], T]) -> T:
        """Ask something of moto's state while nothing changes it."""
        self.loaded.wait()
        with self.lock:
            return question()

    def _remember(self, call: Call, number: int, answer: Answer) -> None:
        status, headers, body = answer
        if call.urn is None or not 200 <= status < 300:
            return
        self._created.setdefault(call.urn, []).append(
            {
                "sequence": number,
                "service": call.service,
                "operation": call.operation,
                "region": call.region,
                "status": status,
                "headers": headers,
                "body_base64": base64.b64encode(body).decode(),
            }
        )

    def _dispatch(self, call: Call, environ: dict[str, Any], body: bytes) -> Answer:
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        said: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
            said[:] = [int(status.split(" ", 1)[0]), headers]

        try:
            if call.service in WITH_PATHS:
                self._load(WITH_PATHS[call.service])
            with self._source.apart(None):
                application = self._moto.get_application(environ)
            self._load(*COMPANIONS.get(call.service, ()))
            parts: Iterable[bytes] = application(environ, start_response)
            content = b"".join(parts)
            getattr(parts, "close", lambda: None)()
        except NotImplementedError as error:
            return error_answer(
                call, 501, "NotImplemented", f"the local cloud has no {call.operation}: {error}"
            )
        except Exception as error:
            log.exception("%s %s failed in the emulator", call.service, call.operation)
            text = f"the local cloud failed at {call.operation}: {type(error).__name__}: {error}"
            return error_answer(call, 500, "InternalFailure", text)
        return said[0], dict(said[1]), content


def _forget() -> None:
    """Drop every backend of moto.

    moto's own reset makes each of them anew first, defaults and all, and then drops it: 0.3 s for nothing.
    Only those with something to give back (S3 holds files open) are asked to.
    """
    from moto.core.base_backend import BackendDict, BaseBackend
    from moto.core.model_instances import reset_model_data

    made: list[Any] = vars(BackendDict)["_instances"]
    for backends in made:
        for _, _, backend in list(backends.iter_backends()):
            if type(backend).reset is not BaseBackend.reset:
                backend.reset()
        backends.clear()
    made.clear()
    reset_model_data()


def _entry(number: int, at: float, status: int, call: Call, environ: dict[str, Any], body: bytes) -> Entry:
    kept = {
        name: value
        for name, value in environ.items()
        if (name.startswith("HTTP_") or name == "CONTENT_TYPE") and not name.startswith(DROPPED_HEADERS)
    }
    if "HTTP_AUTHORIZATION" in kept:
        kept["HTTP_AUTHORIZATION"] = kept["HTTP_AUTHORIZATION"].partition(", Signature=")[0]
    return Entry(
        number=number,
        at=at,
        status=status,
        service=call.service,
        operation=call.operation,
        region=call.region,
        method=call.method,
        uri=environ["RAW_URI"],
        headers=kept,
        body=body,
    )


def _environ(entry: Entry) -> dict[str, Any]:
    """The WSGI environment of a recorded request."""
    from werkzeug.test import EnvironBuilder

    path, _, query = entry.uri.partition("?")
    environ = EnvironBuilder(path="/", method=entry.method, query_string=query).get_environ()
    environ.update(entry.headers)
    environ["PATH_INFO"] = unquote(path).encode().decode("latin-1")
    environ["RAW_URI"] = environ["REQUEST_URI"] = entry.uri
    return environ
