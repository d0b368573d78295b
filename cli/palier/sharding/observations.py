"""What was measured of shards: a CSV file of samples, from whatever watches the platform.

    at,shard,logical,metric,value
    2026-11-25T10:00:00Z,shard-1,,cpu_utilization,63.5
    2026-11-25T10:00:00Z,shard-1,17,bytes,1288490188

`metric` is a weight (`bytes` stored or `requests_per_second`), of a logical shard or of a whole shard, or a
metric of the threshold table in its unit, of a whole shard. The order of the lines does not matter.
"""

from __future__ import annotations

import csv
import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from palier.capacity.thresholds import TECHNICAL
from palier.errors import InputError
from palier.sharding.shard_map import ShardMap

COLUMNS = ("at", "shard", "logical", "metric", "value")
BYTES, REQUESTS = "bytes", "requests_per_second"
WEIGHTS = (REQUESTS, BYTES)
METRICS = (*WEIGHTS, *(row.metric for row in TECHNICAL))


@dataclass(frozen=True)
class Sample:
    """One value. `logical` is None where it is the whole shard's."""

    at: datetime.datetime
    shard: str
    logical: int | None
    metric: str
    value: float


def read(files: Iterable[Path]) -> list[Sample]:
    """The samples of CSV files, oldest first. Raises InputError with file, line and column."""
    samples = [sample for file in files for sample in _read(file)]
    return sorted(samples, key=lambda sample: sample.at)


def _read(file: Path) -> list[Sample]:
    try:
        with open(file, newline="", encoding="utf-8") as content:
            rows = csv.DictReader(content)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise InputError("unknown columns", file=file, key="line 1", allowed=",".join(COLUMNS))
            return [_sample(row, file, rows.line_num) for row in rows]
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"not a CSV file: {error}", file=file) from None


def _sample(row: dict[str, str | None], file: Path, line: int) -> Sample:
    def refuse(column: str, allowed: str) -> InputError:
        return InputError(
            f"got {row.get(column)!r}", file=file, key=f"line {line}, {column}", allowed=allowed
        )

    try:
        at = datetime.datetime.fromisoformat(row["at"] or "")
    except ValueError:
        raise refuse("at", "ISO 8601 with a zone, like 2026-11-25T10:00:00Z") from None
    if at.tzinfo is None:
        raise refuse("at", "a time with its zone, like 2026-11-25T10:00:00Z")
    metric = row["metric"] or ""
    if metric not in METRICS:
        raise refuse("metric", ", ".join(METRICS))
    logical = row["logical"] or ""
    if logical and not (logical.isdecimal() and metric in WEIGHTS):
        raise refuse("logical", f"empty, or for {' and '.join(WEIGHTS)} the number of a logical shard")
    try:
        value = float(row["value"] or "")
    except ValueError:
        raise refuse("value", "a number") from None
    if not math.isfinite(value) or value < 0:
        raise refuse("value", "a number from 0")
    return Sample(at, row["shard"] or "", int(logical) if logical else None, metric, value)


def weights(shard_map: ShardMap, samples: Sequence[Sample], metric: str) -> tuple[float, ...]:
    """The latest weight of each logical shard.

    A logical shard's own sample counts where there is one; the rest of what its shard shows is spread evenly
    over the others of that shard. Raises InputError for a shard or logical shard that the map does not have,
    and where a shard was not measured at all.
    """
    own: dict[int, float] = {}
    whole: dict[str, float] = {}
    for sample in samples:
        if sample.metric != metric:
            continue
        if sample.logical is None:
            if sample.shard not in shard_map.shards:
                raise InputError(f"no shard named {sample.shard}", allowed=", ".join(shard_map.shards))
            whole[sample.shard] = sample.value
        elif sample.logical < shard_map.logical_shards:
            own[sample.logical] = sample.value
        else:
            last = shard_map.logical_shards - 1
            raise InputError(f"no logical shard {sample.logical}", allowed=f"0 to {last}")
    result = [0.0] * shard_map.logical_shards
    for shard in shard_map.used_shards():
        held = shard_map.held_by(shard)
        silent = [logical for logical in held if logical not in own]
        if silent and shard not in whole:
            raise InputError(f"no {metric} was measured of {shard}", allowed="a line for every shard in use")
        rest = whole.get(shard, 0.0) - sum(own.get(logical, 0.0) for logical in held)
        for logical in held:
            result[logical] = own.get(logical, max(0.0, rest) / max(1, len(silent)))
    return tuple(result)


def measured(samples: Iterable[Sample]) -> tuple[str, ...]:
    """The weights that the samples hold, requests first."""
    present = {sample.metric for sample in samples}
    return tuple(metric for metric in WEIGHTS if metric in present)
