"""What AWS refuses of IAM Identity Center, and moto takes: refused in preview."""

from __future__ import annotations

from typing import Any

import pytest
from palier.local.provider.table import Check, entries
from palier.local.provider.values import UNKNOWN

SET, POLICY, ASSIGNMENT = (
    "aws:ssoadmin/permissionSet:PermissionSet",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
    "aws:ssoadmin/accountAssignment:AccountAssignment",
)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
GROUP = "4711ab9c-0d1e-4f2a-8b3c-5d6e7f8091a2"


def refused(token: str, **inputs: Any) -> list[str]:
    """The properties that are refused."""

    def read(service: str, operation: str, arguments: Any) -> dict[str, Any] | None:
        return {"Policy": {}} if arguments["PolicyArn"] == READ_ONLY else None

    entry = entries()[token]
    check = Check(entry, inputs, "eu-west-3", read)
    return [path for rule in entry.checks for path, _ in rule(check)]


@pytest.mark.parametrize("duration", ["PT1H", "PT12H", "PT1H30M", "PT90M", "PT3600S", UNKNOWN])
def test_sessions_of_one_to_twelve_hours_are_taken(duration: Any) -> None:
    assert refused(SET, name="developer", sessionDuration=duration) == []


@pytest.mark.parametrize("duration", ["PT13H", "PT30M", "PT12H1S", "PT0H", "PT", "eight", "8", ""])
def test_other_sessions_are_refused(duration: str) -> None:
    assert refused(SET, name="developer", sessionDuration=duration) == ["sessionDuration"]


@pytest.mark.parametrize(("name", "wrong"), [("platform-engineer", []), ("a b", ["name"]), ("a/b", ["name"])])
def test_a_set_s_name_is_of_aws_s_own_letters(name: str, wrong: list[str]) -> None:
    assert refused(SET, name=name) == wrong


@pytest.mark.parametrize(
    ("arn", "wrong"),
    [
        (READ_ONLY, []),
        (UNKNOWN, []),
        ("nonsense", ["managedPolicyArn"]),
        ("arn:aws:iam::123456789012:policy/ours", ["managedPolicyArn"]),
        ("arn:aws:iam::aws:policy/NoSuchPolicy", ["managedPolicyArn"]),
    ],
)
def test_only_a_policy_that_aws_has_is_attached(arn: Any, wrong: list[str]) -> None:
    assert refused(POLICY, managedPolicyArn=arn) == wrong


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [
        ({"principalId": GROUP, "targetId": "123456789012"}, []),
        ({"principalId": f"90677ab9c0-{GROUP}", "targetId": "123456789012"}, []),
        ({"principalId": UNKNOWN, "targetId": "123456789012"}, []),
        ({"principalId": "ada", "targetId": "123456789012"}, ["principalId"]),
        ({"principalId": GROUP, "targetId": "12"}, ["targetId"]),
    ],
)
def test_an_assignment_is_of_an_id_in_an_account(inputs: dict[str, Any], wrong: list[str]) -> None:
    assert refused(ASSIGNMENT, **inputs) == wrong
