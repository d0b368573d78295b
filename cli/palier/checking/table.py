"""A check for a terminal: per phase changes, cost, findings and headroom, then how it ended."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from palier.checking.model import Check, Cost, Finding, Headroom, Outlook, PhaseCheck
from palier.checking.telling import (
    NONE,
    Movement,
    changes,
    first_breach,
    kind,
    label,
    moved,
    movements,
    one_line,
    ordered,
    page,
    printable,
    quantity,
)

WIDTH = 110
NARROWEST = 40
"""A message has at least so many columns; where the others leave less, it stands on lines of its own."""


def render(check: Check, width: int = WIDTH) -> str:
    """The whole check as plain lines of at most about `width` columns, ending in a newline."""
    lines: list[str] = []
    for phase in check.phases:
        lines += [*_phase_lines(phase, width), ""]
    if check.skipped:
        since = f" since {one_line(check.since)}" if check.since else ""
        lines += [f"not touched{since}: {', '.join(check.skipped)}", ""]
    lines += [check.sentence(), *_next_lines(check)]
    text = printable("\n".join(lines)).replace("\t", " ")
    return "\n".join(line.rstrip() for line in text.split("\n")) + "\n"


def _phase_lines(phase: PhaseCheck, width: int) -> Iterator[str]:
    head = f"{phase.phase} ({phase.environment})"
    if phase.failed:
        yield f"{head}: no preview"
        yield from textwrap.wrap(
            one_line(phase.failed), width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        return
    cost = f"; {_cost(phase.cost)}" if phase.cost else ""
    yield f"{head}: {changes(phase)}{cost}"
    if phase.findings:
        yield ""
        yield from _finding_lines(ordered(phase.findings), width)
    if phase.outlook:
        yield from _outlook_lines(phase.outlook)
    if phase.cost:
        for note in phase.cost.notes:
            text = f"note: {one_line(note)}"
            yield from textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")


def _cost(cost: Cost) -> str:
    before, after = f"{cost.before_usd:,.2f}", f"{cost.after_usd:,.2f}"
    difference = "" if before == after else f" ({cost.difference_usd:+,.2f})"
    return f"{moved(before, after)} USD a month{difference}"


def _finding_lines(findings: list[Finding], width: int) -> Iterator[str]:
    rows = [(kind(each), one_line(each.policy), one_line(each.subject)) for each in findings]
    wide = [max(len(row[column]) for row in rows) for column in range(3)]
    start = 2 + sum(wide) + 2 * len(wide)
    beside = width - start >= NARROWEST
    indent = " " * (start if beside else 6)
    for row, finding in zip(rows, findings, strict=True):
        told = "  " + "  ".join(cell.ljust(wide[column]) for column, cell in enumerate(row))
        message = textwrap.wrap(
            one_line(finding.message), max(width - len(indent), NARROWEST), break_on_hyphens=False
        ) or [""]
        if beside:
            yield f"{told}  {message[0]}"
            message = message[1:]
        else:
            yield told
        yield from (f"{indent}{line}" for line in message)


def _outlook_lines(outlook: Outlook) -> Iterator[str]:
    from palier.capacity.telling import table

    every = movements(outlook)
    shown = [each for each in every if each.worth_telling]
    yield ""
    scenario = one_line(outlook.scenario)
    yield f"  headroom in scenario {scenario}, as of {outlook.as_of}, until {outlook.horizon}"
    if shown:
        heads = ["metric", "value", "limit", "left", "attention", "critical"]
        yield from table([heads, *(_headroom_row(each) for each in shown)], "  ")
    if len(shown) < len(every):
        yield f"  unchanged and far from their limits: {len(every) - len(shown)} of {len(every)}"
    yield f"  first breach: {moved(first_breach(outlook.before), first_breach(outlook.after))}"


def _headroom_row(each: Movement) -> list[str]:
    def cell(of: Headroom | None) -> list[str]:
        if of is None:
            return [NONE] * 5
        told = [quantity(number, of.unit) for number in (of.value, of.limit, of.left)]
        return [*told, of.attention or "none", of.critical or "none"]

    pairs = zip(cell(each.before), cell(each.after), strict=True)
    return [label(each.either.metric), *(moved(before, after) for before, after in pairs)]


def _next_lines(check: Check) -> Iterator[str]:
    for phase in check.phases:
        if phase.failed and phase.log is not None:
            yield f"next: read {phase.log}"
    mandatory = [finding for phase in check.phases for finding in ordered(phase.of("mandatory"))]
    if not mandatory:
        return
    violated = [phase for phase in check.phases if phase.of("mandatory")]
    yield f"next: mend it in {', '.join(dict.fromkeys(phase.settings_file for phase in violated))}"
    pages = dict.fromkeys(page(finding.policy) for finding in mandatory)
    yield f"next: what a policy wants, and why: {', '.join(pages)}"
    yield from _exemption_lines(mandatory[0], check.environment)


def _exemption_lines(finding: Finding, environment: str) -> Iterator[str]:
    yield "next: or let it through until a day, in policies.yaml:"
    yield "  exemptions:"
    yield f"    - policy: {finding.policy}"
    if finding.urn:
        yield f"      resource: {_scalar(finding.urn.rpartition('::')[2])}"
    yield f"      environment: {environment}"
    yield "      reason: <why it may stay>"
    yield "      owner: <who answers for it>"
    yield "      until: <the last day, YYYY-MM-DD>"


def _scalar(text: str) -> str:
    """The text as YAML writes it on one line."""
    from json import dumps

    clean = one_line(text)
    plain = clean.replace("-", "").replace("_", "").isalnum() and clean[0].isalpha()
    return (
        clean
        if plain and clean.lower() not in ("true", "false", "null", "yes", "no", "on", "off")
        else dumps(clean)
    )
