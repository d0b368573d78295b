"""When each shard is backed up and maintained: pure, and never all of them at one time.

RDS wants a backup window of half an hour or more, daily, that does not meet the weekly maintenance window
(RDS user guide, "Backup window"). Times are UTC, as RDS has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BACKUP_MINUTES, MAINTENANCE_MINUTES, DAY_MINUTES = 30, 60, 24 * 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_BACKUP = re.compile(rf"({_TIME.pattern})-({_TIME.pattern})")
_MAINTENANCE = re.compile(rf"({'|'.join(DAYS)}):({_TIME.pattern})-({'|'.join(DAYS)}):({_TIME.pattern})")


def minutes(time: str) -> int:
    """`HH:MM` in minutes after midnight. ValueError for anything else."""
    found = _TIME.fullmatch(time)
    if found is None:
        raise ValueError(f"{time!r} is not a time of day like 02:30")
    return int(found[1]) * 60 + int(found[2])


def clock(minute: int) -> str:
    """Minutes after a midnight as `HH:MM`."""
    return f"{minute % DAY_MINUTES // 60:02}:{minute % 60:02}"


def backup_window(index: int, first: str, spread_minutes: int) -> str:
    """Daily window of the shard at `index` (from 0): half hours from `first` on, round robin."""
    start = minutes(first) + index * BACKUP_MINUTES % spread_minutes
    return f"{clock(start)}-{clock(start + BACKUP_MINUTES)}"


def maintenance_window(index: int, start: str) -> str:
    """Weekly window of an hour of the shard at `index` (from 0): another day for each of seven shards."""
    begin = minutes(start)
    end = begin + MAINTENANCE_MINUTES
    day = index % len(DAYS)
    last = (day + end // DAY_MINUTES) % len(DAYS)
    return f"{DAYS[day]}:{clock(begin)}-{DAYS[last]}:{clock(end)}"


def check_backup_window(window: str) -> str:
    """`window`, if RDS takes it as a backup window. ValueError with what is wrong if not."""
    found = _BACKUP.fullmatch(window)
    if found is None:
        raise ValueError(f"{window!r} is not a daily window like 02:00-02:30")
    start, end = (minutes(time) for time in window.split("-"))
    if (end - start) % DAY_MINUTES < BACKUP_MINUTES:
        raise ValueError(f"{window} is shorter than {BACKUP_MINUTES} minutes")
    return window


def check_maintenance_window(window: str) -> str:
    """`window`, if RDS takes it as a maintenance window. ValueError with what is wrong if not."""
    if not _MAINTENANCE.fullmatch(window):
        raise ValueError(f"{window!r} is not a weekly window like sun:04:30-sun:05:30")
    start, end = _weekly(window)
    if not BACKUP_MINUTES <= (end - start) % (7 * DAY_MINUTES) <= DAY_MINUTES:
        raise ValueError(f"{window} is not between {BACKUP_MINUTES} minutes and 24 hours")
    return window


def meet(backup: str, maintenance: str) -> bool:
    """Whether a daily and a weekly window have a minute in common, which RDS refuses."""
    start, end = _weekly(maintenance)
    length = (end - start) % (7 * DAY_MINUTES)
    first, last = (minutes(time) for time in backup.split("-"))
    busy = (last - first) % DAY_MINUTES
    return any(begin < start + length and start < begin + busy for begin in _beginnings(first))


def _beginnings(first: int) -> Iterator[int]:
    """A daily window's starts over a week and the days around it."""
    return (day * DAY_MINUTES + first for day in range(-1, 9))


def _weekly(window: str) -> tuple[int, int]:
    """Start and end of a weekly window, in minutes after Monday's midnight."""
    start, end = window.split("-")
    return tuple(  # type: ignore[return-value]
        DAYS.index(part[:3]) * DAY_MINUTES + minutes(part[4:]) for part in (start, end)
    )
