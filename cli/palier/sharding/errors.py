"""What can be wrong with a strategy, a key or a map."""

from __future__ import annotations


class ShardingError(ValueError):
    """Base of what this library refuses. `problem` leaves out what `key` and `allowed` say."""

    def __init__(self, problem: str, *, key: str | None = None, allowed: str | None = None) -> None:
        self.problem, self.key, self.allowed = problem, key, allowed
        text = f"{key}: {problem}" if key else problem
        super().__init__(f"{text} (allowed: {allowed})" if allowed else text)


class BadStrategy(ShardingError):
    """A strategy's data does not say how to route; `key` is where in it, dotted."""


class BadKey(ShardingError):
    """A key that the strategy cannot route."""


class BadMap(ShardingError):
    """A shard map that is no shard map, or one that was changed on the way: its checksum differs."""
