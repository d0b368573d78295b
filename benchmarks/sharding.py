"""`locate_many` beside other ways to find a key's server: speed, movement when a server is added, balance.

All in one process, on the same keys. jump-consistent-hash is a C extension called key by key; uhashring is a
ring in pure Python. Neither takes an array, so what is compared is what an application gets for many keys.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jump
import numpy as np
from palier.sharding import ShardMap, strategy_from
from palier.sharding.balance import moves
from uhashring import HashRing

SERVERS = 16
OUR_KEYS = 20_000_000
PEER_KEYS = 200_000


@dataclass(frozen=True)
class Routed:
    """One way of routing. `moved` is the share of the keys that moved when a server was added."""

    name: str
    keys_per_s: float
    moved: float
    max_over_mean: float


def names(count: int) -> list[str]:
    """Names of servers."""
    return [f"shard-{number}" for number in range(1, count + 1)]


def measure() -> list[Routed]:
    """Ours first, then the peers."""
    rng = np.random.default_rng(20261125)
    keys = rng.integers(0, 2**62, size=OUR_KEYS, dtype=np.int64)
    few = keys[:PEER_KEYS].tolist()
    return [_ours(keys), _jump(few), _ring(few)]


def _ours(keys: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Routed:
    before = ShardMap.initial(strategy_from({"kind": "hash", "key": "id"}), names(SERVERS))
    weights = [1.0] * before.logical_shards
    wanted = names(SERVERS + 1)
    chosen = moves(before, weights, wanted, before.logical_shards / len(wanted), below=False)
    after = before.moved(chosen, wanted)
    before.locate_many(keys)  # fills the caches, as every round of the peers' loops does
    started = time.perf_counter()
    first = before.locate_many(keys)
    spent = time.perf_counter() - started
    moved = float((first != after.locate_many(keys)).mean())
    return Routed("palier.sharding", len(keys) / spent, moved, _skew(np.bincount(first).tolist()))


def _jump(keys: Sequence[int]) -> Routed:
    return _looped(
        "jump-consistent-hash",
        keys,
        lambda key: jump.hash(key, SERVERS),
        lambda key: jump.hash(key, SERVERS + 1),
    )


def _ring(keys: Sequence[int]) -> Routed:
    ring, larger = HashRing(nodes=names(SERVERS)), HashRing(nodes=names(SERVERS + 1))
    return _looped(
        "uhashring", keys, lambda key: ring.get_node(str(key)), lambda key: larger.get_node(str(key))
    )


def _looped(
    name: str, keys: Sequence[int], find: Callable[[int], object], find_after: Callable[[int], object]
) -> Routed:
    started = time.perf_counter()
    found = [find(key) for key in keys]
    spent = time.perf_counter() - started
    moved = sum(one != other for one, other in zip(found, map(find_after, keys), strict=True))
    return Routed(name, len(keys) / spent, moved / len(keys), _skew(list(Counter(found).values())))


def _skew(counts: Sequence[int]) -> float:
    return max(counts) * SERVERS / sum(counts)
