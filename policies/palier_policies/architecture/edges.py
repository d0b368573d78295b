"""The last phases: a CDN before private origins, and regions that have the data they serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from palier.costs.collect import NO_REGION

from palier_policies.architecture.common import (
    Throwaway,
    apart,
    blocks,
    flag,
    named,
    names,
    one_that_refers,
    refers,
)
from palier_policies.architecture.phases import FOUNDATION, outputs_of
from palier_policies.policy import Example, NoSettings, Policy, Problem
from palier_policies.resources import NotKnown, Resource
from palier_policies.stack import Stack

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
ACCESS = (
    "aws:cloudfront/originAccessControl:OriginAccessControl",
    "aws:cloudfront/originAccessIdentity:OriginAccessIdentity",
)
BUCKET, WALL = "aws:s3/bucket:Bucket", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_WALLS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_EVERYWHERE = ("0.0.0.0/0", "::/0")
# The output by which foundation says who reaches its load balancer.
REACHED_BY = "load_balancer_ingress"


def _private(stack: Stack, settings: Throwaway) -> Iterator[Problem]:
    for distribution in stack.of(DISTRIBUTION):
        yield from apart(partial(_origins, distribution, stack, settings))


def _origins(distribution: Resource, stack: Stack, settings: Throwaway) -> Iterator[Problem]:
    for origin in blocks(distribution, "origins"):
        yield from apart(partial(_origin, origin, stack, settings))


def _origin(origin: Resource, stack: Stack, settings: Throwaway) -> Iterator[Problem]:
    name = origin.read("originId", default="an origin")
    if origin.read("customOriginConfig") is None:
        yield from apart(partial(_signed, origin, name, stack), partial(_walled, origin, name, stack))
        return
    domain = str(origin.read("domainName", default=""))
    if "s3-website" in domain:
        yield Problem.of(
            origin,
            f"{origin.label}: origin {name} is the website {domain}, which only a public bucket has; use the "
            "bucket's own domain with an originAccessControlId",
        )
    elif origin.read("vpcOriginConfig") is None and not settings.covers(origin):
        yield from _balancer(origin, name, domain, stack)


def _signed(origin: Resource, name: Any, stack: Stack) -> Iterator[Problem]:
    """A bucket is asked with CloudFront's own signature. The id of one that is yet to be made is one."""
    made = bool(stack.of(*ACCESS))
    for path in (("originAccessControlId",), ("s3OriginConfig", "originAccessIdentity")):
        if (made and not origin.known(*path)) or origin.read(*path):
            return
    yield Problem.of(
        origin,
        f"{origin.label}: origin {name} has no originAccessControlId: its bucket has to be public; make an "
        "OriginAccessControl and name it",
    )


def _walled(origin: Resource, name: Any, stack: Stack) -> Iterator[Problem]:
    for bucket in stack.of(BUCKET):
        if not _serves(origin, bucket):
            continue
        wall = one_that_refers(stack.of(WALL), "bucket", to=bucket)
        open_ = [each for each in _WALLS if wall is None or not flag(wall, each)]
        if open_:
            yield Problem.of(
                bucket,
                f"{bucket.label} is the origin {name} of {origin.label} and its BucketPublicAccessBlock "
                "does not set "
                f"{', '.join(open_)}: it can be read past the CDN; set all four to true",
            )


def _serves(origin: Resource, target: Resource) -> bool:
    """Whether an origin's domain is a bucket's or a load balancer's. Raises NotKnown."""
    domain = str(origin.read("domainName", default=""))
    if any(domain == name or domain.startswith(f"{name}.s3") for name in names(target)):
        return True
    if not origin.dependencies.get("origins"):
        named(target)
    return False


