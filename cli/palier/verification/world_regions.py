"""What the checks of several regions look at: each region by its own API, and what spans them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palier.verification.inventory import Inventory
from palier.verification.model import Absent
from palier.verification.reads import Reads
from palier.verification.things import Scope, Thing, named
from palier.verification.wanted import AlarmWanted
from palier.verification.wanted_regions import MultiRegionWanted, multi_region_wanted
from palier.verification.world import PEERING_SIDES, Foundation, foundation_things, parameters_of, topic_of

PHASE = "multi-region"


@dataclass(frozen=True)
class FurtherRegion(Foundation):
    """A further region, seen as foundation is: the same parts, and one database whatever its role."""

    def primary(self) -> Thing:
        """An instance of the region's database. Raises Absent."""
        if not (found := sorted(self.things.databases(), key=lambda each: each.name)):
            raise Absent("database")
        return found[0]

    def watchable(self) -> set[str]:
        """Values of CloudWatch's dimensions for what stands."""
        return super().watchable() | {each.id for each in self.things.clusters()}


@dataclass(frozen=True)
class HomeRegion:
    """The home region: what this phase adds to what foundation made there."""

    reads: Reads
    things: Inventory
    foundation: Foundation
    wanted: MultiRegionWanted

    def watchable(self) -> set[str]:
        """Values of CloudWatch's dimensions for what stands."""
        return self.foundation.watchable() | {each.id for each in self.things.clusters()}

    def alarm(self, wanted: AlarmWanted) -> Thing:
        """The alarm wanted. Raises Absent."""
        return named(self.things.alarms(), wanted.name, "alarm")

    def topic(self, level: str) -> Thing:
        """The topic of a level, which foundation made. Raises Absent."""
        return topic_of(self.foundation.things, level)


