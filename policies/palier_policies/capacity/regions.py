"""N−1 regions: whichever region is lost, the others hold the whole forecast peak."""

from __future__ import annotations

from collections.abc import Iterator

from palier.capacity.structure import Structure

from palier_policies.capacity.change import Change, ForecastSettings, crossing, median
from palier_policies.policy import Example, Policy, Problem
from palier_policies.stack import Stack


def _survivors(stack: Stack, settings: ForecastSettings) -> Iterator[Problem]:
    change = Change.of(stack, settings)
    if change.elsewhere is not None or change.after.regions < 2:
        return
    mine = "regions" in change.owned
    if not mine and change.before == change.after:
        return  # the stack of the regions says it
    before = change.metrics(change.scenario, _left(change, change.before))
    for name, values in change.metrics(change.scenario, _left(change, change.after)).items():
        row = change.inputs.limits.get(name)
        if row is None:
            continue
        months = crossing(row, values, "critical", 0.5)
        if months is None or months > change.horizon_months:
            continue
        actual, day = median(values, change.horizon_months), change.day(months)
        if not mine and actual <= median(before[name], change.horizon_months):
            continue
        yield Problem(
            f"with one of {change.after.regions} regions lost, {name} would be critical ({row.direction} "
            f"{row.critical:g} {row.unit}) from {day} in scenario {change.scenario.name}, at {actual:.1f} by "
            f"{change.day(change.horizon_months)}: the rest must hold the whole peak",
            metric=name,
            actual=actual,
            limit=row.critical,
            scenario=change.scenario.name,
            date=day.isoformat(),
            advice="more instances in each region, or a further region",
        )


def _left(change: Change, after: Structure) -> Structure:
    """The platform without its largest region; each that is left may start as many as they do on average."""
    if after.regions < 2:
        return after
    most = dict(change.facts[1].region_most)
    left = after.with_changes(regions=after.regions - 1)
    at_home = after.instances_most
    if not most or at_home is None:
        return left
    sizes = sorted([*most.values(), at_home] if len(most) < after.regions else most.values())
    mean = sum(sizes[:-1]) / (len(sizes) - 1)
    return left.with_changes(
        instances_most=max(1, int(mean)), instances=min(after.instances or 1, int(mean) or 1)
    )


POLICIES = (
    Policy(
        name="n-minus-one-regions",
        says="With more than one region, those that are left after the loss of one hold the forecast peak.",
        severity="high",
        level="mandatory",
        source="AWS Well-Architected, REL10-BP01 and static stability; the phase multi-region's own promise",
        check_stack=_survivors,
        settings=ForecastSettings,
        example=Example(
            breaks="# at home up to 24 instances, here up to 2\n"
            'aws.autoscaling.Group("application-eu-west-1", min_size=2, max_size=2)',
            keeps='aws.autoscaling.Group("application-eu-west-1", min_size=2, max_size=24)',
        ),
    ),
)
