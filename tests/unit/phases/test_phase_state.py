"""Reading states, backends and locks from the engine's own files."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from palier.errors import OperationError
from palier.phases import locks, processes, state

from tests.unit.phases.conftest import Platform, resource

SECRET = {state.SIGNATURE_KEY: state.SECRET_SIGNATURE, "ciphertext": "v1:abc"}
ROOT = {"urn": "urn:pulumi:local::first::pulumi:pulumi:Stack::first-local", "type": "pulumi:pulumi:Stack"}


def test_only_what_a_provider_made_in_the_cloud_counts_as_standing() -> None:
    component = {"urn": "urn:pulumi:local::first::palier:first:First::main", "type": "palier:first:First"}
    provider = {
        "urn": "urn:pulumi:local::first::pulumi:providers:aws::default",
        "type": "pulumi:providers:aws",
        "custom": True,
        "id": "1",
    }
    read = state.parse({"resources": [ROOT, component, provider, resource("main", "vpc-1")]})
    assert [entry.name for entry in read.real] == ["main"]
    assert read.stands


def test_secret_outputs_are_masked_however_deep_they_are() -> None:
    outputs = {"password": SECRET, "endpoints": [{"url": "https://a", "token": SECRET}], "port": 5432}
    read = state.parse({"resources": [{**ROOT, "outputs": outputs}]})
    assert read.outputs == {
        "password": "[secret]",
        "endpoints": [{"url": "https://a", "token": "[secret]"}],
        "port": 5432,
    }


def test_a_new_stack_has_a_state_without_a_deployment(tmp_path: Path) -> None:
    file = tmp_path / ".pulumi/stacks/first/local.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"version": 3, "checkpoint": {"stack": "organization/first/local"}}')
    read = state.read_file(tmp_path, "first", "local")
    assert read.exists
    assert not read.stands


def test_a_whole_deployment_is_read_with_its_secrets_as_they_are(tmp_path: Path) -> None:
    assert state.read_deployment(tmp_path, "first", "local") == {}
    file = tmp_path / ".pulumi/stacks/first/local.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"version": 3, "checkpoint": {"stack": "organization/first/local"}}')
    assert state.read_deployment(tmp_path, "first", "local") == {}
    deployment = {"resources": [{**ROOT, "outputs": {"password": SECRET}}]}
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": deployment}}))
    assert state.read_deployment(tmp_path, "first", "local") == deployment


def test_a_compressed_state_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / ".pulumi/stacks/first/local.json.gz"
    file.parent.mkdir(parents=True)
    content = {"version": 3, "checkpoint": {"latest": {"resources": [resource("main", "vpc-1")]}}}
    file.write_bytes(gzip.compress(json.dumps(content).encode()))
    assert state.read_file(tmp_path, "first", "local").stands


def test_no_state_file_means_no_stack(tmp_path: Path) -> None:
    assert state.read_file(tmp_path, "first", "local") == state.ABSENT


def test_a_torn_state_is_told_with_where_the_earlier_ones_are(tmp_path: Path) -> None:
    file = tmp_path / ".pulumi/stacks/first/local.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"version": 3, "checkp')
    with pytest.raises(OperationError) as failed:
        state.read_file(tmp_path, "first", "local")
    assert str(file) in failed.value.lines()[0]
    assert "local.json.bak" in failed.value.lines()[1]


def test_pending_operations_keep_their_kind_and_inputs() -> None:
    read = state.parse({"pending_operations": [{"type": "creating", "resource": resource("main")}]})
    assert [(operation.kind, operation.name) for operation in read.pending_creates] == [("creating", "main")]
    assert read.pending[0].inputs == {"cidrBlock": "10.0.0.0/16"}


@pytest.mark.parametrize(
    ("variables", "project", "login", "expected"),
    [
        ({"PULUMI_BACKEND_URL": "file:///var/states"}, "", "", "/var/states"),
        ({"PULUMI_BACKEND_URL": "s3://bucket"}, "backend: {url: 'file:///var/states'}", "", None),
        ({}, "backend:\n  url: file:///var/states\n", "file:///elsewhere", "/var/states"),
        ({}, "", "file:///var/my%20states", "/var/my states"),
        ({}, "", "https://api.pulumi.com", None),
        ({}, "", "", None),
    ],
)
def test_the_backend_is_the_one_that_the_engine_would_use(
    tmp_path: Path, variables: dict[str, str], project: str, login: str, expected: str | None
) -> None:
    (tmp_path / "Pulumi.yaml").write_text(f"name: first\n{project}")
    (tmp_path / "credentials.json").write_text(json.dumps({"current": login}))
    found = state.file_backend({"PULUMI_HOME": str(tmp_path), **variables}, tmp_path)
    assert found == (Path(expected) if expected else None)


def test_a_backend_below_the_home_folder_is_found_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state.file_backend({"PULUMI_BACKEND_URL": "file://~/states"}, tmp_path) == tmp_path / "states"


def test_the_last_run_is_the_newest_of_the_history(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi/history/first/local"
    folder.mkdir(parents=True)
    for moment, result in ((1, "succeeded"), (2, "failed")):
        (folder / f"local-{moment}.history.json").write_text(json.dumps({"kind": "update", "result": result}))
        (folder / f"local-{moment}.history.json.attrs").write_text("{}")
    last = state.last_run(tmp_path, "first", "local")
    assert last is not None
    assert last["result"] == "failed"
    assert state.last_run(tmp_path, "second", "local") is None


def _lock(platform: Platform, pid: int, host: str | None = None, since: datetime | None = None) -> Path:
    folder = platform.backend / ".pulumi/locks/organization/first/local"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{pid}.json"
    moment = (since or datetime.now(UTC)).isoformat().replace("+00:00", "Z")
    content = {"pid": pid, "username": "ana", "hostname": host or socket.gethostname(), "timestamp": moment}
    file.write_text(json.dumps(content))
    file.with_name(file.name + ".attrs").write_text("{}")
    return file


def ended_pid() -> int:
    """The pid of a process that has just ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_lock_of_a_process_that_has_ended_is_a_dead_one(platform: Platform) -> None:
    _lock(platform, ended_pid())
    assert [lock.is_dead() for lock in locks.read(platform.backend, "first", "local")] == [True]


