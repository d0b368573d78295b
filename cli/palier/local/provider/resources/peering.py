"""VPC peering: one side asks, the other accepts, each a resource of its own region."""

from __future__ import annotations

from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import ec2_tags
from palier.local.provider.table import Call, Check, Entry, Problem, Read, Tags

# What is of no use any more, though EC2 tells of it for a while (EC2 user guide, peering lifecycle).
_GONE = ("deleted", "deleting", "expired", "failed", "rejected")
_PENDING = "pending-acceptance"
_READ = Read(
    "DescribeVpcPeeringConnections", {"VpcPeeringConnectionIds": ["{id}"]}, "VpcPeeringConnections[0]"
)


def _described(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    """Both sides tell what the requester sees, as the official provider has it within one account."""
    status = found.get("Status", {}).get("Code")
    if not found or status in _GONE:
        return {}
    accepter, requester = found["AccepterVpcInfo"], found["RequesterVpcInfo"]
    return {
        **found,
        "acceptStatus": status,
        "vpcId": requester["VpcId"],
        "peerVpcId": accepter["VpcId"],
        "peerOwnerId": accepter["OwnerId"],
        "peerRegion": accepter["Region"],
    }


def _status(context: Context, connection: str) -> str:
    answer = context.call("DescribeVpcPeeringConnections", VpcPeeringConnectionIds=[connection])
    connections = answer["VpcPeeringConnections"]
    return str(connections[0]["Status"]["Code"]) if connections else ""


def _accept_own(context: Context) -> None:
    """`autoAccept` on the asking side accepts at once, which only one region allows."""
    if context.inputs.get("autoAccept") and _status(context, context.id) == _PENDING:
        context.call("AcceptVpcPeeringConnection", VpcPeeringConnectionId=context.id)


def _accept_later(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if "autoAccept" in changed:
        _accept_own(context)
    return changed & {"autoAccept"}


def _accept_or_look(context: Context) -> Call:
    """Accept what waits for it; what is active already is only taken over."""
    connection = context.inputs["vpcPeeringConnectionId"]
    waits = context.inputs.get("autoAccept") and _status(context, connection) == _PENDING
    if waits:
        arguments: dict[str, Any] = {"VpcPeeringConnectionId": connection}
        return Call("AcceptVpcPeeringConnection", arguments, mapped=False)
    return Call(_READ.operation, {"VpcPeeringConnectionIds": [connection]}, mapped=False)


def _one_region(check: Check) -> list[Problem]:
    if check.inputs.get("autoAccept") and check.inputs.get("peerRegion"):
        return [("autoAccept", "can't be true with peerRegion: the other region's side accepts")]
    return []


ENTRIES = (
    Entry(
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        "ec2",
        create=Call("CreateVpcPeeringConnection"),
        id="VpcPeeringConnection.VpcPeeringConnectionId",
        read=_READ,
        delete=Call("DeleteVpcPeeringConnection", {"VpcPeeringConnectionId": "{id}"}),
        force_new=frozenset({"peerOwnerId", "peerRegion", "peerVpcId", "vpcId"}),
        kept=frozenset({"accepter", "peerOwnerId", "peerRegion", "requester"}),
        settings=frozenset({"autoAccept"}),
        tags=ec2_tags("vpc-peering-connection"),
        checks=(_one_region,),
        described=_described,
        after_create=_accept_own,
        on_update=_accept_later,
    ),
    Entry(
        "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
        "ec2",
        create=Call("AcceptVpcPeeringConnection"),
        create_as=_accept_or_look,
        id="{vpcPeeringConnectionId}",
        read=_READ,
        # The connection is the asking side's: this one is only forgotten, as by the official provider.
        delete=None,
        force_new=frozenset({"vpcPeeringConnectionId"}),
        kept=frozenset({"accepter", "requester"}),
        settings=frozenset({"autoAccept"}),
        tags=Tags(
            add=Call("CreateTags", {"Resources": ["{id}"], "Tags": "{tags}"}),
            remove=Call("DeleteTags", {"Resources": ["{id}"], "Tags": "{gone}"}),
        ),
        described=_described,
        on_update=_accept_later,
    ),
)
