"""Who takes the newcomer by the hand: chosen by the roster's rules, written into the newcomer's file."""

from __future__ import annotations

from palier.onboarding import buddies
from palier.onboarding.roster_files import alone
from palier.onboarding.steps.base import Case, Found, Step, Told, done, missing


class Buddy(Step):
    """A buddy in the person's file."""

    name = "buddy"
    title = "Buddy"
    for_newcomers = True
    what = "Choose the buddy from the team's buddies: free first, then language, time zone, skills, recency."
    proof = "The person's file names a buddy of the roster."

    def check(self, case: Case) -> Found:
        """The file's buddy, or who would be it and why."""
        if case.person.buddy is not None:
            case.facts["buddy"] = case.person.buddy
            return done(f"{case.person.buddy}, as {case.login}.yaml says")
        best = buddies.ranked(case.roster, case.login)[0]
        return missing("nobody yet", f"set buddy: {best.login} in {case.login}.yaml ({best.reasons()})")

    def apply(self, case: Case, told: Told) -> None:
        """Choose by the roster as it is now: another run may have given somebody a newcomer."""
        with alone(case.roster.folder):
            case.reach.read_again()
            if case.person.buddy is None:
                best = buddies.ranked(case.roster, case.login)[0]
                told(f"{best.login}: {best.reasons()}")
                buddies.write(case.roster, case.login, best.login)
                case.reach.read_again()
