"""The multi-region phase as one component: further regions, the data they share, and how users find them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
from pulumi_aws import ssm

from palier_stacks.iam_policies import Statement, current_account
from palier_stacks.multi_region.aurora import GlobalDatabase
from palier_stacks.multi_region.home import HomeRefused, check
from palier_stacks.multi_region.observability import watch_home, watch_region
from palier_stacks.multi_region.peering import peer
from palier_stacks.multi_region.places import Place, RegionalDatabase, Serving, home_place, home_serving
from palier_stacks.multi_region.providers import regional_providers
from palier_stacks.multi_region.replica import RegionalReplica
from palier_stacks.multi_region.replication import AssetReplication
from palier_stacks.multi_region.routing import LatencyRouting, tell_edge
from palier_stacks.multi_region.sessions import Sessions, let_home_in, log_in_to
from palier_stacks.multi_region.settings import MultiRegionSettings
from palier_stacks.multi_region.tier import Region
from palier_stacks.scope import Scope
from palier_stacks.variables import publish

Foundation = pulumi.Output[dict[str, Any]]
ACTIVE_REGION = "application/ACTIVE_REGION"


def foundation_outputs(
    reference: pulumi.StackReference, settings: MultiRegionSettings, environment: str
) -> Foundation:
    """Foundation's outputs, checked. pulumi.RunError, which Pulumi prints as one line, if refused."""

    def checked(outputs: dict[str, Any]) -> dict[str, Any]:
        try:
            return check(outputs, settings, environment)
        except HomeRefused as refusal:
            raise pulumi.RunError(str(refusal)) from None

    return reference.outputs.apply(checked)


