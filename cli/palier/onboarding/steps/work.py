"""The newcomer's work: a first task, and the path of the first weeks as a checklist."""

from __future__ import annotations

import datetime

from palier.onboarding import first_task, path
from palier.onboarding.calls import Passing
from palier.onboarding.github import Issue
from palier.onboarding.steps.base import Case, Found, Step, Told, done, missing, pending, unasked

LABEL = "onboarding"
CHECKLISTS = "checklists"


class FirstTask(Step):
    """An issue of the team, assigned."""

    name = "first-task"
    title = "First task"
    for_newcomers = True
    group = "github"
    what = (
        "Assign an open issue of the team's repositories that nobody has: by label, then fresh before stale, "
        "small before large. Where there is none, the manager is asked for one in the checklist."
    )
    proof = "The issue is assigned to this person and to nobody else."
    needs = ("github-access",)

    def check(self, case: Case) -> Found:
        """The person's own first task, or the one that would be chosen."""
        if not case.team.repositories:
            return unasked("the team has no repository")
        held = first_task.of(case.github, case.team, case.login)
        if held is not None:
            case.facts["first_task"] = held
            return done(f"{held.name}: {held.title}")
        best = self._free(case)
        if not best:
            who = case.person.manager or "the team"
            return pending(
                "no open issue suits a first day",
                f"{who} labels one {case.team.first_task_labels[0]!r} in {', '.join(case.team.repositories)}",
            )
        why = first_task.reasons(best[0], case.reach.work, _now())
        return missing("none yet", f"assign {best[0].name}: {best[0].title} ({why})")

    def apply(self, case: Case, told: Told) -> None:
        """Take one that no other newcomer of this run takes, and see that nobody else did."""
        with case.reach.choosing:
            chosen, best = case.reach.chosen, self._free(case)
            if not best:
                return  # another newcomer of this run took the last one meanwhile
            issue = best[0]
            chosen[issue.name] = case.login
        told(f"{issue.name}: {first_task.reasons(issue, case.reach.work, _now())}")
        case.github.assign(issue, case.login)
        held = [
            each
            for each in case.github.issues(issue.repository, assignee=case.login)
            if each.name == issue.name
        ]
        if not held:
            raise Passing("GitHub", f"{issue.name} is not assigned yet")
        if others := [each for each in held[0].assignees if each.lower() != case.login.lower()]:
            chosen[issue.name] = ""  # never again in this run
            case.github.unassign(issue, case.login)
            raise Passing("GitHub", f"{issue.name} went to {', '.join(others)} meanwhile")

    def _free(self, case: Case) -> list[Issue]:
        """Work that nobody has, and that no other newcomer of this run takes, best first."""
        return self._left(case) or self._left(case, anew=True)

    def _left(self, case: Case, *, anew: bool = False) -> list[Issue]:
        """Of the list that the run has, or of one asked anew: somebody may have labelled more since."""
        what, chosen = f"work of {case.person.team}", case.reach.chosen

        def ask() -> list[Issue]:
            return first_task.candidates(case.github, case.team, case.reach.work, _now())

        if anew:
            case.reach.forget_listed(what)
        listed = case.reach.listed(what, ask)
        return [issue for issue in listed if chosen.get(issue.name, case.login) == case.login]


class Checklist(Step):
    """Week 1 and the milestones, as an issue."""

    name = "checklist"
    title = "Path"
    for_newcomers = True
    group = "github"
    what = "Open the checklist of week 1 and months 1 to 3 as an issue, assigned to the person."
    proof = "The issue stands once, is the person's, and names their first task."
    needs = ("github-access", "buddy")
    after = ("first-task",)
    sees = ("first-task",)

    def check(self, case: Case) -> Found:
        """By the mark in its text; among all issues of the label, also closed ones."""
        repository = case.reach.work.checklist_repository
        found = self._find(case)
        if found is None:
            return missing("no checklist", f"open an issue in {repository}: {path.title(case.person.name)}")
        case.facts["checklist"] = found
        if not found.closed and self._body(case, found) != found.body:
            return missing(f"{found.name} does not name the first task", f"set it in {found.name}")
        return done(f"{found.name}{' (closed)' if found.closed else ''}")

    def apply(self, case: Case, told: Told) -> None:
        """Open it, or set the first task in it."""
        person, found = case.person, self._find(case)
        if found is not None:
            case.github.edit(found, self._body(case, found))
            return
        body = path.checklist(
            path.load(case.roster.folder), case.login, person.name, person.buddy, person.manager, _task(case)
        )
        try:
            made = case.github.create_issue(
                case.reach.work.checklist_repository,
                path.title(person.name),
                body,
                assignees=[case.login],
                labels=[LABEL],
            )
        except BaseException:
            case.reach.forget_listed(CHECKLISTS)  # it may stand all the same
            raise
        case.reach.listed_more(CHECKLISTS, made)

    def _find(self, case: Case) -> Issue | None:
        """Among the person's own issues, or, where somebody took it from them, among all checklists."""
        repository, github = case.reach.work.checklist_repository, case.github

        def ask() -> list[Issue]:
            return github.issues(repository, state="all", labels=[LABEL])

        own = github.issues(repository, state="all", labels=[LABEL], assignee=case.login)
        return path.find(own, case.login) or path.find(case.reach.listed(CHECKLISTS, ask), case.login)

    def _body(self, case: Case, found: Issue) -> str:
        if "first_task" not in case.facts:
            return found.body
        return path.with_task(found.body, _task(case), case.person.manager)


def _task(case: Case) -> str | None:
    issue: Issue | None = case.facts.get("first_task")
    return None if issue is None else f"{case.reach.organization}/{issue.name} ({issue.title})"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
