"""Killed in the middle of every request that writes, three times before its effect, and after it."""

from __future__ import annotations

import signal
import time
from typing import Any

from tests.engine.onboarding.company import NEWCOMER, NEWCOMER_MAIL, Company
from tests.engine.phases.machine import kill

KILLS = 3
# All that onboarding itself writes on GitHub and in Slack, in no order; the first test holds it to that.
OWN = (
    "POST /Users",
    "conversations.join",
    "conversations.invite",
    "conversations.open",
    "chat.postMessage",
    "POST /repos/{owner}/{repo}/issues/{issue_number}/assignees",
    "POST /repos/{owner}/{repo}/issues",
)
# What the people stack's providers write for a person.
OF_THE_STACK = (
    "PUT /orgs/{org}/memberships/{username}",
    "PUT /organizations/{org_id}/team/{team_id}/memberships/{username}",
    "CreateUser",
    "CreateGroupMembership",
)
# What they write for a team, whose ids only the answer tells.
OF_A_TEAM = (
    "POST /orgs/{org}/teams",
    "CreateGroup",
    "CreatePermissionSet",
    "AttachManagedPolicyToPermissionSet",
    "CreateAccountAssignment",
)


def test_the_list_of_what_onboarding_writes_is_whole(others_are_in: Company) -> None:
    since = others_are_in.last()
    others_are_in.palier("onboard", "apply", NEWCOMER, "--here")
    written = {each.partition(" ")[2] for each in others_are_in.writes(since)}
    assert written == {*OWN, *OF_THE_STACK}


def test_killed_in_any_request_it_converges_and_nothing_is_there_twice(others_are_in: Company) -> None:
    company = others_are_in
    apply = ("onboard", "apply", NEWCOMER, "--here")
    accounts = (*apply, "--only", "vpn", "--only", "accounts")
    _killed_in(company, _four_times(OF_THE_STACK), *accounts)
    company.palier(*accounts)
    _killed_in(company, _four_times(OWN), *apply, "--skip", "accounts", "--skip", "vpn")
    company.palier(*apply)

    _once(company.workplace())
    assert company.identity_center()["groups"]["marketplace"]["members"].count(NEWCOMER_MAIL) == 1
    assert company.identity_center()["users"].count(NEWCOMER_MAIL) == 1
    since = company.last()
    assert "Nothing to change." in company.palier(*apply).out
    assert company.writes(since) == []


def test_killed_as_it_makes_a_team_it_goes_on_with_what_it_made(company: Company) -> None:
    company.palier("local", "start")
    faults = [_held(operation, after=True) for operation in OF_A_TEAM]

    _killed_in(company, faults, "up", "people")
    company.palier("up", "people")

    assert set(company.workplace()["github"]["teams"]) == {"marketplace", "platform"}
    stands = company.identity_center()
    assert {name: group["assigned"] for name, group in stands["groups"].items()} == {
        "marketplace": [("developer", "123456789012")],
        "platform": [("platform-engineer", "123456789012"), ("platform-engineer", "210987654321")],
    }
    assert "nothing to change" in company.palier("up", "people", "--refresh").text


def _killed_in(company: Company, faults: list[dict[str, Any]], *command: str) -> None:
    """Kill −9 all of each run that a fault holds, until each fault has held one as often as it should."""
    company.put("faults", faults)
    while to_come := _to_come(company):
        process = company.start(*command)
        while _to_come(company) == to_come:
            assert process.poll() is None, f"it ended and was not held: {company.ask('faults')}"
            time.sleep(0.05)
        time.sleep(0.3)  # what runs at the same time is held too, and effects come
        process.send_signal(signal.SIGKILL)
        kill(company.left_running())
        process.communicate()


def _to_come(company: Company) -> int:
    return sum(each["times"] for each in company.ask("faults")["faults"])


def _held(operation: str, *, after: bool, times: int = 1) -> dict[str, Any]:
    return {"operation": operation, "delay_seconds": 600.0, "after": after, "times": times}


def _four_times(operations: tuple[str, ...]) -> list[dict[str, Any]]:
    """Three times before its effect; then once after it, and who comes again has nothing to ask there."""
    return [
        _held(operation, after=after, times=times)
        for operation in operations
        for after, times in ((False, KILLS), (True, 1))
    ]


def _once(workplace: dict[str, Any]) -> None:
    runbooks = workplace["github"]["repositories"]["runbooks"]["issues"]
    assert len([each for each in runbooks if "palier:onboarding adiallo" in each["body"]]) == 1
    assigned = [
        (name, each["number"])
        for name, repository in workplace["github"]["repositories"].items()
        for each in repository["issues"]
        if each["assignees"] == [NEWCOMER] and "palier:onboarding" not in each["body"]
    ]
    assert len(assigned) == 1, assigned
    assert len(workplace["slack"]["messages"][NEWCOMER_MAIL]) == 1
    accounts = [mail for mail in workplace["slack"]["users"] if mail == NEWCOMER_MAIL]
    assert len(accounts) == 1
    assert all(mails.count(NEWCOMER_MAIL) <= 1 for mails in workplace["slack"]["channels"].values())
