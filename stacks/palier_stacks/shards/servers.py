"""The shards' servers: one PostgreSQL each, with parameters, logs, backups and secret of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, rds

from palier_stacks.foundation.database import LOG_EXPORTS
from palier_stacks.master_password import MASTER_USER, MasterPassword, master_password
from palier_stacks.postgresql import PARAMETERS, parameter_group
from palier_stacks.scope import Scope
from palier_stacks.shards.server_settings import RestoreSettings
from palier_stacks.shards.settings import ParameterSettings, ShardSettings, ShardsSettings

PORT = 5432


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard: its settings, its server, and its replica where it has one."""

    settings: ShardSettings
    instance: rds.Instance
    replica: rds.Instance | None
    secret_arn: pulumi.Output[str]
    """ARN of the secret that holds the master password."""


def parameters(settings: ParameterSettings, shard: ShardSettings) -> dict[str, str]:
    """PostgreSQL parameters of one shard: the common ones, and what the settings say."""
    server = shard.server
    chosen = {
        **PARAMETERS,
        "log_min_duration_statement": str(server.log_statements_over_milliseconds),
        "max_connections": str(server.connection_limit),
    }
    if settings.work_mem_mib is not None:
        chosen["work_mem"] = str(settings.work_mem_mib * 1024)
    for name in ("statement_timeout", "lock_timeout"):
        seconds = getattr(settings, f"{name}_seconds")
        if seconds is not None:
            chosen[name] = str(seconds * 1000)
    return chosen


def source(restore: RestoreSettings | None) -> dict[str, Any]:
    """The arguments of an instance that say where its data comes from; none for one that begins empty."""
    if restore is None:
        return {}
    if restore.snapshot_identifier is not None:
        return {"snapshot_identifier": restore.snapshot_identifier}
    when: dict[str, Any] = {"source_db_instance_identifier": restore.source_identifier}
    if restore.restore_time is None:
        when["use_latest_restorable_time"] = True
    else:
        when["restore_time"] = restore.restore_time
    return {"restore_to_point_in_time": when}


