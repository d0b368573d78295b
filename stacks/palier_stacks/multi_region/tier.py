"""The application in one further region: foundation's own parts, once more, under the region's name."""

from __future__ import annotations

from dataclasses import replace

import pulumi
import pulumi_aws
from pulumi_aws import cloudwatch, iam

from palier_stacks.alarms import AlarmMaker
from palier_stacks.foundation import application_role
from palier_stacks.foundation.application import Application, Balancer
from palier_stacks.foundation.caches import Caches
from palier_stacks.foundation.encryption import Encryption
from palier_stacks.foundation.firewalls import Firewalls
from palier_stacks.foundation.network import Network
from palier_stacks.foundation.observability import Notifications, watch_application, watch_caches
from palier_stacks.foundation.storage import Storage
from palier_stacks.iam_policies import Account, Statement
from palier_stacks.multi_region.places import Place, RegionalDatabase, Serving
from palier_stacks.multi_region.region_settings import RegionSettings
from palier_stacks.multi_region.settings import MultiRegionSettings
from palier_stacks.scope import Scope


class Region(pulumi.ComponentResource):
    """One further region. `place` is what stands before there is a database; `serve` adds what needs one."""

    def __init__(
        self,
        scope: Scope,
        settings: MultiRegionSettings,
        entry: RegionSettings,
        *,
        account: Account,
        provider: pulumi_aws.Provider,
        opts: pulumi.ResourceOptions,
    ) -> None:
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[provider]))
        super().__init__("palier:multi-region:Region", entry.region, None, opts)
        self.settings, self.entry = settings, entry
        self.application_settings = settings.application_in(entry)
        self.scope = replace(scope, region=entry.region)
        self.account = replace(account, region=entry.region)
        self._own = pulumi.ResourceOptions(parent=self)
        self._ground()
        self._data()
        self.place = self._place()

    def _ground(self) -> None:
        settings, entry, scope, account, own = self.settings, self.entry, self.scope, self.account, self._own
        self.encryption = Encryption(scope, account=account, opts=own)
        self.network = Network(
            scope,
            entry.network,
            entry.subnets,
            account=account,
            logs_key_arn=self.encryption.operations.arn,
            opts=own,
        )
        self.firewalls = Firewalls(
            scope,
            vpc_id=self.network.vpc.id,
            application_port=self.application_settings.port,
            https=entry.certificate_arn is not None,
            opts=own,
        )
        self.notifications = Notifications(
            scope, settings.alarms, account=account, key_id=self.encryption.operations.arn, opts=own
        )

    def _data(self) -> None:
        settings, scope, own = self.settings, self.scope, self._own
        key = self.encryption.data.arn
        self.storage = Storage(scope, settings.storage, account=self.account, data_key_arn=key, opts=own)
        self.caches = Caches(
            scope,
            sessions=settings.session_cache,
            shared=settings.shared_cache,
            subnet_ids=[subnet.id for subnet in self.network.data.values()],
            security_group_id=self.firewalls.cache.id,
            data_key_arn=key,
            apply_immediately=settings.database.apply_immediately,
            opts=own,
        )

    def _place(self) -> Place:
        network, firewalls = self.network, self.firewalls
        tables = [table.id for table in (*network.private_tables, network.data_table)]
        return Place(
            region=self.entry.region,
            scope=self.scope,
            account=self.account,
            opts=self._own,
            topics=self.notifications.topics,
            vpc_id=network.vpc.id,
            vpc_cidr=self.entry.network.vpc_cidr,
            data_subnet_ids=[subnet.id for subnet in network.data.values()],
            route_table_ids=pulumi.Output.all(*tables).apply(list),
            application_security_group_id=firewalls.application.id,
            database_security_group_id=firewalls.database.id,
            data_key_arn=self.encryption.data.arn,
            operations_key_arn=self.encryption.operations.arn,
            assets_bucket=self.storage.assets.bucket,
        )

    def serve(
        self, database: RegionalDatabase, database_user: pulumi.Input[str], statements: list[Statement]
    ) -> Serving:
        """Make the load balancer and the instances, which may do `statements` besides the usual."""
        scope, settings, own = self.scope, self.application_settings, self._own
        log_group = cloudwatch.LogGroup(
            scope.logical("application"),
            name=scope.path("application"),
            retention_in_days=self.settings.alarms.log_retention_days,
            kms_key_id=self.encryption.operations.arn,
            tags=scope.tags("observability", "application"),
            opts=own,
        )
        role = self._role(log_group, database, database_user, statements)
        self.balancer = Balancer(
            scope,
            settings,
            vpc_id=self.network.vpc.id,
            subnet_ids=[subnet.id for subnet in self.network.public.values()],
            security_group_id=self.firewalls.load_balancer.id,
            logs_bucket=self.storage.logs.bucket,
            logs_policy=self.storage.logs_policy,
            certificate_key=f"multi-region:regions[{self.settings.regions.index(self.entry)}].certificate_arn",
            opts=own,
        )
        self.application = Application(
            scope,
            settings,
            region=self.entry.region,
            balancer=self.balancer,
            subnet_ids=[subnet.id for subnet in self.network.private.values()],
            security_group_id=self.firewalls.application.id,
            role=role,
            log_group=log_group,
            network=self.network,
            opts=own,
        )
        self.register_outputs({})
        return self._serving(role)

    def _role(
        self,
        log_group: cloudwatch.LogGroup,
        database: RegionalDatabase,
        database_user: pulumi.Input[str],
        more: list[Statement],
    ) -> iam.Role:
        usual = application_role.statements(
            self.scope,
            self.account,
            log_group_arn=log_group.arn,
            assets_arn=self.storage.assets.arn,
            data_key_arn=self.encryption.data.arn,
            database_resource_id=database.resource_id,
            database_user=database_user,
        )
        return application_role.instance_role(self.scope, self.account, [*usual, *more], self._own)

    def _serving(self, role: iam.Role) -> Serving:
        balancer = self.balancer.load_balancer
        return Serving(
            role_name=role.name,
            load_balancer_arn=balancer.arn,
            load_balancer_dns_name=balancer.dns_name,
            load_balancer_zone_id=balancer.zone_id,
            target_group_arn=self.balancer.target_group.arn,
            autoscaling_group_name=self.application.group.name,
            max_instances=self.application_settings.max_instances,
            https=pulumi.Output.from_input(self.entry.certificate_arn is not None),
        )

    def watch(self, maker: AlarmMaker) -> None:
        """Alarms of the tier: what foundation watches at home, except the database."""
        watch_application(maker, self.balancer.load_balancer.arn_suffix, self.application.group.name)
        watch_caches(maker, self.caches)
