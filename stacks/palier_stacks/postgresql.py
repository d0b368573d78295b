"""What all our PostgreSQL instances have in common: the parameter group.

Parameters that PostgreSQL only reads at its start are marked for the next reboot; RDS refuses to apply
them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from palier_stacks.scope import Scope

if TYPE_CHECKING:
    from pulumi_aws import rds

# Static by PostgreSQL's own account (pg_settings.context = 'postmaster').
AT_START = frozenset({"max_connections", "shared_preload_libraries"})

PARAMETERS: Mapping[str, str] = {
    "rds.force_ssl": "1",
    "shared_preload_libraries": "pg_stat_statements",
    "log_connections": "1",
    "log_disconnections": "1",
    "log_lock_waits": "1",
    # kB: a sort or join that spills 10 MiB to disk is worth a line in the log.
    "log_temp_files": "10240",
    # ms: a transaction left open for five minutes holds back vacuum, on the primary and on replicas.
    "idle_in_transaction_session_timeout": "300000",
}


def parameter_group(
    scope: Scope,
    name: str,
    major: pulumi.Input[int],
    parameters: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> rds.ParameterGroup:
    """A group of family `postgres<major>`, named by Pulumi: a new family is made beside the old one."""
    from pulumi_aws import rds

    return rds.ParameterGroup(
        scope.logical(name),
        family=pulumi.Output.concat("postgres", pulumi.Output.from_input(major).apply(str)),
        description=f"PostgreSQL settings of the {name}",
        parameters=[
            {
                "name": key,
                "value": value,
                "apply_method": "pending-reboot" if key in AT_START else "immediate",
            }
            for key, value in sorted(parameters.items())
        ],
        tags=scope.tags("database", name),
        opts=opts,
    )
