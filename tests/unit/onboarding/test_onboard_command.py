"""What `palier onboard` and `palier offboard` ask before they touch anything but the local cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from palier.commands.main import run
from palier.onboarding import reach as reaching

from tests.unit.onboarding.world import FakeReach, reach


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeReach:
    monkeypatch.setenv("PALIER_ONBOARDING_DIR", str(tmp_path / "onboarding"))
    made = reach(tmp_path / "roster")
    monkeypatch.setattr(reaching, "reach", lambda *_: made.again())
    return made


def palier(*arguments: str) -> int:
    return run(list(arguments))


def test_elsewhere_the_plan_is_shown_and_nobody_there_to_answer_changes_nothing(
    world: FakeReach, capsys: pytest.CaptureFixture[str]
) -> None:
    assert palier("onboard", "apply", "new", "--env", "production") == 1

    said = capsys.readouterr().err
    assert "+ Buddy" in said
    assert "nobody is there to answer: Do this in production?" in said
    assert world.wire.writes == []


def test_a_yes_given_before_is_enough(world: FakeReach, capsys: pytest.CaptureFixture[str]) -> None:
    assert palier("onboard", "apply", "new", "--env", "production", "--yes") == 0
    assert "1 of" not in capsys.readouterr().err
    assert world.wire.writes
    world.wire.writes.clear()

    assert palier("offboard", "apply", "new", "--env", "production") == 1
    assert world.wire.writes == []
    assert palier("offboard", "apply", "new", "--env", "production", "--yes") == 0
    assert world.wire.writes


def test_who_left_is_not_among_everybody(world: FakeReach, capsys: pytest.CaptureFixture[str]) -> None:
    file = world.roster.file_of("kim")
    file.write_text(file.read_text() + "offboarded: 2026-01-01\nends: 2026-01-01\n")
    palier("onboard", "plan", "--all", "--only", "vpn", "--env", "production", "--output", "json")
    logins = [each["login"] for each in _json(capsys.readouterr().out)["people"]]
    assert logins == ["ada", "new"]


def _json(text: str) -> Any:
    import json

    return json.loads(text)
