"""CloudWatch as a source where AWS refuses, answers in pages, or tells no whole answer."""

from __future__ import annotations

import datetime
import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from palier.capacity.sources.cloudwatch import MEASURES, CloudWatch
from palier.capacity.sources.model import Voice
from palier.capacity.sources.settings import CloudWatchSettings
from palier.commands.main import run
from palier.errors import OperationError

DAY = datetime.date(2024, 4, 1)
MOMENT = datetime.datetime(2024, 4, 1, tzinfo=datetime.UTC)
SETTINGS = CloudWatchSettings(region="eu-west-3", database="primary", max_connections=100)


class Reached:
    """One client, and its answers."""

    def __init__(self) -> None:
        self._client = boto3.client(
            "cloudwatch", region_name="eu-west-3", aws_access_key_id="a", aws_secret_access_key="a"
        )
        self.stub = Stubber(self._client)
        self.stub.activate()

    def client(self, _: str) -> Any:
        return self._client


def source(reached: Reached) -> CloudWatch:
    return CloudWatch(SETTINGS, Voice(lambda _: None, lambda _: None), lambda: reached)


def page(identifier: str, code: str, *days: int, token: str | None = None) -> dict[str, Any]:
    moments = [MOMENT.replace(day=day) for day in days]
    result = {"Id": identifier, "StatusCode": code, "Timestamps": moments, "Values": [50.0] * len(days)}
    return {"MetricDataResults": [result], **({"NextToken": token} if token else {})}


def test_every_page_is_read() -> None:
    reached = Reached()
    reached.stub.add_response("get_metric_data", page("m0", "PartialData", 1, token="more"))
    reached.stub.add_response("get_metric_data", page("m0", "Complete", 2))
    found = source(reached).collect(DAY, DAY.replace(day=2))
    assert [(each.date.day, each.metric) for each in found] == [
        (1, "database_utilization"),
        (2, "database_utilization"),
    ]


def test_an_answer_that_is_not_whole_is_kept_by_nobody() -> None:
    reached = Reached()
    reached.stub.add_response("get_metric_data", page("m0", "InternalError", 1))
    with pytest.raises(OperationError, match=r"CPUUtilization: the answer is not complete \(InternalError\)"):
        source(reached).collect(DAY, DAY)


def test_a_call_that_aws_does_not_allow_names_the_policy() -> None:
    reached = Reached()
    reached.stub.add_client_error("get_metric_data", "AccessDenied", "User: arn… is not authorized")
    with pytest.raises(OperationError) as caught:
        source(reached).collect(DAY, DAY)
    assert caught.value.lines() == [
        "cloudwatch: AWS does not let you call cloudwatch:GetMetricData",
        "next: attach the policy that `palier capacity collect --policy` prints",
    ]


def test_the_policy_allows_the_one_call_that_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capacity", "collect", "--policy"]) == 0
    (statement,) = json.loads(capsys.readouterr().out)["Statement"]
    assert statement["Action"] == ["cloudwatch:GetMetricData"]


def test_a_metric_is_measured_in_one_way() -> None:
    names = [each.metric for each in MEASURES]
    assert len(names) == len(set(names))


def of_requests(metric: str, *values: float | None) -> float | None:
    (measure,) = [each for each in MEASURES if each.metric == metric]
    return measure.value(SETTINGS, values)


@pytest.mark.parametrize(
    ("requests", "target", "balancer", "errors"),
    [
        (1000.0, 4.0, 1.0, 0.5),
        (1000.0, None, None, 0.0),
        (10.0, None, 90.0, 100.0),  # refused before a target was chosen, so not among the requests
        (None, None, 90.0, 100.0),
        (0.0, None, None, None),
        (None, None, None, None),
    ],
)
def test_the_worst_day_has_all_errors_and_a_day_without_traffic_has_no_value(
    requests: float | None, target: float | None, balancer: float | None, errors: float | None
) -> None:
    assert of_requests("error_rate", requests, target, balancer) == errors
    available = None if errors is None else 100 - errors
    assert of_requests("availability", requests, target, balancer) == available


def test_a_day_of_errors_alone_is_a_row() -> None:
    reached = Reached()
    settings = CloudWatchSettings(region="eu-west-3", load_balancer="app/jobo/1")
    asked = CloudWatch(settings, Voice(lambda _: None, lambda _: None), lambda: reached)
    results = [page(f"m{number}", "Complete")["MetricDataResults"][0] for number in range(3)]
    refused = page("m3", "Complete", 1)["MetricDataResults"][0]
    reached.stub.add_response("get_metric_data", {"MetricDataResults": [*results, refused]})
    assert [(each.metric, each.value) for each in asked.collect(DAY, DAY)] == [
        ("error_rate", 100.0),
        ("availability", 0.0),
    ]
