"""Checks of what watches the platform: topics, alarms from the threshold table, dashboard, logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from palier.verification.model import Answer, Check, compare, row, show
from palier.verification.things import Thing, some
from palier.verification.world import AlarmWorld, Foundation

LEVELS = ("attention", "critical")


def topics(world: Foundation) -> Iterator[Answer]:
    """One topic per level, encrypted by a key."""
    for level in LEVELS:
        topic = world.topic(level)
        key = world.topic_key(topic)
        yield Answer(
            bool(key), topic.name, f"encrypted by {key}" if key else "not encrypted", "encrypted by a key"
        )


def alarm_thresholds(world: AlarmWorld) -> Iterator[Answer]:
    """For each threshold and level, an alarm with the table's number, in the table's direction."""
    for wanted in world.wanted.alarms:
        alarm = world.alarm(wanted)
        actual = f"{alarm.data['ComparisonOperator']} {show(alarm.data.get('Threshold'))}"
        yield compare(alarm.name, actual, f"{wanted.comparison} {show(wanted.threshold)}")


def alarm_subjects(world: AlarmWorld) -> Iterator[Answer]:
    """Each alarm watches resources that stand: one replaced behind its back would be watched by nobody."""
    standing = world.watchable()
    for wanted in world.wanted.alarms:
        alarm = world.alarm(wanted)
        watched = sorted(
            {each["Value"] for metric in _metrics(alarm) for each in metric.get("Dimensions", [])}
        )
        gone = [each for each in watched if each not in standing]
        actual = f"{show(gone)}, which does not stand" if gone else show(watched)
        yield Answer(bool(watched) and not gone, alarm.name, actual, "resources of the platform that stand")


def alarm_actions(world: AlarmWorld) -> Iterator[Answer]:
    """Each alarm tells the topic of its level, and may."""
    for wanted in world.wanted.alarms:
        alarm, topic = world.alarm(wanted), world.topic(wanted.level)
        actions = alarm.data.get("AlarmActions", []) if alarm.data.get("ActionsEnabled") else []
        yield Answer(
            topic.id in actions, alarm.name, show([_last(each) for each in actions]), _last(topic.id)
        )


def dashboard(world: Foundation) -> Iterator[Answer]:
    """The platform's dashboard exists."""
    names = world.dashboards()
    scope = world.things.scope
    wanted = f"{scope.platform}-{scope.environment}-platform"
    yield Answer(wanted in names, wanted, "exists" if wanted in names else "missing", "exists")


def log_retention(world: Foundation) -> Iterator[Answer]:
    """Log groups keep their logs as long as asked, not for ever."""
    for group in some(world.things.log_groups(), "log group"):
        wanted = world.wanted.flow_log_days if group.component == "network" else world.wanted.log_days
        yield compare(group.id, _days(group), f"{wanted} days")


def alarm_checks(phase: str, prefix: str, what: str) -> tuple[Check, ...]:
    """The checks of alarms, which every phase with alarms has."""
    return (
        row(
            phase,
            alarm_thresholds,
            f"{prefix}alarms",
            f"{what}, an alarm at the attention and at the critical threshold of the table",
        ),
        row(
            phase,
            alarm_subjects,
            f"{prefix}alarm-subjects",
            f"{what}, the alarms watch resources that stand",
        ),
        row(
            phase,
            alarm_actions,
            f"{prefix}alarm-actions",
            f"{what}, the alarms tell the topic of their level",
        ),
    )


def _metrics(alarm: Thing) -> list[Mapping[str, Any]]:
    """The metrics an alarm reads, one or the several of an expression."""
    queries = alarm.data.get("Metrics") or []
    return [each["MetricStat"]["Metric"] for each in queries if "MetricStat" in each] or [alarm.data]


def _days(group: Thing) -> str:
    days = group.data.get("retentionInDays")
    return f"{days} days" if days else "for ever"


def _last(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]


CHECKS = (
    row(
        "foundation",
        topics,
        "observability.topics",
        "One topic for attention and one for critical, encrypted by a key",
    ),
    *alarm_checks("foundation", "observability.", "For each technical threshold"),
    row("foundation", dashboard, "observability.dashboard", "The dashboard exists"),
    row(
        "foundation",
        log_retention,
        "observability.log-retention",
        "Log groups keep logs for as many days as asked",
    ),
)
