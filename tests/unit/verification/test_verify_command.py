"""`palier verify`: what it prints, and how it exits."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from palier.commands.main import run
from palier.verification import render, session
from palier.verification.model import CheckResult
from palier.verification.table import CHECKS, PHASES

from tests.unit.verification.recorded_aws import Recorded, State
from tests.unit.verification.recorded_names import CONFIG
from tests.unit.verification.recorded_platform import platform

ROOT = Path(__file__).parents[3]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> State:
    """A platform folder whose settings the recorded platform is true to, and that platform as the cloud."""
    import yaml

    state = platform()
    folder = tmp_path / "stacks" / "foundation"
    folder.mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: foundation\n")
    (folder / "Pulumi.local.yaml").write_text(yaml.safe_dump({"config": CONFIG}))
    monkeypatch.setenv("PALIER_PLATFORM_DIR", str(tmp_path))
    monkeypatch.setattr(session, "reach", lambda region, environment: Recorded(state))
    return state


@pytest.mark.usefixtures("recorded")
def test_a_platform_in_order_exits_0_and_names_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "foundation"]) == 0
    lines = capsys.readouterr().out.splitlines()
    expected = [check.id for check in CHECKS if check.phase == "foundation"]
    assert [line.split()[1] for line in lines if line.startswith("✓")] == expected
    assert lines[-1].startswith(f"foundation in local: all {len(expected)} checks hold")


def test_a_check_that_fails_exits_1_with_what_is_and_what_should_be(
    recorded: State, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded["rds", "describe_db_instances"]["DBInstances"][0]["BackupRetentionPeriod"] = 1
    assert run(["verify", "foundation"]) == 1
    out = capsys.readouterr().out
    assert "✗ database.backups" in out
    assert "    primary: 1 days; wanted: 14 days\n" in out
    assert "next: palier refresh foundation; palier up foundation (database.backups)\n" in out
    count = sum(check.phase == "foundation" for check in CHECKS)
    assert f"1 of {count} checks fail" in out.splitlines()[-1]


def test_json_holds_every_result(recorded: State, capsys: pytest.CaptureFixture[str]) -> None:
    recorded["rds", "describe_db_instances"]["DBInstances"][0]["MultiAZ"] = False
    assert run(["verify", "foundation", "--output", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["phase"], document["environment"], document["ok"]) == ("foundation", "local", False)
    wrong = [result for result in document["results"] if not result["ok"]]
    assert [(each["check"], each["subject"], each["actual"], each["expected"]) for each in wrong] == [
        ("database.multi-az", "primary", "not Multi-AZ", "Multi-AZ")
    ]


def test_junit_counts_failures_and_is_wellformed(recorded: State, capsys: pytest.CaptureFixture[str]) -> None:
    recorded["rds", "describe_db_instances"]["DBInstances"][0]["PubliclyAccessible"] = True
    assert run(["verify", "foundation", "--output", "junit"]) == 1
    suite = ElementTree.fromstring(capsys.readouterr().out)
    failures = suite.findall("./testcase/failure")
    assert (suite.get("failures"), len(suite.findall("testcase"))) == ("1", int(suite.get("tests", "0")))
    assert [each.get("message") for each in failures] == ["primary: public; wanted: not public"]


def test_a_setting_that_is_wrong_exits_2_before_anything_is_asked(
    recorded: State, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stacks" / "foundation" / "Pulumi.local.yaml"
    file.write_text(file.read_text().replace("zone_count: 3", "zone_count: 9"))

    def refuse(settings: Any, environment: str) -> Any:
        raise AssertionError("asked")

    monkeypatch.setattr(session, "reach", refuse)
    assert run(["verify", "foundation"]) == 2
    assert "foundation:network.zone_count" in capsys.readouterr().err


def test_an_unknown_phase_exits_2_and_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "fondation"]) == 2
    assert "did you mean foundation?" in capsys.readouterr().err


def test_no_phase_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify"]) == 2
    assert "which phase?" in capsys.readouterr().err


def test_a_local_cloud_that_does_not_run_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(tmp_path))
    monkeypatch.setenv("PALIER_PLATFORM_DIR", str(ROOT))
    assert run(["verify", "foundation"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "error: the local cloud does not run",
        "  next: palier local start",
    ]


@pytest.mark.parametrize("phase", [None, *PHASES])
def test_the_policy_is_printed_as_json(phase: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--policy", *([phase] if phase else [])]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["Version"] == "2012-10-17"
    assert "rds:DescribeDBInstances" in document["Statement"][0]["Action"]


def test_the_guide_holds_the_checks_that_there_are() -> None:
    guide = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    assert render.checks_table() in guide, (
        "write palier.verification.render.checks_table() into docs/verify.md"
    )


def test_every_check_has_a_name_of_its_own_and_a_sentence() -> None:
    ids = [(check.phase, check.id) for check in CHECKS]
    assert len(ids) == len(set(ids))
    assert all(check.sentence and not check.sentence.endswith(".") for check in CHECKS)


def test_advice_is_told_once_and_the_widest_last() -> None:
    def failed(check: str, advice: str) -> CheckResult:
        return CheckResult(check, "Sentence", False, "subject", "is", "should be", advice)

    results = [failed(f"check.{number}", "bring it up") for number in range(5)]
    results.insert(2, failed("check.special", "look into it"))
    lines = [line for line, _ in render.as_text("foundation", "local", results)]
    assert [line for line in lines if line.startswith("next")] == [
        "next: look into it (check.special)",
        "next: bring it up (the rest)",
    ]
