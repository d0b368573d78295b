"""Settings of the network: addresses, zones, NAT gateways."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from palier_stacks import facts
from palier_stacks.foundation import layout
from palier_stacks.settings import Section, distinct, nearest, refuse

TIERS = ("public_cidrs", "private_cidrs", "data_cidrs")


def _cidr(value: str) -> str:
    try:
        network = IPv4Network(value)
    except (AddressValueError, NetmaskValueError):
        raise refuse(f"{value!r} is not an IPv4 CIDR", allowed="like 10.20.0.0/16") from None
    except ValueError:
        whole = IPv4Network(value, strict=False)
        raise refuse(f"{value!r} has host bits set", allowed=str(whole)) from None
    return str(network)


def _vpc_cidr(value: str) -> str:
    network = IPv4Network(_cidr(value))
    if not layout.LARGEST_PREFIX <= network.prefixlen <= layout.SMALLEST_PREFIX:
        raise refuse(
            f"a VPC of /{network.prefixlen} does not hold the three tiers",
            allowed=f"/{layout.LARGEST_PREFIX} to /{layout.SMALLEST_PREFIX}",
        )
    if not any(network.subnet_of(private) for private in layout.PRIVATE_RANGES):
        ranges = ", ".join(map(str, layout.PRIVATE_RANGES))
        raise refuse(f"{value} is not a private range", allowed=f"within {ranges}")
    return str(network)


Cidr = Annotated[str, AfterValidator(_cidr)]
Zones = Annotated[list[str], AfterValidator(distinct)]


class NetworkSettings(Section):
    """Addresses and zones. Subnets follow from the VPC's CIDR unless all three lists are given."""

    vpc_cidr: Annotated[str, AfterValidator(_vpc_cidr)] = Field(
        default="10.20.0.0/16", description="Addresses of the VPC, /16 to /22, in a private range."
    )
    availability_zones: Zones | None = Field(
        default=None, min_length=2, description="Zones by name; leave out to take the region's first ones."
    )
    zone_count: int | None = Field(
        default=None,
        ge=2,
        le=6,
        description="How many zones to take where they are not named; 3 if left out.",
    )
    nat_gateways: Literal["one_per_zone", "single"] = Field(
        default="one_per_zone",
        description="One NAT gateway per zone survives the loss of a zone; a single one costs less.",
    )
    public_cidrs: list[Cidr] | None = Field(
        default=None, description="Public subnets, one per zone, /27 or larger; derived if left out."
    )
    private_cidrs: list[Cidr] | None = Field(
        default=None, description="Private subnets of the application, one per zone; derived if left out."
    )
    data_cidrs: list[Cidr] | None = Field(
        default=None, description="Subnets of databases and caches, one per zone; derived if left out."
    )
    flow_log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = Field(
        default=30, description="How long flow logs are kept, of the periods that CloudWatch Logs offers."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.availability_zones is not None and self.zone_count is not None:
            raise refuse(
                "cannot be given beside availability_zones", allowed="one of the two", at="zone_count"
            )
        given = [tier for tier in TIERS if getattr(self, tier) is not None]
        if given and len(given) < len(TIERS):
            missing = next(tier for tier in TIERS if tier not in given)
            raise refuse(f"missing, while {given[0]} is given", allowed="all three lists or none", at=missing)
        vpc = IPv4Network(self.vpc_cidr)
        networks: list[IPv4Network] = []
        for tier in given:
            for index, cidr in enumerate(getattr(self, tier)):
                network = IPv4Network(cidr)
                place = f"{tier}[{index}]"
                if not network.subnet_of(vpc):
                    raise refuse(f"{cidr} is outside the VPC", allowed=f"within {vpc}", at=place)
                if tier == "public_cidrs" and network.prefixlen > 27:
                    raise refuse(
                        f"{cidr} is too small for a load balancer", allowed="/27 or larger", at=place
                    )
                networks.append(network)
                if pair := layout.overlapping(networks):
                    raise refuse(f"{cidr} overlaps {pair[0]}", allowed="subnets apart", at=place)
        return self

    def zones(self, region: str) -> list[str]:
        """The zones to use in `region`; refuses more than it has, and names that it does not have."""
        known = facts.zones(region)
        if self.availability_zones is None:
            count = self.zone_count or 3
            if count > len(known):
                raise refuse(
                    f"{region} has {len(known)} availability zones, not {count}",
                    allowed=f"2 to {len(known)}",
                    at="network.zone_count",
                )
            return list(known[:count])
        for index, zone in enumerate(self.availability_zones):
            if zone not in known:
                raise refuse(
                    f"no zone {zone!r} in {region}",
                    allowed=nearest(zone, known, count=6),
                    at=f"network.availability_zones[{index}]",
                )
        return self.availability_zones

    def subnets(self, region: str) -> tuple[layout.ZoneSubnets, ...]:
        """Subnets by zone; refuses lists that are not of one CIDR per zone."""
        zones = self.zones(region)
        if self.public_cidrs is None or self.private_cidrs is None or self.data_cidrs is None:
            return layout.plan(IPv4Network(self.vpc_cidr), zones)
        for tier in TIERS:
            count = len(getattr(self, tier))
            if count != len(zones):
                raise refuse(
                    f"{count} CIDRs for {len(zones)} zones", allowed="one per zone", at=f"network.{tier}"
                )
        cidrs = zip(zones, self.public_cidrs, self.private_cidrs, self.data_cidrs, strict=True)
        return tuple(
            layout.ZoneSubnets(zone, IPv4Network(public), IPv4Network(private), IPv4Network(data))
            for zone, public, private, data in cidrs
        )
