"""Route tables, routes and associations, endpoints, flow logs."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import cidr, ec2_tags, exactly_one
from palier.local.provider.table import Call, Entry, Read

_ARN = "arn:aws:ec2:{region}:{account}"


_TARGETS = (
    "gatewayId",
    "natGatewayId",
    "vpcEndpointId",
    "transitGatewayId",
    "networkInterfaceId",
    "vpcPeeringConnectionId",
    "egressOnlyGatewayId",
    "carrierGatewayId",
    "localGatewayId",
    "coreNetworkArn",
)


_DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")


def _located_route(context: Context) -> None:
    """`TABLE_DESTINATION`, as the official provider imports routes."""
    table, _, destination = context.id.partition("_")
    kind = "destinationPrefixListId" if destination.startswith("pl-") else _DESTINATIONS[":" in destination]
    context.outputs = {**context.outputs, "routeTableId": table, kind: destination}
    context.id = _route_id(context.outputs, "")


def _destination(inputs: Mapping[str, Any]) -> str:
    return str(next((inputs[name] for name in _DESTINATIONS if inputs.get(name)), ""))


def _route_id(inputs: Mapping[str, Any], _: str) -> str:
    """As the official provider makes it: the table, and a checksum of the destination."""
    return f"r-{inputs['routeTableId']}{zlib.crc32(_destination(inputs).encode())}"


def _describe_route(context: Context, table: dict[str, Any]) -> dict[str, Any]:
    """The route among its table's."""
    destination = _destination({**context.outputs, **context.inputs})
    for route in table.get("Routes", []):
        members = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
        if destination in (route.get(member) for member in members) and route.get("State") != "blackhole":
            return {**_named_target(route), "RouteTableId": table["RouteTableId"]}
    return {}


def _named_target(route: dict[str, Any]) -> dict[str, Any]:
    """A gateway id that is an endpoint's is the endpoint's property."""
    gateway = str(route.get("GatewayId") or "")
    if gateway.startswith("vpce-"):
        return {**route, "VpcEndpointId": gateway, "GatewayId": None}
    return route


