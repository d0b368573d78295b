"""What CloudWatch is asked for is what the stacks' alarms watch, by the names that foundation gave it."""

from __future__ import annotations

from typing import Any

import pytest
from palier.capacity.sources import table
from palier.capacity.sources.cloudwatch import MEASURES, Series
from palier.capacity.sources.foundation import with_names
from palier.capacity.sources.model import Voice
from palier.capacity.sources.settings import CloudWatchSettings, Sources
from palier.errors import OperationError
from palier_stacks import measures
from palier_stacks.alarms import Measure
from pydantic import ValidationError

ARN = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/jobo/1"
OUTPUTS = {
    "region": "eu-west-3",
    "autoscaling_group_name": "jobo-app",
    "load_balancer_arn": ARN,
    "database_identifier": "jobo-primary",
    "database_max_connections": 200.0,
}
WATCHED = {
    "cpu_utilization": measures.instances_cpu("g"),
    "memory_usage": measures.instances_memory("g"),
    "database_utilization": measures.database_cpu("Primary", "d"),
    "response_time_p95": measures.response_time_p95("l"),
    "error_rate": measures.error_rate("l"),
}


def as_series(measure: Measure) -> set[Series]:
    return {
        Series(each.namespace, each.name, dimension, each.stat)
        for each in measure.metrics.values()
        for dimension in each.dimensions
    }


@pytest.mark.parametrize("metric", WATCHED)
def test_a_metric_is_collected_from_where_its_alarm_looks(metric: str) -> None:
    (measure,) = [each for each in MEASURES if each.metric == metric]
    assert set(measure.series) == as_series(WATCHED[metric])


def test_the_names_are_those_of_foundations_outputs() -> None:
    assert with_names(CloudWatchSettings(), OUTPUTS) == CloudWatchSettings(
        region="eu-west-3",
        autoscaling_group="jobo-app",
        load_balancer="app/jobo/1",
        database="jobo-primary",
        max_connections=200,
    )


def test_a_limit_that_palier_yaml_gives_goes_before_foundations() -> None:
    found = with_names(CloudWatchSettings(max_connections=90, bandwidth_mbit_per_s=1000), OUTPUTS)
    assert (found.max_connections, found.bandwidth_mbit_per_s) == (90, 1000)


def test_where_nothing_is_named_and_foundation_does_not_stand_it_says_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stack:
        outputs = None

        def state(self) -> Stack:
            return self

    monkeypatch.setattr("palier.phases.operations.look", lambda *_: lambda _: Stack())
    voice = Voice(lambda _: None, lambda _: None)
    with pytest.raises(
        OperationError, match="names nothing to measure, and foundation does not stand in far"
    ):
        table.make("cloudwatch", Sources(cloudwatch=CloudWatchSettings()), "far", voice)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"database": "d"}, "missing beside the names"),
        ({"region": "eu-west-3", "database": "d", "bandwidth_mbit_per_s": 10.0}, "autoscaling_group"),
        ({"region": "eu-west-3", "autoscaling_group": "g", "max_connections": 10}, "a database"),
    ],
)
def test_names_want_their_region_and_limits_their_names(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        CloudWatchSettings(**settings)
