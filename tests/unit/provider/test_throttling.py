"""A throttled request had no effect: it is asked again, as by the official provider; nothing else is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from palier.local.provider import clients, patience
from palier.local.provider.clients import Clients
from palier.local.provider.errors import AwsError


class Answering(Clients):
    """AWS operations that are refused with each of `codes` in turn, and then done."""

    def __init__(self, *codes: str) -> None:
        super().__init__("http://127.0.0.1:1")
        self.codes, self.asked = list(codes), 0

    def _once(self, service: str, region: str, operation: str, arguments: Any) -> dict[str, Any]:
        self.asked += 1
        if self.codes:
            raise AwsError(service, operation, self.codes.pop(0), "slow down")
        return {"done": True}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds waited, on a clock that only waiting moves."""
    waited: list[float] = []
    clock = SimpleNamespace(sleep=waited.append, monotonic=lambda: sum(waited))
    monkeypatch.setattr(patience, "time", clock)
    return waited


def test_what_is_throttled_is_asked_again_with_growing_waits(waits: list[float]) -> None:
    asked = Answering("Throttling", "ThrottlingException", "SlowDown")
    assert asked.call("ec2", "eu-west-3", "DescribeVpcs", {}) == {"done": True}
    assert waits == [0.25, 0.5, 1.0]


def test_what_stays_throttled_fails_in_the_end_with_what_the_service_said(waits: list[float]) -> None:
    with pytest.raises(AwsError, match="RequestLimitExceeded: slow down"):
        Answering(*["RequestLimitExceeded"] * 100).call("ec2", "eu-west-3", "DescribeVpcs", {})
    assert sum(waits) <= clients.PATIENCE_SECONDS
    assert max(waits) == patience.LONGEST_WAIT_SECONDS


def test_what_is_refused_otherwise_fails_at_once(waits: list[float]) -> None:
    asked = Answering("AccessDenied")
    with pytest.raises(AwsError, match="AccessDenied"):
        asked.call("ec2", "eu-west-3", "DescribeVpcs", {})
    assert (asked.asked, waits) == (1, [])
