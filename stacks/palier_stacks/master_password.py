"""The master password of a DB instance, made once and kept in a secret of Palier's own.

RDS could make, keep and rotate it (manage_master_user_password), but makes no read replica of an instance
whose password it manages (RDS user guide, "Password management with RDS and Secrets Manager", limitations).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

import pulumi
from pulumi_aws import secretsmanager

from palier_stacks.scope import Scope

MASTER_USER = "palier_admin"
# 43 characters of A-Z, a-z, 0-9, - and _: RDS takes up to 128, and refuses / ' " @ and spaces.
PASSWORD_BYTES = 32
# What names the secrets that RDS makes itself, in their ARNs.
MANAGED_BY_RDS = ":secret:rds!"


@dataclass(frozen=True, slots=True)
class MasterPassword:
    """The password, secret to Pulumi, and the ARN of the secret that holds it, once it holds it."""

    password: pulumi.Output[str]
    secret_arn: pulumi.Output[str]


def master_password(
    scope: Scope,
    server: str,
    *,
    generation: int,
    key_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    **tags: pulumi.Input[str],
) -> MasterPassword:
    """The master password of `server`, thought of when its `generation` is met for the first time.

    The secret holds {"username", "password"}, the form that RDS Proxy reads. `tags` as those of Scope.tags.
    """
    name = f"{server}-master"
    secret = secretsmanager.Secret(
        scope.logical(name),
        name=scope.name(name),
        description="Master user of a database",
        kms_key_id=key_arn,
        # It goes with its server, as one of RDS's own would; what is restored gets another password anyway.
        recovery_window_in_days=0,
        tags=scope.tags("database", name, **tags),
        opts=opts,
    )
    made = {"username": MASTER_USER, "password": secrets.token_urlsafe(PASSWORD_BYTES)}
    # A generation is a resource of its own: the new one is made, the server told, the old one dropped.
    version = secretsmanager.SecretVersion(
        scope.logical(f"{name}-{generation}"),
        secret_id=secret.id,
        secret_string=pulumi.Output.secret(json.dumps(made)),
        # Another is thought of at each run; the first one counts.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["secretString"])),
    )
    held = pulumi.Output.secret(version.secret_string)
    return MasterPassword(
        held.apply(lambda text: str(json.loads(str(text))["password"])),
        pulumi.Output.from_input(version.secret_arn),
    )
