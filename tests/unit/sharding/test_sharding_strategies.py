"""How keys find their logical shards: the four strategies, alone and over arrays, and what they refuse."""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.sharding import BadKey, BadStrategy, ShardMap, strategy_from

SHARDS = [f"shard-{number}" for number in range(1, 8)]
HASH: dict[str, Any] = {"kind": "hash", "key": "user_id"}
COUNTRIES: dict[str, Any] = {
    "kind": "geography",
    "key": "country",
    "groups": {"europe": {"values": ["FR", "DE"], "share": 3}, "world": {"values": ["US"], "share": 1}},
    "default": "world",
}
DOMAINS: dict[str, Any] = {
    "kind": "function",
    "key": "domain",
    "groups": {"billing": {"share": 1}, "jobs": {"share": 2}},
}
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def map_of(data: dict[str, Any]) -> ShardMap:
    """Seven shards by a strategy."""
    return ShardMap.initial(strategy_from(data), SHARDS)


def alike(shard_map: ShardMap, keys: Sequence[Any], array: Any) -> None:
    """`locate_many` says of an array what `locate` says of each key."""
    found = [shard_map.shards[number] for number in shard_map.locate_many(array)]
    assert found == [shard_map.locate(key).shard for key in keys]


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_many_whole_numbers_go_where_each_goes(keys: list[int]) -> None:
    alike(map_of(HASH), keys, np.array(keys, dtype=np.int64))


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_many_unsigned_numbers_go_where_each_goes(keys: list[int]) -> None:
    alike(map_of(HASH), keys, np.array(keys, dtype=np.uint64))


@given(st.lists(st.integers(-128, 127)))
def test_small_numbers_go_where_large_ones_of_the_same_value_go(keys: list[int]) -> None:
    alike(map_of(HASH), keys, np.array(keys, dtype=np.int8))


@given(st.lists(text, min_size=1))
def test_many_texts_go_where_each_goes(keys: list[str]) -> None:
    alike(map_of(HASH), keys, np.array(keys))
    alike(map_of(HASH), keys, np.array(keys, dtype=object))


@given(st.lists(st.uuids()))
def test_many_uuids_go_where_each_goes(keys: list[uuid.UUID]) -> None:
    alike(map_of(HASH), keys, np.array(keys, dtype=object))


@given(st.lists(st.tuples(st.sampled_from(["FR", "DE", "US", "JP"]), st.integers(0, 2**40)), min_size=1))
def test_many_pairs_of_geography_go_where_each_goes(keys: list[tuple[str, int]]) -> None:
    countries, ids = zip(*keys, strict=True)
    alike(map_of(COUNTRIES), keys, (np.array(countries), np.array(ids)))


@given(st.lists(st.tuples(st.sampled_from(["billing", "jobs"]), text), min_size=1))
def test_many_pairs_of_functions_go_where_each_goes(keys: list[tuple[str, str]]) -> None:
    domains, ids = zip(*keys, strict=True)
    alike(map_of(DOMAINS), keys, (np.array(domains), np.array(ids)))


@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
@given(keys=st.lists(st.dates(datetime.date(1800, 1, 1), datetime.date(2300, 1, 1))))
def test_many_dates_go_where_each_goes(period: str, keys: list[datetime.date]) -> None:
    shard_map = map_of({"kind": "date", "key": "created_at", "period": period})
    alike(shard_map, keys, np.array(keys, dtype="datetime64[D]"))
    alike(shard_map, keys, np.array(keys, dtype="datetime64[s]"))


def test_an_array_longer_than_a_chunk_goes_where_each_key_goes() -> None:
    keys = np.arange(-20_000, 20_000, dtype=np.int64)
    alike(map_of(HASH), keys.tolist(), keys)


def test_the_callers_array_is_left_as_it_was() -> None:
    for dtype in (np.int64, np.uint64):
        keys = np.arange(1000, dtype=dtype)
        map_of(HASH).locate_many(keys)
        assert (keys == np.arange(1000, dtype=dtype)).all()


def test_consecutive_numbers_fill_the_logical_shards_evenly() -> None:
    counts = np.bincount(map_of(HASH).strategy.logical_many(np.arange(480_000), 480), minlength=480)
    # 1,000 each; five standard deviations of a binomial are 158.
    assert counts.min() > 842
    assert counts.max() < 1158


def test_a_record_of_a_country_is_in_its_groups_range() -> None:
    strategy = strategy_from(COUNTRIES)
    europe = {strategy.logical(("FR", number), 480) for number in range(3000)}
    world = {strategy.logical(("JP", number), 480) for number in range(3000)}
    assert (min(europe), max(europe)) == (0, 359)
    assert (min(world), max(world)) == (360, 479)


def test_one_month_after_another_goes_to_one_shard_after_another() -> None:
    shard_map = map_of({"kind": "date", "key": "created_at", "period": "month"})
    year = [datetime.date(2026, month, 1) for month in range(1, 13)]
    found = [shard_map.locate(day).shard for day in year]
    first = SHARDS.index(found[0])
    assert found == [SHARDS[(first + number) % len(SHARDS)] for number in range(12)]
    assert max(Counter(found).values()) == 2


def test_a_time_with_a_zone_is_taken_in_utc() -> None:
    strategy = strategy_from({"kind": "date", "key": "created_at", "period": "day"})
    paris = datetime.timezone(datetime.timedelta(hours=1))
    late = datetime.datetime(2026, 3, 2, 0, 30, tzinfo=paris)
    assert strategy.logical(late, 480) == strategy.logical(datetime.date(2026, 3, 1), 480)
    assert strategy.logical(late.isoformat(), 480) == strategy.logical("2026-03-01", 480)


