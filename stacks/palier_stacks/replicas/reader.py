"""One name to read from: weighted records in a private zone, one per replica.

RDS for PostgreSQL has no reader endpoint of its own (Aurora has), and RDS Proxy stands before no replica;
see docs/decisions/0005. A replica whose lag is critical leaves the answers: Route 53 cannot reach a private
address to check it, so it follows the alarm.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import cloudwatch, route53

from palier_stacks.replicas.databases import Replica
from palier_stacks.replicas.settings import ReaderSettings
from palier_stacks.scope import Scope


class ReaderEndpoint(pulumi.ComponentResource):
    """The private zone and its records. `lag_alarms` are the critical ones, by replica name."""

    def __init__(
        self,
        scope: Scope,
        settings: ReaderSettings,
        *,
        region: str,
        vpc_id: pulumi.Input[str],
        replicas: list[Replica],
        lag_alarms: dict[str, cloudwatch.MetricAlarm],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:replicas:ReaderEndpoint", "reader-endpoint", None, opts)
        self._scope, self._settings, self._region = scope, settings, region
        self._own = pulumi.ResourceOptions(parent=self)
        self.zone = route53.Zone(
            "reader",
            name=settings.zone_name,
            comment="Names of the databases, for the application",
            vpcs=[{"vpc_id": vpc_id}],
            tags=scope.tags("dns", "reader"),
            opts=self._own,
        )
        self.name = f"{settings.record_name}.{settings.zone_name}"
        for replica in replicas:
            self._record(replica, lag_alarms[replica.name])
        self.register_outputs({"name": self.name})

    def _record(self, replica: Replica, lag_alarm: cloudwatch.MetricAlarm) -> None:
        health = self._health_check(replica, lag_alarm) if self._settings.follow_health else None
        route53.Record(
            f"reader-{replica.name}",
            zone_id=self.zone.zone_id,
            name=self.name,
            type="CNAME",
            ttl=self._settings.ttl_seconds,
            records=[replica.instance.address],
            set_identifier=replica.name,
            weighted_routing_policies=[{"weight": replica.weight}],
            health_check_id=health.id if health else None,
            opts=self._own,
        )

    def _health_check(self, replica: Replica, lag_alarm: cloudwatch.MetricAlarm) -> route53.HealthCheck:
        return route53.HealthCheck(
            replica.name,
            type="CLOUDWATCH_METRIC",
            cloudwatch_alarm_name=lag_alarm.name,
            cloudwatch_alarm_region=self._region,
            # A replica that reports no lag is gone. Where all are, Route 53 answers with all of them.
            insufficient_data_health_status="Unhealthy",
            tags=self._scope.tags("dns", replica.name),
            opts=self._own,
        )
