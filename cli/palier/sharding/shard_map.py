"""The shard map: which server holds which logical shard, as a versioned document with a checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from palier.sharding.errors import BadMap, BadStrategy
from palier.sharding.hashing import CHUNK_KEYS, as_array, numpy
from palier.sharding.strategies import ByGroup, Strategy, strategy_from

FORMAT = 1
# 480 divides evenly by 2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 24, 30 and more, the likely numbers of servers:
# "Herding elephants: lessons learned from sharding Postgres at Notion" (2021).
LOGICAL_SHARDS = 480
MOST_LOGICAL_SHARDS = 32_768
_FIELDS = ("format", "version", "logical_shards", "strategy", "shards", "placement", "checksum")


@dataclass(frozen=True)
class Location:
    """Where a key is: its logical shard (for ever), and the shard that holds that one just now."""

    logical: int
    shard: str


@dataclass(frozen=True)
class ShardMap:
    """A version of the map. `placement[logical]` is the number of the shard in `shards`.

    Shapes: `shards` 1 to 32,767 names, `placement` one number for each logical shard. Raises BadMap where
    they do not fit together.
    """

    strategy: Strategy
    shards: tuple[str, ...]
    placement: tuple[int, ...]
    version: int = 1

    def __post_init__(self) -> None:
        if not self.shards or len(set(self.shards)) != len(self.shards):
            raise BadMap("needs shards, each under a name of its own", key="shards")
        if not 1 <= len(self.placement) <= MOST_LOGICAL_SHARDS:
            raise BadMap(
                f"{len(self.placement)} logical shards",
                key="placement",
                allowed=f"1 to {MOST_LOGICAL_SHARDS}",
            )
        if not all(0 <= number < len(self.shards) for number in self.placement):
            raise BadMap("places a logical shard on a shard that is not listed", key="placement")
        if isinstance(self.strategy, ByGroup):
            for name, within in self.strategy.ranges(len(self.placement)).items():
                if not within:
                    raise BadMap(
                        f"{len(self.placement)} logical shards leave none for group {name}",
                        key="logical_shards",
                        allowed="more logical shards, or shares that differ less",
                    )
        if self.version < 1:
            raise BadMap(f"version {self.version}", key="version", allowed="1 or more")

    @classmethod
    def initial(
        cls, strategy: Strategy, shards: Sequence[str], logical_shards: int = LOGICAL_SHARDS
    ) -> ShardMap:
        """The first version: logical shards spread evenly, in ranges or, for dates, in turn."""
        if len(shards) > logical_shards:
            raise BadMap(
                f"{len(shards)} shards for {logical_shards} logical shards",
                key="shards",
                allowed=f"at most {logical_shards}",
            )
        count = len(shards)
        placement = (
            logical % count if strategy.interleaved else logical * count // logical_shards
            for logical in range(logical_shards)
        )
        return cls(strategy, tuple(shards), tuple(placement))

    @property
    def logical_shards(self) -> int:
        """How many logical shards there are; this never changes."""
        return len(self.placement)

    def locate(self, key: Any) -> Location:
        """Where one key is. Raises BadKey for a key that the strategy cannot route."""
        logical = self.strategy.logical(key, self.logical_shards)
        return Location(logical, self.shards[self.placement[logical]])

    def locate_many(self, keys: Any) -> Any:
        """The number of each key's shard in `shards`: a numpy array of int16, as long as `keys`.

        `keys` is an array of what `locate` takes; for geography and function, a pair of arrays. Needs numpy.
        Raises BadKey.
        """
        np = numpy()
        pair = isinstance(keys, tuple)
        parts = tuple(map(as_array, keys)) if pair else (as_array(keys),)
        if len({len(part) for part in parts}) != 1:
            return self.strategy.logical_many(keys, self.logical_shards)  # which says what is wrong
        found = np.empty(len(parts[0]), dtype=np.int16)
        # In chunks, so that what is between a key and its shard stays in the processor's cache.
        for start in range(0, len(found), CHUNK_KEYS):
            chunk = tuple(part[start : start + CHUNK_KEYS] for part in parts)
            logical = self.strategy.logical_many(chunk if pair else chunk[0], self.logical_shards)
            np.take(self._table, logical.view(np.int64), out=found[start : start + CHUNK_KEYS], mode="clip")
        return found

    @cached_property
    def _table(self) -> Any:
        np = numpy()
        return np.array(self.placement, dtype=np.int16)

    def held_by(self, shard: str) -> tuple[int, ...]:
        """The logical shards on a shard, lowest first."""
        number = self.shards.index(shard)
        return tuple(logical for logical, placed in enumerate(self.placement) if placed == number)

    def used_shards(self) -> tuple[str, ...]:
        """Shards that hold at least one logical shard."""
        used = set(self.placement)
        return tuple(name for number, name in enumerate(self.shards) if number in used)

    def moved(self, moves: Mapping[int, str], shards: Sequence[str] | None = None) -> ShardMap:
        """The next version: each logical shard of `moves` on the shard named there; `shards` the new list."""
        names = tuple(shards) if shards is not None else self.shards
        now = [self.shards[number] for number in self.placement]
        for logical, shard in moves.items():
            now[logical] = shard
        if unknown := set(now) - set(names):
            raise BadMap(f"places logical shards on {', '.join(sorted(unknown))}", allowed=", ".join(names))
        return ShardMap(self.strategy, names, tuple(map(names.index, now)), self.version + 1)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the canonical document without the checksum."""
        return f"sha256:{hashlib.sha256(_canonical(self._content()).encode()).hexdigest()}"

    def to_json(self) -> str:
        """The canonical document: keys sorted, no spaces; one map has one document."""
        return _canonical({**self._content(), "checksum": self.checksum})

    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": self.version,
            "logical_shards": self.logical_shards,
            "strategy": self.strategy.as_data(),
            "shards": list(self.shards),
            "placement": list(self.placement),
        }

    @classmethod
    def from_json(cls, document: str) -> ShardMap:
        """The map of a document. Raises BadMap: not JSON, another format, a field amiss, another checksum."""
        try:
            data = json.loads(document)
        except ValueError as error:
            raise BadMap(f"not JSON: {error}") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            told = data.get("format") if isinstance(data, dict) else None
            raise BadMap(f"format {told!r} is not known here", key="format", allowed=str(FORMAT))
        if missing := [name for name in _FIELDS if name not in data]:
            raise BadMap("is missing", key=missing[0])
        found = _read(cls, data)
        if found.checksum != data["checksum"]:
            raise BadMap("does not fit the content: the map was changed or cut", key="checksum")
        return found


