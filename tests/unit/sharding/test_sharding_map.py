"""The shard map: what must hold of every map, what its document promises, and what is refused."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.sharding import BadMap, ShardMap, strategy_from

HASH = strategy_from({"kind": "hash", "key": "user_id"})
COUNTRIES = {
    "kind": "geography",
    "key": "country",
    "groups": {"europe": {"values": ["FR", "NO"], "share": 3}, "world": {"values": [], "share": 1}},
    "default": "world",
}

maps = st.builds(
    lambda shards, placement, version: ShardMap(
        HASH,
        tuple(f"shard-{number}" for number in range(1, shards + 1)),
        tuple(each % shards for each in placement),
        version,
    ),
    st.integers(1, 40),
    st.lists(st.integers(0, 999), min_size=1, max_size=480),
    st.integers(1, 10**9),
)


def four() -> ShardMap:
    """Four shards, by hash."""
    return ShardMap.initial(HASH, [f"shard-{number}" for number in range(1, 5)])


@given(maps)
def test_a_map_is_read_back_from_its_document_as_it_was(shard_map: ShardMap) -> None:
    again = ShardMap.from_json(shard_map.to_json())
    assert again == shard_map
    assert again.checksum == shard_map.checksum
    assert again.to_json() == shard_map.to_json()


@given(maps, st.integers(-(2**63), 2**64 - 1))
def test_every_number_is_on_a_shard_that_holds_its_logical_shard(shard_map: ShardMap, key: int) -> None:
    found = shard_map.locate(key)
    assert found.logical in shard_map.held_by(found.shard)


@given(st.integers(1, 480), st.integers(1, 480))
def test_a_first_placement_gives_every_shard_as_many_as_any_other_or_one_less(
    shards: int, logical: int
) -> None:
    names = [f"shard-{number}" for number in range(1, min(shards, logical) + 1)]
    counts = Counter(ShardMap.initial(HASH, names, logical).placement)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert len(counts) == len(names)


@given(st.integers(0, 2**63), st.integers(1, 30))
def test_resharding_moves_a_logical_shard_and_never_a_key_between_logical_shards(key: int, more: int) -> None:
    before = four()
    names = [*before.shards, *(f"shard-{4 + number}" for number in range(1, more + 1))]
    logical = before.locate(key).logical
    after = before.moved({logical: names[-1]}, names)
    assert after.locate(key).logical == logical
    assert after.locate(key).shard == names[-1]
    assert after.version == before.version + 1


def test_keys_go_where_they_always_went() -> None:
    """Pinned for ever: another number here means that every application loses its data."""
    found = four()
    assert [found.locate(key).logical for key in (0, 1, 42, -1, 2**64 - 1)] == PINNED_NUMBERS
    assert [found.locate(key).logical for key in ("", "a", "user-42", "Zoë", "日本語のキー")] == PINNED_TEXT


PINNED_NUMBERS = [423, 271, 355, 429, 429]
PINNED_TEXT = [423, 176, 194, 384, 235]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": 2}, "checksum: does not fit the content"),
        ({"placement": [0] * 480}, "checksum: does not fit the content"),
        ({"format": 2}, "format: format 2 is not known here (allowed: 1)"),
        ({"placement": [0] * 479}, "placement: does not place every logical shard (allowed: 480)"),
        ({"placement": [9] * 480}, "placement: places a logical shard on a shard that is not listed"),
        ({"placement": ["0"] * 480}, "placement: expected whole numbers"),
        ({"placement": [True] * 480}, "placement: expected whole numbers"),
        ({"shards": ["one", "one"]}, "shards: needs shards, each under a name of its own"),
        ({"version": 0}, "version: version 0 (allowed: 1 or more)"),
        ({"strategy": {"kind": "magic"}}, "strategy.kind: unknown strategy 'magic'"),
        ({"strategy": "hash"}, "strategy: expected a strategy"),
        ({"checksum": None}, "checksum: does not fit"),
    ],
)
def test_a_document_that_was_changed_is_refused_with_what_is_wrong(
    change: dict[str, object], problem: str
) -> None:
    document = json.dumps({**json.loads(four().to_json()), **change})
    with pytest.raises(BadMap) as refused:
        ShardMap.from_json(document)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize("field", ["version", "strategy", "shards", "placement", "checksum"])
def test_a_document_without_a_field_is_refused_by_its_name(field: str) -> None:
    data = json.loads(four().to_json())
    del data[field]
    with pytest.raises(BadMap, match=f"^{field}: is missing"):
        ShardMap.from_json(json.dumps(data))


@pytest.mark.parametrize("document", ["", "[]", "null", '{"format"', '{"format": 1'])
def test_what_is_no_document_is_refused(document: str) -> None:
    with pytest.raises(BadMap):
        ShardMap.from_json(document)


def test_the_order_of_groups_survives_since_their_ranges_follow_it() -> None:
    reversed_groups = dict(reversed(COUNTRIES["groups"].items()))  # type: ignore[attr-defined]
    for groups in (COUNTRIES["groups"], reversed_groups):
        shard_map = ShardMap.initial(strategy_from({**COUNTRIES, "groups": groups}), ["a", "b"])
        assert ShardMap.from_json(shard_map.to_json()).strategy == shard_map.strategy


def test_a_group_that_no_logical_shard_is_left_for_is_refused() -> None:
    shares = {"a": {"share": 98}, "b": {"share": 1}, "c": {"share": 1}}
    strategy = strategy_from({"kind": "function", "key": "domain", "groups": shares})
    with pytest.raises(BadMap, match="10 logical shards leave none for group b"):
        ShardMap.initial(strategy, ["shard-1"], 10)
    assert ShardMap.initial(strategy, ["shard-1"]).logical_shards == 480


def test_more_shards_than_logical_shards_are_refused() -> None:
    with pytest.raises(BadMap, match=r"3 shards for 2 logical shards \(allowed: at most 2\)"):
        ShardMap.initial(HASH, ["a", "b", "c"], 2)


def test_a_move_to_a_shard_that_is_not_listed_is_refused() -> None:
    with pytest.raises(BadMap, match="places logical shards on shard-9"):
        four().moved({0: "shard-9"})
