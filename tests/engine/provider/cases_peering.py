"""Cases of VPC peering: the side that asks and the side that accepts."""

from __future__ import annotations

from tests.engine.provider.case import Case, fixed

CASES: dict[str, Case] = {
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": Case(
        lambda w: {"vpcId": w.vpc, "peerVpcId": w.other_vpc},
        fixed(autoAccept=True),
        {"autoAccept": True, "peerRegion": "eu-west-1"},
        "can't be true with peerRegion",
    ),
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": Case(
        lambda w: {"vpcPeeringConnectionId": w.peering},
        fixed(autoAccept=True),
        {"peerVpcId": "vpc-1"},
        "is not a property",
    ),
}