def _read(cls: type[ShardMap], data: Mapping[str, Any]) -> ShardMap:
    numbers = {"version": [data["version"]], "placement": data["placement"]}
    for name, values in numbers.items():
        if not isinstance(values, list) or any(type(value) is not int for value in values):
            raise BadMap("expected whole numbers", key=name)
    shards = data["shards"]
    if not isinstance(shards, list) or not all(isinstance(name, str) for name in shards):
        raise BadMap("expected names", key="shards")
    if data["logical_shards"] != len(data["placement"]):
        raise BadMap(
            "does not place every logical shard", key="placement", allowed=str(data["logical_shards"])
        )
    if not isinstance(data["strategy"], dict):
        raise BadMap("expected a strategy", key="strategy")
    try:
        strategy = strategy_from(data["strategy"])
    except BadStrategy as error:
        raise BadMap(error.problem, key=f"strategy.{error.key}", allowed=error.allowed) from None
    return cls(strategy, tuple(shards), tuple(data["placement"]), data["version"])


def _canonical(data: Mapping[str, Any]) -> str:
    # Order of the groups is part of a strategy (it orders their ranges), so nested keys are not sorted.
    return json.dumps(
        {name: data[name] for name in _FIELDS if name in data}, separators=(",", ":"), ensure_ascii=False
    )
