"""Every call meets every fault: what may pass is got over, what may not stops, nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from palier.console import Reporter
from palier.local.layout import WORKPLACE_TOKENS
from palier.onboarding import calls, github, local_world, operation, slack
from palier.onboarding.operation import Order, Run
from palier.onboarding.reach import Reach
from palier.onboarding.roster import load
from palier.onboarding.settings import SlackSettings, WorkSettings
from palier.onboarding.steps.table import choose

from tests.engine.local.emulated import REGION, Emulated, free_port
from tests.engine.onboarding.company import clients
from tests.unit.onboarding.world import TODAY, roster

# What a fault is, and whether it may pass.
PASSING: dict[str, dict[str, Any]] = {
    "409": {"status": 409},
    "429": {"status": 429, "code": "ratelimited", "headers": {"Retry-After": "1"}},
    "403 secondary": {"status": 403, "code": "ratelimited", "headers": {"Retry-After": "1"}},
    "500": {"status": 500, "code": "internal_error"},
    "502": {"status": 502, "code": "service_unavailable"},
    "reset": {"reset": True},
    "time-out": {"delay_seconds": 1.3, "status": 504, "code": "request_timeout"},
    "slow": {"delay_seconds": 0.2},
}
FINAL: dict[str, dict[str, Any]] = {
    "401": {"status": 401, "code": "invalid_auth"},
    "403": {"status": 403, "code": "missing_scope"},
    "404": {"status": 404, "code": "channel_not_found"},
    "422": {"status": 422, "code": "invalid_arguments"},
}
STEPS = choose((), ("accounts", "vpn"))  # the engine's, and one that calls nobody


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    emulated = Emulated(tmp_path_factory.mktemp("workplace"), free_port())
    emulated.start()
    try:
        yield emulated
    finally:
        emulated.kill()


@pytest.fixture
def reach(process: Emulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reach:
    """Everybody is a member already: what the people stack makes is not what fails here."""
    monkeypatch.setenv("PALIER_ONBOARDING_DIR", str(tmp_path / "onboarding"))
    monkeypatch.setattr(calls, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(github, "TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(slack, "TIMEOUT_SECONDS", 1)
    settings = SimpleNamespace(
        organization="shop",
        slack=SlackSettings(invite="scim"),
        vpn=None,
        identity=SimpleNamespace(),
        region=REGION,
        work=WorkSettings(checklist_repository="shop-api"),
    )
    people = load(roster(tmp_path / "roster"))
    found = Reach(people, settings, "test", clients(process.endpoint), Reporter())
    _begin(process, found)
    return found


def _begin(process: Emulated, reach: Reach) -> None:
    """The workplace before the newcomer."""
    process.api("reset", method="POST")
    process.api("workplace", method="PUT", body=local_world.world(reach.roster, reach.settings))
    process.api("workplace/behaviour", method="PUT", body={"rate_limits": False})
    ask = reach.github._requester().requestJsonAndCheck
    ask("POST", "/orgs/shop/teams", input={"name": "web"})
    ask("PUT", "/orgs/shop/teams/web/repos/shop/shop-api", input={"permission": "push"})
    for login in reach.roster.people:
        ask("PUT", f"/orgs/shop/memberships/{login}", input={"role": "member"})
        ask("PUT", f"/orgs/shop/teams/web/memberships/{login}", input={"role": "member"})

    _give_access_to_aws(process)


def _give_access_to_aws(process: Emulated) -> None:
    store, sso = process.client("identitystore"), process.client("sso-admin")
    instance = sso.list_instances()["Instances"][0]
    whole = {"IdentityStoreId": instance["IdentityStoreId"]}
    name = {"GivenName": "New", "FamilyName": "Comer"}
    user = store.create_user(**whole, UserName="new@shop.example", DisplayName="New Comer", Name=name)
    group = store.create_group(**whole, DisplayName="web")["GroupId"]
    store.create_group_membership(**whole, GroupId=group, MemberId={"UserId": user["UserId"]})
    made = sso.create_permission_set(InstanceArn=instance["InstanceArn"], Name="developer")["PermissionSet"]
    sso.create_account_assignment(
        InstanceArn=instance["InstanceArn"],
        PermissionSetArn=made["PermissionSetArn"],
        PrincipalId=group,
        PrincipalType="GROUP",
        TargetId="123456789012",
        TargetType="AWS_ACCOUNT",
    )


def onboard(reach: Reach, minutes: float = 5.0) -> Run:
    again = Reach(load(reach.roster.folder), reach.settings, "test", reach.variables, Reporter())
    return operation.carry_out(again, Order("apply", ("new",), STEPS, minutes), Reporter(), TODAY)


def _faults(found: list[tuple[str, str]], fault: dict[str, Any], *, after: bool) -> list[dict[str, Any]]:
    """Each call fails once."""
    return [
        {"service": service, "operation": name, "after": after, "times": 1, **fault}
        for service, name in found
    ]


CALLS: list[tuple[str, str]] = []  # what an undisturbed run asks; learnt by whichever test comes first


@pytest.fixture(autouse=True)
def _learnt(process: Emulated, reach: Reach) -> None:
    if CALLS:
        return
    before = {each["number"] for each in process.api("requests")}
    onboard(reach)
    asked = [each for each in process.api("requests") if each["number"] not in before]
    CALLS.extend(dict.fromkeys((each["service"], each["operation"]) for each in asked))
    _begin(process, reach)


def test_an_undisturbed_run_makes_the_calls_that_the_others_disturb() -> None:
    assert len(CALLS) >= 20
    assert {"github", "slack", "identitystore", "sso"} == {service for service, _ in CALLS}
    assert ("slack", "chat.postMessage") in CALLS
    assert ("github", "POST /repos/{owner}/{repo}/issues") in CALLS


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_got_over_at_every_call(
    process: Emulated, reach: Reach, name: str, after: bool
) -> None:
    met = [each for each in CALLS if each[0] == "github" or name != "403 secondary"]  # GitHub's own way
    process.api("faults", method="PUT", body=_faults(met, PASSING[name], after=after))

    run = onboard(reach)

    assert not run.failed, [each.says for each in run.failed]
    assert not run.waiting
    left = [each for each in process.api("faults")["faults"] if each["times"]]
    assert not left, "every call met its fault"
    _once(process.api("workplace"))
    process.api("faults", method="PUT", body=[])
    assert not onboard(reach).changed


@pytest.mark.parametrize("name", FINAL)
def test_what_does_not_pass_stops_clearly_at_every_call_and_the_rerun_goes_on(
    process: Emulated, reach: Reach, name: str
) -> None:
    for service, call in CALLS:
        fault = {"service": service, "operation": call, "times": 1, **FINAL[name]}
        if service == "slack" and not call.partition(" ")[2]:
            fault["status"] = 200  # the Web API says so in its body
        process.api("faults", method="PUT", body=[fault])
        run = onboard(reach)
        for each in run.failed:
            assert each.says, call
            assert "Traceback" not in each.says
            assert each.next_step, f"{call}: {each.says}"
            told = f"{each.says} {each.next_step}"
            assert not [token for token in WORKPLACE_TOKENS.values() if token in told]
    process.api("faults", method="PUT", body=[])
    run = onboard(reach)
    assert not run.failed
    assert not run.waiting
    _once(process.api("workplace"))


def test_a_service_that_asks_to_wait_beyond_the_budget_is_not_waited_for(
    process: Emulated, reach: Reach
) -> None:
    fault = {"service": "github", "status": 429, "headers": {"Retry-After": "3600"}, "times": None}
    process.api("faults", method="PUT", body=[fault])

    run = onboard(reach, minutes=0.1)

    assert run.seconds < 6
    assert {each.step for each in run.failed} >= {"github-access"}
    assert "429" in next(each.says for each in run.failed)
    process.api("faults", method="PUT", body=[])
    assert not onboard(reach).failed


def _once(workplace: dict[str, Any]) -> None:
    issues = workplace["github"]["repositories"]["shop-api"]["issues"]
    assert len([each for each in issues if "palier:onboarding new" in each["body"]]) == 1
    mine = [each for each in issues if "new" in each["assignees"] and "palier:onboarding" not in each["body"]]
    assert len(mine) == 1
    assert mine[0]["assignees"] == ["new"]
    assert len(workplace["slack"]["messages"]["new@shop.example"]) == 1
    for mails in workplace["slack"]["channels"].values():
        assert mails.count("new@shop.example") == 1
