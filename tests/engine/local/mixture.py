"""A mixture of resources over every service the phases use, made in an order that a seed decides."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tests.engine.local import building

# A service, and a region where it is not the usual one.
Clients = Callable[..., Any]

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
LISTINGS: dict[str, list[str]] = {
    "ec2": [
        "describe_vpcs",
        "describe_subnets",
        "describe_security_groups",
        "describe_security_group_rules",
        "describe_route_tables",
        "describe_nat_gateways",
        "describe_addresses",
        "describe_instances",
        "describe_launch_templates",
        "describe_network_interfaces",
    ],
    "rds": [
        "describe_db_instances",
        "describe_db_subnet_groups",
        "describe_db_parameter_groups",
        "describe_db_proxies",
    ],
    "elasticache": ["describe_replication_groups", "describe_cache_clusters", "describe_cache_subnet_groups"],
    "elbv2": ["describe_load_balancers", "describe_target_groups"],
    "autoscaling": ["describe_auto_scaling_groups", "describe_policies"],
    "kms": ["list_keys", "list_aliases"],
    "s3": ["list_buckets"],
    "sns": ["list_topics", "list_subscriptions"],
    "cloudwatch": ["describe_alarms", "list_dashboards"],
    "logs": ["describe_log_groups"],
    "route53": ["list_hosted_zones", "list_health_checks"],
    "ssm": ["describe_parameters"],
    "secretsmanager": ["list_secrets"],
    "iam": ["list_roles", "list_instance_profiles"],
    "acm": ["list_certificates"],
    "dynamodb": ["list_tables"],
}


def build(clients: Clients, seed: int) -> None:
    """Make everything, in an order and with reads in between that `seed` decides."""
    chance = random.Random(seed)
    # The first needs what it makes in this order; the rest may come whenever.
    makers = [_databases, _caches, _application, _security, _storage, _alarms, _names, _secrets]
    makers += [_tables]
    chance.shuffle(makers)
    for make in makers:
        make(clients)
        for service, operations in chance.sample(sorted(LISTINGS.items()), 3):
            getattr(clients(service), chance.choice(operations))()


def look(clients: Clients) -> dict[str, Any]:
    """Everything that can be described, but for what is no property of a resource."""
    seen: dict[str, Any] = {}
    for service, operations in LISTINGS.items():
        for operation in operations:
            answer = getattr(clients(service), operation)()
            del answer["ResponseMetadata"]
            seen[f"{service}.{operation}"] = answer
    for instance in seen["rds.describe_db_instances"]["DBInstances"]:
        instance.pop("LatestRestorableTime", None)  # the present moment, in AWS too
    dynamodb = clients("dynamodb")
    for table in dynamodb.list_tables()["TableNames"]:
        for operation in ("describe_table", "describe_time_to_live", "scan"):
            answer = getattr(dynamodb, operation)(TableName=table)
            del answer["ResponseMetadata"]
            seen[f"dynamodb.{operation} {table}"] = answer
    return seen


def _databases(clients: Clients) -> None:
    # RDS manages the password at first, and no longer once replicas are made of it.
    database = building.database(clients, ManageMasterUserPassword=True, MultiAZ=True)
    rds, secrets = clients("rds"), clients("secretsmanager")
    secret = secrets.create_secret(Name="primary-master")["ARN"]
    for password in ("not-a-secret", "nor-is-this"):
        secrets.put_secret_value(SecretId=secret, SecretString=password)
        rds.modify_db_instance(
            DBInstanceIdentifier="primary", ManageMasterUserPassword=False, MasterUserPassword=password
        )
    for name in ("one", "two"):
        building.replica(rds, name)
    network = database["DBSubnetGroup"]
    rds.create_db_proxy(
        DBProxyName="pool",
        EngineFamily="POSTGRESQL",
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": secret}],
        RoleArn="arn:aws:iam::123456789012:role/proxy",
        VpcSubnetIds=[subnet["SubnetIdentifier"] for subnet in network["Subnets"]],
    )
    rds.register_db_proxy_targets(DBProxyName="pool", DBInstanceIdentifiers=["primary"])
    rds.delete_db_instance(DBInstanceIdentifier="two", SkipFinalSnapshot=True)
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="primary",
        TargetDBInstanceIdentifier="restored",
        UseLatestRestorableTime=True,
    )
    rds.modify_db_instance(DBInstanceIdentifier="restored", ManageMasterUserPassword=True)


def _caches(clients: Clients) -> None:
    building.cache(clients)
    clients("elasticache").decrease_replica_count(
        ReplicationGroupId="sessions", NewReplicaCount=1, ApplyImmediately=True
    )


def _application(clients: Clients) -> None:
    net = building.network(clients)
    ec2, elbv2, autoscaling = clients("ec2"), clients("elbv2"), clients("autoscaling")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=net.subnets[0], AllocationId=address)
    table = ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=net.subnets[1])
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=net.group, IpPermissions=[permission])
    ec2.create_launch_template(
        LaunchTemplateName="app", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "m6i.large"}
    )
    target = elbv2.create_target_group(Name="app", Port=80, Protocol="HTTP", VpcId=net.vpc)
    target_arn = target["TargetGroups"][0]["TargetGroupArn"]
    balancer = elbv2.create_load_balancer(Name="app", Subnets=net.subnets, SecurityGroups=[net.group])
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target_arn}],
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="app",
        LaunchTemplate={"LaunchTemplateName": "app", "Version": "$Latest"},
        MinSize=2,
        MaxSize=6,
        VPCZoneIdentifier=",".join(net.subnets),
        TargetGroupARNs=[target_arn],
    )
    autoscaling.put_scaling_policy(
        AutoScalingGroupName="app",
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 60.0,
        },
    )


def _security(clients: Clients) -> None:
    kms, iam = clients("kms"), clients("iam")
    key = kms.create_key(Description="data")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/data", TargetKeyId=key)
    kms.describe_key(KeyId="alias/aws/rds")  # a read that makes something
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    clients("acm").request_certificate(DomainName="jobo.example")


def _storage(clients: Clients) -> None:
    s3 = clients("s3")
    s3.create_bucket(Bucket="jobo-assets", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    s3.put_bucket_versioning(Bucket="jobo-assets", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="jobo-assets", Key="a/é b", Body=b"\xff\x00 bytes")
    assert s3.get_object(Bucket="jobo-assets", Key="a/é b")["Body"].read() == b"\xff\x00 bytes"


def _alarms(clients: Clients) -> None:
    topic = clients("sns").create_topic(Name="critical")["TopicArn"]
    clients("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@jobo.example")
    cloudwatch = clients("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="p95",
        Namespace="AWS/ApplicationELB",
        MetricName="TargetResponseTime",
        ExtendedStatistic="p95",
        Period=60,
        EvaluationPeriods=5,
        Threshold=0.5,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    cloudwatch.put_dashboard(DashboardName="platform", DashboardBody=json.dumps({"widgets": []}))
    clients("logs").create_log_group(logGroupName="/jobo/app", tags={"a": "b"})


def _names(clients: Clients) -> None:
    net = clients("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    route53 = clients("route53")
    zone = route53.create_hosted_zone(
        Name="jobo.internal", VPC={"VPCRegion": "eu-west-3", "VPCId": net}, CallerReference="once"
    )
    record = {"Name": "reader.jobo.internal", "Type": "CNAME", "TTL": 5, "Weight": 1, "SetIdentifier": "one"}
    change = {"Action": "CREATE", "ResourceRecordSet": record | {"ResourceRecords": [{"Value": "one.rds"}]}}
    route53.change_resource_record_sets(
        HostedZoneId=zone["HostedZone"]["Id"], ChangeBatch={"Changes": [change]}
    )


def _tables(clients: Clients) -> None:
    dynamodb = clients("dynamodb")
    dynamodb.create_table(
        TableName="map",
        KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    ttl = {"Enabled": True, "AttributeName": "expires_at"}
    dynamodb.update_time_to_live(TableName="map", TimeToLiveSpecification=ttl)
    dynamodb.put_item(TableName="map", Item={"item": {"S": "current"}, "version": {"N": "1"}})
    now = {"item": {"S": "current"}}
    update = {
        "TableName": "map",
        "Key": now,
        "UpdateExpression": "SET version = :new",
        "ConditionExpression": "version = :old",
        "ExpressionAttributeValues": {":old": {"N": "1"}, ":new": {"N": "2"}},
    }
    put = {"TableName": "map", "Item": {"item": {"S": "version#2"}}}
    dynamodb.transact_write_items(TransactItems=[{"Update": update}, {"Put": put}])


def _secrets(clients: Clients) -> None:
    clients("ssm").put_parameter(Name="/jobo/limit", Value="100", Type="SecureString")
    clients("secretsmanager").create_secret(Name="token", SecretString="not-a-secret")