class MultiRegion(pulumi.ComponentResource):
    """Everything of the phase. `outputs` is what the stack exports.

    `store_arn` is the cdn phase's key value store, where the settings say that its edge is to be told.
    """

    def __init__(
        self,
        settings: MultiRegionSettings,
        foundation: Foundation,
        *,
        environment: str,
        store_arn: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:multi-region:MultiRegion", "multi-region", None, opts)
        self.settings, self.foundation = settings, foundation
        self.scope = Scope(
            "multi-region",
            environment,
            foundation["platform"],
            foundation["owner"],
            foundation["cost_center"],
        )
        self._own = pulumi.ResourceOptions(parent=self)
        self._places()
        peer(self.places)
        self.databases = self._databases()
        self.sessions = Sessions(self.scope, settings.sessions, self.places, opts=self._own)
        self.serving = self._serving()
        self._replication()
        self._routing(store_arn)
        for region in self.regions:
            watch_region(region, settings, self.databases[region.entry.region])
        watch_home(self.home, settings, self.databases[self.home.region])
        self._parameters()
        self.outputs = self._outputs()
        self.register_outputs({})

    def _places(self) -> None:
        settings = self.settings
        account = current_account(settings.region)
        home_scope = replace(self.scope, region=settings.region)
        self.home = home_place(self.foundation, home_scope, account, self._own)
        providers = regional_providers([entry.region for entry in settings.regions], self._own)
        self.regions = [
            Region(
                self.scope,
                settings,
                entry,
                account=account,
                provider=providers[entry.region],
                opts=self._own,
            )
            for entry in settings.regions
        ]
        self.places: list[Place] = [self.home, *(region.place for region in self.regions)]

    def _databases(self) -> dict[str, RegionalDatabase]:
        """The database of each region, by region."""
        settings, foundation = self.settings, self.foundation
        days = settings.alarms.log_retention_days
        self.global_database: GlobalDatabase | None = None
        if settings.database.is_aurora:
            self.global_database = GlobalDatabase(
                self.scope,
                settings.database,
                foundation,
                self.places,
                log_retention_days=days,
                opts=self._own,
            )
            return self.global_database.databases
        primary = RegionalDatabase(
            identifier=foundation["database_identifier"],
            arn=foundation["database_arn"],
            endpoint=foundation["database_address"],
            reader_endpoint=foundation["database_address"],
            resource_id=foundation["database_resource_id"],
            max_connections=foundation["database_max_connections"].apply(int),
        )
        replicas = {
            region.entry.region: RegionalReplica(
                region.place, settings.database, foundation, log_retention_days=days
            ).database
            for region in self.regions
        }
        return {self.home.region: primary, **replicas}

    def _serving(self) -> dict[str, Serving]:
        """The application tier of each region, by region, home first."""
        user = self.foundation["database_application_user"]
        home = home_serving(self.foundation)
        let_home_in(self.home, home.role_name, self._may(self.home), self._own)
        further = {
            region.entry.region: region.serve(
                self.databases[region.entry.region], user, self._may(region.place)
            )
            for region in self.regions
        }
        return {self.home.region: home, **further}

    def _may(self, place: Place) -> list[Statement]:
        """What the application of a region may do across regions: sessions here, databases anywhere."""
        ids = {region: database.resource_id for region, database in self.databases.items()}
        user = self.foundation["database_application_user"]
        return [*self.sessions.use_in(place), log_in_to(self.places, ids, user)]

    def _replication(self) -> None:
        AssetReplication(
            self.settings.replication,
            self.places,
            after=[region.storage.assets_versioning for region in self.regions],
            opts=self._own,
        )

    def _routing(self, store_arn: pulumi.Input[str] | None) -> None:
        settings = self.settings
        self.routing: LatencyRouting | None = None
        if settings.routing.domain is not None:
            self.routing = LatencyRouting(
                self.scope,
                settings.routing,
                self.places,
                self.serving,
                health_check_path=settings.application.health_check_path,
                opts=self._own,
            )
        if store_arn is not None:
            further = {region: tier for region, tier in self.serving.items() if region != self.home.region}
            tell_edge(store_arn, further, self._own)

    def _parameters(self) -> None:
        """What the application must know, in every region; which region writes is moved by a failover."""
        hosts = {region: database.endpoint for region, database in self.databases.items()}
        common: dict[str, pulumi.Input[str]] = {
            "DATABASE_HOSTS": pulumi.Output.json_dumps(hosts),
            "SESSIONS_TABLE": self.sessions.table.name,
        }
        for place in self.places:
            publish(place.scope, common, place.opts)
            self._active_region(place)
        for region in self.regions:
            publish(region.scope, self._variables(region), region.place.opts)

    def _active_region(self, place: Place) -> None:
        name = "active-region"
        ssm.Parameter(
            place.scope.logical(name),
            name=place.scope.path(ACTIVE_REGION),
            type="String",
            value=self.home.region,
            description="The region whose database writes; moved by palier region switchover and failover",
            tags=place.scope.tags("application", name),
            opts=pulumi.ResourceOptions.merge(place.opts, pulumi.ResourceOptions(ignore_changes=["value"])),
        )

    def _variables(self, region: Region) -> dict[str, pulumi.Input[str]]:
        """What foundation tells the application at home, of a further region."""
        return {
            "DATABASE_HOST": self.databases[self.home.region].endpoint,
            "DATABASE_READER_HOST": self.databases[region.entry.region].reader_endpoint,
            "DATABASE_PORT": "5432",
            "DATABASE_NAME": self.foundation["database_name"],
            "DATABASE_USER": self.foundation["database_application_user"],
            "SESSION_CACHE_URL": region.caches.sessions.url,
            "SHARED_CACHE_URL": region.caches.shared.url,
            "ASSETS_BUCKET": region.storage.assets.bucket,
        }

    def _outputs(self) -> dict[str, pulumi.Input[Any]]:
        settings = self.settings
        database = self.global_database
        return {
            "home_region": self.home.region,
            "regions": [place.region for place in self.places],
            "database_engine": settings.database.engine,
            "global_cluster_identifier": database.cluster.global_cluster_identifier if database else None,
            "application_domain": settings.routing.domain,
            "hosted_zone_id": settings.routing.hosted_zone_id,
            "sessions_table": self.sessions.table.name,
            "targets": settings.targets.model_dump(),
            "capacity": settings.capacity.model_dump(),
            "active_region_parameter": self.scope.path(ACTIVE_REGION),
            "regional": {place.region: self._regional(place) for place in self.places},
        }

    def _regional(self, place: Place) -> dict[str, pulumi.Input[Any]]:
        tier, database = self.serving[place.region], self.databases[place.region]
        routing = self.routing
        return {
            "vpc_id": place.vpc_id,
            "load_balancer_arn": tier.load_balancer_arn,
            "load_balancer_dns_name": tier.load_balancer_dns_name,
            "target_group_arn": tier.target_group_arn,
            "autoscaling_group_name": tier.autoscaling_group_name,
            "max_instances": tier.max_instances,
            "database_identifier": database.identifier,
            "database_arn": database.arn,
            "database_endpoint": database.endpoint,
            "health_check_id": routing.health_checks[place.region].id if routing else None,
            "record_set_identifier": place.region if routing else None,
            "assets_bucket": place.assets_bucket,
        }
