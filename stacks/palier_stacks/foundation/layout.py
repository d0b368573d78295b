"""How the VPC's addresses are shared out: pure arithmetic, no AWS.

Half of the VPC goes to the private tier, where the application scales; a quarter each to the public tier
(load balancer, NAT) and the data tier. Each tier has eight slots, and a zone takes the slot of its letter:
adding or removing a zone never moves another zone's subnet, which would replace it and all that is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import combinations

SLOTS = "abcdefgh"
# AWS: a VPC is between /16 and /28; an Application Load Balancer wants subnets of /27 or larger.
# The smallest slot is five bits below the VPC, so /22 is the smallest VPC that fits.
LARGEST_PREFIX, SMALLEST_PREFIX = 16, 22
# RFC 1918 and, for those who have run out of it, RFC 6598.
PRIVATE_RANGES = tuple(
    IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


@dataclass(frozen=True, slots=True)
class ZoneSubnets:
    """The three subnets of one availability zone."""

    zone: str
    public: IPv4Network
    private: IPv4Network
    data: IPv4Network


def plan(vpc: IPv4Network, zones: Sequence[str]) -> tuple[ZoneSubnets, ...]:
    """Subnets for each zone; ValueError for a VPC outside /16 to /22 or a zone beyond the letter h."""
    if not LARGEST_PREFIX <= vpc.prefixlen <= SMALLEST_PREFIX:
        raise ValueError(f"a VPC is between /{LARGEST_PREFIX} and /{SMALLEST_PREFIX}, not /{vpc.prefixlen}")
    private_half, rest = vpc.subnets(prefixlen_diff=1)
    public_quarter, data_quarter = rest.subnets(prefixlen_diff=1)
    tiers = [list(tier.subnets(prefixlen_diff=3)) for tier in (public_quarter, private_half, data_quarter)]
    subnets = []
    for zone in zones:
        slot = SLOTS.find(zone[-1:])
        if slot < 0:
            raise ValueError(f"zone {zone!r} does not end in a letter from a to h")
        public, private, data = (tier[slot] for tier in tiers)
        subnets.append(ZoneSubnets(zone, public, private, data))
    return tuple(subnets)


def overlapping(networks: Sequence[IPv4Network]) -> tuple[IPv4Network, IPv4Network] | None:
    """The first two that share an address, or None."""
    return next((pair for pair in combinations(networks, 2) if pair[0].overlaps(pair[1])), None)
