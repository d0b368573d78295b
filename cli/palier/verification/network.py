"""Checks of foundation's network and of who may talk to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from palier.verification.model import Answer, compare, row, show
from palier.verification.things import Thing, some
from palier.verification.world import Foundation

ANYWHERE = {"0.0.0.0/0", "::/0"}


def vpc(world: Foundation) -> Iterator[Answer]:
    """One VPC, with the CIDR block asked for."""
    for found in some(world.things.vpcs(), "VPC"):
        yield compare(found.subject, found.data["CidrBlock"], world.wanted.vpc_cidr)


def subnets(world: Foundation) -> Iterator[Answer]:
    """Every tier has its subnet in each zone asked for, and there is no other subnet."""
    asked = {cidr: f"{tier} subnet in {zone}" for (tier, zone), cidr in world.wanted.subnets.items()}
    found = {each.data["CidrBlock"]: each for each in world.things.subnets()}
    for (_, zone), cidr in world.wanted.subnets.items():
        actual = found[cidr].data["AvailabilityZone"] if cidr in found else "missing"
        yield compare(f"{asked[cidr]} ({cidr})", actual, zone)
    for cidr, subnet in found.items():
        if cidr not in asked:
            yield Answer(False, subnet.subject, cidr, "none but the subnets asked for")


def data_isolated(world: Foundation) -> Iterator[Answer]:
    """No route out of the data subnets."""
    for subnet in some(world.tier("data"), "data subnet"):
        ways = [_way(route) for route in _default_routes(world, subnet)]
        yield Answer(not ways, subnet.subject, show(ways), "no route to the internet")


def public_routes(world: Foundation) -> Iterator[Answer]:
    """Public subnets go out by the internet gateway."""
    for subnet in some(world.tier("public"), "public subnet"):
        ways = [_way(route) for route in _default_routes(world, subnet)]
        ok = len(ways) == 1 and ways[0].startswith("igw-")
        yield Answer(ok, subnet.subject, show(ways), "an internet gateway")


def nat_gateways(world: Foundation) -> Iterator[Answer]:
    """As many NAT gateways as asked for, all available."""
    states = [each.data["State"] for each in world.things.nat_gateways()]
    yield compare("NAT gateways", states, ["available"] * world.wanted.nat_gateways)


def private_routes(world: Foundation) -> Iterator[Answer]:
    """Private subnets go out by a NAT gateway of ours, of their own zone where each zone has one."""
    zone_of_subnet = {each.id: each.data["AvailabilityZone"] for each in world.things.subnets()}
    zone_of_nat = {each.id: zone_of_subnet.get(each.data["SubnetId"]) for each in world.things.nat_gateways()}
    per_zone = world.wanted.nat_gateways == len(world.wanted.zones)
    for subnet in some(world.tier("private"), "private subnet"):
        ways = [_way(route) for route in _default_routes(world, subnet)]
        zone = subnet.data["AvailabilityZone"]
        ok = len(ways) == 1 and ways[0] in zone_of_nat and (not per_zone or zone_of_nat[ways[0]] == zone)
        yield Answer(ok, subnet.subject, show(ways), f"a NAT gateway{f' in {zone}' if per_zone else ''}")


def flow_logs(world: Foundation) -> Iterator[Answer]:
    """The VPC's traffic is logged, all of it."""
    for found in some(world.things.vpcs(), "VPC"):
        kept = sorted(
            each["TrafficType"] for each in world.flow_logs(found) if each["FlowLogStatus"] == "ACTIVE"
        )
        yield Answer("ALL" in kept, found.subject, show(kept), "ALL")


def open_to_world(world: Foundation) -> Iterator[Answer]:
    """Nothing lets the internet in, but for the load balancer's security groups."""
    doors = {group for balancer in world.things.load_balancers() for group in balancer.data["SecurityGroups"]}
    for group in some(world.things.security_groups(), "security group"):
        if group.id in doors:
            continue
        opened = [
            f"{_ports(rule)} from {source}"
            for rule in group.data["IpPermissions"]
            for source in sorted(_sources(rule))
            if _is_public(source)
        ]
        yield Answer(not opened, group.subject, show(opened), "nothing open to public addresses")


