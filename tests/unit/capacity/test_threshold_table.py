"""The threshold table says what the source document says, and levels follow from it."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.capacity.thresholds import (
    ORGANISATIONAL,
    TECHNICAL,
    THRESHOLDS,
    WEEKS_PER_MONTH,
    Threshold,
    UnknownMetric,
    level,
    threshold,
)

# The two tables of the source document, « Métriques de scaling à surveiller », as they are written there.
DOCUMENT = {
    "response_time_p95": ("above", 2, 5),
    "error_rate": ("above", 1, 5),
    "cpu_utilization": ("above", 70, 90),
    "memory_usage": ("above", 80, 95),
    "database_connections": ("above", 70, 90),
    "cycle_time": ("above", 14, 21),
    "deployment_frequency": ("below", 1, 12 * 7 / 365.2425),
    "code_review_time": ("above", 24, 72),
    "communication_overhead": ("above", 20, 40),
}
ROWS = st.sampled_from(THRESHOLDS)
VALUES = st.floats(min_value=-1e6, max_value=1e6)
ORDER = {"ok": 0, "attention": 1, "critical": 2}


def test_the_table_has_the_nine_rows_of_the_document_and_their_numbers() -> None:
    assert {
        row.metric: (row.direction, row.attention, pytest.approx(row.critical)) for row in THRESHOLDS
    } == {
        metric: (direction, attention, pytest.approx(critical))
        for metric, (direction, attention, critical) in DOCUMENT.items()
    }
    assert (len(TECHNICAL), len(ORGANISATIONAL)) == (5, 4)


@pytest.mark.parametrize("metric", DOCUMENT)
def test_every_level_begins_at_the_documents_number_and_not_before(metric: str) -> None:
    direction, attention, critical = DOCUMENT[metric]
    worse = 1.001 if direction == "above" else 0.999

    assert level(metric, attention) == "ok"
    assert level(metric, attention * worse) == "attention"
    assert level(metric, critical / worse) == "attention"
    assert level(metric, critical * worse) == "critical"


def test_every_row_tells_its_unit_its_action_and_where_it_comes_from() -> None:
    for row in THRESHOLDS:
        assert row.unit
        assert row.action
        assert "scaling-et-croissance.md" in row.source
        assert "«" in row.source.split(",")[-1], "the row of the document is named"


def test_one_deployment_a_month_is_less_than_a_quarter_a_week() -> None:
    frequency = threshold("deployment_frequency")

    assert pytest.approx(4.348, abs=0.001) == WEEKS_PER_MONTH
    assert frequency.level(1 / WEEKS_PER_MONTH * 1.01) == "attention"
    assert frequency.level(1 / WEEKS_PER_MONTH * 0.99) == "critical"


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("cpu_utilization", 70.0, "ok"),
        ("cpu_utilization", 70.1, "attention"),
        ("cpu_utilization", 90.0, "attention"),
        ("cpu_utilization", 90.1, "critical"),
        ("deployment_frequency", 3.0, "ok"),
        ("deployment_frequency", 1.0, "ok"),
        ("deployment_frequency", 0.9, "attention"),
        ("deployment_frequency", 0.0, "critical"),
        ("response_time_p95", math.inf, "critical"),
    ],
)
def test_a_level_begins_strictly_beyond_its_number(metric: str, value: float, expected: str) -> None:
    assert level(metric, value) == expected


@given(ROWS, VALUES, VALUES)
def test_a_worse_value_never_has_a_better_level(row: Threshold, one: float, other: float) -> None:
    better, worse = sorted((one, other), reverse=row.direction == "below")

    assert ORDER[row.level(better)] <= ORDER[row.level(worse)]


@given(ROWS, VALUES)
def test_a_value_is_critical_only_beyond_what_wants_attention(row: Threshold, value: float) -> None:
    beyond = value > row.attention if row.direction == "above" else value < row.attention

    assert (row.level(value) != "ok") == beyond


def test_an_unknown_metric_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownMetric, match="did you mean cpu_utilization") as caught:
        level("cpu_utilisation", 50)

    assert caught.value.nearest == ("cpu_utilization",)


def test_a_value_that_is_not_a_number_has_no_level() -> None:
    with pytest.raises(ValueError, match="cycle_time: no level"):
        level("cycle_time", math.nan)


@pytest.mark.parametrize(("attention", "critical"), [(90.0, 70.0), (70.0, 70.0), (70.0, math.inf)])
def test_a_row_whose_critical_level_is_not_beyond_attention_cannot_be_made(
    attention: float, critical: float
) -> None:
    with pytest.raises(ValueError, match="load"):
        Threshold("load", "percent", attention, critical, "above", "Scale up", "a test")


def test_a_row_cannot_be_changed_once_it_stands() -> None:
    with pytest.raises(FrozenInstanceError):
        THRESHOLDS[0].attention = 1.0  # type: ignore[misc]
