"""A run, told: the tree of steps with their times, what is left, and the budget."""

from __future__ import annotations

from collections.abc import Sequence

from palier.onboarding.journal import Journal, percentile
from palier.onboarding.journal import Run as PastRun
from palier.onboarding.operation import APPLY, PLAN, Run
from palier.onboarding.results import Outcome, Result


def lines(run: Run, environment: str) -> list[str]:
    """The whole report."""
    said = [line for case in run.cases for line in _person(run, case.login)]
    if run.mode == APPLY:
        said += ["", *_budget(run, environment), *_ending(run)]
    elif run.mode == PLAN:
        count = sum(len(each.would) for each in run.results if each.outcome is Outcome.MISSING)
        said += ["", f"{count} changes would be made" if count else "Nothing would be changed"]
    else:
        bad = [each for each in run.results if not each.good]
        said += ["", f"{len(bad)} of {len(run.results)} not proven" if bad else "All of it stands, proven"]
    return said


def _person(run: Run, login: str) -> list[str]:
    results = [each for each in run.results if each.login == login]
    wide = max(len(each.title) for each in results)
    said = [login]
    for each in results:
        said.append(f"  {_row(each, wide)}")
        if run.mode == PLAN and each.outcome is Outcome.MISSING:
            said += [f"      {text}" for text in each.would]
        if each.waits_for:
            said.append(f"      waits for: {each.waits_for}")
        if each.next_step and each.outcome is Outcome.FAILED:
            said.append(f"      next: {each.next_step}")
    return said


def _row(each: Result, wide: int) -> str:
    from palier.onboarding.results import SIGNS

    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in each.parts.items() if seconds >= 0.05)
    attempts = f", {each.attempts} attempts" if each.attempts > 1 else ""
    times = (
        f"  [{each.seconds:.1f} s{': ' + parts if parts else ''}{attempts}]" if each.seconds >= 0.05 else ""
    )
    return f"{SIGNS[each.outcome]} {each.title:<{wide}}  {each.says}{times}"


def _budget(run: Run, environment: str) -> list[str]:
    share = run.seconds / run.budget_seconds
    slowest = max(run.results, key=lambda each: each.seconds)
    said = [
        f"{run.seconds:.1f} s of {run.budget_seconds / 60:.0f} minutes ({share:.0%}); "
        f"longest: {slowest.title} ({slowest.login}), {slowest.seconds:.1f} s"
    ]
    past = [each for case in run.cases for each in Journal(environment, case.login).runs()]
    ended = [each.seconds for each in past if each.kind == run.kind and each.seconds is not None]
    if len(ended) > 1:
        said.append(
            f"Runs so far ({len(ended)}): "
            f"P50 {percentile(ended, 0.5):.1f} s, P95 {percentile(ended, 0.95):.1f} s"
        )
    return said


def _ending(run: Run) -> list[str]:
    said = [] if run.changed else ["Nothing to change."]
    pending = [each for each in run.waiting if each.outcome is Outcome.PENDING]
    people = ", ".join(dict.fromkeys(each.login for each in pending))
    if run.failed:
        left = len(run.failed) + len([each for each in run.waiting if each.outcome is Outcome.WAITING])
        said.append(f"{len(run.failed)} steps failed; {left} are left, the others stand")
    elif pending:
        said.append(f"Waits for people ({people}); run this again, or add --wait MINUTES")
    elif run.waiting:
        said.append(f"{len(run.waiting)} steps want what this run leaves out")
    pages = [str(case.facts["page"]) for case in run.cases if "page" in case.facts]
    if pages and run.kind == "onboard":
        said.append(f"Page: {pages[0]}" if len(pages) == 1 else f"{len(pages)} pages beside {pages[0]}")
    return said


def status_lines(login: str, runs: Sequence[PastRun]) -> list[str]:
    """How it stood with a person when runs last looked."""
    import datetime

    if not runs:
        return [f"{login}: no run yet; palier onboard plan {login}"]
    latest: dict[str, dict[str, object]] = {}
    for each in runs:
        latest.update(each.steps)
    last = runs[-1]
    began = datetime.datetime.fromtimestamp(last.began_at).astimezone()
    ended = f"{last.seconds:.1f} s" if last.seconds is not None else "not ended: killed, or under way"
    said = [f"{login}: last run {last.kind} on {began:%Y-%m-%d %H:%M} ({ended}), {len(runs)} in all"]
    wide = max(map(len, latest), default=0)
    for name, step in latest.items():
        waits = f" — {step['waits_for']}" if step.get("waits_for") else ""
        said.append(f"  {name:<{wide}}  {step['outcome']}: {step['says']}{waits}")
    return said
