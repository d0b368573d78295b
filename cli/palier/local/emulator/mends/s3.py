"""Mends of S3: what every new bucket has since 2023, and a bucket policy that denies plain HTTP alone."""

from __future__ import annotations

import json
from typing import Any

from palier.local.emulator.mends.table import around, mend

# S3 user guide: SSE-S3 by default (January 2023), ACLs off and public access blocked (April 2023).
ENCRYPTION = {
    "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}
}


@mend("s3")
def new_bucket_is_private_and_encrypted() -> None:
    """A new bucket has no encryption, no ownership controls and no public access block."""
    from moto.s3.models import PublicAccessBlock, S3Backend

    @around(S3Backend, "create_bucket")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> Any:
        bucket = original(self, *arguments, **named)
        bucket.encryption = ENCRYPTION
        bucket.ownership_rule = "BucketOwnerEnforced"
        bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
        return bucket

    @around(S3Backend, "delete_bucket_encryption")
    def delete(original: Any, self: Any, bucket_name: str) -> None:
        self.get_bucket(bucket_name).encryption = ENCRYPTION


@mend("s3")
def plain_http_on_loopback_passes_for_tls() -> None:
    """A bucket policy that denies what does not come over TLS denies every object, its condition being left
    aside. What is asked of the local cloud never leaves the machine, and passes for TLS."""
    from moto.s3.models import FakeBucket

    @around(FakeBucket, "get_permission")
    def permission(original: Any, self: Any, action: str, resource: str) -> Any:
        from moto.iam.access_control import IAMPolicy, PermissionResult

        if self.policy is None:
            return original(self, action, resource)
        policy = json.loads(self.policy)
        statements = policy.get("Statement", [])
        given = statements if isinstance(statements, list) else [statements]
        left = [statement for statement in given if not _denies_plain_http(statement)]
        if not left:
            return PermissionResult.NEUTRAL
        remaining = IAMPolicy(json.dumps({**policy, "Statement": left}))
        return remaining.is_action_permitted(action, resource)


def _denies_plain_http(statement: dict[str, Any]) -> bool:
    condition = statement.get("Condition", {}).get("Bool", {})
    secure = str(condition.get("aws:SecureTransport", "")).lower()
    return statement.get("Effect") == "Deny" and secure == "false"
