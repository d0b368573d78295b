"""A stack as its policies see it: what is planned, what stands, and the platform that it serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from palier.errors import PalierError

from palier_policies.resources import Resource

if TYPE_CHECKING:
    from palier.capacity.platform_file import Loaded

REFERENCE = "pulumi:pulumi:StackReference"


def _no_outputs(_project: str) -> None:
    return None


@dataclass(frozen=True)
class Stack:
    """`resources` are planned (or, after an `up`, there); `standing` is what stood before.

    The rest is read when a policy first asks, and raises PalierError where it cannot be: what stands, the
    platform, and by project the outputs of another stack of the environment, None where there is none.
    """

    project: str
    environment: str
    resources: tuple[Resource, ...]
    read_standing: Callable[[], Sequence[Resource]] = field(default=tuple, repr=False)
    read_platform: Callable[[], Loaded] | None = field(default=None, repr=False)
    read_outputs: Callable[[str], Mapping[str, Any] | None] = field(default=_no_outputs, repr=False)
    # What several policies work out together: the change as the capacity model sees it, its forecasts.
    shared: dict[Any, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def of(self, *types: str) -> list[Resource]:
        """The planned resources of these types, in the plan's order."""
        return [each for each in self.resources if each.type in types]

    @cached_property
    def standing(self) -> tuple[Resource, ...]:
        """What stands. Raises PalierError."""
        return tuple(self.read_standing())

    @cached_property
    def platform(self) -> Loaded:
        """palier.yaml, read. Raises PalierError."""
        if self.read_platform is None:
            raise PalierError("no palier.yaml was given")
        return self.read_platform()
