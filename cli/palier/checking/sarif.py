"""A check as SARIF 2.1.0, for GitHub's code scanning and other tools that collect findings.

A finding is about a planned resource, not about a line: its place is the phase's settings file, and the
resource as a logical location. GitHub wants a line, and is given the first. It tells findings apart by the
fingerprint alone; this one holds no message, date or number, and the upload action warns that it is not the
one of the line.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from palier.checking.model import CLEAN, VIOLATED, Check, Finding, PhaseCheck, PolicyInfo, Severity
from palier.checking.telling import Kind, all_ordered, kind, one_line, page

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
LEVELS: dict[Kind, str] = {
    "mandatory": "error",
    "advisory": "warning",
    "not known": "note",
    "exempt": "note",
}
SCORES: dict[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""In the middle of the ranges that GitHub calls by these names (its page on SARIF support)."""
PROBLEMS: dict[Severity, str] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "recommendation",
}
FINGERPRINT = "primaryLocationLineHash"
"""The only fingerprint that GitHub reads."""


def render(check: Check, folder: str = "", docs: str = "") -> str:
    """The log as JSON. `folder` is the platform's folder in the repository, "" where it is the root.

    `docs` is the address below which Palier's documentation stands, for links from a rule to its page.
    """
    return json.dumps(as_log(check, folder, docs), indent=2, ensure_ascii=False) + "\n"


def as_log(check: Check, folder: str = "", docs: str = "") -> dict[str, Any]:
    """The log as data, with one run."""
    from palier import __version__

    rules = [_rule(policy, docs) for policy in _policies(check)]
    driver = {"name": "palier", "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"palier/{one_line(check.environment)}/"},
        "invocations": [_invocation(check, folder)],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "results": _results(check, [str(rule["id"]) for rule in rules], folder),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def fingerprints(found: Iterable[tuple[PhaseCheck, Finding]]) -> list[str]:
    """What stays the same of each finding from one run to the next; those alike in all of it are counted."""
    seen: Counter[str] = Counter()
    told = []
    for phase, each in found:
        same = (
            phase.environment,
            phase.phase,
            _id(each.pack, each.policy),
            each.urn,
            each.metric,
            each.scenario,
        )
        digest = hashlib.sha256(json.dumps(same).encode()).hexdigest()[:32]
        seen[digest] += 1
        told.append(f"{digest}:{seen[digest]}")
    return told


def _id(pack: str, policy: str) -> str:
    return f"{one_line(pack)}/{one_line(policy)}"


def _policies(check: Check) -> list[PolicyInfo]:
    """Those that were run, and those that only a finding tells of, by their ids."""
    told = [PolicyInfo(each.pack, each.policy, each.policy, each.severity) for each in check.findings]
    by_id = {_id(each.pack, each.name): each for each in (*told, *check.policies)}
    return [by_id[name] for name in sorted(by_id)]


def _rule(policy: PolicyInfo, docs: str) -> dict[str, Any]:
    says = one_line(policy.says) or one_line(policy.name)
    where = page(one_line(policy.name))
    rule: dict[str, Any] = {
        "id": _id(policy.pack, policy.name),
        "name": one_line(policy.name),
        "shortDescription": {"text": says},
        "fullDescription": {"text": says},
        "help": {"text": f"{says}\nWhy, and how to mend it: {where}"},
    }
    if docs:  # the specification wants an absolute address here (3.49.12)
        rule["helpUri"] = f"{docs.rstrip('/')}/{quote(where)}"
    if policy.severity:
        severity = policy.severity
        rule["properties"] = {"security-severity": SCORES[severity], "problem.severity": PROBLEMS[severity]}
    return rule


def _results(check: Check, rules: list[str], folder: str) -> list[dict[str, Any]]:
    found = all_ordered(check)
    marks = fingerprints(found)
    return [
        _result(phase, finding, mark, rules, folder)
        for (phase, finding), mark in zip(found, marks, strict=True)
    ]


def _result(phase: PhaseCheck, finding: Finding, mark: str, rules: list[str], folder: str) -> dict[str, Any]:
    rule = _id(finding.pack, finding.policy)
    text = f"{one_line(finding.subject)}: {one_line(finding.message)}"
    location = {**_file(phase, folder), "logicalLocations": [_logical(phase, finding)]}
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": LEVELS[kind(finding)],
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: mark},
    }
    if kind(finding) == "exempt":
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": one_line(finding.message)}
        ]
    return result


def _file(phase: PhaseCheck, folder: str) -> dict[str, Any]:
    if not phase.settings_file:
        return {}
    path = "/".join(part for part in (folder.strip("/"), phase.settings_file) if part)
    artifact = {"uri": quote(one_line(path)), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": 1}}}


def _logical(phase: PhaseCheck, finding: Finding) -> dict[str, str]:
    if not finding.urn:
        return {"name": one_line(phase.phase), "kind": "module"}
    urn = one_line(finding.urn)
    return {"name": urn.rpartition("::")[2], "fullyQualifiedName": urn, "kind": "resource"}


def _invocation(check: Check, folder: str) -> dict[str, Any]:
    failed = [phase for phase in check.phases if phase.failed]
    invocation: dict[str, Any] = {
        "executionSuccessful": check.exit_code in (CLEAN, VIOLATED),
        "exitCode": check.exit_code,
    }
    if failed:
        invocation["toolExecutionNotifications"] = [_notification(phase, folder) for phase in failed]
    return invocation


def _notification(phase: PhaseCheck, folder: str) -> dict[str, Any]:
    place = _file(phase, folder)
    told: dict[str, Any] = {
        "level": "error",
        "message": {"text": f"no preview of {one_line(phase.phase)}: {one_line(phase.failed or '')}"},
    }
    return {**told, "locations": [place]} if place else told
