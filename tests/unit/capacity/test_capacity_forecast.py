"""What must always hold of a forecast: it starts at today, follows demand, and never punishes strength."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from palier.capacity.breaches import crossed_by, day_after, months_until
from palier.capacity.demand import FittedScenario, Scenario
from palier.capacity.forecast import Forecast, Forecaster, add_months
from palier.capacity.structure import Structure

from tests.unit.capacity.platforms import OBSERVED, inputs, jobo

PATHS = 300
GROWTH = st.floats(min_value=5, max_value=900)
QUICK = settings(max_examples=25, deadline=None)


def forecast(growth: float, structure: Structure | None = None, **observed: float) -> Forecast:
    made = Forecaster(inputs(**observed), months=18, paths=PATHS)
    return made.forecast(Scenario("some", growth, 12), structure)


def earliest(found: Forecast) -> dict[tuple[str, str], float]:
    return {
        (each.metric, each.level): each.months_p50 if each.months_p50 is not None else float("inf")
        for each in found.breaches
    }


def test_month_zero_is_what_was_observed() -> None:
    found = forecast(200)
    for name, bands in found.bands.items():
        if name in OBSERVED:
            assert bands.p10[0] == bands.p50[0] == bands.p90[0] == pytest.approx(OBSERVED[name]), name


def test_demand_at_the_end_of_a_scenario_is_what_it_says() -> None:
    made = Forecaster(inputs(), months=12, paths=10_000)
    found = made.forecast(Scenario("some", 200, 12))
    assert found.demand.p50[12] == pytest.approx(3.0, rel=0.02)
    assert found.bands["mau"].p50[12] == pytest.approx(300_000, rel=0.02)


@QUICK
@given(GROWTH, GROWTH)
def test_more_growth_never_needs_less(first: float, second: float) -> None:
    low, high = sorted((first, second))
    still = inputs().structure.with_changes(instances=None, instances_most=None)
    made = Forecaster(replace(inputs(), structure=still), months=18, paths=PATHS)
    less, more = (made.forecast(Scenario("some", growth, 12)) for growth in (low, high))
    for name in less.bands:
        if name in ("deployment_frequency", "cost_share"):
            continue  # the one falls, the other is a ratio of two that grow
        for quantile in ("p10", "p50", "p90"):
            a, b = (np.array(getattr(each.bands[name], quantile)) for each in (less, more))
            assert (b >= a * (1 - 1e-9)).all(), (name, quantile)
    before, after = earliest(less), earliest(more)
    assert all(after.get(key, float("inf")) <= months + 1e-9 for key, months in before.items())


@QUICK
@given(GROWTH, GROWTH)
def test_more_growth_never_takes_fewer_instances(first: float, second: float) -> None:
    low, high = sorted((first, second))
    a, b = (
        np.array(forecast(growth, application_instances=4.0).bands["application_instances"].p50)
        for growth in (low, high)
    )
    assert (b >= a * (1 - 1e-9)).all()


@QUICK
@given(st.lists(GROWTH, min_size=3, max_size=3))
def test_a_scenario_between_two_others_lies_between_them(growths: list[float]) -> None:
    low, middle, high = (forecast(growth) for growth in sorted(growths))
    for name in ("database_utilization", "mau", "storage_usage", "response_time_p95"):
        for month in range(19):
            values = [each.bands[name].p50[month] for each in (low, middle, high)]
            assert values == sorted(values), (name, month)


STRONGER = {
    "a larger database": {"database_vcpus": 8},
    "a replica": {"replicas": 1},
    "more replicas": {"replicas": 5},
    "shards": {"shards": 4},
    "a CDN": {"cdn": True},
    "a pool": {"database_proxy": True},
    "another region": {"regions": 2},
    "more instances": {"instances_most": 80},
    "more storage": {"storage_factor": 2.0},
}


@pytest.mark.parametrize("changes", STRONGER.values(), ids=STRONGER)
@QUICK
@given(growth=GROWTH)
def test_a_stronger_structure_never_brings_a_breach_forward(
    changes: dict[str, object], growth: float
) -> None:
    now = inputs().structure
    before, after = earliest(forecast(growth)), earliest(forecast(growth, now.with_changes(**changes)))
    for key, months in after.items():
        assert before.get(key, float("inf")) <= months + 1e-9, key


@pytest.mark.parametrize(
    ("changes", "metric"),
    [
        ({"database_vcpus": 8}, "database_utilization"),
        ({"replicas": 1}, "database_utilization"),
        ({"shards": 2}, "database_utilization"),
        ({"cdn": True}, "database_utilization"),
        ({"database_proxy": True}, "database_connections"),
        ({"storage_factor": 2.0}, "storage_usage"),
        ({"shards": 2}, "storage_usage"),
        ({"regions": 2}, "cpu_utilization"),
        ({"instances_most": 80}, "cpu_utilization"),
    ],
)
def test_each_change_relieves_what_it_is_for(changes: dict[str, object], metric: str) -> None:
    now = inputs().structure
    before, after = forecast(1_500), forecast(1_500, now.with_changes(**changes))
    assert after.bands[metric].p50[18] < 0.95 * before.bands[metric].p50[18]


def test_the_same_seed_gives_the_same_answer_and_another_one_another() -> None:
    scenario = Scenario("some", 100, 12)
    first, again = (Forecaster(inputs(), paths=PATHS, seed=7).forecast(scenario) for _ in range(2))
    other = Forecaster(inputs(), paths=PATHS, seed=8).forecast(scenario)
    assert first.as_data() == again.as_data()
    assert first.as_data() != other.as_data()


def test_scaling_holds_cpu_at_its_target_until_there_are_no_more_instances() -> None:
    structure = Structure(database_vcpus=4, instances=4, instances_most=8, target_cpu_percent=60.0)
    made = Forecaster(replace(inputs(), structure=structure), months=24, paths=PATHS)
    found = made.forecast(Scenario("some", 300, 12)).bands["cpu_utilization"]
    assert found.p50[0] == 50.0
    assert found.p50[6] == pytest.approx(60.0, rel=0.02)  # twice the load on seven instances
    assert found.p50[12] > 90.0  # four times on eight


def test_connections_follow_instances_as_pools_of_a_fixed_size_do() -> None:
    found = forecast(300).bands["database_connections"]
    assert found.p50[12] == pytest.approx(OBSERVED["database_connections"] * 4, rel=0.1)


def test_storage_fills_with_the_load_of_every_month_so_far() -> None:
    flat = replace(inputs(), storage_growth_percent=10.0)
    found = Forecaster(flat, months=10, paths=PATHS).forecast(Scenario("flat", 0, 12))
    # Ten months at a tenth of today's data each: twice today's.
    assert found.bands["storage_usage"].p50[10] == pytest.approx(60.0, rel=0.02)


def test_a_platform_that_shrinks_breaches_nothing_new() -> None:
    assert forecast(-50).breaches == ()


def test_a_growth_beyond_all_observation_is_told() -> None:
    found = Forecaster(inputs(), months=24, paths=PATHS).forecast(Scenario("rocket", 50_000, 12))
    assert any("100 times today's" in note and "no observation of today" in note for note in found.notes)


def test_a_database_without_room_is_told_with_its_month() -> None:
    found = forecast(900, database_utilization=90.0)
    assert any(note.startswith("database_utilization passes 99 percent in month ") for note in found.notes)


def test_a_metric_without_a_model_or_too_old_is_named_with_the_reason() -> None:
    loaded = jobo()
    from palier.capacity.inputs import inputs_of

    found = Forecaster(inputs_of(loaded), paths=PATHS).forecast(Scenario("some", 100, 12))
    assert found.not_forecast["team_satisfaction"] == "no model: it does not follow from load"
    assert found.not_forecast["cpu_utilization_peak"] == "the last observation is too old"


def test_a_fitted_scenario_keeps_each_paths_luck() -> None:
    fitted = FittedScenario(
        "fitted", tuple(0.1 * n for n in range(1, 7)), tuple(0.05 * n for n in range(1, 7))
    )
    found = Forecaster(inputs(), months=6, paths=4_000).forecast(fitted)
    assert found.demand.p50[6] == pytest.approx(np.exp(0.6), rel=0.03)
    assert found.demand.p90[6] == pytest.approx(np.exp(0.6 + 1.2816 * 0.3), rel=0.05)
    with pytest.raises(ValueError, match="fitted for 6 months, not 7"):
        Forecaster(inputs(), months=7, paths=10).forecast(fitted)


def test_a_breach_is_dated_between_the_months_and_stays_crossed() -> None:
    values = np.array([[60.0, 60.0], [65.0, 90.0], [90.0, 60.0]])
    shares = crossed_by(values, 70.0, "above")
    assert shares.tolist() == [0.0, 0.5, 1.0]
    assert months_until(shares, 0.5) == 1.0
    assert months_until(shares, 0.75) == 1.5
    assert months_until(np.array([0.0, 0.2]), 0.5) is None
    assert months_until(np.array([0.6, 0.7]), 0.5) == 0.0


def test_months_are_the_calendars() -> None:
    assert add_months(datetime.date(2024, 1, 31), 1) == datetime.date(2024, 2, 29)
    assert add_months(datetime.date(2024, 2, 29), 12) == datetime.date(2025, 2, 28)
    assert add_months(datetime.date(2024, 4, 30), 1) == datetime.date(2024, 5, 31)
    assert add_months(datetime.date(2024, 4, 15), 9) == datetime.date(2025, 1, 15)
    assert day_after(datetime.date(2024, 4, 30), 0.5) == datetime.date(2024, 5, 16)


def test_the_calendar_has_technical_organisational_and_money_in_one() -> None:
    found = forecast(900, infrastructure_cost=10_500.0, occupancy=89.0)
    assert {each.part for each in found.breaches} == {"technical", "organisational", "money"}
    order = [each.months_p50 if each.months_p50 is not None else float("inf") for each in found.breaches]
    assert order == sorted(order)
