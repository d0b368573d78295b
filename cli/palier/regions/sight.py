"""What is asked of AWS about a region; each region by its own API, so that none depends on another."""

from __future__ import annotations

import datetime
import time
from collections.abc import Collection
from typing import Any

from palier.errors import OperationError
from palier.regions.clients import ImpatientClients, ask
from palier.regions.model import NO_DATABASE, READER, WRITER, Database, Lag, Tier
from palier.regions.topology import Site, Topology

# CloudWatch tells a lag once a minute, and for no longer than this is a follower's lag of any use.
PERIOD_SECONDS, LOOK_BACK_SECONDS = 60, 1800
FENCE, FENCED_VALUES = "default_transaction_read_only", ("1", "on", "true")
MILLISECONDS = 1000
ABSENT = ("DBInstanceNotFound", "DBInstanceNotFoundFault")


class AwsSight:
    """Sight of the regions through the AWS API (palier.regions.model.Sight)."""

    def __init__(self, topology: Topology, clients: dict[str, ImpatientClients]) -> None:
        self.topology, self.clients = topology, clients

    def _ask(
        self, region: str, service: str, operation: str, *, known: Collection[str] = (), **asked: Any
    ) -> Any:
        client = self.clients[region].client(service)
        return ask(region, getattr(client, operation), known=known, **asked)

    def site(self, region: str) -> Site:
        """The region's site."""
        return self.topology.sites[region]

    def database(self, region: str, identifier: str | None = None) -> Database:
        """The region's database, or another RDS instance there."""
        if self.topology.aurora and identifier is None:
            return self._cluster(region)
        found = self.instance(region, identifier or self.site(region).database_identifier)
        if found is None:
            return Database("absent", NO_DATABASE)
        source = found.get("ReadReplicaSourceDBInstanceIdentifier") or ""
        return Database(
            found["DBInstanceStatus"],
            READER if source else WRITER,
            source,
            int(found.get("BackupRetentionPeriod") or 0),
            found.get("PreferredMaintenanceWindow") or "",
        )

    def instance(self, region: str, identifier: str) -> dict[str, Any] | None:
        """What RDS tells of an instance, None where there is none."""
        from botocore.exceptions import ClientError

        try:
            answer = self._ask(
                region, "rds", "describe_db_instances", known=ABSENT, DBInstanceIdentifier=identifier
            )
        except ClientError:
            return None
        found: dict[str, Any] = answer["DBInstances"][0]
        return found

    def _cluster(self, region: str) -> Database:
        """The region's Aurora cluster; where it is well and the global cluster is not, that one's state."""
        group = self.topology.global_cluster_identifier
        answer = self._ask(region, "rds", "describe_global_clusters", GlobalClusterIdentifier=group)
        told = answer["GlobalClusters"][0]
        members = told.get("GlobalClusterMembers", [])
        arn = self.site(region).database_arn
        member = next((each for each in members if each["DBClusterArn"] == arn), None)
        if member is None:
            return Database("not a member", NO_DATABASE)
        identifier = self.site(region).database_identifier
        clusters = self._ask(region, "rds", "describe_db_clusters", DBClusterIdentifier=identifier)
        cluster = clusters["DBClusters"][0]
        moving = told["Status"] if told.get("FailoverState") or "over" in told["Status"] else "available"
        state = cluster["Status"] if cluster["Status"] != "available" else moving
        writer = next((each["DBClusterArn"] for each in members if each.get("IsWriter")), "")
        role = WRITER if member.get("IsWriter") else READER
        kept = int(cluster.get("BackupRetentionPeriod") or 0)
        return Database(state, role, writer if role == READER else "", kept)

    def lag(self, region: str, since: float | None = None) -> Lag | None:
        """The newest lag measured: the largest of its minute, at the minute's begin, so never too small."""
        begin = time.time() - LOOK_BACK_SECONDS if since is None else since
        identifier = self.site(region).database_identifier
        name, dimension, unit = "ReplicaLag", "DBInstanceIdentifier", 1
        if self.topology.aurora:
            name, dimension, unit = "AuroraGlobalDBReplicationLag", "DBClusterIdentifier", MILLISECONDS
        answer = self._ask(
            region,
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/RDS",
            MetricName=name,
            Dimensions=[{"Name": dimension, "Value": identifier}],
            StartTime=_moment(begin),
            # In the future: what is measured while the request is on its way counts too.
            EndTime=_moment(time.time() + PERIOD_SECONDS),
            Period=PERIOD_SECONDS,
            Statistics=["Maximum"],
        )
        points = [(each["Timestamp"].timestamp(), float(each["Maximum"])) for each in answer["Datapoints"]]
        # RDS says -1 where it knows no lag, as of a replica that does not replicate.
        known = [point for point in points if point[1] >= 0 and point[0] >= (since or 0) - PERIOD_SECONDS]
        if not known:
            return None
        at, value = max(known)
        return Lag(value / unit, at)

    def tier(self, region: str) -> Tier:
        """Targets and their health, and the autoscaling group."""
        site = self.site(region)
        health = self._ask(region, "elbv2", "describe_target_health", TargetGroupArn=site.target_group_arn)[
            "TargetHealthDescriptions"
        ]
        groups = self._ask(
            region,
            "autoscaling",
            "describe_auto_scaling_groups",
            AutoScalingGroupNames=[site.autoscaling_group_name],
        )["AutoScalingGroups"]
        if not groups:
            raise OperationError(f"no autoscaling group {site.autoscaling_group_name} in {region}")
        healthy = sum(each["TargetHealth"]["State"] == "healthy" for each in health)
        return Tier(healthy, len(health), len(groups[0]["Instances"]), int(groups[0]["MaxSize"]))

    def sessions(self, region: str) -> str:
        """The state of the table as this region has it."""
        answer = self._ask(region, "dynamodb", "describe_table", TableName=self.topology.sessions_table)
        return str(answer["Table"]["TableStatus"])

    def active_region(self, region: str) -> str:
        """The region that applications here are told."""
        answer = self._ask(region, "ssm", "get_parameter", Name=self.topology.active_region_parameter)
        return str(answer["Parameter"]["Value"])

    def led_to(self, region: str) -> str:
        """What Route 53 does; it is of no region, so that any region's client asks."""
        check = self.site(region).health_check_id
        if check is None:
            return "no health check"
        answer = self._ask(region, "route53", "get_health_check", HealthCheckId=check)
        config = answer["HealthCheck"]["HealthCheckConfig"]
        # Route 53 takes a disabled check for healthy, and its inverse for unhealthy, whatever answers.
        if config.get("Disabled") and config.get("Inverted"):
            return "led away"
        status = self._ask(region, "route53", "get_health_check_status", HealthCheckId=check)
        seen = [each["StatusReport"]["Status"] for each in status["HealthCheckObservations"]]
        # Route 53: healthy where more than 18 % of its checkers find it so.
        well = sum(text.startswith("Success") for text in seen)
        return "healthy" if not seen or well > 0.18 * len(seen) else "unhealthy"

    def fenced(self, region: str) -> bool:
        """Whether the parameter that stops writes is set in the database's group."""
        found = self.instance(region, self.site(region).database_identifier)
        if found is None:
            return False
        group = found["DBParameterGroups"][0]
        if not self._parameter_is_set(region, group["DBParameterGroupName"]):
            return False
        return bool(group.get("ParameterApplyStatus") != "applying")

    def _parameter_is_set(self, region: str, group: str) -> bool:
        client = self.clients[region].client("rds")
        pages = client.get_paginator("describe_db_parameters").paginate
        found = ask(region, lambda: list(pages(DBParameterGroupName=group, Source="user")))
        return any(
            each["ParameterName"] == FENCE and each.get("ParameterValue") in FENCED_VALUES
            for page in found
            for each in page["Parameters"]
        )


def _moment(at: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at, datetime.UTC)
