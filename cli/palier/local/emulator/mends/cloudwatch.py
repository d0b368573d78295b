"""Mends of CloudWatch: alarms' first state and updates, composite alarms, percentiles of metrics."""

from __future__ import annotations

import re
from typing import Any

from palier.local.emulator.mends.table import added, around, mend

COMPOSITE = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


@mend("cloudwatch")
def alarm_begins_without_data() -> None:
    """A new alarm is OK (AWS: INSUFFICIENT_DATA), and an update resets its state and changes its tags."""
    from moto.cloudwatch.models import CloudWatchBackend

    @around(CloudWatchBackend, "put_metric_alarm")
    def put(original: Any, self: Any, **named: Any) -> Any:
        before = self.alarms.get(named["name"])
        if before is not None:
            named["tags"] = None  # PutMetricAlarm: "tags … are ignored" when the alarm exists
        alarm = original(self, **named)
        if before is None:
            alarm.state_value = "INSUFFICIENT_DATA"
        else:
            for attribute in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp"):
                setattr(alarm, attribute, getattr(before, attribute))
            alarm.history = before.history
        return alarm


@mend("cloudwatch")
def composite_alarms() -> None:
    """PutCompositeAlarm is missing, and DescribeAlarms ignores AlarmTypes."""
    from moto.cloudwatch.responses import CloudWatchResponse
    from moto.core.responses import EmptyResult

    @added(CloudWatchResponse)
    def put_composite_alarm(self: Any) -> EmptyResult:
        enabled = self._get_param("ActionsEnabled")
        none: dict[str, Any] = dict.fromkeys(
            ("namespace", "metric_name", "comparison_operator", "evaluation_periods", "period"), None
        )
        alarm = self.cloudwatch_backend.put_metric_alarm(
            **none,
            threshold=None,
            statistic=None,
            name=self._get_param("AlarmName"),
            description=self._get_param("AlarmDescription"),
            dimensions=[],
            alarm_actions=self._get_param("AlarmActions", []),
            ok_actions=self._get_param("OKActions", []),
            insufficient_data_actions=self._get_param("InsufficientDataActions", []),
            actions_enabled=True if enabled is None else enabled,
            rule=self._get_param("AlarmRule"),
            tags=self._get_param("Tags", []),
        )
        alarm.alarm_rule = alarm.rule
        for parameter in COMPOSITE:
            setattr(alarm, parameter, self._get_param(parameter))
        return EmptyResult()

    @around(CloudWatchResponse, "describe_alarms")
    def describe(original: Any, self: Any) -> Any:
        answer = original(self)
        kinds = self._get_param("AlarmTypes") or ["MetricAlarm"]
        for kind in ("MetricAlarm", "CompositeAlarm"):
            if kind not in kinds:
                answer.result[f"{kind}s"] = []
        return answer


@mend("cloudwatch")
def percentiles_of_metrics() -> None:
    """GetMetricData knows no percentile: it tells p95 of any period as nothing, which no client can read."""
    from moto.cloudwatch.models import CloudWatchBackend, Statistics

    @around(Statistics, "get_statistics_for_type")
    def statistic(original: Any, self: Any, stat: str) -> Any:
        percentile = PERCENTILE.fullmatch(stat)
        # AWS computes none from a set of statistics either, but for a set of one value.
        if percentile is None or not self.metric_single_values_list:
            return original(self, stat)
        ordered = sorted(self.metric_single_values_list)
        rank = float(percentile[1]) / 100 * (len(ordered) - 1)
        below = int(rank)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (rank - below) * (ordered[above] - ordered[below])

    @around(CloudWatchBackend, "get_metric_data")
    def data(original: Any, self: Any, **named: Any) -> Any:
        results = original(self, **named)
        for result in results:
            pairs = zip(result["timestamps"], result["values"], strict=True)
            told = [(moment, value) for moment, value in pairs if value is not None]
            result["timestamps"], result["values"] = [each[0] for each in told], [each[1] for each in told]
        return results
