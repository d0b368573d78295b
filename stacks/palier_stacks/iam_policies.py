"""IAM policy documents, as data: the parts that many policies share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """The account and region that ARNs are of."""

    account_id: str
    partition: str
    region: str

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """`arn:<partition>:<service>:<region>:<account>:<resource>`; without region for global services."""
        region = self.region if regional else ""
        return f"arn:{self.partition}:{service}:{region}:{self.account_id}:{resource}"


def current_account(region: str) -> Account:
    """Ask AWS whose account this is. pulumi.RunError, one line, where it does not answer or refuses."""
    from pulumi_aws import get_caller_identity, get_partition

    try:
        return Account(get_caller_identity().account_id, get_partition().partition, region)
    except Exception as error:
        # The SDK raises a bare Exception; it is the first thing asked, so it tells of credentials, too.
        raise pulumi.RunError(f"AWS does not say whose account this is: {error}") from None


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy document as JSON; statements may hold outputs."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def assumed_by(service: str, condition: Statement | None = None) -> pulumi.Output[str]:
    """Trust policy for one AWS service; a condition keeps other accounts from borrowing it."""
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return document(statement | ({"Condition": condition} if condition else {}))


def allow(sid: str, actions: list[str], resources: Any, condition: Statement | None = None) -> Statement:
    """One Allow statement of an identity policy."""
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | ({"Condition": condition} if condition else {})


def for_cloudfront(account: Account, sid: str, actions: list[str], resources: Any) -> Statement:
    """Statement that lets CloudFront do `actions` for distributions of this account, and of no other."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": actions,
        "Resource": resources,
        "Condition": {
            "ArnLike": {"aws:SourceArn": account.arn("cloudfront", "distribution/*", regional=False)}
        },
    }


def tls_only(bucket_arn: pulumi.Input[str]) -> Statement:
    """Bucket policy statement that denies whatever does not come over TLS."""
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
