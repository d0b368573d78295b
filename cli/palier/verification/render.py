"""Tell the results: plain lines for people, JSON for machines, JUnit for a CI's test report."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from palier.verification.model import CheckResult


def as_text(phase: str, environment: str, results: Sequence[CheckResult]) -> list[tuple[str, bool]]:
    """Lines, each with whether it tells something good; `results` holds at least one.

    A check that holds is one line; one that does not names every subject that breaks it, with what is
    and what should be. What to do comes after all of them, each piece of advice once.
    """
    lines: list[tuple[str, bool]] = []
    width = max(len(result.check) for result in results)
    for check, found in groupby(results, key=lambda result: result.check):
        answers = list(found)
        wrong = [answer for answer in answers if not answer.ok]
        if not wrong:
            lines.append((f"✓ {check:<{width}}  {answers[0].sentence}: {_values(answers)}", True))
            continue
        lines.append((f"✗ {check:<{width}}  {answers[0].sentence}", False))
        lines += [(f"    {each.subject}: {each.actual}; wanted: {each.expected}", False) for each in wrong]
    lines += [(f"next: {each}", False) for each in _advice(results)]
    return [*lines, (summary(phase, environment, results), all(result.ok for result in results))]


def summary(phase: str, environment: str, results: Sequence[CheckResult]) -> str:
    """One line: how many checks there were, and how many failed."""
    checks = {result.check for result in results}
    failed = {result.check for result in results if not result.ok}
    told = f"{len(failed)} of {len(checks)} checks fail" if failed else f"all {len(checks)} checks hold"
    return f"{phase} in {environment}: {told} ({len(results)} facts looked at)"


def as_json(phase: str, environment: str, results: Sequence[CheckResult]) -> str:
    """One JSON object: phase, environment, ok, results."""
    document = {
        "phase": phase,
        "environment": environment,
        "ok": all(result.ok for result in results),
        "results": [asdict(result) for result in results],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_junit(phase: str, environment: str, results: Sequence[CheckResult]) -> str:
    """A JUnit report: one test case per check and subject."""
    failures = [result for result in results if not result.ok]
    suite = ElementTree.Element(
        "testsuite",
        name=f"palier verify {phase} --env {environment}",
        tests=str(len(results)),
        failures=str(len(failures)),
        errors="0",
    )
    for result in results:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"{phase}.{result.check}",
            name=f"{result.sentence}: {result.subject}",
        )
        if not result.ok:
            message = f"{result.subject}: {result.actual}; wanted: {result.expected}"
            failure = ElementTree.SubElement(case, "failure", message=message, type=result.check)
            failure.text = f"next: {result.advice}"
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


def checks_table() -> str:
    """The list of checks as the Markdown that docs/verify.md holds."""
    from palier.verification.table import CHECKS

    lines = ["| phase | check | what must be true |", "|---|---|---|"]
    lines += [f"| {check.phase} | `{check.id}` | {check.sentence} |" for check in CHECKS]
    return "\n".join(lines)


def _advice(results: Sequence[CheckResult]) -> list[str]:
    """Each piece of advice once, with the checks it is for; the one that is for most comes last."""
    checks: dict[str, list[str]] = {}
    for result in results:
        if not result.ok and result.check not in checks.setdefault(result.advice, []):
            checks[result.advice].append(result.check)
    ordered = sorted(checks.items(), key=lambda entry: len(entry[1]))
    return [f"{advice} ({', '.join(names) if len(names) < 4 else 'the rest'})" for advice, names in ordered]


def _values(answers: Sequence[CheckResult]) -> str:
    """What was found: the one value that all subjects share, or how many subjects were looked at."""
    values = {answer.actual for answer in answers}
    return values.pop() if len(values) == 1 else f"{len(answers)} looked at"
