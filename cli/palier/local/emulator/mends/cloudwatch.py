"""Mends of CloudWatch alarms: their first state, their updates, and composite alarms."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import added, around, mend

COMPOSITE = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


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
