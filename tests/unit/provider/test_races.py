"""Writes by version: who lost the race asks again, and nothing else does."""

from __future__ import annotations

import pytest
from palier.local.provider import operations
from palier.local.provider.errors import AwsError
from palier.local.provider.operations import until_first


class Asked:
    """Answers with these codes one after the other, and then."""

    def __init__(self, *codes: str) -> None:
        self.codes, self.times = list(codes), 0

    def __call__(self) -> str:
        self.times += 1
        if self.codes:
            raise AwsError("CloudFront KeyValueStore", "PutKey", self.codes.pop(0), "no")
        return "done"


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_PAUSE_SECONDS", (0.0, 0.0))


def test_a_write_that_lost_the_race_is_asked_again() -> None:
    asked = Asked("ConflictException", "ConflictException")
    assert until_first(asked, ("ConflictException",)) == "done"
    assert asked.times == 3


def test_another_failure_is_told_at_once() -> None:
    asked = Asked("ConflictException", "ValidationException")
    with pytest.raises(AwsError, match="ValidationException"):
        until_first(asked, ("ConflictException",))
    assert asked.times == 2


def test_a_race_that_is_never_won_ends() -> None:
    asked = Asked(*["ConflictException"] * 1000)
    with pytest.raises(AwsError, match="ConflictException"):
        until_first(asked, ("ConflictException",))
    assert asked.times == operations._RACES


def test_nothing_is_asked_again_where_nobody_can_be_faster() -> None:
    asked = Asked("ConflictException")
    with pytest.raises(AwsError):
        until_first(asked, ())
    assert asked.times == 1