def database_source(world: Foundation) -> Iterator[Answer]:
    """Only applications, of this region or of a peered one, and the pool reach the database, at its port."""
    application = {group for template in world.templates() for group in world.template_groups(template)}
    allowed = application | set(world.pool_groups()) | set(world.peered_blocks())
    database = world.primary()
    groups = {each["VpcSecurityGroupId"] for each in database.data["VpcSecurityGroups"]}
    port = database.data.get("Endpoint", {}).get("Port", database.data.get("DbInstancePort"))
    for group in some(
        [g for g in world.things.security_groups() if g.id in groups], "database security group"
    ):
        for rule in some(group.data["IpPermissions"], f"rule in {group.subject}"):
            strangers = _sources(rule) - allowed
            ok = not strangers and bool(_sources(rule)) and _ports(rule) == f"tcp {port}"
            actual = f"{_ports(rule)} from {show(_sources(rule))}"
            yield Answer(ok, group.subject, actual, f"tcp {port} from {show(allowed)}")


def _default_routes(world: Foundation, subnet: Thing) -> list[Mapping[str, Any]]:
    """Routes to everywhere in the subnet's own table, or in the VPC's main one where it has none."""
    own = main = None
    for table in world.all_route_tables():
        for association in table["Associations"]:
            if association.get("SubnetId") == subnet.id:
                own = table
            elif association.get("Main") and table["VpcId"] == subnet.data["VpcId"]:
                main = table
    table = own or main or {"Routes": []}
    return [route for route in table["Routes"] if ANYWHERE & {*_destinations(route)}]


def _destinations(route: Mapping[str, Any]) -> list[str]:
    return [str(route[key]) for key in ("DestinationCidrBlock", "DestinationIpv6CidrBlock") if key in route]


def _way(route: Mapping[str, Any]) -> str:
    """Where a route leads, as AWS names it."""
    keys = ("NatGatewayId", "GatewayId", "EgressOnlyInternetGatewayId", "TransitGatewayId")
    return next((str(route[key]) for key in keys if route.get(key)), "somewhere else")


def _sources(rule: Mapping[str, Any]) -> set[str]:
    """CIDR blocks, security groups and prefix lists that a rule lets in."""
    return {
        *(each["CidrIp"] for each in rule.get("IpRanges", [])),
        *(each["CidrIpv6"] for each in rule.get("Ipv6Ranges", [])),
        *(each["GroupId"] for each in rule.get("UserIdGroupPairs", [])),
        *(each["PrefixListId"] for each in rule.get("PrefixListIds", [])),
    }


def _is_public(source: str) -> bool:
    """Is this a block of addresses that are not all private? 0.0.0.0/0 is, and its halves are as well."""
    return "/" in source and not ip_network(source).is_private


def _ports(rule: Mapping[str, Any]) -> str:
    protocol = "all" if rule["IpProtocol"] == "-1" else rule["IpProtocol"]
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if first is None:
        return str(protocol)
    return f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"


CHECKS = (
    row(
        "foundation",
        vpc,
        "network.vpc",
        "One VPC, with the CIDR block asked for",
        "a VPC's block can't be changed: mend the setting, or build anew",
    ),
    row(
        "foundation",
        subnets,
        "network.subnets",
        "Public, private and data subnets, one of each in every zone asked for",
    ),
    row(
        "foundation",
        data_isolated,
        "network.data-isolated",
        "Data subnets have no route to the internet",
        "find who added the route, then: palier refresh {phase}; palier up {phase}",
    ),
    row(
        "foundation", public_routes, "network.public-routes", "Public subnets go out by the internet gateway"
    ),
    row(
        "foundation", nat_gateways, "network.nat-gateways", "As many NAT gateways as asked for, all available"
    ),
    row(
        "foundation",
        private_routes,
        "network.private-routes",
        "Private subnets go out by a NAT gateway, of their own zone where each zone has one",
    ),
    row("foundation", flow_logs, "network.flow-logs", "All traffic of the VPC is logged"),
    row(
        "foundation",
        open_to_world,
        "security.open-to-world",
        "Nothing but the load balancer lets the internet in",
        "revoke the rule; whoever needs a way in takes AWS Systems Manager",
    ),
    row(
        "foundation",
        database_source,
        "security.database-source",
        "Only the application and its connection pool reach the database, at its port",
        "revoke the other rules",
    ),
)
