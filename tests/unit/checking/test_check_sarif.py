"""SARIF: valid by the standard's own schema whatever is in it, and findings that stay the same ones."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft4Validator
from palier.checking import sarif
from palier.checking.model import Check, Finding

from tests.unit.checking import samples
from tests.unit.checking.anything import CHECK

SCHEMA = Path(__file__).parent / "sarif-schema-2.1.0.json"


@cache
def _validator() -> Any:
    return Draft4Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8")), format_checker=Draft4Validator.FORMAT_CHECKER
    )


def _run(check: Check, folder: str = "", docs: str = "") -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif.render(check, folder, docs))
    _validator().validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def _marks(*findings: Finding) -> list[str]:
    return sarif.fingerprints((samples.FOUNDATION, finding) for finding in findings)


def test_the_schema_would_refuse_a_level_that_sarif_does_not_know() -> None:
    log = sarif.as_log(samples.FULL)
    log["runs"][0]["results"][0]["level"] = "fatal"

    assert not _validator().is_valid(log)


@given(CHECK)
def test_the_log_is_valid_whatever_the_names_and_messages(check: Check) -> None:
    run = _run(check)

    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert len(run["results"]) == len(check.findings)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]


@given(CHECK)
def test_every_result_has_a_fingerprint_of_its_own(check: Check) -> None:
    marks = [each["partialFingerprints"]["primaryLocationLineHash"] for each in _run(check)["results"]]

    assert len(marks) == len(set(marks))


@pytest.mark.parametrize(
    "change",
    [
        {"message": "another text, with 12 and 2027-02-02"},
        {"date": "2027-02-02"},
        {"actual": 99.0},
        {"limit": 90.0},
        {"level": "mandatory"},
        {"severity": "low"},
        {"monthly_usd": 12.5},
    ],
)
def test_a_finding_is_the_same_one_though_its_numbers_change(change: dict[str, Any]) -> None:
    assert _marks(replace(samples.ADVISORY, **change)) == _marks(samples.ADVISORY)


@pytest.mark.parametrize(
    "change", [{"policy": "other"}, {"pack": "other"}, {"urn": "other"}, {"metric": "x"}, {"scenario": "x"}]
)
def test_a_finding_of_something_else_is_another_one(change: dict[str, Any]) -> None:
    assert _marks(replace(samples.ADVISORY, **change)) != _marks(samples.ADVISORY)


def test_the_same_finding_in_another_environment_is_another_one() -> None:
    staging = replace(samples.FOUNDATION, environment="staging")

    assert sarif.fingerprints([(staging, samples.ADVISORY)]) != _marks(samples.ADVISORY)


def test_levels_are_those_of_the_findings() -> None:
    levels = {each["ruleId"]: each["level"] for each in _run(samples.VIOLATED)["results"]}

    assert levels == {
        "architecture/databases-have-backups": "error",
        "architecture/names-carry-tags": "note",
        "capacity/alarms-stand": "note",
        "capacity/headroom-stays": "warning",
    }


def test_only_what_is_exempt_is_suppressed() -> None:
    suppressed = [each["ruleId"] for each in _run(samples.VIOLATED)["results"] if "suppressions" in each]

    assert suppressed == ["architecture/names-carry-tags"]


def test_a_failed_preview_is_told_by_the_tool_and_not_as_a_finding() -> None:
    invocation = _run(samples.FULL)["invocations"][0]

    assert invocation["executionSuccessful"] is False
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["error"]
    assert _run(samples.VIOLATED)["invocations"][0]["executionSuccessful"] is True


def test_files_are_named_from_the_root_of_the_repository() -> None:
    result = _run(samples.VIOLATED, folder="platforms/shop")["results"][0]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]

    assert place == {
        "uri": "platforms/shop/stacks/foundation/Pulumi.production.yaml",
        "uriBaseId": "%SRCROOT%",
    }


def test_a_rule_links_to_its_page_where_the_documentation_has_an_address() -> None:
    with_docs = _run(samples.VIOLATED, docs="https://example.com/palier/")["tool"]["driver"]["rules"][0]
    without = _run(samples.VIOLATED)["tool"]["driver"]["rules"][0]

    assert with_docs["helpUri"] == "https://example.com/palier/docs/policies/databases-have-backups.md"
    assert "helpUri" not in without
    assert "docs/policies/databases-have-backups.md" in without["help"]["text"]
