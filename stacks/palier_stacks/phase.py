"""What a scaling phase says of itself, for whoever lists, orders and runs the phases."""

from __future__ import annotations

from dataclasses import dataclass

from palier_stacks.settings import PhaseSettings


@dataclass(frozen=True, slots=True)
class Phase:
    """One Pulumi project of the platform.

    `order` sorts the phases; `requires` names those that must stand before this one; `settings` is the
    model of its Pulumi config. Importing a phase imports no Pulumi: the command line stays quick.
    """

    name: str
    order: int
    requires: tuple[str, ...]
    summary: str
    settings: type[PhaseSettings]
