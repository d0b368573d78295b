"""Several processes, and processes that are killed: one build, and nothing half made is ever found."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from palier.console import Reporter
from palier.engine import find_engine
from palier.engine.ladder import exclusive, remove_all
from palier.errors import OperationError

from tests.unit.engine.conftest import Machine, wait_until


class Getter:
    """`palier engine get --rung build` in a process of its own."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, "-m", "palier", "engine", "get", "--rung", "build", "--output", "json"],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
            start_new_session=True,
        )

    def said(self, text: str) -> bool:
        return text in self.log.read_text()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def result(self) -> dict[str, str]:
        """What it printed; fails with its log where it did not end well."""
        out, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, self.log.read_text()
        answer: dict[str, str] = json.loads(out)
        return answer


@pytest.fixture
def getters(machine: Machine) -> Iterator[list[Getter]]:
    """Whatever was started is ended, with each pretended go that outlived the one that started it."""
    machine.go()
    started: list[Getter] = []
    yield started
    for getter in started:
        getter.kill()
    pids = machine.home / "go-pids"
    for pid in pids.read_text().split() if pids.exists() else []:
        with contextlib.suppress(OSError):
            if (
                str(machine.home) in Path(f"/proc/{pid}/cmdline").read_text()
            ):  # and not a later one of its number
                os.kill(int(pid), signal.SIGKILL)


def test_two_processes_that_ask_at_once_build_once(machine: Machine, getters: list[Getter]) -> None:
    release = machine.home / "release"
    first = Getter(machine.home / "first.log", FAKE_GO_WAIT=str(release))
    getters.append(first)
    wait_until(lambda: machine.go_calls("fresh") == 1, "the first to build")
    second = Getter(machine.home / "second.log")
    getters.append(second)
    wait_until(
        lambda: second.said(f"Waiting for process {first.process.pid}, which is getting the engine"),
        "the second to wait",
    )
    wait_until(lambda: second.said("go: downloading example"), "the second to tell how far the first is")
    release.touch()
    assert first.result() == second.result()
    assert machine.go_calls("build") == 2, "one build is one go build of each of the two programs"
    assert not second.said("Building Pulumi")


def test_after_a_killed_builder_the_waiting_one_goes_on(machine: Machine, getters: list[Getter]) -> None:
    first = Getter(machine.home / "first.log", FAKE_GO_WAIT=str(machine.home / "never"))
    getters.append(first)
    wait_until(lambda: machine.go_calls("fresh") == 1, "the first to build")
    second = Getter(machine.home / "second.log")
    getters.append(second)
    wait_until(lambda: second.said("Waiting for process"), "the second to wait")
    (abandoned,) = machine.cache.glob("staging-*")
    first.kill()
    assert second.result()["version"] == "3.220.0"
    assert second.said("going on from an interrupted build")
    assert machine.go_calls("resumed") == 2
    assert not abandoned.exists()


def test_a_killed_build_leaves_no_engine_to_be_found(machine: Machine, getters: list[Getter]) -> None:
    getter = Getter(machine.home / "first.log", FAKE_GO_WAIT=str(machine.home / "never"))
    getters.append(getter)
    wait_until(lambda: machine.go_calls("fresh") == 1, "it to build")
    getter.kill()
    assert find_engine() is None
    wait_until(lambda: _free(machine), "the lock to be freed", seconds=5)


def test_an_interrupted_build_ends_its_go_and_frees_the_lock(machine: Machine, getters: list[Getter]) -> None:
    getter = Getter(machine.home / "first.log", FAKE_GO_WAIT=str(machine.home / "never"))
    getters.append(getter)
    wait_until(lambda: (machine.home / "go-pid").exists(), "go to run")
    go = int((machine.home / "go-pid").read_text())
    getter.process.send_signal(signal.SIGINT)
    assert getter.process.wait(timeout=20) == 130
    assert getter.said("interrupted; run the same command again to go on")
    wait_until(lambda: not Path(f"/proc/{go}").exists() or not _runs(go), "go to end", seconds=5)
    assert _free(machine)
    assert list(machine.cache.glob("staging-*")) == []


def test_nothing_is_removed_while_another_process_builds(machine: Machine, getters: list[Getter]) -> None:
    getter = Getter(machine.home / "first.log", FAKE_GO_WAIT=str(machine.home / "never"))
    getters.append(getter)
    wait_until(lambda: machine.go_calls("fresh") == 1, "it to build")
    with pytest.raises(OperationError, match=f"process {getter.process.pid} is getting the engine just now"):
        remove_all(Reporter())


def test_removing_frees_everything_and_a_second_time_does_nothing(
    machine: Machine, getters: list[Getter]
) -> None:
    getters.append(Getter(machine.home / "first.log"))
    getters[0].result()
    assert remove_all(Reporter()) > 0
    assert find_engine() is None
    assert remove_all(Reporter()) == 0


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _free(machine: Machine) -> bool:
    try:
        with exclusive(Reporter(), wait=False):
            return True
    except OperationError:
        return False
