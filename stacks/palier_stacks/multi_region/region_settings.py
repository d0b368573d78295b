"""Settings of one further region, and what is refused of it."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import BeforeValidator, Field

from palier_stacks import facts
from palier_stacks.foundation.layout import ZoneSubnets
from palier_stacks.foundation.network_settings import NetworkSettings
from palier_stacks.settings import Section, nearest, refuse


def _known_region(value: object) -> object:
    if isinstance(value, str) and value not in facts.regions():
        raise refuse(f"unknown region {value!r}", allowed=nearest(value, facts.regions()))
    return value


class RegionSettings(Section):
    """One further region. What is left out here is as in `application`."""

    region: Annotated[str, BeforeValidator(_known_region)] = Field(description="AWS region, not the home.")
    network: NetworkSettings = Field(description="Addresses and zones; its VPC overlaps no other.")
    certificate_arn: str | None = Field(
        default=None, description="ACM certificate of this region: HTTPS; left out, plain HTTP."
    )
    min_instances: int | None = Field(default=None, ge=1, description="Fewest instances in this region.")
    desired_instances: int | None = Field(default=None, ge=1, description="Instances to start with.")
    max_instances: int | None = Field(
        default=None, ge=1, description="Most instances: what it can take over when another region is lost."
    )

    @property
    def zones(self) -> list[str]:
        """Availability zones, in order."""
        return self.network.zones(self.region)

    @property
    def subnets(self) -> tuple[ZoneSubnets, ...]:
        """Subnets by zone."""
        return self.network.subnets(self.region)


def refuse_overlap(network: IPv4Network, taken: IPv4Network, other: str, at: str) -> None:
    """Refuse addresses of which `other` has some; `at` is the setting that gives them."""
    if network.overlaps(taken):
        raise refuse(
            f"{network} overlaps {taken} of {other}; peered VPCs share no address",
            allowed=f"a range apart from {taken}",
            at=at,
        )


def refuse_misfit(entry: RegionSettings, at: str) -> None:
    """Refuse zones that the region does not have, and a certificate of another region."""
    try:
        entry.network.subnets(entry.region)
    except ValueError as error:  # of the network's own checks, which say where below the region
        context = getattr(error, "context", None) or {}
        raise refuse(
            context.get("problem", str(error)), allowed=context.get("allowed"), at=f"{at}.{context.get('at')}"
        ) from None
    certificate = entry.certificate_arn
    if certificate is None:
        return
    found = re.fullmatch(r"arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate/[0-9a-f-]+", certificate)
    if found is None or found[1] != entry.region:
        raise refuse(
            f"{certificate!r} is not a certificate of {entry.region}",
            allowed=f"arn:aws:acm:{entry.region}:<account>:certificate/<id>",
            at=f"{at}.certificate_arn",
        )
