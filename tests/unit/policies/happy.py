"""The phases' own programs as a policy sees them: happy plans, of which a test changes one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from palier.costs.model import UNKNOWN
from palier_policies.resources import Resource
from palier_policies.stack import REFERENCE, Stack

from tests.unit.stacks import conftest as programs
from tests.unit.stacks.mocked import Recorder

REGION = "eu-west-3"
PHASES = ("foundation", "replicas", "shards", "cdn", "multi-region")


def resource(
    type_: str,
    logical: str = "it",
    /,
    *,
    project: str = "foundation",
    environment: str = "production",
    **inputs: Any,
) -> Resource:
    """A planned resource with these inputs, by Pulumi's names."""
    return Resource(f"urn:pulumi:{environment}::{project}::{type_}::{logical}", type_, REGION, inputs)


def stack(
    *resources: Resource,
    project: str = "foundation",
    environment: str = "production",
    standing: tuple[Resource, ...] = (),
) -> Stack:
    """A stack that plans these resources."""
    return Stack(project, environment, resources, lambda: standing)


def reference(project: str, **outputs: Any) -> Resource:
    """What a stack reads of another."""
    found = resource(
        REFERENCE, f"organization/{project}/production", name=f"organization/{project}/production"
    )
    return replace(found, outputs={"outputs": outputs})


@cache
def _foundation() -> tuple[Recorder, dict[str, Any]]:
    return programs.build_foundation(programs.read_config("foundation"))


_BUILDERS: Mapping[str, Callable[..., tuple[Recorder, dict[str, Any]]]] = {
    "replicas": programs.build_replicas,
    "shards": programs.build_shards,
    "cdn": programs.build_cdn,
    "multi-region": programs.build_multi_region,
}


@cache
def planned(phase: str) -> Stack:
    """The plan of a phase with its local settings, every value known, in the environment `local`."""
    recorder, outputs = _foundation()
    references: list[Resource] = []
    if phase != "foundation":
        given = {**outputs, "key_value_store_arn": "arn:store"}
        recorder, _ = _BUILDERS[phase](programs.read_config(phase), given)
        references = [reference("foundation", **given)]
    found = [
        Resource(
            urn=f"urn:pulumi:local::{phase}::{each.type}::{each.name}",
            type=each.type,
            region=REGION,
            inputs=each.inputs,
            outputs=each.outputs,
            id=each.id,
            custom=not each.type.startswith("palier:"),
        )
        for each in recorder.resources
    ]
    return Stack(phase, "local", (*found, *references))


def changed(plan: Stack, type_: str, name: str | None = None, **inputs: Any) -> Stack:
    """The plan with inputs of one resource changed (without a name, its type's first); None removes one."""
    chosen = next(each for each in plan.of(type_) if name in (None, each.name))
    merged = {key: value for key, value in {**chosen.inputs, **inputs}.items() if value is not None}
    others = tuple(replace(chosen, inputs=merged) if each is chosen else each for each in plan.resources)
    return replace(plan, resources=others)


def without(plan: Stack, type_: str, *names: str) -> Stack:
    """The plan without resources of a type: all of them, or those named."""
    kept = [each for each in plan.resources if each.type != type_ or (names and each.name not in names)]
    return replace(plan, resources=tuple(kept))


__all__ = ["UNKNOWN", "changed", "planned", "reference", "resource", "stack", "without"]
