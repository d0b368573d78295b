"""The bucket of CloudFront's access logs."""

from __future__ import annotations

import pulumi
from pulumi_aws import s3

from palier_stacks.cdn.settings import LogSettings
from palier_stacks.iam_policies import document, tls_only
from palier_stacks.scope import Scope


class Logs(pulumi.ComponentResource):
    """Private, encrypted by S3 itself, emptied by age. `ready` must stand before CloudFront writes into it.

    CloudFront writes as a user of its own, by an ACL that it adds to the bucket itself, so ACLs are on here.
    """

    def __init__(self, scope: Scope, settings: LogSettings, opts: pulumi.ResourceOptions) -> None:
        super().__init__("palier:cdn:Logs", "cdn-logs", None, opts)
        own = pulumi.ResourceOptions(parent=self)
        name = "cdn-logs"
        self.bucket = s3.Bucket(
            name, force_destroy=settings.force_destroy, tags=scope.tags("storage", name), opts=own
        )
        bucket = self.bucket.bucket
        s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=own,
        )
        expiry = {
            "id": "access-logs",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "expiration": {"days": settings.retention_days},
        }
        s3.BucketLifecycleConfiguration(name, bucket=bucket, rules=[expiry], opts=own)
        self.ready = s3.BucketOwnershipControls(
            name, bucket=bucket, rule={"object_ownership": "BucketOwnerPreferred"}, opts=own
        )
        wall = s3.BucketPublicAccessBlock(
            name,
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=own,
        )
        s3.BucketPolicy(
            name,
            bucket=bucket,
            policy=document(tls_only(self.bucket.arn)),
            # S3 answers "conflicting conditional operation" when both are written at the same moment.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[wall]),
        )
        self.register_outputs({})
