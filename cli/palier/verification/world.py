"""What a phase's checks look at: what stands, what is wanted, and the details asked for on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from palier.verification.inventory import Inventory
from palier.verification.model import Absent
from palier.verification.reads import Reads
from palier.verification.things import Scope, Thing, named
from palier.verification.wanted import (
    AlarmWanted,
    FoundationWanted,
    ReplicasWanted,
    foundation_wanted,
    replicas_wanted,
)

PEERING_SIDES = ("AccepterVpcInfo", "RequesterVpcInfo")


class HasAlarms(Protocol):
    """Wanted things that hold alarms."""

    @property
    def alarms(self) -> Sequence[AlarmWanted]:
        """The alarms wanted."""


class AlarmWorld(Protocol):
    """A world with alarms and the topics they tell."""

    @property
    def wanted(self) -> HasAlarms:
        """What should stand."""

    def alarm(self, wanted: AlarmWanted) -> Thing:
        """The alarm of this name. Raises Absent."""

    def topic(self, level: str) -> Thing:
        """The topic of a level. Raises Absent."""

    def watchable(self) -> set[str]:
        """Values of CloudWatch's dimensions for what stands."""


class World(Protocol):
    """What stands of a phase and what is wanted; each phase's checks know their own."""

    @property
    def things(self) -> Inventory:
        """What stands of the phase."""

    def first_made(self) -> list[Thing]:
        """What stands of the phase wherever anything of it does."""


def foundation_things(wanted: FoundationWanted, environment: str, reads: Reads) -> Inventory:
    """What stands of foundation, which every later phase is checked against."""
    return Inventory(reads, Scope(wanted.platform, "foundation", environment))


