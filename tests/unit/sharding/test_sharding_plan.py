"""Plans: the least movement, even loads, what is refused, and the file."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from palier.errors import InputError, OperationError
from palier.sharding import ShardMap, planning, strategy_from
from palier.sharding.balance import least_movement, loads, moves
from palier.sharding.plan_file import Plan, read
from palier.sharding.planning import Measured, measure, plan, rebalance

HASH = strategy_from({"kind": "hash", "key": "user_id"})
RATE_BYTES_PER_S = 50.0 * 2**20


def names(count: int) -> list[str]:
    """As the stack names shards."""
    return [f"shard-{number}" for number in range(1, count + 1)]


def map_of(count: int, logical: int = 480) -> ShardMap:
    """A first placement."""
    return ShardMap.initial(HASH, names(count), logical)


def by(*weights: float) -> Measured:
    """Weights of requests, nothing known of bytes."""
    return Measured("requests_per_second", weights, None)


def made(shard_map: ShardMap, count: int, found: Measured) -> Plan:
    """A plan to so many shards."""
    return plan(shard_map, names(count), found, RATE_BYTES_PER_S)


def test_from_4_to_6_shards_a_third_moves_and_nothing_more() -> None:
    planned = made(map_of(4), 6, measure(map_of(4), [], None))
    assert len(planned.moves) == 160
    assert planned.moved <= 1.02 * planned.least
    assert planned.after.skew <= 1.02
    assert {move.target for move in planned.moves} == {"shard-5", "shard-6"}


@given(st.integers(0, 2**32), st.floats(0, 1), st.integers(2, 12), st.integers(1, 12))
@settings(max_examples=40)
def test_uneven_weights_are_evened_with_little_more_movement_than_must_be(
    seed: int, spread: float, before: int, more: int
) -> None:
    random = Random(seed)
    weights = [random.lognormvariate(0, spread) for _ in range(480)]
    shard_map, after = map_of(before), before + more
    planned = made(shard_map, after, by(*weights))
    assert planned.moved <= 1.02 * planned.least
    # A logical shard moves as a whole, so that loads may differ by one.
    assert max(planned.after.loads.values()) <= planned.after.mean + max(weights)
    moved = shard_map.moved(planned.placements(), names(after))
    assert loads(moved, weights, names(after)).loads == pytest.approx(planned.after.loads)


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=60), st.integers(1, 8), st.integers(1, 8))
def test_whatever_the_weights_what_moves_never_weighs_more_than_what_must(
    weights: list[float], before: int, after: int
) -> None:
    before, after = min(before, len(weights)), min(after, len(weights))
    shard_map = map_of(before, len(weights))
    chosen = moves(shard_map, weights, names(after), 1.0 * sum(weights) / after, below=False)
    moved = sum(weights[logical] for logical in chosen)
    if before <= after:
        assert moved <= least_movement(shard_map, weights, names(after)) * (1 + 1e-6)
    if before > after:
        gone = {logical for shard in names(before)[after:] for logical in shard_map.held_by(shard)}
        assert gone <= set(chosen)
    assert set(chosen.values()) <= set(names(after))


def test_to_fewer_shards_only_what_the_last_ones_held_moves() -> None:
    planned = made(map_of(6), 4, measure(map_of(6), [], None))
    assert {move.source for move in planned.moves} == {"shard-5", "shard-6"}
    assert len(planned.moves) == 160 == planned.least
    assert planned.after.skew == 1.0


def test_a_new_shard_is_filled_though_no_other_has_a_whole_logical_shard_to_spare() -> None:
    planned = made(map_of(16), 17, by(*[1.0] * 480))
    # 480 / 17 is 28.2: each of sixteen has 30, gives one, and some a second.
    assert len(planned.moves) == 28
    assert planned.after.loads["shard-17"] == 28.0
    assert max(planned.after.loads.values()) == 29.0


def test_the_least_movement_is_what_the_lighter_ones_lack() -> None:
    assert least_movement(map_of(4), [1.0] * 480, names(6)) == 160.0
    assert least_movement(map_of(4), [1.0] * 480, names(4)) == 0.0


def test_a_plan_that_cannot_help_is_refused_with_the_hot_logical_shard() -> None:
    weights = [0.0] * 480
    weights[17] = 100.0
    with pytest.raises(OperationError) as refused:
        made(map_of(4), 6, by(*weights))
    said = "\n".join(refused.value.lines())
    assert "of 6 shards the heaviest would carry 6.00 times the mean" in said
    assert "logical shard 17 alone is 6.00 times the mean" in said
    assert "left: nothing was changed" in said


def test_as_many_shards_as_there_are_is_no_plan() -> None:
    with pytest.raises(InputError, match="palier shards rebalance"):
        made(map_of(4), 4, by(*[1.0] * 480))


def test_rebalancing_moves_as_little_as_brings_the_hottest_below_the_goal() -> None:
    shard_map = map_of(4)
    weights = [2.0 if logical < 120 else 1.0 for logical in range(480)]
    planned = rebalance(shard_map, by(*weights), 1.1, RATE_BYTES_PER_S)
    assert planned is not None
    assert planned.before.skew == 1.6
    assert planned.after.skew <= 1.1
    # 240 of 600 are to become 165 at most: 75, of pieces of 2.
    assert planned.moved == 76.0
    assert {move.source for move in planned.moves} == {"shard-1"}


def test_what_no_other_shard_has_room_for_stays_where_it_is() -> None:
    shard_map = map_of(4)
    weights = [0.5 if logical < 120 else 0.25 for logical in range(480)]
    weights[7] = 20.0
    planned = rebalance(shard_map, by(*weights), 1.1, RATE_BYTES_PER_S)
    assert planned is not None
    assert 7 not in planned.placements()
    assert planned.after.skew <= 1.1


def test_what_is_within_the_goal_is_left_alone() -> None:
    assert rebalance(map_of(4), by(*[1.0] * 480), 1.02, RATE_BYTES_PER_S) is None


def test_one_logical_shard_that_is_too_hot_cannot_be_rebalanced_away() -> None:
    weights = [0.0] * 480
    weights[3] = 5.0
    with pytest.raises(OperationError, match="a logical shard moves as a whole"):
        rebalance(map_of(4), by(*weights), 1.1, RATE_BYTES_PER_S)


def test_hot_shards_and_hot_logical_shards_are_named_hottest_first() -> None:
    weights = [1.0] * 480
    weights[100] = 100.0
    hot = planning.hotspots(map_of(4), by(*weights))
    assert hot[0].startswith("shard-1 carries 1.5")
    assert hot[1].startswith("logical shard 100 on shard-1 alone is 69% of what a shard carries")


def test_the_volume_and_the_time_of_a_plan_come_from_measured_bytes() -> None:
    found = Measured("bytes", (2.0**30,) * 480, (2.0**30,) * 480)
    planned = made(map_of(4), 6, found)
    assert planned.moved_bytes == 160 * 2**30
    assert planned.seconds == pytest.approx(160 * 1024 / 50)


def test_a_plan_is_read_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    planned = made(map_of(4), 6, Measured("bytes", (3.5,) * 480, (3.5,) * 480))
    planned.write(tmp_path / "plan.json")
    assert read(tmp_path / "plan.json") == planned
    assert read(tmp_path / "plan.json").id == planned.id


def test_a_plan_file_is_never_written_over(tmp_path: Path) -> None:
    planned = made(map_of(4), 6, by(*[1.0] * 480))
    planned.write(tmp_path / "plan.json")
    with pytest.raises(InputError, match="--out: stands already"):
        planned.write(tmp_path / "plan.json")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "recipe"}, "kind: is no plan"),
        ({"format": 2}, "format: format 2 (allowed: 1)"),
        ({"hotspots": ["none"]}, "checksum: does not fit the content"),
        ({"moves": [{}]}, "is cut or misses something"),
        ({"checksum": None}, "checksum: does not fit the content"),
    ],
)
def test_a_plan_that_was_edited_is_refused(change: dict[str, object], problem: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({**made(map_of(4), 6, by(*[1.0] * 480)).as_data(), **change}))
    with pytest.raises(InputError) as refused:
        read(file)
    assert str(refused.value).startswith(f"{file}: {problem}")


@pytest.mark.parametrize("content", ["", "[]", "null", "{"])
def test_what_is_no_plan_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(content)
    with pytest.raises(InputError):
        read(tmp_path / "plan.json")
