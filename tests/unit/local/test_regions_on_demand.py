"""What is asked of regions holds from then on, and what was before stays as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.local.emulator.calls import Call
from palier.local.emulator.regions import MAX_LAG_SECONDS, Regions

REGION = "eu-west-3"
SECONDS = st.floats(0, MAX_LAG_SECONDS)
GAPS = st.floats(0.1, 1000)


def asked(**fields: object) -> bytes:
    return json.dumps({"region": REGION, **fields}).encode()


def call(service: str, region: str = REGION) -> Call:
    return Call("POST", service, "DescribeThings", region, "key", None)


@given(st.lists(st.tuples(GAPS, SECONDS), min_size=1))
def test_a_lag_holds_from_when_it_was_asked_for_until_the_next(changes: list[tuple[float, float]]) -> None:
    regions, now = Regions(), 0.0
    known: list[tuple[float, float]] = []
    for gap, seconds in changes:
        now += gap
        regions.apply(asked(lag_seconds=seconds), now)
        known.append((now, seconds))
    for at, seconds in known:
        assert regions.lag_at(REGION, at) == seconds
    assert regions.lag_at(REGION, known[0][0] - 0.05) == 0
    assert regions.lag_at("eu-central-1", now) == 0


@given(st.lists(st.tuples(GAPS, st.sampled_from(["error", "silence", None])), min_size=1))
def test_a_region_fails_exactly_from_the_first_fault_to_the_clearing(
    changes: list[tuple[float, str | None]],
) -> None:
    regions, now = Regions(), 0.0
    known: list[tuple[float, str | None]] = []
    for gap, mode in changes:
        now += gap
        regions.apply(asked(mode=mode), now)
        known.append((now, mode))
        assert regions.mode_for(call("ec2")) == mode
        assert regions.failing(REGION) == (mode is not None)
    for at, mode in known:
        assert regions.failed_at(REGION, at) == (mode is not None)
        assert not regions.failed_at("eu-central-1", at)


@given(st.lists(st.sampled_from(["error", "silence", None]), min_size=1))
def test_clearing_ends_everything(modes: list[str | None]) -> None:
    regions = Regions()
    for at, mode in enumerate(modes):
        regions.apply(asked(mode=mode, lag_seconds=at), float(at))
    regions.clear()
    assert regions == Regions()


@pytest.mark.parametrize("service", ["iam", "route53", "cloudfront", "cloudfront-keyvaluestore"])
def test_a_service_without_regions_never_fails(service: str) -> None:
    regions = Regions()
    regions.apply(b'{"region": "us-east-1", "mode": "error"}', 1.0)
    assert regions.mode_for(call(service, "us-east-1")) is None
    assert regions.mode_for(call("sts", "us-east-1")) == "error"


def test_a_refused_request_changes_nothing() -> None:
    regions = Regions()
    for body in (asked(mode="slow"), asked(mode="error", lag_seconds=-1), asked(), b"[]"):
        with pytest.raises((ValueError, KeyError, TypeError)):
            regions.apply(body, 1.0)
    assert regions == Regions()
