"""The application's variables: SSM parameters that an instance reads when it starts."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_aws import ssm

from palier_stacks.scope import Scope


def publish(scope: Scope, variables: Mapping[str, pulumi.Input[str]], opts: pulumi.ResourceOptions) -> None:
    """One parameter a variable, under the environment's `application/` path; never a password."""
    for variable, value in variables.items():
        name = variable.lower().replace("_", "-")
        ssm.Parameter(
            scope.logical(name),
            name=scope.path(f"application/{variable}"),
            type="String",
            value=value,
            description="Variable of the application, read when an instance starts",
            tags=scope.tags("application", name),
            opts=opts,
        )
