"""A small HTTP server for one machine: a thread a connection, connections kept open.

werkzeug's own closes after every answer; an AWS client makes thousands of small requests, and a connection
for each costs more than the answer. So its parsing is kept, and the writing is done here: one send an
answer, with a length, so that the connection can be used again.
"""

from __future__ import annotations

import logging
import socket
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from moto.moto_server.werkzeug_app import MotoRequestHandler

from palier.local.emulator.application import Application
from palier.local.emulator.faults import Dropped

log = logging.getLogger("palier.emulator")

IDLE_SECONDS = 300  # an open connection that nobody uses gives its thread back


class Handler(MotoRequestHandler):
    """Reads a request as moto's own handler does; writes the answer at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: Server  # type: ignore[assignment]  # werkzeug asks of it only what stands below

    def run_wsgi(self) -> None:
        """Serve one request of the connection."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        # A client may send the whole address, as to a proxy (RFC 9112, 3.2.2): what it asks for is the path.
        whole = urlsplit(environ["RAW_URI"])
        if whole.scheme and whole.netloc:
            origin = whole._replace(scheme="", netloc="", path=whole.path or "/").geturl()
            environ["RAW_URI"] = environ["REQUEST_URI"] = origin
        said: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            said[:] = [status, headers]

        try:
            content = b"".join(self.server.app(environ, start_response))
        except Dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)  # a fault that was asked for: no answer at all
            return
        status, headers = said
        code, _, phrase = status.partition(" ")
        lines = [f"HTTP/1.1 {code} {phrase}", *(f"{name}: {value}" for name, value in headers)]
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + content)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """The application logs what was asked; the HTTP line would say less."""


class Server(ThreadingHTTPServer):
    """Listens on loopback, and on nothing else."""

    daemon_threads = True
    request_queue_size = 128  # as many clients as may connect at the same moment
    allow_reuse_address = True
    # What werkzeug's handler asks of its server.
    multithread, multiprocess, ssl_context = True, False, None
    _server_version = "Palier"

    def __init__(self, port: int, app: Application) -> None:
        self.app = app
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A failed request goes to the log, and the server on."""
        log.exception("a request of %s could not be served", client_address)
