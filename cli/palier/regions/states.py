"""Pulumi's states of the phases, told of instances that were made anew under their own names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from palier.console import Reporter
from palier.phases import catalog, operations
from palier.phases.rebinding import rebind
from palier.phases.stack import PhaseStack


class PulumiStates:
    """The states of every phase that stands in an environment."""

    def __init__(self, environment: str, report: Reporter) -> None:
        self._environment, self._report = environment, report

    def hold(self, ids: Iterable[str]) -> bool:
        """Whether any of the states knows a resource by one of these ids."""
        known = set(ids)
        return bool(known) and any(
            resource.id in known for stack in self._stacks() for resource in stack.state().resources
        )

    def rebind(self, ids: Mapping[str, str]) -> None:
        """Put new ids in the place of old ones. Raises OperationError where another palier works on one."""
        rebind(self._stacks(engine=True), ids)

    def _stacks(self, *, engine: bool = False) -> list[PhaseStack]:
        stack_of = operations.look(self._environment, self._report, engine=engine)
        return [stack for stack in map(stack_of, catalog.phases()) if stack.state().exists]
