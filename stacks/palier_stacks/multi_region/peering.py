"""The VPCs of all regions, joined pair by pair: whichever region writes, the application of every other
reaches its database over AWS's own network, and nothing else of it.

A peering leads no further than its two ends, so every pair has one of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from pulumi_aws import ec2, vpc

from palier_stacks.foundation.firewalls import POSTGRESQL
from palier_stacks.multi_region.places import Place


def peer(places: Sequence[Place]) -> None:
    """Join every pair of `places`: a connection, routes both ways, and the way to each database."""
    for one, other in combinations(places, 2):
        connection = _connect(one, other)
        for here, there in ((one, other), (other, one)):
            _route(here, there, connection)
            _let_through(here, there)


def _connect(one: Place, other: Place) -> ec2.VpcPeeringConnectionAccepter:
    """The connection, accepted: what routes are made of."""
    asking, accepting = f"peering-to-{other.region}", f"peering-from-{one.region}"
    connection = ec2.VpcPeeringConnection(
        one.scope.logical(asking),
        vpc_id=one.vpc_id,
        peer_vpc_id=other.vpc_id,
        peer_region=other.region,
        tags=one.scope.tags("network", asking),
        opts=one.opts,
    )
    return ec2.VpcPeeringConnectionAccepter(
        other.scope.logical(accepting),
        vpc_peering_connection_id=connection.id,
        auto_accept=True,
        tags=other.scope.tags("network", accepting),
        opts=other.opts,
    )


def _route(here: Place, there: Place, connection: ec2.VpcPeeringConnectionAccepter) -> None:
    """A route to the other VPC in each table of private and data subnets here."""
    # How many tables the home has is foundation's to say, so its routes are made once that is known: it is
    # in every preview, because foundation stands before this phase.
    here.route_table_ids.apply(
        lambda tables: [
            ec2.Route(
                here.scope.logical(f"to-{there.region}-{number}"),
                route_table_id=table,
                destination_cidr_block=there.vpc_cidr,
                vpc_peering_connection_id=connection.id,
                opts=here.opts,
            )
            for number, table in enumerate(tables, start=1)
        ]
    )


def _let_through(here: Place, there: Place) -> None:
    """The application here may reach the database there: a rule out of the one, a rule into the other.

    By addresses: between regions no security group can name another.
    """
    outward, inward = f"application-to-database-{there.region}", f"database-from-{here.region}"
    vpc.SecurityGroupEgressRule(
        here.scope.logical(outward),
        security_group_id=here.application_security_group_id,
        description=f"To the database in {there.region}",
        cidr_ipv4=there.vpc_cidr,
        ip_protocol="tcp",
        from_port=POSTGRESQL,
        to_port=POSTGRESQL,
        tags=here.scope.tags("security", outward),
        opts=here.opts,
    )
    vpc.SecurityGroupIngressRule(
        there.scope.logical(inward),
        security_group_id=there.database_security_group_id,
        description=f"From the application in {here.region}",
        cidr_ipv4=here.vpc_cidr,
        ip_protocol="tcp",
        from_port=POSTGRESQL,
        to_port=POSTGRESQL,
        tags=there.scope.tags("security", inward),
        opts=there.opts,
    )