@dataclass(frozen=True)
class MultiRegion:
    """Every region. `things` is what the phase has at home; `home` and `further` are the regions."""

    reads: Reads
    things: Inventory
    home: HomeRegion
    further: Mapping[str, FurtherRegion]
    wanted: MultiRegionWanted

    @classmethod
    def of(cls, settings: Mapping[str, Any], environment: str, reads: Reads) -> MultiRegion:
        """The world of the multi-region settings, given foundation's."""
        wanted = multi_region_wanted(settings[PHASE], settings["foundation"])
        scope = Scope(wanted.home.platform, PHASE, environment)
        further = {}
        for region, part in wanted.further.items():
            there = reads.in_region(region)
            further[region] = FurtherRegion(there, Inventory(there, scope), part)
        things = Inventory(reads, scope)
        foundation = Foundation(reads, foundation_things(wanted.home, environment, reads), wanted.home)
        return cls(reads, things, HomeRegion(reads, things, foundation, wanted), further, wanted)

    def first_made(self) -> list[Thing]:
        """What stands of the phase wherever anything of it does."""
        return [thing for region in self.further.values() for thing in region.first_made()]

    @property
    def regions(self) -> dict[str, Foundation]:
        """Every region's network and application, home first."""
        return {self.wanted.home_region: self.home.foundation, **self.further}

    def database(self, region: str) -> Thing:
        """The database of a region: RDS instance or Aurora cluster. Raises Absent."""
        here = region == self.wanted.home_region
        things = self.home.things if here else self.further[region].things
        if self.wanted.aurora:
            return named(things.clusters(), "database", "Aurora cluster")
        if here:
            return named(self.home.foundation.things.databases(), "primary", "RDS instance")
        return named(things.databases(), "database", "RDS instance")

    def database_arn(self, region: str) -> str:
        """The ARN of a region's database. Raises Absent."""
        data = self.database(region).data
        return str(data["DBClusterArn"] if self.wanted.aurora else data["DBInstanceArn"])

    def parameters(self, region: str) -> dict[str, str]:
        """The parameters that the group of a further region's database sets itself, by name."""
        reads, data = self.further[region].reads, self.database(region).data
        if not self.wanted.aurora:
            groups = [each["DBParameterGroupName"] for each in data.get("DBParameterGroups", [])]
            return {name: value for group in groups for name, value in parameters_of(reads, group).items()}
        found = reads.all(
            "rds",
            "describe_db_cluster_parameters",
            "Parameters",
            DBClusterParameterGroupName=data["DBClusterParameterGroup"],
            Source="user",
        )
        return {each["ParameterName"]: each.get("ParameterValue", "") for each in found}

    def writers(self) -> set[str]:
        """ARNs of the clusters that write in the global cluster. Raises Absent."""
        scope = self.things.scope
        name = f"{scope.platform}-{scope.environment}-database"
        for each in self.reads.all("rds", "describe_global_clusters", "GlobalClusters"):
            if each["GlobalClusterIdentifier"] == name:
                members = each.get("GlobalClusterMembers", [])
                return {member["DBClusterArn"] for member in members if member.get("IsWriter")}
        raise Absent(f"Aurora global database {name}")

    def active_region(self, region: str) -> str:
        """The region that writes, as the application in `region` is told; empty where it is told nothing."""
        scope = self.things.scope
        name = f"/{scope.platform}/{scope.environment}/application/ACTIVE_REGION"
        reads = self.regions[region].reads
        answer = reads.get_or_none("ssm", "get_parameter", {"ParameterNotFound"}, Name=name)
        return str(answer["Parameter"]["Value"]) if answer else ""

    def peers(self, region: str) -> set[str]:
        """The regions that a region's VPC is joined with."""
        here = self.things if region == self.wanted.home_region else self.further[region].things
        return {str(each.data[side]["Region"]) for each in here.peerings() for side in PEERING_SIDES} - {
            region
        }

    def assets(self, region: str) -> Thing:
        """The bucket of assets of a region. Raises Absent."""
        return named(self.regions[region].things.buckets(), "assets", f"bucket in {region}")

    def replicated_to(self, region: str) -> set[str]:
        """Names of the buckets that a region's assets are replicated to."""
        answer = self.regions[region].reads.get_or_none(
            "s3",
            "get_bucket_replication",
            {"ReplicationConfigurationNotFoundError"},
            Bucket=self.assets(region).id,
        )
        rules = answer["ReplicationConfiguration"]["Rules"] if answer else []
        on = [rule for rule in rules if rule["Status"] == "Enabled"]
        return {str(rule["Destination"]["Bucket"]).rpartition(":")[2] for rule in on}

    def sessions_name(self) -> str:
        """Name of the table of sessions."""
        scope = self.things.scope
        return f"{scope.platform}-{scope.environment}-sessions"

    def sessions(self, region: str) -> Mapping[str, Any]:
        """The table of sessions as a region has it. Raises Absent."""
        reads, name = self.regions[region].reads, self.sessions_name()
        answer = reads.get_or_none(
            "dynamodb", "describe_table", {"ResourceNotFoundException"}, TableName=name
        )
        if answer is None:
            raise Absent(f"table {name} in {region}")
        table: Mapping[str, Any] = answer["Table"]
        return table

    def sessions_recoverable(self, region: str) -> bool:
        """Whether a region's table of sessions can be restored to a point in time."""
        reads = self.regions[region].reads
        answer = reads.get("dynamodb", "describe_continuous_backups", TableName=self.sessions_name())
        found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        return bool(found.get("PointInTimeRecoveryStatus") == "ENABLED")

    def sessions_expire(self) -> str:
        """The attribute by which sessions expire, empty where they do not."""
        answer = self.reads.get("dynamodb", "describe_time_to_live", TableName=self.sessions_name())
        found = answer["TimeToLiveDescription"]
        return str(found.get("AttributeName", "")) if found["TimeToLiveStatus"] == "ENABLED" else ""

    def latency_records(self) -> dict[str, Mapping[str, Any]]:
        """The records of the application's domain, by set identifier."""
        zone, domain = self.wanted.hosted_zone_id, f"{self.wanted.domain}."
        found = self.reads.all(
            "route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone
        )
        return {
            record["SetIdentifier"]: record
            for record in found
            if record["Name"] == domain and record["Type"] == "A" and "SetIdentifier" in record
        }

    def health_check(self, health_check: str) -> Mapping[str, Any]:
        """The configuration of a health check."""
        answer = self.reads.get("route53", "get_health_check", HealthCheckId=health_check)
        config: Mapping[str, Any] = answer["HealthCheck"]["HealthCheckConfig"]
        return config

    def balancer_name(self, region: str) -> str:
        """DNS name of a region's load balancer. Raises Absent."""
        for balancer in self.regions[region].things.load_balancers():
            return str(balancer.data["DNSName"])
        raise Absent(f"load balancer in {region}")
