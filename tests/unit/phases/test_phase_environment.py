"""Environments: the local one sees nothing of the user's, any other one all of it."""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from palier.engine.model import Engine
from palier.errors import InputError
from palier.local import cloud, layout, pidfile
from palier.phases import environment

from tests.unit.phases.conftest import Heard
from tests.unit.phases.test_phase_state import ended_pid

ENGINE = Engine(
    Path("/opt/engine"), Path("/opt/engine/bin"), Path("/opt/engine/bin/pulumi"), "3.220.0", "path"
)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine is there; the local cloud's folder is the test's own."""
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(tmp_path / "local"))
    monkeypatch.setenv("PALIER_LOCAL_PORT", "4999")
    monkeypatch.setattr("palier.engine.find_engine", lambda: ENGINE)


class Health(BaseHTTPRequestHandler):
    """Answers `/palier-api/health` as a ready emulator with our own pid."""

    def do_GET(self) -> None:
        """The one answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"pid": os.getpid(), "ready": True, "mutations": 0}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def record_of(pid: int, port: int) -> None:
    """Write the local cloud's pid file."""
    place = layout.layout()
    place.make()
    began = pidfile.process_began(pid) or "an earlier boot:1"
    pidfile.write(place.pid_file, pidfile.Record(pid, began, port, "eu-west-3", "2026-11-22T21:00:00+00:00"))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which starts of the local cloud were asked for."""
    asked: list[str] = []

    def start(_report: object) -> cloud.Status:
        asked.append("start")
        return cloud.Status(True, "http://127.0.0.1:4999", 4999)

    monkeypatch.setattr(cloud, "start", start)
    return asked


def test_another_environment_is_the_users_own(monkeypatch: pytest.MonkeyPatch, started: list[str]) -> None:
    theirs = {
        "AWS_PROFILE": "production",
        "PULUMI_HOME": "/home/ana/.pulumi",
        "PULUMI_BACKEND_URL": "s3://states",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    ready = environment.prepare("production", Heard())
    assert theirs.items() <= dict(ready.variables).items()
    assert ready.endpoint is None
    assert started == []


def test_the_engine_and_the_virtual_environment_come_first_on_the_path_everywhere(started: list[str]) -> None:
    for name in ("production", "local"):
        ready = environment.prepare(name, Heard())
        first = ready.variables["PATH"].split(os.pathsep)[:2]
        assert first == [str(Path(sys.prefix) / "bin"), "/opt/engine/bin"]


def test_the_local_environment_sees_nothing_of_the_users(
    monkeypatch: pytest.MonkeyPatch, started: list[str], tmp_path: Path
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "PULUMI_ACCESS_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "theirs")
    ready = environment.prepare("local", Heard())
    assert "theirs" not in ready.variables.values()
    assert ready.variables["AWS_ENDPOINT_URL"] == ready.endpoint == "http://127.0.0.1:4999"
    assert ready.variables["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/local/backend"
    assert (tmp_path / "local/backend").stat().st_mode & 0o777 == 0o700


def test_a_local_cloud_that_runs_is_asked_once_and_not_started_again(started: list[str]) -> None:
    server = HTTPServer(("127.0.0.1", 0), Health)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        record_of(os.getpid(), server.server_port)
        heard = Heard()
        ready = environment.prepare("local", heard)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert ready.endpoint == f"http://127.0.0.1:{server.server_port}"
    assert ready.emptied, "nothing is in its journal"
    assert started == []
    assert heard.lines == []


def test_a_local_cloud_that_had_died_is_started_again_with_a_word(started: list[str]) -> None:
    record_of(ended_pid(), 4999)
    heard = Heard()
    environment.prepare("local", heard)
    assert started == ["start"]
    assert heard.lines == ["warning: the local cloud had died; starting it again from its journal"]


def test_looking_at_the_local_states_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, started: list[str]
) -> None:
    monkeypatch.setattr("palier.engine.find_engine", lambda: pytest.fail("an engine was looked for"))
    ready = environment.to_look_at("local", Heard())
    assert ready.variables["PULUMI_BACKEND_URL"].startswith("file://")
    assert started == []


@pytest.mark.parametrize("name", ["", "a b", "../local", "x" * 101])
def test_a_name_that_no_stack_may_have_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot name an environment"):
        environment.prepare(name, Heard())
