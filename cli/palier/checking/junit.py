"""A check as JUnit XML: a suite for each phase, a test case for each policy that was run."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from palier.checking.model import Check, Finding, PhaseCheck, PolicyInfo
from palier.checking.telling import kind, one_line, ordered


def render(check: Check) -> str:
    """The report. A mandatory finding fails its case; a policy that could not be judged is skipped."""
    root = ElementTree.Element("testsuites", name="palier check")
    for phase in check.phases:
        _suite(root, phase, check.policies)
    counts = {name: sum(int(suite.get(name, "0")) for suite in root) for name in _COUNTED}
    root.attrib.update({name: str(count) for name, count in counts.items()})
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


_COUNTED = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def _suite(root: ElementTree.Element, phase: PhaseCheck, policies: Sequence[PolicyInfo]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=one_line(phase.phase))
    if phase.failed:
        case = _case(suite, phase, "palier", "preview")
        error = ElementTree.SubElement(case, "error", message=one_line(phase.failed), type="preview")
        error.text = one_line(str(phase.log)) if phase.log else None
    else:
        for (pack, name), findings in _by_policy(phase, policies).items():
            _tell(_case(suite, phase, pack, name), findings)
    for attribute, tag in _COUNTED.items():
        suite.set(attribute, str(sum(1 for _ in suite.iter(tag))))
    suite.set("time", f"{phase.seconds:.3f}")


def _by_policy(phase: PhaseCheck, policies: Sequence[PolicyInfo]) -> dict[tuple[str, str], list[Finding]]:
    """The findings of every policy that was run, in order; most have none."""
    found = ordered(phase.findings)
    run = {(each.pack, each.name) for each in policies} | {(each.pack, each.policy) for each in found}
    return {key: [each for each in found if (each.pack, each.policy) == key] for key in sorted(run)}


def _case(suite: ElementTree.Element, phase: PhaseCheck, pack: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite,
        "testcase",
        classname=one_line(f"{phase.phase}.{pack}"),
        name=one_line(name),
        file=one_line(phase.settings_file),
    )


def _tell(case: ElementTree.Element, findings: Sequence[Finding]) -> None:
    mandatory = [each for each in findings if each.mandatory]
    others = [each for each in findings if not each.mandatory]
    if mandatory:
        message = _line(mandatory[0])
        more = f" (and {len(mandatory) - 1} more)" if len(mandatory) > 1 else ""
        failure = ElementTree.SubElement(case, "failure", message=f"{message}{more}", type="mandatory")
        failure.text = "\n".join(map(_line, mandatory))
    elif findings and all(kind(each) == "not known" for each in findings):
        ElementTree.SubElement(case, "skipped", message=_line(findings[0]))
    if others:
        out = ElementTree.SubElement(case, "system-out")
        out.text = "\n".join(f"{kind(each)}: {_line(each)}" for each in others)


def _line(finding: Finding) -> str:
    return f"{one_line(finding.subject)}: {one_line(finding.message)}"
