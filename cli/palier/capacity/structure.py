"""What stands, as the capacity model sees it: sizes and counts, without names, settings or clouds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from palier.capacity.platform_file import StructureSettings


@dataclass(frozen=True)
class Structure:
    """Sizes and counts. `instances` is None where nothing says how many: then load is all that is known.

    `database_vcpus` are those of one writer; each shard and each replica is like it. `instances` and
    `instances_most` are of one region. `storage_factor` is storage in units of today's.
    """

    database_vcpus: int = 2
    database_vcpus_most: int = 96
    database_proxy: bool = False
    replicas: int = 0
    shards: int = 1
    cdn: bool = False
    regions: int = 1
    instances: int | None = None
    instances_most: int | None = None
    target_cpu_percent: float = 50.0
    storage_factor: float = 1.0

    def with_changes(self, **changes: Any) -> Structure:
        """Another structure, with these fields changed."""
        return replace(self, **changes)

    @property
    def scales(self) -> bool:
        """Whether the application may start more instances than it has."""
        return bool(self.instances and self.instances_most and self.instances_most > self.instances)


def from_settings(settings: StructureSettings) -> Structure:
    """The structure that palier.yaml tells by itself."""
    fields = {name: getattr(settings, name, None) for name in Structure.__dataclass_fields__}
    return Structure(**{name: value for name, value in fields.items() if value is not None})
