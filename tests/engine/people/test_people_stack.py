"""The people stack on the real engine and the local cloud: up, again, drift, somebody more, somebody less.

Each test leaves the company as its roster says, so that each may be run alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from palier.local.layout import WORKPLACE_TOKENS

from tests.engine.onboarding.company import Company

NEWCOMER = """name: Ines Costa
email: ines.costa@jobo.example
team: marketplace
starts: 2024-09-02
time_zone: Europe/Lisbon
languages: [pt, en]
manager: mlefevre
"""
LOGINS = {"adiallo", "mlefevre", "snguyen", "tbernard"}


def up(company: Company, *more: str) -> dict[str, Any]:
    """Bring the stack up; the counts of what that changed."""
    summary = company.palier("up", "people", "--output", "json", *more).json
    counts: dict[str, Any] = summary["phases"][0]
    return counts


def names(company: Company) -> set[str]:
    """The resources of the state, by logical name."""
    found = company.state("people")["resources"]
    return {each["urn"].split("::")[-1] for each in found if each.get("custom")}


def github(company: Company, method: str, path: str, body: object = None) -> None:
    """Somebody changes something on GitHub by hand."""
    data = None if body is None else json.dumps(body).encode()
    headers = {
        "Authorization": f"Bearer {WORKPLACE_TOKENS['GITHUB_TOKEN']}",
        "Content-Type": "application/json",
    }
    request = Request(f"{company.endpoint}/github{path}", data, headers, method=method)
    with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
        assert answer.status < 300


def groups(company: Company) -> dict[str, set[str]]:
    """E-mail addresses by group of IAM Identity Center."""
    return {name: set(group["members"]) for name, group in company.identity_center()["groups"].items()}


@contextmanager
def unchanged(company: Company) -> Iterator[None]:
    """Nothing is written to GitHub, Slack or AWS meanwhile."""
    since, mutations, stands = company.last(), company.mutations(), company.workplace()
    yield
    assert company.writes(since) == []
    assert company.mutations() == mutations
    assert company.workplace() == stands


def test_up_from_nothing_gives_everybody_their_access(company: Company) -> None:
    stands = company.workplace()["github"]

    assert set(stands["members"]) == {"palier-admin", *LOGINS}
    assert {login: member["role"] for login, member in stands["members"].items() if login in LOGINS} == (
        dict.fromkeys(LOGINS, "member")
    )
    assert set(stands["teams"]) == {"marketplace", "platform"}
    assert groups(company) == {
        "marketplace": {
            "awa.diallo@jobo.example",
            "marie.lefevre@jobo.example",
            "sophie.nguyen@jobo.example",
        },
        "platform": {"thomas.bernard@jobo.example"},
    }
    sso = company.aws("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    sets = sso.list_permission_sets(InstanceArn=instance)["PermissionSets"]
    assert len(sets) == 2
    for arn in sets:
        asked = {"InstanceArn": instance, "PermissionSetArn": arn}
        assert sso.list_managed_policies_in_permission_set(**asked)["AttachedManagedPolicies"]


def test_the_second_run_has_nothing_to_change_and_writes_nothing(company: Company) -> None:
    with unchanged(company):
        assert up(company)["changed"] is False
        assert up(company, "--refresh")["changed"] is False
        company.palier("preview", "people")


def test_what_somebody_changed_by_hand_is_put_right(company: Company) -> None:
    before, members = company.workplace(), groups(company)
    github(company, "DELETE", "/orgs/jobo/teams/marketplace/memberships/snguyen")
    github(company, "PUT", "/orgs/jobo/teams/marketplace/repos/jobo/runbooks", {"permission": "admin"})
    github(company, "DELETE", "/repos/jobo/shop-api/branches/main/protection")
    store = company.aws("identitystore")
    instance = company.aws("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    group = store.list_groups(IdentityStoreId=instance)["Groups"][0]["GroupId"]
    held = store.list_group_memberships(IdentityStoreId=instance, GroupId=group)["GroupMemberships"]
    store.delete_group_membership(IdentityStoreId=instance, MembershipId=held[0]["MembershipId"])
    assert company.workplace() != before
    assert groups(company) != members

    assert up(company, "--refresh")["changed"] is True

    assert company.workplace() == before
    assert groups(company) == members
    assert up(company)["changed"] is False


@pytest.fixture
def newcomer(company: Company) -> Iterator[str]:
    """Somebody new in the roster, who is taken away again."""
    file = company.roster / "people" / "icosta.yaml"
    file.write_text(NEWCOMER)
    try:
        yield "icosta"
    finally:
        file.unlink(missing_ok=True)
        up(company)


def test_somebody_more_and_somebody_less_change_theirs_alone(company: Company, newcomer: str) -> None:
    known, before = names(company), groups(company)
    since = company.last()

    assert up(company)["changed"] is True

    new = names(company) - known
    assert new == {
        f"{newcomer}/{rest}" for rest in ("organization", "team/marketplace", "identity", "group/marketplace")
    }
    assert known - names(company) == set()
    assert [told.rpartition(" ")[2] for told in company.writes(since) if told.startswith("github")] == [
        "/orgs/{org}/memberships/{username}",
        "/organizations/{org_id}/team/{team_id}/memberships/{username}",
    ]

    file = company.roster / "people" / f"{newcomer}.yaml"
    file.write_text(f"{NEWCOMER}ends: 2024-06-30\n".replace("starts: 2024-09-02", "starts: 2024-01-02"))
    assert up(company)["changed"] is True

    assert names(company) == known
    assert groups(company) == before
    assert newcomer not in company.workplace()["github"]["members"]


def test_another_day_takes_nobody_elses_access(company: Company) -> None:
    with unchanged(company):
        said = company.palier("up", "people", "--output", "json", PALIER_TODAY="2031-01-01")
        assert said.json["phases"][0]["changed"] is False


def test_a_team_that_asks_for_what_is_not_there_changes_nothing(company: Company) -> None:
    file = company.roster / "teams" / "marketplace.yaml"
    whole = file.read_text()
    file.write_text(whole.replace("vpn_networks: [staging]", "vpn_networks: [stagin]"))
    try:
        with unchanged(company):
            said = company.palier("up", "people", code=None)
        assert said.code != 0
        assert "no VPN network 'stagin'" in said.text
    finally:
        file.write_text(whole)


def test_it_is_on_the_way_to_no_phase(company: Company) -> None:
    listed = {each["phase"] for each in company.palier("phases", "--output", "json").json}
    assert "people" not in listed

    for verb in ("up", "destroy"):
        refused = company.palier(verb, "--through", "people", code=2)
        assert "no phase named people" in refused.err


def test_its_state_holds_no_token(company: Company) -> None:
    state = json.dumps(company.state("people"))

    for token in WORKPLACE_TOKENS.values():
        assert token not in state


def test_it_goes_whole_and_comes_back_the_same(company: Company) -> None:
    stands, members, known = company.workplace(), groups(company), names(company)

    company.palier("destroy", "people", "--yes")

    left = company.workplace()["github"]
    assert (set(left["members"]), left["teams"]) == ({"palier-admin"}, {})
    assert groups(company) == {}
    sso = company.aws("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    assert sso.list_permission_sets(InstanceArn=instance)["PermissionSets"] == []
    assert set(left["repositories"]) == set(stands["github"]["repositories"]), "repositories are not its own"

    assert up(company)["changed"] is True
    assert (names(company), groups(company)) == (known, members)
    again = company.workplace()["github"]
    for part in ("members", "teams"):
        assert again[part] == stands["github"][part]
    for name, repository in again["repositories"].items():
        # But for the issues: who leaves the organisation is nobody's assignee any more.
        assert {**repository, "issues": []} == {**stands["github"]["repositories"][name], "issues": []}


def test_every_policy_holds_of_it(company: Company) -> None:
    said = company.palier("check", "people", "--platform", str(company.roster), "--output", "json").json

    (phase,) = said["phases"]
    assert {each["level"] for each in phase["findings"]} <= {"advisory"}
    assert {each["policy"] for each in phase["findings"]} <= {"forecast-headroom"}, (
        "the forecast's, of foundation"
    )


def test_plain_pulumi_finds_nothing_to_change(company: Company) -> None:
    with unchanged(company):
        done = company.pulumi("people", "up", "--yes", "--skip-preview")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "unchanged" in done.stdout


def test_a_token_without_the_scope_is_told_and_named(company: Company, newcomer: str) -> None:
    poor = {"GITHUB_TOKEN": "palier-local-readonly"}
    done = company.pulumi("people", "up", "--yes", "--skip-preview", **poor)

    assert done.returncode != 0
    assert "the token lacks the scope admin:org (it has read:org)" in done.stdout + done.stderr
    assert f"{newcomer}/organization" not in names(company)

    assert up(company)["changed"] is True
    assert f"{newcomer}/organization" in names(company)


@pytest.mark.parametrize(
    "fault",
    [
        {"service": "github", "status": 502},
        {"service": "github", "status": 403, "headers": {"Retry-After": "1"}},
        {"service": "github", "reset": True},
        {
            "service": "github",
            "operation": "PUT /orgs/{org}/memberships/{username}",
            "status": 500,
            "after": True,
        },
        {"service": "identitystore", "status": 400, "code": "ThrottlingException"},
    ],
    ids=[
        "502",
        "secondary limit",
        "no answer",
        "500 after the effect",
        "AWS throttles",
    ],
)
def test_a_service_that_fails_for_a_moment_is_ridden_out(
    company: Company, newcomer: str, fault: dict[str, Any]
) -> None:
    company.put("faults", [{"times": 3, **fault}])
    try:
        assert up(company)["changed"] is True
        assert company.ask("faults")["faults"][0]["times"] < 3
    finally:
        company.put("faults", [])
    assert company.workplace()["github"]["members"][newcomer]["state"] == "active"
    assert "ines.costa@jobo.example" in groups(company)["marketplace"]


def test_an_aws_that_breaks_off_stops_clearly_and_the_rerun_goes_on(company: Company, newcomer: str) -> None:
    company.put("faults", [{"operation": "CreateUser", "reset": True}])
    said = company.palier("up", "people", code=1)
    assert f"{newcomer}/identity" in said.err
    assert "next: mend it, then `palier up people`" in said.err

    assert up(company)["changed"] is True

    assert "ines.costa@jobo.example" in groups(company)["marketplace"]


def test_a_user_whose_making_was_never_answered_is_not_made_again(company: Company, newcomer: str) -> None:
    """As with the official provider: what stands without being in the state is for a person to decide."""
    company.put("faults", [{"operation": "CreateUser", "reset": True, "after": True}])
    company.palier("up", "people", code=1)

    said = company.palier("up", "people", code=1)

    assert "Duplicate UserName" in said.err
    assert "next: what stands already is not in the state: take it over with `pulumi import`" in said.err
    assert company.identity_center()["users"].count("ines.costa@jobo.example") == 1
    store = company.aws("identitystore")
    whole = {"IdentityStoreId": company.aws("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]}
    (user,) = [
        each for each in store.list_users(**whole)["Users"] if each["UserName"] == "ines.costa@jobo.example"
    ]
    store.delete_user(**whole, UserId=user["UserId"])
    assert up(company)["changed"] is True


def test_an_invitation_that_is_not_accepted_is_no_drift(company: Company, newcomer: str) -> None:
    company.put("workplace/behaviour", {"invitations": "pending"})
    try:
        up(company)
        assert company.workplace()["github"]["members"][newcomer]["state"] == "pending"
        with unchanged(company):
            assert up(company, "--refresh")["changed"] is False
    finally:
        company.put("workplace/behaviour", {"invitations": "accepted"})


def test_another_right_of_a_team_is_changed_in_place(company: Company) -> None:
    file = company.roster / "teams" / "marketplace.yaml"
    text = file.read_text()
    file.write_text(text.replace("runbooks: triage", "runbooks: maintain"))
    try:
        counts = up(company)
        held = company.workplace()["github"]["teams"]["marketplace"]["repositories"]
        assert counts["updated"] == 1
        assert held["runbooks"] == "maintain"
    finally:
        file.write_text(text)
        up(company)
