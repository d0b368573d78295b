"""VPC, subnets, gateways, routes, endpoints and flow logs."""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import cidr, ec2_tags, exactly_one, known, zones
from palier.local.provider.table import Call, Check, Entry, Extra, Problem, Read

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


def _vpc_attribute(property_: str, member: str) -> Extra:
    call = Call("ModifyVpcAttribute", {"VpcId": "{id}", member: {"Value": f"{{{property_}}}"}}, mapped=False)
    return Extra((property_,), call)


def _describe_vpc(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    """Attributes and the VPC's own default resources, each from a call of its own."""
    for member in ("EnableDnsSupport", "EnableDnsHostnames", "EnableNetworkAddressUsageMetrics"):
        attribute = member[0].lower() + member[1:]
        answer = context.call("DescribeVpcAttribute", VpcId=context.id, Attribute=attribute)
        found[member] = answer.get(member, {}).get("Value")
    if "mainRouteTableId" in context.outputs:
        kept = ("mainRouteTableId", "defaultRouteTableId", "defaultNetworkAclId", "defaultSecurityGroupId")
        return {**found, **{name: context.outputs.get(name) for name in kept}}
    mine = [{"Name": "vpc-id", "Values": [context.id]}]
    main = context.call(
        "DescribeRouteTables", Filters=[*mine, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"]
    acls = context.call("DescribeNetworkAcls", Filters=[*mine, {"Name": "default", "Values": ["true"]}])
    groups = context.call(
        "DescribeSecurityGroups", Filters=[*mine, {"Name": "group-name", "Values": ["default"]}]
    )
    return {
        **found,
        "mainRouteTableId": main[0]["RouteTableId"] if main else None,
        "defaultRouteTableId": main[0]["RouteTableId"] if main else None,
        "defaultNetworkAclId": next((acl["NetworkAclId"] for acl in acls["NetworkAcls"]), None),
        "defaultSecurityGroupId": next((group["GroupId"] for group in groups["SecurityGroups"]), None),
    }


def _tenancy(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    to_default = old.get("instanceTenancy") == "dedicated" and new.get("instanceTenancy") == "default"
    return set() if to_default else {"instanceTenancy"}


def _subnet_attribute(property_: str, member: str) -> Extra:
    call = Call(
        "ModifySubnetAttribute", {"SubnetId": "{id}", member: {"Value": f"{{{property_}}}"}}, mapped=False
    )
    return Extra((property_,), call)


def _inside_vpc(check: Check) -> list[Problem]:
    block, vpc = check.inputs.get("cidrBlock"), check.inputs.get("vpcId")
    if not (isinstance(block, str) and known(vpc)):
        return []
    answer = check.read("ec2", "DescribeVpcs", {"VpcIds": [vpc]})
    if not answer or not answer["Vpcs"]:
        return []
    parts = [item["CidrBlock"] for item in answer["Vpcs"][0].get("CidrBlockAssociationSet", [])]
    try:
        mine = ipaddress.IPv4Network(block)
    except ValueError:
        return []
    if any(mine.subnet_of(ipaddress.IPv4Network(part)) for part in parts):
        return []
    return [("cidrBlock", f"{block} is outside its VPC ({', '.join(parts)})")]


def _gateway_vpc(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if "vpcId" not in changed:
        return set()
    if old := context.old_inputs.get("vpcId"):
        context.call("DetachInternetGateway", InternetGatewayId=context.id, VpcId=old)
    if new := inputs.get("vpcId"):
        context.call("AttachInternetGateway", InternetGatewayId=context.id, VpcId=new)
    return {"vpcId"}


def _detach_gateway(context: Context) -> None:
    attached = context.outputs.get("vpcId") or context.inputs.get("vpcId")
    if attached:
        context.call("DetachInternetGateway", InternetGatewayId=context.id, VpcId=attached)


def _destination(inputs: Mapping[str, Any]) -> str:
    return str(next((inputs[name] for name in _DESTINATIONS if inputs.get(name)), ""))


def _route_id(inputs: Mapping[str, Any], _: str) -> str:
    """As the official provider makes it: the table, and a checksum of the destination."""
    return f"r-{inputs['routeTableId']}{zlib.crc32(_destination(inputs).encode())}"


def _describe_route(context: Context, table: dict[str, Any]) -> dict[str, Any]:
    """The route among its table's."""
    destination = _destination({**context.outputs, **context.inputs})
    if not destination and "_destination" in context.outputs:  # `get` and import by TABLE_DESTINATION
        destination = str(context.outputs["_destination"])
        context.id = f"r-{table['RouteTableId']}{zlib.crc32(destination.encode())}"
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
    """A new route table means a new association id for the same resource, as with the official provider."""
    if "routeTableId" not in changed:
        return set()
    answer = context.call(
        "ReplaceRouteTableAssociation", AssociationId=context.id, RouteTableId=inputs["routeTableId"]
    )
    context.id = answer["NewAssociationId"]
    return {"routeTableId"}


def _describe_association(context: Context, table: dict[str, Any]) -> dict[str, Any]:
    for association in table.get("Associations", []):
        if association.get("RouteTableAssociationId") == context.id:
            return dict(association)
    return {}


def _describe_eip(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    dashed = found.get("PublicIp", "").replace(".", "-")
    return {**found, "publicDns": f"ec2-{dashed}.{context.region}.compute.amazonaws.com"}


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


def _private_dns(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    return set() if new.get("vpcEndpointType") == "Interface" else {"privateDnsEnabled"}


ENTRIES = (
    Entry(
        "aws:ec2/vpc:Vpc",
        "ec2",
        create=Call("CreateVpc"),
        id="Vpc.VpcId",
        read=Read("DescribeVpcs", {"VpcIds": ["{id}"]}, "Vpcs[0]"),
        delete=Call("DeleteVpc", {"VpcId": "{id}"}),
        extras=(
            _vpc_attribute("enableDnsSupport", "EnableDnsSupport"),
            _vpc_attribute("enableDnsHostnames", "EnableDnsHostnames"),
            _vpc_attribute("enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics"),
        ),
        update=Call("ModifyVpcTenancy", {"VpcId": "{id}"}),
        force_new=frozenset({"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"}),
        forces=_tenancy,
        defaults={"enableDnsSupport": True, "instanceTenancy": "default"},
        outputs={"arn": _ARN + ":vpc/{id}"},
        tags=ec2_tags("vpc"),
        checks=(cidr("cidrBlock"),),
        described=_describe_vpc,
    ),
    Entry(
        "aws:ec2/subnet:Subnet",
        "ec2",
        create=Call("CreateSubnet"),
        id="Subnet.SubnetId",
        read=Read("DescribeSubnets", {"SubnetIds": ["{id}"]}, "Subnets[0]"),
        delete=Call("DeleteSubnet", {"SubnetId": "{id}"}),
        extras=(
            _subnet_attribute("mapPublicIpOnLaunch", "MapPublicIpOnLaunch"),
            _subnet_attribute("assignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation"),
        ),
        force_new=frozenset(
            {
                "availabilityZone",
                "availabilityZoneId",
                "cidrBlock",
                "ipv4IpamPoolId",
                "ipv4NetmaskLength",
                "ipv6IpamPoolId",
                "ipv6Native",
                "ipv6NetmaskLength",
                "outpostArn",
                "vpcId",
            }
        ),
        defaults={"mapPublicIpOnLaunch": False, "assignIpv6AddressOnCreation": False},
        outputs={"arn": _ARN + ":subnet/{id}"},
        tags=ec2_tags("subnet"),
        checks=(cidr("cidrBlock"), zones("availabilityZone"), _inside_vpc),
    ),
    Entry(
        "aws:ec2/internetGateway:InternetGateway",
        "ec2",
        create=Call("CreateInternetGateway"),
        id="InternetGateway.InternetGatewayId",
        read=Read("DescribeInternetGateways", {"InternetGatewayIds": ["{id}"]}, "InternetGateways[0]"),
        delete=Call("DeleteInternetGateway", {"InternetGatewayId": "{id}"}),
        extras=(
            Extra(
                ("vpcId",), Call("AttachInternetGateway", {"InternetGatewayId": "{id}", "VpcId": "{vpcId}"})
            ),
        ),
        reads={"vpcId": "Attachments[0].VpcId"},
        outputs={"arn": _ARN + ":internet-gateway/{id}"},
        tags=ec2_tags("internet-gateway"),
        on_update=_gateway_vpc,
        before_delete=_detach_gateway,
    ),
    Entry(
        "aws:ec2/eip:Eip",
        "ec2",
        create=Call("AllocateAddress", {"Domain": "vpc"}),
        id="AllocationId",
        read=Read("DescribeAddresses", {"AllocationIds": ["{id}"]}, "Addresses[0]"),
        delete=Call("ReleaseAddress", {"AllocationId": "{id}"}),
        force_new=frozenset({"address", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool"}),
        defaults={"domain": "vpc"},
        names={
            "instance": "InstanceId",
            "networkInterface": "NetworkInterfaceId",
            "privateIp": "PrivateIpAddress",
        },
        outputs={"arn": _ARN + ":elastic-ip/{id}"},
        tags=ec2_tags("elastic-ip"),
        gone=("InvalidAllocationID.NotFound",),
        described=_describe_eip,
    ),
    Entry(
        "aws:ec2/natGateway:NatGateway",
        "ec2",
        create=Call("CreateNatGateway"),
        id="NatGateway.NatGatewayId",
        read=Read(
            "DescribeNatGateways",
            {"NatGatewayIds": ["{id}"]},
            "NatGateways[?State!='deleted' && State!='deleting'] | [0]",
        ),
        delete=Call("DeleteNatGateway", {"NatGatewayId": "{id}"}),
        force_new=frozenset(
            {"allocationId", "availabilityMode", "connectivityType", "privateIp", "subnetId", "vpcId"}
        ),
        defaults={"connectivityType": "public"},
        reads={
            "allocationId": "NatGatewayAddresses[0].AllocationId",
            "networkInterfaceId": "NatGatewayAddresses[0].NetworkInterfaceId",
            "privateIp": "NatGatewayAddresses[0].PrivateIp",
            "publicIp": "NatGatewayAddresses[0].PublicIp",
        },
        tags=ec2_tags("natgateway"),
    ),
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
        names={"destinationIpv6CidrBlock": "DestinationIpv6CidrBlock"},
        reads={name: name[0].upper() + name[1:] for name in ("gatewayId", "natGatewayId", "vpcEndpointId")},
        gone=("InvalidRoute.NotFound",),
        import_id=("routeTableId", "_destination"),
        import_separator="_",
        checks=(cidr("destinationCidrBlock", "destinationIpv6CidrBlock"), exactly_one(*_DESTINATIONS)),
        described=_describe_route,
        on_update=_replace_route,
    ),
    Entry(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "ec2",
        create=Call("AssociateRouteTable"),
        id="AssociationId",
        read=Read(
            "DescribeRouteTables",
            {"Filters": [{"Name": "association.route-table-association-id", "Values": ["{id}"]}]},
            "RouteTables[0]",
        ),
        delete=Call("DisassociateRouteTable", {"AssociationId": "{id}"}),
        force_new=frozenset({"gatewayId", "subnetId"}),
        gone=("InvalidAssociationID.NotFound",),
        described=_describe_association,
        on_update=_reassociate,
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
                "ResourceType": "VPC",
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
                "eniId",
                "iamRoleArn",
                "logDestination",
                "logDestinationType",
                "logFormat",
                "maxAggregationInterval",
                "subnetId",
                "trafficType",
                "transitGatewayAttachmentId",
                "transitGatewayId",
                "vpcId",
            }
        ),
        names={"iamRoleArn": "DeliverLogsPermissionArn"},
        reads={"vpcId": "ResourceId"},
        defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
        outputs={"arn": _ARN + ":vpc-flow-log/{id}"},
        tags=ec2_tags("vpc-flow-log"),
        checks=(exactly_one("vpcId", "subnetId", "eniId"),),
    ),
)
