"""The regions of a platform, as the outputs of the phase `multi-region` tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palier.errors import InputError

PHASE = "multi-region"
AURORA = "aurora_global"


@dataclass(frozen=True)
class Site:
    """What stands in one region, by the identifiers that AWS knows it by."""

    region: str
    target_group_arn: str
    autoscaling_group_name: str
    database_identifier: str
    database_arn: str
    health_check_id: str | None


@dataclass(frozen=True)
class Targets:
    """What an operation is measured against, in seconds: time to recover, and writes that may be lost."""

    rto_seconds: float
    rpo_seconds: float


@dataclass(frozen=True)
class Demand:
    """The forecast peak of the whole platform, and what one instance carries."""

    peak_requests_per_second: float
    requests_per_second_per_instance: float


@dataclass(frozen=True)
class Topology:
    """The regions, home first. `sites` has one for each of `regions`."""

    regions: tuple[str, ...]
    sites: Mapping[str, Site]
    aurora: bool
    global_cluster_identifier: str | None
    sessions_table: str
    active_region_parameter: str
    targets: Targets
    demand: Demand

    @property
    def home(self) -> str:
        """The region of foundation."""
        return self.regions[0]

    @classmethod
    def of(cls, outputs: Mapping[str, Any], environment: str) -> Topology:
        """The topology of the phase's outputs. Raises InputError where the phase does not stand."""
        if "regional" not in outputs:
            raise InputError(f"{PHASE} does not stand in {environment}: `palier phases` tells what does")
        capacity, targets = outputs["capacity"], outputs["targets"]
        return cls(
            regions=tuple(outputs["regions"]),
            sites={region: _site(region, outputs["regional"][region]) for region in outputs["regions"]},
            aurora=outputs["database_engine"] == AURORA,
            global_cluster_identifier=outputs.get("global_cluster_identifier"),
            sessions_table=outputs["sessions_table"],
            active_region_parameter=outputs["active_region_parameter"],
            targets=Targets(float(targets["rto_seconds"]), float(targets["rpo_seconds"])),
            demand=Demand(
                float(capacity["forecast_peak_requests_per_second"]),
                float(capacity["requests_per_second_per_instance"]),
            ),
        )

    def site(self, region: str) -> Site:
        """The site of a region. Raises InputError for one that the platform is not in."""
        if region not in self.sites:
            raise InputError(f"the platform is not in {region}", key="--to", allowed=", ".join(self.regions))
        return self.sites[region]

    def others(self, region: str) -> tuple[str, ...]:
        """Every region but one."""
        return tuple(each for each in self.regions if each != region)


def _site(region: str, told: Mapping[str, Any]) -> Site:
    return Site(
        region=region,
        target_group_arn=told["target_group_arn"],
        autoscaling_group_name=told["autoscaling_group_name"],
        database_identifier=told["database_identifier"],
        database_arn=told["database_arn"],
        health_check_id=told.get("health_check_id"),
    )