def _balancer(origin: Resource, name: Any, domain: str, stack: Stack) -> Iterator[Problem]:
    here = [each for each in stack.of(*BALANCERS) if _serves(origin, each)]
    for balancer in here:
        yield from _reached(balancer, origin, name, stack)
    outputs = {} if here else outputs_of(stack, FOUNDATION) or {}
    if domain and domain == outputs.get("load_balancer_dns_name"):
        ingress = outputs.get(REACHED_BY)
        if ingress != "cloudfront":
            says = "does not say who reaches it" if ingress is None else f"lets the {ingress} reach it"
            yield Problem.of(
                origin,
                f"{origin.label}: origin {name} is {FOUNDATION}'s load balancer, and {FOUNDATION} {says}: "
                "clients "
                "can go past the CDN and its firewall; set foundation:edge.ingress to cloudfront once no "
                "name "
                "leads to it",
                # The CDN has to stand before the load balancer can be closed.
                level="advisory",
            )


def _reached(balancer: Resource, origin: Resource, name: Any, stack: Stack) -> Iterator[Problem]:
    if flag(balancer, "internal"):
        return
    groups = [each for each in stack.of(SECURITY_GROUP) if refers(balancer, "securityGroups", to=each)]
    for group in groups:
        for rule in _open_rules(group, stack):
            yield Problem.of(
                rule,
                f"{rule.label} lets every address reach {balancer.label}, which is the origin {name} of "
                f"{origin.label}: clients can go past the CDN and its firewall; let in CloudFront's prefix "
                "list alone",
            )


def _open_rules(group: Resource, stack: Stack) -> Iterator[Resource]:
    for block in blocks(group, "ingress"):
        if _open(block, ("cidrBlocks", "ipv6CidrBlocks")):
            yield block
    for rule in stack.of(INGRESS, RULE):
        outward = rule.type == RULE and rule.read("type") != "ingress"
        sources = ("cidrBlocks", "ipv6CidrBlocks") if rule.type == RULE else ("cidrIpv4", "cidrIpv6")
        if not outward and refers(rule, "securityGroupId", to=group) and _open(rule, sources):
            yield rule


def _open(rule: Resource, sources: tuple[str, ...]) -> bool:
    return any(each in str(rule.read(name, default="")) for name in sources for each in _EVERYWHERE)


TIERS = ("aws:autoscaling/group:Group", "aws:ecs/service:Service", "aws:lambda/function:Function")
INSTANCE, CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
TABLE, TABLE_REPLICA = "aws:dynamodb/table:Table", "aws:dynamodb/tableReplica:TableReplica"
GLOBAL_CACHE, CACHE = (
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",
    "aws:elasticache/replicationGroup:ReplicationGroup",
)
# What makes a resource of a region a copy of another's.
_COPIES: Mapping[str, str] = {
    INSTANCE: "replicateSourceDb",
    CLUSTER: "globalClusterIdentifier",
    "aws:docdb/cluster:Cluster": "globalClusterIdentifier",
    "aws:neptune/cluster:Cluster": "globalClusterIdentifier",
    CACHE: "globalReplicationGroupId",
}


def _regions(stack: Stack, settings: NoSettings) -> Iterator[Problem]:
    tiers: dict[str, Resource] = {}
    for tier in stack.of(*TIERS):
        if tier.region != NO_REGION:
            tiers.setdefault(tier.region, tier)
    copies: set[str] = set()
    unsure: list[Problem] = []
    for resource in stack.of(*_COPIES, TABLE, TABLE_REPLICA):
        try:
            copies |= _copied_to(resource)
        except NotKnown as error:
            unsure.append(Problem.unknown(error))
    try:
        bare = [region for region in _further(stack, tiers) if region not in copies]
    except NotKnown as error:
        yield Problem.unknown(error)
        return
    for region in bare:
        if unsure:
            yield from unsure
            continue
        tier = tiers[region]
        yield Problem.of(
            tier,
            f"{tier.label} serves {region}, where no data is a copy of another region's: its users would "
            "wait for "
            "the other region, or have data of their own; add a replica, a secondary cluster or a global "
            "table there",
        )


