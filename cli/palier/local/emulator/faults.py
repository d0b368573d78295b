"""Faults on demand: answer an error or take a while, for the requests that match.

For tests of partial failure and of timing: a request with an error never reaches the emulated service, but
for a fault `after` its effect.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from xml.sax.saxutils import escape

from palier.local.emulator.calls import Call


@dataclass
class Fault:
    """What to match (None: anything) and what to do, `times` times (None: for ever).

    With `status`, that HTTP status with the service's error `code` and `message`, and `headers`; with
    `delay_seconds`, wait first; with `reset`, close the connection without an answer; with `after`, all that
    only once the request took effect, so that who asked cannot know.
    """

    service: str | None = None
    operation: str | None = None
    region: str | None = None
    status: int | None = None
    code: str = "InternalFailure"
    message: str = "a fault that was asked for"
    delay_seconds: float = 0.0
    times: int | None = 1
    headers: dict[str, str] | None = None
    reset: bool = False
    after: bool = False

    def matches(self, call: Call) -> bool:
        """Whether this fault is for `call`."""
        wanted = ((self.service, call.service), (self.operation, call.operation), (self.region, call.region))
        return all(want is None or want == have for want, have in wanted)


class Dropped(Exception):
    """The connection is to be closed without an answer."""


class Faults:
    """The faults in force, in the order they were put."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def put(self, described: object) -> int:
        """Replace all faults. Raises ValueError for what does not describe a list of faults."""
        if not isinstance(described, list):
            raise ValueError("a list of faults is wanted")
        known = {field.name for field in fields(Fault)}
        for one in described:
            if not isinstance(one, dict) or set(one) - known:
                raise ValueError(f"a fault has only: {', '.join(sorted(known))}")
        with self._lock:
            self._faults = [Fault(**one) for one in described]
            return len(self._faults)

    def told(self) -> list[dict[str, object]]:
        """The faults in force, with how many times each is still to come."""
        with self._lock:
            return [dict(fault.__dict__) for fault in self._faults]

    def take(self, call: Call) -> Fault | None:
        """The first fault that matches, counted as used."""
        return self._take(lambda fault: fault.matches(call))

    def take_named(self, service: str, operation: str) -> Fault | None:
        """The same for a request to GitHub or Slack."""
        return self._take(
            lambda fault: fault.service in (None, service) and fault.operation in (None, operation)
        )

    def _take(self, matches: Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if matches(fault) and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None


def failed_answer(fault: Fault, call: Call) -> tuple[int, dict[str, str], bytes] | None:
    """What a fault makes of a request to AWS: None where it only takes its time. Raises Dropped."""
    time.sleep(fault.delay_seconds)
    if fault.reset:
        raise Dropped
    if fault.status is None:
        return None
    status, headers, body = error_answer(call, fault.status, fault.code, fault.message)
    return status, {**headers, **(fault.headers or {})}, body


def error_answer(call: Call, status: int, code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    """An AWS error in the protocol that the SDK expects of this service."""
    if call.protocol == "cbor":
        headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return status, headers, _cbor({"__type": code, "message": message})
    if call.protocol == "json":
        body = {"__type": code, "message": message}
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
        return status, headers, json.dumps(body).encode()
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if call.service == "s3":
        text = f"<Error>{inner}<RequestId>palier</RequestId></Error>"
    elif call.service == "ec2":
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>palier</RequestID></Response>"
    else:
        error = f"<Error><Type>Sender</Type>{inner}</Error>"
        text = f"<ErrorResponse>{error}<RequestId>palier</RequestId></ErrorResponse>"
    return status, {"Content-Type": "text/xml"}, text.encode()


def _cbor(fields: dict[str, str]) -> bytes:
    """A map of texts in CBOR (RFC 8949): major type 5 with texts, major type 3, of two length bytes."""
    parts = [bytes([0xA0 | len(fields)])]
    for text in (part for pair in fields.items() for part in pair):
        encoded = text.encode()[:65535]
        parts.append(b"\x79" + len(encoded).to_bytes(2, "big") + encoded)
    return b"".join(parts)
