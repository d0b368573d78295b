"""The published map in an application: read now and then, kept meanwhile, and refused once it is too old.

reader = MapReader.from_dynamodb("jobo-prod-shard-map", region="eu-west-3")
shard = reader.map().locate(user_id).shard
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from palier.sharding import items
from palier.sharding.shard_map import ShardMap

# A plan's switch waits for readers to have seen it, so the cache's time is part of how long resharding takes.
FRESH_SECONDS = 30.0
# Routing by an old map writes to the wrong server; beyond this an error is the smaller harm. Our choice.
STALE_SECONDS = 300.0
# Between two attempts where the table does not answer.
RETRY_SECONDS = 1.0
# How long a request may wait for the table at most, connecting and reading.
TIMEOUT_SECONDS = 2


class StaleMap(RuntimeError):
    """The map could not be read, and the one at hand is too old. `age_seconds`: None without one."""

    def __init__(self, age_seconds: float | None, cause: BaseException | None) -> None:
        self.age_seconds = age_seconds
        had = (
            "there is none at hand" if age_seconds is None else f"the one at hand is {age_seconds:.0f} s old"
        )
        super().__init__(f"the shard map could not be read, and {had}: {cause}")


class MapReader:
    """A cache of the published map; safe to share between threads.

    `load` returns the map's document. Within `fresh_seconds` of the last reading nothing is read; after that
    one thread reads while the others go on with what is there, or wait where that is too old. Where reading
    fails, the map stays good until it is `stale_seconds` old. A version lower than one seen before is never
    taken: it comes from a replica that lags, or from a backup.
    """

    def __init__(
        self,
        load: Callable[[], str],
        *,
        fresh_seconds: float = FRESH_SECONDS,
        stale_seconds: float = STALE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load, self._clock = load, clock
        self.fresh_seconds, self.stale_seconds = fresh_seconds, stale_seconds
        self._reading = threading.Lock()
        self._map: ShardMap | None = None
        self._read_at = self._tried_at = float("-inf")
        self._cause: BaseException | None = None

    @classmethod
    def from_dynamodb(cls, table: str, *, region: str | None = None, **options: Any) -> MapReader:
        """A reader of a table. Needs boto3, and the permission dynamodb:GetItem on the table."""
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 2}
        )
        client = boto3.client("dynamodb", region_name=region, config=config)

        def load() -> str:
            answer = client.get_item(TableName=table, Key=items.key_of(items.CURRENT), ConsistentRead=True)
            document: str = answer["Item"]["document"]["S"]
            return document

        return cls(load, **options)

    def map(self) -> ShardMap:
        """The map. Raises StaleMap where none can be had that is young enough."""
        if self._clock() - self._read_at >= self.fresh_seconds:
            self._refresh()
        if self._map is None or self._clock() - self._read_at > self.stale_seconds:
            raise StaleMap(None if self._map is None else self._clock() - self._read_at, self._cause)
        return self._map

    def _refresh(self) -> None:
        # Whoever has no map, or one that is too old to use, waits for the one who reads.
        too_old = self._clock() - self._read_at > self.stale_seconds
        if not self._reading.acquire(blocking=self._map is None or too_old):
            return
        try:
            if self._clock() - self._tried_at >= RETRY_SECONDS:
                self._read()
        finally:
            self._reading.release()

    def _read(self) -> None:
        try:
            found = ShardMap.from_json(self._load())
            if self._map is not None and found.version < self._map.version:
                raise ValueError(f"version {found.version} was read after version {self._map.version}")
            self._map, self._read_at, self._cause = found, self._clock(), None
        except Exception as error:  # whatever the client of the table raises
            self._cause = error
        finally:
            self._tried_at = self._clock()
