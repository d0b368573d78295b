"""The local cloud starts once, says what is wrong, and survives what happens to processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from palier.console import Reporter
from palier.errors import InputError, OperationError
from palier.local import cloud, pidfile
from palier.local.layout import Layout, layout, port

from tests.engine.local.emulated import Emulated


class Heard(Reporter):
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        """Remember one line."""
        self.lines.append(text)

    @property
    def text(self) -> str:
        """Everything said."""
        return "\n".join(self.lines)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@contextlib.contextmanager
def somebody_listens(port_number: int) -> Iterator[None]:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port_number))
        other.listen()
        yield


def test_it_starts_says_so_and_stops(running_ends: Path, heard: Heard) -> None:
    before = cloud.status()
    started = cloud.start(heard)
    assert (before.running, started.running) == (False, True)
    assert started.endpoint == f"http://127.0.0.1:{port()}"
    assert cloud.status().pid == started.pid
    assert cloud.stop(heard)
    assert not cloud.status().running
    assert not Layout(running_ends).pid_file.exists()


def test_started_twice_it_says_so_and_changes_nothing(running_ends: Path, heard: Heard) -> None:
    first = cloud.start(heard)
    again = cloud.start(heard)
    assert again.pid == first.pid
    assert again.started_at == first.started_at
    assert f"runs already: {first.endpoint}" in heard.text


def test_two_who_ask_at_once_get_one_emulator(running_ends: Path) -> None:
    code = (
        "from palier.local import cloud; from palier.console import Reporter;"
        "cloud._install_plugin = lambda: None; print(cloud.start(Reporter()).pid)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert said[0][0] == said[1][0]


def test_a_port_in_use_is_named_with_who_holds_it_and_how_to_choose(local_dir: Path, heard: Heard) -> None:
    with somebody_listens(port()), pytest.raises(InputError) as refused:
        cloud.start(heard)
    text = str(refused.value)
    assert f"port {port()} is in use by something else" in text
    assert f"pid {os.getpid()}" in text
    assert "PALIER_LOCAL_PORT" in text
    assert not layout().pid_file.exists()


def test_the_port_of_another_local_cloud_is_named_as_such(
    emulator: Emulated, local_dir: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALIER_LOCAL_PORT", str(emulator.port))
    with pytest.raises(InputError, match="serves another local cloud") as refused:
        cloud.start(heard)
    assert str(emulator.layout.root) in str(refused.value)


@pytest.mark.parametrize("text", ["http", "80", "70000", "4790.5"])
def test_what_is_not_a_port_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIER_LOCAL_PORT", text)
    with pytest.raises(InputError, match=r"PALIER_LOCAL_PORT: not a port: .* \(allowed: 1024 to 65535\)"):
        port()


def test_a_pid_file_of_a_dead_process_is_cleaned_with_a_word(running_ends: Path, heard: Heard) -> None:
    place = layout()
    place.make()
    pidfile.write(place.pid_file, pidfile.Record(2**22 - 1, "never", port(), "eu-west-3", "some time"))
    assert "stale" in (cloud.status().problem or "")
    assert cloud.start(heard).running
    assert "Removing a stale pid file, of process 4194303, which is gone" in heard.text


def test_a_pid_that_somebody_else_carries_now_is_not_taken_for_the_emulator(
    local_dir: Path, heard: Heard
) -> None:
    place = layout()
    place.make()
    with subprocess.Popen(["sleep", "60"]) as bystander:
        try:
            pidfile.write(place.pid_file, pidfile.Record(bystander.pid, "earlier", port(), "eu-west-3", "x"))
            assert not cloud.status().running
            assert not cloud.stop(heard)
            assert bystander.poll() is None, "the bystander must live"
        finally:
            bystander.kill()


def test_an_unreadable_pid_file_is_no_obstacle(running_ends: Path, heard: Heard) -> None:
    place = layout()
    place.make()
    place.pid_file.write_text("{torn")
    assert cloud.start(heard).running
    assert "which cannot be read" in heard.text


def test_killed_it_is_told_and_started_again_with_all_that_stood(running_ends: Path, heard: Heard) -> None:
    started = cloud.start(heard)
    emulated = Emulated(running_ends, started.port)
    topic = emulated.client("sns").create_topic(Name="critical")["TopicArn"]
    assert started.pid is not None
    os.kill(started.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while cloud.status().running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "it was killed" in (cloud.status().problem or "")
    again = cloud.start(heard)
    assert again.mutations == 1
    assert again.resources == 1
    assert emulated.client("sns").list_topics()["Topics"] == [{"TopicArn": topic}]


def test_a_start_that_fails_shows_the_last_lines_and_keeps_the_journal(local_dir: Path, heard: Heard) -> None:
    place = layout()
    place.make()
    place.journal.write_text("this is no journal\n")
    with pytest.raises(OperationError) as failed:
        cloud.start(heard)
    first, *rest = failed.value.lines()
    assert "the local cloud did not start: it ended with code 1" in first
    assert "is not a journal of the local cloud" in first
    assert any("journal" in line for line in rest)
    assert place.journal.read_text() == "this is no journal\n"


def test_reset_empties_it_and_removes_the_stacks_but_not_the_plugin(running_ends: Path, heard: Heard) -> None:
    started = cloud.start(heard)
    place = layout()
    for folder in (place.backend, place.runs, place.pulumi_home):
        folder.mkdir(exist_ok=True)
    (place.backend / "state").touch()
    Emulated(running_ends, started.port).client("sns").create_topic(Name="critical")
    cloud.reset(heard)
    now = cloud.status()
    assert (now.running, now.resources, now.mutations) == (True, 0, 0)
    assert list(place.backend.iterdir()) == []  # there, and empty: the engine makes none itself
    assert not place.runs.exists()
    assert place.pulumi_home.exists()


def test_reset_without_an_emulator_removes_the_journal(local_dir: Path, heard: Heard) -> None:
    place = layout()
    place.make()
    place.journal.write_text("whatever\n")
    cloud.reset(heard)
    assert not place.journal.exists()


def test_stopping_what_does_not_run_is_no_error(local_dir: Path, heard: Heard) -> None:
    assert not cloud.stop(heard)
    assert "does not run" in heard.text


def test_its_files_are_the_users_alone(running_ends: Path, heard: Heard) -> None:
    cloud.start(heard)
    place = layout()
    assert place.emulator.stat().st_mode & 0o777 == 0o700
    for file in (place.journal, place.log, place.pid_file, place.crash_log):
        assert file.stat().st_mode & 0o077 == 0, file


def test_it_listens_on_loopback_only(emulator: Emulated) -> None:
    table = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    mine = [address for address in listening if int(address.rpartition(":")[2], 16) == emulator.port]
    assert mine == [f"0100007F:{emulator.port:04X}"]
    six = Path("/proc/net/tcp6").read_text().splitlines()[1:] if Path("/proc/net/tcp6").exists() else []
    assert not [line for line in six if line.split()[1].endswith(f":{emulator.port:04X}")]
