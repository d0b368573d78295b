"""Every resource type and how it costs: by its size, by a fixed rate, by use, or not at all.

A type that stands here nowhere is listed as unlisted: it is never taken to be free.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from palier.costs import resources, units
from palier.costs.billing import Biller
from palier.costs.model import Item, Planned
from palier.costs.world import World, subject

Pricing = Callable[[World, Planned], list[Item]]


@dataclass(frozen=True)
class Rate:
    """So much a month for each resource, whatever its inputs; `kind` and `key` are the price book's."""

    service: str
    what: str
    kind: str
    key: str

    def __call__(self, world: World, found: Planned) -> list[Item]:
        """One item."""
        bill = Biller(world.book, subject(found), self.service)
        return [bill.amount(self.what, self.kind, self.key, units.ONE, "months")]


@dataclass(frozen=True)
class ByUse:
    """Paid by what is used of it; each with a kind and key of the price book where AWS has a unit price."""

    service: str
    uses: tuple[tuple[str, str, str], ...]

    def __call__(self, world: World, found: Planned) -> list[Item]:
        """An item for each use."""
        bill = Biller(world.book, subject(found), self.service)
        return [bill.by_use(what, kind, key) for what, kind, key in self.uses]


@dataclass(frozen=True)
class Free:
    """AWS charges nothing for the thing itself; `why` says what is charged elsewhere."""

    service: str
    why: str = "no charge of its own"

    def __call__(self, world: World, found: Planned) -> list[Item]:
        """One item of nothing."""
        return [Biller(world.book, subject(found), self.service).free(self.why)]


KEY = Rate("KMS", "keys", "kms", "key_month")

PRICED: dict[str, Pricing] = {
    "aws:autoscaling/group:Group": resources.autoscaling_group,
    "aws:cloudfront/distribution:Distribution": resources.distribution,
    "aws:cloudwatch/dashboard:Dashboard": Rate("CloudWatch", "dashboards", "cloudwatch", "dashboard_month"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": resources.alarm,
    "aws:dynamodb/table:Table": resources.table,
    "aws:ec2/eip:Eip": resources.address,
    "aws:ec2/natGateway:NatGateway": resources.nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": resources.endpoint,
    "aws:elasticache/replicationGroup:ReplicationGroup": resources.cache,
    "aws:kms/key:Key": KEY,
    "aws:kms/replicaKey:ReplicaKey": KEY,
    "aws:lb/loadBalancer:LoadBalancer": resources.load_balancer,
    "aws:rds/cluster:Cluster": resources.aurora_cluster,
    "aws:rds/clusterInstance:ClusterInstance": resources.aurora_instance,
    "aws:rds/instance:Instance": resources.database,
    "aws:rds/proxy:Proxy": resources.proxy,
    "aws:route53/healthCheck:HealthCheck": Rate("Route 53", "health checks", "route53", "health_check_month"),
    "aws:route53/zone:Zone": Rate("Route 53", "hosted zones", "route53", "zone_month"),
    "aws:s3/bucket:Bucket": resources.bucket,
    "aws:secretsmanager/secret:Secret": resources.secret,
    "aws:ssm/parameter:Parameter": resources.parameter,
    "aws:wafv2/webAcl:WebAcl": resources.web_acl,
}

BY_USE: dict[str, ByUse] = {
    "aws:cloudfront/function:Function": ByUse("CloudFront", (("calls of functions", "", ""),)),
    "aws:cloudfront/keyValueStore:KeyValueStore": ByUse(
        "CloudFront", (("reads and writes of key value stores", "", ""),)
    ),
    "aws:cloudwatch/logGroup:LogGroup": ByUse(
        "CloudWatch", (("logs written and kept", "cloudwatch", "log_gb"),)
    ),
    "aws:ec2/flowLog:FlowLog": ByUse("CloudWatch", (("flow logs delivered", "", ""),)),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": ByUse(
        "Data transfer", (("data over a peering connection", "", ""),)
    ),
    "aws:route53/record:Record": ByUse("Route 53", (("queries", "", ""),)),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ByUse(
        "S3", (("replication: requests, and data between regions", "", ""),)
    ),
    "aws:sns/topic:Topic": ByUse("SNS", (("messages", "", ""),)),
}

