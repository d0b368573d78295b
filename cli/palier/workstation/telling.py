"""A run on a machine, told: a row for each role with its time, what failed, what waits, the budget."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from palier.onboarding.journal import percentile
from palier.onboarding.results import SIGNS, Outcome, Result
from palier.workstation.events import CHANGED
from palier.workstation.operation import APPLY, DOCTOR, PLAN, VERIFY, Done

MOST_DIFF_LINES = 400


def lines(done: Done) -> list[str]:
    """The whole report."""
    said = [f"{done.login + ': ' if done.login else ''}{done.target.name}"]
    if done.mode in (DOCTOR, VERIFY):
        said += [_check(check) for check in done.record.checks]
    wide = max(len(each.step) for each in done.results)
    if done.mode != DOCTOR or done.failed:
        for each in done.results:
            said += _row(each, wide)
    if done.mode == PLAN:
        said += ["", *_differences(done)]
    return [*said, "", *done.record.notes, *_ending(done)]


def _check(check: Mapping[str, Any]) -> str:
    ok = bool(check.get("ok"))
    fix = f" — {check['fix']}" if check.get("fix") else ""
    return f"  {SIGNS[Outcome.ALREADY if ok else Outcome.FAILED]} {check['name']}: {check['says']}{fix}"


def _row(each: Result, wide: int) -> list[str]:
    first, *rest = each.says.splitlines() or [""]
    said = [f"  {SIGNS[each.outcome]} {each.step:<{wide}}  {first}  [{each.seconds:.1f} s]"]
    said += [f"      {line}" for line in rest]
    said += [f"      {text}" for text in each.would]
    if each.waits_for:
        said.append(f"      waits for: {each.waits_for}")
    if each.next_step:
        said.append(f"      next: {each.next_step}")
    return said


def _differences(done: Done) -> Iterator[str]:
    found = [line for task in done.record.tasks if task.outcome == CHANGED for diff in task.diffs
             for line in _difference(diff)]  # fmt: skip
    yield from found[:MOST_DIFF_LINES]
    if len(found) > MOST_DIFF_LINES:
        yield f"… and {len(found) - MOST_DIFF_LINES} lines more"


def _difference(diff: Mapping[str, Any]) -> list[str]:
    if prepared := diff.get("prepared"):
        return str(prepared).splitlines()
    if isinstance(diff.get("before"), Mapping):
        return _states(diff)
    before, after = _text(diff.get("before")), _text(diff.get("after"))
    names = (str(diff.get("before_header") or "before"), str(diff.get("after_header") or "after"))
    return [line.rstrip("\n") for line in difflib.unified_diff(before, after, *names, n=1)]


def _states(diff: Mapping[str, Any]) -> list[str]:
    """A file's state before and after, in a line."""
    before, after = diff["before"], diff.get("after") or {}
    changes = [
        f"{key} {before.get(key)} -> {value}" for key, value in after.items() if before.get(key) != value
    ]
    return [f"{after.get('path') or before.get('path')}: {', '.join(changes)}"] if changes else []


def _text(value: Any) -> list[str]:
    return [] if value is None else str(value).splitlines(keepends=True)


def _ending(done: Done) -> Iterator[str]:
    if done.mode == PLAN:
        count = len(done.record.changed)
        yield f"{count} tasks would change something" if count else "Nothing would be changed"
    elif done.mode == VERIFY and not done.failed:
        yield "The environment works"
    elif done.mode == DOCTOR and not done.failed:
        wrong = [check for check in done.record.checks if not check.get("ok")]
        yield f"{len(wrong)} things to mend first" if wrong else "Nothing stands in the way"
    elif done.mode == APPLY:
        yield from _applied(done)
    if done.failed:
        yield f"{done.failed[0].step} failed; what comes after it was not begun, what came before it stands"


def _applied(done: Done) -> Iterator[str]:
    slowest = max(done.results, key=lambda each: each.seconds)
    yield (
        f"{done.seconds:.1f} s of {done.budget_seconds / 60:.3g} minutes "
        f"({done.seconds / done.budget_seconds:.0%}); longest: {slowest.step}, {slowest.seconds:.1f} s"
    )
    if len(done.past_seconds) > 1:
        past = list(done.past_seconds)
        middle, most = percentile(past, 0.5), percentile(past, 0.95)
        yield f"Runs so far ({len(past)}): P50 {middle:.1f} s, P95 {most:.1f} s"
    if not done.failed and not done.record.changed:
        yield "Nothing to change."
    if done.waiting:
        yield "Waits for a person; run this again once it is done"
