"""What the policies of capacity say of a happy platform, with one thing of it changed at a time."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from palier.costs.model import UNKNOWN
from palier.errors import OperationError
from palier_policies.capacity import PACK
from palier_policies.judge import Judge
from palier_policies.resources import Resource
from palier_policies.rules import Rules
from palier_policies.stack import Stack

from tests.unit.policies.happy import resource
from tests.unit.policies.platforms import (
    DAY,
    GROUP,
    change,
    findings,
    fleet,
    platform,
    replicas,
    said,
    writer,
)

BUSY = {"database_connections": 60, "database_utilization": 60}
OF_REPLICAS = {"replicas": 3, "database_vcpus": 4, "instances": 4, "instances_most": 12}
OF_ONE_REGION = {"database_vcpus": 4, "instances": 4, "instances_most": 12}


def _happy(folder: Path, *planned: Resource, **more: Any) -> Stack:
    """What stands is planned again, or `planned` instead."""
    stands = (fleet(), writer())
    return change(platform(folder, **more), planned or stands, stands)


def _far(folder: Path, most: int) -> Stack:
    group = resource(
        GROUP, "app-eu-west-1", project="multi-region", minSize=2, desiredCapacity=2, maxSize=most
    )
    return change(platform(folder, structure=OF_ONE_REGION), (group,), project="multi-region")


# Alarms have tests of their own: test_alarm_policy.py.
FORECASTING = [each.name for each in PACK.policies if each.name != "alarms-cover-thresholds"]


@pytest.mark.parametrize("policy", FORECASTING)
def test_a_platform_with_room_passes(tmp_path: Path, policy: str) -> None:
    assert said(_happy(tmp_path), policy) == []


def test_headroom_names_metric_limit_scenario_date_and_the_settings_that_would_do(tmp_path: Path) -> None:
    (first, *_) = findings(
        _happy(tmp_path, fleet(), writer("db.m7g.large"), observed=BUSY), "forecast-headroom"
    )

    problem = first.problem
    assert (first.level, problem.metric, problem.limit) == ("mandatory", "database_utilization", 80.0)
    assert (problem.scenario, problem.date) == ("expected", DAY.isoformat())
    assert problem.advice == "foundation:database.instance_class: db.m7g.large → db.m7g.xlarge"
    assert first.message.startswith(
        f"database_utilization would be critical (above 80 percent) from {DAY} in scenario expected, at "
    )


def test_attention_is_advisory_and_critical_mandatory(tmp_path: Path) -> None:
    near = {"storage_usage": 79}

    levels = [level for level, text in said(_happy(tmp_path, observed=near), "forecast-headroom")]

    assert levels == ["advisory"]


def test_a_change_that_helps_is_not_held_back_by_what_it_does_not_reach(tmp_path: Path) -> None:
    file = platform(tmp_path, {"cpu_utilization": 99})
    stands = (fleet(4, 4), writer())

    helped = said(change(file, (fleet(4, 5), writer()), stands), "forecast-headroom")
    unchanged = said(change(file, stands, stands), "forecast-headroom")

    assert {level for level, _ in helped} == {"advisory"}
    assert any(
        text.startswith("cpu_utilization would be critical") and "with what stands it would be" in text
        for _, text in helped
    )
    assert "mandatory" in {level for level, _ in unchanged}


def test_a_stack_in_which_nothing_can_mend_it_is_told_and_not_held_back(tmp_path: Path) -> None:
    file = platform(tmp_path, {"memory_usage": 99}, structure={**OF_REPLICAS, "replicas": 0})
    bucket = (resource("aws:s3/bucket:Bucket", project="assets"),)

    (found,) = said(change(file, bucket, bucket, project="assets"), "forecast-headroom")

    assert found[0] == "advisory"
    assert found[1].endswith("not by this change, and not mended in this stack")


def test_a_longer_horizon_and_another_scenario_see_more(tmp_path: Path) -> None:
    near = {"database_utilization": 55}
    far = Rules(own={"forecast-headroom": {"scenario": "best", "horizon_months": 12}})

    assert said(_happy(tmp_path, observed=near), "forecast-headroom") == []
    later = said(_happy(tmp_path, observed=near), "forecast-headroom", far)
    assert {level for level, _ in later} == {"mandatory"}
    assert all("scenario best" in text for _, text in later)


def test_a_removed_replica_is_refused_for_what_it_leaves_under_todays_peak(tmp_path: Path) -> None:
    file = platform(tmp_path, BUSY, structure=OF_REPLICAS)

    assert said(change(file, replicas(3), replicas(3), project="replicas"), "no-blind-scale-down") == []
    (found,) = findings(change(file, replicas(2), replicas(3), project="replicas"), "no-blind-scale-down")

    day = found.problem.date
    assert day is not None
    days = (datetime.date.fromisoformat(day) - DAY).days
    assert (found.level, found.message) == (
        "mandatory",
        "removes 1 of 3 replicas: database_utilization at 70.0 percent under today's peak instead of 60.0 "
        f"(attention above 70), critical in {days} days ({day}, scenario expected)",
    )


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        ((fleet(4, 5), writer()), "removes 7 of 12 instances that scaling may start"),
        ((fleet(), writer("db.m7g.large")), "removes 2 of 4 vCPUs of the database"),
    ],
    ids=["instances", "vcpus"],
)
def test_whatever_is_taken_away_is_named(tmp_path: Path, planned: tuple[Resource, ...], words: str) -> None:
    observed = {**BUSY, "cpu_utilization": 88}

    told = said(_happy(tmp_path, *planned, observed=observed), "no-blind-scale-down")

    assert told
    assert all(level == "mandatory" and text.startswith(words) for level, text in told)


def test_more_capacity_is_no_scale_down(tmp_path: Path) -> None:
    planned = (fleet(6, 24), writer("db.m7g.4xlarge"))

    assert said(_happy(tmp_path, *planned, observed=BUSY), "no-blind-scale-down") == []


def test_a_cache_with_fewer_nodes_is_told_though_no_metric_tells_of_it(tmp_path: Path) -> None:
    def cache(nodes: int) -> Resource:
        type_ = "aws:elasticache/replicationGroup:ReplicationGroup"
        return resource(type_, "sessions", numCacheClusters=nodes)

    file = platform(tmp_path)
    told = said(change(file, (fleet(), cache(1)), (fleet(), cache(2))), "no-blind-scale-down")

    assert told == [
        ("advisory", "removes 1 of 2 nodes of sessions: no metric of palier.yaml tells what that leaves")
    ]


def test_the_regions_that_are_left_must_hold_the_peak(tmp_path: Path) -> None:
    assert said(_far(tmp_path, 12), "n-minus-one-regions") == []

    found = findings(_far(tmp_path, 2), "n-minus-one-regions")

    assert found[0].level == "mandatory"
    assert found[0].message.startswith(
        "with one of 2 regions lost, cpu_utilization would be critical (above 90 percent) from "
    )


def test_capacity_that_nobody_will_use_is_told_with_its_cost(tmp_path: Path) -> None:
    (found,) = findings(_happy(tmp_path, fleet(2, 12), writer("db.m7g.2xlarge")), "over-provisioned")

    assert (found.level, found.problem.actual, found.problem.limit) == ("advisory", 8.0, 4.0)
    assert found.message == (
        "4 of 8 vCPUs of the database are enough: with them no metric reaches attention within 12 months in "
        f"the P90 of scenario best; the rest costs {found.problem.monthly_usd:.2f} USD a month, by list price"
    )


@pytest.mark.parametrize(
    ("bill", "levels"), [(5_000, []), (9_900, ["advisory"]), (12_000, ["advisory"]), (25_000, ["mandatory"])]
)
def test_the_share_of_revenue_is_judged_by_its_two_levels(
    tmp_path: Path, bill: float, levels: list[str]
) -> None:
    planned = (fleet(), writer("db.m7g.2xlarge", multiAz=True))
    told = said(_happy(tmp_path, *planned, observed={"infrastructure_cost": bill}), "cost-share")

    assert [level for level, _ in told] == levels


def test_a_bill_that_the_change_does_not_touch_does_not_hold_it_back(tmp_path: Path) -> None:
    told = said(_happy(tmp_path, observed={"infrastructure_cost": 25_000}), "cost-share")

    assert [level for level, _ in told] == ["advisory"]


def test_a_stack_that_has_no_regions_speaks_of_them_only_where_it_makes_them_weaker(tmp_path: Path) -> None:
    file = platform(tmp_path, BUSY, structure={**OF_REPLICAS, "regions": 2})

    def told(before: int, after: int) -> list[tuple[str, str]]:
        stack = change(file, replicas(after), replicas(before), project="replicas")
        return said(stack, "n-minus-one-regions")

    assert told(3, 3) == told(3, 4) == []
    assert {level for level, _ in told(3, 1)} == {"mandatory"}


def test_a_change_that_brings_the_bill_over_its_share_says_how_much_it_adds(tmp_path: Path) -> None:
    planned = (fleet(), writer("db.m7g.2xlarge", multiAz=True))
    (found,) = findings(_happy(tmp_path, *planned, observed={"infrastructure_cost": 9_900}), "cost-share")

    assert found.problem.monthly_usd is not None
    assert found.problem.monthly_usd > 500
    assert f"{found.problem.monthly_usd:+,.0f} USD by this change" in found.message


def test_a_user_who_would_cost_more_is_told(tmp_path: Path) -> None:
    planned = (fleet(), writer("db.m7g.2xlarge", multiAz=True))
    (found,) = findings(_happy(tmp_path, *planned), "cost-per-user")

    assert found.level == "advisory"
    assert "percent more than today's 0.0500" in found.message


def test_a_class_without_a_price_is_not_taken_for_free(tmp_path: Path) -> None:
    planned = (fleet(), writer("db.m7g.16xlarge"))

    assert said(_happy(tmp_path, *planned), "cost-share") == [
        (
            "advisory",
            "not judged: no price for instances db.m7g.16xlarge; `palier cost prices update` may know one",
        )
    ]


@pytest.mark.parametrize(
    ("missing", "policy", "message"),
    [
        ("revenue", "cost-share", "not judged: no revenue was observed"),
        ("mau", "cost-per-user", "not judged: no users were observed (mau or users)"),
        (
            "infrastructure_cost",
            "cost-share",
            "not judged: no infrastructure_cost was observed, and no settings say what stands",
        ),
    ],
)
def test_what_was_not_observed_is_said(tmp_path: Path, missing: str, policy: str, message: str) -> None:
    observed: Mapping[str, Any] = {missing: None}

    assert said(_happy(tmp_path, observed=observed), policy) == [("advisory", message)]


def test_a_size_that_is_not_known_is_said_and_the_rest_judged(tmp_path: Path) -> None:
    unknown = resource(GROUP, "application", minSize=4, desiredCapacity=4, maxSize=UNKNOWN)

    told = said(_happy(tmp_path, unknown, writer()), "forecast-headroom")

    assert ("advisory", "not judged: Group application: maxSize is not known before up") in told


def test_an_environment_that_the_platform_does_not_tell_of_is_not_judged(tmp_path: Path) -> None:
    file = platform(tmp_path, structure={"environment": "production", "phases": []})
    planned = (fleet(1, 1), writer("db.t4g.micro"))

    told = said(change(file, planned, planned, environment="local"), "forecast-headroom")

    assert told == [("advisory", "not judged in local: palier.yaml tells of production")]


@pytest.mark.parametrize("policy", FORECASTING)
def test_a_platform_file_that_is_missing_lets_nothing_through(tmp_path: Path, policy: str) -> None:
    told = said(change(tmp_path / "palier.yaml", (fleet(),), (fleet(),)), policy)

    assert [level for level, _ in told] == ["mandatory" if policy not in _MILD else "advisory"]
    assert "palier.yaml: no such file" in told[0][1]


@pytest.mark.parametrize("policy", FORECASTING)
def test_a_platform_file_that_is_wrong_lets_nothing_through(tmp_path: Path, policy: str) -> None:
    file = platform(tmp_path, colour="red")

    told = said(change(file, (fleet(),), (fleet(),)), policy)

    assert [level for level, _ in told] == ["mandatory" if policy not in _MILD else "advisory"]
    assert "colour: unknown setting 'colour'" in told[0][1]


_MILD = ("over-provisioned", "cost-per-user")


def test_what_stands_and_cannot_be_read_lets_nothing_through(tmp_path: Path) -> None:
    def refuse() -> tuple[Resource, ...]:
        raise OperationError("what stands of shop cannot be read: no answer", next_step="ask again")

    happy = _happy(tmp_path)
    stack = Stack("foundation", "production", happy.resources, refuse, happy.read_platform)

    assert said(stack, "no-blind-scale-down") == [
        ("mandatory", "not judged: what stands of shop cannot be read: no answer next: ask again")
    ]


def test_the_outlook_has_each_metric_before_and_after(tmp_path: Path) -> None:
    assert PACK.outlook is not None
    judge = Judge(PACK, Rules())
    stack = _happy(tmp_path, fleet(), writer("db.m7g.large"))

    told = PACK.outlook(stack, lambda name: judge.rule(name).settings)

    assert told is not None
    before = {each["metric"]: each for each in told["before"]}
    after = {each["metric"]: each for each in told["after"]}
    assert before["database_utilization"]["value"] == pytest.approx(30.0)
    assert after["database_utilization"]["value"] == pytest.approx(60.0)
    assert after["database_utilization"]["left"] == pytest.approx(10.0)
    assert after["database_utilization"]["attention"] < (before["database_utilization"]["attention"] or "9")
