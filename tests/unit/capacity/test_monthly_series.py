"""Irregular observations, brought to months."""

from __future__ import annotations

import datetime

import pytest
from palier.capacity.monthly import monthly, months_before
from palier.capacity.observations import Observation
from palier.errors import InputError

from tests.unit.capacity.histories import months_of


def _on(day: str, value: float, metric: str = "mau") -> Observation:
    return Observation(datetime.date.fromisoformat(day), metric, value)


def test_months_that_were_all_observed_stay_as_they_are() -> None:
    series = monthly(months_of([100, 110, 125]))

    assert series.values.tolist() == [100, 110, 125]
    assert series.observed.all()
    assert series.notes() == ()


def test_a_gap_is_filled_in_the_log_and_said() -> None:
    series = monthly([_on("2024-01-31", 100), _on("2024-03-31", 400)])

    assert series.ends[1] == datetime.date(2024, 2, 29)
    assert series.values[1] == pytest.approx(200, rel=0.05)  # February is a day from the middle
    assert series.observed.tolist() == [True, False, True]
    assert series.notes() == ("1 of 3 months had no observation and were interpolated in the log",)


def test_a_gap_beside_a_zero_is_filled_on_a_straight_line() -> None:
    series = monthly([_on("2024-01-31", 0, "incidents"), _on("2024-03-31", 4, "incidents")])

    assert series.values[1] == pytest.approx(2, rel=0.1)
    assert "straight line" in series.notes()[0]


def test_months_end_on_the_day_of_the_last_observation() -> None:
    series = monthly([_on("2024-01-14", 1), _on("2024-02-16", 2), _on("2024-03-15", 3)])

    assert [end.day for end in series.ends] == [15, 15, 15]
    assert series.values[-1] == 3
    assert series.observed.all()


def test_daily_observations_become_months() -> None:
    start = datetime.date(2024, 1, 1)
    daily = [Observation(start + datetime.timedelta(days), "mau", 100.0 + days) for days in range(121)]
    series = monthly(daily)

    assert [end.isoformat() for end in series.ends] == [
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
    ]
    assert series.values.tolist() == [130, 159, 190, 220]
    assert series.observed_months == len(series)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2024-03-31", 1, "2024-02-29"),
        ("2024-02-29", 1, "2024-01-31"),
        ("2024-03-30", 1, "2024-02-29"),
        ("2024-01-15", 1, "2023-12-15"),
        ("2024-11-30", -3, "2025-02-28"),
    ],
)
def test_a_last_day_stays_a_last_day(day: str, count: int, expected: str) -> None:
    assert months_before(datetime.date.fromisoformat(day), count).isoformat() == expected


def test_two_values_for_one_day_are_refused() -> None:
    with pytest.raises(InputError, match="two values for one day"):
        monthly([_on("2024-01-31", 1), _on("2024-01-31", 2)])


def test_several_metrics_are_refused() -> None:
    with pytest.raises(InputError, match="one metric at a time, not mau, revenue"):
        monthly([_on("2024-01-31", 1), _on("2024-01-31", 2, "revenue")])


def test_no_observations_are_refused() -> None:
    with pytest.raises(InputError, match="no observations"):
        monthly([])
