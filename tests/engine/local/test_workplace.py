"""The local cloud's GitHub and Slack, asked through the clients that onboarding uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from palier.local.layout import WORKPLACE_TOKENS
from palier.onboarding.calls import Pace, Passing, Refused
from palier.onboarding.github import GitHub
from palier.onboarding.slack import Slack

from tests.engine.local.emulated import Emulated

WORLD = {
    "github": {
        "organisation": "jobo",
        "users": [{"login": "adiallo", "name": "Awa Diallo"}, {"login": "snguyen", "name": "Sophie"}],
        "repositories": [
            {"name": "shop-api", "issues": [{"title": "A typo", "labels": ["good first issue", "size/XS"]}]}
        ],
    },
    "slack": {
        "team": {"name": "Jobo"},
        "channels": [{"name": "engineering"}],
        "users": [{"name": "snguyen", "email": "s@jobo.example", "real_name": "Sophie"}],
    },
}


def variables(emulator: Emulated, **more: str) -> Mapping[str, str]:
    return {
        **WORKPLACE_TOKENS,
        "GITHUB_BASE_URL": f"{emulator.endpoint}/github/",
        "PALIER_SLACK_URL": f"{emulator.endpoint}/slack/api/",
        "PALIER_SLACK_SCIM_URL": f"{emulator.endpoint}/slack/scim/v2/",
        **more,
    }


@pytest.fixture
def world(emulator: Emulated) -> Emulated:
    emulator.api("workplace", method="PUT", body=WORLD)
    return emulator


@pytest.fixture
def github(world: Emulated) -> GitHub:
    return GitHub("jobo", variables(world))


@pytest.fixture
def slack(world: Emulated) -> Slack:
    return Slack(variables(world))


def put(github: GitHub, path: str, **fields: Any) -> Any:
    return github._do(lambda: github._requester().requestJsonAndCheck("PUT", path, input=fields)[1], path)


def join(github: GitHub, login: str = "adiallo", right: str = "push") -> None:
    made = github._requester().requestJsonAndCheck("POST", "/orgs/jobo/teams", input={"name": "Market Place"})
    assert made[1]["slug"] == "market-place"
    put(github, f"/orgs/jobo/memberships/{login}", role="member")
    put(github, "/orgs/jobo/teams/market-place/repos/jobo/shop-api", permission=right)
    put(github, f"/orgs/jobo/teams/market-place/memberships/{login}", role="member")


def test_a_world_is_made_once_and_what_stands_stays(world: Emulated, github: GitHub) -> None:
    join(github)
    before = world.api("workplace")

    made = world.api("workplace", method="PUT", body=WORLD)

    assert set(made.values()) == {0}
    assert world.api("workplace") == before


@pytest.mark.parametrize("right", ["pull", "triage", "push", "maintain", "admin"])
def test_a_member_may_do_what_their_team_may(github: GitHub, right: str) -> None:
    assert github.right("shop-api", "adiallo") is None
    join(github, right=right)
    assert github.membership("adiallo") == "active"
    assert github.right("shop-api", "adiallo") == right
    assert github.right("shop-api", "snguyen") is None


def test_an_invitation_waits_until_it_is_accepted(world: Emulated, github: GitHub) -> None:
    world.api("workplace/behaviour", method="PUT", body={"invitations": "pending"})
    join(github)

    assert github.membership("adiallo") == "pending"
    assert github.right("shop-api", "adiallo") is None
    assert [each["login"] for each in github.ask("/orgs/jobo/invitations")] == ["adiallo"]
    assert "adiallo" not in [each["login"] for each in github.ask("/orgs/jobo/members")]

    world.api("workplace/accept", method="POST", body={"login": "adiallo"})
    assert github.membership("adiallo") == "active"
    assert github.right("shop-api", "adiallo") == "push"


def test_an_issue_is_not_assigned_to_who_may_not_read_it_and_nobody_says_so(github: GitHub) -> None:
    (issue,) = github.issues("shop-api", labels=["good first issue"])
    github.assign(issue, "adiallo")
    assert github.issues("shop-api", assignee="adiallo") == []

    join(github)
    github.assign(issue, "adiallo")
    assert [each.number for each in github.issues("shop-api", assignee="adiallo")] == [1]


def test_issues_are_found_by_all_their_labels_and_by_state_over_several_pages(world: Emulated) -> None:
    world.api("workplace/behaviour", method="PUT", body={"rate_limits": False})
    github = GitHub("jobo", variables(world), Pace(10_000))
    for number in range(105):
        github.create_issue("shop-api", f"Task {number}", "", assignees=[], labels=["many"])
    assert len(github.issues("shop-api", labels=["many"])) == 105
    assert github.issues("shop-api", labels=["many", "size/XS"]) == []
    newest = github.issues("shop-api", labels=["many"])[0]
    github.close(newest)
    assert len(github.issues("shop-api", labels=["many"])) == 104
    assert len(github.issues("shop-api", labels=["many"], state="all")) == 105


def test_who_leaves_the_organisation_leaves_its_teams_and_issues(world: Emulated, github: GitHub) -> None:
    join(github)
    (issue,) = github.issues("shop-api")
    github.assign(issue, "adiallo")

    github.delete("/orgs/jobo/memberships/adiallo")

    stands = world.api("workplace")["github"]
    assert "adiallo" not in stands["members"]
    assert stands["teams"]["market-place"]["members"] == {}
    assert stands["repositories"]["shop-api"]["issues"][0]["assignees"] == []


def test_a_token_that_is_none_or_lacks_a_scope_is_named(world: Emulated) -> None:
    wrong = GitHub("jobo", variables(world, GITHUB_TOKEN="nobody-s"))
    with pytest.raises(Refused, match="GitHub does not accept the token of GITHUB_TOKEN"):
        wrong.membership("adiallo")

    poor = GitHub("jobo", variables(world, GITHUB_TOKEN="palier-local-readonly"))
    assert poor.membership("adiallo") is None
    with pytest.raises(Refused, match=r"lacks the scope admin:org \(it has read:org\)"):
        put(poor, "/orgs/jobo/memberships/adiallo", role="member")


def test_a_repository_that_does_not_exist_is_named(github: GitHub) -> None:
    with pytest.raises(Refused, match="GitHub has no repository jobo/shop-ap that the token"):
        github.issues("shop-ap")


def test_the_81st_write_of_a_minute_is_asked_to_wait(world: Emulated) -> None:
    hasty = GitHub("jobo", variables(world), Pace(10_000))
    for number in range(80):
        hasty.create_issue("shop-api", f"Task {number}", "", assignees=[], labels=[])
    with pytest.raises(Passing, match="403 You have exceeded a secondary rate limit") as limited:
        hasty.create_issue("shop-api", "One too many", "", assignees=[], labels=[])
    assert 0 < (limited.value.after_seconds or 0) <= 61


FAULTS = [
    ({"status": 500}, Passing, "500"),
    ({"status": 502}, Passing, "502"),
    ({"status": 409}, Passing, "409"),
    ({"status": 429, "headers": {"Retry-After": "7"}}, Passing, "429"),
    ({"status": 403, "headers": {"Retry-After": "7"}}, Passing, "403"),
    ({"status": 422, "message": "Validation Failed"}, Refused, "422 Validation Failed"),
    ({"status": 401, "message": "Bad credentials"}, Refused, "does not accept the token"),
    ({"status": 403, "message": "Blocked"}, Refused, "403 Blocked"),
    ({"reset": True}, Passing, "ConnectionError"),
]


@pytest.mark.parametrize(("fault", "kind", "said"), FAULTS, ids=[str(each[0]) for each in FAULTS])
def test_each_fault_of_github_is_one_that_may_pass_or_one_that_says_what_to_do(
    world: Emulated, github: GitHub, fault: dict[str, Any], kind: type[Exception], said: str
) -> None:
    world.api("faults", method="PUT", body=[{"service": "github", **fault}])
    with pytest.raises(kind, match=said) as failed:
        github.membership("adiallo")
    if "headers" in fault:
        assert failed.value.after_seconds == 7.0  # type: ignore[attr-defined]
    assert github.membership("adiallo") is None, "the fault was there once"


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ({"status": 429, "code": "ratelimited", "headers": {"Retry-After": "3"}}, Passing, "ratelimited"),
        ({"status": 500, "code": "internal_error"}, Passing, "500"),
        ({"status": 200, "code": "fatal_error"}, Passing, "fatal_error"),
        ({"status": 200, "code": "token_revoked"}, Refused, "does not accept the token of SLACK_BOT_TOKEN"),
        ({"status": 200, "code": "missing_scope"}, Refused, "lacks the scope"),
        ({"status": 200, "code": "channel_not_found"}, Refused, "channel_not_found"),
        ({"reset": True}, Passing, "users.lookupByEmail"),
    ],
)
def test_each_fault_of_slack_is_one_that_may_pass_or_one_that_says_what_to_do(
    world: Emulated, slack: Slack, fault: dict[str, Any], kind: type[Exception], said: str
) -> None:
    world.api("faults", method="PUT", body=[{"service": "slack", **fault}])
    with pytest.raises(kind, match=said):
        slack.find("s@jobo.example")
    assert slack.find("s@jobo.example") is not None


def test_a_fault_after_the_effect_leaves_the_effect(world: Emulated, github: GitHub) -> None:
    operation = "POST /repos/{owner}/{repo}/issues"
    world.api("faults", method="PUT", body=[{"operation": operation, "status": 502, "after": True}])
    with pytest.raises(Passing):
        github.create_issue("shop-api", "Made all the same", "", assignees=[], labels=[])
    assert github.issues("shop-api")[0].title == "Made all the same"


def test_somebody_comes_into_slack_by_scim_and_goes_again(world: Emulated, slack: Slack) -> None:
    assert slack.find("a@jobo.example") is None
    slack.scim_create("a@jobo.example", "Awa Diallo")
    user = slack.find("a@jobo.example")
    assert user is not None
    channel = slack.channel("engineering")
    slack.invite(channel, user["id"])
    assert user["id"] in slack.members(channel)

    conversation = slack.open(user["id"])
    assert not slack.welcomed(conversation, "adiallo")
    slack.welcome(conversation, "adiallo", "Welcome")
    assert slack.welcomed(conversation, "adiallo")
    assert slack.conversation_with(user["id"]) == conversation == slack.open(user["id"])

    slack.scim_activate(user["id"], False)
    assert slack.find("a@jobo.example") is None
    assert user["id"] not in slack.members(channel)
    assert world.api("workplace")["slack"]["users"]["a@jobo.example"]["active"] is False


def test_who_was_invited_and_has_not_joined_is_not_found_by_address(world: Emulated, slack: Slack) -> None:
    world.api("workplace/behaviour", method="PUT", body={"slack_invitations": "pending"})
    slack.scim_create("a@jobo.example", "Awa Diallo")
    assert slack.find("a@jobo.example") is None
    assert (slack.scim_find("a@jobo.example") or {})["active"] is True

    world.api("workplace/accept", method="POST", body={"email": "a@jobo.example"})
    assert slack.find("a@jobo.example") is not None


def test_a_plan_without_scim_or_the_admin_api_says_so(world: Emulated, slack: Slack) -> None:
    world.api("workplace/behaviour", method="PUT", body={"slack_plan": "pro"})
    with pytest.raises(Refused, match="may not use SCIM, or the plan has none"):
        slack.scim_find("a@jobo.example")
    with pytest.raises(Refused, match="feature_not_enabled"):
        slack.admin_invite("T0PALIER", "a@jobo.example", "Awa", [])


def test_an_enterprise_invites_by_the_admin_api_once(world: Emulated, slack: Slack) -> None:
    world.api("workplace/behaviour", method="PUT", body={"slack_plan": "enterprise"})
    for _ in range(2):
        slack.admin_invite("T0PALIER", "a@jobo.example", "Awa", [slack.channel("engineering")])
    user = slack.find("a@jobo.example")
    assert user is not None
    slack.admin_reset_sessions(user["id"])
    slack.admin_remove("T0PALIER", user["id"])
    assert slack.find("a@jobo.example") is None


def test_a_channel_that_is_not_there_is_named(slack: Slack) -> None:
    with pytest.raises(Refused, match="Slack has no channel #enginering"):
        slack.channel("enginering")


def test_what_stands_survives_a_kill_with_the_same_ids(own_emulator: Emulated) -> None:
    own_emulator.start()
    own_emulator.api("workplace", method="PUT", body=WORLD)
    github = GitHub("jobo", variables(own_emulator))
    join(github)
    team = github.ask("/orgs/jobo/teams/market-place")["id"]
    before = own_emulator.api("workplace")

    own_emulator.kill()
    own_emulator.start()

    assert own_emulator.api("workplace") == before
    assert github.ask("/orgs/jobo/teams/market-place")["id"] == team


def test_every_request_is_listed_with_whether_it_writes(
    world: Emulated, github: GitHub, slack: Slack
) -> None:
    github.membership("adiallo")
    join(github)
    slack.find("s@jobo.example")
    slack.open(slack.find("s@jobo.example")["id"])  # type: ignore[index]

    asked = [each for each in world.api("requests") if each["service"] in ("github", "slack")]

    assert [(each["service"], each["operation"]) for each in asked if each["writes"]] == [
        ("github", "POST /orgs/{org}/teams"),
        ("github", "PUT /orgs/{org}/memberships/{username}"),
        ("github", "PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}"),
        ("github", "PUT /orgs/{org}/teams/{team_slug}/memberships/{username}"),
        ("slack", "conversations.open"),
    ]


@pytest.mark.parametrize(
    "body",
    [{"invitations": "maybe"}, {"slack_plan": "gold"}, {"weather": "fine"}],
    ids=["value", "plan", "key"],
)
def test_a_behaviour_that_does_not_exist_is_refused(world: Emulated, body: dict[str, str]) -> None:
    from palier.local import client

    with pytest.raises(client.Unreachable, match="400"):
        client.ask(world.endpoint, "workplace/behaviour", method="PUT", body=body)
