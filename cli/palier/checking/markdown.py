"""A check for a pull request: the verdict, what changes, what the policies found, in GitHub's Markdown.

Names and messages come from programs and clouds. Whatever is in them stays text: no cell, heading, link,
image, mention or tag begins in a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from palier.checking.model import CLEAN, FAILED, Check, Finding, Headroom, PhaseCheck
from palier.checking.telling import (
    NONE,
    all_ordered,
    changes,
    counted,
    first_breach,
    kind,
    label,
    movements,
    one_line,
    page,
    quantity,
    shortened,
)

MOST_CHARACTERS = 65_536
"""What GitHub takes as a comment; a longer one it refuses: "Body is too long (maximum is 65536 characters)"
(the API's answer 422; discussion 27190 of its community). A step's summary may have 1024 KiB ("supports
content up to a size of 1024k", says the runner), so that what fits a comment fits there."""
LONGEST_TEXT = 2_000
_MARKUP = re.compile(r"([\\`*_{}\[\]~])")
# What would begin a rule, a list or a heading where the text begins its line.
_LEADING = re.compile(r"^[-+=#]")
# Entities, since a backslash does not keep a bar out of a table everywhere, and HTML knows none.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": "&#36;"})
# A blank of no width keeps GitHub from an address, a mention, an issue: it looks for them in rendered text,
# for the last two outside of code.
_BREAK = "\u200b"
_ADDRESS = re.compile(r"\b(?:https?|ftp|mailto|xmpp)(?=:)|\bwww(?=\.)", re.IGNORECASE)
_MENTION = re.compile(r"[@#](?=\w)|\bGH(?=-\d)", re.IGNORECASE)


def render(check: Check, most_characters: int = MOST_CHARACTERS) -> str:
    """The summary in at most so many characters; where these do not suffice, the last findings go."""
    found = all_ordered(check)
    low, high = 0, len(found)
    text = _written(check, high)
    if len(text) <= most_characters:
        return text
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(_written(check, middle)) <= most_characters else (low, middle - 1)
    text = _written(check, low)
    if len(text) <= most_characters:
        return text
    short = "\n".join([mark(check), *_heading(check), "", *_left_out(len(found)), ""])
    return shortened(short, most_characters)


def mark(check: Check) -> str:
    """The first line, which nobody sees: by it the action finds its comment on this environment again."""
    return f"<!-- palier-check {re.sub(r'[^A-Za-z0-9_.]+', '-', check.environment).strip('-')} -->"


def escaped(text: str) -> str:
    """The text as Markdown that renders as nothing but this text, on one line, in a table or anywhere."""
    return _LEADING.sub(r"\\\g<0>", _as_text(_MENTION.sub(_broken, shortened(one_line(text), LONGEST_TEXT))))


def code(text: str) -> str:
    """A name as code, also in a table, whatever is in it."""
    return f"<code>{_as_text(shortened(one_line(text), LONGEST_TEXT))}</code>"


def _as_text(text: str) -> str:
    return _MARKUP.sub(r"\\\1", _ADDRESS.sub(_broken, text).translate(_ENTITIES))


def _broken(match: re.Match[str]) -> str:
    return f"{match[0]}{_BREAK}"


def _written(check: Check, shown: int) -> str:
    """The summary with so many findings, mandatory ones of every phase before others."""
    found = sorted(all_ordered(check), key=lambda pair: not pair[1].mandatory)
    kept = {id(finding) for _, finding in found[:shown]}
    lines = [mark(check), *_heading(check)]
    for phase in check.phases:
        lines += ["", *_phase_lines(phase, kept)]
    if shown < len(found):
        lines += ["", *_left_out(len(found) - shown)]
    if check.exit_code != CLEAN:
        lines += ["", *_next_lines(check)]
    return "\n".join(lines) + "\n"


def _heading(check: Check) -> Iterator[str]:
    signs = {CLEAN: "✅", FAILED: "❌"}
    yield f"## {signs.get(check.exit_code, '⛔')} Palier check: {escaped(check.sentence())}"
    yield ""
    against = f", changes since {code(check.since)}" if check.since else ""
    skipped = f" Not touched: {escaped(', '.join(check.skipped))}." if check.skipped else ""
    yield f"Environment {code(check.environment)}{against}. Nothing was deployed.{skipped}"


def _left_out(number: int) -> Iterator[str]:
    yield f"> {counted(number, 'finding')} left out: a comment holds no more. `--output json` has every one."


def _phase_lines(phase: PhaseCheck, kept: set[int]) -> Iterator[str]:
    yield f"### {escaped(phase.phase)}"
    yield ""
    if phase.failed:
        yield f"No preview: {escaped(phase.failed)}"
        return
    yield from _table(["", "Before", "After", "Change"], _rows(phase))
    findings = [finding for _, finding in all_ordered(Check("", (phase,), ())) if id(finding) in kept]
    mandatory = [finding for finding in findings if finding.mandatory]
    others = [finding for finding in findings if not finding.mandatory]
    if mandatory:
        yield from ("", "**Mandatory**", "", *map(_item, mandatory))
    if others:
        yield from ("", f"<details><summary>{_counts(others)}</summary>", "")
        yield from map(_item, others)
        yield from ("", "</details>")
    if phase.cost and phase.cost.notes:
        yield from ("", *(f"- {escaped(note)}" for note in phase.cost.notes))


def _counts(findings: Sequence[Finding]) -> str:
    kinds = [kind(finding) for finding in findings]
    return ", ".join(f"{kinds.count(each)} {each}" for each in dict.fromkeys(kinds))


def _item(finding: Finding) -> str:
    severity = f" ({finding.severity})" if finding.severity else ""
    return f"- {code(finding.policy)}{severity}, {code(finding.subject)}: {escaped(finding.message)}"


def _rows(phase: PhaseCheck) -> Iterator[list[str]]:
    standing = sum(phase.changes.get(each, 0) for each in ("same", "updated", "replaced", "deleted"))
    planned = standing - phase.changes.get("deleted", 0) + phase.changes.get("created", 0)
    yield ["Resources", str(standing), str(planned), escaped(changes(phase))]
    if cost := phase.cost:
        change = f"{cost.difference_usd:+,.2f} USD" if cost.difference_usd else ""
        yield ["Monthly cost", f"{cost.before_usd:,.2f} USD", f"{cost.after_usd:,.2f} USD", change]
    if outlook := phase.outlook:
        for each in movements(outlook):
            row = [_headroom(each.before), _headroom(each.after)]
            yield [escaped(label(each.either.metric)), *row, "changes" if each.changes else ""]
        before, after = first_breach(outlook.before), first_breach(outlook.after)
        change = "" if before == after else "changes"
        yield ["First breach", escaped(before), escaped(after), change]


def _headroom(of: Headroom | None) -> str:
    if of is None:
        return NONE
    value, limit, left = (quantity(number, of.unit) for number in (of.value, of.limit, of.left))
    room = f"{left} left" if of.left >= 0 else "beyond it"
    day = f"; attention {of.attention}" if of.attention else ""
    return escaped(f"{value} (limit {limit}, {room}{day})")


def _table(heads: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    for row in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(row)} |"


def _next_lines(check: Check) -> Iterator[str]:
    mandatory = [(phase, finding) for phase, finding in all_ordered(check) if finding.mandatory]
    if mandatory:
        files = dict.fromkeys(code(phase.settings_file) for phase, _ in mandatory)
        pages = dict.fromkeys(code(page(finding.policy)) for _, finding in mandatory)
        yield f"Mend it in {', '.join(files)}; what the policies want, and why: {', '.join(pages)}."
        yield "An exemption, with a reason, an owner and a last day, stands in `policies.yaml`."
    if check.exit_code == FAILED:
        yield "A preview failed; the log of the run says where."
