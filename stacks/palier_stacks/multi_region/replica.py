"""A read replica of foundation's primary in another region, ready to be promoted.

Its role may move: after `palier region failover` it writes, and the primary of old follows it. So whom it
follows is said once, when it is made, and never again: an `up` must not turn a writer back into a replica.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import cloudwatch, rds

from palier_stacks.multi_region.database_settings import GlobalDatabaseSettings
from palier_stacks.multi_region.places import Place, RegionalDatabase
from palier_stacks.postgresql import PARAMETERS, parameter_group

LOG_EXPORTS = ["postgresql", "upgrade"]
BACKUP_WINDOW = "02:00-03:00"
MAINTENANCE_WINDOW = "sun:05:30-sun:06:30"  # After the primary's and its replicas', never with them.
# What a failover or a switchover changes behind Pulumi's back, and an `up` leaves as it is.
MOVED_BY_FAILOVER = ["replicateSourceDb"]


class RegionalReplica(pulumi.ComponentResource):
    """The replica and what it needs in its region: subnet group, parameter group, log groups."""

    def __init__(
        self,
        place: Place,
        settings: GlobalDatabaseSettings,
        foundation: pulumi.Output[dict[str, Any]],
        *,
        log_retention_days: int,
    ) -> None:
        super().__init__(
            "palier:multi-region:RegionalReplica", place.scope.logical("database"), None, place.opts
        )
        self._place, self._settings, self._foundation = place, settings, foundation
        self._own = pulumi.ResourceOptions(parent=self)
        # RDS names its log groups after it, and they are made beforehand.
        self.identifier = place.scope.name(f"database-{place.region}")
        self.max_connections: pulumi.Output[int] = foundation["database_max_connections"].apply(int)
        groups = [self._log_group(kind, log_retention_days) for kind in LOG_EXPORTS]
        self.instance = self._instance(groups)
        self.database = RegionalDatabase(
            identifier=self.instance.identifier,
            arn=self.instance.arn,
            endpoint=self.instance.address,
            reader_endpoint=self.instance.address,
            resource_id=self.instance.resource_id,
            max_connections=self.max_connections,
        )
        self.register_outputs({"identifier": self.instance.identifier})

    def _log_group(self, kind: str, retention_days: int) -> cloudwatch.LogGroup:
        scope, name = self._place.scope, f"database-{kind}"
        return cloudwatch.LogGroup(
            scope.logical(name),
            name=pulumi.Output.concat("/aws/rds/instance/", self.identifier, "/", kind),
            retention_in_days=retention_days,
            kms_key_id=self._place.operations_key_arn,
            tags=scope.tags("database", name),
            opts=self._own,
        )

    def _parameters(self) -> rds.ParameterGroup:
        # A group of the region's own: RDS finds none of another region, and would take the default.
        chosen: dict[str, pulumi.Input[str]] = {
            **PARAMETERS,
            "hot_standby_feedback": "1",
            "log_min_duration_statement": str(self._settings.log_statements_over_milliseconds),
            # PostgreSQL starts no standby that allows fewer than its primary.
            "max_connections": self.max_connections.apply(str),
        }
        major = self._foundation["database_major_version"].apply(int)
        return parameter_group(self._place.scope, "database", major, chosen, self._own)

    def _instance(self, log_groups: list[cloudwatch.LogGroup]) -> rds.Instance:
        place, scope, settings, foundation = self._place, self._place.scope, self._settings, self._foundation
        subnets = rds.SubnetGroup(
            scope.logical("database"),
            description="Data subnets",
            subnet_ids=place.data_subnet_ids,
            tags=scope.tags("database", "database"),
            opts=self._own,
        )
        return rds.Instance(
            scope.logical("database"),
            identifier=self.identifier,
            # Another region: the source's ARN, a subnet group and a key of this region.
            replicate_source_db=foundation["database_arn"],
            instance_class=settings.instance_class,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[place.database_security_group_id],
            publicly_accessible=False,
            multi_az=settings.multi_az,
            storage_encrypted=True,
            kms_key_id=place.data_key_arn,
            storage_type="gp3",
            max_allocated_storage=foundation["database_max_allocated_storage_gib"].apply(
                lambda gib: int(gib) or None
            ),
            parameter_group_name=self._parameters().name,
            iam_database_authentication_enabled=True,
            # Once promoted it is the source of others, which RDS makes of an instance with backups only.
            backup_retention_period=settings.backup_retention_days,
            backup_window=BACKUP_WINDOW,
            copy_tags_to_snapshot=True,
            maintenance_window=MAINTENANCE_WINDOW,
            auto_minor_version_upgrade=True,
            apply_immediately=settings.apply_immediately,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=place.data_key_arn,
            performance_insights_retention_period=settings.performance_insights_retention_days,
            monitoring_interval=settings.monitoring_interval_seconds,
            # Roles are the account's, of no region.
            monitoring_role_arn=foundation["database_monitoring_role_arn"],
            enabled_cloudwatch_logs_exports=LOG_EXPORTS,
            deletion_protection=settings.deletion_protection,
            # RDS takes no final snapshot of a replica.
            skip_final_snapshot=True,
            tags=scope.tags("database", "database"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=log_groups, ignore_changes=MOVED_BY_FAILOVER),
        )