@pytest.mark.parametrize("data", [HASH, COUNTRIES, DOMAINS, {"kind": "date", "key": "at", "period": "week"}])
def test_a_strategy_is_the_data_it_was_read_from(data: dict[str, Any]) -> None:
    strategy = strategy_from(data)
    assert strategy_from(strategy.as_data()) == strategy


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "kind: unknown strategy None (allowed: hash, geography, date, function)"),
        ({"kind": "hash"}, "key: expected the name of what is routed by"),
        ({**HASH, "perod": "day"}, "perod: unknown key (allowed: kind, key)"),
        ({"kind": "date", "key": "at", "perod": "day"}, "perod: unknown key; did you mean period?"),
        ({"kind": "date", "key": "at", "period": "hour"}, "period: unknown period 'hour'"),
        ({**COUNTRIES, "groups": {}}, "groups: expected groups by name"),
        ({**COUNTRIES, "default": "mars"}, "default: no group named 'mars' (allowed: europe, world)"),
        (
            {**COUNTRIES, "groups": {"a": {"values": [False]}}, "default": "a"},
            "groups.a.values: expected text",
        ),
        (
            {**COUNTRIES, "groups": {"a": {"values": "FR"}}, "default": "a"},
            "groups.a.values: expected a list",
        ),
        (
            {**COUNTRIES, "groups": {"a": {"values": ["FR"]}, "b": {"values": ["FR"]}}, "default": "a"},
            "groups.b.values: FR is in a too",
        ),
        ({**DOMAINS, "groups": {"a": {"share": 0}}}, "groups.a.share: expected a whole number, got 0"),
        ({**DOMAINS, "groups": {"a": {"share": True}}}, "groups.a.share: expected a whole number, got True"),
        (
            {**DOMAINS, "groups": {"a": {"share": 101}}},
            "groups: the shares are too many (allowed: 100 in all)",
        ),
        ({**DOMAINS, "groups": {"a": {"values": []}}}, "groups.a.values: unknown key"),
        ({**DOMAINS, "groups": {"a": None}}, "groups.a: expected a mapping"),
    ],
)
def test_data_that_routes_nothing_is_refused_by_its_key(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadStrategy) as refused:
        strategy_from(data)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize(
    ("data", "key", "problem"),
    [
        (HASH, 1.5, "cannot route a key of type float (allowed: int, str, UUID)"),
        (HASH, True, "cannot route a key of type bool"),
        (HASH, None, "cannot route a key of type NoneType"),
        (HASH, 2**64, "18446744073709551616 does not fit into 64 bits"),
        (HASH, "a\0b", "a text key cannot contain NUL"),
        (COUNTRIES, "FR", "geography routes by a pair, got 'FR' (allowed: (country, id))"),
        (DOMAINS, ("jbos", 1), "no group for domain 'jbos'; did you mean jobs? (allowed: billing, jobs)"),
        ({"kind": "date", "key": "at"}, "yesterday", "'yesterday' is not a date"),
        ({"kind": "date", "key": "at"}, 20261125, "cannot route a key of type int"),
    ],
)
def test_a_key_that_cannot_be_routed_is_refused_and_not_sent_anywhere(
    data: dict[str, Any], key: Any, problem: str
) -> None:
    with pytest.raises(BadKey) as refused:
        map_of(data).locate(key)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (HASH, np.array([1.5])),
        (HASH, np.array([True])),
        (HASH, np.array([[1, 2]])),
        (HASH, np.array(["a\0b", "c"])),
        (HASH, np.array([1, None], dtype=object)),
        (COUNTRIES, np.array([1, 2])),
        (COUNTRIES, (np.array(["FR"]), np.array([1, 2]))),
        (DOMAINS, (np.array(["mars"]), np.array([1]))),
        ({"kind": "date", "key": "at"}, np.array(["NaT"], dtype="datetime64[D]")),
    ],
)
def test_an_array_with_a_key_that_cannot_be_routed_is_refused(data: dict[str, Any], keys: Any) -> None:
    with pytest.raises(BadKey):
        map_of(data).locate_many(keys)


@pytest.mark.parametrize("keys", [[42, "x"], ["x", 42], [2**63, -1], [1, uuid.UUID(int=7)], []])
def test_a_list_of_several_kinds_goes_where_each_key_goes(keys: list[Any]) -> None:
    shard_map = ShardMap.initial(strategy_from({"kind": "hash", "key": "id"}), ["shard-1", "shard-2"])
    each = [shard_map.shards.index(shard_map.locate(key).shard) for key in keys]
    assert shard_map.locate_many(keys).tolist() == each


def test_a_truth_value_among_numbers_is_refused_as_it_is_alone() -> None:
    shard_map = ShardMap.initial(strategy_from({"kind": "hash", "key": "id"}), ["shard-1"])
    with pytest.raises(BadKey, match="bool"):
        shard_map.locate_many([True, 2])


@pytest.mark.parametrize("missing", [None, 1, float("nan")])
def test_a_missing_country_is_not_sent_to_the_default(missing: object) -> None:
    groups = {"europe": {"values": ["FR"]}, "world": {"values": []}}
    data = {"kind": "geography", "key": "country", "groups": groups, "default": "world"}
    shard_map = ShardMap.initial(strategy_from(data), ["shard-1", "shard-2"])
    with pytest.raises(BadKey, match="no group"):
        shard_map.locate_many((["FR", missing], [1, 2]))
