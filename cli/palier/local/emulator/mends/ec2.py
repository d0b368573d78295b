"""Mends of EC2: what hangs together cannot be taken apart, and what is gone leaves nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import signature
from typing import Any

from palier.local.emulator.mends.table import around, mend, told


@mend("ec2")
def subnet_by_zone_id() -> None:
    """A subnet made with AvailabilityZoneId is the zone's default and gives public addresses, and is filed
    under no zone."""
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
    from moto.ec2.models.subnets import SubnetBackend

    @around(SubnetBackend, "create_subnet")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> Any:
        asked = signature(original).bind(self, *arguments, **named)
        wanted = asked.arguments.get("availability_zone_id")
        if wanted and not asked.arguments.get("availability_zone"):
            zones = [zone for zones in RegionsAndZonesBackend.zones.values() for zone in zones]
            name = next((zone.name for zone in zones if zone.zone_id == wanted), None)
            asked.arguments["availability_zone"] = name
        return original(*asked.args, **asked.kwargs)


@mend("ec2")
def nat_gateway_leaves_nothing() -> None:
    """A deleted NAT gateway keeps its network interface standing and its address associated."""
    from moto.ec2.models.nat_gateways import NatGatewayBackend

    @around(NatGatewayBackend, "delete_nat_gateway")
    def delete(original: Any, self: Any, nat_gateway_id: str) -> Any:
        from moto.ec2.exceptions import EC2ClientError

        if nat_gateway_id not in self.nat_gateways:
            text = f"The NatGateway {nat_gateway_id} was not found"
            raise EC2ClientError("NatGatewayNotFound", text)
        gateway = original(self, nat_gateway_id)
        for address in self.addresses:
            if address.eni is gateway._eni:
                self.disassociate_address(address=address.public_ip)
        self.enis.pop(gateway._eni.id, None)
        return gateway


@mend("ec2")
def address_in_use_stays() -> None:
    """An address can be released while a NAT gateway uses it."""
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.models.elastic_ip_addresses import ElasticAddressBackend

    @around(ElasticAddressBackend, "release_address")
    def release(
        original: Any, self: Any, address: str | None = None, allocation_id: str | None = None
    ) -> None:
        for one in self.addresses:
            asked = one.allocation_id == allocation_id if allocation_id else one.public_ip == address
            if asked and one.association_id:
                raise EC2ClientError("InvalidIPAddress.InUse", f"Address {one.public_ip} is in use.")
        original(self, address, allocation_id)


@mend("ec2")
def security_group_in_use_stays() -> None:
    """A security group can be deleted while rules of other groups, or resources, name it."""
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models.security_groups import SecurityGroupBackend

    @around(SecurityGroupBackend, "delete_security_group")
    def delete(original: Any, self: Any, name: str | None = None, group_id: str | None = None) -> Any:
        if group_id and any(group_id in used for used in _used_groups(self, group_id)):
            raise DependencyViolationError(f"resource {group_id} has a dependent object")
        return original(self, name, group_id)


def _used_groups(ec2: Any, but: str) -> Iterator[list[str]]:
    """The security groups that rules of others name, or that something carries."""
    for groups in list(ec2.groups.values()):
        for group in groups.values():
            if group.id != but:
                rules = [*group.ingress_rules, *group.egress_rules]
                yield [rule.source_group.get("GroupId", "") for rule in rules]
    for interface in ec2.enis.values():
        yield [group.id for group in interface.group_set]
    for endpoint in ec2.vpc_end_points.values():
        yield endpoint.security_group_ids
    for service, store, attribute in (
        ("elbv2", "load_balancers", "security_groups"),
        ("rds", "databases", "vpc_security_group_ids"),
        ("rds", "db_proxies", "vpc_security_group_ids"),
        ("elasticache", "replication_groups", "security_group_ids"),
    ):
        for thing in _elsewhere(ec2, service, store):
            yield list(getattr(thing, attribute, None) or [])


def _elsewhere(ec2: Any, service: str, store: str) -> list[Any]:
    """What another service keeps in the same account and region, where it was ever touched."""
    module = sys.modules.get(f"moto.{service}.models")
    account = dict(getattr(module, f"{service}_backends", {})).get(ec2.account_id, {})
    backend = dict(account).get(ec2.region_name)
    return list(getattr(backend, store).values()) if backend is not None else []


@mend("ec2")
def rule_of_a_group_keeps_its_description() -> None:
    """The description of a security group rule whose source is a group or a prefix list is lost."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    @around(SecurityGroupRule, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        self.source_description = (named.get("source_group") or named.get("prefix_list_id") or {}).get(
            "Description"
        )

    @told(SecurityGroupRule)
    def description(self: Any) -> str | None:
        said: str | None = self.ip_range.get("Description") or self.source_group.get("Description")
        return said or self.source_description


