"""`locate_many` beside other ways to find a key's server: speed, movement when a server is added, balance.

All in one process. Movement and balance are of the same 200,000 keys for all, or chance would make the larger
sample look more even; our speed is of more keys, since 200,000 are over before a clock can tell.
jump-consistent-hash is a C extension called key by key; uhashring is a ring in pure Python. Neither takes an
array, so what is compared is what an application gets for many keys.
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
    """One way of routing. `moved` is the share of the keys that moved when a server was added.

    Balance before and after: 16 servers divide 480 logical shards evenly, 17 do not.
    """

    name: str
    keys_per_s: float
    moved: float
    max_over_mean: float
    max_over_mean_after: float


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
    before.locate_many(keys)
    spent = time.perf_counter() - started
    few = keys[:PEER_KEYS]
    found, found_after = before.locate_many(few).tolist(), after.locate_many(few).tolist()
    return _routed("palier.sharding", len(keys) / spent, found, found_after)


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
    return _routed(name, len(keys) / spent, found, [find_after(key) for key in keys])


def _routed(name: str, keys_per_s: float, found: Sequence[object], after: Sequence[object]) -> Routed:
    moved = sum(one != other for one, other in zip(found, after, strict=True)) / len(found)
    return Routed(name, keys_per_s, moved, _skew(found, SERVERS), _skew(after, SERVERS + 1))


def _skew(found: Sequence[object], servers: int) -> float:
    return max(Counter(found).values()) * servers / len(found)
