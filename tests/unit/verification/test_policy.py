"""The IAM policy is enough for every call, no more than the calls made, and reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count
from palier.verification.reads import CALLS, Reads, policy
from palier.verification.run import run_checks
from palier.verification.table import PHASES

from tests.unit.verification.recorded_aws import REGION, Recorded, is_known
from tests.unit.verification.recorded_names import ENVIRONMENT, settings_by_phase
from tests.unit.verification.recorded_platform import platform
from tests.unit.verification.recorded_regions import (
    FAR,
    aurora_far,
    aurora_home,
    far,
    home,
    multi_region_settings,
)

ARN = f"arn:aws:x:{REGION}:123456789012:y/z"
# moto lets everybody use Route 53, whatever their policies; its actions are held by name alone.
NOT_JUDGED = {"route53"}
# moto knows these actions by the wire's names (monitoring:…, s3:GetBucketEncryption, …), IAM by others.
MISNAMED = {
    *((service, operation) for service, operation in CALLS if service == "cloudwatch"),
    ("s3", "get_bucket_encryption"),
    ("s3", "get_bucket_replication"),
    ("s3", "get_public_access_block"),
}
# What an operation can't be called without; any value will do, since authorisation comes first.
NEEDED: dict[tuple[str, str], dict[str, Any]] = {
    ("cloudwatch", "list_tags_for_resource"): {"ResourceARN": ARN},
    ("ec2", "describe_launch_template_versions"): {"LaunchTemplateId": "lt-0123456789abcdef0"},
    ("dynamodb", "describe_continuous_backups"): {"TableName": "table"},
    ("dynamodb", "describe_table"): {"TableName": "table"},
    ("dynamodb", "describe_time_to_live"): {"TableName": "table"},
    ("dynamodb", "get_item"): {"TableName": "table", "Key": {"map": {"S": "shards"}}},
    ("elasticache", "list_tags_for_resource"): {"ResourceName": ARN},
    ("elbv2", "describe_load_balancer_attributes"): {"LoadBalancerArn": ARN},
    ("elbv2", "describe_tags"): {"ResourceArns": [ARN]},
    ("elbv2", "describe_target_group_attributes"): {"TargetGroupArn": ARN},
    ("kms", "describe_key"): {"KeyId": "k"},
    ("kms", "get_key_rotation_status"): {"KeyId": "k"},
    ("kms", "list_resource_tags"): {"KeyId": "k"},
    ("logs", "list_tags_for_resource"): {"resourceArn": ARN},
    ("rds", "describe_db_cluster_parameters"): {"DBClusterParameterGroupName": "p"},
    ("rds", "describe_db_parameters"): {"DBParameterGroupName": "p"},
    ("rds", "describe_db_proxy_targets"): {"DBProxyName": "p"},
    ("rds", "list_tags_for_resource"): {"ResourceName": ARN},
    ("route53", "get_health_check"): {"HealthCheckId": "h"},
    ("route53", "get_hosted_zone"): {"Id": "Z1"},
    ("route53", "list_resource_record_sets"): {"HostedZoneId": "Z1"},
    ("route53", "list_tags_for_resources"): {"ResourceType": "hostedzone", "ResourceIds": ["Z1"]},
    ("sns", "get_topic_attributes"): {"TopicArn": ARN},
    ("sns", "list_tags_for_resource"): {"ResourceArn": ARN},
    ("ssm", "get_parameter"): {"Name": "/jobo/local/application/ACTIVE_REGION"},
    **{
        ("s3", operation): {"Bucket": "bucket"}
        for service, operation in CALLS
        if service == "s3" and operation != "list_buckets"
    },
}


@set_initial_no_auth_action_count(0)
def denied(user: dict[str, str]) -> set[tuple[str, str]]:
    """The calls that AWS (moto, judging by IAM policies as AWS does) refuses for want of a permission."""
    return {call for call in CALLS if _refused(user, *call)}


def _refused(user: dict[str, str], service: str, operation: str) -> bool:
    client = boto3.client(
        service,
        region_name=REGION,
        aws_access_key_id=user["AccessKeyId"],
        aws_secret_access_key=user["SecretAccessKey"],
    )
    try:
        getattr(client, operation)(**NEEDED.get((service, operation), {}))
    except KeyError:
        return False  # moto trips over a name it does not know, after it has let the call in
    except ClientError as error:
        words = error.response["Error"]["Code"] + error.response["Error"]["Message"]
        return "not authorized" in words or "AccessDenied" in words
    return False


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The keys of a user who may do nothing yet; `verifier` is its name."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "root")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "root")
    with mock_aws():
        iam = boto3.client("iam", region_name=REGION)
        iam.create_user(UserName="verifier")
        yield iam.create_access_key(UserName="verifier")["AccessKey"]


def grant(document: dict[str, Any]) -> None:
    """Give the user a policy."""
    boto3.client("iam", region_name=REGION).put_user_policy(
        UserName="verifier", PolicyName="palier-verify", PolicyDocument=json.dumps(document)
    )


def test_the_policy_lets_every_call_through(user: dict[str, str]) -> None:
    grant(policy())
    assert denied(user) == MISNAMED


def test_without_the_policy_every_call_is_refused(user: dict[str, str]) -> None:
    grant({**policy(), "Statement": [{**policy()["Statement"][0], "Action": ["iam:GetUser"]}]})
    assert denied(user) == {call for call in CALLS if call[0] not in NOT_JUDGED}


def calls_of(phase: str) -> set[tuple[str, str]]:
    """The calls that verifying a phase of one region makes."""
    cloud = Recorded(platform())
    run_checks(phase, settings_by_phase(), ENVIRONMENT, cloud)
    return set(cloud.calls)


def calls_of_regions() -> set[tuple[str, str]]:
    """The calls that verifying several regions makes, with either database engine."""
    calls: set[tuple[str, str]] = set()
    aurora = {"engine": "aurora_global", "instance_class": "db.r7g.large"}
    for here, there, database in ((home(), far(), {}), (aurora_home(), aurora_far(), aurora)):
        cloud = Recorded(here, elsewhere={FAR: there})
        settings = {**settings_by_phase(), "multi-region": multi_region_settings(**database)}
        run_checks("multi-region", settings, ENVIRONMENT, cloud)
        calls |= set(cloud.calls)
    return calls


@pytest.mark.parametrize("phase", PHASES)
def test_verifying_a_phase_makes_just_the_calls_its_policy_is_for(phase: str) -> None:
    calls = calls_of_regions() if phase == "multi-region" else calls_of(phase)
    assert calls == {call for call, (_, phases) in CALLS.items() if phase in phases}


def test_every_action_reads() -> None:
    actions = policy()["Statement"][0]["Action"]
    assert actions == sorted(set(actions))
    assert all(action.partition(":")[2].startswith(("Describe", "Get", "List")) for action in actions)


def test_the_policy_of_a_phase_is_part_of_the_whole() -> None:
    whole = set(policy()["Statement"][0]["Action"])
    parts = [set(policy(phase)["Statement"][0]["Action"]) for phase in PHASES]
    assert all(part < whole for part in parts)
    assert set.union(*parts) == whole


def test_every_call_is_one_that_aws_has() -> None:
    assert [call for call in CALLS if not is_known(*call)] == []


def test_a_call_that_the_table_does_not_list_is_never_made() -> None:
    cloud = Recorded(platform())
    with pytest.raises(KeyError, match=r"ec2\.delete_vpc"):
        Reads(cloud).get("ec2", "delete_vpc", VpcId="vpc-1")
    assert cloud.calls == []
