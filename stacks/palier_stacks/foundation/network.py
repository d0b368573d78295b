"""The network: a VPC over several zones, each with a public, a private and a data subnet.

Only the load balancer and the NAT gateways stand in public subnets. The data tier has no way out at all:
its route table holds nothing but the VPC itself.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from palier_stacks.foundation.layout import ZoneSubnets
from palier_stacks.foundation.network_settings import NetworkSettings
from palier_stacks.iam_policies import Account, allow, assumed_by, document
from palier_stacks.scope import Scope

ANYWHERE = "0.0.0.0/0"


class Network(pulumi.ComponentResource):
    """VPC, subnets, routes, NAT, the S3 endpoint and flow logs.

    `settings` has been checked against the region; `subnets` is its plan. `logs_key_arn` encrypts flow logs.
    """

    def __init__(
        self,
        scope: Scope,
        settings: NetworkSettings,
        subnets: tuple[ZoneSubnets, ...],
        *,
        account: Account,
        logs_key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Network", scope.logical("network"), None, opts)
        self._scope, self._settings = scope, settings
        self._own = pulumi.ResourceOptions(parent=self)
        self.vpc = ec2.Vpc(
            scope.logical("vpc"),
            cidr_block=settings.vpc_cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=scope.tags("network", "vpc"),
            opts=self._own,
        )
        letters = {plan.zone: plan.zone[-1] for plan in subnets}
        self.public = {plan.zone: self._subnet("public", plan.zone, str(plan.public)) for plan in subnets}
        self.private = {plan.zone: self._subnet("private", plan.zone, str(plan.private)) for plan in subnets}
        self.data = {plan.zone: self._subnet("data", plan.zone, str(plan.data)) for plan in subnets}
        gateway = self._public_routes(letters)
        self.private_tables = self._private_routes(letters, gateway)
        self.data_table = self._data_routes(letters)
        self.s3_endpoint = ec2.VpcEndpoint(
            scope.logical("s3-endpoint"),
            vpc_id=self.vpc.id,
            service_name=f"com.amazonaws.{account.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in (*self.private_tables, self.data_table)],
            tags=scope.tags("network", "s3-endpoint"),
            opts=self._own,
        )
        self._flow_log(account, logs_key_arn)
        self.register_outputs({"vpc_id": self.vpc.id})

    def _subnet(self, tier: str, zone: str, cidr: str) -> ec2.Subnet:
        name = f"{tier}-{zone[-1]}"
        return ec2.Subnet(
            self._scope.logical(name),
            vpc_id=self.vpc.id,
            availability_zone=zone,
            cidr_block=cidr,
            # Whatever needs a public address here (NAT, load balancer) brings its own.
            map_public_ip_on_launch=False,
            tags=self._scope.tags("network", name, tier=tier),
            opts=self._own,
        )

    def _table(self, name: str) -> ec2.RouteTable:
        tags = self._scope.tags("network", name)
        return ec2.RouteTable(self._scope.logical(name), vpc_id=self.vpc.id, tags=tags, opts=self._own)

    def _associate(self, name: str, subnet: ec2.Subnet, table: ec2.RouteTable) -> None:
        ec2.RouteTableAssociation(
            self._scope.logical(name), subnet_id=subnet.id, route_table_id=table.id, opts=self._own
        )

    def _public_routes(self, letters: dict[str, str]) -> ec2.InternetGateway:
        tags = self._scope.tags("network", "internet")
        gateway = ec2.InternetGateway(
            self._scope.logical("internet"), vpc_id=self.vpc.id, tags=tags, opts=self._own
        )
        table = self._table("public")
        ec2.Route(
            self._scope.logical("public-internet"),
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self._own,
        )
        for zone, letter in letters.items():
            self._associate(f"public-{letter}", self.public[zone], table)
        return gateway

    def _nat(self, letter: str, subnet: ec2.Subnet, gateway: ec2.InternetGateway) -> ec2.NatGateway:
        name = f"nat-{letter}"
        # An address can only be used once the VPC has its internet gateway, which no argument tells Pulumi.
        after = pulumi.ResourceOptions(parent=self, depends_on=[gateway])
        address = ec2.Eip(
            self._scope.logical(name), domain="vpc", tags=self._scope.tags("network", name), opts=after
        )
        return ec2.NatGateway(
            self._scope.logical(name),
            allocation_id=address.id,
            subnet_id=subnet.id,
            connectivity_type="public",
            tags=self._scope.tags("network", name),
            opts=after,
        )

    def _private_routes(self, letters: dict[str, str], gateway: ec2.InternetGateway) -> list[ec2.RouteTable]:
        single = self._settings.nat_gateways == "single"
        homes = list(letters.items())[:1] if single else list(letters.items())
        self.nat_gateways = {zone: self._nat(letter, self.public[zone], gateway) for zone, letter in homes}
        tables = []
        for zone, letter in letters.items():
            # A table per zone even with one NAT: going to one per zone then changes routes, nothing else.
            table = self._table(f"private-{letter}")
            nat = self.nat_gateways.get(zone) or self.nat_gateways[homes[0][0]]
            ec2.Route(
                self._scope.logical(f"private-{letter}-nat"),
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nat.id,
                opts=self._own,
            )
            self._associate(f"private-{letter}", self.private[zone], table)
            tables.append(table)
        return tables

    def _data_routes(self, letters: dict[str, str]) -> ec2.RouteTable:
        table = self._table("data")
        for zone, letter in letters.items():
            self._associate(f"data-{letter}", self.data[zone], table)
        return table

    def _flow_log(self, account: Account, logs_key_arn: pulumi.Input[str]) -> None:
        scope = self._scope
        group = cloudwatch.LogGroup(
            scope.logical("flow-logs"),
            name=scope.path("flow-logs"),
            retention_in_days=self._settings.flow_log_retention_days,
            kms_key_id=logs_key_arn,
            tags=scope.tags("network", "flow-logs"),
            opts=self._own,
        )
        role = iam.Role(
            scope.logical("flow-logs"),
            assume_role_policy=assumed_by(
                "vpc-flow-logs.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": account.account_id},
                    "ArnLike": {"aws:SourceArn": account.arn("ec2", "vpc-flow-log/*")},
                },
            ),
            tags=scope.tags("network", "flow-logs"),
            opts=self._own,
        )
        policy = iam.RolePolicy(
            scope.logical("flow-logs"),
            role=role.id,
            policy=document(
                allow(
                    "WriteFlowLogs",
                    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    [group.arn, pulumi.Output.concat(group.arn, ":*")],
                ),
                allow("FindLogGroup", ["logs:DescribeLogGroups"], account.arn("logs", "log-group:*")),
            ),
            opts=self._own,
        )
        ec2.FlowLog(
            scope.logical("flow-logs"),
            vpc_id=self.vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags=scope.tags("network", "flow-logs"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
