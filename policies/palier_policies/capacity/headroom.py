"""Forecast headroom: the plan keeps every technical metric under attention until the horizon."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from palier_policies.capacity.change import Change, Crossing, ForecastSettings, not_here, unknown_sizes
from palier_policies.policy import Example, Policy, Problem
from palier_policies.stack import Stack

_NOTHING = 1e-9  # two medians of the same paths that differ by rounding alone


def _headroom(stack: Stack, settings: ForecastSettings) -> Iterator[Problem]:
    change = Change.of(stack, settings)
    if change.elsewhere is not None:
        yield not_here(change)
        return
    yield from unknown_sizes(change)
    yield from _stale(change)
    found = list(change.crossings(change.after))
    if not found:
        return
    earlier = {each.metric: each for each in change.crossings(change.before)}
    for crossing in found:
        before = earlier.get(crossing.metric)
        same = before is not None and (before.level, before.actual) == (crossing.level, crossing.actual)
        if crossing.level == "attention" and same and not change.owned & change.remedy.fields:
            continue  # not by this change, nor mended in this stack: the stack that can says it
        yield _problem(change, crossing, before)


def _problem(change: Change, found: Crossing, before: Crossing | None) -> Problem:
    day, horizon, advice = change.day(found.months), change.day(change.horizon_months), change.remedy.words
    message = (
        f"{found.metric} would be {found.words} ({found.row.direction} {found.limit:g} {found.row.unit}) "
        f"from {day} in scenario {change.scenario.name}, at {found.actual:.1f} by {horizon}; "
        f"what would do: {advice}"
    )
    why = _spared(change, found, before)
    mild = found.level == "attention" or why is not None
    return Problem(
        f"{message}; {why}" if why else message,
        level="advisory" if mild else "mandatory",
        metric=found.metric,
        actual=found.actual,
        limit=found.limit,
        scenario=change.scenario.name,
        date=day.isoformat(),
        advice=advice,
    )


def _spared(change: Change, found: Crossing, before: Crossing | None) -> str | None:
    """Why a change is not held back by what it does not reach; None where it is.

    A change that helps, though not enough, must go through; and so must one of a stack in which nothing of
    what would do can be set. Neither makes it worse.
    """
    if found.level == "attention" or before is None:
        return None
    above = found.row.direction == "above"
    worse = found.actual - before.actual if above else before.actual - found.actual
    if worse > _NOTHING:
        return None
    if worse < -_NOTHING:
        return f"with what stands it would be {before.actual:.1f}"
    return None if change.owned & change.remedy.fields else "not by this change, and not mended in this stack"


def _stale(change: Change) -> Iterator[Problem]:
    days = change.age(datetime.datetime.now(datetime.UTC).date())
    if days is not None:
        yield Problem(
            f"the last observation is of {change.inputs.as_of}, {days} days ago: the forecast starts there; "
            "`palier capacity collect` brings newer ones",
            level="advisory",
            date=change.inputs.as_of.isoformat(),
        )


POLICIES = (
    Policy(
        name="forecast-headroom",
        says="What is planned keeps every technical metric under attention until the horizon.",
        severity="high",
        level="mandatory",
        source="scaling-et-croissance.md, « Métriques de scaling à surveiller », « Projection des besoins »",
        check_stack=_headroom,
        settings=ForecastSettings,
        example=Example(
            breaks="# users double in a year, and the fleet may not grow\n"
            'aws.autoscaling.Group("application", min_size=6, desired_capacity=6, max_size=6)',
            keeps='aws.autoscaling.Group("application", min_size=6, desired_capacity=6, max_size=24)',
        ),
    ),
)
