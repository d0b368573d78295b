"""The two keys: one for what users own (database, caches, assets, secrets), one for what operates it.

They are apart because different principals use them: CloudWatch Logs and CloudWatch alarms need the second,
and must never be able to use the first.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import kms

from palier_stacks.iam_policies import Account, Statement, document, for_cloudfront
from palier_stacks.scope import Scope

USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def administration(account: Account) -> Statement:
    """Leaves the key to the account's IAM policies; without it nobody could manage the key at all."""
    return {
        "Sid": "AccountAdministersKey",
        "Effect": "Allow",
        "Principal": {"AWS": account.arn("iam", "root", regional=False)},
        "Action": "kms:*",
        "Resource": "*",
    }


def _for_service(sid: str, service: str, actions: list[str], condition: dict[str, Any]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }


class Encryption(pulumi.ComponentResource):
    """Customer-managed keys with yearly rotation, each with an alias."""

    def __init__(
        self,
        scope: Scope,
        *,
        account: Account,
        cloudfront_reads: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Encryption", scope.logical("encryption"), None, opts)
        own = pulumi.ResourceOptions(parent=self)
        reads = [for_cloudfront(account, "CloudFrontReadsAssets", ["kms:Decrypt"], "*")]
        self.data = key(
            scope,
            "data",
            "Data of the platform: database, caches, assets, secrets",
            [administration(account), *(reads if cloudfront_reads else [])],
            own,
        )
        self.operations = operations_key(scope, account, own)
        self.register_outputs({"data_key_arn": self.data.arn, "operations_key_arn": self.operations.arn})


def operations_key(scope: Scope, account: Account, opts: pulumi.ResourceOptions) -> kms.Key:
    """The key of logs and notifications in one region."""
    return key(
        scope,
        "operations",
        "Logs and notifications of the platform",
        [
            administration(account),
            _for_service(
                "LogsOfThisAccount",
                f"logs.{account.region}.amazonaws.com",
                USE,
                {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": account.arn("logs", "log-group:*")}},
            ),
            # Without this an alarm that acts on an encrypted topic fails, and nobody hears of it.
            _for_service(
                "AlarmsOfThisAccount",
                "cloudwatch.amazonaws.com",
                ["kms:Decrypt", "kms:GenerateDataKey*"],
                {"StringEquals": {"aws:SourceAccount": account.account_id}},
            ),
        ],
        opts,
    )


def key(
    scope: Scope, name: str, description: str, statements: list[Statement], opts: pulumi.ResourceOptions
) -> kms.Key:
    """A customer-managed key with yearly rotation, and its alias."""
    made = kms.Key(
        scope.logical(name),
        description=description,
        enable_key_rotation=True,
        deletion_window_in_days=30,
        policy=document(*statements),
        tags=scope.tags("security", name),
        opts=opts,
    )
    kms.Alias(
        scope.logical(name),
        name=pulumi.Output.concat("alias/", scope.name(name)),
        target_key_id=made.key_id,
        opts=opts,
    )
    return made
