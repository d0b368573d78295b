"""What the local cloud's GitHub and Slack begin with: what the example's company has anyway."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from palier.console import Reporter
from palier.onboarding import local_world
from palier.onboarding.roster import load
from palier.onboarding.settings import SlackSettings, WorkSettings

JOBO = Path(__file__).parents[3] / "examples" / "jobo"


def world(invite: str = "scim") -> dict[str, Any]:
    """The example's."""
    settings = SimpleNamespace(
        organization="jobo",
        slack=SlackSettings.model_validate({"invite": invite, "team_id": "T1"}),
        work=WorkSettings(checklist_repository="runbooks"),
    )
    return local_world.world(load(JOBO), settings)


def test_everybody_has_an_account_on_github_also_a_newcomer() -> None:
    github = world()["github"]

    assert github["organisation"] == "jobo"
    assert {user["login"] for user in github["users"]} == {"adiallo", "mlefevre", "snguyen", "tbernard"}
    assert all(user["name"] and "@" in user["email"] for user in github["users"])


def test_every_repository_of_a_team_is_there_with_work_of_several_sizes() -> None:
    repositories = {one["name"]: one for one in world()["github"]["repositories"]}

    assert set(repositories) == {"shop-api", "shop-web", "runbooks", "infrastructure"}
    sizes = WorkSettings(checklist_repository="runbooks").sizes
    for one in repositories.values():
        assert one["private"] is True
        labels = [set(issue["labels"]) for issue in one["issues"]]
        assert len({size for each in labels for size in each & set(sizes)}) >= 3
        assert all(issue["title"] and issue["body"] for issue in one["issues"])


def test_a_first_task_of_each_team_is_there() -> None:
    roster = load(JOBO)
    repositories = {one["name"]: one for one in world()["github"]["repositories"]}

    for team in roster.teams.values():
        issues = [issue for name in team.repositories for issue in repositories[name]["issues"]]
        assert any(set(team.first_task_labels) & set(issue["labels"]) for issue in issues)


def test_somebody_is_at_one_of_the_issues() -> None:
    taken = [
        name
        for one in world()["github"]["repositories"]
        for issue in one["issues"]
        for name in issue.get("assignees", [])
    ]

    assert set(taken) <= set(load(JOBO).people)
    assert len(taken) == len(world()["github"]["repositories"])


def test_slack_knows_who_was_there_before_and_no_newcomer() -> None:
    slack = world()["slack"]

    assert {user["name"] for user in slack["users"]} == {"mlefevre", "snguyen", "tbernard"}
    assert {channel["name"] for channel in slack["channels"]} == {
        "engineering",
        "incidents",
        "team-marketplace",
        "team-platform",
    }


@pytest.mark.parametrize(("invite", "plan"), [("scim", "business+"), ("admin", "enterprise")])
def test_the_plan_is_one_that_invites_so(invite: str, plan: str) -> None:
    assert world(invite)["slack"]["plan"] == plan


def test_it_is_made_once_and_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [{"users": 4, "repositories": 0}, {"users": 0, "repositories": 0}]
    asked: list[tuple[str, str, str]] = []

    def ask(endpoint: str, path: str, *, method: str, body: Any) -> dict[str, int]:
        asked.append((endpoint, method, path))
        return answers.pop(0)

    monkeypatch.setattr("palier.local.client.must_ask", ask)
    settings = SimpleNamespace(
        organization="jobo", slack=None, work=WorkSettings(checklist_repository="runbooks")
    )
    for _ in range(2):
        local_world.ensure("http://127.0.0.1:1", load(JOBO), settings, Reporter())

    assert asked == [("http://127.0.0.1:1", "PUT", "workplace")] * 2
    said = "".join(capsys.readouterr())
    assert said.count("begin with 4 users") == 1
