"""JUnit: a case for each policy of each phase, and XML that every parser reads."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from hypothesis import given
from palier.checking import junit
from palier.checking.model import Check

from tests.unit.checking import samples
from tests.unit.checking.anything import CHECK


def _parsed(check: Check) -> ElementTree.Element:
    return ElementTree.fromstring(junit.render(check).encode())


def _outcomes(check: Check) -> dict[str, list[str]]:
    return {
        case.get("name", ""): [outcome.tag for outcome in case] for case in _parsed(check).iter("testcase")
    }


@given(CHECK)
def test_the_report_can_be_parsed_whatever_the_names_and_messages(check: Check) -> None:
    root = _parsed(check)

    assert len(root.findall("testsuite")) == len(check.phases)
    for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        assert root.get(count) == str(sum(1 for _ in root.iter(tag)))


def test_each_kind_of_finding_has_its_outcome() -> None:
    assert _outcomes(samples.VIOLATED) == {
        "databases-have-backups": ["failure"],
        "names-carry-tags": ["system-out"],
        "alarms-stand": ["skipped", "system-out"],
        "headroom-stays": ["system-out"],
    }


def test_policies_that_hold_are_cases_that_pass() -> None:
    assert _outcomes(samples.CLEAN) == {policy.name: [] for policy in samples.POLICIES}


def test_a_failed_preview_is_an_error_and_no_policy_was_run() -> None:
    replicas = _parsed(Check("production", (samples.REPLICAS,), samples.POLICIES))
    error = replicas.find(".//error")

    assert error is not None
    assert error.get("message") == "the program raised KeyError: 'vpc_id'"
    assert [case.get("name") for case in replicas.iter("testcase")] == ["preview"]


def test_a_policy_that_was_partly_judged_is_not_skipped() -> None:
    from dataclasses import replace

    both = (samples.NOT_KNOWN, replace(samples.NOT_KNOWN, not_known=False, message="no alarm"))
    phase = replace(samples.FOUNDATION, findings=both)

    assert _outcomes(Check("production", (phase,), ()))["alarms-stand"] == ["system-out"]
