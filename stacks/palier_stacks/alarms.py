"""Alarms made from the threshold table: one per level, each telling its own topic.

A measure says how a metric of the table is read from CloudWatch; the limits are the table's and stand
nowhere else. The same measures draw the dashboard, so that what is seen and what alarms cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
from palier.capacity.thresholds import Threshold
from pulumi_aws import cloudwatch

from palier_stacks.scope import Component, Scope

AlarmLevel = Literal["attention", "critical"]
LEVELS: tuple[AlarmLevel, ...] = ("attention", "critical")

# How long a level must last. Attention asks for a plan, so a quarter of an hour of it; critical hurts
# users now, so five minutes, enough for a deployment's spike to pass. Every period must be over the limit:
# Route 53 can follow no alarm that wants only some of them.
PERIOD_SECONDS: Mapping[AlarmLevel, int] = {"attention": 300, "critical": 60}
PERIODS: Mapping[AlarmLevel, int] = {"attention": 3, "critical": 5}


@dataclass(frozen=True, slots=True)
class Metric:
    """One CloudWatch metric. `stat` is a statistic (`Average`, `Sum`, `Maximum`) or a percentile (`p95`)."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    stat: str = "Average"

    @property
    def is_percentile(self) -> bool:
        """Whether CloudWatch calls the statistic an extended one."""
        return self.stat.startswith("p")


@dataclass(frozen=True, slots=True)
class Measure:
    """How a subject's metric is read: one metric, or an expression over several by id.

    `missing` is what silence means: a load balancer without requests is fine, a database that reports
    nothing is not known to be.
    """

    subject: str
    metrics: Mapping[str, Metric]
    expression: pulumi.Input[str] | None = None
    missing: Literal["missing", "notBreaching", "breaching"] = "missing"

    @classmethod
    def of(
        cls,
        subject: str,
        metric: Metric,
        missing: Literal["missing", "notBreaching", "breaching"] = "missing",
    ) -> Measure:
        """A measure that is one metric."""
        return cls(subject, {"m": metric}, None, missing)


@dataclass(frozen=True, slots=True)
class Topics:
    """Where each level is told."""

    attention: pulumi.Input[str]
    critical: pulumi.Input[str]

    def of(self, level: AlarmLevel) -> pulumi.Input[str]:
        """ARN of the topic of one level."""
        return self.critical if level == "critical" else self.attention


@dataclass
class AlarmMaker:
    """Makes alarms for a phase and remembers their measures for its dashboard."""

    scope: Scope
    topics: Topics
    opts: pulumi.ResourceOptions
    drawn: list[tuple[Threshold, Measure]] = field(default_factory=list)
    arns: dict[str, pulumi.Output[str]] = field(default_factory=dict)

    def watch(
        self, name: str, component: Component, threshold: Threshold, measure: Measure
    ) -> dict[AlarmLevel, cloudwatch.MetricAlarm]:
        """An alarm per level, called `<name>-<level>`, on `measure` at the table's limits."""
        self.drawn.append((threshold, measure))
        return {
            level: self._alarm(f"{name}-{level}", component, threshold, measure, level) for level in LEVELS
        }

    def _alarm(
        self, name: str, component: Component, threshold: Threshold, measure: Measure, level: AlarmLevel
    ) -> cloudwatch.MetricAlarm:
        beyond = "GreaterThanThreshold" if threshold.direction == "above" else "LessThanThreshold"
        limit = threshold.limit(level)
        topic = self.topics.of(level)
        percentile = any(metric.is_percentile for metric in measure.metrics.values())
        alarm = cloudwatch.MetricAlarm(
            self.scope.logical(name),
            alarm_description=(
                f"{measure.subject}: {threshold.metric} {threshold.direction} {limit:g} {threshold.unit} "
                f"({level}). Action: {threshold.action}. Source: {threshold.source}"
            ),
            comparison_operator=beyond,
            threshold=limit,
            evaluation_periods=PERIODS[level],
            datapoints_to_alarm=PERIODS[level],
            treat_missing_data=measure.missing,
            # A handful of requests has no meaningful 95th percentile.
            evaluate_low_sample_count_percentiles="ignore" if percentile else None,
            alarm_actions=[topic],
            ok_actions=[topic],
            tags=self.scope.tags(component, name, metric=threshold.metric, level=level),
            opts=self.opts,
            **_reading(measure, PERIOD_SECONDS[level]),
        )
        self.arns[name] = alarm.arn
        return alarm


def _reading(measure: Measure, period: int) -> dict[str, Any]:
    """The arguments of an alarm that say what it reads."""
    if measure.expression is None:
        metric = measure.metrics["m"]
        statistic = "extended_statistic" if metric.is_percentile else "statistic"
        return {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "dimensions": dict(metric.dimensions),
            statistic: metric.stat,
            "period": period,
        }
    queries: list[dict[str, Any]] = [
        {
            "id": key,
            "metric": {
                "namespace": metric.namespace,
                "metric_name": metric.name,
                "dimensions": dict(metric.dimensions),
                "stat": metric.stat,
                "period": period,
            },
            "return_data": False,
        }
        for key, metric in measure.metrics.items()
    ]
    result = {"id": "result", "expression": measure.expression, "label": measure.subject, "return_data": True}
    return {"metric_queries": [*queries, result]}
