"""Reads across shards tell what is missing; transactions across shards are refused."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from palier.sharding import ShardMap, strategy_from
from palier.sharding.across import (
    DistributedTransaction,
    PartialResult,
    ShardTimeout,
    gather,
    gather_async,
    together,
)

SHARDS = ["shard-1", "shard-2", "shard-3"]
MAP = ShardMap.initial(strategy_from({"kind": "hash", "key": "id"}), SHARDS)


def test_every_shard_is_read_at_once() -> None:
    meet = threading.Barrier(3)

    def read(shard: str) -> int:
        meet.wait(5)  # would break if one waited for another
        return len(shard)

    assert gather(SHARDS, read, timeout_s=5) == dict.fromkeys(SHARDS, 7)


def test_a_shard_that_fails_is_told_with_the_answers_that_came() -> None:
    def read(shard: str) -> str:
        if shard == "shard-2":
            raise ConnectionError("refused")
        return shard

    with pytest.raises(PartialResult, match="1 of 3 shards did not answer: shard-2: ConnectionError") as told:
        gather(SHARDS, read, timeout_s=5)
    assert told.value.results == {"shard-1": "shard-1", "shard-3": "shard-3"}
    assert isinstance(told.value.failures["shard-2"], ConnectionError)


def test_a_shard_that_is_late_costs_its_time_and_no_more() -> None:
    released = threading.Event()

    def read(shard: str) -> str:
        if shard == "shard-3":
            released.wait(30)
        return shard

    started = time.monotonic()
    with pytest.raises(PartialResult) as told:
        gather(SHARDS, read, timeout_s=0.2)
    released.set()
    assert time.monotonic() - started < 10
    assert isinstance(told.value.failures["shard-3"], ShardTimeout)
    assert set(told.value.results) == {"shard-1", "shard-2"}


def test_each_shard_may_have_a_time_of_its_own() -> None:
    released = threading.Event()

    def read(shard: str) -> str:
        if shard != "shard-2":
            released.wait(0.4)
        return shard

    patient = {"shard-1": 0.05, "shard-2": 5.0, "shard-3": 5.0}
    with pytest.raises(PartialResult, match=r"shard-1: no answer in 0\.05 s") as told:
        gather(SHARDS, read, timeout_s=patient)
    assert told.value.results == {"shard-2": "shard-2", "shard-3": "shard-3"}


def test_a_timeout_of_the_read_itself_is_told_as_such() -> None:
    async def read(shard: str) -> str:
        if shard == "shard-1":
            raise TimeoutError("of the driver")
        return shard

    with pytest.raises(PartialResult) as told:
        asyncio.run(gather_async(SHARDS, read, timeout_s=5.0))
    assert not isinstance(told.value.failures["shard-1"], ShardTimeout)


def test_no_shards_are_no_answers() -> None:
    assert gather([], lambda shard: shard, timeout_s=1) == {}


def test_coroutines_are_gathered_alike_and_cancelled_when_they_are_late() -> None:
    ended: list[str] = []

    async def read(shard: str) -> str:
        if shard == "shard-1":
            raise ConnectionError("refused")
        if shard == "shard-2":
            try:
                await asyncio.sleep(30)
            finally:
                ended.append(shard)
        return shard

    with pytest.raises(PartialResult) as told:
        asyncio.run(gather_async(SHARDS, read, timeout_s=0.2))
    assert told.value.results == {"shard-3": "shard-3"}
    assert isinstance(told.value.failures["shard-1"], ConnectionError)
    assert isinstance(told.value.failures["shard-2"], ShardTimeout)
    assert ended == ["shard-2"]


def test_keys_of_one_shard_may_share_a_transaction() -> None:
    same = [key for key in range(300) if MAP.locate(key).shard == "shard-2"]
    assert together(MAP, same) == "shard-2"


def test_a_transaction_over_shards_is_refused_and_the_saga_named() -> None:
    with pytest.raises(DistributedTransaction, match=r"3 shards .* make it a saga") as refused:
        together(MAP, range(300))
    assert refused.value.shards == tuple(SHARDS)


def test_a_transaction_without_keys_has_no_shard() -> None:
    with pytest.raises(ValueError, match="no keys"):
        together(MAP, [])