def _replace_route(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    targets = changed & set(_TARGETS)
    if targets:
        given = {k: v for k, v in inputs.items() if k in (*_TARGETS, *_DESTINATIONS, "routeTableId")}
        context.run(Call("ReplaceRoute"), given)
    return targets


def _reassociate(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """A new route table means a new association id for the same resource. The engine keeps the old one until
    the next refresh (an update can't answer an id), so the association is looked for by what it joins too."""
    if "routeTableId" not in changed:
        return set()
    _current_association(context)
    answer = context.call(
        "ReplaceRouteTableAssociation", AssociationId=context.id, RouteTableId=inputs["routeTableId"]
    )
    context.id = answer["NewAssociationId"]
    return {"routeTableId"}


def _describe_association(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    listed = [one for table in found.get("items", ()) for one in table.get("Associations", ())]
    known = {**context.outputs, **context.inputs}
    same = [one for one in listed if one.get("RouteTableAssociationId") == context.id] or [
        one
        for one in listed
        if any(known.get(key) and one.get(member) == known[key] for key, member in _JOINED.items())
    ]
    if not same:
        return {}
    context.id = same[0]["RouteTableAssociationId"]
    return dict(same[0])


_JOINED = {"subnetId": "SubnetId", "gatewayId": "GatewayId"}


def _current_association(context: Context) -> bool:
    tables = context.call("DescribeRouteTables")["RouteTables"]
    return bool(_describe_association(context, {"items": tables}))


def _disassociate(context: Context) -> None:
    if _current_association(context):
        context.call("DisassociateRouteTable", AssociationId=context.id)


def _located_association(context: Context) -> None:
    """`SUBNET/TABLE` or `GATEWAY/TABLE`, as the official provider imports associations."""
    holder, _, table = context.id.partition("/")
    if not table:
        return
    answer = context.call("DescribeRouteTables", RouteTableIds=[table])
    for association in answer["RouteTables"][0].get("Associations", []):
        if holder in (association.get("SubnetId"), association.get("GatewayId")):
            context.id = association["RouteTableAssociationId"]


def _describe_endpoint(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    service = found.get("ServiceName", "")
    lists = context.call("DescribePrefixLists", Filters=[{"Name": "prefix-list-name", "Values": [service]}])
    for item in lists.get("PrefixLists", [])[:1]:
        found["prefixListId"], found["cidrBlocks"] = item["PrefixListId"], item.get("Cidrs", [])
    groups = [group["GroupId"] for group in found.get("Groups", [])]
    return {**found, "securityGroupIds": groups, "ipAddressType": found.get("IpAddressType", "ipv4")}


def _endpoint_lists(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """Route tables, subnets and groups are added and removed one by one."""
    arguments: dict[str, Any] = {}
    for name, member in (
        ("routeTableIds", "RouteTableIds"),
        ("subnetIds", "SubnetIds"),
        ("securityGroupIds", "SecurityGroupIds"),
    ):
        if name in changed:
            old, new = set(context.old_inputs.get(name) or ()), set(inputs.get(name) or ())
            arguments |= {f"Add{member}": sorted(new - old), f"Remove{member}": sorted(old - new)}
    if arguments:
        sent = {key: value for key, value in arguments.items() if value}
        context.call("ModifyVpcEndpoint", VpcEndpointId=context.id, **sent)
    return changed & {"routeTableIds", "subnetIds", "securityGroupIds"}


# Property to what the API calls the kind of thing, and how its ids begin.
_FLOWS = {
    "vpcId": ("VPC", "vpc-"),
    "subnetId": ("Subnet", "subnet-"),
    "eniId": ("NetworkInterface", "eni-"),
}


def _flow_kind(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    kind = next(kind for name, (kind, _) in _FLOWS.items() if context.inputs.get(name))
    return {**arguments, "ResourceType": kind}


def _describe_flow(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    watched = str(found.get("ResourceId", ""))
    return {**found, **{name: watched for name, (_, head) in _FLOWS.items() if watched.startswith(head)}}


def _private_dns(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    return set() if new.get("vpcEndpointType") == "Interface" else {"privateDnsEnabled"}


ENTRIES = (
    Entry(
        "aws:ec2/routeTable:RouteTable",
        "ec2",
        create=Call("CreateRouteTable"),
        id="RouteTable.RouteTableId",
        read=Read("DescribeRouteTables", {"RouteTableIds": ["{id}"]}, "RouteTables[0]"),
        delete=Call("DeleteRouteTable", {"RouteTableId": "{id}"}),
        force_new=frozenset({"vpcId"}),
        # Routes are resources of their own here; a table's own list of them is left alone.
        write_only=frozenset({"routes"}),
        kept=frozenset({"propagatingVgws", "routes"}),
        outputs={"arn": _ARN + ":route-table/{id}"},
        tags=ec2_tags("route-table"),
    ),
    Entry(
        "aws:ec2/route:Route",
        "ec2",
        create=Call("CreateRoute"),
        id="r-{routeTableId}",
        canonical_id=_route_id,
        read=Read("DescribeRouteTables", {"RouteTableIds": ["{routeTableId}"]}, "RouteTables[0]"),
        delete=Call(
            "DeleteRoute",
            {
                "RouteTableId": "{routeTableId}",
                "DestinationCidrBlock": "{destinationCidrBlock}",
                "DestinationIpv6CidrBlock": "{destinationIpv6CidrBlock}",
                "DestinationPrefixListId": "{destinationPrefixListId}",
            },
        ),
        force_new=frozenset({*_DESTINATIONS, "routeTableId"}),
        names={"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"},
        kept=frozenset({"networkInterfaceId"}),
        reads={name: name[0].upper() + name[1:] for name in ("gatewayId", "natGatewayId", "vpcEndpointId")},
        gone=("InvalidRoute.NotFound",),
        locate=_located_route,
        checks=(cidr("destinationCidrBlock", "destinationIpv6CidrBlock"), exactly_one(*_DESTINATIONS)),
        described=_describe_route,
        on_update=_replace_route,
    ),
    Entry(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "ec2",
        create=Call("AssociateRouteTable"),
        id="AssociationId",
        read=Read("DescribeRouteTables", {}, "{items: RouteTables}"),
        delete=None,
        force_new=frozenset({"gatewayId", "subnetId"}),
        gone=("InvalidAssociationID.NotFound",),
        locate=_located_association,
        described=_describe_association,
        on_update=_reassociate,
        before_delete=_disassociate,
    ),
    Entry(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "ec2",
        create=Call("CreateVpcEndpoint"),
        id="VpcEndpoint.VpcEndpointId",
        read=Read(
            "DescribeVpcEndpoints", {"VpcEndpointIds": ["{id}"]}, "VpcEndpoints[?State!='deleted'] | [0]"
        ),
        delete=Call("DeleteVpcEndpoints", {"VpcEndpointIds": ["{id}"]}),
        update=Call("ModifyVpcEndpoint", {"VpcEndpointId": "{id}"}),
        force_new=frozenset(
            {
                "resourceConfigurationArn",
                "serviceName",
                "serviceNetworkArn",
                "serviceRegion",
                "vpcEndpointType",
                "vpcId",
                "dnsOptions.privateDnsPreference",
                "dnsOptions.privateDnsSpecifiedDomains",
            }
        ),
        forces=_private_dns,
        names={"policy": "PolicyDocument"},
        defaults={"vpcEndpointType": "Gateway"},
        kept=frozenset(
            {"dnsOptions", "ipAddressType", "policy", "privateDnsEnabled", "routeTableIds"}
            | {"securityGroupIds", "serviceRegion", "subnetConfigurations", "subnetIds"}
        ),
        recomputed={"networkInterfaceIds": ("subnetIds", "subnetConfigurations")},
        outputs={"arn": _ARN + ":vpc-endpoint/{id}"},
        tags=ec2_tags("vpc-endpoint"),
        described=_describe_endpoint,
        on_update=_endpoint_lists,
    ),
    Entry(
        "aws:ec2/flowLog:FlowLog",
        "ec2",
        create=Call(
            "CreateFlowLogs",
            {
                "ResourceIds": ["{vpcId}", "{subnetId}", "{eniId}"],
                "DeliverLogsPermissionArn": "{iamRoleArn}",
            },
        ),
        id="FlowLogIds[0]",
        read=Read("DescribeFlowLogs", {"FlowLogIds": ["{id}"]}, "FlowLogs[0]"),
        delete=Call("DeleteFlowLogs", {"FlowLogIds": ["{id}"]}),
        force_new=frozenset(
            {
                "deliverCrossAccountRole",
                "destinationOptions",
                "destinationOptions.fileFormat",
                "destinationOptions.hiveCompatiblePartitions",
                "destinationOptions.perHourPartition",
                "eniId",
                "iamRoleArn",
                "logDestination",
                "logDestinationType",
                "logFormat",
                "maxAggregationInterval",
                "regionalNatGatewayId",
                "subnetId",
                "tagFieldSpecifications",
                "trafficType",
                "transitGatewayAttachmentId",
                "transitGatewayId",
                "vpcId",
            }
        ),
        names={"iamRoleArn": "DeliverLogsPermissionArn"},
        prepare=_flow_kind,
        described=_describe_flow,
        defaults={
            "destinationOptions.fileFormat": "plain-text",
            "destinationOptions.hiveCompatiblePartitions": False,
            "destinationOptions.perHourPartition": False,
            "logDestinationType": "cloud-watch-logs",
            "maxAggregationInterval": 600,
        },
        kept=frozenset({"logDestination", "logFormat"}),
        outputs={"arn": _ARN + ":vpc-flow-log/{id}"},
        tags=ec2_tags("vpc-flow-log"),
        checks=(exactly_one("vpcId", "subnetId", "eniId"),),
    ),
)