class ShardServers(pulumi.ComponentResource):
    """Every shard's server, and the replicas. `foundation` gives foundation's checked outputs by name."""

    def __init__(
        self,
        scope: Scope,
        settings: ShardsSettings,
        foundation: pulumi.Output[dict[str, Any]],
        *,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:shards:ShardServers", "shard-servers", None, opts)
        self._scope, self._settings, self._foundation = scope, settings, foundation
        self._own = pulumi.ResourceOptions(parent=self)
        self._subnets = rds.SubnetGroup(
            "shards",
            description="Data subnets",
            subnet_ids=foundation["data_subnet_ids"],
            tags=scope.tags("database", "shards"),
            opts=self._own,
        )
        self._log_days = foundation["log_retention_days"].apply(int)
        self.shards = [self._shard(shard) for shard in settings.shards]
        self.register_outputs({"identifiers": [shard.instance.identifier for shard in self.shards]})

    def _log_groups(self, name: str, identifier: pulumi.Input[str]) -> list[cloudwatch.LogGroup]:
        """RDS would make these itself, to be kept for ever and not encrypted with our key."""
        # A restored server has log groups of its own, and the old ones are there until the old server goes.
        beside = pulumi.ResourceOptions(parent=self, delete_before_replace=False)
        return [
            cloudwatch.LogGroup(
                f"{name}-{kind}",
                name=pulumi.Output.concat("/aws/rds/instance/", identifier, "/", kind),
                retention_in_days=self._log_days,
                kms_key_id=self._foundation["operations_key_arn"],
                tags=self._scope.tags("database", f"{name}-{kind}"),
                opts=beside,
            )
            for kind in LOG_EXPORTS
        ]

    def _shard(self, shard: ShardSettings) -> Shard:
        name, server = shard.name, shard.server
        chosen = parameters(self._settings.parameters, shard)
        group = parameter_group(self._scope, name, server.major, chosen, self._own)
        # A restored server takes over the secret, and its password, from the one that it follows.
        master = master_password(
            self._scope,
            name,
            generation=server.master_password_generation,
            key_arn=self._foundation["data_key_arn"],
            opts=self._own,
            shard=name,
        )
        instance = self._server(shard, group, master)
        replica = self._replica(shard, instance, group) if server.replica else None
        return Shard(shard, instance, replica, master.secret_arn)

    def _server(
        self, shard: ShardSettings, group: rds.ParameterGroup, master: MasterPassword
    ) -> rds.Instance:
        foundation, name, server = self._foundation, shard.name, shard.server
        # A restored server stands beside the one that it follows, so it needs a name of its own.
        identifier = self._scope.name(shard.server_name)
        final = pulumi.Output.concat(identifier, "-final") if server.final_snapshot else None
        return rds.Instance(
            name,
            identifier=identifier,
            engine="postgres",
            engine_version=server.engine_version,
            allocated_storage=server.allocated_storage_gib,
            max_allocated_storage=server.max_allocated_storage_gib,
            iops=server.iops,
            kms_key_id=foundation["data_key_arn"],
            # A restored server has the databases and the master user of its source.
            db_name=None if shard.restore else server.database_name,
            username=None if shard.restore else MASTER_USER,
            password=master.password,
            multi_az=server.multi_az,
            db_subnet_group_name=self._subnets.name,
            port=PORT,
            parameter_group_name=group.name,
            backup_retention_period=server.backup_retention_days,
            backup_window=shard.backup_window,
            delete_automated_backups=not server.final_snapshot,
            maintenance_window=shard.maintenance_window,
            allow_major_version_upgrade=False,
            skip_final_snapshot=not server.final_snapshot,
            final_snapshot_identifier=final,
            tags=self._scope.tags("database", name, shard=name),
            opts=self._after(name, identifier),
            **source(shard.restore),
            **self._common(shard),
        )

    def _replica(self, shard: ShardSettings, source: rds.Instance, group: rds.ParameterGroup) -> rds.Instance:
        name = f"{shard.name}-replica"
        identifier = self._scope.name(f"{shard.server_name}-replica")
        return rds.Instance(
            name,
            identifier=identifier,
            # Same region, same subnet group: the source's identifier, and no subnet group of our own.
            replicate_source_db=source.identifier,
            multi_az=False,
            max_allocated_storage=shard.server.max_allocated_storage_gib,
            # The shard's own group: PostgreSQL starts no standby that allows fewer connections.
            parameter_group_name=group.name,
            maintenance_window=shard.maintenance_window,
            skip_final_snapshot=True,
            tags=self._scope.tags("database", name, shard=shard.name),
            # RDS gives a replica no other source.
            opts=pulumi.ResourceOptions.merge(
                self._after(name, identifier),
                pulumi.ResourceOptions(replace_on_changes=["replicateSourceDb"]),
            ),
            **self._common(shard),
        )

    def _after(self, name: str, identifier: pulumi.Input[str]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=self._log_groups(name, identifier))

    def _common(self, shard: ShardSettings) -> dict[str, Any]:
        """The arguments that a shard's server and its replica have alike."""
        foundation, server = self._foundation, shard.server
        return {
            "instance_class": server.instance_class,
            "storage_type": "gp3",
            "storage_encrypted": True,
            "vpc_security_group_ids": [foundation["database_security_group_id"]],
            "publicly_accessible": False,
            "iam_database_authentication_enabled": True,
            "copy_tags_to_snapshot": True,
            "auto_minor_version_upgrade": True,
            "apply_immediately": server.apply_immediately,
            "performance_insights_enabled": True,
            "performance_insights_kms_key_id": foundation["data_key_arn"],
            "performance_insights_retention_period": server.performance_insights_retention_days,
            "monitoring_interval": server.monitoring_interval_seconds,
            "monitoring_role_arn": foundation["database_monitoring_role_arn"],
            "enabled_cloudwatch_logs_exports": LOG_EXPORTS,
            "deletion_protection": server.deletion_protection,
        }
