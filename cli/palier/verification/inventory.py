"""What stands of one phase in one environment, found by tags, each listing fetched once.

Services differ in how they tell tags: EC2 and Auto Scaling filter by them, RDS puts them into its
descriptions, the others have to be asked for every resource there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from palier.verification.reads import Once, Reads
from palier.verification.things import Scope, Thing

# ELB and Route 53 tell the tags of so many resources per call, their documented limits.
ELB_TAGS_PER_CALL, ROUTE53_TAGS_PER_CALL = 20, 10
FOREIGN = "AccessDenied"  # a bucket or key whose own policy shuts us out


class Inventory:
    """Listings of one scope. Every method answers only what carries the scope's tags."""

    def __init__(self, reads: Reads, scope: Scope) -> None:
        self.reads, self.scope = reads, scope
        self._once = Once()

    def vpcs(self) -> list[Thing]:
        """VPCs."""
        return self._ec2("VPC", "describe_vpcs", "Vpcs", "VpcId")

    def subnets(self) -> list[Thing]:
        """Subnets."""
        return self._ec2("subnet", "describe_subnets", "Subnets", "SubnetId")

    def route_tables(self) -> list[Thing]:
        """Route tables, with their routes and associations."""
        return self._ec2("route table", "describe_route_tables", "RouteTables", "RouteTableId")

    def nat_gateways(self) -> list[Thing]:
        """NAT gateways; those being deleted, which AWS shows for an hour, are left out."""
        found = self._ec2("NAT gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId", "Filter")
        return [each for each in found if each.data["State"] not in {"deleted", "deleting", "failed"}]

    def security_groups(self) -> list[Thing]:
        """Security groups, with their rules."""
        return self._ec2("security group", "describe_security_groups", "SecurityGroups", "GroupId")

    def auto_scaling_groups(self) -> list[Thing]:
        """Auto Scaling groups."""
        return self._listed(
            "auto scaling group",
            lambda: self.reads.all(
                "autoscaling",
                "describe_auto_scaling_groups",
                "AutoScalingGroups",
                Filters=self.scope.filters(),
            ),
            "AutoScalingGroupName",
        )

    def load_balancers(self) -> list[Thing]:
        """Application load balancers."""
        return self._elb("load balancer", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn")

    def target_groups(self) -> list[Thing]:
        """Target groups."""
        return self._elb("target group", "describe_target_groups", "TargetGroups", "TargetGroupArn")

    def databases(self) -> list[Thing]:
        """RDS instances."""
        return self._listed(
            "database",
            lambda: self.reads.all("rds", "describe_db_instances", "DBInstances"),
            "DBInstanceIdentifier",
        )

    def clusters(self) -> list[Thing]:
        """Aurora clusters."""
        return self._listed(
            "database cluster",
            lambda: self.reads.all("rds", "describe_db_clusters", "DBClusters"),
            "DBClusterIdentifier",
        )

    def peerings(self) -> list[Thing]:
        """Active VPC peerings, of which either side is here; EC2 tells of those that ended, too."""
        found = self._ec2(
            "VPC peering",
            "describe_vpc_peering_connections",
            "VpcPeeringConnections",
            "VpcPeeringConnectionId",
        )
        return [each for each in found if each.data["Status"]["Code"] == "active"]

    def proxies(self) -> list[Thing]:
        """RDS proxies."""
        return self._asked(
            "database proxy",
            lambda: self.reads.all("rds", "describe_db_proxies", "DBProxies"),
            "DBProxyName",
            lambda item: self.reads.get("rds", "list_tags_for_resource", ResourceName=item["DBProxyArn"])[
                "TagList"
            ],
        )

    def caches(self) -> list[Thing]:
        """ElastiCache replication groups."""
        return self._asked(
            "cache",
            lambda: self.reads.all("elasticache", "describe_replication_groups", "ReplicationGroups"),
            "ReplicationGroupId",
            lambda item: self.reads.get("elasticache", "list_tags_for_resource", ResourceName=item["ARN"])[
                "TagList"
            ],
        )

    def buckets(self) -> list[Thing]:
        """S3 buckets of the region."""

        def tags(item: Mapping[str, Any]) -> Iterable[Mapping[str, str]]:
            answer = self.reads.get_or_none(
                "s3", "get_bucket_tagging", {"NoSuchTagSet", FOREIGN}, Bucket=item["Name"]
            )
            return answer["TagSet"] if answer else []

        return self._asked(
            "bucket",
            lambda: self.reads.all("s3", "list_buckets", "Buckets", BucketRegion=self.reads.clients.region),
            "Name",
            tags,
        )

    def kms_keys(self) -> list[Thing]:
        """KMS keys that are not waiting for their deletion, described."""

        def list_keys() -> list[Mapping[str, Any]]:
            ids = [key["KeyId"] for key in self.reads.all("kms", "list_keys", "Keys")]
            described = self.reads.each(lambda key: self.reads.get("kms", "describe_key", KeyId=key), ids)
            keys = [each["KeyMetadata"] for each in described]
            return [key for key in keys if key["KeyManager"] == "CUSTOMER" and "DeletionDate" not in key]

        def tags(item: Mapping[str, Any]) -> Iterable[Mapping[str, str]]:
            answer = self.reads.get_or_none(
                "kms", "list_resource_tags", {"AccessDeniedException"}, KeyId=item["KeyId"]
            )
            return answer["Tags"] if answer else []

        return self._asked("key", list_keys, "KeyId", tags)

    def secrets(self) -> list[Thing]:
        """Secrets of Secrets Manager: what is told of them, never what they hold."""
        return self._listed(
            "secret", lambda: self.reads.all("secretsmanager", "list_secrets", "SecretList"), "ARN"
        )

    def distributions(self) -> list[Thing]:
        """CloudFront distributions."""

        def tags(item: Mapping[str, Any]) -> Iterable[Mapping[str, str]]:
            answer = self.reads.get("cloudfront", "list_tags_for_resource", Resource=item["ARN"])
            found: Iterable[Mapping[str, str]] = answer["Tags"]["Items"]
            return found

        return self._asked(
            "distribution",
            lambda: self.reads.all("cloudfront", "list_distributions", "DistributionList.Items"),
            "ARN",
            tags,
        )

    def topics(self) -> list[Thing]:
        """SNS topics."""
        return self._asked(
            "topic",
            lambda: self.reads.all("sns", "list_topics", "Topics"),
            "TopicArn",
            lambda item: self.reads.get("sns", "list_tags_for_resource", ResourceArn=item["TopicArn"])[
                "Tags"
            ],
        )

    def alarms(self) -> list[Thing]:
        """CloudWatch metric alarms."""
        return self._asked(
            "alarm",
            lambda: self.reads.all(
                "cloudwatch", "describe_alarms", "MetricAlarms", AlarmTypes=["MetricAlarm"]
            ),
            "AlarmName",
            lambda item: self.reads.get("cloudwatch", "list_tags_for_resource", ResourceARN=item["AlarmArn"])[
                "Tags"
            ],
        )

    def log_groups(self) -> list[Thing]:
        """CloudWatch log groups."""

        def tags(item: Mapping[str, Any]) -> Mapping[str, str]:
            # `arn` ends in `:*`, which this call does not take.
            arn = str(item["arn"]).removesuffix(":*")
            found: Mapping[str, str] = self.reads.get("logs", "list_tags_for_resource", resourceArn=arn)[
                "tags"
            ]
            return found

        return self._asked(
            "log group",
            lambda: self.reads.all("logs", "describe_log_groups", "logGroups"),
            "logGroupName",
            tags,
        )

    def hosted_zones(self) -> list[Thing]:
        """Route 53 hosted zones."""

        def list_zones() -> list[Thing]:
            zones = self.reads.all("route53", "list_hosted_zones", "HostedZones")
            by_id = {str(zone["Id"]).removeprefix("/hostedzone/"): zone for zone in zones}
            batches = self.reads.each(
                lambda ids: self.reads.get(
                    "route53", "list_tags_for_resources", ResourceType="hostedzone", ResourceIds=ids
                )["ResourceTagSets"],
                _batches(list(by_id), ROUTE53_TAGS_PER_CALL),
            )
            return [
                Thing("hosted zone", each["ResourceId"], _tags(each["Tags"]), by_id[each["ResourceId"]])
                for batch in batches
                for each in batch
            ]

        return self._mine("hosted zone", list_zones)

    def _ec2(self, kind: str, operation: str, key: str, id_key: str, filters: str = "Filters") -> list[Thing]:
        request = {filters: self.scope.filters()}
        return self._listed(kind, lambda: self.reads.all("ec2", operation, key, **request), id_key)

    def _elb(self, kind: str, operation: str, key: str, id_key: str) -> list[Thing]:
        def list_all() -> list[Thing]:
            items = {item[id_key]: item for item in self.reads.all("elbv2", operation, key)}
            batches = self.reads.each(
                lambda arns: self.reads.get("elbv2", "describe_tags", ResourceArns=arns)["TagDescriptions"],
                _batches(list(items), ELB_TAGS_PER_CALL),
            )
            return [
                Thing(kind, each["ResourceArn"], _tags(each["Tags"]), items[each["ResourceArn"]])
                for batch in batches
                for each in batch
            ]

        return self._mine(kind, list_all)

    def _listed(self, kind: str, items: Callable[[], list[Mapping[str, Any]]], id_key: str) -> list[Thing]:
        """Resources whose description carries their tags."""
        return self._mine(
            kind,
            lambda: [
                Thing(kind, item[id_key], _tags(item.get("Tags") or item.get("TagList") or []), item)
                for item in items()
            ],
        )

    def _asked(
        self,
        kind: str,
        items: Callable[[], list[Mapping[str, Any]]],
        id_key: str,
        tags: Callable[[Mapping[str, Any]], Any],
    ) -> list[Thing]:
        """Resources whose tags take a call each."""

        def list_all() -> list[Thing]:
            listed = items()
            return [
                Thing(kind, item[id_key], _tags(found), item)
                for item, found in zip(listed, self.reads.each(tags, listed), strict=True)
            ]

        return self._mine(kind, list_all)

    def _mine(self, kind: str, list_all: Callable[[], list[Thing]]) -> list[Thing]:
        return self._once.get(kind, lambda: [each for each in list_all() if self.scope.holds(each.tags)])


def _tags(raw: Any) -> dict[str, str]:
    """Tags by key, whichever of AWS's four ways they were told in."""
    if isinstance(raw, Mapping):
        return dict(raw)
    return {each.get("Key", each.get("TagKey")): each.get("Value", each.get("TagValue", "")) for each in raw}


def _batches(items: list[str], size: int) -> list[list[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
