"""Killed in the middle of every request that writes, before and after its effect, three times each."""

from __future__ import annotations

import signal
from collections.abc import Callable
from subprocess import Popen
from typing import Any

import pytest

from tests.engine.onboarding.company import NEWCOMER, Company
from tests.engine.phases.machine import kill, until

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
# What the people stack's provider writes for a person.
OF_THE_STACK = (
    "PUT /orgs/{org}/memberships/{username}",
    "PUT /organizations/{org_id}/team/{team_id}/memberships/{username}",
)


@pytest.fixture
def others_are_in(company: Company) -> Company:
    """Everybody has their access but the newcomer, whose file comes later."""
    file = company.roster / "people" / f"{NEWCOMER}.yaml"
    text = file.read_text()
    file.unlink()
    company.palier("up", "people")
    file.write_text(text)
    return company


def test_the_list_of_what_onboarding_writes_is_whole(others_are_in: Company) -> None:
    since = others_are_in.last()
    others_are_in.palier("onboard", "apply", NEWCOMER, "--here")
    written = {each.partition(" ")[2] for each in others_are_in.writes(since)}
    assert written == {*OWN, *OF_THE_STACK}


def test_killed_in_any_request_it_converges_and_nothing_is_there_twice(others_are_in: Company) -> None:
    company = others_are_in
    for operation in OF_THE_STACK:
        _killed_in(company, operation, "--only", "vpn", "--only", "accounts")
    company.palier("onboard", "apply", NEWCOMER, "--here", "--only", "vpn", "--only", "accounts")
    for operation in OWN:
        _killed_in(company, operation, "--skip", "accounts", "--skip", "vpn")
    company.palier("onboard", "apply", NEWCOMER, "--here")

    _once(company.workplace())
    since = company.last()
    assert "Nothing to change." in company.palier("onboard", "apply", NEWCOMER, "--here").out
    assert company.writes(since) == []


def _killed_in(company: Company, operation: str, *options: str) -> None:
    """Run until a fault holds the request, and kill −9 all of it: before its effect and after it."""
    for after in (False, True):
        company.put(
            "faults", [{"operation": operation, "delay_seconds": 600.0, "after": after, "times": KILLS}]
        )
        for left in reversed(range(KILLS)):
            process = company.start("onboard", "apply", NEWCOMER, "--here", *options)

            def held(left: int = left) -> bool:
                return bool(company.ask("faults")["faults"][0]["times"] <= left)

            def over(process: Popen[str] = process) -> bool:
                return process.poll() is not None  # nothing was left to do there

            def ready(held: Callable[[], bool] = held, over: Callable[[], bool] = over) -> bool:
                return held() or over()

            until(ready, "the request to be held", every=0.05)
            process.send_signal(signal.SIGKILL)
            kill(company.left_running())
            process.communicate()
        company.put("faults", [])


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
    assert len(workplace["slack"]["messages"]["awa.diallo@jobo.example"]) == 1
    accounts = [mail for mail in workplace["slack"]["users"] if mail == "awa.diallo@jobo.example"]
    assert len(accounts) == 1
    assert all(
        mails.count("awa.diallo@jobo.example") <= 1 for mails in workplace["slack"]["channels"].values()
    )
