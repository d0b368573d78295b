"""Accounts and access that the people stack makes, and the proof of them through the services themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from palier.onboarding.github import RIGHTS
from palier.onboarding.steps.base import Case, Found, Proof, Step, Told, done, missing, pending, unasked

if TYPE_CHECKING:
    from palier.phases.runner import Outcome


class Accounts(Step):
    """The people stack, for the people of the run."""

    name = "accounts"
    title = "Accounts"
    what = (
        "Bring the people stack up for them: organisation, teams and repository rights on GitHub, "
        "user and group membership in AWS IAM Identity Center, the VPN's peer."
    )
    proof = "A second run of the stack finds nothing to change."
    after = ("buddy", "vpn")
    shared = True
    lookable = False  # the proofs below look at the services themselves

    def check_all(self, cases: list[Case]) -> Found:
        """What the engine would change for them."""
        outcome = self.preview(cases)
        if not outcome.changed:
            return done("the people stack is as the roster says")
        changes = [change for change in outcome.changes if change.op != "same"]
        return missing(
            f"{len(changes)} resources would change",
            *(f"{change.op} {change.urn.split('::')[-1]}" for change in changes),
        )

    def preview(self, cases: list[Case]) -> Outcome:
        """What the engine would change of everybody's access."""
        return cases[0].reach.preview_people()

    def apply_all(self, cases: list[Case], told: Told) -> tuple[Found, bool]:
        """Run the engine, which looks for itself. Also tells whether it changed anything."""
        outcome = cases[0].reach.bring_people_up()
        return done(outcome.changes_text()), outcome.changed


class GitHubAccess(Proof):
    """Membership active, and every repository of the team open with the right it gives."""

    name = "github-access"
    title = "GitHub"
    service = "GitHub"
    group = "github"
    what = "Prove the person's access to GitHub."
    proof = "Membership is active, and each of the team's repositories grants at least its right."
    needs = ("accounts",)

    def check(self, case: Case) -> Found:
        """Membership first: without it rights say nothing."""
        organization = case.reach.organization
        state = case.github.membership(case.login)
        if state == "pending":
            return pending(
                "the invitation is not accepted yet",
                f"{case.login} accepts at https://github.com/orgs/{organization}/invitation",
            )
        if state != "active":
            return missing(f"no member of {organization}", "bring the people stack up")
        short = [
            f"{repository} ({held or 'none'}, wanted {right})"
            for repository, right in case.team.repositories.items()
            if not covers(held := case.github.right(repository, case.login), right)
        ]
        if short:
            return missing(f"too little right in {', '.join(short)}", "bring the people stack up")
        case.facts["github_active"] = True
        return done(f"active member of {organization}, {len(case.team.repositories)} repositories open")


def covers(held: str | None, wanted: str) -> bool:
    """Whether a right includes another."""
    return held is not None and RIGHTS.index(held) >= RIGHTS.index(wanted)


class AwsAccess(Proof):
    """The user in the team's group, and the group assigned its permission sets."""

    name = "aws-access"
    title = "AWS"
    service = "AWS"
    group = "aws"
    what = "Prove the person's access to AWS."
    proof = "The user is in the team's group, and each permission set is assigned to it in each account."
    needs = ("accounts",)

    def check(self, case: Case) -> Found:
        """User, group, assignments."""
        wanted = {
            (name, account)
            for name, accounts in case.team.aws_permission_sets.items()
            for account in accounts
        }
        if not wanted or not case.reach.has_identity:
            return unasked("no access to AWS for this team")
        groups = case.identity.groups_of(case.person.email)
        if groups is None:
            return missing(f"no user {case.person.email} in IAM Identity Center", "bring the people stack up")
        if case.person.team not in groups:
            return missing(f"the user is not in the group {case.person.team}", "bring the people stack up")
        if lacking := sorted(wanted - case.identity.assigned(case.person.team)):
            name, account = lacking[0]
            return missing(f"{name} is not assigned in {account}", "bring the people stack up")
        return done(f"{', '.join(case.team.aws_permission_sets)} assigned")
