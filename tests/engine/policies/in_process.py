"""The same resources judged in this process, as the engine shows them in a preview."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from palier.capacity.platform_file import load
from palier.costs.model import UNKNOWN
from palier_policies.catalog import everything
from palier_policies.judge import Judge
from palier_policies.resources import Resource
from palier_policies.rules import Rules
from palier_policies.stack import Stack

from tests.engine.policies.cases import ID, REGION, Made
from tests.engine.policies.world import PROJECT, STACK


def judged(made: Iterable[Made], platform: Path, standing: Iterable[Made] = ()) -> set[tuple[str, str, str]]:
    """Level, policy and message of all that the judge finds.

    What another resource's id is, is known where `standing` is given.
    """
    stands = [_resource(each, stands=True) for each in standing]
    planned = [_resource(each, stands=bool(stands)) for each in made]
    stack = Stack(PROJECT, STACK, tuple(planned), lambda: stands, lambda: load(platform))
    found = Judge(everything(), Rules()).everything(stack)
    return {(each.level, each.policy, each.message) for each in found}


def _resource(made: Made, *, stands: bool) -> Resource:
    type_, name, given = made
    inputs = _put_in(given, known=stands)
    urn = f"urn:pulumi:{STACK}::{PROJECT}::{type_}::{name}"
    return Resource(
        urn, type_, given.get("region", REGION), inputs, outputs=inputs, id=name if stands else ""
    )


def _put_in(value: Any, *, known: bool) -> Any:
    """With every id of another resource put in, as the floor gives it: the resource's name."""
    if isinstance(value, dict):
        if ID in value:
            return value[ID] if known else UNKNOWN
        return {key: _put_in(each, known=known) for key, each in value.items()}
    return [_put_in(each, known=known) for each in value] if isinstance(value, list) else value
