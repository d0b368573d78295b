"""The map in an application: kept, renewed, refused when it is too old."""

from __future__ import annotations

import threading

import pytest
from palier.sharding import ShardMap, strategy_from
from palier.sharding.reader import MapReader, StaleMap

FIRST = ShardMap.initial(strategy_from({"kind": "hash", "key": "id"}), ["shard-1", "shard-2"], 8)
SECOND = FIRST.moved({0: "shard-2"})


class Table:
    """What a reader reads: a document, or an error, and how often it was asked."""

    def __init__(self) -> None:
        self.says: ShardMap | Exception | str = FIRST
        self.asked = 0

    def load(self) -> str:
        """As the reader calls it."""
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says if isinstance(self.says, str) else self.says.to_json()


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Now."""
        return self.now


@pytest.fixture
def table() -> Table:
    """A table that says the first map."""
    return Table()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def reader(table: Table, clock: Clock) -> MapReader:
    """Fresh for 30 seconds, good for 300."""
    return MapReader(table.load, fresh_seconds=30, stale_seconds=300, clock=clock)


def test_within_its_time_the_map_is_read_once(reader: MapReader, table: Table, clock: Clock) -> None:
    for _ in range(100):
        assert reader.map() == FIRST
        clock.now += 0.29
    assert table.asked == 1


def test_a_new_version_is_taken_when_the_time_is_over(reader: MapReader, table: Table, clock: Clock) -> None:
    reader.map()
    table.says = SECOND
    clock.now += 30
    assert reader.map() == SECOND


@pytest.mark.parametrize("says", [OSError("no route"), "not a map", FIRST.to_json().replace("id", "ix")])
def test_where_reading_fails_the_map_stays_good_and_then_is_refused(
    says: Exception | str, reader: MapReader, table: Table, clock: Clock
) -> None:
    reader.map()
    table.says = says
    clock.now += 299
    assert reader.map() == FIRST
    clock.now += 2
    with pytest.raises(StaleMap, match="could not be read, and the one at hand is 301 s old") as refused:
        reader.map()
    assert refused.value.age_seconds == pytest.approx(301)


def test_without_any_map_the_cause_is_told(reader: MapReader, table: Table) -> None:
    table.says = OSError("no route")
    with pytest.raises(StaleMap, match="there is none at hand: no route"):
        reader.map()


def test_a_table_that_answers_again_ends_the_refusal(reader: MapReader, table: Table, clock: Clock) -> None:
    table.says = OSError("no route")
    with pytest.raises(StaleMap):
        reader.map()
    table.says = SECOND
    clock.now += 1
    assert reader.map() == SECOND


def test_a_table_that_does_not_answer_is_not_asked_on_every_call(
    reader: MapReader, table: Table, clock: Clock
) -> None:
    reader.map()
    table.says = OSError("no route")
    clock.now += 31
    for _ in range(1000):
        reader.map()
    assert table.asked == 2


def test_an_older_version_than_one_seen_before_is_never_taken(
    reader: MapReader, table: Table, clock: Clock
) -> None:
    table.says = SECOND
    reader.map()
    table.says = FIRST
    clock.now += 31
    assert reader.map() == SECOND


def test_threads_that_ask_at_once_read_once(clock: Clock) -> None:
    table, gate = Table(), threading.Event()

    def slow() -> str:
        gate.wait(5)
        return table.load()

    reader = MapReader(slow, clock=clock)
    found: list[ShardMap] = []
    threads = [threading.Thread(target=lambda: found.append(reader.map())) for _ in range(8)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(5)
    assert found == [FIRST] * 8
    assert table.asked == 1


def test_after_a_long_silence_threads_that_ask_at_once_wait_for_the_one_that_reads(clock: Clock) -> None:
    reading, go_on = threading.Event(), threading.Event()
    go_on.set()

    def load() -> str:
        reading.set()
        assert go_on.wait(5)
        return FIRST.to_json()

    reader = MapReader(load, fresh_seconds=30, stale_seconds=300, clock=clock)
    reader.map()
    reading.clear()
    go_on.clear()
    clock.now += 301
    found: list[ShardMap | StaleMap] = []

    def ask() -> None:
        try:
            found.append(reader.map())
        except StaleMap as error:
            found.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    threads[0].start()
    assert reading.wait(5)
    for thread in threads[1:]:
        thread.start()
    threads[1].join(0.1)
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert found == [FIRST] * 3
