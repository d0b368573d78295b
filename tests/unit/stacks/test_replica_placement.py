"""Replicas are spread over the zones, and stay where they are when more come."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier_stacks.replicas.placement import place

ZONES = st.lists(st.sampled_from("abcdef"), unique=True, min_size=1)


@given(st.integers(0, 15), ZONES)
def test_no_zone_has_two_replicas_more_than_another(count: int, zones: list[str]) -> None:
    counts = Counter(place(count, zones))

    assert sum(counts.values()) == count
    assert max(counts[zone] for zone in zones) - min(counts[zone] for zone in zones) <= 1


@given(st.integers(0, 15), st.integers(0, 15), ZONES)
def test_a_replica_does_not_move_when_others_are_added(few: int, more: int, zones: list[str]) -> None:
    assert place(few + more, zones)[:few] == place(few, zones)


@pytest.mark.parametrize(("count", "zones"), [(2, []), (-1, ["a"])])
def test_there_is_no_placement_without_a_zone_or_below_none(count: int, zones: list[str]) -> None:
    with pytest.raises(ValueError, match="placement needs"):
        place(count, zones)
