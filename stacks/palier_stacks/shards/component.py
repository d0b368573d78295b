"""The shards phase as one component: servers, the published map, alarms, the application's way."""

from __future__ import annotations

from typing import Any

import pulumi
from palier.capacity.thresholds import Threshold, threshold
from pulumi_aws import cloudwatch, iam

from palier_stacks import dashboards, facts, measures
from palier_stacks.alarms import AlarmMaker, Measure, Topics
from palier_stacks.ground import GroundRefused, check_ground
from palier_stacks.iam_policies import allow, current_account, document
from palier_stacks.scope import Scope
from palier_stacks.shards.published import check_published, published_map
from palier_stacks.shards.servers import Shard, ShardServers
from palier_stacks.shards.settings import ShardsSettings
from palier_stacks.shards.shard_map import PublishedMap
from palier_stacks.variables import publish

# Outputs of foundation that this phase reads.
NEEDED = (
    "platform",
    "owner",
    "cost_center",
    "region",
    "data_subnet_ids",
    "database_security_group_id",
    "application_role_name",
    "data_key_arn",
    "operations_key_arn",
    "attention_topic_arn",
    "critical_topic_arn",
    "database_monitoring_role_arn",
    "log_retention_days",
)
# All inline policies of a role have 10,240 characters together (IAM quotas), and an instance's ARN about 90
# of them: beyond this many, the application's login is not narrowed to single instances.
MOST_NAMED_INSTANCES = 48
# CloudWatch draws 500 widgets in a dashboard at most; a shard with a replica has seven.
SHARDS_PER_DASHBOARD = 32
MAP_READS = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:DescribeTable"]


def foundation_outputs(
    reference: pulumi.StackReference, settings: ShardsSettings, environment: str
) -> pulumi.Output[dict[str, Any]]:
    """Foundation's outputs, checked, after the published map was held against the settings.

    pulumi.RunError, which Pulumi prints as one line, if refused.
    """

    async def checked(outputs: dict[str, Any]) -> dict[str, Any]:
        try:
            found = check_ground(outputs, NEEDED, region=settings.region, environment=environment)
            table = Scope("shards", environment, found["platform"], "", "").name("shard-map")
            published = await published_map(str(table))
            if published is not None:
                check_published(published, settings, environment)
        except GroundRefused as refusal:
            raise pulumi.RunError(str(refusal)) from None
        return found

    return reference.outputs.apply(checked)


class Shards(pulumi.ComponentResource):
    """Everything of the phase. `outputs` is what the stack exports."""

    def __init__(
        self,
        settings: ShardsSettings,
        foundation: pulumi.Output[dict[str, Any]],
        *,
        environment: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:shards:Shards", "shards", None, opts)
        self.settings, self.foundation = settings, foundation
        self.account = current_account(settings.region)
        self.scope = Scope(
            "shards", environment, foundation["platform"], foundation["owner"], foundation["cost_center"]
        )
        self._own = pulumi.ResourceOptions(parent=self)
        self.shards = ShardServers(self.scope, settings, foundation, opts=self._own).shards
        self.published = PublishedMap(self.scope, settings, foundation, shards=self.shards, opts=self._own)
        self.dashboards = self._watch()
        self._let_application_in()
        publish(self.scope, {"SHARD_MAP_TABLE": self.published.table.name}, self._own)
        self.outputs = self._outputs()
        self.register_outputs({})

    def _watch(self) -> list[cloudwatch.Dashboard]:
        """Alarms of every shard, and as many dashboards as they need."""
        topics = Topics(self.foundation["attention_topic_arn"], self.foundation["critical_topic_arn"])
        boards = []
        for start in range(0, len(self.shards), SHARDS_PER_DASHBOARD):
            maker = AlarmMaker(self.scope, topics, self._own)
            for shard in self.shards[start : start + SHARDS_PER_DASHBOARD]:
                self._watch_shard(maker, shard)
            boards.append(self._dashboard(start // SHARDS_PER_DASHBOARD, maker.drawn))
        return boards

    def _dashboard(self, index: int, drawn: list[tuple[Threshold, Measure]]) -> cloudwatch.Dashboard:
        name = f"shards-{index + 1}" if index else "shards"
        return cloudwatch.Dashboard(
            name,
            dashboard_name=self.scope.name(name),
            dashboard_body=dashboards.body(self.settings.region, drawn),
            opts=self._own,
        )

    def _watch_shard(self, maker: AlarmMaker, shard: Shard) -> None:
        name, server = shard.settings.name, shard.settings.server
        instances = {name: shard.instance} | ({f"{name}-replica": shard.replica} if shard.replica else {})
        memory_gib = facts.database_shape(server.instance_class).memory_gib
        for each, instance in instances.items():
            subject, identifier = each.replace("-", " ").capitalize(), instance.identifier
            memory = measures.database_memory(subject, identifier, memory_gib)
            pool = measures.database_connections(subject, identifier, server.connection_limit)
            cpu = measures.database_cpu(subject, identifier)
            maker.watch(f"{each}-cpu", "database", threshold("cpu_utilization"), cpu)
            maker.watch(f"{each}-memory", "database", threshold("memory_usage"), memory)
            maker.watch(f"{each}-connections", "database", threshold("database_connections"), pool)
            if instance is shard.replica:
                lag = measures.replica_lag(subject, identifier)
                maker.watch(f"{each}-lag", "database", self.settings.lag_threshold, lag)

    def _let_application_in(self) -> None:
        """Let the application's role read the map, and log in to the shards as its own user."""
        prefix, user = self.account.arn("rds-db", "dbuser:"), self.settings.servers.application_user
        instances = [shard.instance for shard in self.shards]
        instances += [shard.replica for shard in self.shards if shard.replica]
        logins: list[pulumi.Input[str]] = [f"{prefix}*/{user}"]
        if len(instances) <= MOST_NAMED_INSTANCES:
            logins = [pulumi.Output.concat(prefix, instance.resource_id, "/", user) for instance in instances]
        iam.RolePolicy(
            "application-uses-shards",
            role=self.foundation["application_role_name"],
            policy=document(
                allow("ReadShardMap", MAP_READS, self.published.table.arn),
                allow("LogInToShards", ["rds-db:connect"], logins),
            ),
            opts=self._own,
        )

    def _outputs(self) -> dict[str, pulumi.Input[Any]]:
        replicas = [shard.replica for shard in self.shards if shard.replica]
        return {
            "shard_map_table": self.published.table.name,
            "shard_names": self.settings.names,
            "shard_identifiers": [shard.instance.identifier for shard in self.shards],
            "shard_addresses": [shard.instance.address for shard in self.shards],
            "shard_secret_arns": [shard.secret_arn for shard in self.shards],
            "replica_identifiers": [replica.identifier for replica in replicas],
            "logical_shards": self.settings.map.logical_shards,
            "strategy": self.settings.routing.as_data(),
            "instance_class": self.settings.servers.instance_class,
            "dashboard_names": [board.dashboard_name for board in self.dashboards],
        }
