"""VPC, subnets, addresses and gateways."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import cidr, ec2_tags, known, zones
from palier.local.provider.table import Call, Check, Entry, Extra, Problem, Read

_ARN = "arn:aws:ec2:{region}:{account}"


_LAUNCH_DNS = "PrivateDnsNameOptionsOnLaunch"


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


def _private_nat(check: Check) -> list[Problem]:
    inputs = check.inputs
    if inputs.get("connectivityType") != "private" or "allocationId" not in inputs:
        return []
    return [("allocationId", "is not supported with connectivityType private")]


def _describe_eip(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    dashed = found.get("PublicIp", "").replace(".", "-")
    return {**found, "publicDns": f"ec2-{dashed}.{context.region}.compute.amazonaws.com"}


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
)
