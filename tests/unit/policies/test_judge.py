"""What the judge makes of policies that find, that cannot know, and that fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from palier.costs.model import UNKNOWN
from palier_policies.judge import Judge
from palier_policies.policy import Example, Pack, Policy, Problem
from palier_policies.resources import SECRET, Resource, of_entries, plain
from palier_policies.rules import Rules
from palier_policies.stack import Stack

from tests.unit.policies.happy import resource, stack

BUCKET = "aws:s3/bucket:Bucket"
EXAMPLE = Example("breaks()", "keeps()")


def _policy(check: Any, **more: Any) -> Policy:
    given = {"name": "one", "says": "One.", "severity": "high", "level": "mandatory", "source": "here"}
    return Policy(**{**given, "example": EXAMPLE, "types": frozenset({BUCKET}), "check": check, **more})


def _found(policy: Policy, plan: Stack) -> list[tuple[str, str]]:
    judge = Judge(Pack("test", "A test.", (policy,)), Rules())
    return [(each.level, each.message) for each in judge.everything(plan)]


def _reads_acl(found: Resource, settings: object) -> Iterator[Problem]:
    if found.read("acl") == "public-read":
        yield Problem.of(found, "is public")


def test_a_value_that_is_not_known_is_a_finding_and_no_refusal() -> None:
    assert _found(_policy(_reads_acl), stack(resource(BUCKET, "assets", acl=UNKNOWN))) == [
        ("advisory", "not judged: Bucket assets: acl is not known before up")
    ]


def test_a_secret_is_a_finding_and_its_value_is_nowhere() -> None:
    entry = {
        "urn": f"urn:pulumi:production::foundation::{BUCKET}::assets",
        "type": BUCKET,
        "custom": True,
        "inputs": {
            "acl": {
                "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                "value": "hunter2",
            }
        },
    }
    (found,) = of_entries([entry])

    assert "hunter2" not in repr(found)
    assert _found(_policy(_reads_acl), stack(found)) == [
        ("advisory", "not judged: Bucket assets: acl is secret")
    ]


def test_a_policy_that_fails_lets_nothing_through_and_shows_no_traceback() -> None:
    def fails(found: Resource, settings: object) -> Iterator[Problem]:
        yield Problem.of(found, "first")
        raise KeyError("size\nof it")

    assert _found(_policy(fails), stack(resource(BUCKET))) == [
        ("mandatory", "first"),
        ("mandatory", "the policy itself failed: KeyError: 'size\\nof it'"),
    ]


def test_a_policy_of_the_stack_that_fails_lets_nothing_through() -> None:
    def fails(plan: Stack, settings: object) -> Iterator[Problem]:
        raise ZeroDivisionError("no sizes")
        yield

    policy = _policy(None, types=frozenset(), check_stack=fails)

    assert _found(policy, stack(resource(BUCKET))) == [
        ("mandatory", "the policy itself failed: ZeroDivisionError: no sizes")
    ]


def test_one_thing_is_said_once() -> None:
    def twice(found: Resource, settings: object) -> Iterator[Problem]:
        yield from [Problem.of(found, "again"), Problem.of(found, "again")]

    assert _found(_policy(twice), stack(resource(BUCKET))) == [("mandatory", "again")]


def test_a_problem_may_be_milder_than_its_policy_and_never_stricter() -> None:
    def both(found: Resource, settings: object) -> Iterator[Problem]:
        yield Problem.of(found, "small", level="advisory")
        yield Problem.of(found, "large")

    assert _found(_policy(both), stack(resource(BUCKET))) == [("advisory", "small"), ("mandatory", "large")]
    assert [level for level, _ in _found(_policy(both, level="advisory"), stack(resource(BUCKET)))] == [
        "advisory",
        "advisory",
    ]


def test_a_remedy_is_given_only_at_its_level() -> None:
    policy = _policy(_reads_acl, mend=lambda found, settings: {"acl": "private"})
    public = resource(BUCKET, acl="public-read")

    def remedies(level: str) -> list[object]:
        rules = Rules(own={"one": {"enforcementLevel": level}})
        return [change for _, change in Judge(Pack("test", "A test.", (policy,)), rules).remedies(public)]

    assert remedies("remediate") == [{"acl": "private"}]
    assert remedies("mandatory") == []


def test_a_remedy_that_cannot_know_says_so() -> None:
    policy = _policy(_reads_acl, mend=lambda found, settings: {"acl": found.read("acl")}, level="remediate")
    judge = Judge(Pack("test", "A test.", (policy,)), Rules())

    assert [change for _, change in judge.remedies(resource(BUCKET, "assets", acl=UNKNOWN))] == [
        "not remedied: Bucket assets: acl is not known before up"
    ]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("3eeb2bf0-c639-47a8-9e75-3b44932eb421", UNKNOWN),
        (["1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"], [UNKNOWN]),
        ({"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 3}, 3),
        ({"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}, UNKNOWN),
        (
            {
                "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4",
                "value": "x",
                "secret": True,
            },
            SECRET,
        ),
    ],
)
def test_every_form_in_which_the_engine_hides_a_value_is_understood(given: object, read: object) -> None:
    assert plain(given) == read


def test_a_policy_looks_at_resources_or_at_the_stack() -> None:
    with pytest.raises(ValueError, match="each resource or at the stack"):
        _policy(_reads_acl, check_stack=lambda plan, settings: [])
    with pytest.raises(ValueError, match="which types"):
        _policy(_reads_acl, types=frozenset())
