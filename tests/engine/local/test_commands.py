"""`palier local …`: thin, in three voices, with the exit codes of the house."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from palier.commands.local import local
from palier.commands.main import COMMANDS, run
from palier.local import logs
from palier.local.layout import layout, port


def test_every_command_has_a_help_with_an_example() -> None:
    for name, command in local.commands.items():
        assert command.help, name
        assert "Example" in command.help, name
        assert f"palier local {name}" in command.help, name


def test_the_table_tells_the_same_as_the_command() -> None:
    assert local.short_help == COMMANDS["local"][1]


def test_status_where_nothing_runs_is_exit_code_1(
    local_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["local", "status", "--output", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["running"], told["port"], told["problem"]) == (False, port(), None)


def test_start_status_reset_and_stop_for_machines(
    running_ends: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["local", "start", "--output", "json"]) == 0
    started = capsys.readouterr()
    assert json.loads(started.out)["running"] is True
    assert {json.loads(line)["event"] for line in started.err.splitlines()} >= {"step_started", "step_ended"}
    assert run(["local", "status"]) == 0
    assert f"endpoint   http://127.0.0.1:{port()}" in capsys.readouterr().out
    assert run(["local", "reset", "--yes", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"reset": True}
    assert run(["local", "stop", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"stopped": True}


def test_reset_asks_and_takes_no_for_an_answer(
    local_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = layout()
    place.make()
    place.journal.write_text("kept\n")
    asked: list[str] = []

    def confirm(text: str, **_: object) -> bool:
        asked.append(text)
        return False

    monkeypatch.setattr("click.confirm", confirm)
    assert run(["local", "reset"]) == 1
    assert "the Pulumi stacks of the local backend" in asked[0]
    assert capsys.readouterr().err == "Nothing was changed.\n"
    assert place.journal.read_text() == "kept\n"


def test_reset_for_machines_needs_a_yes(local_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["local", "reset", "--output", "json"]) == 2
    assert "--yes" in capsys.readouterr().err


def test_env_prints_shell_lines_and_warns_beside_them(
    local_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setattr("palier.engine.find.find_engine", lambda: None)
    assert run(["local", "env"]) == 0
    told = capsys.readouterr()
    assert "unset AWS_PROFILE" in told.out.splitlines()
    assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port()}" in told.out.splitlines()
    assert "the local cloud does not run" in told.err
    assert "no Pulumi engine yet" in told.err


def test_logs_shows_the_last_lines(local_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = layout()
    place.make()
    place.log.write_text("".join(f"line {number}\n" for number in range(100)))
    assert run(["local", "logs", "-n", "2"]) == 0
    assert capsys.readouterr().out == "line 98\nline 99\n"


def test_logs_before_the_first_start_says_how_to_begin(
    local_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["local", "logs"]) == 2
    assert "`palier local start` begins one" in capsys.readouterr().err


def test_a_followed_log_goes_on_through_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "emulator.log"
    log.write_text("old\n")
    lines = logs.follow(log, poll_seconds=0.01)
    heard: list[str] = []

    reader = threading.Thread(target=lambda: heard.extend(next(lines) for _ in range(2)))
    reader.start()
    time.sleep(0.2)
    with log.open("a") as file:
        file.write("added\n")
    time.sleep(0.2)
    log.rename(tmp_path / "emulator.log.1")
    log.write_text("new file\n")
    reader.join(10)
    assert heard == ["added", "new file"]
