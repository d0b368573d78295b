"""What stands already is taken over by a program: imported by the ids that pulumi-aws documents, or read."""

from __future__ import annotations

import json
from typing import Any

from tests.engine.provider.world import ASSUME
from tests.engine.support.programs import Project

ATTACHED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
ROLE = json.dumps(ASSUME)
PROGRAM = """
    from pulumi import ResourceOptions

    def taken(id_):
        return ResourceOptions(import_=id_)

    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=taken("{vpc}"))
    subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=taken("{subnet}"))
    far = aws.ec2.Vpc("far", cidr_block="10.5.0.0/16", region="us-east-1", opts=taken("{far}@us-east-1"))
    group = aws.ec2.SecurityGroup(
        "group", name="mine", description="mine", vpc_id=vpc.id, opts=taken("{group}")
    )
    rule = aws.vpc.SecurityGroupIngressRule(
        "rule", security_group_id=group.id, ip_protocol="tcp", from_port=443, to_port=443,
        cidr_ipv4="0.0.0.0/0", opts=taken("{rule}"),
    )
    gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id, opts=taken("{gateway}"))
    table = aws.ec2.RouteTable("table", vpc_id=vpc.id, opts=taken("{table}"))
    route = aws.ec2.Route(
        "route", route_table_id=table.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id,
        opts=taken("{table}_0.0.0.0/0"),
    )
    association = aws.ec2.RouteTableAssociation(
        "association", subnet_id=subnet.id, route_table_id=table.id, opts=taken("{subnet}/{table}")
    )
    database = aws.rds.Instance(
        "database", identifier="mine", engine="postgres", instance_class="db.t4g.medium",
        allocated_storage=20, username="palier", skip_final_snapshot=True, opts=ResourceOptions(
            import_="mine", ignore_changes=["password", "skipFinalSnapshot"]),
    )
    bucket = aws.s3.Bucket("bucket", bucket="palier-mine", opts=taken("palier-mine"))
    role = aws.iam.Role("role", name="mine", assume_role_policy={role}, opts=taken("mine"))
    attachment = aws.iam.RolePolicyAttachment(
        "attachment", role=role.name, policy_arn="{attached}", opts=taken("mine/{attached}")
    )
    alarm = aws.cloudwatch.MetricAlarm(
        "alarm", name="mine", metric_name="CPUUtilization", namespace="AWS/RDS", statistic="Average",
        period=60, evaluation_periods=2, threshold=80, comparison_operator="GreaterThanThreshold",
        opts=taken("mine"),
    )
    zone = aws.route53.Zone("zone", name="mine.example", comment="mine", opts=taken("{zone}"))
    record = aws.route53.Record(
        "record", zone_id=zone.zone_id, name="_dmarc.mine.example", type="TXT", ttl=60,
        records=["v=DMARC1"], opts=taken("{zone}__dmarc.mine.example_TXT"),
    )
    fleet = aws.sns.Topic.get("read", "{topic}")
    read = aws.rds.Instance.get("read-database", "mine")
    pulumi.export("read", [fleet.display_name, read.identifier, read.address])
"""


def _stand(project: Project) -> dict[str, str]:
    """Make it all with boto3, as if by hand; the ids by the program's names."""
    client = project.emulated.client
    ec2, ids = client("ec2"), {"role": ROLE, "attached": ATTACHED}
    ids["vpc"] = vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ids["far"] = client("ec2", "us-east-1").create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    ids["subnet"] = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ids["group"] = ec2.create_security_group(GroupName="mine", Description="mine", VpcId=vpc)["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    made = ec2.authorize_security_group_ingress(GroupId=ids["group"], IpPermissions=[permission])
    ids["rule"] = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    ids["gateway"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=ids["gateway"], VpcId=vpc)
    ids["table"] = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=ids["table"], DestinationCidrBlock="0.0.0.0/0", GatewayId=ids["gateway"])
    ec2.associate_route_table(RouteTableId=ids["table"], SubnetId=ids["subnet"])
    ids.update(_stand_elsewhere(client))
    return ids


def _stand_elsewhere(client: Any) -> dict[str, str]:
    client("rds").create_db_instance(
        DBInstanceIdentifier="mine",
        Engine="postgres",
        DBInstanceClass="db.t4g.medium",
        AllocatedStorage=20,
        MasterUsername="palier",
        MasterUserPassword="correct-horse",
    )
    client("s3").create_bucket(
        Bucket="palier-mine", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
    )
    iam = client("iam")
    iam.create_role(RoleName="mine", AssumeRolePolicyDocument=ASSUME)
    iam.attach_role_policy(RoleName="mine", PolicyArn=ATTACHED)
    client("cloudwatch").put_metric_alarm(
        AlarmName="mine",
        MetricName="CPUUtilization",
        Namespace="AWS/RDS",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
    )
    route53 = client("route53")
    zone = route53.create_hosted_zone(
        Name="mine.example", CallerReference="mine", HostedZoneConfig={"Comment": "mine"}
    )["HostedZone"]["Id"].split("/")[-1]
    record = {
        "Name": "_dmarc.mine.example",
        "Type": "TXT",
        "TTL": 60,
        "ResourceRecords": [{"Value": '"v=DMARC1"'}],
    }
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    topic = client("sns").create_topic(Name="mine", Attributes={"DisplayName": "by hand"})["TopicArn"]
    return {"zone": zone, "topic": topic}


def test_what_stands_is_imported_and_read_by_its_documented_id(project: Project) -> None:
    ids = _stand(project)
    before = project.emulated.api("summary")["total"]
    text = PROGRAM
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    project.program(text)
    ran = project.up()
    assert ran.code == 0, ran.said
    kinds = {operation for operation, name in ran.steps if name not in ("read", "read-database")}
    assert kinds <= {"import", "create"}
    assert [name for operation, name in ran.steps if operation == "create"] == ["default_7_51_1"]
    assert project.emulated.api("summary")["total"] == before
    assert project.outputs()["read"][:2] == ["by hand", "mine"]
    assert project.up().changed == {}

    # A program that says something else than what stands is told so, and nothing is taken over.
    other = text.replace('"10.0.0.0/24"', '"10.0.1.0/24"')
    project.program("".join(line for line in other.splitlines(keepends=True)))
    ran = project.preview("--diff")
    assert ran.operations["subnet"] == "replace"
    assert "cidrBlock" in ran.said
