"""An Aurora global database: a cluster that writes in one region, and one that follows in each other.

Which cluster writes is moved by `palier region switchover` and `failover`, and Pulumi says nothing about it:
every cluster is a member of the global cluster, and none is told whom to follow. Foundation's RDS primary
stands beside it until its data has been moved (docs/phases/multi-region.md).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, rds, ssm

from palier_stacks.multi_region.database_settings import GlobalDatabaseSettings
from palier_stacks.multi_region.places import Place, RegionalDatabase
from palier_stacks.postgresql import AT_START, PARAMETERS
from palier_stacks.scope import Scope

ENGINE, MASTER_USER, LOG_EXPORTS = "aurora-postgresql", "palier_admin", ["postgresql"]
BACKUP_WINDOW, MAINTENANCE_WINDOW = "02:00-03:00", "sun:05:30-sun:06:30"
PASSWORD_BYTES = 32
# What a failover, a switchover or an upgrade of the global cluster changes behind Pulumi's back.
MOVED_BY_FAILOVER = ["globalClusterIdentifier", "replicationSourceIdentifier", "engineVersion"]


class GlobalDatabase(pulumi.ComponentResource):
    """The global cluster, a cluster per place (the first writes at first) and the instances of each."""

    def __init__(
        self,
        scope: Scope,
        settings: GlobalDatabaseSettings,
        foundation: pulumi.Output[dict[str, Any]],
        places: Sequence[Place],
        *,
        log_retention_days: int,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("palier:multi-region:GlobalDatabase", "database", None, opts)
        self._scope, self._settings, self._foundation = scope, settings, foundation
        self._log_retention_days = log_retention_days
        self._own = pulumi.ResourceOptions(parent=self)
        self.max_connections = settings.aurora_connection_limit
        self.cluster = rds.GlobalCluster(
            "database",
            global_cluster_identifier=scope.name("database"),
            engine=ENGINE,
            engine_version=settings.engine_version,
            storage_encrypted=True,
            deletion_protection=settings.deletion_protection,
            tags=scope.tags("database", "database"),
            opts=self._own,
        )
        self.databases: dict[str, RegionalDatabase] = {}
        home, *others = places
        # A cluster that follows can only join one whose writer stands.
        writer = self._regional(home, self._first_writer(home), self._own)
        for place in others:
            self._regional(place, {}, pulumi.ResourceOptions(parent=place.opts.parent, depends_on=writer))
        self.register_outputs({"identifier": self.cluster.global_cluster_identifier})

    def _first_writer(self, home: Place) -> dict[str, Any]:
        """What only the cluster that writes first is told: Aurora refuses it of those that follow."""
        return {
            "database_name": self._foundation["database_name"],
            "master_username": MASTER_USER,
            "master_password": self._password(home),
        }

    def _password(self, home: Place) -> pulumi.Output[str]:
        """Made once and kept in SSM: Secrets Manager keeps no master password of a global database."""
        parameter = ssm.Parameter(
            home.scope.logical("database-master-password"),
            name=home.scope.path("database/master-password"),
            type="SecureString",
            key_id=home.data_key_arn,
            value=pulumi.Output.secret(secrets.token_urlsafe(PASSWORD_BYTES)),
            description="Master password of the Aurora global database",
            tags=home.scope.tags("database", "database-master-password"),
            # Another is thought of at each run; the first one counts.
            opts=pulumi.ResourceOptions.merge(self._own, pulumi.ResourceOptions(ignore_changes=["value"])),
        )
        return pulumi.Output.secret(parameter.value)

    def _regional(
        self, place: Place, first: dict[str, Any], opts: pulumi.ResourceOptions
    ) -> list[rds.ClusterInstance]:
        """The cluster of one region and its instances, which are returned."""
        cluster = self._regional_cluster(place, first, opts)
        self.databases[place.region] = RegionalDatabase(
            identifier=cluster.cluster_identifier,
            arn=cluster.arn,
            endpoint=cluster.endpoint,
            reader_endpoint=cluster.reader_endpoint,
            resource_id=cluster.cluster_resource_id,
            max_connections=self.max_connections,
        )
        settings, scope = self._settings, place.scope
        instances = []
        for number in range(1, settings.instances_per_region + 1):
            name = f"database-{number}"
            instance = rds.ClusterInstance(
                scope.logical(name),
                identifier=pulumi.Output.concat(cluster.cluster_identifier, f"-{number}"),
                cluster_identifier=cluster.cluster_identifier,
                engine=ENGINE,
                instance_class=settings.instance_class,
                publicly_accessible=False,
                auto_minor_version_upgrade=True,
                apply_immediately=settings.apply_immediately,
                performance_insights_enabled=True,
                performance_insights_kms_key_id=place.data_key_arn,
                performance_insights_retention_period=settings.performance_insights_retention_days,
                monitoring_interval=settings.monitoring_interval_seconds,
                monitoring_role_arn=self._foundation["database_monitoring_role_arn"],
                tags=scope.tags("database", name),
                opts=pulumi.ResourceOptions.merge(
                    opts, pulumi.ResourceOptions(ignore_changes=["engineVersion"])
                ),
            )
            instances.append(instance)
        return instances

    def _regional_cluster(
        self, place: Place, first: dict[str, Any], opts: pulumi.ResourceOptions
    ) -> rds.Cluster:
        settings, scope = self._settings, place.scope
        identifier = scope.name(f"database-{place.region}")
        groups = [self._log_group(place, identifier, kind, opts) for kind in LOG_EXPORTS]
        subnets = rds.SubnetGroup(
            scope.logical("database"),
            description="Data subnets",
            subnet_ids=place.data_subnet_ids,
            tags=scope.tags("database", "database"),
            opts=opts,
        )
        after = pulumi.ResourceOptions(depends_on=groups, ignore_changes=MOVED_BY_FAILOVER)
        return rds.Cluster(
            scope.logical("database"),
            cluster_identifier=identifier,
            global_cluster_identifier=self.cluster.global_cluster_identifier,
            engine=ENGINE,
            engine_version=settings.engine_version,
            db_subnet_group_name=subnets.name,
            db_cluster_parameter_group_name=self._parameters(place, opts).name,
            vpc_security_group_ids=[place.database_security_group_id],
            storage_encrypted=True,
            kms_key_id=place.data_key_arn,
            iam_database_authentication_enabled=True,
            backup_retention_period=settings.backup_retention_days,
            preferred_backup_window=BACKUP_WINDOW,
            preferred_maintenance_window=MAINTENANCE_WINDOW,
            copy_tags_to_snapshot=True,
            apply_immediately=settings.apply_immediately,
            enabled_cloudwatch_logs_exports=LOG_EXPORTS,
            deletion_protection=settings.deletion_protection,
            skip_final_snapshot=not settings.final_snapshot,
            final_snapshot_identifier=pulumi.Output.concat(identifier, "-final")
            if settings.final_snapshot
            else None,
            tags=scope.tags("database", "database"),
            opts=pulumi.ResourceOptions.merge(opts, after),
            **first,
        )

    def _log_group(
        self, place: Place, identifier: pulumi.Input[str], kind: str, opts: pulumi.ResourceOptions
    ) -> cloudwatch.LogGroup:
        name = f"database-{kind}"
        return cloudwatch.LogGroup(
            place.scope.logical(name),
            name=pulumi.Output.concat("/aws/rds/cluster/", identifier, "/", kind),
            retention_in_days=self._log_retention_days,
            kms_key_id=place.operations_key_arn,
            tags=place.scope.tags("database", name),
            opts=opts,
        )

    def _parameters(self, place: Place, opts: pulumi.ResourceOptions) -> rds.ClusterParameterGroup:
        chosen = {
            **PARAMETERS,
            "log_min_duration_statement": str(self._settings.log_statements_over_milliseconds),
            "max_connections": str(self.max_connections),
        }
        return rds.ClusterParameterGroup(
            place.scope.logical("database"),
            family=f"{ENGINE}{self._settings.aurora_major}",
            description="PostgreSQL settings of the global database",
            parameters=[
                {
                    "name": key,
                    "value": value,
                    "apply_method": "pending-reboot" if key in AT_START else "immediate",
                }
                for key, value in sorted(chosen.items())
            ],
            tags=place.scope.tags("database", "database"),
            opts=opts,
        )
