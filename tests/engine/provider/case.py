"""A case of a resource type: the fewest inputs that make it, a change in place, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.engine.provider.world import World
from tests.engine.support.driven import Properties


@dataclass(frozen=True)
class Case:
    """`inputs` make one; `change` merged over them is an update in place; `refused` must not pass a check."""

    inputs: Callable[[World], Properties]
    change: Callable[[World], Properties] | None = None
    refused: Properties = field(default_factory=dict)
    """Inputs over the case's own, of which the first-named is refused."""
    says: str = ""
    """What the refusal says."""


def fixed(**inputs: object) -> Callable[[World], Properties]:
    """The same inputs in every world."""
    return lambda world: dict(inputs)
