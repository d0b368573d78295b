"""What a killed run leaves is settled: its processes, its lock, its pending operations."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from palier.errors import OperationError
from palier.phases import processes, recovery, state
from palier.phases.adoption import adopt
from palier.phases.runs import RunRecord
from palier.phases.stack import PhaseStack

from tests.unit.phases.conftest import Platform, resource
from tests.unit.phases.test_phase_state import ended_pid

ENGINE = """
import signal, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
signal.signal(signal.SIGINT, {handler})
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


@contextmanager
def left_engine(platform: Platform, handler: str) -> Iterator[RunRecord]:
    """An engine that runs on after its palier was killed, with a child of its own; ended with the block."""
    book = platform.stack().book
    record = replace(book.begin("up"), palier_pid=ended_pid())
    process = subprocess.Popen(
        [sys.executable, "-c", ENGINE.format(handler=handler)],
        env={**os.environ, processes.RUN_VARIABLE: record.run_id},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    reaper = threading.Thread(target=process.wait)  # as init reaps the orphans of a palier that has died
    reaper.start()
    try:
        yield book.started(record, process.pid)
    finally:
        processes.end(record.members(), grace_seconds=0.2)
        reaper.join(10)


def test_an_engine_left_by_a_killed_palier_is_stopped_in_good_order(platform: Platform) -> None:
    stopped = platform.root / "stopped"
    handler = f"lambda *_: (open({str(stopped)!r}, 'w').close(), sys.exit(0))"
    with left_engine(platform, handler) as record:
        recovery.settle(platform.stack(), platform.heard)
        assert stopped.exists()
        assert record.members() == []
    assert f"Stopping the engine of a palier that was killed (up, pid {record.pid})" in platform.heard.text
    assert platform.stack().book.read() is None


def test_an_engine_that_does_not_stop_in_time_is_killed_with_all_that_it_started(platform: Platform) -> None:
    with left_engine(platform, "signal.SIG_IGN") as record:
        recovery.settle(platform.stack(), platform.heard, grace_seconds=0.5)
        assert record.engine() is None
        assert record.members() == []
    assert "Ended what a killed run had left running: pid" in platform.heard.text


def _lock(platform: Platform, pid: int, host: str) -> Path:
    file = platform.backend / ".pulumi/locks/organization/first/local/a.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    content = {"pid": pid, "username": "ana", "hostname": host, "timestamp": "2026-11-22T21:43:39.067465363Z"}
    file.write_text(json.dumps(content))
    return file


def test_the_lock_of_a_dead_process_is_removed_and_told(platform: Platform) -> None:
    platform.state()
    pid = ended_pid()
    file = _lock(platform, pid, socket.gethostname())
    recovery.settle(platform.stack(), platform.heard)
    assert not file.exists()
    assert f"Removed the lock of a process that has died (pid {pid}" in platform.heard.text


def test_the_lock_of_another_host_stays_and_its_holder_is_named(platform: Platform) -> None:
    file = _lock(platform, 12, "elsewhere")
    with pytest.raises(OperationError) as refused:
        recovery.settle(platform.stack(), platform.heard)
    assert refused.value.lines() == [
        "the stack first (local) is locked by ana@elsewhere, pid 12, since 2026-11-22T21:43:39.067465363Z",
        "left: nothing was changed",
        "next: wait for it; if it surely has ended: cd stacks/first && pulumi cancel -s local",
    ]
    assert file.exists()


@pytest.mark.parametrize("torn", ["", '{"user.cache_con'])
def test_the_torn_attributes_of_a_killed_engine_are_removed(platform: Platform, torn: str) -> None:
    platform.state(resources=[resource("main", "vpc-1")])
    folder = platform.backend / ".pulumi/stacks/first"
    (folder / "local.json.attrs").write_text(torn)
    (folder / "local.json.bak.attrs").write_text('{"md5": "abc"}')
    (folder / "local.json.18ea7df4a55fa942.tmp").write_text("{")
    (folder / "production.json.attrs").write_text("")
    recovery.settle(platform.stack(), platform.heard)
    left = sorted(file.name for file in folder.iterdir())
    assert left == ["local.json", "local.json.bak.attrs", "production.json.attrs"]
    assert "Removed a half-written file of a killed run (local.json.attrs)" in platform.heard.text


class _Journal(BaseHTTPRequestHandler):
    """Answers as the emulator does, for the URNs in `creations`."""

    creations: dict[str, list[dict[str, Any]]]

    def do_GET(self) -> None:
        """Answer `/palier-api/creations?urn=...`."""
        (urn,) = parse_qs(urlsplit(self.path).query)["urn"]
        body = json.dumps(self.creations.get(urn, [])).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def journal() -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    """The address of an emulator's journal, and what it tells by URN."""
    creations: dict[str, list[dict[str, Any]]] = {}
    handler = type("Journal", (_Journal,), {"creations": creations})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", creations
    server.shutdown()
    thread.join()
    server.server_close()


def local_stack(platform: Platform, endpoint: str) -> PhaseStack:
    """The first phase's stack, with a local cloud at `endpoint`."""
    return PhaseStack(platform.phases[0], replace(platform.environment, endpoint=endpoint))


def pending(name: str, kind: str = "creating") -> dict[str, Any]:
    """A pending operation of a state."""
    entry = resource(name)
    entry.pop("id")
    return {"type": kind, "resource": entry}


def test_what_had_been_created_is_taken_over_and_what_had_not_is_dropped(
    platform: Platform,
    journal: tuple[str, dict[str, list[dict[str, Any]]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint, creations = journal
    creations[resource("made")["urn"]] = [{"operation": "CreateVpc", "status": 200}]
    asked: list[tuple[str, str, Any]] = []

    def find_created(urn: str, kind: str, inputs: Any, found: list[dict[str, Any]]) -> str | None:
        asked.append((urn, kind, inputs))
        return "vpc-made" if found else None

    monkeypatch.setattr("palier.local.provider.recovery.find_created", find_created)
    platform.state(
        resources=[resource("old", "vpc-old")], pending_operations=[pending("made"), pending("lost")]
    )
    stack = local_stack(platform, endpoint)
    recovery.settle(stack, platform.heard)
    now = stack.state()
    assert {entry.name: entry.id for entry in now.real} == {"old": "vpc-old", "made": "vpc-made"}
    assert now.pending == ()
    assert stack.book.owes_refresh()
    assert asked == [(resource("made")["urn"], "aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})]
    assert "aws:ec2/vpc:Vpc made: had been created, taken over (vpc-made)" in platform.heard.text
    assert "aws:ec2/vpc:Vpc lost: had not been created" in platform.heard.text


def test_an_id_that_the_state_already_has_is_not_taken_over_again(
    platform: Platform,
    journal: tuple[str, dict[str, list[dict[str, Any]]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint, creations = journal
    creations[resource("main")["urn"]] = [{"operation": "CreateVpc", "status": 200}]
    monkeypatch.setattr("palier.local.provider.recovery.find_created", lambda *_: "vpc-old")
    platform.state(resources=[resource("main", "vpc-old")], pending_operations=[pending("main")])
    stack = local_stack(platform, endpoint)
    recovery.settle(stack, platform.heard)
    assert [(entry.id, entry.delete) for entry in stack.state().real] == [("vpc-old", False)]


def test_interrupted_updates_and_deletions_need_only_the_refresh(platform: Platform) -> None:
    platform.state(resources=[resource("main", "vpc-1")], pending_operations=[pending("main", "updating")])
    stack = platform.stack()
    recovery.settle(stack, platform.heard)
    assert stack.book.owes_refresh()
    assert platform.calls("stack") == []


def test_a_real_account_is_asked_about_with_urns_tags_and_the_exact_command(platform: Platform) -> None:
    stack = PhaseStack(platform.phases[0], replace(platform.environment, name="production"))
    with pytest.raises(OperationError) as stopped:
        recovery.settle_pending(stack_with(stack, pending("main")), platform.heard, {})
    told = "\n".join(stopped.value.lines())
    urn = resource("main")["urn"]
    assert urn in told
    assert "palier:phase=first, palier:environment=production, palier:name=main" in told
    assert f"palier refresh first --env production --adopt '{urn}=<its id>'" in told
    assert f"--forget '{urn}'" in told


def stack_with(stack: PhaseStack, *operations: dict[str, Any]) -> PhaseStack:
    """The stack, its state written with pending operations."""
    assert stack.backend is not None
    file = stack.backend / ".pulumi" / "stacks" / stack.phase.name / f"{stack.name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"pending_operations": operations}}}))
    return stack


def test_the_user_decides_what_stands_in_a_real_account(platform: Platform) -> None:
    stack = PhaseStack(platform.phases[0], replace(platform.environment, name="production"))
    stack_with(stack, pending("main"), pending("logs"))
    choices = {resource("main")["urn"]: "vpc-0a1b", resource("logs")["urn"]: None}
    recovery.settle_pending(stack, platform.heard, choices)
    now = stack.state()
    assert [(entry.name, entry.id) for entry in now.real] == [("main", "vpc-0a1b")]
    assert now.pending == ()


def test_nothing_is_said_where_nothing_was_left(platform: Platform) -> None:
    platform.state(resources=[resource("main", "vpc-1")])
    recovery.settle(platform.stack(), platform.heard)
    assert platform.heard.lines == []
    assert not platform.stack().book.owes_refresh()


def test_the_old_one_of_an_interrupted_replacement_is_marked_for_deletion() -> None:
    deployment = {"resources": [resource("main", "vpc-old")], "pending_operations": [pending("main")]}
    adopted = adopt(deployment, {resource("main")["urn"]: "vpc-new"})
    read = state.parse(adopted)
    assert [(entry.id, entry.delete) for entry in read.resources] == [("vpc-old", True), ("vpc-new", False)]
    assert "pending_operations" not in adopted
    assert deployment["resources"] == [resource("main", "vpc-old")], "the export itself stays as it was"
