"""The foundation phase as one component: its parts, wired together, and what later phases need of it."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from palier_stacks.foundation import application_role
from palier_stacks.foundation.application import Application, Balancer
from palier_stacks.foundation.caches import Caches
from palier_stacks.foundation.database import Database
from palier_stacks.foundation.encryption import Encryption
from palier_stacks.foundation.firewalls import Firewalls
from palier_stacks.foundation.network import Network
from palier_stacks.foundation.observability import Notifications, Observability, Watched
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.foundation.storage import Storage
from palier_stacks.iam_policies import current_account
from palier_stacks.scope import Scope
from palier_stacks.variables import publish


class Foundation(pulumi.ComponentResource):
    """Everything of the phase. `outputs` is what the stack exports, for people and for later phases."""

    def __init__(
        self, settings: FoundationSettings, *, environment: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("palier:foundation:Foundation", settings.platform, None, opts)
        self.settings = settings
        self.account = current_account(settings.region)
        self.scope = Scope("foundation", environment, settings.platform, settings.owner, settings.cost_center)
        self._own = pulumi.ResourceOptions(parent=self)
        self._ground()
        self._data()
        self._serving()
        self._parameters()
        self.outputs = self._outputs(environment)
        self.register_outputs({})

    def _ground(self) -> None:
        settings, scope, account, own = self.settings, self.scope, self.account, self._own
        application = settings.application
        reads = settings.edge.cloudfront_reads_assets
        self.encryption = Encryption(scope, account=account, cloudfront_reads=reads, opts=own)
        self.network = Network(
            scope,
            settings.network,
            settings.subnets,
            account=account,
            logs_key_arn=self.encryption.operations.arn,
            opts=own,
        )
        self.firewalls = Firewalls(
            scope,
            vpc_id=self.network.vpc.id,
            application_port=application.port,
            https=application.certificate_arn is not None,
            cloudfront_only=settings.edge.ingress == "cloudfront",
            opts=own,
        )
        self.storage = Storage(
            scope,
            settings.storage,
            account=account,
            data_key_arn=self.encryption.data.arn,
            cloudfront_reads=reads,
            opts=own,
        )
        self.notifications = Notifications(
            scope, settings.alarms, account=account, key_id=self.encryption.operations.arn, opts=own
        )

    def _data(self) -> None:
        settings = self.settings
        subnet_ids = [subnet.id for subnet in self.network.data.values()]
        self.database = Database(
            self.scope,
            settings.database,
            account=self.account,
            subnet_ids=subnet_ids,
            security_group_id=self.firewalls.database.id,
            data_key_arn=self.encryption.data.arn,
            operations_key_arn=self.encryption.operations.arn,
            log_retention_days=settings.alarms.log_retention_days,
            opts=self._own,
        )
        self.caches = Caches(
            self.scope,
            sessions=settings.session_cache,
            shared=settings.shared_cache,
            subnet_ids=subnet_ids,
            security_group_id=self.firewalls.cache.id,
            data_key_arn=self.encryption.data.arn,
            apply_immediately=settings.database.apply_immediately,
            opts=self._own,
        )

    def _serving(self) -> None:
        settings, scope = self.settings, self.scope
        log_group = cloudwatch.LogGroup(
            "application",
            name=scope.path("application"),
            retention_in_days=settings.alarms.log_retention_days,
            kms_key_id=self.encryption.operations.arn,
            tags=scope.tags("observability", "application"),
            opts=self._own,
        )
        self.role = self._role(log_group)
        self.balancer = Balancer(
            scope,
            settings.application,
            vpc_id=self.network.vpc.id,
            subnet_ids=[subnet.id for subnet in self.network.public.values()],
            security_group_id=self.firewalls.load_balancer.id,
            logs_bucket=self.storage.logs.bucket,
            logs_policy=self.storage.logs_policy,
            opts=self._own,
        )
        self.application = Application(
            scope,
            settings.application,
            region=settings.region,
            balancer=self.balancer,
            subnet_ids=[subnet.id for subnet in self.network.private.values()],
            security_group_id=self.firewalls.application.id,
            role=self.role,
            log_group=log_group,
            network=self.network,
            opts=self._own,
        )
        watched = Watched(
            self.balancer.load_balancer.arn_suffix,
            self.application.group.name,
            self.database.primary.identifier,
            settings.database,
            self.caches,
        )
        self.observability = Observability(
            scope, region=settings.region, topics=self.notifications.topics, watched=watched, opts=self._own
        )

    def _role(self, log_group: cloudwatch.LogGroup) -> Any:
        statements = application_role.statements(
            self.scope,
            self.account,
            log_group_arn=log_group.arn,
            assets_arn=self.storage.assets.arn,
            data_key_arn=self.encryption.data.arn,
            database_resource_id=self.database.primary.resource_id,
            database_user=self.settings.database.application_user,
        )
        return application_role.instance_role(self.scope, self.account, statements, self._own)

    def _parameters(self) -> None:
        """What the application must know, one SSM parameter per variable; never a password."""
        variables: dict[str, pulumi.Input[str]] = {
            "DATABASE_HOST": self.database.primary.address,
            "DATABASE_PORT": "5432",
            "DATABASE_NAME": self.settings.database.database_name,
            "DATABASE_USER": self.settings.database.application_user,
            "SESSION_CACHE_URL": self.caches.sessions.url,
            "SHARED_CACHE_URL": self.caches.shared.url,
            "ASSETS_BUCKET": self.storage.assets.bucket,
        }
        publish(self.scope, variables, self._own)

    def _outputs(self, environment: str) -> dict[str, pulumi.Input[Any]]:
        settings, database = self.settings, self.settings.database
        primary = self.database.primary
        scheme = "http" if settings.application.certificate_arn is None else "https"
        return {
            "platform": settings.platform,
            "environment": environment,
            "owner": settings.owner,
            "cost_center": settings.cost_center,
            "region": settings.region,
            "zones": settings.zones,
            "vpc_id": self.network.vpc.id,
            "vpc_cidr": settings.network.vpc_cidr,
            "public_subnet_ids": [subnet.id for subnet in self.network.public.values()],
            "private_subnet_ids": [subnet.id for subnet in self.network.private.values()],
            "data_subnet_ids": [subnet.id for subnet in self.network.data.values()],
            "private_route_table_ids": [table.id for table in self.network.private_tables],
            "data_route_table_id": self.network.data_table.id,
            "application_security_group_id": self.firewalls.application.id,
            "database_security_group_id": self.firewalls.database.id,
            "application_role_name": self.role.name,
            "data_key_arn": self.encryption.data.arn,
            "operations_key_arn": self.encryption.operations.arn,
            "attention_topic_arn": self.notifications.topics.attention,
            "critical_topic_arn": self.notifications.topics.critical,
            "url": pulumi.Output.concat(scheme, "://", self.balancer.load_balancer.dns_name),
            "load_balancer_arn": self.balancer.load_balancer.arn,
            "load_balancer_dns_name": self.balancer.load_balancer.dns_name,
            "load_balancer_zone_id": self.balancer.load_balancer.zone_id,
            "load_balancer_ingress": settings.edge.ingress,
            "target_group_arn": self.balancer.target_group.arn,
            "autoscaling_group_name": self.application.group.name,
            "application_image": settings.application.image,
            "application_max_instances": settings.application.max_instances,
            "database_identifier": primary.identifier,
            "database_arn": primary.arn,
            "database_address": primary.address,
            "database_resource_id": primary.resource_id,
            "database_name": database.database_name,
            "database_major_version": database.major,
            "database_instance_class": database.instance_class,
            "database_max_connections": database.connection_limit,
            "database_max_allocated_storage_gib": database.max_allocated_storage_gib or 0,
            "database_application_user": database.application_user,
            "database_master_secret_arn": self.database.master_secret_arn,
            "database_monitoring_role_arn": self.database.monitoring_role.arn,
            "backup_retention_days": database.backup_retention_days,
            "log_retention_days": settings.alarms.log_retention_days,
            "session_cache_endpoint": self.caches.sessions.endpoint,
            "shared_cache_endpoint": self.caches.shared.endpoint,
            "assets_bucket": self.storage.assets.bucket,
            "cloudfront_reads_assets": settings.edge.cloudfront_reads_assets,
            "assets_bucket_domain": self.storage.assets.bucket_regional_domain_name,
            "logs_bucket": self.storage.logs.bucket,
            "dashboard_name": self.observability.dashboard.dashboard_name,
        }
