"""The read replicas: copies of the primary in its own VPC and under its own key, sized apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, rds

from palier_stacks.postgresql import PARAMETERS, parameter_group
from palier_stacks.replicas.placement import place
from palier_stacks.replicas.settings import ParameterSettings, ReplicasSettings
from palier_stacks.scope import Scope

LOG_EXPORTS = ["postgresql", "upgrade"]
MAINTENANCE_WINDOW = "sun:04:30-sun:05:30"  # After the primary's, never with it.


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica: its logical name, its instance, and its weight at the reader endpoint."""

    name: str
    instance: rds.Instance
    weight: int


def parameters(
    settings: ParameterSettings, max_connections: pulumi.Input[int]
) -> dict[str, pulumi.Input[str]]:
    """PostgreSQL parameters of the replicas: the common ones and those that only a standby has."""
    limit = pulumi.Output.from_input(max_connections).apply(lambda count: str(int(count)))
    chosen: dict[str, pulumi.Input[str]] = {
        **PARAMETERS,
        "hot_standby_feedback": "1" if settings.hot_standby_feedback else "0",
        "max_standby_streaming_delay": str(settings.max_standby_streaming_delay_seconds * 1000),
        "log_min_duration_statement": str(settings.log_statements_over_milliseconds),
        "max_connections": limit,
    }
    if settings.work_mem_mib is not None:
        chosen["work_mem"] = str(settings.work_mem_mib * 1024)
    return chosen


class ReadReplicas(pulumi.ComponentResource):
    """N replicas spread over the zones, with their parameter group and their log groups.

    `foundation` gives foundation's checked outputs by name.
    """

    def __init__(
        self,
        scope: Scope,
        settings: ReplicasSettings,
        foundation: pulumi.Output[dict[str, Any]],
        *,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:replicas:ReadReplicas", "read-replicas", None, opts)
        self._scope, self._settings, self._foundation = scope, settings, foundation
        self._own = pulumi.ResourceOptions(parent=self)
        own_limit = settings.parameters.max_connections
        self.max_connections: pulumi.Output[int] = foundation["database_max_connections"].apply(
            lambda primary: int(own_limit or primary)
        )
        chosen = parameters(settings.parameters, self.max_connections)
        major = foundation["database_major_version"].apply(int)
        self._parameters = parameter_group(scope, "replicas", major, chosen, self._own)
        self.replicas = [self._replica(index) for index in range(settings.instances.count)]
        self.register_outputs({"identifiers": [replica.instance.identifier for replica in self.replicas]})

    def _zone(self, index: int) -> pulumi.Output[str]:
        chosen, count = self._settings.instances.availability_zones, self._settings.instances.count
        return self._foundation["zones"].apply(lambda zones: place(count, chosen or zones)[index])

    def _log_group(self, name: str, identifier: pulumi.Input[str], kind: str) -> cloudwatch.LogGroup:
        logical = f"{name}-{kind}"
        return cloudwatch.LogGroup(
            logical,
            name=pulumi.Output.concat("/aws/rds/instance/", identifier, "/", kind),
            retention_in_days=self._foundation["log_retention_days"].apply(int),
            kms_key_id=self._foundation["operations_key_arn"],
            tags=self._scope.tags("database", logical),
            opts=self._own,
        )

    def _replica(self, index: int) -> Replica:
        foundation, settings = self._foundation, self._settings.instances
        name = f"replica-{index + 1}"
        identifier = self._scope.name(name)
        groups = [self._log_group(name, identifier, kind) for kind in LOG_EXPORTS]
        instance = rds.Instance(
            name,
            identifier=identifier,
            # Same region, same subnet group: the source's identifier, and no subnet group of our own.
            replicate_source_db=foundation["database_identifier"],
            instance_class=settings.instance_class,
            availability_zone=self._zone(index),
            multi_az=False,
            # A replica in the region of its source has the source's key; RDS takes no other.
            storage_encrypted=True,
            storage_type="gp3",
            max_allocated_storage=foundation["database_max_allocated_storage_gib"].apply(
                lambda gib: int(gib) or None
            ),
            vpc_security_group_ids=[foundation["database_security_group_id"]],
            publicly_accessible=False,
            parameter_group_name=self._parameters.name,
            iam_database_authentication_enabled=True,
            auto_minor_version_upgrade=True,
            maintenance_window=MAINTENANCE_WINDOW,
            apply_immediately=settings.apply_immediately,
            copy_tags_to_snapshot=True,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=foundation["data_key_arn"],
            performance_insights_retention_period=settings.performance_insights_retention_days,
            monitoring_interval=settings.monitoring_interval_seconds,
            monitoring_role_arn=foundation["database_monitoring_role_arn"],
            enabled_cloudwatch_logs_exports=LOG_EXPORTS,
            deletion_protection=settings.deletion_protection,
            # RDS takes no final snapshot of a replica.
            skip_final_snapshot=True,
            tags=self._scope.tags("database", name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=groups),
        )
        return Replica(name, instance, settings.weight(index))
