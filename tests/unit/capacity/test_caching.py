"""What a cache leaves for the origin to serve."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.capacity.caching import CachedClass, hit_ratio_percent, origin_requests_per_second
from palier_stacks.cdn.cache_settings import CacheSettings

PERCENT = st.floats(min_value=0, max_value=100)
RATE = st.floats(min_value=0, max_value=1e9)


def _classes(settings: CacheSettings) -> list[CachedClass]:
    return [CachedClass(each.traffic_percent, each.hit_ratio_percent) for each in settings.classes().values()]


def test_the_settings_defaults_leave_27_of_100_requests_to_the_origin() -> None:
    """50 % at 98, 20 % at 90, 20 % at 30 and 10 % at 0: 73 % are hits."""
    ratio = hit_ratio_percent(_classes(CacheSettings()))
    assert ratio == pytest.approx(73.0)
    assert origin_requests_per_second(1000.0, ratio) == pytest.approx(270.0)


def test_the_settings_and_the_capacity_model_agree() -> None:
    settings = CacheSettings()
    assert settings.hit_ratio_percent == pytest.approx(hit_ratio_percent(_classes(settings)))


@pytest.mark.parametrize(("ratio", "expected"), [(0.0, 500.0), (100.0, 0.0), (90.0, 50.0)])
def test_what_the_cache_does_not_answer_reaches_the_origin(ratio: float, expected: float) -> None:
    assert origin_requests_per_second(500.0, ratio) == pytest.approx(expected)


@given(RATE, PERCENT, PERCENT)
def test_a_better_hit_ratio_never_sends_more_to_the_origin(rate: float, one: float, other: float) -> None:
    worse, better = sorted((one, other))
    assert origin_requests_per_second(rate, better) <= origin_requests_per_second(rate, worse) <= rate


@given(RATE, RATE, PERCENT)
def test_more_requests_never_send_less_to_the_origin(one: float, other: float, ratio: float) -> None:
    less, more = sorted((one, other))
    assert origin_requests_per_second(less, ratio) <= origin_requests_per_second(more, ratio)


@given(st.lists(st.tuples(st.floats(min_value=0.01, max_value=1), PERCENT), min_size=1, max_size=6))
def test_the_ratio_of_all_lies_between_those_of_the_classes(parts: list[tuple[float, float]]) -> None:
    total = math.fsum(weight for weight, _ in parts)
    found = hit_ratio_percent(CachedClass(min(100.0, 100 * weight / total), ratio) for weight, ratio in parts)
    ratios = [ratio for _, ratio in parts]
    assert min(ratios) - 1e-6 <= found <= max(ratios) + 1e-6


@pytest.mark.parametrize("rate", [-1.0, math.inf, math.nan])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        origin_requests_per_second(rate, 50.0)


@pytest.mark.parametrize("percent", [-0.1, 100.1, math.nan])
def test_a_percentage_that_is_none_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        origin_requests_per_second(1.0, percent)
    with pytest.raises(ValueError, match=r"hit_ratio_percent: .* between 0 and 100"):
        CachedClass(10.0, percent)
    with pytest.raises(ValueError, match=r"traffic_percent: .* between 0 and 100"):
        CachedClass(percent, 10.0)


def test_shares_that_are_not_all_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="traffic_percent of all classes is 90, not 100"):
        hit_ratio_percent([CachedClass(90.0, 50.0)])
