"""Which logical shards should move, so that servers carry alike: the arithmetic of plan and rebalance.

Finding the fewest moves that balance a set of weights exactly is bin packing, which is NP-hard. This takes
from each shard what it has beyond its part, never more, and gives it where most room is: what moves so never
weighs more than what has to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from palier.sharding.shard_map import ShardMap

# Below this share of the mean, a difference of loads is rounding of floats and not a load.
_TINY = 1e-9


@dataclass(frozen=True)
class Balance:
    """The load of each shard, in the unit of the weight, and the heaviest over the mean."""

    loads: Mapping[str, float]

    @property
    def mean(self) -> float:
        """The mean load."""
        return sum(self.loads.values()) / len(self.loads)

    @property
    def skew(self) -> float:
        """Max over mean; 1 is even. A platform without any load is even."""
        return max(self.loads.values()) / self.mean if self.mean > 0 else 1.0

    @property
    def heaviest(self) -> str:
        """The shard with the highest load, the first of equals."""
        return max(self.loads, key=lambda shard: self.loads[shard])


def loads(shard_map: ShardMap, weights: Sequence[float], shards: Sequence[str]) -> Balance:
    """What each of `shards` carries under a map; those that are not in the map carry nothing."""
    result = dict.fromkeys(shards, 0.0)
    for logical, number in enumerate(shard_map.placement):
        name = shard_map.shards[number]
        if name in result:
            result[name] += weights[logical]
    return Balance(result)


def least_movement(shard_map: ShardMap, weights: Sequence[float], shards: Sequence[str]) -> float:
    """The weight that must move for `shards` to carry alike, were weights divisible at will.

    What every shard lacks to the mean has to come from elsewhere, so no plan that balances moves less.
    """
    mean = sum(weights) / len(shards)
    carried = loads(shard_map, weights, shards).loads
    return sum(max(0.0, mean - load) for load in carried.values())


def moves(
    shard_map: ShardMap, weights: Sequence[float], shards: Sequence[str], ceiling: float, *, below: bool
) -> dict[int, str]:
    """Logical shard to new shard: each shard of `shards` gives away what it carries beyond `ceiling`.

    `ceiling` is at least the mean. `below`: a shard gives one more rather than stay above it by a little.
    What is too heavy for the lightest shard stays. A shard that is not in `shards` gives all away.
    """
    carried = dict(loads(shard_map, weights, shards).loads)
    room = ceiling - min(carried.values())
    freed: list[int] = []
    for shard in shard_map.used_shards():
        held = shard_map.held_by(shard)
        if shard not in carried:
            freed += held
            continue
        fitting = [logical for logical in held if weights[logical] <= room + _TINY * ceiling]
        given = _part(fitting, weights, carried[shard] - ceiling, below=below)
        carried[shard] -= sum(weights[logical] for logical in given)
        freed += given
    home = {logical: shard_map.shards[shard_map.placement[logical]] for logical in freed}
    result = {}
    # The heaviest first, each where most room is: the usual heuristic of scheduling (LPT).
    for logical in sorted(freed, key=lambda each: (-weights[each], each)):
        shard = min(carried, key=carried.__getitem__)  # the first of equals, in the order of `shards`
        carried[shard] += weights[logical]
        if shard != home[logical]:
            result[logical] = shard
    if not below:
        budget = least_movement(shard_map, weights, shards) - sum(weights[logical] for logical in result)
        _level(shard_map, weights, carried, result, budget)
    return dict(sorted(result.items()))


def _level(
    shard_map: ShardMap,
    weights: Sequence[float],
    carried: dict[str, float],
    result: dict[int, str],
    budget: float,
) -> None:
    """Spend what is left of the least movement on the lightest shard, while that makes loads more alike.

    Whole logical shards leave each giver a little above its part; together those are a part that is missing.
    """
    stay: dict[str, list[int]] = {}
    for shard in carried:
        held = shard_map.held_by(shard) if shard in shard_map.shards else ()
        stay[shard] = sorted(set(held) - set(result), key=lambda logical: -weights[logical])
    while True:
        giver = max(carried, key=carried.__getitem__)
        taker = min(carried, key=carried.__getitem__)
        if not stay[giver]:
            return
        logical = stay[giver][-1]
        weight = weights[logical]
        if not 0 < weight < carried[giver] - carried[taker] or weight > budget * (1 + _TINY):
            return
        stay[giver].pop()
        budget -= weight
        carried[giver] -= weight
        carried[taker] += weight
        result[logical] = taker


def _part(held: Sequence[int], weights: Sequence[float], excess: float, *, below: bool) -> list[int]:
    """Some of `held` that together weigh as nearly `excess` as can be found quickly, and not more.

    The heaviest that fits, again and again: few moves for the weight. What is left over is less than the
    lightest that stays; `below` adds the lightest that covers it.
    """
    light = sorted(held, key=lambda logical: (weights[logical], -logical))
    sizes = [weights[logical] for logical in light]
    taken = []
    left = excess
    tolerance = _TINY * max(abs(excess), 1.0)
    while light and left > tolerance:
        at = bisect_right(sizes, left + tolerance) - 1
        if at < 0 or sizes[at] <= 0:
            break
        left -= sizes.pop(at)
        taken.append(light.pop(at))
    if below and left > tolerance and light:
        taken.append(light[min(bisect_left(sizes, left), len(light) - 1)])
    return taken
