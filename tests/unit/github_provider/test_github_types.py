"""Each type of the local `github` provider, from its making to its end, against the local cloud's GitHub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from palier.local.github_provider.table import TYPES

from tests.engine.support.driven import Driven, Failed, Standing
from tests.unit.github_provider import hub as hubs
from tests.unit.github_provider.hub import Hub

MEMBERSHIP = "github:index/membership:Membership"
TEAM = "github:index/team:Team"
TEAM_MEMBERSHIP = "github:index/teamMembership:TeamMembership"
TEAM_REPOSITORY = "github:index/teamRepository:TeamRepository"
PROTECTION = "github:index/branchProtectionV3:BranchProtectionV3"
Inputs = dict[str, Any]


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A GitHub with an organisation jobo, in which nobody is."""
    with hubs.hub(tmp_path) as one:
        monkeypatch.setenv("GITHUB_BASE_URL", one.base_url)
        monkeypatch.setenv("GITHUB_TOKEN", hubs.TOKEN)
        yield one


@pytest.fixture
def provider(github: Hub) -> Iterator[Driven]:
    """The provider of that organisation."""
    with hubs.provider(owner="jobo") as one:
        yield one


def team(provider: Driven) -> str:
    """The number of a team."""
    return provider.make(TEAM, "team", {"name": "platform", "privacy": "closed"}).id


@dataclass(frozen=True)
class Case:
    """What makes one, what its id is, a change in place, one that replaces, and what is refused."""

    inputs: Callable[[Driven], Inputs]
    id: str
    change: Inputs
    replace: Inputs | None
    refused: Inputs
    says: str


REVIEWS = {"requiredApprovingReviewCount": 1, "dismissStaleReviews": True}
CASES = {
    MEMBERSHIP: Case(
        lambda provider: {"username": "Ada"},
        "jobo:Ada",
        {"role": "admin"},
        {"username": "bob"},
        {"role": "owner"},
        "'owner' is not one of member, admin",
    ),
    TEAM: Case(
        lambda provider: {"name": "marketplace", "description": "Offers", "privacy": "closed"},
        "",
        {"description": "Offers and applications"},
        None,
        {"privacy": "open"},
        "not one of secret, closed",
    ),
    TEAM_MEMBERSHIP: Case(
        lambda provider: {"teamId": team(provider), "username": "bob"},
        "{team}:bob",
        {"role": "maintainer"},
        {"username": "Ada"},
        {"role": "admin"},
        "not one of member, maintainer",
    ),
    TEAM_REPOSITORY: Case(
        lambda provider: {"teamId": team(provider), "repository": "shop-api", "permission": "push"},
        "{team}:shop-api",
        {"permission": "maintain"},
        {"repository": "shop-web"},
        {"permission": "write"},
        "not one of pull, triage, push, maintain, admin",
    ),
    PROTECTION: Case(
        lambda provider: {
            "repository": "shop-api",
            "branch": "main",
            "enforceAdmins": True,
            "requiredPullRequestReviews": REVIEWS,
        },
        "shop-api:main",
        {
            "requiredPullRequestReviews": {**REVIEWS, "requiredApprovingReviewCount": 2},
            "requiredStatusChecks": {"strict": True, "checks": ["ci"]},
        },
        {"branch": "next"},
        {"restrictions": {"users": ["ada"]}},
        "",
    ),
}
every_type = pytest.mark.parametrize("token", sorted(CASES))


def writes(github: Hub) -> int:
    """How many requests wrote."""
    return sum(1 for told in github.told if told["writes"])


def test_every_type_has_a_case() -> None:
    assert set(CASES) == set(TYPES)


@every_type
def test_a_type_lives_as_on_github(token: str, github: Hub, provider: Driven) -> None:
    case = CASES[token]
    inputs = case.inputs(provider)
    made = provider.make(token, "one", inputs)
    assert made.id == (case.id.format(team=inputs.get("teamId")) or made.id)

    since = writes(github)
    assert not provider.diff(made, provider.recheck(made, inputs)).wanted
    seen = provider.look(made)
    assert seen is not None
    assert (seen.id, seen.outputs) == (made.id, made.outputs)
    assert not provider.diff(seen, provider.recheck(seen, inputs)).wanted
    assert writes(github) == since, "looking writes nothing"

    changed = {**inputs, **case.change}
    checked = provider.recheck(made, changed)
    difference = provider.diff(made, checked)
    assert (difference.wanted, difference.replaces) == (True, ())
    preview = provider.change(made, checked, preview=True)
    assert writes(github) == since, "a preview writes nothing"
    after = provider.change(made, checked)
    assert {key: preview.outputs[key] for key in case.change} == {
        key: after.outputs[key] for key in case.change
    } or token == PROTECTION
    drifted = provider.look(made)
    assert drifted is not None
    assert provider.diff(drifted, provider.recheck(drifted, inputs)).wanted, "drift is told, and taken back"

    imported = provider.take_over(token, "one", after.id)
    assert imported is not None
    assert not provider.diff(imported, provider.recheck(imported, changed)).wanted

    provider.remove(after)
    assert provider.look(after) is None
    provider.remove(after)