def _further(stack: Stack, tiers: Mapping[str, Resource]) -> list[str]:
    """The regions of the tiers that are not home. Raises NotKnown."""
    if not tiers:
        return []
    outputs = outputs_of(stack, FOUNDATION)
    home = (outputs or {}).get("region")
    if home is None and len(tiers) < 2:
        return []
    if home is None:
        home = next((each.region for each in stack.of(INSTANCE, CLUSTER) if _writes(each)), next(iter(tiers)))
    return [region for region in tiers if region != home]


def _writes(database: Resource) -> bool:
    return not database.read(_COPIES[database.type]) or database.type == CLUSTER


def _copied_to(resource: Resource) -> set[str]:
    if resource.type == TABLE:
        replicas = [str(each.read("regionName")) for each in blocks(resource, "replicas")]
        return {*replicas, resource.region} if replicas else set()
    if resource.type == TABLE_REPLICA:
        return {resource.region}
    return {resource.region} if resource.read(_COPIES[resource.type]) else set()


POLICIES = (
    Policy(
        name="cdn-private-origin",
        says="What a CDN serves is reached through it alone.",
        severity="high",
        level="mandatory",
        source="scaling-et-croissance.md, « Stratégie CDN et Edge Computing »; AWS Security Hub "
        "CloudFront.13",
        check_stack=_private,
        settings=Throwaway,
        limits="Origins in S3: their access control, and the wall around a bucket of the same stack. Load "
        "balancers "
        "of the same stack, by the rules of their security groups; foundation's, by its output "
        f"`{REACHED_BY}`, which is advisory, because a CDN stands before its origin is closed. An "
        "environment that "
        "is made to be thrown away may have an open load balancer. Not seen: policies of buckets, other "
        "origins.",
        remedy="None: closing an origin that names still lead to takes the site down.",
        example=Example(
            breaks='bucket = aws.s3.Bucket("assets")\naws.cloudfront.Distribution(\n    "site",\n    '
            "enabled=True,\n"
            '    origins=[{"origin_id": "assets", "domain_name": bucket.bucket_regional_domain_name}],\n)',
            keeps='access = aws.cloudfront.OriginAccessControl(\n    "assets",\n'
            '    origin_access_control_origin_type="s3",\n    signing_behavior="always",\n'
            '    signing_protocol="sigv4",\n)\naws.cloudfront.Distribution(\n    "site",\n    enabled=True,\n'
            "    origins=[\n        {\n"
            '            "origin_id": "assets",\n            "domain_name": '
            "bucket.bucket_regional_domain_name,\n"
            '            "origin_access_control_id": access.id,\n        },\n    ],\n)',
        ),
    ),
    Policy(
        name="regions-need-replication",
        says="A further region serves users only where data is replicated to it.",
        severity="high",
        level="mandatory",
        source="scaling-et-croissance.md, « Stratégies de Sharding » (« Quelle stratégie de backup et "
        "réplication ? ») and "
        "« Scenario 2 » (Multi-region deployment)",
        check_stack=_regions,
        limits="A region serves where an autoscaling group, an ECS service or a Lambda function is in it. "
        "Home is "
        "foundation's output `region`, else the region of the writer. A replica, a secondary cluster of a "
        "global "
        "database or datastore, or a global table counts. Buckets alone do not.",
        remedy="None: a replica is a decision.",
        example=Example(
            breaks='aws.autoscaling.Group("application", min_size=2, max_size=6, region="eu-west-3")\n'
            'aws.autoscaling.Group("application-eu-west-1", min_size=2, max_size=6, region="eu-west-1")',
            keeps='aws.autoscaling.Group("application", min_size=2, max_size=6, region="eu-west-3")\n'
            'aws.autoscaling.Group("application-eu-west-1", min_size=2, max_size=6, region="eu-west-1")\n'
            'aws.rds.Instance("replica", replicate_source_db=primary.arn, region="eu-west-1")',
        ),
    ),
)
