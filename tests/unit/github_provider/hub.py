"""The local cloud's GitHub in this process, and the provider in front of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import grpc
from palier.local.emulator.faults import Faults
from palier.local.github_provider.servicer import Provider
from palier.local.layout import WORKPLACE_TOKENS
from palier.local.workplace.front import Workplace
from pulumi.runtime.proto import provider_pb2_grpc

from tests.engine.support.driven import Driven

TOKEN = WORKPLACE_TOKENS["GITHUB_TOKEN"]
WORLD = {
    "github": {
        "organisation": "jobo",
        "users": [
            {"login": login, "name": login, "email": f"{login}@jobo.example"} for login in ("Ada", "bob")
        ],
        "repositories": [{"name": "shop-api", "private": True, "labels": [], "issues": []}],
    }
}


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        return None


@dataclass
class Hub:
    """GitHub with one organisation; `told` is what was asked of it."""

    workplace: Workplace
    faults: Faults
    told: list[dict[str, Any]] = field(default_factory=list)
    base_url: str = ""

    @property
    def github(self) -> dict[str, Any]:
        """What stands."""
        return self.workplace.world.github

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Answer."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        (status, headers, content), told = self.workplace.answer(environ, environ["PATH_INFO"], body)
        self.told.append({**told, "status": status})
        start_response(f"{status} .", list(headers.items()))
        return [content]


@contextmanager
def hub(folder: Path) -> Iterator[Hub]:
    """A GitHub on a loopback port."""
    faults = Faults()
    one = Hub(Workplace(folder / "workplace.json", faults), faults)
    one.workplace.control("workplace", WORLD)
    one.workplace.control("workplace/behaviour", {"rate_limits": False})
    server = make_server("127.0.0.1", 0, one, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    one.base_url = f"http://127.0.0.1:{server.server_port}/github/"
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def provider(**settings: Any) -> Iterator[Driven]:
    """The provider over gRPC, configured."""
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider("0.0.0"), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    try:
        one = Driven(provider_pb2_grpc.ResourceProviderStub(channel))
        one.configure(**settings)
        yield one
    finally:
        channel.close()
        server.stop(0).wait()
