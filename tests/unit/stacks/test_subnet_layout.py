"""The subnets of a VPC: inside it, apart, and steady when zones come and go."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier_stacks.foundation.layout import ZoneSubnets, overlapping, plan

LETTERS = "abcdefgh"


@st.composite
def vpcs(draw: st.DrawFn) -> IPv4Network:
    """A VPC of 10.0.0.0/8, of any size that the layout takes."""
    prefix = draw(st.integers(16, 22))
    return IPv4Network(
        (0x0A000000 + draw(st.integers(0, 2 ** (prefix - 8) - 1)) * 2 ** (32 - prefix), prefix)
    )


ZONES = st.lists(st.sampled_from([f"eu-west-3{letter}" for letter in LETTERS]), unique=True, min_size=1)


def _networks(subnets: tuple[ZoneSubnets, ...]) -> list[IPv4Network]:
    return [network for zone in subnets for network in (zone.public, zone.private, zone.data)]


@given(vpcs(), ZONES)
def test_subnets_are_inside_the_vpc_and_share_no_address(vpc: IPv4Network, zones: list[str]) -> None:
    networks = _networks(plan(vpc, zones))

    assert len(networks) == 3 * len(zones)
    assert all(network.subnet_of(vpc) for network in networks)
    assert overlapping(networks) is None


@given(vpcs(), ZONES, ZONES)
def test_a_zone_keeps_its_subnets_whatever_other_zones_there_are(
    vpc: IPv4Network, before: list[str], after: list[str]
) -> None:
    one, other = ({subnets.zone: subnets for subnets in plan(vpc, zones)} for zones in (before, after))

    assert all(one[zone] == other[zone] for zone in set(before) & set(after))


@given(vpcs(), ZONES)
def test_a_load_balancer_fits_in_every_public_subnet(vpc: IPv4Network, zones: list[str]) -> None:
    assert all(subnets.public.prefixlen <= 27 for subnets in plan(vpc, zones))


def test_a_vpc_of_16_bits_gives_the_application_most_of_it() -> None:
    (subnets,) = plan(IPv4Network("10.20.0.0/16"), ["eu-west-3a"])

    assert subnets == ZoneSubnets(
        "eu-west-3a",
        IPv4Network("10.20.128.0/21"),
        IPv4Network("10.20.0.0/20"),
        IPv4Network("10.20.192.0/21"),
    )


@pytest.mark.parametrize(
    ("cidr", "zone", "message"),
    [("10.0.0.0/23", "eu-west-3a", "/16 and /22"), ("10.0.0.0/16", "x-z", "from a to h")],
)
def test_what_does_not_fit_is_refused(cidr: str, zone: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan(IPv4Network(cidr), [zone])


def test_the_first_pair_that_overlaps_is_named() -> None:
    apart, wide, inside = (IPv4Network(cidr) for cidr in ("10.1.0.0/24", "10.0.0.0/16", "10.0.3.0/24"))

    assert overlapping([apart, wide, inside]) == (wide, inside)