@dataclass(frozen=True)
class Foundation:
    """Foundation: what stands and what is wanted."""

    reads: Reads
    things: Inventory
    wanted: FoundationWanted

    @classmethod
    def of(cls, settings: Mapping[str, Any], environment: str, reads: Reads) -> Foundation:
        """The world of foundation's settings."""
        wanted = foundation_wanted(settings["foundation"])
        return cls(reads, foundation_things(wanted, environment, reads), wanted)

    def first_made(self) -> list[Thing]:
        """What stands of the phase wherever anything of it does."""
        return self.things.vpcs() or self.things.databases()

    def tier(self, tier: str) -> list[Thing]:
        """The subnets of a tier ("public", "private", "data")."""
        return [each for each in self.things.subnets() if each.tags.get("palier:tier") == tier]

    def all_route_tables(self) -> list[Mapping[str, Any]]:
        """Route tables of our VPCs, the main ones (which carry no tag) among them."""
        vpcs = [each.id for each in self.things.vpcs()]
        filters = [{"Name": "vpc-id", "Values": vpcs}]
        return self.reads.all("ec2", "describe_route_tables", "RouteTables", Filters=filters)

    def flow_logs(self, vpc: Thing) -> list[Mapping[str, Any]]:
        """The flow logs of a VPC."""
        filters = [{"Name": "resource-id", "Values": [vpc.id]}]
        return self.reads.all("ec2", "describe_flow_logs", "FlowLogs", Filter=filters)

    def log_buckets(self) -> list[Thing]:
        """The buckets that load balancers write their access logs into."""
        into = {
            self.balancer_attributes(each).get("access_logs.s3.bucket")
            for each in self.things.load_balancers()
        }
        return [each for each in self.things.buckets() if each.id in into]

    def primary(self) -> Thing:
        """The RDS primary. Raises Absent."""
        return primary_of(self.things)

    def templates(self) -> list[Mapping[str, Any]]:
        """The launch template versions that our Auto Scaling groups start instances from."""
        found = []
        for group in self.things.auto_scaling_groups():
            mixed = group.data.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
            template = group.data.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification")
            if template:
                found += self.reads.all(
                    "ec2",
                    "describe_launch_template_versions",
                    "LaunchTemplateVersions",
                    LaunchTemplateId=template["LaunchTemplateId"],
                    Versions=[template.get("Version", "$Default")],
                )
        return found

    def pool_groups(self) -> list[str]:
        """The security groups of connection pools, which the replicas phase puts before the primary."""
        scope = self.things.scope
        replicas = Scope(scope.platform, "replicas", scope.environment)
        named = {"Name": "tag:palier:component", "Values": ["database"]}
        filters = [*replicas.filters(), named]
        groups = self.reads.all("ec2", "describe_security_groups", "SecurityGroups", Filters=filters)
        return [each["GroupId"] for each in groups]

    def peered_blocks(self) -> list[str]:
        """Addresses of the VPCs that the multi-region phase has joined ours with."""
        scope = self.things.scope
        ours = {each.id for each in self.things.vpcs()}
        peerings = Inventory(self.reads, Scope(scope.platform, "multi-region", scope.environment)).peerings()
        sides = [each.data[side] for each in peerings for side in PEERING_SIDES]
        return [side["CidrBlock"] for side in sides if side["VpcId"] not in ours]

    def template_groups(self, template: Mapping[str, Any]) -> list[str]:
        """The security groups that a launch template gives to instances."""
        data = template["LaunchTemplateData"]
        interfaces = [group for each in data.get("NetworkInterfaces", []) for group in each.get("Groups", [])]
        return [*data.get("SecurityGroupIds", []), *interfaces]

    def scaling_policies(self, group: Thing) -> list[Mapping[str, Any]]:
        """The scaling policies of an Auto Scaling group."""
        return self.reads.all(
            "autoscaling", "describe_policies", "ScalingPolicies", AutoScalingGroupName=group.id
        )

    def balancer_attributes(self, balancer: Thing) -> dict[str, str]:
        """A load balancer's attributes by key."""
        answer = self.reads.get("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=balancer.id)
        return {each["Key"]: each.get("Value", "") for each in answer["Attributes"]}

    def target_group_attributes(self, group: Thing) -> dict[str, str]:
        """A target group's attributes by key."""
        answer = self.reads.get("elbv2", "describe_target_group_attributes", TargetGroupArn=group.id)
        return {each["Key"]: each.get("Value", "") for each in answer["Attributes"]}

    def cache(self, name: str) -> Thing:
        """The cache of that purpose ("sessions", "shared"). Raises Absent."""
        return named(self.things.caches(), name, "cache")

    def cache_nodes(self) -> dict[str, Mapping[str, Any]]:
        """Cache nodes by id."""
        found = self.reads.all("elasticache", "describe_cache_clusters", "CacheClusters")
        return {each["CacheClusterId"]: each for each in found}

    def key_rotates(self, key: Thing) -> bool:
        """Does AWS turn the key every year?"""
        return bool(self.reads.get("kms", "get_key_rotation_status", KeyId=key.id)["KeyRotationEnabled"])

    def bucket_encryption(self, bucket: Thing) -> str:
        """The bucket's default encryption, empty where it has none."""
        answer = self.reads.get_or_none(
            "s3",
            "get_bucket_encryption",
            {"ServerSideEncryptionConfigurationNotFoundError"},
            Bucket=bucket.id,
        )
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else []
        return rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] if rules else ""

    def bucket_public_access(self, bucket: Thing) -> Mapping[str, bool]:
        """The bucket's public access blocks by name."""
        answer = self.reads.get_or_none(
            "s3", "get_public_access_block", {"NoSuchPublicAccessBlockConfiguration"}, Bucket=bucket.id
        )
        return answer["PublicAccessBlockConfiguration"] if answer else {}

    def bucket_versioning(self, bucket: Thing) -> str:
        """`Enabled`, `Suspended` or `never enabled`."""
        return str(
            self.reads.get("s3", "get_bucket_versioning", Bucket=bucket.id).get("Status", "never enabled")
        )

    def bucket_lifecycle(self, bucket: Thing) -> list[Mapping[str, Any]]:
        """The bucket's lifecycle rules."""
        answer = self.reads.get_or_none(
            "s3", "get_bucket_lifecycle_configuration", {"NoSuchLifecycleConfiguration"}, Bucket=bucket.id
        )
        return list(answer["Rules"]) if answer else []

    def topic(self, level: str) -> Thing:
        """The topic of a level. Raises Absent."""
        return topic_of(self.things, level)

    def topic_key(self, topic: Thing) -> str:
        """The key a topic encrypts with, empty where it does not."""
        attributes = self.reads.get("sns", "get_topic_attributes", TopicArn=topic.id)["Attributes"]
        return str(attributes.get("KmsMasterKeyId", ""))

    def alarm(self, wanted: AlarmWanted) -> Thing:
        """The alarm wanted. Raises Absent."""
        return named(self.things.alarms(), wanted.name, "alarm")

    def watchable(self) -> set[str]:
        """Values of CloudWatch's dimensions for what stands."""
        things = self.things
        plain = (*things.databases(), *things.auto_scaling_groups())
        balancers = {each.id.partition(":loadbalancer/")[2] for each in things.load_balancers()}
        nodes = {node for cache in things.caches() for node in cache.data.get("MemberClusters", [])}
        return {each.id for each in plain} | balancers | nodes

    def dashboards(self) -> list[str]:
        """Names of the account's dashboards in this region."""
        found = self.reads.all("cloudwatch", "list_dashboards", "DashboardEntries")
        return [each["DashboardName"] for each in found]

    def taggable(self) -> list[Thing]:
        """Every resource of foundation that can be found by its tags."""
        things = self.things
        listings = (
            things.vpcs,
            things.subnets,
            things.route_tables,
            things.nat_gateways,
            things.security_groups,
            things.load_balancers,
            things.target_groups,
            things.auto_scaling_groups,
            things.databases,
            things.caches,
            things.buckets,
            things.kms_keys,
            things.topics,
            things.alarms,
            things.log_groups,
        )
        return [thing for listing in listings for thing in listing()]