def test_the_lock_of_a_living_process_is_not_dead(platform: Platform) -> None:
    _lock(platform, os.getpid())
    assert [lock.is_dead() for lock in locks.read(platform.backend, "first", "local")] == [False]


def test_a_lock_of_another_host_is_never_called_dead(platform: Platform) -> None:
    _lock(platform, ended_pid(), host="elsewhere")
    assert [lock.is_dead() for lock in locks.read(platform.backend, "first", "local")] == [False]


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="start times are told by /proc")
def test_a_lock_older_than_the_process_of_its_pid_is_a_dead_one(platform: Platform) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        _lock(platform, process.pid, since=datetime.now(UTC) - timedelta(hours=1))
        assert [lock.is_dead() for lock in locks.read(platform.backend, "first", "local")] == [True]
    finally:
        process.kill()
        process.wait()


def test_a_half_written_lock_is_a_dead_one_and_goes_with_its_attributes(platform: Platform) -> None:
    file = _lock(platform, 1)
    file.write_text('{"pid": 12')
    (lock,) = locks.read(platform.backend, "first", "local")
    assert lock.is_dead()
    locks.remove(lock)
    assert list(file.parent.iterdir()) == []


def test_a_lock_that_was_not_yet_renamed_counts_as_it_does_for_the_engine(platform: Platform) -> None:
    file = _lock(platform, ended_pid())
    passing = file.rename(file.with_name(file.name + ".18ea7df4a55fa942.tmp"))
    (lock,) = locks.read(platform.backend, "first", "local")
    assert lock.is_dead()
    locks.remove(lock)
    assert not passing.exists()


def test_the_process_of_a_run_is_told_by_its_mark_and_not_by_its_name() -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours = subprocess.Popen(sleep, env={**os.environ, processes.RUN_VARIABLE: "mine"}, start_new_session=True)
    other = subprocess.Popen(
        sleep, env={**os.environ, processes.RUN_VARIABLE: "theirs"}, start_new_session=True
    )
    try:
        assert processes.wait_until(lambda: processes.of_run("mine", ours.pid) == [ours.pid], 5)
        ended = processes.end(processes.of_run("mine", ours.pid))
        assert ended == [ours.pid]
        assert ours.wait(5) != 0
        assert other.poll() is None
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()


def test_a_process_that_ignores_a_polite_end_is_killed() -> None:
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    program = f"import signal, time; {ignore}; print(1, flush=True); time.sleep(60)"
    deaf = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    try:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        processes.end([deaf.pid], grace_seconds=0.3)
        assert deaf.wait(5) == -9
    finally:
        deaf.kill()
        deaf.wait()


def test_a_pid_that_another_process_has_now_is_not_the_one_recorded() -> None:
    assert processes.alive(os.getpid(), processes.identity(os.getpid()))
    assert not processes.alive(os.getpid(), "another boot:1")
    assert processes.identity(ended_pid()) is None
