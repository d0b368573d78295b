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
