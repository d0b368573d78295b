"""The two keys: one for what users own (database, caches, assets, secrets), one for what operates it.

They are apart because different principals use them: CloudWatch Logs and CloudWatch alarms need the second,
and must never be able to use the first.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import kms

from palier_stacks.iam_policies import Account, Statement, document
from palier_stacks.scope import Scope

USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def _administration(account: Account) -> Statement:
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

    def __init__(self, scope: Scope, *, account: Account, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("palier:foundation:Encryption", scope.logical("encryption"), None, opts)
        self._scope = scope
        administration = _administration(account)
        self.data = self._key(
            "data", "Data of the platform: database, caches, assets, secrets", administration
        )
        self.operations = self._key(
            "operations",
            "Logs and notifications of the platform",
            administration,
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
        )
        self.register_outputs({"data_key_arn": self.data.arn, "operations_key_arn": self.operations.arn})

    def _key(self, name: str, description: str, *statements: Statement) -> kms.Key:
        own = pulumi.ResourceOptions(parent=self)
        key = kms.Key(
            self._scope.logical(name),
            description=description,
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=document(*statements),
            tags=self._scope.tags("security", name),
            opts=own,
        )
        kms.Alias(
            self._scope.logical(name),
            name=pulumi.Output.concat("alias/", self._scope.name(name)),
            target_key_id=key.key_id,
            opts=own,
        )
        return key
