"""How checks are run: what is fetched once, what is refused, and what is not ours."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, NoCredentialsError
from palier.errors import OperationError
from palier.verification.reads import Once, Reads
from palier.verification.run import run_checks

from tests.unit.verification.recorded_aws import Recorded, State
from tests.unit.verification.recorded_names import ENVIRONMENT, settings_by_phase
from tests.unit.verification.recorded_platform import platform

SETTINGS = settings_by_phase()


def failing(state: State, phase: str = "foundation", endpoint: str | None = None) -> OperationError:
    """The error that running the checks ends with."""
    with pytest.raises(OperationError) as caught:
        run_checks(phase, SETTINGS, ENVIRONMENT, Recorded(state, endpoint=endpoint))
    return caught.value


def test_a_listing_is_fetched_once_however_many_checks_look_at_it() -> None:
    cloud = Recorded(platform())
    run_checks("foundation", SETTINGS, ENVIRONMENT, cloud)
    made = Counter(cloud.calls)
    assert made["rds", "describe_db_instances"] == 1
    assert made["elbv2", "describe_load_balancer_attributes"] == 1
    assert made["s3", "get_bucket_tagging"] == 3


def test_results_come_in_the_same_order_every_time() -> None:
    first, second = (run_checks("foundation", SETTINGS, ENVIRONMENT, Recorded(platform())) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("tag", ["palier:platform", "palier:environment", "palier:phase"])
def test_what_lacks_one_of_our_tags_is_not_ours(tag: str) -> None:
    state = platform()
    balancers = state["rds", "describe_db_instances"]["DBInstances"]
    for each in balancers[0]["TagList"]:
        if each["Key"] == tag:
            each["Value"] = "another"
    results = run_checks("foundation", SETTINGS, ENVIRONMENT, Recorded(state))
    missing = {result.subject for result in results if result.actual == "not found"}
    assert missing == {"RDS primary"}


def test_a_phase_that_is_not_there_is_told_in_one_line() -> None:
    state = platform()
    state["rds", "describe_db_instances"]["DBInstances"].clear()
    state["ec2", "describe_vpcs"]["Vpcs"].clear()
    error = failing(state)
    assert error.failed.startswith("foundation does not stand in local: nothing carries palier:platform=jobo")
    assert error.next_step == "palier up foundation"


def test_a_phase_that_is_not_there_elsewhere_names_the_environment() -> None:
    with pytest.raises(OperationError) as caught:
        run_checks("replicas", SETTINGS, "production", Recorded(platform()))
    assert caught.value.failed.startswith("replicas does not stand in production")
    assert caught.value.next_step == "palier up replicas --env production"


def test_advice_names_the_environment() -> None:
    state = platform()
    tags = {"palier:platform": "jobo", "palier:phase": "foundation", "palier:environment": "staging"}
    in_staging = [{"Key": key, "Value": value} for key, value in tags.items()]
    state["ec2", "describe_vpcs"]["Vpcs"][0]["Tags"] = in_staging
    results = run_checks("foundation", SETTINGS, "staging", Recorded(state))
    found = next(result for result in results if result.check == "database.size")
    assert found.advice == "palier refresh foundation --env staging; palier up foundation --env staging"


@pytest.mark.parametrize(
    ("call", "code", "action"),
    [
        (("rds", "describe_db_instances"), "AccessDenied", "rds:DescribeDBInstances"),
        (("ec2", "describe_vpcs"), "UnauthorizedOperation", "ec2:DescribeVpcs"),
        (("sns", "list_topics"), "AuthorizationError", "sns:ListTopics"),
        (("kms", "describe_key"), "AccessDeniedException", "kms:DescribeKey"),
        (("s3", "get_bucket_versioning", "jobo-assets"), "AccessDenied", "s3:GetBucketVersioning"),
    ],
)
def test_a_missing_permission_names_the_action_and_the_policy(
    call: tuple[str, ...], code: str, action: str
) -> None:
    error = failing({**platform(), call: code})
    assert error.failed == f"AWS does not let you call {action}"
    assert error.next_step == "attach the policy that `palier verify --policy` prints"


def test_a_bucket_of_somebody_else_that_shuts_us_out_is_passed_over() -> None:
    state = {**platform(), ("s3", "get_bucket_tagging", "somebody-elses"): "AccessDenied"}
    results = run_checks("foundation", SETTINGS, ENVIRONMENT, Recorded(state))
    assert all(result.ok for result in results)


def test_an_expired_session_says_to_sign_in_again() -> None:
    error = failing({**platform(), ("ec2", "describe_vpcs"): "ExpiredToken"})
    assert error.failed == "ec2:DescribeVpcs: ExpiredToken: recorded"
    assert error.next_step == "sign in to AWS again"


class Broken:
    """Clients whose every call fails in the same way."""

    def __init__(self, error: Exception, endpoint: str | None) -> None:
        self.error, self.endpoint, self.region = error, endpoint, "eu-west-3"

    def client(self, service: str) -> Any:
        raise self.error

    def in_region(self, region: str) -> Broken:
        return self


@pytest.mark.parametrize(
    ("error", "endpoint", "lines"),
    [
        (NoCredentialsError(), None, ["no AWS credentials", "next: sign in to AWS, or set AWS_PROFILE"]),
        (
            ConnectTimeoutError(endpoint_url="http://127.0.0.1:4790"),
            "http://127.0.0.1:4790",
            ["the local cloud does not answer at http://127.0.0.1:4790", "next: palier local start"],
        ),
    ],
)
def test_what_stands_between_us_and_aws_is_told_with_a_way_out(
    error: Exception, endpoint: str | None, lines: list[str]
) -> None:
    with pytest.raises(OperationError) as caught:
        run_checks("foundation", SETTINGS, ENVIRONMENT, Broken(error, endpoint))
    first, second = caught.value.lines()
    assert lines[0] in first
    assert second == lines[1]


def test_a_thing_asked_for_by_many_threads_is_made_once_and_its_error_is_everybodys() -> None:
    once, made, outcomes = Once(), [], []
    gate = threading.Barrier(8)

    def make() -> int:
        made.append(1)
        raise ValueError("broken")

    def ask() -> None:
        gate.wait()
        try:
            once.get("key", make)
        except ValueError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert outcomes == ["broken"] * 8


def test_every_page_of_a_listing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from moto import mock_aws

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    class Moto:
        region = "eu-west-3"
        endpoint: str | None = None

        def client(self, service: str) -> Any:
            return boto3.client(service, region_name=self.region)

        def in_region(self, region: str) -> Moto:
            raise AssertionError(f"nothing is asked of {region}")

    with mock_aws():
        client = boto3.client("sns", region_name="eu-west-3")
        for number in range(230):  # SNS lists 100 a page
            client.create_topic(Name=f"topic-{number}")
        reads = Reads(Moto())
        assert len(reads.all("sns", "list_topics", "Topics")) == 230
        reads.close()
