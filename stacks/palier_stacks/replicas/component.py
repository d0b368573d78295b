"""The replicas phase as one component: replicas, their alarms, the reader endpoint, the proxy."""

from __future__ import annotations

from typing import Any

import pulumi
from palier.capacity.thresholds import threshold
from pulumi_aws import cloudwatch, iam

from palier_stacks import dashboards, facts, measures
from palier_stacks.alarms import AlarmMaker, Topics
from palier_stacks.iam_policies import Account, allow, current_account, document
from palier_stacks.replicas.databases import ReadReplicas, Replica
from palier_stacks.replicas.primary import PrimaryRefused, check
from palier_stacks.replicas.proxy import PrimaryProxy
from palier_stacks.replicas.reader import ReaderEndpoint
from palier_stacks.replicas.settings import ReplicasSettings
from palier_stacks.scope import Scope
from palier_stacks.variables import publish


def foundation_outputs(
    reference: pulumi.StackReference, settings: ReplicasSettings, environment: str
) -> pulumi.Output[dict[str, Any]]:
    """Foundation's outputs, checked. pulumi.RunError, which Pulumi prints as one line, if refused."""

    def checked(outputs: dict[str, Any]) -> dict[str, Any]:
        try:
            return check(outputs, settings, environment)
        except PrimaryRefused as refusal:
            raise pulumi.RunError(str(refusal)) from None

    return reference.outputs.apply(checked)


class Replicas(pulumi.ComponentResource):
    """Everything of the phase. `outputs` is what the stack exports."""

    def __init__(
        self,
        settings: ReplicasSettings,
        foundation: pulumi.Output[dict[str, Any]],
        *,
        environment: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:replicas:Replicas", "replicas", None, opts)
        self.settings, self.foundation = settings, foundation
        self.account = current_account(settings.region)
        self.scope = Scope(
            "replicas", environment, foundation["platform"], foundation["owner"], foundation["cost_center"]
        )
        self._own = pulumi.ResourceOptions(parent=self)
        self.databases = ReadReplicas(self.scope, settings, foundation, opts=self._own)
        lag_alarms = self._alarms()
        self.reader = ReaderEndpoint(
            self.scope,
            settings.reader,
            region=settings.region,
            vpc_id=foundation["vpc_id"],
            replicas=self.databases.replicas,
            lag_alarms=lag_alarms,
            opts=self._own,
        )
        self.proxy = self._proxy(self.account)
        self._let_application_in()
        self._parameters()
        self.outputs = self._outputs()
        self.register_outputs({})

    def _alarms(self) -> dict[str, cloudwatch.MetricAlarm]:
        topics = Topics(self.foundation["attention_topic_arn"], self.foundation["critical_topic_arn"])
        maker = AlarmMaker(self.scope, topics, self._own)
        critical = {replica.name: self._watch(maker, replica) for replica in self.databases.replicas}
        self.dashboard = cloudwatch.Dashboard(
            "replicas",
            dashboard_name=self.scope.name("replicas"),
            dashboard_body=dashboards.body(self.settings.region, maker.drawn),
            opts=self._own,
        )
        return critical

    def _watch(self, maker: AlarmMaker, replica: Replica) -> cloudwatch.MetricAlarm:
        """Alarms of one replica; returns the one for critical lag."""
        name, identifier = replica.name, replica.instance.identifier
        subject = name.replace("-", " ").capitalize()
        memory_gib = facts.database_shape(self.settings.instances.instance_class).memory_gib
        memory = measures.database_memory(subject, identifier, memory_gib)
        pool = measures.database_connections(subject, identifier, self.databases.max_connections)
        cpu = measures.database_cpu(subject, identifier)
        maker.watch(f"{name}-cpu", "database", threshold("cpu_utilization"), cpu)
        maker.watch(f"{name}-memory", "database", threshold("memory_usage"), memory)
        maker.watch(f"{name}-connections", "database", threshold("database_connections"), pool)
        lag = measures.replica_lag(subject, identifier)
        return maker.watch(f"{name}-lag", "database", self.settings.lag_threshold, lag)["critical"]

    def _proxy(self, account: Account) -> PrimaryProxy | None:
        if not self.settings.proxy.enabled:
            return None
        return PrimaryProxy(self.scope, self.settings.proxy, self.foundation, account=account, opts=self._own)

    def _let_application_in(self) -> None:
        """Let the application's role log in to the replicas and through the proxy, as its own user."""
        ids = [replica.instance.resource_id for replica in self.databases.replicas]
        ids += [self.proxy.resource_id] if self.proxy else []
        user, prefix = self.foundation["database_application_user"], self.account.arn("rds-db", "dbuser:")
        iam.RolePolicy(
            "application-reads-replicas",
            role=self.foundation["application_role_name"],
            policy=document(
                allow(
                    "LogInToReplicas",
                    ["rds-db:connect"],
                    [pulumi.Output.concat(prefix, identity, "/", user) for identity in ids],
                )
            ),
            opts=self._own,
        )

    def _parameters(self) -> None:
        variables: dict[str, pulumi.Input[str]] = {"DATABASE_READER_HOST": self.reader.name}
        if self.proxy is not None:
            variables["DATABASE_POOL_HOST"] = self.proxy.endpoint
        publish(self.scope, variables, self._own)

    def _outputs(self) -> dict[str, pulumi.Input[Any]]:
        replicas = self.databases.replicas
        return {
            "primary_identifier": self.foundation["database_identifier"],
            "replica_identifiers": [replica.instance.identifier for replica in replicas],
            "replica_addresses": [replica.instance.address for replica in replicas],
            "replica_zones": [replica.instance.availability_zone for replica in replicas],
            "replica_instance_class": self.settings.instances.instance_class,
            "reader_endpoint": self.reader.name,
            "reader_zone_id": self.reader.zone.zone_id,
            "pool_endpoint": self.proxy.endpoint if self.proxy else None,
            "dashboard_name": self.dashboard.dashboard_name,
        }
