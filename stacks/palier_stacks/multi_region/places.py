"""A region as the parts that span regions see it: the home, which is foundation's, or a further one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from palier_stacks.alarms import Topics
from palier_stacks.iam_policies import Account
from palier_stacks.scope import Scope


@dataclass(frozen=True, slots=True)
class Place:
    """One region: its names, how to make something there, and what stands there already.

    `account` has the region in it; `opts` have its provider. `https` says what its load balancer speaks.
    """

    region: str
    scope: Scope
    account: Account
    opts: pulumi.ResourceOptions
    topics: Topics
    vpc_id: pulumi.Input[str]
    vpc_cidr: pulumi.Input[str]
    data_subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    route_table_ids: pulumi.Output[list[str]]
    application_security_group_id: pulumi.Input[str]
    database_security_group_id: pulumi.Input[str]
    data_key_arn: pulumi.Input[str]
    operations_key_arn: pulumi.Input[str]
    assets_bucket: pulumi.Input[str]


@dataclass(frozen=True, slots=True)
class Serving:
    """The application tier of one region, as routing and outputs need it."""

    role_name: pulumi.Input[str]
    load_balancer_arn: pulumi.Input[str]
    load_balancer_dns_name: pulumi.Input[str]
    load_balancer_zone_id: pulumi.Input[str]
    target_group_arn: pulumi.Input[str]
    autoscaling_group_name: pulumi.Input[str]
    max_instances: pulumi.Input[int]
    https: pulumi.Output[bool]


@dataclass(frozen=True, slots=True)
class RegionalDatabase:
    """The database of one region: an instance, or a cluster. `resource_id` is what IAM logins name."""

    identifier: pulumi.Input[str]
    arn: pulumi.Input[str]
    endpoint: pulumi.Input[str]
    reader_endpoint: pulumi.Input[str]
    resource_id: pulumi.Input[str]
    max_connections: pulumi.Input[int]


def home_place(
    foundation: pulumi.Output[dict[str, Any]], scope: Scope, account: Account, opts: pulumi.ResourceOptions
) -> Place:
    """The home region, from foundation's checked outputs."""
    private, data = foundation["private_route_table_ids"], foundation["data_route_table_id"]
    return Place(
        region=account.region,
        scope=scope,
        account=account,
        opts=opts,
        topics=Topics(foundation["attention_topic_arn"], foundation["critical_topic_arn"]),
        vpc_id=foundation["vpc_id"],
        vpc_cidr=foundation["vpc_cidr"],
        data_subnet_ids=foundation["data_subnet_ids"],
        route_table_ids=pulumi.Output.all(private, data).apply(lambda found: [*found[0], found[1]]),
        application_security_group_id=foundation["application_security_group_id"],
        database_security_group_id=foundation["database_security_group_id"],
        data_key_arn=foundation["data_key_arn"],
        operations_key_arn=foundation["operations_key_arn"],
        assets_bucket=foundation["assets_bucket"],
    )


def home_serving(foundation: pulumi.Output[dict[str, Any]]) -> Serving:
    """The home region's application tier, from foundation's checked outputs."""
    return Serving(
        role_name=foundation["application_role_name"],
        load_balancer_arn=foundation["load_balancer_arn"],
        load_balancer_dns_name=foundation["load_balancer_dns_name"],
        load_balancer_zone_id=foundation["load_balancer_zone_id"],
        target_group_arn=foundation["target_group_arn"],
        autoscaling_group_name=foundation["autoscaling_group_name"],
        max_instances=foundation["application_max_instances"].apply(int),
        https=foundation["url"].apply(lambda url: str(url).startswith("https:")),
    )
