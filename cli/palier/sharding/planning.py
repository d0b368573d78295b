"""Plans of resharding: to more or fewer shards, or among those there are; refused where they do not help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from palier.errors import InputError, OperationError
from palier.sharding.balance import least_movement, loads, moves
from palier.sharding.observations import BYTES, Sample, measured, weights
from palier.sharding.plan_file import Move, Plan
from palier.sharding.shard_map import ShardMap

COUNT = "count"
# A shard that carries a fifth more than the mean, and a logical shard that weighs a tenth of what a shard may
# carry (with 480 on 4, twelve times its part), are named as hot. Our choice: they name, and decide nothing.
HOT_SHARD, HOT_LOGICAL = 1.2, 0.1
# Where rebalancing stops by default: the heaviest shard over the mean. Moving data has its own price.
REBALANCED = 1.1


@dataclass(frozen=True)
class Measured:
    """What a plan goes by: the metric, a weight for each logical shard, and bytes where they are known."""

    metric: str
    weights: tuple[float, ...]
    bytes: tuple[float, ...] | None


def measure(shard_map: ShardMap, samples: Sequence[Sample], metric: str | None) -> Measured:
    """The weights to plan by: `metric`, or requests, or bytes, or, with nothing measured, the count."""
    known = measured(samples)
    stored = weights(shard_map, samples, BYTES) if BYTES in known else None
    chosen = metric or (known[0] if known else COUNT)
    if chosen == COUNT:
        return Measured(COUNT, (1.0,) * shard_map.logical_shards, stored)
    if chosen not in known:
        allowed = ", ".join((*known, COUNT))
        raise InputError(f"no {chosen} in the observations", key="--weight", allowed=allowed)
    return Measured(chosen, weights(shard_map, samples, chosen), stored)


def plan(shard_map: ShardMap, shards: Sequence[str], found: Measured, rate_bytes_per_s: float) -> Plan:
    """The plan to `shards`: even loads with the least movement.

    Raises InputError where these are the shards there are, OperationError where the plan would not help: no
    placement of whole logical shards improves the skew.
    """
    if set(shards) == set(shard_map.used_shards()):
        raise InputError(
            f"{len(shards)} shards is what there is; `palier shards rebalance` evens their loads out",
            key="--to",
            allowed=f"1 to {shard_map.logical_shards}, but not {len(shards)}",
        )
    result = _planned(shard_map, shards, found, 1.0, rate_bytes_per_s)
    grows = set(shard_map.used_shards()) <= set(shards)
    if grows and result.after.skew >= result.before.skew:
        raise _useless(result, found)
    return result


def rebalance(shard_map: ShardMap, found: Measured, goal: float, rate_bytes_per_s: float) -> Plan | None:
    """The fewest moves that bring the heaviest shard below `goal` times the mean; None where it is there.

    Raises OperationError where whole logical shards cannot improve the skew.
    """
    shards = shard_map.used_shards()
    if loads(shard_map, found.weights, shards).skew <= goal:
        return None
    result = _planned(shard_map, shards, found, goal, rate_bytes_per_s)
    if result.after.skew >= result.before.skew:
        raise _useless(result, found)
    return result


def _planned(
    shard_map: ShardMap, shards: Sequence[str], found: Measured, goal: float, rate_bytes_per_s: float
) -> Plan:
    mean = sum(found.weights) / len(shards)
    chosen = moves(shard_map, found.weights, shards, goal * mean, below=goal > 1)
    placed = [shard_map.shards[number] for number in shard_map.placement]
    size = found.bytes
    steps = tuple(
        Move(logical, placed[logical], shard, found.weights[logical], size[logical] if size else None)
        for logical, shard in chosen.items()
    )
    after = shard_map.moved(chosen, listed(shard_map, shards))
    before = loads(shard_map, found.weights, shards)
    return Plan(
        version=shard_map.version,
        checksum=shard_map.checksum,
        before_shards=shard_map.used_shards(),
        shards=tuple(shards),
        metric=found.metric,
        moves=steps,
        least=least_movement(shard_map, found.weights, shards),
        before=before,
        after=loads(after, found.weights, shards),
        hotspots=hotspots(shard_map, found),
        rate_bytes_per_s=rate_bytes_per_s,
    )


def listed(shard_map: ShardMap, shards: Sequence[str]) -> tuple[str, ...]:
    """The shards of the next map. One that gave everything away stays listed: its number may be known."""
    return (*shard_map.shards, *(shard for shard in shards if shard not in shard_map.shards))


def hotspots(shard_map: ShardMap, found: Measured) -> tuple[str, ...]:
    """What stands out, hottest first: a sentence for each hot shard and each hot logical shard."""
    carried = loads(shard_map, found.weights, shard_map.used_shards())
    unit = found.metric
    hot = [
        (load / carried.mean, f"{shard} carries {load / carried.mean:.2f} times the mean of {unit}")
        for shard, load in carried.loads.items()
        if carried.mean > 0 and load > HOT_SHARD * carried.mean
    ]
    single = [
        (weight / carried.mean, _hot_logical(shard_map, logical, weight / carried.mean, unit))
        for logical, weight in enumerate(found.weights)
        if carried.mean > 0 and weight > HOT_LOGICAL * carried.mean
    ]
    return tuple(text for _, text in [*sorted(hot, reverse=True), *sorted(single, reverse=True)])


def _hot_logical(shard_map: ShardMap, logical: int, share: float, unit: str) -> str:
    shard = shard_map.shards[shard_map.placement[logical]]
    return f"logical shard {logical} on {shard} alone is {share:.0%} of what a shard carries of {unit}"


def _useless(result: Plan, found: Measured) -> OperationError:
    heaviest = max(range(len(found.weights)), key=lambda logical: found.weights[logical])
    share = found.weights[heaviest] / result.after.mean
    return OperationError(
        f"no plan: of {len(result.shards)} shards the heaviest would carry {result.after.skew:.2f} times the "
        f"mean of {result.metric}, and carries {result.before.skew:.2f} times now; logical shard {heaviest} "
        f"alone is {share:.2f} times the mean, and a logical shard moves as a whole",
        left="nothing was changed",
        next_step="give the hot key's data a place of its own or its shard a larger instance class",
    )
