"""/palier-api: what stands, who asked, what a resource's creation made, and faults on demand."""

from __future__ import annotations

import base64
import time
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from palier.local import client

from tests.engine.local import building, mixture
from tests.engine.local.emulated import Emulated

URN = "urn:pulumi:local::foundation::palier:x:Y$aws:ec2/vpc:Vpc::réseau"


def creating(emulator: Emulated, service: str, urn: str) -> Any:
    """A client that says, as the provider does, which resource it creates."""
    made = emulator.new_client(service)

    def name_it(request: Any, **_: Any) -> None:
        request.headers["X-Palier-Urn"] = quote(urn, safe="")

    made.meta.events.register("before-send.*", name_it)
    return made


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_creations_are_found_by_urn_in_order_with_what_was_answered(emulator: Emulated) -> None:
    ec2 = creating(emulator, "ec2", URN)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.describe_vpcs()
    found = emulator.api(f"creations?urn={quote(URN, safe='')}")
    assert [(one["operation"], one["status"], one["region"]) for one in found] == [
        ("CreateVpc", 200, "eu-west-3"),
        ("ModifyVpcAttribute", 200, "eu-west-3"),
    ]
    assert found[0]["service"] == "ec2"
    assert found[0]["sequence"] < found[1]["sequence"]
    assert vpc.encode() in base64.b64decode(found[0]["body_base64"])
    assert "Content-Type" in found[0]["headers"]


def test_failed_and_foreign_requests_are_no_creations(emulator: Emulated) -> None:
    ec2 = creating(emulator, "ec2", URN)
    with pytest.raises(ClientError):
        ec2.create_subnet(VpcId="vpc-0123456789abcdef0", CidrBlock="10.0.0.0/24")
    emulator.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert emulator.api(f"creations?urn={quote(URN, safe='')}") == []


def test_creations_are_found_after_a_restart_too(own_emulator: Emulated) -> None:
    own_emulator.start()
    creating(own_emulator, "sns", URN).create_topic(Name="critical")
    before = own_emulator.api(f"creations?urn={quote(URN, safe='')}")
    own_emulator.restart_after_kill()
    after = own_emulator.api(f"creations?urn={quote(URN, safe='')}")
    assert [one["operation"] for one in after] == ["CreateTopic"]
    assert after[0]["sequence"] == before[0]["sequence"]


def test_nothing_stands_in_a_new_cloud_whoever_looked(emulator: Emulated) -> None:
    mixture.look(emulator.client)
    emulator.client("kms").describe_key(KeyId="alias/aws/rds")
    assert emulator.api("summary") == {"total": 0, "services": {}}


def test_the_summary_counts_what_stands_and_is_empty_after_the_deletes(emulator: Emulated) -> None:
    building.database(emulator.client)
    assert emulator.api("summary")["services"] == {
        "ec2": {"vpc": 1, "subnet": 3, "security-group": 1},
        "rds": {"db-instance": 1, "subnet-group": 1, "parameter-group": 1},
    }
    rds, ec2 = emulator.client("rds"), emulator.client("ec2")
    gone = rds.delete_db_instance(DBInstanceIdentifier="primary", SkipFinalSnapshot=True)["DBInstance"]
    rds.delete_db_subnet_group(DBSubnetGroupName="data")
    rds.delete_db_parameter_group(DBParameterGroupName="primary")
    ec2.delete_security_group(GroupId=gone["VpcSecurityGroups"][0]["VpcSecurityGroupId"])
    for subnet in gone["DBSubnetGroup"]["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetIdentifier"])
    ec2.delete_vpc(VpcId=gone["DBSubnetGroup"]["VpcId"])
    assert emulator.api("summary") == {"total": 0, "services": {}}


def test_what_only_lingers_is_not_counted(emulator: Emulated) -> None:
    key = emulator.client("kms").create_key()["KeyMetadata"]["KeyId"]
    secret = emulator.client("secretsmanager").create_secret(Name="token", SecretString="x")["ARN"]
    emulator.client("kms").schedule_key_deletion(KeyId=key)
    emulator.client("secretsmanager").delete_secret(SecretId=secret)
    assert emulator.api("summary")["total"] == 0


