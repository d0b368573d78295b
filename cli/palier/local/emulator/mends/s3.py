"""Mends of S3: what every new bucket has since 2023, encrypted and private."""

from __future__ import annotations

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
