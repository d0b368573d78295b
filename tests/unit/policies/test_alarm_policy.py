"""Alarms cover the thresholds: what the policy says of the phases' own programs, with one thing changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from palier_policies.capacity import PACK, alarms
from palier_policies.judge import Judge
from palier_policies.rules import Rules
from palier_policies.stack import Stack

from tests.unit.policies.happy import PHASES, UNKNOWN, changed, planned, resource, stack, without

POLICY = "alarms-cover-thresholds"


def _said(plan: Stack) -> list[tuple[str, str]]:
    found = Judge(PACK, Rules()).stack(plan)
    return [(each.level, each.message) for each in found if each.policy == POLICY]


@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_is_watched_at_both_levels(phase: str) -> None:
    assert _said(planned(phase)) == []


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (
            lambda: without(planned("foundation"), alarms.ALARM, "primary-connections-attention"),
            "Instance primary has no alarm on database_connections above 70 percent of the pool "
            "(attention); its alarms are at 90",
        ),
        (
            lambda: without(planned("foundation"), alarms.ALARM, "response-time-critical"),
            "LoadBalancer application has no alarm on response_time_p95 above 5 seconds (critical); "
            "its alarms are at 2",
        ),
        (
            lambda: changed(planned("foundation"), alarms.ALARM, "primary-cpu-critical", threshold=95),
            "Instance primary has no alarm on cpu_utilization above 90 percent (critical); "
            "its alarms are at 70, 95",
        ),
        (
            lambda: changed(planned("foundation"), alarms.ALARM, "primary-cpu-critical", alarmActions=[]),
            "MetricAlarm primary-cpu-critical (critical) tells nobody: it has no alarmActions",
        ),
        (
            lambda: changed(
                planned("foundation"), alarms.ALARM, "primary-cpu-critical", actionsEnabled=False
            ),
            "MetricAlarm primary-cpu-critical (critical) tells nobody: actionsEnabled is false",
        ),
        (
            lambda: stack(resource(alarms.QUEUE, "jobs", name="jobs")),
            "Queue jobs needs alarms at attention and at critical on ApproximateAgeOfOldestMessage or "
            "ApproximateNumberOfMessagesVisible; it has 0",
        ),
    ],
)
def test_a_level_that_nothing_watches_is_refused(plan: Callable[[], Stack], message: str) -> None:
    assert _said(plan()) == [("mandatory", message)]


def test_both_levels_may_not_tell_the_same_topic() -> None:
    plan = planned("foundation")
    (attention,) = [each for each in plan.of(alarms.ALARM) if each.name == "primary-cpu-attention"]

    said = _said(
        changed(plan, alarms.ALARM, "primary-cpu-critical", alarmActions=attention.inputs["alarmActions"])
    )

    assert [level for level, _ in said] == ["mandatory"]
    assert "tells the same topic as the alarm at attention" in said[0][1]


def test_a_limit_that_is_not_known_is_said_and_does_not_pass_silently() -> None:
    said = _said(changed(planned("foundation"), alarms.ALARM, "primary-cpu-critical", threshold=UNKNOWN))

    assert said == [
        ("advisory", "not judged: MetricAlarm primary-cpu-critical: threshold is not known before up")
    ]
