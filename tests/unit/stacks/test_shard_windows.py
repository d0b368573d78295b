"""When shards are backed up and maintained: never all at one time, and never both at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier_stacks.shards import windows

TIMES = st.integers(0, windows.DAY_MINUTES - 1).map(windows.clock)
INDEXES = st.integers(0, 300)


def test_shards_are_backed_up_one_half_hour_after_another() -> None:
    made = [windows.backup_window(index, "23:00", 120) for index in range(5)]
    assert made == ["23:00-23:30", "23:30-00:00", "00:00-00:30", "00:30-01:00", "23:00-23:30"]


def test_seven_shards_are_maintained_on_seven_days() -> None:
    made = [windows.maintenance_window(index, "05:00") for index in range(8)]
    assert len({window[:3] for window in made[:7]}) == 7
    assert made[0] == made[7] == "mon:05:00-mon:06:00"


@given(INDEXES, TIMES, st.integers(1, 47).map(lambda halves: halves * 30))
def test_rds_takes_every_window_that_is_made(index: int, start: str, spread: int) -> None:
    backup = windows.backup_window(index, start, spread)
    assert windows.check_backup_window(backup) == backup
    maintenance = windows.maintenance_window(index, start)
    assert windows.check_maintenance_window(maintenance) == maintenance
    assert windows.meet(windows.backup_window(0, start, spread), maintenance)


@given(INDEXES, st.integers(30, 1439))
def test_a_backup_right_after_or_before_the_maintenance_does_not_meet_it(index: int, start: int) -> None:
    maintenance = windows.maintenance_window(index, windows.clock(start))
    after, before = start + windows.MAINTENANCE_MINUTES, start - windows.BACKUP_MINUTES
    for begin in (after, before):
        daily = f"{windows.clock(begin)}-{windows.clock(begin + windows.BACKUP_MINUTES)}"
        assert not windows.meet(daily, maintenance)


@pytest.mark.parametrize(
    ("check", "window", "says"),
    [
        (windows.check_backup_window, "2:00-3:00", "is not a daily window"),
        (windows.check_backup_window, "02:00-02:29", "is shorter than 30 minutes"),
        (windows.check_maintenance_window, "02:00-03:00", "is not a weekly window"),
        (windows.check_maintenance_window, "sun:04:30-mon:05:30", "is not between 30 minutes and 24 hours"),
    ],
)
def test_what_rds_refuses_is_refused(check: object, window: str, says: str) -> None:
    assert callable(check)
    with pytest.raises(ValueError, match=says):
        check(window)
