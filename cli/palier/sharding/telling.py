"""A map, a plan, a history and runways in lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from palier.sharding.plan_file import Plan
from palier.sharding.published import Version
from palier.sharding.runway import Runway
from palier.sharding.shard_map import ShardMap

_STEPS = (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))


def map_lines(shard_map: ShardMap, endpoints: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Version, strategy, and a line for each shard, those without a logical shard too."""
    strategy = shard_map.strategy.as_data()
    names = [*shard_map.shards, *(name for name in endpoints if name not in shard_map.shards)]
    wide = max(map(len, names))
    lines = [
        f"version {shard_map.version}, {shard_map.logical_shards} logical shards, "
        f"by {strategy['kind']} of {strategy['key']}",
        shard_map.checksum,
    ]
    for name in names:
        held = len(shard_map.held_by(name)) if name in shard_map.shards else 0
        where = endpoints.get(name, {}).get("host", "no server" if endpoints else "")
        lines.append(f"  {name:<{wide}}  {held:>5} logical shards  {where}".rstrip())
    return lines


def plan_lines(plan: Plan) -> list[str]:
    """What moves, what it comes to, and what is hot."""
    grown = set(plan.before_shards) != set(plan.shards)
    share = f", {plan.moved / plan.least:.3f} times the least possible" if plan.least and grown else ""
    counts = f"{len(plan.before_shards)} to {len(plan.shards)}" if grown else f"among {len(plan.shards)}"
    total = sum(plan.after.loads.values())
    portion = f"{plan.moved / total:.1%} of {plan.metric}" if total else plan.metric
    lines = [
        f"{counts} shards: {len(plan.moves)} logical shards move, {portion}{share}",
        f"max over mean of {plan.metric}: {plan.before.skew:.3f} now, {plan.after.skew:.3f} afterwards",
    ]
    if plan.seconds is not None and plan.moved_bytes is not None:
        rate = f"{volume(plan.rate_bytes_per_s)} a second"
        lines.append(f"to copy: {volume(plan.moved_bytes)}, {duration(plan.seconds)} at {rate}")
    else:
        lines.append("to copy: unknown; observations of bytes would tell")
    lines += [f"hot: {text}" for text in plan.hotspots]
    return lines + _pairs(plan)


def _pairs(plan: Plan) -> list[str]:
    pairs: dict[tuple[str, str], list[int]] = {}
    for move in plan.moves:
        pairs.setdefault((move.source, move.target), []).append(move.logical)
    return [
        f"  {source} to {target}: {len(logical)} ({spans(logical)})"
        for (source, target), logical in sorted(pairs.items())
    ]


def history_lines(versions: Sequence[Version]) -> list[str]:
    """A line for each version, newest first."""
    return [
        f"{each.shard_map.version:>4}  {each.applied_at or 'seeded':<25}  "
        f"{len(each.shard_map.used_shards()):>3} shards  {each.reason}  by {each.applied_by}"
        for each in versions
    ]


def runway_lines(found: Sequence[Runway]) -> list[str]:
    """A line for each shard and metric."""
    rows = [("shard", "metric", "now", "a day", "attention", "critical")]
    for each in found:
        slope = "?" if each.per_day is None else f"{each.per_day:+.2f}"
        rows.append(
            (
                each.shard,
                each.metric,
                f"{each.value:g}",
                slope,
                _days(each.attention_days, each.per_day),
                _days(each.critical_days, each.per_day),
            )
        )
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(f"{cell:<{size}}" for cell, size in zip(row, wide, strict=True)).rstrip() for row in rows
    ]


def _days(days: float | None, slope: float | None) -> str:
    if days is None:
        return "one sample tells no trend" if slope is None else "not on this trend"
    return "crossed" if days == 0 else f"in {days:.0f} days"


def spans(numbers: Sequence[int]) -> str:
    """Numbers in order, runs as `first-last`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][-1:] = [runs[-1][-1], number] if len(runs[-1]) == 1 else [number]
        else:
            runs.append([number])
    return ", ".join("-".join(map(str, run)) for run in runs)


def volume(size: float) -> str:
    """Bytes in the unit that suits them."""
    for unit, step in _STEPS:
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size:.0f} bytes"


def duration(seconds: float) -> str:
    """Seconds as hours, minutes, seconds."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
