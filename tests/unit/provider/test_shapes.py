"""The mapping between properties and botocore's shapes."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.local.provider.shapes import MISSING, coerce, from_aws, member_of, pairs, to_aws


def shape(service: str, operation: str) -> Any:
    """The input of an operation, as botocore's model has it."""
    model = botocore.session.Session().get_service_model(service)
    return model.operation_model(operation).input_shape


def test_names_meet_without_case_and_the_named_first() -> None:
    create = shape("rds", "CreateDBInstance")
    assert member_of("dbSubnetGroupName", create) == "DBSubnetGroupName"
    assert member_of("vpcSecurityGroupIds", create) == "VpcSecurityGroupIds"
    assert member_of("password", create) is None
    assert member_of("password", create, {"password": "MasterUserPassword"}) == "MasterUserPassword"


def test_values_take_the_form_of_their_member() -> None:
    alarm = to_aws(
        {"threshold": "80", "evaluationPeriods": 2.0, "actionsEnabled": "true", "strange": 1, "period": None},
        shape("cloudwatch", "PutMetricAlarm"),
    )
    assert alarm == {"Threshold": 80.0, "EvaluationPeriods": 2, "ActionsEnabled": True}


def test_a_mapping_becomes_a_list_of_pairs_and_a_single_value_a_list() -> None:
    made = to_aws({"tags": {"a": 1}, "subnetIds": "s"}, shape("rds", "CreateDBSubnetGroup"))
    assert made == {"Tags": [{"Key": "a", "Value": "1"}], "SubnetIds": ["s"]}


@pytest.mark.parametrize(
    ("value", "kind", "coerced"),
    [
        (5, "string", "5"),
        (True, "string", "true"),
        ("5", "integer", 5),
        ("5.5", "number", 5.5),
        ("true", "boolean", True),
        ("x", "integer", MISSING),
        ("perhaps", "boolean", MISSING),
        ([1], "string", MISSING),
        ("x", ["list", "string"], MISSING),
        ({"Quantity": 1, "Items": ["a"]}, ["list", "string"], ["a"]),
        ([{"Key": "a", "Value": "b"}], ["map", "string"], {"a": "b"}),
        ({"Name": "a", "Odd": []}, ["object", {"name": "string", "odd": "string"}], {"name": "a"}),
    ],
)
def test_a_value_is_of_the_wanted_kind_or_missing(value: Any, kind: Any, coerced: Any) -> None:
    assert coerce(value, kind) is coerced if coerced is MISSING else coerce(value, kind) == coerced


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_pairs_and_mappings_are_one(tags: dict[str, str]) -> None:
    assert pairs([{"Key": key, "Value": value} for key, value in tags.items()]) == tags


def test_a_description_gives_only_what_the_sdk_has() -> None:
    described = {"VpcId": "vpc-1", "CidrBlock": None, "State": "available"}
    kinds = {"vpcId": "string", "cidrBlock": "string"}
    assert from_aws(described, kinds) == {"vpcId": "vpc-1"}
