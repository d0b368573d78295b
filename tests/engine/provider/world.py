"""What the cases stand on: a network, a role, a key …, each made the first time that a case wants it."""

from __future__ import annotations

import json
from functools import cached_property

from tests.engine.support.driven import Driven, Properties, Standing

ASSUME = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
NODE = "cache.t4g.small"
CLASS = "db.t4g.medium"


class World:
    """Resources that a case may refer to; made through the provider itself."""

    def __init__(self, provider: Driven) -> None:
        self.provider = provider

    def _make(self, token: str, logical: str, **inputs: object) -> Standing:
        return self.provider.make(token, f"world-{logical}", dict(inputs))

    @cached_property
    def vpc(self) -> str:
        """A VPC of 10.0.0.0/16."""
        return self._make("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16").id

    @cached_property
    def other_vpc(self) -> str:
        """Another."""
        return self._make("aws:ec2/vpc:Vpc", "vpc2", cidrBlock="10.1.0.0/16").id

    @cached_property
    def peering(self) -> str:
        """A peering of both that waits to be accepted."""
        return self._make(
            "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
            "pcx",
            vpcId=self.vpc,
            peerVpcId=self.other_vpc,
        ).id

    @cached_property
    def subnets(self) -> list[str]:
        """Three subnets in three zones."""
        return [
            self._make(
                "aws:ec2/subnet:Subnet",
                f"subnet-{zone}",
                vpcId=self.vpc,
                cidrBlock=f"10.0.{index}.0/24",
                availabilityZone=f"eu-west-3{zone}",
            ).id
            for index, zone in enumerate("abc")
        ]

    @cached_property
    def gateway(self) -> str:
        """An internet gateway in the VPC."""
        return self._make("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=self.vpc).id

    @cached_property
    def address(self) -> str:
        """An elastic IP's allocation."""
        return self._make("aws:ec2/eip:Eip", "eip").id

    @cached_property
    def table(self) -> str:
        """A route table."""
        return self._make("aws:ec2/routeTable:RouteTable", "rtb", vpcId=self.vpc).id

    @cached_property
    def other_table(self) -> str:
        """Another."""
        return self._make("aws:ec2/routeTable:RouteTable", "rtb2", vpcId=self.vpc).id

    @cached_property
    def nat(self) -> str:
        """A NAT gateway."""
        address = self._make("aws:ec2/eip:Eip", "nat-eip").id
        return self._make(
            "aws:ec2/natGateway:NatGateway", "nat", allocationId=address, subnetId=self.subnets[0]
        ).id

    @cached_property
    def group(self) -> str:
        """A security group."""
        return self._make("aws:ec2/securityGroup:SecurityGroup", "sg", vpcId=self.vpc).id

    @cached_property
    def key(self) -> Standing:
        """A KMS key."""
        return self._make("aws:kms/key:Key", "key")

    @cached_property
    def secret(self) -> str:
        """A secret without a value."""
        return self._make("aws:secretsmanager/secret:Secret", "secret").id

    @cached_property
    def role(self) -> Standing:
        """An IAM role."""
        return self._make("aws:iam/role:Role", "role", assumeRolePolicy=ASSUME)

    @cached_property
    def other_role(self) -> Standing:
        """Another."""
        return self._make("aws:iam/role:Role", "role2", assumeRolePolicy=ASSUME)

    @cached_property
    def template(self) -> str:
        """A launch template."""
        return self._make(
            "aws:ec2/launchTemplate:LaunchTemplate", "lt", instanceType="t4g.small", imageId="ami-12345678"
        ).id

    @cached_property
    def fleet(self) -> str:
        """An autoscaling group of none."""
        return self._make(
            "aws:autoscaling/group:Group",
            "asg",
            minSize=0,
            maxSize=2,
            desiredCapacity=0,
            launchTemplate={"id": self.template, "version": "$Latest"},
            vpcZoneIdentifiers=self.subnets,
        ).id

    @cached_property
    def balancer(self) -> str:
        """An application load balancer."""
        return self._make("aws:lb/loadBalancer:LoadBalancer", "lb", subnets=self.subnets).id

    @cached_property
    def targets(self) -> str:
        """A target group."""
        return self._make("aws:lb/targetGroup:TargetGroup", "tg", vpcId=self.vpc, port=80, protocol="HTTP").id

    @cached_property
    def other_targets(self) -> str:
        """Another."""
        return self._make(
            "aws:lb/targetGroup:TargetGroup", "tg2", vpcId=self.vpc, port=81, protocol="HTTP"
        ).id

    @cached_property
    def bucket(self) -> str:
        """A bucket."""
        return self._make("aws:s3/bucket:Bucket", "bucket").id

    @cached_property
    def items(self) -> str:
        """A DynamoDB table with a hash key `map` and a range key `item`."""
        keys = [{"name": "map", "type": "S"}, {"name": "item", "type": "S"}]
        return self._make(
            "aws:dynamodb/table:Table",
            "items",
            hashKey="map",
            rangeKey="item",
            attributes=keys,
            billingMode="PAY_PER_REQUEST",
        ).id

    @cached_property
    def versioned(self) -> tuple[str, str]:
        """A bucket that keeps versions, and one in another region."""
        names = []
        for logical, region in (("origin", "eu-west-3"), ("copy", "eu-central-1")):
            bucket = self._make("aws:s3/bucket:Bucket", logical, region=region, forceDestroy=True).id
            keeps = {"status": "Enabled"}
            token = "aws:s3/bucketVersioning:BucketVersioning"
            self._make(token, f"{logical}-v", bucket=bucket, region=region, versioningConfiguration=keeps)
            names.append(bucket)
        return names[0], names[1]

    @cached_property
    def multi_region_key(self) -> str:
        """The ARN of a multi-Region key of another region."""
        key = self._make("aws:kms/key:Key", "multi-key", region="eu-central-1", multiRegion=True)
        return str(key.outputs["arn"])

    @cached_property
    def edge_function(self) -> Standing:
        """A published function of CloudFront."""
        code = "function handler(event) { return event.request; }"
        return self._make(
            "aws:cloudfront/function:Function", "edge-function", code=code, runtime="cloudfront-js-2.0"
        )

    @cached_property
    def store(self) -> str:
        """The ARN of a key value store at the edge."""
        return str(self._make("aws:cloudfront/keyValueStore:KeyValueStore", "store").outputs["arn"])

    @cached_property
    def topic(self) -> str:
        """A topic."""
        return self._make("aws:sns/topic:Topic", "topic").id

    @cached_property
    def zone(self) -> str:
        """A private hosted zone."""
        vpcs = [{"vpcId": self.vpc}]
        return self._make("aws:route53/zone:Zone", "zone", name="world.internal", vpcs=vpcs).id

    @cached_property
    def db_subnets(self) -> str:
        """A DB subnet group."""
        return self._make("aws:rds/subnetGroup:SubnetGroup", "dbsn", subnetIds=self.subnets).id

    @cached_property
    def primary(self) -> Standing:
        """A DB instance with backups."""
        return self._make("aws:rds/instance:Instance", "primary", **self.instance(backupRetentionPeriod=1))

    def instance(self, **further: object) -> Properties:
        """A DB instance's inputs."""
        return {
            "engine": "postgres",
            "engineVersion": "16.4",
            "instanceClass": CLASS,
            "allocatedStorage": 20,
            "username": "palier",
            "password": "correct-horse",
            "dbSubnetGroupName": self.db_subnets,
            "skipFinalSnapshot": True,
            **further,
        }

    @cached_property
    def cluster(self) -> str:
        """An Aurora cluster."""
        return self._make("aws:rds/cluster:Cluster", "cluster", **self.cluster_inputs()).id

    def cluster_inputs(self, **further: object) -> Properties:
        """An Aurora cluster's inputs."""
        return {
            "engine": "aurora-postgresql",
            "engineVersion": "16.4",
            "masterUsername": "palier",
            "masterPassword": "correct-horse",
            "dbSubnetGroupName": self.db_subnets,
            "skipFinalSnapshot": True,
            **further,
        }

    @cached_property
    def proxy(self) -> str:
        """A DB proxy."""
        return self._make("aws:rds/proxy:Proxy", "proxy", **self.proxy_inputs()).id

    def proxy_inputs(self) -> Properties:
        """A DB proxy's inputs."""
        secret = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:db-abcdef"
        return {
            "engineFamily": "POSTGRESQL",
            "roleArn": self.role.outputs["arn"],
            "vpcSubnetIds": self.subnets,
            "auths": [{"authScheme": "SECRETS", "secretArn": secret, "iamAuth": "DISABLED"}],
        }

    @cached_property
    def sso_instance(self) -> str:
        """The instance of IAM Identity Center."""
        return str(self._instances()["arns"][0])

    @cached_property
    def identity_store(self) -> str:
        """Its directory."""
        return str(self._instances()["identityStoreIds"][0])

    def _instances(self) -> Properties:
        return self.provider.invoke("aws:ssoadmin/getInstances:getInstances")

    @cached_property
    def people_group(self) -> str:
        """A group of the directory."""
        made = self._make(
            "aws:identitystore/group:Group",
            "group",
            identityStoreId=self.identity_store,
            displayName="everybody",
        )
        return str(made.outputs["groupId"])

    @cached_property
    def person(self) -> str:
        """A user of the directory."""
        made = self._make(
            "aws:identitystore/user:User",
            "person",
            identityStoreId=self.identity_store,
            userName="grace@jobo.example",
            displayName="Grace Hopper",
            name={"familyName": "Hopper", "givenName": "Grace"},
        )
        return str(made.outputs["userId"])

    @cached_property
    def permission_set(self) -> str:
        """A permission set without policies."""
        made = self._make(
            "aws:ssoadmin/permissionSet:PermissionSet",
            "set",
            instanceArn=self.sso_instance,
            name="reader",
        )
        return str(made.outputs["arn"])