@mend("ec2")
def modified_rule_has_its_new_source() -> None:
    """A security group rule that is modified keeps the group or the prefix list that it had."""
    from moto.ec2.models.security_groups import SecurityGroupBackend

    @around(SecurityGroupBackend, "modify_security_group_rules")
    def modify(original: Any, self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        original(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for name, asked in rules.items():
            rule = group.get_rule(name)
            if listed := asked.get("PrefixListId"):
                rule.prefix_list_id = listed
            if source := asked.get("ReferencedGroupId"):
                rule.source_group = {**rule.source_group, "GroupId": source}


@mend("ec2")
def subnet_in_use_stays() -> None:
    """A subnet can be deleted under the interfaces, NAT gateways and load balancers in it."""
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models.subnets import SubnetBackend

    @around(SubnetBackend, "delete_subnet")
    def delete(original: Any, self: Any, subnet_id: str) -> Any:
        inside = [one.subnet.id for one in self.enis.values()]
        inside += [one.id for two in _elsewhere(self, "elbv2", "load_balancers") for one in two.subnets]
        if subnet_id in inside:
            text = f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
            raise DependencyViolationError(text)
        return original(self, subnet_id)


@mend("ec2")
def deleted_endpoint_is_gone() -> None:
    """A deleted VPC endpoint is described as `deleted` for ever."""
    from moto.ec2.models.vpcs import VPCBackend

    @around(VPCBackend, "delete_vpc_endpoints")
    def delete(original: Any, self: Any, vpce_ids: list[str] | None = None) -> None:
        original(self, vpce_ids)
        for name in vpce_ids or []:
            self.vpc_end_points.pop(name, None)


@mend("ec2")
def template_tags_stay_its_own() -> None:
    """The tags of a launch template itself turn up among the tags that its instances get."""
    from moto.ec2.models.launch_templates import LaunchTemplate

    @around(LaunchTemplate, "create_version")
    def create(original: Any, self: Any, data: dict[str, Any], description: str) -> Any:
        given = data.get("TagSpecifications")
        if given is not None:
            kept = [one for one in given if one.get("ResourceType") != "launch-template"]
            data = {**data, "TagSpecifications": kept} if kept else {**data}
            if not kept:
                data.pop("TagSpecifications")
        return original(self, data, description)


@mend("ec2")
def template_tags_changed_later() -> None:
    """A launch template is described with the tags that it was made with, whatever is changed after."""
    from moto.ec2.models.launch_templates import LaunchTemplate

    now = property(lambda self: self.get_tags(), lambda self, ignored: None)
    setattr(LaunchTemplate, "tags", now)  # noqa: B010 - a list to moto's own annotations


@mend("ec2")
def endpoint_routes_follow_its_tables() -> None:
    """A route table added to a gateway endpoint gets no route, and the endpoint's deletion then fails."""
    from moto.ec2.models.vpcs import VPCBackend

    @around(VPCBackend, "modify_vpc_endpoint")
    def modify(original: Any, self: Any, vpc_id: str, *arguments: Any, **named: Any) -> None:
        endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
        before = set(endpoint.route_table_ids or ())
        original(self, vpc_id, *arguments, **named)
        if (endpoint.vpc_endpoint_type or "Gateway").lower() != "gateway":
            return
        prefixes = endpoint.destination_prefix_list_id
        after = set(endpoint.route_table_ids or ())
        for table in sorted(after - before):
            self.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)
        for table in sorted(before - after):
            self.delete_route(table, prefixes)


@mend("ec2")
def peering_tagged_on_each_side() -> None:
    """A VPC peering shows the requester's tags in the accepter's region, where its own are lost."""
    from copy import copy

    from moto.ec2.models.vpc_peering_connections import VPCPeeringConnectionBackend

    @around(VPCPeeringConnectionBackend, "describe_vpc_peering_connections")
    def describe(original: Any, self: Any, *arguments: Any, **named: Any) -> Any:
        sides = [copy(found) for found in original(self, *arguments, **named)]
        for side in sides:
            side.ec2_backend = self  # whose tags it is asked for
        return sides