def test_requests_tell_who_asked_what_with_which_key(emulator: Emulated) -> None:
    last = max((one["number"] for one in emulator.api("requests")), default=0)
    emulator.client("sns", "us-east-1").list_topics()
    with pytest.raises(ClientError):
        emulator.client("rds").describe_db_instances(DBInstanceIdentifier="nobody")
    seen = emulator.api(f"requests?since={last}")
    assert [(one["service"], one["operation"], one["region"], one["status"]) for one in seen] == [
        ("sns", "ListTopics", "us-east-1", 200),
        ("rds", "DescribeDBInstances", "eu-west-3", 404),
    ]
    assert {one["access_key"] for one in seen} == {"palierlocal"}


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}),
        ("rds", "describe_db_instances", {}),
        ("kms", "create_key", {}),
        ("cloudwatch", "list_dashboards", {}),
        ("s3", "list_buckets", {}),
        ("route53", "list_hosted_zones", {}),
    ],
)
def test_a_fault_is_answered_as_the_service_would_and_only_so_often(
    emulator: Emulated, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    fault = {"service": service, "status": 400, "code": "Throttling", "message": "slow down", "times": 1}
    emulator.api("faults", method="PUT", body=[fault])
    with pytest.raises(ClientError) as error:
        getattr(emulator.client(service), operation)(**arguments)
    assert code_of(error) == "Throttling"
    assert error.value.response["Error"]["Message"] == "slow down"
    getattr(emulator.client(service), operation)(**arguments)


def test_a_fault_keeps_the_request_from_taking_effect(emulator: Emulated) -> None:
    emulator.api("faults", method="PUT", body=[{"operation": "CreateTopic", "status": 500}])
    with pytest.raises(ClientError):
        emulator.client("sns").create_topic(Name="critical")
    assert emulator.api("summary")["total"] == 0
    assert emulator.api("health")["mutations"] == 0


@pytest.mark.parametrize("how", [{"status": 500}, {"reset": True}], ids=["an error", "no answer"])
def test_a_fault_after_the_effect_hides_it_from_who_asked(emulator: Emulated, how: dict[str, Any]) -> None:
    emulator.api("faults", method="PUT", body=[{"operation": "CreateTopic", "after": True, **how}])
    with pytest.raises((ClientError, ConnectionClosedError)):
        emulator.client("sns").create_topic(Name="critical")
    assert emulator.api("health")["mutations"] == 1
    assert [each["status"] for each in emulator.api("requests")][-1] in (500, 0)


def test_a_fault_asks_to_wait_as_long_as_it_was_told_to(emulator: Emulated) -> None:
    fault = {"operation": "ListTopics", "status": 429, "headers": {"Retry-After": "7"}}
    emulator.api("faults", method="PUT", body=[fault])
    with pytest.raises(ClientError) as error:
        emulator.client("sns").list_topics()
    assert error.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"


def test_a_fault_is_for_its_region_and_operation_alone(emulator: Emulated) -> None:
    fault = {"operation": "ListTopics", "region": "us-east-1", "status": 500, "times": None}
    emulator.api("faults", method="PUT", body=[fault])
    emulator.client("sns", "eu-west-3").list_topics()
    emulator.client("sns", "us-east-1").list_subscriptions()
    for _ in range(3):
        with pytest.raises(ClientError):
            emulator.client("sns", "us-east-1").list_topics()


def test_a_delay_delays_and_nothing_else(emulator: Emulated) -> None:
    emulator.api("faults", method="PUT", body=[{"operation": "ListTopics", "delay_seconds": 0.4}])
    began = time.monotonic()
    emulator.client("sns").list_topics()
    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize("wrong", [{"operation": "X"}, [{"operatoin": "X"}]])
def test_what_describes_no_fault_is_refused(emulator: Emulated, wrong: object) -> None:
    with pytest.raises(client.Unreachable, match="answered 400"):
        emulator.api("faults", method="PUT", body=wrong)


def test_an_operation_that_is_not_emulated_says_so_by_name(emulator: Emulated) -> None:
    with pytest.raises(ClientError, match="the local cloud has no StartInstanceRefresh") as error:
        emulator.client("autoscaling").start_instance_refresh(AutoScalingGroupName="app")
    assert code_of(error) == "NotImplemented"
