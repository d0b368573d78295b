"""Alarms cover thresholds: whatever carries load is watched at both levels of the one threshold table.

An alarm belongs to a resource by the identifier in its dimensions; where that is not known before `up`, by
what the engine says its dimensions depend on. What it reads is told by CloudWatch's names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from palier.capacity.sections import Section
from palier.capacity.thresholds import Threshold, threshold
from palier.costs.model import UNKNOWN
from pydantic import Field

from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import NotKnown, Resource
from palier_policies.stack import Stack

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
DATABASE, CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
CACHE, QUEUE = "aws:elasticache/replicationGroup:ReplicationGroup", "aws:sqs/queue:Queue"
BALANCER, GROUP = "aws:lb/loadBalancer:LoadBalancer", "aws:autoscaling/group:Group"
# By kind of resource: each row of the table that it shows, and how CloudWatch calls what shows it
# (the metrics' reference of each service).
_RDS = {
    "cpu_utilization": {"CPUUtilization"},
    "memory_usage": {"FreeableMemory"},
    "database_connections": {"DatabaseConnections"},
}
WATCHED: Mapping[str, Mapping[str, set[str]]] = {
    DATABASE: _RDS,
    CLUSTER: _RDS,
    CACHE: {
        "cpu_utilization": {"EngineCPUUtilization", "CPUUtilization"},
        "memory_usage": {"DatabaseMemoryUsagePercentage"},
    },
    BALANCER: {
        "response_time_p95": {"TargetResponseTime"},
        "error_rate": {"HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"},
    },
    GROUP: {"cpu_utilization": {"CPUUtilization"}, "memory_usage": {"mem_used_percent"}},
}
# The table has no row for a queue: what is asked is two alarms on how old or how many its messages are.
QUEUED = {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}
# Inputs by which an alarm's dimension can name a resource; the load balancer's is the end of its ARN.
_NAMES = ("identifier", "clusterIdentifier", "replicationGroupId", "name", "arnSuffix", "id")
_LEVELS: tuple[Literal["attention", "critical"], ...] = ("attention", "critical")


class AlarmSettings(Section):
    """Which topics the levels tell."""

    attention_topic: str | None = Field(
        default=None, description="Pattern of the topics of attention, by name, like `*-attention`."
    )
    critical_topic: str | None = Field(
        default=None, description="Pattern of the topics of critical, by name, like `*-critical`."
    )


@dataclass(frozen=True)
class Alarm:
    """What an alarm reads, and of whom: dimension values, and URNs that its dimensions depend on."""

    resource: Resource
    metrics: frozenset[str]
    values: frozenset[str]
    depends: frozenset[str]

    @property
    def targets(self) -> frozenset[str]:
        """Whom it tells: ARNs of topics, or the URNs of those that have none yet. Raises NotKnown."""
        actions = self.resource.read("alarmActions", default=[])
        if UNKNOWN not in actions:
            return frozenset(actions)
        urns = self.resource.dependencies.get("alarmActions")
        if not urns:
            raise NotKnown(self.resource, ("alarmActions",))
        return frozenset(urns)


def alarm_of(resource: Resource) -> Alarm:
    """What a planned alarm reads; a metric that is not known is none."""
    queries = [each.get("metric") or {} for each in resource.blocks("metricQueries")]
    metrics = [resource.inputs.get("metricName"), *(each.get("metricName") for each in queries)]
    dimensions = [resource.inputs.get("dimensions"), *(each.get("dimensions") for each in queries)]
    values = [value for each in dimensions if isinstance(each, Mapping) for value in each.values()]
    return Alarm(
        resource,
        frozenset(name for name in metrics if isinstance(name, str)),
        frozenset(str(value) for value in values if value != UNKNOWN),
        frozenset(
            urn for name in ("dimensions", "metricQueries") for urn in resource.dependencies.get(name, ())
        ),
    )


class Alarms:
    """The alarms of a stack, found by whom they watch."""

    def __init__(self, stack: Stack) -> None:
        self._by_value: dict[str, list[Alarm]] = defaultdict(list)
        self._by_urn: dict[str, list[Alarm]] = defaultdict(list)
        self.blind: list[Alarm] = []
        for resource in stack.of(ALARM):
            alarm = alarm_of(resource)
            for value in alarm.values:
                self._by_value[value].append(alarm)
            for urn in alarm.depends:
                self._by_urn[urn].append(alarm)
            if not alarm.values and not alarm.depends:
                self.blind.append(alarm)

    def of(self, resource: Resource) -> list[Alarm]:
        """The alarms that watch a resource."""
        found = {alarm.resource.urn: alarm for alarm in self._by_urn[resource.urn]}
        for value in self._values(resource):
            found |= {alarm.resource.urn: alarm for alarm in self._by_value.get(value, ())}
        return list(found.values())

    def _values(self, resource: Resource) -> Iterator[str]:
        sources = (resource.inputs, resource.outputs)
        names = {source.get(name) for source in sources for name in _NAMES} | {resource.id}
        known = [name for name in names if isinstance(name, str) and name not in ("", UNKNOWN)]
        yield from known
        if resource.type == CACHE:  # alarms are on its nodes, whose names start with the group's
            count = resource.inputs.get("numCacheClusters")
            nodes = int(count) if isinstance(count, int | float) else 1
            yield from (f"{group}-{node:03}" for node in range(1, nodes + 1) for group in known)


def _covered(stack: Stack, settings: AlarmSettings) -> Iterator[Problem]:
    alarms = Alarms(stack)
    for resource in stack.of(*WATCHED):
        watching = alarms.of(resource)
        for metric, names in WATCHED[resource.type].items():
            about = [alarm for alarm in watching if alarm.metrics & names]
            try:
                yield from _both_levels(resource, threshold(metric), about, alarms.blind)
                yield from _told(about, threshold(metric), settings)
            except NotKnown as error:
                yield Problem.unknown(error)
    for queue in stack.of(QUEUE):
        yield from _queue(queue, alarms)


def _both_levels(
    resource: Resource, row: Threshold, about: Iterable[Alarm], blind: Iterable[Alarm]
) -> Iterator[Problem]:
    """A problem for each level of the table that no alarm of the resource has."""
    limits = {alarm.resource.read("threshold"): alarm for alarm in about}
    for level in _LEVELS:
        wanted = row.limit(level)
        if any(_is(limit, wanted) and _direction(alarm) == row.direction for limit, alarm in limits.items()):
            continue
        unseen = next(iter(blind), None)
        if unseen is not None:
            raise NotKnown(unseen.resource, ("dimensions",))
        others = ", ".join(
            f"{limit:g}" for limit in sorted(float(each) for each in limits if each is not None)
        )
        yield Problem.of(
            resource,
            f"{resource.label} has no alarm on {row.metric} {row.direction} {wanted:g} {row.unit} ({level})"
            + (f"; its alarms are at {others}" if others else ""),
            metric=row.metric,
            limit=wanted,
            advice=f"an alarm at {wanted:g} that tells the topic of {level}",
        )


def _told(about: Iterable[Alarm], row: Threshold, settings: AlarmSettings) -> Iterator[Problem]:
    """A problem for each alarm at a level of the table that tells nobody, or the wrong ones."""
    told: dict[str, frozenset[str]] = {}
    for level in _LEVELS:
        for alarm in about:
            if not _is(alarm.resource.read("threshold"), row.limit(level)):
                continue
            yield from _silent(alarm, level)
            told[level] = alarm.targets
            pattern = settings.attention_topic if level == "attention" else settings.critical_topic
            names = {target.rpartition(":")[2] for target in alarm.targets}
            if pattern and names and not any(fnmatchcase(name, pattern) for name in names):
                yield Problem.of(
                    alarm.resource,
                    f"{alarm.resource.label} ({level}) tells {', '.join(sorted(names))}, not {pattern}",
                )
    if told.get("attention") and told.get("attention") == told.get("critical"):
        critical = next(one for one in about if _is(one.resource.read("threshold"), row.critical))
        yield Problem.of(
            critical.resource,
            f"{critical.resource.label} is at critical and tells the same topic as the alarm at attention: "
            "nobody is woken by it, or everybody by both",
        )


def _silent(alarm: Alarm, level: str) -> Iterator[Problem]:
    resource = alarm.resource
    if resource.read("actionsEnabled", default=True) is False:
        yield Problem.of(resource, f"{resource.label} ({level}) tells nobody: actionsEnabled is false")
    elif not alarm.targets:
        yield Problem.of(resource, f"{resource.label} ({level}) tells nobody: it has no alarmActions")


def _queue(queue: Resource, alarms: Alarms) -> Iterator[Problem]:
    about = [alarm for alarm in alarms.of(queue) if alarm.metrics & QUEUED]
    if len({alarm.resource.inputs.get("threshold") for alarm in about}) < 2:
        yield Problem.of(
            queue,
            f"{queue.label} needs alarms at attention and at critical on {' or '.join(sorted(QUEUED))}; "
            f"it has {len(about)}",
        )


def _is(limit: Any, wanted: float) -> bool:
    return isinstance(limit, int | float) and abs(float(limit) - wanted) < 1e-9


def _direction(alarm: Alarm) -> str:
    return "above" if str(alarm.resource.read("comparisonOperator")).startswith("Greater") else "below"


POLICIES = (
    Policy(
        name="alarms-cover-thresholds",
        says="Whatever carries load has alarms at attention and critical of the threshold table.",
        severity="high",
        level="mandatory",
        source="scaling-et-croissance.md, « Métriques de scaling à surveiller »",
        check_stack=_covered,
        settings=AlarmSettings,
        example=Example(
            breaks='aws.cloudwatch.MetricAlarm("cpu", metric_name="CPUUtilization", threshold=75)',
            keeps='aws.cloudwatch.MetricAlarm("cpu-attention", threshold=70, alarm_actions=[warn])\n'
            'aws.cloudwatch.MetricAlarm("cpu-critical", threshold=90, alarm_actions=[page])',
        ),
    ),
)
