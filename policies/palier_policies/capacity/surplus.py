"""Over-provisioned: capacity that not even the optimistic scenario's P90 uses within a year, and its cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from palier.capacity.standing import larger_class, vcpus_of
from palier.capacity.structure import Structure
from pydantic import Field

from palier_policies.capacity.change import Change, ForecastSettings, crossing
from palier_policies.capacity.facts import CLUSTER_INSTANCE, DATABASE, GROUP
from palier_policies.capacity.pricing import priced
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import Resource
from palier_policies.stack import Stack

_IN_TEN = 0.1  # one path in ten has crossed: the P90 of a metric is over its level


class SurplusSettings(ForecastSettings):
    """Which growth would be the most, and for how long capacity may wait to be used."""

    optimistic_scenario: str | None = Field(
        default=None, description="The scenario of most growth; left out, the last one of palier.yaml."
    )
    within_months: int = Field(default=12, ge=1, le=12, description="How soon it must be used.")
    least_instances: int = Field(
        default=2, ge=1, description="Instances that stay whatever the load, for availability."
    )


@dataclass(frozen=True)
class Surplus:
    """One kind of capacity: what is planned, what is enough, and the resources with no more than that."""

    what: str
    planned: int
    enough: int
    trimmed: Callable[[Sequence[Resource]], list[Resource]]


def _over_provisioned(stack: Stack, settings: SurplusSettings) -> Iterator[Problem]:
    change = Change.of(stack, settings)
    if change.elsewhere is not None:
        return  # forecast-headroom says so
    scenario = change.named(settings.optimistic_scenario or list(change.platform.scenarios)[-1])
    tried = _Tried(change, settings, scenario)
    for surplus in tried.found():
        cost = _cost(stack, surplus)
        costs = "" if cost is None else f"; the rest costs {cost:.2f} USD a month, by list price"
        yield Problem(
            f"{surplus.enough} of {surplus.planned} {surplus.what} are enough: with them no metric reaches "
            f"attention within {settings.within_months} months in the P90 of scenario {scenario.name}{costs}",
            level="advisory",
            actual=float(surplus.planned),
            limit=float(surplus.enough),
            scenario=scenario.name,
            date=change.day(settings.within_months).isoformat(),
            monthly_usd=None if cost is None else float(cost),
        )


class _Tried:
    """Smaller structures than the planned one, and whether they would do."""

    def __init__(self, change: Change, settings: SurplusSettings, scenario: Any) -> None:
        self.change, self.settings, self.scenario = change, settings, scenario
        self._trouble = self._troubles(change.after)

    def found(self) -> Iterator[Surplus]:
        """Each kind of capacity of which less than planned would do, by itself."""
        change, after = self.change, self.change.after
        if "replicas" in change.owned and after.replicas:
            enough = self._least(range(after.replicas), lambda count: {"replicas": count})
            if enough is not None:
                drop = after.replicas - enough
                yield Surplus("replicas", after.replicas, enough, partial(_fewer_replicas, drop=drop))
        if "instances" in change.owned and after.instances:
            least = min(self.settings.least_instances, after.instances)
            sizes = range(least, after.instances)
            # With no more than that, and no scaling: then the rest of the fixed fleet only waits.
            enough = self._least(sizes, lambda count: {"instances": count, "instances_most": count})
            if enough is not None:
                fewer = partial(_fewer_instances, count=enough)
                yield Surplus("fixed instances", after.instances, enough, fewer)
        if "database_vcpus" in change.owned:
            sizes_below = [size for size in (2, 4, 8, 16, 32, 48, 64, 96) if size < after.database_vcpus]
            enough = self._least(sizes_below, lambda count: {"database_vcpus": count})
            if enough is not None:
                smaller = partial(_smaller_classes, vcpus=enough)
                yield Surplus("vCPUs of the database", after.database_vcpus, enough, smaller)

    def _least(self, sizes: Sequence[int], changes: Callable[[int], dict[str, Any]]) -> int | None:
        """The least size that brings no metric into trouble, and makes none worse that is in it already."""
        for size in sizes:
            smaller = self.change.after.with_changes(**changes(size))
            if self._troubles(smaller) <= self._trouble and not self._worse(smaller):
                return size
        return None

    def _worse(self, structure: Structure) -> bool:
        planned, then = (self.change.metrics(self.scenario, each) for each in (self.change.after, structure))
        return any(bool((then[name][-1] > planned[name][-1]).any()) for name in self._trouble if name in then)

    def _troubles(self, structure: Structure) -> frozenset[str]:
        metrics = self.change.metrics(self.scenario, structure)
        months = self.settings.within_months
        return frozenset(
            name
            for name, values in metrics.items()
            if (row := self.change.inputs.limits.get(name)) is not None
            and crossing(row, values[: months + 1], "attention", _IN_TEN) is not None
        )


def _cost(stack: Stack, surplus: Surplus) -> Decimal | None:
    """US dollars a month of what is more than enough; None where a price is missing."""
    planned, enough = priced(stack, stack.resources), priced(stack, surplus.trimmed(stack.resources))
    if planned.unpriced != enough.unpriced:
        return None
    return planned.usd - enough.usd or None  # nothing: what is trimmed has no price, before or after


def _is_replica(resource: Resource) -> bool:
    return resource.type == DATABASE and bool(resource.inputs.get("replicateSourceDb"))


def _fewer_replicas(resources: Sequence[Resource], drop: int) -> list[Resource]:
    dropped = {each.urn for each in [each for each in resources if _is_replica(each)][-drop:]}
    return [each for each in resources if each.urn not in dropped]


def _fewer_instances(resources: Sequence[Resource], count: int) -> list[Resource]:
    return [
        _with(each, desiredCapacity=count, minSize=count) if each.type == GROUP else each
        for each in resources
    ]


def _smaller_classes(resources: Sequence[Resource], vcpus: int) -> list[Resource]:
    return [_smaller(each, vcpus) for each in resources]


def _smaller(resource: Resource, vcpus: int) -> Resource:
    if resource.type not in (DATABASE, CLUSTER_INSTANCE):
        return resource
    planned = str(resource.inputs.get("instanceClass", ""))
    smaller = larger_class(planned, vcpus) if (vcpus_of(planned) or 0) > vcpus else None
    return _with(resource, instanceClass=smaller) if smaller else resource


def _with(resource: Resource, **inputs: Any) -> Resource:
    return replace(resource, inputs={**resource.inputs, **inputs})


POLICIES = (
    Policy(
        name="over-provisioned",
        says="Capacity is used within a year, at least with the growth of the optimistic scenario's P90.",
        severity="low",
        level="advisory",
        source="scaling-et-croissance.md, « KPIs de croissance technique »: infrastructure cost below 10 %",
        check_stack=_over_provisioned,
        settings=SurplusSettings,
        example=Example(
            breaks="# one replica is enough for five times the users\n"
            'for index in range(4):\n    aws.rds.Instance(f"replica-{index}", replicate_source_db="primary")',
            keeps='aws.rds.Instance("replica-0", replicate_source_db="primary")',
        ),
    ),
)
