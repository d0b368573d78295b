"""A small HTTP server on loopback for the tests of sources: it answers by path, and keeps what was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """One request as it came."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]


@dataclass
class Told:
    """An answer: JSON, or a text as it stands."""

    data: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Served:
    """The server under way: its address, what it was asked, and what answers."""

    def __init__(self, answer: Callable[[Asked], Told]) -> None:
        self.answer, self.asked, self.url = answer, list[Asked](), ""


@contextmanager
def serve(answer: Callable[[Asked], Told]) -> Iterator[Served]:
    """Serve `answer` until the block ends."""
    served = Served(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(parts.path, given, headers)
            served.asked.append(asked)
            told = served.answer(asked)
            body = (told.data if isinstance(told.data, str) else json.dumps(told.data)).encode()
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(body)), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests say what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
