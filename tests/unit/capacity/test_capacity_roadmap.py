"""The roadmap: the simplest sufficient change, dated, with why not less; and what it writes into settings."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from palier.capacity.demand import Scenario
from palier.capacity.forecast import Forecaster
from palier.capacity.moves import MOVES, combinations, move, size
from palier.capacity.planner import Planner
from palier.capacity.roadmap import Roadmap
from palier.capacity.structure import Structure

from tests.unit.capacity.platforms import DAY, inputs

SMALL = Structure(database_vcpus=4, database_vcpus_most=16, instances=4, instances_most=400)


def plan(
    growth: float,
    structure: Structure = SMALL,
    *,
    months: int = 12,
    lead_days: dict[str, int] | None = None,
    regions_from_users: tuple[float, ...] = (),
    **observed: float,
) -> Roadmap:
    made = Forecaster(replace(inputs(**observed), structure=structure), months=months, paths=400)
    scenario = Scenario("some", growth, 12)
    return Planner(made, scenario, lead_days=lead_days, regions_from_users=regions_from_users).plan()


def changes(found: Roadmap) -> dict[str, object]:
    return {step.move: step.new for step in found.steps}


def test_what_suffices_is_left_alone() -> None:
    found = plan(5)
    assert found.steps == ()
    assert found.end == found.start


def test_a_larger_database_comes_before_replicas() -> None:
    assert changes(plan(150))["vertical"] == 8
    assert "replicas" not in changes(plan(150))


def test_replicas_come_where_the_largest_database_does_not_do_and_say_so() -> None:
    found = plan(700)
    step = next(each for each in found.steps if each.move == "replicas")
    assert changes(found)["vertical"] == 16
    (refused,) = (each for each in step.refused if each.move == "vertical")
    assert refused.metric == "database_utilization"
    assert refused.actual > refused.limit
    assert refused.sentence().startswith("vertical, at most 16 vCPUs: database_utilization at ")


def test_shards_come_where_replicas_do_not_do_and_regions_never_before_them() -> None:
    found = plan(2_500)
    assert changes(found)["shards"] in (2, 4, 8, 16)
    step = next(each for each in found.steps if each.move == "shards")
    assert {"vertical", "replicas"} <= {each.move for each in step.refused}
    assert "multi-region" not in changes(found)


def test_each_step_comes_when_what_stands_before_it_no_longer_suffices() -> None:
    found = plan(700)
    vertical, replicas = (next(s for s in found.steps if s.move == key) for key in ("vertical", "replicas"))
    assert vertical.holds_until is not None
    assert vertical.live_by < replicas.live_by
    assert replicas.live_by == vertical.holds_until.date
    assert replicas.holds_until is None
    assert replicas.left is not None
    assert replicas.left > 0


def test_work_starts_its_lead_time_before_and_is_late_where_that_is_past() -> None:
    (step,) = (s for s in plan(150, lead_days={"vertical": 400}).steps if s.move == "vertical")
    assert step.start_by == step.live_by - datetime.timedelta(days=400)
    assert step.late_days == (DAY - step.start_by).days
    assert step.late_days > 0


def test_a_level_crossed_today_is_to_be_live_today() -> None:
    found = plan(50, database_utilization=85.0)
    assert found.steps[0].move == "vertical"
    assert found.steps[0].live_by == DAY


def test_a_region_is_wanted_from_so_many_users_on() -> None:
    found = plan(300, regions_from_users=(200_000.0, 10_000_000.0))
    (step,) = (each for each in found.steps if each.move == "multi-region")
    assert (step.old, step.new, step.because.metric) == (1, 2, "mau")
    assert abs((step.live_by - datetime.date(2024, 10, 30)).days) < 12  # doubled in half the year's doublings


def test_what_nothing_relieves_is_said() -> None:
    found = plan(300, SMALL.with_changes(instances=None, instances_most=None), memory_usage=94.0)
    assert any(each.metric == "memory_usage" for each in found.unresolved) or "multi-region" in changes(found)


def test_the_end_of_a_roadmap_is_out_of_trouble_but_for_what_it_says() -> None:
    made = Forecaster(replace(inputs(), structure=SMALL), months=12, paths=400)
    planner = Planner(made, Scenario("some", 900, 12))
    found = planner.plan()
    left = {each.metric for each in planner.troubles(found.end, since=12)}
    assert left <= {each.metric for each in found.unresolved}


@settings(max_examples=12, deadline=None)
@given(st.floats(10, 1_500), st.floats(10, 1_500))
def test_what_is_enough_for_more_growth_is_enough_for_less(first: float, second: float) -> None:
    low, high = sorted((first, second))
    more = plan(high)
    made = Forecaster(replace(inputs(), structure=SMALL), months=12, paths=400)
    left = {each.metric for each in Planner(made, Scenario("some", low, 12)).troubles(more.end)}
    # Bandwidth and memory are of one instance, and a slower growth has fewer of them.
    assert left <= {each.metric for each in more.unresolved} | {"bandwidth_utilization", "memory_usage"}


def test_a_plan_is_the_same_again() -> None:
    assert plan(700).as_data() == plan(700).as_data()


def test_combinations_begin_with_the_smallest_and_hold_every_kind_up_to_one() -> None:
    found = combinations(move("replicas"), SMALL)
    sizes = [size(each) for each in found]
    assert sizes == sorted(sizes)
    assert all(each.replicas > 0 for each in found)
    assert {each.database_vcpus for each in found} == {4, 8, 16}


def test_the_kinds_of_change_are_in_the_order_of_the_document() -> None:
    keys = [each.key for each in MOVES]
    assert [key for key in keys if key in ("vertical", "replicas", "shards", "multi-region")] == [
        "vertical",
        "replicas",
        "shards",
        "multi-region",
    ]


@pytest.mark.parametrize("each", MOVES, ids=lambda each: each.key)
def test_every_kind_of_change_has_a_name_in_both_languages_and_less_than_nothing_is_no_change(
    each: object,
) -> None:
    from palier.capacity.moves import Move

    assert isinstance(each, Move)
    assert each.label("fr") != each.label("en")
    for candidate in each.candidates(SMALL):
        assert size(candidate) > size(SMALL)
