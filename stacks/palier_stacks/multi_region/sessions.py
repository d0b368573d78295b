"""Sessions that survive a region: a DynamoDB global table, written in any region, seen in all.

Redis holds sessions of one region and loses them with it. DynamoDB's replicas take writes everywhere; of two
writes to one session at the same moment the later wins, which is what a session wants.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import dynamodb, iam

from palier_stacks.iam_policies import Account, Statement, allow, document
from palier_stacks.multi_region.places import Place
from palier_stacks.multi_region.settings import SessionSettings
from palier_stacks.scope import Scope

KEY, EXPIRY = "session", "expires_at"
USE = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"]
# What DynamoDB does with a customer's key on behalf of whoever asks (DynamoDB guide, encryption at rest).
USE_KEY = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


class Sessions(pulumi.ComponentResource):
    """The table at home and its replica in every further region, each under its region's key."""

    def __init__(
        self,
        scope: Scope,
        settings: SessionSettings,
        places: Sequence[Place],
        *,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("palier:multi-region:Sessions", "sessions", None, opts)
        home, *others = places
        self.name = scope.name("sessions")
        self.table = dynamodb.Table(
            "sessions",
            name=self.name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=KEY,
            attributes=[{"name": KEY, "type": "S"}],
            ttl={"attribute_name": EXPIRY, "enabled": True},
            # Replicas follow the stream.
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            server_side_encryption={"enabled": True, "kms_key_arn": home.data_key_arn},
            point_in_time_recovery={"enabled": settings.point_in_time_recovery},
            deletion_protection_enabled=settings.deletion_protection,
            replicas=[
                {
                    "region_name": place.region,
                    "kms_key_arn": place.data_key_arn,
                    "point_in_time_recovery": settings.point_in_time_recovery,
                    "deletion_protection_enabled": settings.deletion_protection,
                    "propagate_tags": True,
                }
                for place in others
            ],
            tags=scope.tags("application", "sessions"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"name": self.table.name})

    def use_in(self, place: Place) -> list[Statement]:
        """What an application instance of `place` may do with the region's replica."""
        return use_sessions(place.account, self.name, place.data_key_arn)


def use_sessions(account: Account, table: pulumi.Input[str], key_arn: pulumi.Input[str]) -> list[Statement]:
    """Read and write sessions in the account's region, and their key through DynamoDB alone."""
    arn = pulumi.Output.concat(account.arn("dynamodb", "table/"), table)
    through = {"StringEquals": {"kms:ViaService": f"dynamodb.{account.region}.amazonaws.com"}}
    return [
        allow("UseSessions", USE, arn),
        allow("UseSessionsKey", USE_KEY, key_arn, through),
    ]


def log_in_to(
    places: Sequence[Place], resource_ids: dict[str, pulumi.Input[str]], user: pulumi.Input[str]
) -> Statement:
    """Log in to the database of each of `places`, whichever writes; `resource_ids` are by region."""
    concat = pulumi.Output.concat
    users = [
        concat(place.account.arn("rds-db", "dbuser:"), resource_ids[place.region], "/", user)
        for place in places
    ]
    return allow("LogInToDatabases", ["rds-db:connect"], users)


def let_home_in(
    home: Place, role_name: pulumi.Input[str], statements: list[Statement], opts: pulumi.ResourceOptions
) -> None:
    """Give the home region's application, which is foundation's, what this phase brings."""
    iam.RolePolicy(
        home.scope.logical("application-in-all-regions"),
        role=role_name,
        policy=document(*statements),
        opts=opts,
    )
