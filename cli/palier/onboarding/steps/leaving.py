"""The steps by which somebody leaves: the inverse of coming in, access first, and each proved gone.

What stays is history, and said: a closed checklist, the welcome message, a Slack account switched off.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from palier.onboarding import first_task, path
from palier.onboarding.github import Issue
from palier.onboarding.roster import PEOPLE, TEAMS
from palier.onboarding.steps.accounts import Accounts
from palier.onboarding.steps.base import (
    Case,
    Found,
    Proof,
    Step,
    Told,
    done,
    missing,
    pending,
    table,
    unasked,
)
from palier.onboarding.steps.handover import Handover
from palier.onboarding.steps.last_day import LastDay, Sessions, end_access
from palier.onboarding.steps.page import file_of
from palier.onboarding.steps.slack import invited
from palier.onboarding.steps.work import LABEL

if TYPE_CHECKING:
    from palier.phases.runner import Outcome


class AccountsGone(Accounts):
    """The people stack, which makes nothing for them any more."""

    title = "Accounts"
    what = (
        "Bring the people stack up: without them in it, membership, teams and rights on GitHub, the user and "
        "its groups in AWS and the VPN's peer go."
    )
    after = ("last-day", "sessions")

    def preview(self, cases: list[Case]) -> Outcome:
        """What the engine would change once the roster says that they left; a plan has not written it yet."""
        reach = cases[0].reach
        with TemporaryDirectory(prefix="palier-roster-") as folder:
            ended = Path(folder) / "roster"
            for kind in (PEOPLE, TEAMS):
                shutil.copytree(reach.roster.folder / kind, ended / kind)
            for case in cases:
                end_access(ended / PEOPLE / reach.roster.file_of(case.login).name, case.person, case.today)
            return reach.preview_people(ended)


class GitHubGone(Proof):
    """No membership, no right."""

    name = "github-gone"
    title = "GitHub"
    service = "GitHub"
    group = "github"
    what = "Prove that access to GitHub is gone."
    proof = "No membership of the organisation, not even an invitation."
    needs = ("accounts",)

    def check(self, case: Case) -> Found:
        """The membership."""
        state = case.github.membership(case.login)
        if state is None:
            return done(f"no member of {case.reach.organization}")
        return missing(f"membership is {state}", "bring the people stack up")


class AwsGone(Proof):
    """No user."""

    name = "aws-gone"
    title = "AWS"
    service = "AWS"
    group = "aws"
    what = "Prove that access to AWS is gone."
    proof = "IAM Identity Center knows no user of the address."
    needs = ("accounts",)

    def check(self, case: Case) -> Found:
        """The user."""
        if not case.reach.has_identity:
            return unasked("no access to AWS through IAM Identity Center")
        if case.identity.groups_of(case.person.email) is None:
            return done(f"no user {case.person.email}")
        return missing(f"the user {case.person.email} is still there", "bring the people stack up")


class VpnGone(Proof):
    """No peer."""

    name = "vpn-gone"
    title = "VPN gateway"
    service = "people stack"
    group = "vpn"
    what = "Prove that the gateway's peers are without this person."
    proof = "The stack's output vpn_peers does not have them."
    needs = ("accounts",)

    def check(self, case: Case) -> Found:
        """The stack's output."""
        if case.reach.vpn_settings is None:
            return unasked("no VPN")
        if case.login in (case.reach.outputs().get("vpn_peers") or {}):
            return missing("still published", "bring the people stack up")
        return done("not among the peers")

    def prepare(self, case: Case) -> None:
        """Outputs that were read before the stack came up say nothing."""
        case.reach.forget_outputs()


class SlackGone(Step):
    """Out of the channels, the account switched off."""

    name = "slack-gone"
    title = "Slack"
    group = "slack"
    what = "Take the person out of the team's channels, and switch the account off as the plan allows."
    proof = "Slack knows no active account of the address."
    needs = ("last-day",)
    after = ("sessions",)

    def check(self, case: Case) -> Found:
        """An account that is switched off is not found by its address."""
        settings = case.reach.slack_settings
        if settings is None:
            return unasked("Slack is not used")
        user = case.slack.find(case.person.email)
        if user is None and not invited(case):
            return done(f"no active account of {case.person.email}")
        if settings.invite == "by-hand" and user is not None and not self._channels(case, str(user["id"])):
            return pending(
                "out of the team's channels, but the account is active",
                f"an owner of the workspace deactivates {case.person.email}: {settings.invite_link}",
            )
        return missing("the account is active", "leave the channels, switch the account off")

    def apply(self, case: Case, told: Told) -> None:
        """Channels first: they are all that a plan without an API lets us do."""
        settings = case.reach.slack_settings
        assert settings is not None
        user = case.slack.find(case.person.email)
        if user is not None:
            for name in self._channels(case, str(user["id"])):
                case.slack.kick(case.slack.channel(name), str(user["id"]))
        if settings.invite == "scim":
            known = case.slack.scim_find(case.person.email)
            if known is not None and known.get("active"):
                case.slack.scim_activate(str(known["id"]), False)
        elif settings.invite == "admin" and user is not None:
            assert settings.team_id is not None
            case.slack.admin_remove(settings.team_id, str(user["id"]))

    def _channels(self, case: Case, user: str) -> list[str]:
        return [
            name for name in case.team.slack_channels if user in case.slack.members(case.slack.channel(name))
        ]


class WorkBack(Step):
    """First task and checklist."""

    name = "work-back"
    title = "First task"
    group = "github"
    what = "Give an unfinished first task back for the next newcomer, and close the checklist."
    proof = "No open first task is assigned to them, and no checklist of theirs is open."
    needs = ("last-day",)

    def check(self, case: Case) -> Found:
        """Both."""
        task, checklist = self._task(case), self._checklist(case)
        would = [f"unassign {task.name}"] if task else []
        would += [f"close {checklist.name}"] if checklist else []
        return missing("work of the first weeks is open", *would) if would else done("nothing open")

    def apply(self, case: Case, told: Told) -> None:
        """Unassign, close."""
        if task := self._task(case):
            case.github.unassign(task, case.login)
        if checklist := self._checklist(case):
            case.github.close(checklist)

    def _task(self, case: Case) -> Issue | None:
        held = first_task.of(case.github, case.team, case.login)
        return held if held is not None and not held.closed else None

    def _checklist(self, case: Case) -> Issue | None:
        issues = case.github.issues(case.reach.work.checklist_repository, labels=[LABEL])
        return path.find(issues, case.login)


class PageGone(Step):
    """The page."""

    name = "page-gone"
    title = "Page"
    what = "Delete the person's page."
    proof = "The file is gone."
    needs = ("last-day",)

    def check(self, case: Case) -> Found:
        """The file."""
        file = file_of(case)
        return missing("the page is there", f"delete {file}") if file.exists() else done("no page")

    def apply(self, case: Case, told: Told) -> None:
        """Delete it."""
        file_of(case).unlink(missing_ok=True)


LEAVING: Mapping[str, Step] = table(
    (
        LastDay(),
        Sessions(),
        AccountsGone(),
        WorkBack(),
        Handover(),
        GitHubGone(),
        AwsGone(),
        VpnGone(),
        SlackGone(),
        PageGone(),
    )
)
