"""Reads across shards, and the transactions across shards that there are not.

Use `gather` for what is rare and may be incomplete: an operator's search, a report, a backfill. Not for what
a user waits for on every request: it is as slow as the slowest shard and fails as often as all shards do
together (with 16 shards that are each up 99.9 % of the time, 1.6 % of the reads miss one). For that, keep the
data where one key finds it, or a table of what is asked for, filled by events.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import Any, Generic, TypeVar

from palier.sharding.shard_map import ShardMap

T = TypeVar("T")


class PartialResult(RuntimeError, Generic[T]):
    """Some shards did not answer. `results` by shard are those that did; `failures` say what came instead."""

    def __init__(self, results: Mapping[str, T], failures: Mapping[str, BaseException]) -> None:
        self.results, self.failures = dict(results), dict(failures)
        said = "; ".join(f"{shard}: {_said(error)}" for shard, error in sorted(self.failures.items()))
        total = len(self.results) + len(self.failures)
        super().__init__(f"{len(self.failures)} of {total} shards did not answer: {said}")


class ShardTimeout(TimeoutError):
    """A shard did not answer in its time."""


class DistributedTransaction(RuntimeError):
    """A transaction over several shards, which there is not: no commit here is atomic across servers."""

    def __init__(self, shards: Iterable[str]) -> None:
        self.shards = tuple(sorted(set(shards)))
        super().__init__(
            f"these keys are on {len(self.shards)} shards ({', '.join(self.shards)}), and no transaction "
            "spans shards: make it a saga, a local transaction on each shard in turn, each with a "
            "compensation that undoes it when a later one fails"
        )


def together(shard_map: ShardMap, keys: Iterable[Any]) -> str:
    """The one shard that holds all keys, for one local transaction.

    Raises DistributedTransaction where they are on several, ValueError for no keys.
    """
    found = {shard_map.locate(key).shard for key in keys}
    if not found:
        raise ValueError("no keys")
    if len(found) > 1:
        raise DistributedTransaction(found)
    return found.pop()


@dataclass
class _Answers(Generic[T]):
    results: dict[str, T] = field(default_factory=dict)
    failures: dict[str, BaseException] = field(default_factory=dict)

    def end(self) -> dict[str, T]:
        if self.failures:
            raise PartialResult(self.results, self.failures)
        return self.results


# One time for all shards, or a time for each by its name.
Timeouts = float | Mapping[str, float]


def gather(shards: Iterable[str], read: Callable[[str], T], *, timeout_s: Timeouts) -> dict[str, T]:
    """What `read` returns for each shard, read all at once, each in a thread of its own.

    Raises PartialResult, with the answers that came, where a shard failed or took longer than its time. A
    thread cannot be stopped: let `read` set the same timeout on its connection, so that it ends by itself.
    """
    names = tuple(dict.fromkeys(shards))
    answers: Queue[tuple[str, T | None, BaseException | None]] = Queue()

    def work(shard: str) -> None:
        try:
            answers.put((shard, read(shard), None))
        except BaseException as error:  # told by PartialResult
            answers.put((shard, None, error))

    started = time.monotonic()
    outstanding = {shard: started + _seconds(timeout_s, shard) for shard in names}
    for shard in names:
        threading.Thread(target=work, args=(shard,), daemon=True, name=f"gather {shard}").start()
    found: _Answers[T] = _Answers()
    while outstanding:
        try:
            left = min(outstanding.values()) - time.monotonic()
            shard, result, error = answers.get(timeout=max(0.0, left))
        except Empty:
            now = time.monotonic()
            for shard in [shard for shard, deadline in outstanding.items() if deadline <= now]:
                found.failures[shard] = _late(_seconds(timeout_s, shard))
                del outstanding[shard]
            continue
        if outstanding.pop(shard, None) is None:
            continue  # it was told as late
        if error is not None:
            found.failures[shard] = error
        else:
            found.results[shard] = result  # type: ignore[assignment]
    return found.end()


async def gather_async(
    shards: Iterable[str], read: Callable[[str], Awaitable[T]], *, timeout_s: Timeouts
) -> dict[str, T]:
    """`gather` for coroutines; what has not ended in its time is cancelled."""
    found: _Answers[T] = _Answers()

    async def work(shard: str) -> None:
        seconds = _seconds(timeout_s, shard)
        try:
            async with asyncio.timeout(seconds) as limit:
                found.results[shard] = await read(shard)
        except Exception as error:  # told by PartialResult
            found.failures[shard] = _late(seconds) if limit.expired() else error

    await asyncio.gather(*(work(shard) for shard in dict.fromkeys(shards)))
    return found.end()


def _seconds(timeout_s: Timeouts, shard: str) -> float:
    return timeout_s[shard] if isinstance(timeout_s, Mapping) else timeout_s


def _late(seconds: float) -> ShardTimeout:
    return ShardTimeout(f"no answer in {seconds:g} s")


def _said(error: BaseException) -> str:
    return f"{error}" if isinstance(error, ShardTimeout) else f"{type(error).__name__}: {error}"