_ATTACHED = {
    "cloudfront": (
        "cachePolicy:CachePolicy",
        "keyvaluestoreKey:KeyvaluestoreKey",
        "originAccessControl:OriginAccessControl",
        "originRequestPolicy:OriginRequestPolicy",
        "responseHeadersPolicy:ResponseHeadersPolicy",
    ),
    "ec2": (
        "internetGateway:InternetGateway",
        "route:Route",
        "routeTable:RouteTable",
        "routeTableAssociation:RouteTableAssociation",
        "securityGroup:SecurityGroup",
        "subnet:Subnet",
        "vpc:Vpc",
    ),
    "elasticache": ("parameterGroup:ParameterGroup", "subnetGroup:SubnetGroup"),
    "iam": (
        "instanceProfile:InstanceProfile",
        "role:Role",
        "rolePolicy:RolePolicy",
        "rolePolicyAttachment:RolePolicyAttachment",
    ),
    "kms": ("alias:Alias",),
    "rds": (
        "clusterParameterGroup:ClusterParameterGroup",
        "parameterGroup:ParameterGroup",
        "subnetGroup:SubnetGroup",
    ),
    "s3": (
        "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "bucketOwnershipControls:BucketOwnershipControls",
        "bucketPolicy:BucketPolicy",
        "bucketPublicAccessBlock:BucketPublicAccessBlock",
        "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "bucketVersioning:BucketVersioning",
    ),
    "sns": ("topicPolicy:TopicPolicy", "topicSubscription:TopicSubscription"),
    "vpc": (
        "securityGroupEgressRule:SecurityGroupEgressRule",
        "securityGroupIngressRule:SecurityGroupIngressRule",
    ),
}

FREE: dict[str, Free] = {
    **{
        f"aws:{module}/{name}": Free(module.upper() if len(module) < 5 else module)
        for module, names in _ATTACHED.items()
        for name in names
    },
    "aws:autoscaling/policy:Policy": Free("Auto Scaling", "what it starts is charged at the group"),
    "aws:dynamodb/tableItem:TableItem": Free("DynamoDB", "charged at the table"),
    "aws:ec2/launchTemplate:LaunchTemplate": Free("EC2", "what is launched is charged at the group"),
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": Free(
        "VPC", "charged at the connection"
    ),
    "aws:lb/listener:Listener": Free("ELB", "charged at the load balancer"),
    "aws:lb/targetGroup:TargetGroup": Free("ELB", "charged at the load balancer"),
    "aws:s3/bucketObjectv2:BucketObjectv2": Free("S3", "charged at the bucket"),
    **{
        f"aws:{name}": Free("IAM Identity Center")
        for name in (
            "identitystore/group:Group",
            "identitystore/groupMembership:GroupMembership",
            "identitystore/user:User",
            "ssoadmin/accountAssignment:AccountAssignment",
            "ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
            "ssoadmin/permissionSet:PermissionSet",
        )
    },
    "aws:secretsmanager/secretVersion:SecretVersion": Free("Secrets Manager", "charged at the secret"),
    "aws:rds/globalCluster:GlobalCluster": Free("Aurora", "charged at its clusters"),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": Free("RDS", "charged at the proxy"),
    "aws:rds/proxyTarget:ProxyTarget": Free("RDS", "charged at the proxy"),
}

TABLE: dict[str, Pricing] = {**PRICED, **BY_USE, **FREE}


def items_of(world: World, resource: Planned) -> list[Item]:
    """What one resource costs; a type that the table does not have is told as unlisted."""
    pricing = TABLE.get(resource.type)
    if pricing is None:
        service = resource.type.partition("/")[0].partition(":")[2] or resource.type
        return [Biller(world.book, subject(resource), service).unlisted()]
    return pricing(world, resource)