@dataclass(frozen=True)
class Replicas:
    """The read replicas, and the foundation they follow."""

    reads: Reads
    things: Inventory
    foundation: Inventory
    wanted: ReplicasWanted

    @classmethod
    def of(cls, settings: Mapping[str, Any], environment: str, reads: Reads) -> Replicas:
        """The world of the replicas' settings, given foundation's."""
        wanted = foundation_wanted(settings["foundation"])
        things = Inventory(reads, Scope(wanted.platform, "replicas", environment))
        foundation = foundation_things(wanted, environment, reads)
        return cls(reads, things, foundation, replicas_wanted(settings["replicas"], wanted))

    def first_made(self) -> list[Thing]:
        """What stands of the phase wherever anything of it does."""
        return self.things.databases() or self.things.hosted_zones()

    def primary(self) -> Thing:
        """Foundation's primary. Raises Absent."""
        return primary_of(self.foundation)

    def replicas(self) -> list[Thing]:
        """The replicas, at least one. Raises Absent."""
        if not (found := self.things.databases()):
            raise Absent("read replica")
        return sorted(found, key=lambda each: each.name)

    def zone_vpcs(self, zone: Thing) -> list[str]:
        """Ids of the VPCs that see a private zone."""
        answer = self.reads.get("route53", "get_hosted_zone", Id=zone.id)
        return [each["VPCId"] for each in answer.get("VPCs", [])]

    def reader_records(self) -> list[Mapping[str, Any]]:
        """The weighted CNAME records of the phase's zone."""
        return [
            record
            for zone in self.things.hosted_zones()
            for record in self.reads.all(
                "route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone.id
            )
            if record["Type"] == "CNAME" and "SetIdentifier" in record
        ]

    def health_alarm(self, health_check: str) -> str:
        """Name of the alarm that a health check follows, empty where it follows none."""
        answer = self.reads.get("route53", "get_health_check", HealthCheckId=health_check)
        return str(answer["HealthCheck"]["HealthCheckConfig"].get("AlarmIdentifier", {}).get("Name", ""))

    def proxy_targets(self, proxy: Thing) -> list[Mapping[str, Any]]:
        """What a database proxy sends connections to."""
        return self.reads.all("rds", "describe_db_proxy_targets", "Targets", DBProxyName=proxy.id)

    def topic(self, level: str) -> Thing:
        """The topic of a level, which foundation made. Raises Absent."""
        return topic_of(self.foundation, level)

    def watchable(self) -> set[str]:
        """Values of CloudWatch's dimensions for what stands."""
        return {each.id for each in (*self.things.databases(), *self.things.proxies())}

    def alarm(self, wanted: AlarmWanted) -> Thing:
        """The alarm wanted. Raises Absent."""
        return named(self.things.alarms(), wanted.name, "alarm")


def parameters_of(reads: Reads, group: str) -> dict[str, str]:
    """The parameters that an RDS parameter group sets itself, by name."""
    found = reads.all(
        "rds", "describe_db_parameters", "Parameters", DBParameterGroupName=group, Source="user"
    )
    return {each["ParameterName"]: each.get("ParameterValue", "") for each in found}


def primary_of(things: Inventory) -> Thing:
    """The one database that follows no other. Raises Absent."""
    for database in things.databases():
        if not database.data.get("ReadReplicaSourceDBInstanceIdentifier"):
            return database
    # After a failover to another region the primary of old follows the new one, and is ours all the same.
    for database in things.databases():
        if database.name == "primary":
            return database
    raise Absent("RDS primary")


def topic_of(things: Inventory, level: str) -> Thing:
    """The topic of `level` ("attention" or "critical"). Raises Absent."""
    return named(things.topics(), level, "topic")
