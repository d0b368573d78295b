"""How a key finds its logical shard: the four strategies of the source document, each as data.

By user (hash), by geography, by date, by function ("Critères de partitionnement" in
scaling-et-croissance.md). Settings hold the data, the published map carries it, and `strategy_from` reads it:

    {"kind": "hash", "key": "user_id"}
    {"kind": "geography", "key": "country", "groups": {"europe": {"values": ["FR", "DE"], "share": 3},
                                                       "world": {"values": []}}, "default": "world"}
    {"kind": "date", "key": "created_at", "period": "month"}
    {"kind": "function", "key": "domain", "groups": {"billing": {"share": 1}, "jobs": {"share": 3}}}

`key` names what the application routes by. Geography and function split the logical shards into ranges, one
for each group and as wide as its share; within its range a record goes by the hash of its id, so that their
keys are pairs: (country, id), (domain, id).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from palier.sharding.errors import BadKey, BadStrategy
from palier.sharding.hashing import as_array, below, below_many, hash_key, hash_many, numpy

KINDS = ("hash", "geography", "date", "function")
PERIODS = ("day", "week", "month", "year")
_EPOCH = datetime.date(1970, 1, 1)


class Strategy(Protocol):
    """Routes keys to logical shards."""

    @property
    def kind(self) -> str:
        """One of KINDS."""

    @property
    def interleaved(self) -> bool:
        """Whether neighbouring logical shards are better apart than together on one server."""

    def as_data(self) -> dict[str, Any]:
        """The data that `strategy_from` reads."""

    def logical(self, key: Any, count: int) -> int:
        """The logical shard of a key, from 0 to count - 1. Raises BadKey."""

    def logical_many(self, keys: Any, count: int) -> Any:
        """The logical shard of each key, as a numpy array. Raises BadKey."""


@dataclass(frozen=True)
class ByHash:
    """By user: every key by the hash of its value."""

    key: str
    kind = "hash"
    interleaved = False

    def as_data(self) -> dict[str, Any]:
        """As in the settings."""
        return {"kind": self.kind, "key": self.key}

    def logical(self, key: Any, count: int) -> int:
        """The logical shard of a whole number, a text or a UUID."""
        return below(hash_key(key), count)

    def logical_many(self, keys: Any, count: int) -> Any:
        """The logical shard of each key of an array."""
        return below_many(hash_many(keys), count)


@dataclass(frozen=True)
class ByDate:
    """By date: a period after another on one logical shard after another, and round again.

    Periods count from 1970; weeks start on Monday. A time with a zone is taken in UTC.
    """

    key: str
    period: str
    kind = "date"
    interleaved = True

    def as_data(self) -> dict[str, Any]:
        """As in the settings."""
        return {"kind": self.kind, "key": self.key, "period": self.period}

    def logical(self, key: Any, count: int) -> int:
        """The logical shard of a date, a time, or either as ISO 8601 text."""
        day = _day(key)
        if self.period == "year":
            return (day.year - _EPOCH.year) % count
        if self.period == "month":
            return ((day.year - _EPOCH.year) * 12 + day.month - 1) % count
        days = (day - _EPOCH).days
        # 1970-01-01 was a Thursday: the Monday of its week was three days before.
        return (days if self.period == "day" else (days + 3) // 7) % count

    def logical_many(self, keys: Any, count: int) -> Any:
        """The logical shard of each date of an array of datetime64, or of what `logical` takes."""
        np = numpy()
        array = np.asarray(keys)
        if array.dtype.kind != "M":
            return np.fromiter((self.logical(key, count) for key in array), dtype=np.int64, count=len(array))
        if bool(np.isnat(array).any()):
            raise BadKey("cannot route a date that is not a time (NaT)")
        unit = {"day": "D", "week": "D", "month": "M", "year": "Y"}[self.period]
        periods = array.astype(f"datetime64[{unit}]").astype(np.int64)
        return ((periods + 3) // 7 if self.period == "week" else periods) % count


def _day(key: Any) -> datetime.date:
    if isinstance(key, str):
        try:
            key = datetime.datetime.fromisoformat(key)
        except ValueError:
            raise BadKey(f"{key!r} is not a date", allowed="ISO 8601, like 2026-11-25") from None
    if isinstance(key, datetime.datetime):
        return (key.astimezone(datetime.UTC) if key.tzinfo else key).date()
    if isinstance(key, datetime.date):
        return key
    raise BadKey(f"cannot route a key of type {type(key).__name__}", allowed="date, datetime, ISO 8601 text")


@dataclass(frozen=True)
class Group:
    """A share of the logical shards, and for geography the values that belong to it."""

    name: str
    share: int
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ByGroup:
    """By geography or by function: a range of logical shards for each group, by hash within it.

    `default`: the group of values that no group names; None refuses them.
    """

    kind: str
    key: str
    groups: tuple[Group, ...]
    default: str | None = None
    interleaved = False

    def as_data(self) -> dict[str, Any]:
        """As in the settings."""
        groups: dict[str, dict[str, Any]] = {}
        for group in self.groups:
            values = {"values": list(group.values)} if self.kind == "geography" else {}
            groups[group.name] = {**values, "share": group.share}
        default = {"default": self.default} if self.default is not None else {}
        return {"kind": self.kind, "key": self.key, "groups": groups, **default}

    def ranges(self, count: int) -> dict[str, range]:
        """The logical shards of each group; at least one each."""
        total = sum(group.share for group in self.groups)
        bounds, reached = [0], 0
        for group in self.groups:
            reached += group.share
            bounds.append(reached * count // total)
        return {group.name: range(*bounds[at : at + 2]) for at, group in enumerate(self.groups)}

    def group_of(self, value: Any) -> str:
        """The group of a country or a domain. Raises BadKey for one that no group names."""
        for group in self.groups:
            if value in group.values or (self.kind == "function" and value == group.name):
                return group.name
        if self.default is not None and isinstance(value, str):
            return self.default
        near = get_close_matches(str(value), self._values(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise BadKey(f"no group for {self.key} {value!r}{hint}", allowed=", ".join(self._values()))

    def logical(self, key: Any, count: int) -> int:
        """The logical shard of a pair (value, id)."""
        if not isinstance(key, tuple | list) or len(key) != 2:
            raise BadKey(f"{self.kind} routes by a pair, got {key!r}", allowed=f"({self.key}, id)")
        within = self.ranges(count)[self.group_of(key[0])]
        return within.start + below(hash_key(key[1]), len(within))

    def logical_many(self, keys: Any, count: int) -> Any:
        """The logical shard of each pair of two arrays of the same length: (values, ids)."""
        np = numpy()
        if not isinstance(keys, tuple | list) or len(keys) != 2 or len(keys[0]) != len(keys[1]):
            raise BadKey(f"{self.kind} routes by two arrays of one length", allowed=f"({self.key}s, ids)")
        hashed = hash_many(keys[1])
        given = as_array(keys[0])
        # As text, a missing country would be named "None" and go to the default.
        if given.dtype.kind != "U":
            for value in given:
                self.group_of(value)
        values, which = np.unique(given.astype(str), return_inverse=True)
        ranges = self.ranges(count)
        within = [ranges[self.group_of(str(value))] for value in values]
        starts = np.array([each.start for each in within], dtype=np.uint64)
        lengths = np.array([len(each) for each in within], dtype=np.uint64)
        return starts[which] + ((hashed >> np.uint64(32)) * lengths[which] >> np.uint64(32))

    def _values(self) -> list[str]:
        named = [value for group in self.groups for value in group.values]
        return named if self.kind == "geography" else [group.name for group in self.groups]


def strategy_from(data: Mapping[str, Any]) -> Strategy:
    """The strategy that `data` describes. Raises BadStrategy with key, problem and what is allowed."""
    kind = data.get("kind")
    if kind not in KINDS:
        raise BadStrategy(f"unknown strategy {kind!r}", key="kind", allowed=", ".join(KINDS))
    _only(data, {"hash": ("kind", "key"), "date": ("kind", "key", "period")}.get(kind, _GROUPED))
    key = data.get("key")
    if not isinstance(key, str) or not key:
        raise BadStrategy("expected the name of what is routed by", key="key", allowed="text, like user_id")
    if kind == "hash":
        return ByHash(key)
    if kind == "date":
        period = data.get("period", "month")
        if period not in PERIODS:
            raise BadStrategy(f"unknown period {period!r}", key="period", allowed=", ".join(PERIODS))
        return ByDate(key, period)
    return _grouped(kind, key, data)


_GROUPED = ("kind", "key", "groups", "default")
# Shares are parts of 480 logical shards at most, so that each group gets at least one.
_SHARES = 100


def _grouped(kind: str, key: str, data: Mapping[str, Any]) -> ByGroup:
    given = data.get("groups")
    if not isinstance(given, Mapping) or not given:
        raise BadStrategy("expected groups by name", key="groups", allowed="at least one group")
    groups = tuple(_group(kind, str(name), content) for name, content in given.items())
    if sum(group.share for group in groups) > _SHARES:
        raise BadStrategy("the shares are too many", key="groups", allowed=f"{_SHARES} in all")
    seen: dict[str, str] = {}
    for group in groups:
        for value in group.values:
            if value in seen:
                raise BadStrategy(f"{value} is in {seen[value]} too", key=f"groups.{group.name}.values")
            seen[value] = group.name
    default = data.get("default")
    if default is not None and default not in given:
        raise BadStrategy(f"no group named {default!r}", key="default", allowed=", ".join(map(str, given)))
    return ByGroup(kind, key, groups, default)


def _group(kind: str, name: str, content: Any) -> Group:
    at = f"groups.{name}"
    if not isinstance(content, Mapping):
        raise BadStrategy("expected a mapping", key=at, allowed="share, values")
    _only(content, ("share", "values") if kind == "geography" else ("share",), at)
    share = content.get("share", 1)
    if isinstance(share, bool) or not isinstance(share, int) or share < 1:
        raise BadStrategy(f"expected a whole number, got {share!r}", key=f"{at}.share", allowed="1 or more")
    values = content.get("values", ())
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise BadStrategy("expected a list", key=f"{at}.values", allowed="a list of text")
    for value in values:
        # YAML reads a bare NO as false: Norway.
        if not isinstance(value, str):
            raise BadStrategy(f"expected text, got {value!r}; quote it", key=f"{at}.values")
    return Group(name, share, tuple(values))


def _only(data: Mapping[str, Any], allowed: Sequence[str], at: str = "") -> None:
    for name in data:
        if name not in allowed:
            near = get_close_matches(str(name), allowed, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            where = f"{at}.{name}" if at else str(name)
            raise BadStrategy(f"unknown key{hint}", key=where, allowed=", ".join(allowed))
