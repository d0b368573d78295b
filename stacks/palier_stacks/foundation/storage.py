"""Buckets: assets that users own, and the load balancer's access logs."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import s3

from palier_stacks.foundation.settings import StorageSettings
from palier_stacks.iam_policies import Account, Statement, document, tls_only
from palier_stacks.scope import Scope

ACCESS_LOG_PREFIX = "load-balancer"
# Parts of uploads that were never finished cost as much as finished ones, and nothing lists them.
UNFINISHED_UPLOAD_DAYS = 7


class Storage(pulumi.ComponentResource):
    """Two private buckets, encrypted, that speak TLS only. `logs_policy` must stand before logs arrive."""

    def __init__(
        self,
        scope: Scope,
        settings: StorageSettings,
        *,
        account: Account,
        data_key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Storage", scope.logical("storage"), None, opts)
        self._scope, self._settings = scope, settings
        self._own = pulumi.ResourceOptions(parent=self)
        self.assets = self._bucket("assets", {"sse_algorithm": "aws:kms", "kms_master_key_id": data_key_arn})
        self.assets_versioning = s3.BucketVersioning(
            scope.logical("assets"),
            bucket=self.assets.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=self._own,
        )
        self._lifecycle("assets", self.assets, self._asset_rules())
        self._policy("assets", self.assets)
        # The load balancer writes only to buckets whose default encryption is S3's own (SSE-S3).
        self.logs = self._bucket("logs", {"sse_algorithm": "AES256"})
        self._lifecycle("logs", self.logs, [_expiry("access-logs", settings.access_log_days)])
        self.logs_policy = self._policy("logs", self.logs, _log_delivery(self.logs, account))
        self.register_outputs({"assets_bucket": self.assets.bucket, "logs_bucket": self.logs.bucket})

    def _bucket(self, name: str, encryption: dict[str, Any]) -> s3.Bucket:
        bucket = s3.Bucket(
            self._scope.logical(name),
            force_destroy=self._settings.force_destroy,
            tags=self._scope.tags("storage", name),
            opts=self._own,
        )
        s3.BucketServerSideEncryptionConfiguration(
            self._scope.logical(name),
            bucket=bucket.bucket,
            rules=[
                {
                    "apply_server_side_encryption_by_default": encryption,
                    "bucket_key_enabled": encryption["sse_algorithm"] == "aws:kms",
                }
            ],
            opts=self._own,
        )
        s3.BucketOwnershipControls(
            self._scope.logical(name),
            bucket=bucket.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._own,
        )
        return bucket

    def _policy(self, name: str, bucket: s3.Bucket, *statements: Statement) -> s3.BucketPolicy:
        wall = s3.BucketPublicAccessBlock(
            self._scope.logical(name),
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._own,
        )
        # S3 answers "conflicting conditional operation" when both are written at the same moment.
        after = pulumi.ResourceOptions(parent=self, depends_on=[wall])
        policy = document(tls_only(bucket.arn), *statements)
        return s3.BucketPolicy(self._scope.logical(name), bucket=bucket.bucket, policy=policy, opts=after)

    def _lifecycle(self, name: str, bucket: s3.Bucket, rules: list[dict[str, Any]]) -> None:
        uploads = {
            "id": "unfinished-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": UNFINISHED_UPLOAD_DAYS},
        }
        s3.BucketLifecycleConfiguration(
            self._scope.logical(name), bucket=bucket.bucket, rules=[*rules, uploads], opts=self._own
        )

    def _asset_rules(self) -> list[dict[str, Any]]:
        rules: list[dict[str, Any]] = [
            {
                "id": "noncurrent",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": self._settings.noncurrent_asset_days},
            }
        ]
        days = self._settings.asset_infrequent_access_days
        if days is not None:
            rules.append(
                {
                    "id": "infrequent-access",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "transitions": [{"days": days, "storage_class": "STANDARD_IA"}],
                }
            )
        return rules


def _expiry(name: str, days: int) -> dict[str, Any]:
    return {"id": name, "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": days}}


def _log_delivery(bucket: s3.Bucket, account: Account) -> Statement:
    objects = f"/{ACCESS_LOG_PREFIX}/AWSLogs/{account.account_id}/*"
    return {
        "Sid": "LoadBalancerAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": pulumi.Output.concat(bucket.arn, objects),
        "Condition": {"ArnLike": {"aws:SourceArn": account.arn("elasticloadbalancing", "loadbalancer/*")}},
    }