@pytest.mark.parametrize("token", sorted(CASES.keys() - {TEAM}))  # a team keeps its number, whatever its name
def test_what_an_id_is_made_of_forces_a_new_one(token: str, provider: Driven) -> None:
    case = CASES[token]
    assert case.replace is not None
    inputs = case.inputs(provider)
    made = provider.make(token, "one", inputs)
    difference = provider.diff(made, provider.recheck(made, {**inputs, **case.replace}))
    assert difference.replaces == tuple(case.replace)
    assert difference.delete_before_replace


@every_type
def test_what_github_refuses_is_refused_in_the_preview(token: str, provider: Driven) -> None:
    case = CASES[token]
    refused = provider.refusals(token, "one", {**case.inputs(provider), **case.refused})
    (name,) = case.refused
    assert case.says in refused[name]


def test_a_login_is_the_same_in_any_case(provider: Driven) -> None:
    made = provider.make(MEMBERSHIP, "one", {"username": "ADA"})
    assert made.outputs["username"] == "Ada"
    seen = provider.look(made)
    assert seen is not None
    assert not provider.diff(seen, provider.recheck(seen, {"username": "ADA"})).wanted


def test_a_team_is_imported_by_its_slug_and_known_by_its_number(provider: Driven) -> None:
    number = team(provider)
    imported = provider.take_over(TEAM, "team", "platform")
    assert imported is not None
    assert (imported.id, imported.outputs["slug"]) == (number, "platform")
    assert provider.take_over(TEAM, "team", "nobody") is None


def test_a_branch_with_a_slash_is_protected(github: Hub, provider: Driven) -> None:
    made = provider.make(PROTECTION, "one", {"repository": "shop-api", "branch": "release/1"})
    assert made.id == "shop-api:release/1"
    assert provider.look(made) is not None


def test_admins_can_be_kept_as_members(github: Hub, provider: Driven) -> None:
    made = provider.make(MEMBERSHIP, "one", {"username": "Ada", "role": "admin", "downgradeOnDestroy": True})
    provider.remove(made)
    assert github.github["members"]["Ada"]["role"] == "member"


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_what_passes_is_tried_again(status: int, github: Hub, provider: Driven) -> None:
    github.faults.put([{"service": "github", "status": status, "times": 2, "headers": {"Retry-After": "0"}}])
    provider.make(MEMBERSHIP, "one", {"username": "Ada"})
    assert [told["status"] for told in github.told if told["writes"]] == [status, status, 200]


def test_a_secondary_limit_is_waited_for(github: Hub, provider: Driven) -> None:
    github.faults.put([{"service": "github", "status": 403, "headers": {"Retry-After": "0"}}])
    provider.make(MEMBERSHIP, "one", {"username": "Ada"})
    assert "Ada" in github.github["members"]


def test_a_missing_scope_is_named(github: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "palier-local-readonly")
    with hubs.provider(owner="jobo") as reader, pytest.raises(Failed) as failed:
        reader.make(MEMBERSHIP, "one", {"username": "Ada"})
    said = str(failed.value)
    assert "PUT /orgs/jobo/memberships/Ada: 403" in said
    assert "lacks the scope admin:org (it has read:org)" in said
    assert "palier-local-readonly" not in said


@pytest.mark.parametrize(
    "address", ["https://api.github.com/", "http://127.0.0.1.example.com/", "http://192.0.2.1/github/", ""]
)
def test_an_address_off_this_machine_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_BASE_URL", address)
    with pytest.raises(Failed, match="not on this machine"), hubs.provider(owner="jobo"):
        pass


def test_without_an_owner_nothing_is_made(github: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_OWNER", raising=False)
    with hubs.provider() as nobody:
        assert "owner" in nobody.refusals(MEMBERSHIP, "one", {"username": "Ada"})


def test_an_unknown_type_is_refused_by_its_name(provider: Driven) -> None:
    with pytest.raises(Failed, match="does not have the type github:index/repository:Repository yet"):
        provider.look(Standing("github:index/repository:Repository", "one", {}, "shop-api"))
