"""No blind scale-down: what takes capacity away leaves the current peak under attention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from palier.capacity.structure import Structure

from palier_policies.capacity.change import Change, ForecastSettings, crossing, unknown_sizes
from palier_policies.capacity.facts import lost
from palier_policies.policy import Example, Policy, Problem
from palier_policies.stack import Stack

_WITHIN_MONTHS = 12.0
# Fields of the structure of which less is less capacity, as people say it.
_COUNTED: Mapping[str, str] = {
    "replicas": "replicas",
    "shards": "shards",
    "regions": "regions",
    "instances": "instances",
    "instances_most": "instances that scaling may start",
    "database_vcpus": "vCPUs of the database",
}
_SWITCHED: Mapping[str, str] = {"database_proxy": "the connection proxy", "cdn": "the CDN"}


def removed(before: Structure, after: Structure) -> list[str]:
    """What a change takes away, in words: `1 of 3 replicas`."""
    found = []
    for name, words in _COUNTED.items():
        old, new = getattr(before, name) or 0, getattr(after, name) or 0
        if new < old:
            found.append(f"{old - new} of {old} {words}")
    found += [
        words for name, words in _SWITCHED.items() if getattr(before, name) and not getattr(after, name)
    ]
    if after.storage_factor < before.storage_factor:
        found.append(f"{100 * (1 - after.storage_factor):.0f} percent of the storage")
    return found


def _scale_down(stack: Stack, settings: ForecastSettings) -> Iterator[Problem]:
    change = Change.of(stack, settings)
    if change.elsewhere is not None or not change.stands:
        return  # forecast-headroom says so; nothing that stands is nothing that could be taken away
    yield from unknown_sizes(change)
    for words in lost(*change.facts):
        yield Problem(f"removes {words}: no metric of palier.yaml tells what that leaves", level="advisory")
    words = ", ".join(removed(change.before, change.after))
    if words:
        yield from _peak(change, words)


def _peak(change: Change, words: str) -> Iterator[Problem]:
    """A finding for each metric that the removal brings over attention, today or soon."""
    import numpy as np

    today = np.ones((2, change.forecaster.paths))
    now = change.forecaster.technical(today, change.before)
    then = change.forecaster.technical(today, change.after)
    soon = change.metrics(change.scenario, change.after)
    for name, values in then.items():
        row = change.inputs.limits.get(name)
        before, actual = float(np.median(now[name][1])), float(np.median(values[1]))
        worse = actual > before if row and row.direction == "above" else actual < before
        if row is None or not worse:
            continue
        over = row.level(actual) != "ok"
        months = crossing(row, soon[name], "critical", 0.5)
        earlier = crossing(row, change.metrics(change.scenario, change.before)[name], "critical", 0.5)
        sooner = months is not None and months <= _WITHIN_MONTHS and months < (earlier or np.inf)
        if not over and not (sooner and months is not None and months <= change.horizon_months):
            continue
        yield _problem(change, words, name, before, actual, months)


def _problem(
    change: Change, words: str, name: str, before: float, actual: float, months: float | None
) -> Problem:
    row = change.inputs.limits.get(name)
    assert row is not None
    message = f"removes {words}: {name} at {actual:.1f} {row.unit} under today's peak instead of {before:.1f}"
    message += f" (attention {row.direction} {row.attention:g})"
    day = None
    if months is not None and months <= _WITHIN_MONTHS:
        day = change.day(months)
        days = (day - change.inputs.as_of).days
        message += f", critical in {days} days ({day}, scenario {change.scenario.name})"
    return Problem(
        message,
        metric=name,
        actual=actual,
        limit=row.attention,
        scenario=change.scenario.name,
        date=day.isoformat() if day else None,
        advice="keep what stands, or take away less",
    )


POLICIES = (
    Policy(
        name="no-blind-scale-down",
        says="A change that removes capacity leaves the current peak under attention.",
        severity="critical",
        level="mandatory",
        source="scaling-et-croissance.md, « Métriques de scaling à surveiller »",
        check_stack=_scale_down,
        settings=ForecastSettings,
        example=Example(
            breaks="# three replicas stand, and the connections of two would be at 85 percent\n"
            'for index in range(2):\n    aws.rds.Instance(f"replica-{index}", replicate_source_db="primary")',
            keeps="for index in range(3):\n"
            '    aws.rds.Instance(f"replica-{index}", replicate_source_db="primary")',
        ),
    ),
)
