"""The PostgreSQL primary: Multi-AZ, encrypted, backed up, its password in nobody's hands.

The master password stands in a secret of Secrets Manager, of which only the ARN is handed on.
The application logs in as a user of its own, through IAM.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import cloudwatch, iam, rds

from palier_stacks.foundation.database_settings import DatabaseSettings
from palier_stacks.iam_policies import Account, assumed_by
from palier_stacks.master_password import MASTER_USER, MasterPassword, master_password
from palier_stacks.postgresql import PARAMETERS, parameter_group
from palier_stacks.scope import Scope

LOG_EXPORTS = ["postgresql", "upgrade"]
BACKUP_WINDOW, MAINTENANCE_WINDOW = "02:00-03:00", "sun:03:30-sun:04:30"


class Database(pulumi.ComponentResource):
    """The primary and what it needs: subnet group, parameter group, log groups, monitoring role."""

    def __init__(
        self,
        scope: Scope,
        settings: DatabaseSettings,
        *,
        account: Account,
        subnet_ids: list[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        data_key_arn: pulumi.Input[str],
        operations_key_arn: pulumi.Input[str],
        log_retention_days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Database", scope.logical("database"), None, opts)
        self._scope, self._settings = scope, settings
        self._own = pulumi.ResourceOptions(parent=self)
        # A name of our own, because RDS names its log groups after it and they are made beforehand.
        self.identifier = scope.name("primary")
        self.subnet_group = rds.SubnetGroup(
            scope.logical("database"),
            description="Data subnets",
            subnet_ids=subnet_ids,
            tags=scope.tags("database", "database"),
            opts=self._own,
        )
        parameters = {
            **PARAMETERS,
            "log_min_duration_statement": str(settings.log_statements_over_milliseconds),
            "max_connections": str(settings.connection_limit),
        }
        self.parameters = parameter_group(scope, "primary", settings.major, parameters, self._own)
        self.monitoring_role = self._monitoring_role(account)
        log_groups = [self._log_group(kind, log_retention_days, operations_key_arn) for kind in LOG_EXPORTS]
        master = master_password(
            scope,
            "primary",
            generation=settings.master_password_generation,
            key_arn=data_key_arn,
            opts=self._own,
        )
        self.master_secret_arn = master.secret_arn
        after = pulumi.ResourceOptions(parent=self, depends_on=log_groups)
        self.primary = self._primary(security_group_id, data_key_arn, master, after)
        self.register_outputs({"identifier": self.primary.identifier, "address": self.primary.address})

    def _log_group(self, kind: str, retention_days: int, key_arn: pulumi.Input[str]) -> cloudwatch.LogGroup:
        # RDS would make these itself, to be kept for ever and not encrypted with our key.
        name = f"database-{kind}"
        return cloudwatch.LogGroup(
            self._scope.logical(name),
            name=pulumi.Output.concat("/aws/rds/instance/", self.identifier, "/", kind),
            retention_in_days=retention_days,
            kms_key_id=key_arn,
            tags=self._scope.tags("database", name),
            opts=self._own,
        )

    def _monitoring_role(self, account: Account) -> iam.Role:
        role = iam.Role(
            self._scope.logical("database-monitoring"),
            assume_role_policy=assumed_by(
                "monitoring.rds.amazonaws.com", {"StringEquals": {"aws:SourceAccount": account.account_id}}
            ),
            tags=self._scope.tags("database", "database-monitoring"),
            opts=self._own,
        )
        self._monitoring_policy = iam.RolePolicyAttachment(
            self._scope.logical("database-monitoring"),
            role=role.name,
            policy_arn=f"arn:{account.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=self._own,
        )
        return role

    def _primary(
        self,
        security_group_id: pulumi.Input[str],
        data_key_arn: pulumi.Input[str],
        master: MasterPassword,
        opts: pulumi.ResourceOptions,
    ) -> rds.Instance:
        settings = self._settings
        final = pulumi.Output.concat(self.identifier, "-final") if settings.final_snapshot else None
        return rds.Instance(
            self._scope.logical("primary"),
            identifier=self.identifier,
            engine="postgres",
            engine_version=settings.engine_version,
            instance_class=settings.instance_class,
            allocated_storage=settings.allocated_storage_gib,
            max_allocated_storage=settings.max_allocated_storage_gib,
            storage_type="gp3",
            iops=settings.iops,
            storage_encrypted=True,
            kms_key_id=data_key_arn,
            db_name=settings.database_name,
            username=MASTER_USER,
            password=master.password,
            iam_database_authentication_enabled=True,
            multi_az=settings.multi_az,
            db_subnet_group_name=self.subnet_group.name,
            vpc_security_group_ids=[security_group_id],
            publicly_accessible=False,
            port=5432,
            parameter_group_name=self.parameters.name,
            backup_retention_period=settings.backup_retention_days,
            backup_window=BACKUP_WINDOW,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not settings.final_snapshot,
            maintenance_window=MAINTENANCE_WINDOW,
            auto_minor_version_upgrade=True,
            allow_major_version_upgrade=False,
            apply_immediately=settings.apply_immediately,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=data_key_arn,
            performance_insights_retention_period=settings.performance_insights_retention_days,
            monitoring_interval=settings.monitoring_interval_seconds,
            monitoring_role_arn=self.monitoring_role.arn,
            enabled_cloudwatch_logs_exports=LOG_EXPORTS,
            deletion_protection=settings.deletion_protection,
            skip_final_snapshot=not settings.final_snapshot,
            final_snapshot_identifier=final,
            tags=self._scope.tags("database", "primary"),
            # After a failover it may follow another region's database; an `up` must not promote it.
            opts=pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(
                    depends_on=[self._monitoring_policy], ignore_changes=["replicateSourceDb"]
                ),
            ),
        )
