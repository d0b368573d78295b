"""What an application instance may do, and nothing more."""

from __future__ import annotations

import pulumi
from pulumi_aws import iam

from palier_stacks.foundation.machine import AGENT_NAMESPACE
from palier_stacks.iam_policies import Account, Statement, allow, assumed_by, document
from palier_stacks.scope import Scope


def instance_role(
    scope: Scope, account: Account, statements: list[Statement], opts: pulumi.ResourceOptions
) -> iam.Role:
    """The role of the instances: `statements`, and Session Manager instead of SSH."""
    role = iam.Role(
        scope.logical("application"),
        assume_role_policy=assumed_by("ec2.amazonaws.com"),
        tags=scope.tags("application", "application"),
        opts=opts,
    )
    iam.RolePolicyAttachment(
        scope.logical("application-session-manager"),
        role=role.name,
        policy_arn=f"arn:{account.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore",
        opts=opts,
    )
    iam.RolePolicy(scope.logical("application"), role=role.id, policy=document(*statements), opts=opts)
    return role


def statements(
    scope: Scope,
    account: Account,
    *,
    log_group_arn: pulumi.Input[str],
    assets_arn: pulumi.Input[str],
    data_key_arn: pulumi.Input[str],
    database_resource_id: pulumi.Input[str],
    database_user: pulumi.Input[str],
) -> list[Statement]:
    """Read its configuration and secrets, ship logs and metrics, use assets, log in to the database."""
    concat = pulumi.Output.concat
    parameters = [
        concat(account.arn("ssm", "parameter"), scope.path("application")),
        concat(account.arn("ssm", "parameter"), scope.path("application"), "/*"),
        concat(account.arn("ssm", "parameter"), scope.path("agent"), "/*"),
    ]
    secrets = concat(account.arn("secretsmanager", "secret:"), scope.name("application"), "/*")
    user = concat(account.arn("rds-db", "dbuser:"), database_resource_id, "/", database_user)
    namespace = {"StringEquals": {"cloudwatch:namespace": AGENT_NAMESPACE}}
    streams = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    return [
        allow("ReadConfiguration", ["ssm:GetParameter", "ssm:GetParametersByPath"], parameters),
        allow("ReadOwnSecrets", ["secretsmanager:GetSecretValue"], secrets),
        allow("ShipLogs", streams, [log_group_arn, concat(log_group_arn, ":*")]),
        allow("ShipMetrics", ["cloudwatch:PutMetricData"], "*", namespace),
        # The agent finds its autoscaling group in the instance's tags; EC2 knows no narrower resource.
        allow("FindOwnGroup", ["ec2:DescribeTags"], "*"),
        allow("ListAssets", ["s3:ListBucket"], assets_arn),
        allow("UseAssets", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], concat(assets_arn, "/*")),
        allow("UseDataKey", ["kms:Decrypt", "kms:GenerateDataKey"], data_key_arn),
        allow("LogInToDatabase", ["rds-db:connect"], user),
    ]
