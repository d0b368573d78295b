"""What stands, read from the settings of the phases, and a change of it written back as settings.

The settings are read by the phases' own models, found by entry point: nothing here imports the stacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from palier.capacity.structure import Structure
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.capacity.coefficients import Coefficient
    from palier.capacity.platform_file import StructureSettings
    from palier.capacity.roadmap import Step

# vCPUs of a size, the same for every current family of RDS and EC2 (AWS, DB instance classes): those below
# large are burstable, with two.
_VCPUS = {"micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4}
_SIZES = {2: "large", 4: "xlarge", 8: "2xlarge", 16: "4xlarge", 32: "8xlarge", 48: "12xlarge", 64: "16xlarge"}
_SIZES[96] = "24xlarge"
_TARGET_OF_BURSTABLE = "m7g"  # t classes end at 2xlarge, and are no ground for a steady load


@dataclass(frozen=True)
class SettingChange:
    """One setting of one phase, from `old` to `new`; where `new` is None, `note` says what the user does."""

    phase: str
    section: str
    name: str
    old: Any
    new: Any
    note: str = ""

    def sentence(self) -> str:
        """As the issue of a plan says it: `replicas:instances.count: 2 → 4`."""
        where = f"{self.phase}:{self.section}.{self.name}" if self.name else f"{self.phase}:{self.section}"
        return (
            f"{where}: {self.note}" if self.new is None else f"{where}: {_said(self.old)} → {_said(self.new)}"
        )


def _said(value: object) -> str:
    return "–" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def vcpus_of(instance_class: str) -> int | None:
    """vCPUs of a class or type by its size: `db.m7g.2xlarge` has 8; None for a size without a rule."""
    size = instance_class.rsplit(".", 1)[-1]
    if size in _VCPUS:
        return _VCPUS[size]
    if match := re.fullmatch(r"(\d+)xlarge", size):
        return 4 * int(match[1])
    return None


def larger_class(instance_class: str, vcpus: int) -> str | None:
    """The class of the same family with so many vCPUs; burstable ones become a general-purpose family."""
    size = _SIZES.get(vcpus)
    prefix, _, _ = instance_class.rpartition(".")
    if size is None or not prefix:
        return None
    family = prefix.rsplit(".", 1)[-1]
    if family.startswith("t"):
        prefix = prefix[: -len(family)] + _TARGET_OF_BURSTABLE
    return f"{prefix}.{size}"


def load_settings(environment: str, phases: Iterable[str]) -> dict[str, Any]:
    """The settings of phases for an environment, by phase. Raises InputError."""
    from palier.phases import catalog

    return {name: catalog.load_settings(catalog.find(name), environment) for name in phases}


def structure_of(settings: Mapping[str, Any], given: StructureSettings) -> Structure:
    """The structure that the settings describe; what palier.yaml says itself goes before."""
    found: dict[str, Any] = {}
    if foundation := settings.get("foundation"):
        application, database = foundation.application, foundation.database
        found |= {
            "instances": application.desired_instances,
            "instances_most": application.max_instances,
            "target_cpu_percent": application.target_cpu_percent,
            "database_vcpus": vcpus_of(database.instance_class),
        }
    if replicas := settings.get("replicas"):
        found |= {"replicas": replicas.instances.count, "database_proxy": replicas.proxy.enabled}
    if shards := settings.get("shards"):
        found |= {
            "shards": shards.servers.count,
            "database_vcpus": vcpus_of(shards.servers.instance_class),
        }
    if "cdn" in settings:
        found["cdn"] = True
    if regions := settings.get("multi-region"):
        found["regions"] = 1 + len(regions.regions)
    said = {name: getattr(given, name) for name in given.model_fields_set}
    fields = {**found, **said}
    return Structure(
        **{
            name: value
            for name, value in fields.items()
            if value is not None and name in Structure.__dataclass_fields__
        }
    )


def cache_hit_ratio(settings: Mapping[str, Any], model: Mapping[str, Coefficient]) -> Coefficient | None:
    """The CDN's hit ratio as its settings assume it; None where the phase has no settings."""
    from dataclasses import replace

    if "cdn" not in settings:
        return None
    assumed = float(settings["cdn"].cache.hit_ratio_percent)
    source = "cdn:cache, the settings' assumption"
    return replace(model["cache_hit_ratio"], low=assumed, mid=assumed, high=assumed, source=source)


def setting_changes(
    step: Step, settings: Mapping[str, Any], standing: Iterable[str] = ("foundation",)
) -> list[SettingChange]:
    """What a step of the roadmap changes of the settings, which are never made less.

    A larger database is one for all database servers of the phases that are `standing`. Raises InputError
    where no class has so many vCPUs.
    """
    old = _old(step, settings)
    section, _, name = step.setting.partition(".")
    if step.move == "vertical":
        if old is None:
            return [SettingChange(step.phase, section, name, None, None, f"a class of {step.new} vCPUs")]
        stand = [phase for phase in _SERVERS if phase in standing]
        return [change for phase in stand for change in _classes(phase, step.database_vcpus, settings)]
    if step.move == "storage":
        if old is None:
            note = f"{step.new:g} times today's storage"
            return [SettingChange(step.phase, section, name, None, None, note)]
        # Of what is allocated, which --apply leaves alone: a second run wants the same again.
        wanted = ceil(settings[step.phase].database.allocated_storage_gib * step.new)
        return [SettingChange(step.phase, section, name, old, wanted)] if old < wanted else []
    if step.move in ("instances", "replicas", "shards"):
        enough = old is not None and old >= step.new
        count = SettingChange(step.phase, section, name, step.old if old is None else old, int(step.new))
        # A replica or shard counts for what the model takes it for only where it is as large as the writer.
        classes = [] if step.move == "instances" else _classes(step.phase, step.database_vcpus, settings)
        return [*([] if enough else [count]), *classes]
    if step.move == "proxy":
        if old:
            return []
        return [SettingChange(step.phase, section, name, bool(old), True)]
    note = {
        "cdn": "bring the phase cdn up: its settings are the platform's own (docs/phases/cdn.md)",
        "multi-region": f"{int(step.new)} regions: name the further ones (docs/phases/multi-region.md)",
    }[step.move]
    return [SettingChange(step.phase, section, name, None, None, note)]


_SERVERS = {"foundation": "database", "replicas": "instances", "shards": "servers"}


def _classes(phase: str, vcpus: int, settings: Mapping[str, Any]) -> list[SettingChange]:
    """The change of a phase's database servers to a class of so many vCPUs, where theirs has fewer."""
    section = _SERVERS.get(phase)
    if section is None or phase not in settings:
        return []
    old = getattr(settings[phase], section).instance_class
    if (vcpus_of(old) or 0) >= vcpus:
        return []
    wanted = larger_class(old, vcpus)
    if wanted is None:
        raise InputError(f"no class of {vcpus} vCPUs is known", key=f"{phase}:{section}.instance_class")
    return [SettingChange(phase, section, "instance_class", old, wanted)]


def _old(step: Step, settings: Mapping[str, Any]) -> Any:
    value = settings.get(step.phase)
    for part in step.setting.split("."):
        value = getattr(value, part, None)
    return value
