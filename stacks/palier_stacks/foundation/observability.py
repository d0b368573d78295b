"""Who is told what: topics by level, alarms from the threshold table, one dashboard."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from palier.capacity.thresholds import threshold
from pulumi_aws import cloudwatch, sns

from palier_stacks import dashboards, facts, measures
from palier_stacks.alarms import AlarmMaker, Topics
from palier_stacks.foundation.caches import Caches
from palier_stacks.foundation.database_settings import DatabaseSettings
from palier_stacks.foundation.settings import AlarmSettings
from palier_stacks.iam_policies import Account, document
from palier_stacks.scope import Component, Scope


@dataclass(frozen=True, slots=True)
class Watched:
    """What the alarms watch, by the names that CloudWatch has for it."""

    load_balancer: pulumi.Input[str]
    group: pulumi.Input[str]
    database: pulumi.Input[str]
    database_settings: DatabaseSettings
    caches: Caches


class Notifications(pulumi.ComponentResource):
    """A topic for attention and one for critical, encrypted, that only this account's alarms publish to."""

    def __init__(
        self,
        scope: Scope,
        settings: AlarmSettings,
        *,
        account: Account,
        key_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Notifications", scope.logical("notifications"), None, opts)
        self._scope, self._account, self._key_id = scope, account, key_id
        self._own = pulumi.ResourceOptions(parent=self)
        attention = self._topic("attention", settings.attention_emails)
        critical = self._topic("critical", settings.critical_emails)
        self.topics = Topics(attention.arn, critical.arn)
        self.register_outputs({"attention": attention.arn, "critical": critical.arn})

    def _topic(self, name: str, emails: list[str]) -> sns.Topic:
        topic = sns.Topic(
            self._scope.logical(name),
            kms_master_key_id=self._key_id,
            tags=self._scope.tags("observability", name),
            opts=self._own,
        )
        publish = {
            "Sid": "AlarmsOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic.arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": self._account.account_id},
                "ArnLike": {"aws:SourceArn": self._account.arn("cloudwatch", "alarm:*")},
            },
        }
        sns.TopicPolicy(self._scope.logical(name), arn=topic.arn, policy=document(publish), opts=self._own)
        for email in emails:
            # Named by the address, so that a change of the list's order changes nothing.
            sns.TopicSubscription(
                self._scope.logical(f"{name}-{email}"),
                topic=topic.arn,
                protocol="email",
                endpoint=email,
                opts=self._own,
            )
        return topic


class Observability(pulumi.ComponentResource):
    """Alarms for the five technical thresholds, wherever AWS shows them, and the dashboard."""

    def __init__(
        self,
        scope: Scope,
        *,
        region: str,
        topics: Topics,
        watched: Watched,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Observability", scope.logical("observability"), None, opts)
        self._maker = AlarmMaker(scope, topics, pulumi.ResourceOptions(parent=self))
        watch_application(self._maker, watched.load_balancer, watched.group)
        self._database(watched)
        watch_caches(self._maker, watched.caches)
        self.alarm_arns = self._maker.arns
        self.dashboard = cloudwatch.Dashboard(
            scope.logical("platform"),
            dashboard_name=scope.name("platform"),
            dashboard_body=dashboards.body(region, self._maker.drawn),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"dashboard": self.dashboard.dashboard_name})

    def _database(self, watched: Watched) -> None:
        watch, identifier = self._maker.watch, watched.database
        part: Component = "database"
        settings = watched.database_settings
        memory = measures.database_memory(
            "Primary", identifier, facts.database_shape(settings.instance_class).memory_gib
        )
        pool = measures.database_connections("Primary", identifier, settings.connection_limit)
        watch("primary-cpu", part, threshold("cpu_utilization"), measures.database_cpu("Primary", identifier))
        watch("primary-memory", part, threshold("memory_usage"), memory)
        watch("primary-connections", part, threshold("database_connections"), pool)


def watch_application(maker: AlarmMaker, load_balancer: pulumi.Input[str], group: pulumi.Input[str]) -> None:
    """Alarms of an application tier: of its load balancer (by ARN suffix) and of its autoscaling group."""
    watch = maker.watch
    part: Component = "application"
    response, errors = threshold("response_time_p95"), threshold("error_rate")
    watch("response-time", part, response, measures.response_time_p95(load_balancer))
    watch("error-rate", part, errors, measures.error_rate(load_balancer))
    watch("application-cpu", part, threshold("cpu_utilization"), measures.instances_cpu(group))
    watch("application-memory", part, threshold("memory_usage"), measures.instances_memory(group))


def watch_caches(maker: AlarmMaker, caches: Caches) -> None:
    """Alarms of both Redis groups."""
    for name, redis in (("sessions", caches.sessions), ("shared", caches.shared)):
        subject = f"Redis {name}"
        cpu = measures.redis_cpu(subject, redis.node_ids)
        memory = measures.redis_memory(subject, redis.node_ids)
        maker.watch(f"{name}-cpu", "cache", threshold("cpu_utilization"), cpu)
        maker.watch(f"{name}-memory", "cache", threshold("memory_usage"), memory)
