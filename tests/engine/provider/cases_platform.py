"""Cases of the types of foundation and replicas."""

from __future__ import annotations

import json

from tests.engine.provider.case import Case, fixed
from tests.engine.provider.world import ASSUME, NODE

_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
POLICY = json.dumps(_POLICY)
OTHER_POLICY = POLICY.replace("s3:*", "s3:Get*")

CASES: dict[str, Case] = {
    "aws:ec2/vpc:Vpc": Case(
        fixed(cidrBlock="10.9.0.0/16"),
        fixed(enableDnsHostnames=True),
        {"cidrBlock": "10.9.0.1/16"},
        "'10.9.0.1/16' is not a CIDR block",
    ),
    "aws:ec2/subnet:Subnet": Case(
        lambda w: {"vpcId": w.vpc, "cidrBlock": "10.0.100.0/24", "availabilityZone": "eu-west-3a"},
        fixed(mapPublicIpOnLaunch=True),
        {"availabilityZone": "eu-central-1a"},
        "'eu-central-1a' is not an availability zone of eu-west-3",
    ),
    "aws:ec2/internetGateway:InternetGateway": Case(
        lambda w: {"vpcId": w.other_vpc},
        lambda w: {"vpcId": w.provider.make("aws:ec2/vpc:Vpc", "igw-vpc", {"cidrBlock": "10.2.0.0/16"}).id},
        {"vpcid": "vpc-1"},
        "did you mean vpcId?",
    ),
    "aws:ec2/eip:Eip": Case(
        fixed(), None, {"domain": "nowhere"}, "'nowhere' is not one of AWS's values (vpc, standard)"
    ),
    "aws:ec2/natGateway:NatGateway": Case(
        lambda w: {"subnetId": w.subnets[0], "allocationId": w.address},
        None,
        {"allocationId": "eipalloc-1", "connectivityType": "private"},
        "is not supported with connectivityType private",
    ),
    "aws:ec2/routeTable:RouteTable": Case(
        lambda w: {"vpcId": w.vpc}, None, {"routes": [{"cidrBlock": "0.0.0.0/0"}]}, "is not served"
    ),
    "aws:ec2/route:Route": Case(
        lambda w: {"routeTableId": w.table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": w.gateway},
        lambda w: {"natGatewayId": w.nat, "gatewayId": None},
        {"destinationCidrBlock": "anywhere"},
        "'anywhere' is not a CIDR block",
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Case(
        lambda w: {"subnetId": w.subnets[1], "routeTableId": w.table},
        lambda w: {"routeTableId": w.other_table},
        {"routeTable": "rtb-1"},
        "is not a property",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Case(
        lambda w: {
            "vpcId": w.vpc,
            "serviceName": "com.amazonaws.eu-west-3.s3",
            "routeTableIds": [w.table],
        },
        lambda w: {"routeTableIds": [w.table, w.other_table]},
        {"vpcEndpointType": "Gatway"},
        "'Gatway' is not one of AWS's values (Interface, Gateway, ",
    ),
    "aws:ec2/flowLog:FlowLog": Case(
        lambda w: {
            "vpcId": w.vpc,
            "trafficType": "ALL",
            "logDestinationType": "s3",
            "logDestination": f"arn:aws:s3:::{w.bucket}",
        },
        None,
        {"trafficType": "SOME"},
        "'SOME' is not one of AWS's values",
    ),
    "aws:ec2/securityGroup:SecurityGroup": Case(
        lambda w: {"vpcId": w.vpc}, None, {"ingress": [{"protocol": "-1"}]}, "is not served"
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Case(
        lambda w: {
            "securityGroupId": w.group,
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "cidrIpv4": "10.0.0.0/16",
        },
        fixed(cidrIpv4="10.0.0.0/8", description="wider"),
        {"fromPort": 70000},
        "70000 is outside -1…65535",
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Case(
        lambda w: {"securityGroupId": w.group, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
        fixed(cidrIpv4="10.0.0.0/8"),
        {"fromPort": 80},
        "is not allowed with ipProtocol -1",
    ),
    "aws:kms/key:Key": Case(
        fixed(description="one"),
        fixed(description="two", enableKeyRotation=True),
        {"keyUsage": "ENCRYPT"},
        "'ENCRYPT' is not one of AWS's values (SIGN_VERIFY, ENCRYPT_DECRYPT",
    ),
    "aws:kms/alias:Alias": Case(
        lambda w: {"targetKeyId": w.key.id},
        lambda w: {"targetKeyId": w.provider.make("aws:kms/key:Key", "alias-key", {}).id},
        {"name": "alias/aws/mine"},
        "must begin with alias/ and not with alias/aws/",
    ),
    "aws:iam/role:Role": Case(
        fixed(assumeRolePolicy=ASSUME),
        fixed(maxSessionDuration=7200, description="longer"),
        {"maxSessionDuration": 60},
        "60 is outside 3600…43200",
    ),
    "aws:iam/rolePolicy:RolePolicy": Case(
        lambda w: {"role": w.role.id, "policy": POLICY},
        fixed(policy=OTHER_POLICY),
        {"policy": "{"},
        "is not JSON",
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Case(
        lambda w: {"role": w.role.id, "policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"},
        None,
        {"policyarn": "x"},
        "did you mean policyArn?",
    ),
    "aws:iam/instanceProfile:InstanceProfile": Case(
        lambda w: {"role": w.role.id},
        lambda w: {"role": w.other_role.id},
        {"name": "n" * 129},
        "has 129 characters; AWS allows 128",
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": Case(
        lambda w: {
            "instanceType": "t4g.small",
            "imageId": "ami-12345678",
            "vpcSecurityGroupIds": [w.group],
            "userData": "IyEvYmluL3NoCg==",
            "metadataOptions": {"httpTokens": "required"},
            "updateDefaultVersion": True,
            "tagSpecifications": [{"resourceType": "instance", "tags": {"a": "b"}}],
        },
        fixed(instanceType="t4g.medium"),
        {"instanceType": "t4g.gigantic"},
        "'t4g.gigantic' is not an instance type that eu-west-3 has",
    ),
    "aws:autoscaling/group:Group": Case(
        lambda w: {
            "minSize": 0,
            "maxSize": 2,
            "desiredCapacity": 0,
            "launchTemplate": {"id": w.template, "version": "$Latest"},
            "vpcZoneIdentifiers": w.subnets,
            "targetGroupArns": [w.targets],
            "tags": [{"key": "a", "value": "b", "propagateAtLaunch": True}],
            "terminationPolicies": ["OldestInstance", "Default"],
            "enabledMetrics": ["GroupMinSize"],
        },
        lambda w: {
            "maxSize": 3,
            "targetGroupArns": [w.other_targets],
            "terminationPolicies": ["Default", "OldestInstance"],
            "enabledMetrics": ["GroupMaxSize"],
        },
        {"minSize": 5},
        "5 is above maxSize 2",
    ),
    "aws:autoscaling/policy:Policy": Case(
        lambda w: {
            "autoscalingGroupName": w.fleet,
            "policyType": "TargetTrackingScaling",
            "targetTrackingConfiguration": {
                "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"},
                "targetValue": 50,
            },
        },
        fixed(
            targetTrackingConfiguration={
                "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"},
                "targetValue": 60,
            }
        ),
        {
            "targetTrackingConfiguration": {
                "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCpu"},
                "targetValue": 60,
            }
        },
        "'ASGAverageCpu' is not one of AWS's values",
    ),
    "aws:lb/loadBalancer:LoadBalancer": Case(
        lambda w: {"subnets": w.subnets, "securityGroups": [w.group], "internal": True},
        lambda w: {"idleTimeout": 30, "subnets": w.subnets[:2]},
        {"subnets": ["subnet-1"]},
        "an application load balancer wants subnets in two zones or more",
    ),
    "aws:lb/targetGroup:TargetGroup": Case(
        lambda w: {
            "vpcId": w.vpc,
            "port": 8080,
            "protocol": "HTTP",
            "healthCheck": {"path": "/health", "interval": 15},
        },
        fixed(deregistrationDelay=30, healthCheck={"path": "/healthz"}),
        {"targetType": "machine"},
        "'machine' is not one of AWS's values (instance, ip, lambda, alb)",
    ),
    "aws:lb/listener:Listener": Case(
        lambda w: {
            "loadBalancerArn": w.balancer,
            "port": 8080,
            "protocol": "HTTP",
            "defaultActions": [{"type": "forward", "targetGroupArn": w.targets}],
        },
        fixed(
            defaultActions=[
                {
                    "type": "redirect",
                    "redirect": {"statusCode": "HTTP_301", "protocol": "HTTPS", "port": "443"},
                }
            ]
        ),
        {"certificateArn": None, "protocol": "HTTPS"},
        "is required with protocol HTTPS",
    ),
    "aws:rds/subnetGroup:SubnetGroup": Case(
        lambda w: {"subnetIds": w.subnets[:2]},
        lambda w: {"subnetIds": w.subnets, "description": "three"},
        {"name": "Mixed"},
        "'Mixed' may hold only [0-9a-z_ .-]",
    ),
    "aws:rds/parameterGroup:ParameterGroup": Case(
        fixed(
            family="postgres16",
            parameters=[{"name": "work_mem", "value": "8192"}, {"name": "log_connections", "value": "1"}],
        ),
        fixed(parameters=[{"name": "work_mem", "value": "16384"}]),
        {"familly": "x"},
        "is not a property; did you mean family?",
    ),
    "aws:rds/instance:Instance": Case(
        lambda w: w.instance(backupRetentionPeriod=1),
        fixed(instanceClass="db.t4g.large", backupRetentionPeriod=7, password="battery-staple"),
        {"instanceClass": "db.t4g.huge"},
        "'db.t4g.huge' is not a DB instance class that eu-west-3 has for postgres",
    ),
    "aws:rds/proxy:Proxy": Case(
        lambda w: w.proxy_inputs(),
        fixed(idleClientTimeout=600, requireTls=True),
        {"engineFamily": "POSTGRES"},
        "'POSTGRES' is not one of AWS's values (MYSQL, POSTGRESQL, SQLSERVER)",
    ),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": Case(
        lambda w: {"dbProxyName": w.proxy, "connectionPoolConfig": {"maxConnectionsPercent": 80}},
        fixed(connectionPoolConfig={"maxConnectionsPercent": 60}),
        {"connectionPoolConfig": {"maxConnections": 1}},
        "is not a property; did you mean maxConnectionsPercent?",
    ),
    "aws:rds/proxyTarget:ProxyTarget": Case(
        lambda w: {
            "dbProxyName": w.proxy,
            "targetGroupName": "default",
            "dbInstanceIdentifier": w.primary.outputs["identifier"],
        },
        None,
        {"dbClusterIdentifier": "c"},
        "is not served",
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Case(
        lambda w: {"subnetIds": w.subnets[:2]},
        lambda w: {"subnetIds": w.subnets},
        {"subnetIds": "subnet-1"},
        "expected a value of kind list, got str",
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Case(
        fixed(family="redis7", parameters=[{"name": "maxmemory-policy", "value": "allkeys-lru"}]),
        fixed(parameters=[{"name": "maxmemory-policy", "value": "volatile-lru"}]),
        {"parameters": [{"nam": "x", "value": "y"}]},
        "did you mean name?",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Case(
        fixed(
            description="cache",
            engine="redis",
            engineVersion="7.1",
            nodeType=NODE,
            numCacheClusters=2,
            automaticFailoverEnabled=True,
        ),
        fixed(numCacheClusters=3, description="bigger"),
        {"nodeType": "cache.t4g.vast"},
        "'cache.t4g.vast' is not a cache node type that eu-west-3 has",
    ),
    "aws:s3/bucket:Bucket": Case(
        fixed(), fixed(forceDestroy=True), {"bucket": "Not_A_Bucket"}, "is not a bucket name"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Case(
        lambda w: {"bucket": w.bucket, "versioningConfiguration": {"status": "Enabled"}},
        fixed(versioningConfiguration={"status": "Suspended"}),
        {"versioningConfiguration": {"status": "On"}},
        "'On' is not one of Enabled, Suspended, Disabled",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Case(
        lambda w: {
            "bucket": w.bucket,
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        },
        lambda w: {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": w.key.outputs["arn"],
                    },
                    "bucketKeyEnabled": True,
                }
            ]
        },
        {"rules": [{"applyServerSideEncryption": {}}]},
        "did you mean applyServerSideEncryptionByDefault?",
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Case(
        lambda w: {"bucket": w.bucket, "blockPublicAcls": True, "ignorePublicAcls": True},
        fixed(blockPublicPolicy=True, ignorePublicAcls=None),
        {"blockPublicAcl": True},
        "did you mean blockPublicAcls?",
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Case(
        lambda w: {
            "bucket": w.bucket,
            "rules": [
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": "logs/"},
                    "expiration": {"days": 90},
                    "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}],
                }
            ],
        },
        fixed(
            rules=[
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrentVersionExpiration": {"noncurrentDays": 30},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                }
            ]
        ),
        {"rules": [{"identifier": "x", "status": "Enabled"}]},
        "is not a property",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Case(
        lambda w: {"bucket": w.bucket, "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        fixed(rule={"objectOwnership": "BucketOwnerPreferred"}),
        {"rule": {"ownership": "x"}},
        "is not a property; did you mean objectOwnership?",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Case(
        lambda w: {"bucket": w.bucket, "policy": POLICY},
        fixed(policy=OTHER_POLICY),
        {"polcy": "x"},
        "did you mean policy?",
    ),
    "aws:sns/topic:Topic": Case(
        fixed(displayName="one"), fixed(displayName="two"), {"name": "a.b"}, "invalid topic name: a.b"
    ),
    "aws:sns/topicPolicy:TopicPolicy": Case(
        lambda w: {"arn": w.topic, "policy": POLICY}, fixed(policy=OTHER_POLICY), {"topic": "x"}, "is not"
    ),
    "aws:sns/topicSubscription:TopicSubscription": Case(
        lambda w: {"topic": w.topic, "protocol": "email", "endpoint": "ops@example.org"},
        fixed(filterPolicy=json.dumps({"level": ["critical"]})),
        {"filterPolicyScope": "MessageBody"},
        "is only allowed with filterPolicy",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Case(
        lambda w: {
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 2,
            "metricName": "CPUUtilization",
            "namespace": "AWS/RDS",
            "period": 60,
            "statistic": "Average",
            "threshold": 80,
            "dimensions": {"DBInstanceIdentifier": "db"},
            "alarmActions": [w.topic],
        },
        fixed(threshold=85.5, alarmDescription="hot"),
        {"comparisonOperator": "Above"},
        "'Above' is not one of AWS's values",
    ),
    "aws:cloudwatch/dashboard:Dashboard": Case(
        fixed(dashboardName="board", dashboardBody=json.dumps({"widgets": []})),
        fixed(dashboardBody=json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "hi"}}]})),
        {"dashboard": "x"},
        "is not a property",
    ),
    "aws:cloudwatch/logGroup:LogGroup": Case(
        fixed(retentionInDays=14), fixed(retentionInDays=30), {"retentionInDays": 15}, "15 is not one of"
    ),
    "aws:ssm/parameter:Parameter": Case(
        fixed(type="SecureString", value="hush"),
        fixed(value="hush-hush", description="louder"),
        {"type": "Secret"},
        "'Secret' is not one of AWS's values (String, StringList, SecureString)",
    ),
    "aws:secretsmanager/secret:Secret": Case(
        fixed(name="kept", description="a password"),
        lambda w: {"description": "a better one", "kmsKeyId": w.key.outputs["arn"]},
        {"recoveryWindowInDays": 5},
        "5 is neither 0 nor 7 to 30",
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Case(
        lambda w: {"secretId": w.secret, "secretString": "hush"},
        refused={"secretText": "hush"},
        says="is not a property",
    ),
    "aws:route53/zone:Zone": Case(
        lambda w: {"name": "case.internal", "vpcs": [{"vpcId": w.vpc}]},
        lambda w: {"comment": "other", "vpcs": [{"vpcId": w.vpc}, {"vpcId": w.other_vpc}]},
        {"zone": "x"},
        "is not a property",
    ),
    "aws:route53/record:Record": Case(
        lambda w: {
            "zoneId": w.zone,
            "name": "_reader.world.internal",
            "type": "CNAME",
            "ttl": 5,
            "records": ["one.example.org"],
            "setIdentifier": "one",
            "weightedRoutingPolicies": [{"weight": 10}],
        },
        fixed(records=["two.example.org"], weightedRoutingPolicies=[{"weight": 20}]),
        {"type": "ALIAS"},
        "'ALIAS' is not one of",
    ),
    "aws:route53/healthCheck:HealthCheck": Case(
        fixed(type="HTTPS", fqdn="example.org", port=443, resourcePath="/", failureThreshold=3),
        fixed(resourcePath="/health", failureThreshold=2),
        {"failureThreshold": 11},
        "11 is outside 1…10",
    ),
}
