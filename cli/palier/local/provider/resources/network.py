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
_LAUNCH_DNS = "PrivateDnsNameOptionsOnLaunch"
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


def _ipv6_block(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    return {"ipv6CidrBlock"} if old.get("assignIpv6AddressOnCreation") else set()


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


def _located_route(context: Context) -> None:
    """`TABLE_DESTINATION`, as the official provider imports routes."""
    table, _, destination = context.id.partition("_")
    kind = "destinationPrefixListId" if destination.startswith("pl-") else _DESTINATIONS[":" in destination]
    context.outputs = {**context.outputs, "routeTableId": table, kind: destination}
    context.id = _route_id(context.outputs, "")


def _private_nat(check: Check) -> list[Problem]:
    inputs = check.inputs
    if inputs.get("connectivityType") != "private" or "allocationId" not in inputs:
        return []
    return [("allocationId", "is not supported with connectivityType private")]


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
        kept=frozenset(
            {
                "cidrBlock",
                "enableDnsHostnames",
                "enableNetworkAddressUsageMetrics",
                "ipv6CidrBlock",
                "ipv6CidrBlockNetworkBorderGroup",
            }
        ),
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
            _subnet_attribute("enableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecordOnLaunch"),
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
        forces=_ipv6_block,
        defaults={
            "assignIpv6AddressOnCreation": False,
            "enableDns64": False,
            "enableResourceNameDnsARecordOnLaunch": False,
            "enableResourceNameDnsAaaaRecordOnLaunch": False,
            "ipv6Native": False,
            "mapPublicIpOnLaunch": False,
        },
        kept=frozenset(
            {
                "availabilityZone",
                "availabilityZoneId",
                "cidrBlock",
                "ipv6CidrBlock",
                "privateDnsHostnameTypeOnLaunch",
            }
        ),
        reads={"enableResourceNameDnsARecordOnLaunch": f"{_LAUNCH_DNS}.EnableResourceNameDnsARecord"},
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
        kept=frozenset({"vpcId"}),
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
        kept=frozenset(
            {"address", "domain", "instance", "ipamPoolId", "networkBorderGroup", "networkInterface"}
            | {"publicIpv4Pool"}
        ),
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
        names={"privateIp": "PrivateIpAddress"},
        kept=frozenset(
            {"availabilityMode", "privateIp", "secondaryAllocationIds", "secondaryPrivateIpAddressCount"}
            | {"availabilityZoneAddresses", "secondaryPrivateIpAddresses", "vpcId"}
        ),
        checks=(_private_nat,),
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
        reads={"vpcId": "ResourceId"},
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
