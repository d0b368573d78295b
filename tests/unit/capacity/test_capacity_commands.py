"""`palier capacity`: what it prints, how it exits, and what it writes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from palier.commands.main import run

from tests.unit.capacity.platforms import JOBO, ROOT

Capture = pytest.CaptureFixture[str]
COMMANDS = ("assess", "forecast", "breaches", "roadmap", "scenarios", "economics")


def told(capsys: Capture, *arguments: str, code: int = 0) -> str:
    assert run(["capacity", *arguments]) == code, capsys.readouterr().err
    return capsys.readouterr().out


def data(capsys: Capture, *arguments: str) -> Any:
    return json.loads(told(capsys, *arguments, "--platform", str(JOBO), "--output", "json"))


def refused(capsys: Capture, *arguments: str, code: int = 2) -> str:
    assert run(["capacity", *arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    # Before it may stand what was under way.
    return captured.err[captured.err.index("error: ") :]


def test_assess_ends_with_the_actions_of_the_document(capsys: Capture) -> None:
    lines = told(capsys, "assess", "--platform", str(JOBO)).splitlines()
    assert lines[0] == "2024-04-30: 26 metrics, 1 critical, 4 at attention"
    assert [line.split(":")[0].strip() for line in lines[-3:]] == [
        "1. DB migration Q2 (critical)",
        "2. +1 developer Q2 (important)",
        "3. Monitoring upgrade Q2 (desirable)",
    ]


def test_assess_tells_a_target_that_is_not_reached_though_no_level_complains(capsys: Capture) -> None:
    text = told(capsys, "assess", "--platform", str(JOBO))
    (line,) = (line for line in text.splitlines() if "Team satisfaction" in line)
    assert line.startswith("  ✅")
    assert line.endswith("target 8 not reached")


@pytest.mark.parametrize(
    ("day", "level", "code"),
    [
        ("2024-04-30", "critical", 1),
        ("2024-04-30", "attention", 1),
        ("2023-12-31", "critical", 1),
    ],
)
def test_assess_fails_a_ci_by_severity(capsys: Capture, day: str, level: str, code: int) -> None:
    told(capsys, "assess", "--platform", str(JOBO), "--as-of", day, "--fail-on", level, code=code)


def test_assess_passes_where_nothing_is_as_bad(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "palier.yaml").write_text(
        "platform: x\nobservations: [{date: 2024-04-30, metric: cpu_utilization, value: 75}]\n"
    )
    told(capsys, "assess", "--platform", str(tmp_path), "--fail-on", "critical")
    told(capsys, "assess", "--platform", str(tmp_path), "--fail-on", "attention", code=1)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_json_and_text_and_the_same_twice(capsys: Capture, command: str) -> None:
    first, again = data(capsys, command), data(capsys, command)
    assert first == again
    assert told(capsys, command, "--platform", str(JOBO)).strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_history_says_what_still_works(tmp_path: Path, capsys: Capture, command: str) -> None:
    (tmp_path / "palier.yaml").write_text("platform: x\nobservations: []\n")
    (line,) = refused(capsys, command, "--platform", str(tmp_path)).splitlines()
    assert "nothing was observed" in line
    assert "work without observations" in line


@pytest.mark.parametrize("command", ["forecast", "breaches", "roadmap", "scenarios"])
def test_a_history_without_infrastructure_says_what_is_missing(
    tmp_path: Path, capsys: Capture, command: str
) -> None:
    (tmp_path / "palier.yaml").write_text(
        "platform: x\nobservations: [{date: 2024-04-30, metric: team_satisfaction, value: 7}]\n"
    )
    (line,) = refused(capsys, command, "--platform", str(tmp_path)).splitlines()
    assert "no metric of the infrastructure was observed lately; `palier capacity assess` works" in line


def test_a_scenario_or_metric_that_is_not_there_is_told_with_those_that_are(capsys: Capture) -> None:
    line = refused(capsys, "forecast", "--platform", str(JOBO), "--scenario", "wild")
    assert "no scenario 'wild' (allowed: conservative, aggressive, hypergrowth)" in line
    line = refused(capsys, "forecast", "--platform", str(JOBO), "--metric", "team_satisfaction")
    assert "team_satisfaction is not forecast: no model: it does not follow from load" in line
    line = refused(capsys, "forecast", "--platform", str(JOBO), "--metric", "page_load_time")
    assert "page_load_time is not forecast: not observed" in line


def test_a_platform_that_is_not_there_is_told(tmp_path: Path, capsys: Capture) -> None:
    assert "no such file" in refused(capsys, "assess", "--platform", str(tmp_path / "nothing"))


def test_a_forecast_shows_only_the_metric_asked_for(capsys: Capture) -> None:
    text = told(
        capsys,
        "forecast",
        "--platform",
        str(JOBO),
        "--scenario",
        "conservative",
        "--metric",
        "mau",
        "--months",
        "6",
    )
    assert "MAU" in text
    assert "CPU" not in text


def test_a_response_time_without_an_end_is_not_given_as_seconds(capsys: Capture) -> None:
    text = told(capsys, "forecast", "--platform", str(JOBO), "--metric", "response_time_p95")
    assert "piles up" in text


def test_breaches_are_by_scenario(capsys: Capture) -> None:
    found = data(capsys, "breaches", "--months", "12")
    assert list(found) == ["conservative", "aggressive", "hypergrowth"]
    first = {(each["metric"], each["level"]): each for each in found["conservative"]}
    assert first["database_utilization", "critical"]["p50"] == "2024-04-30"


def test_a_roadmap_has_its_timeline_and_its_refusals(capsys: Capture) -> None:
    text = told(capsys, "roadmap", "--platform", str(JOBO), "--scenario", "aggressive", "--months", "18")
    assert "3. and not vertical, at most 32 vCPUs: database_utilization at " in text
    assert "- work, # live" in text
    (found,) = data(capsys, "roadmap", "--scenario", "aggressive", "--months", "18")
    assert [step["move"] for step in found["steps"]][:1] == ["vertical"]
    assert any(change["text"].startswith("foundation:database.instance_class") for change in found["changes"])


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(
        ROOT / "stacks", tmp_path / "stacks", ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    monkeypatch.setenv("PALIER_PLATFORM_DIR", str(tmp_path))
    return tmp_path


APPLY = ("roadmap", "--platform", str(JOBO), "--scenario", "conservative", "--apply")


def test_apply_shows_the_diff_writes_it_and_changes_nothing_again(platform: Path, capsys: Capture) -> None:
    file = platform / "stacks/foundation/Pulumi.local.yaml"
    assert run(["capacity", *APPLY, "--env", "local", "--yes"]) == 0
    said = capsys.readouterr().err
    assert "foundation:database.instance_class: db.t4g.medium → db.m7g.8xlarge" in said
    assert "+    instance_class: db.m7g.8xlarge" in said
    assert "written: foundation; next: palier preview --through foundation" in said
    written = file.read_text()
    assert "instance_class: db.m7g.8xlarge" in written
    assert run(["capacity", *APPLY, "--env", "local", "--yes"]) == 0
    assert "nothing to change" in capsys.readouterr().err
    assert file.read_text() == written


def test_apply_of_every_kind_of_change_changes_nothing_again(platform: Path, capsys: Capture) -> None:
    stacks = platform / "stacks"
    palier = (JOBO / "palier.yaml").read_text().replace("observations/", f"{JOBO}/observations/")
    # A platform whose storage is nearly full, so that more of it is asked for than its settings allow.
    (platform / "palier.yaml").write_text(palier)
    foundation = stacks / "foundation/Pulumi.local.yaml"
    foundation.write_text(
        foundation.read_text().replace("max_allocated_storage_gib: 100", "max_allocated_storage_gib: 25")
    )
    given = ["capacity", "roadmap", "--platform", str(platform), "--scenario", "hypergrowth", "--apply"]
    given += ["--env", "local", "--yes", "--due-within-days", "9000"]
    assert run(given) == 0
    assert "written: foundation, replicas, shards; next: palier preview --through shards" in (
        capsys.readouterr().err
    )
    after = {file: file.read_text() for file in stacks.rglob("Pulumi.local.yaml")}
    assert "max_allocated_storage_gib: 25" not in after[foundation]
    assert run(given) == 0
    assert "nothing to change" in capsys.readouterr().err
    assert {file: file.read_text() for file in after} == after


def test_apply_writes_nothing_where_nobody_says_yes(
    platform: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = platform / "stacks/foundation/Pulumi.local.yaml"
    before = file.read_text()
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert run(["capacity", *APPLY, "--env", "local"]) == 1
    assert "nobody is there to answer" in capsys.readouterr().err
    assert file.read_text() == before


def test_apply_wants_one_scenario_and_an_environment(platform: Path, capsys: Capture) -> None:
    line = refused(capsys, "roadmap", "--platform", str(JOBO), "--apply", "--env", "local")
    assert "--apply takes one scenario (allowed: conservative, aggressive, hypergrowth)" in line
    assert "whose settings?" in refused(capsys, *APPLY)


def test_a_forecast_without_numpy_says_what_to_install(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    said = refused(capsys, "forecast", "--platform", str(JOBO), code=1)
    assert "forecasts need numpy, which is not installed" in said
    assert "next: pip install 'palier[capacity]'" in said


def test_assess_needs_no_numpy() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from palier.commands.main import run\n"
        f"sys.exit(run(['capacity', 'assess', '--platform', {str(JOBO)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
