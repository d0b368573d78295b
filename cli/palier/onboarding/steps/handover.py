"""What somebody who leaves answers for goes to their heir: open work, newcomers, people, a buddy's place."""

from __future__ import annotations

import json

from palier.errors import InputError, OperationError
from palier.onboarding import buddies
from palier.onboarding.github import Issue
from palier.onboarding.path import MARK
from palier.onboarding.roster_files import alone, set_key
from palier.onboarding.steps.base import Case, Found, Step, Told, done, missing


def heir_of(case: Case) -> str:
    """Who takes over: the one that was named, or the manager. Raises InputError where nobody is."""
    heir = case.facts.get("heir") or case.person.manager
    if heir is None:
        raise InputError(
            "has no manager: name who takes over",
            file=case.roster.file_of(case.login),
            key="--to",
            allowed="a LOGIN",
        )
    return str(heir)


class Handover(Step):
    """Ownership."""

    name = "handover"
    title = "Handover"
    what = (
        "Hand over to the manager, or to who is named with --to: open issues and pull requests, the "
        "people that they manage, newcomers whose buddy they are, their place among the team's buddies."
    )
    proof = "Nothing open is assigned to them, and the roster names them for nobody."
    needs = ("last-day",)
    after = ("work-back",)

    def check(self, case: Case) -> Found:
        """Work on GitHub, names in the roster."""
        work, names = self._work(case), self._names(case)
        if not work and not names:
            return done("nothing to hand over")
        heir = heir_of(case)
        return missing(
            f"{len(work)} open issues, {len(names)} names in the roster",
            *(f"{each.name} goes to {heir}" for each in work),
            *(f"{what} of {login} goes to another" for what, login in names),
        )

    def apply(self, case: Case, told: Told) -> None:
        """The heir first, so that nothing is ever nobody's."""
        heir = heir_of(case)
        if not case.roster.people[heir].has_access(case.today):
            raise OperationError(f"{heir} has left too", next_step="name who takes over: --to LOGIN")
        for issue in self._work(case):
            case.github.assign(issue, heir)
            case.github.unassign(issue, case.login)
        with alone(case.roster.folder):
            case.reach.read_again()
            self._write_names(case, heir)
            case.reach.read_again()

    def _work(self, case: Case) -> list[Issue]:
        repositories = dict.fromkeys([*case.team.repositories, case.reach.work.checklist_repository])
        return [
            issue
            for repository in repositories
            for issue in case.github.issues(repository, assignee=case.login, pull_requests=True)
            if MARK not in issue.body and not set(issue.labels) & set(case.team.first_task_labels)
        ]

    def _names(self, case: Case) -> list[tuple[str, str]]:
        """(what, whose) the roster names the person for; who is not new any more keeps their buddy's name."""
        roster, leaver = case.roster, case.login
        found = [
            ("manager", login)
            for login, each in roster.people.items()
            if each.manager == leaver and each.has_access(case.today)
        ]
        found += [
            ("buddy", login)
            for login, each in roster.people.items()
            if each.buddy == leaver
            and each.has_access(case.today)
            and (case.today - each.starts).days < buddies.NEW_DAYS
        ]
        return found + [("buddies", name) for name, team in roster.teams.items() if leaver in team.buddies]

    def _write_names(self, case: Case, heir: str) -> None:
        roster, leaver = case.roster, case.login
        for what, whose in self._names(case):
            if what == "buddies":
                kept = [each for each in roster.teams[whose].buddies if each != leaver]
                if not kept:
                    raise OperationError(
                        f"{whose} would have no buddy", next_step=f"name another in teams/{whose}.yaml"
                    )
                set_key(roster.folder / "teams" / f"{whose}.yaml", "buddies", json.dumps(kept))
                case.reach.read_again()
        for what, whose in self._names(case):
            if what == "manager":
                set_key(roster.file_of(whose), "manager", heir if heir != whose else None)
            elif what == "buddy":
                best = buddies.ranked(case.reach.roster, whose)[0]
                set_key(roster.file_of(whose), "buddy", best.login)
