"""The architecture pack as a whole: our own phases, real types, examples, remedies, unknown values."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pulumi_aws
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from palier_policies import catalog
from palier_policies.architecture import PACK, operations
from palier_policies.judge import Judge
from palier_policies.policy import Policy
from palier_policies.resources import SECRET, NotKnown, Resource
from palier_policies.rules import Rules
from palier_policies.stack import Stack

from tests.unit.policies import (
    test_architecture_calls,
    test_architecture_phases,
    test_architecture_protection,
    test_architecture_stateless,
)
from tests.unit.policies.happy import PHASES, UNKNOWN, planned, resource
from tests.unit.policies.judged import Case
from tests.unit.trees import parsed

_MODULES = (
    test_architecture_stateless,
    test_architecture_calls,
    test_architecture_protection,
    test_architecture_phases,
)
BREAKS = [case for module in _MODULES for case in module.BREAKS]
KEEPS = [case for module in _MODULES for case in module.KEEPS]
UNKNOWNS = [case for module in _MODULES for case in module.UNKNOWNS]
SOURCES = Path(__file__).parents[3] / "policies" / "palier_policies"
every_policy = pytest.mark.parametrize("policy", catalog.policies(), ids=lambda policy: policy.name)


@pytest.mark.parametrize("phase", PHASES)
def test_our_own_phases_keep_every_principle(phase: str) -> None:
    assert [each.message for each in Judge(PACK, Rules()).everything(planned(phase))] == []


def test_every_policy_has_a_case_that_breaks_it_one_that_keeps_it_and_one_that_is_not_known() -> None:
    for cases in (BREAKS, KEEPS, UNKNOWNS):
        assert {policy.name for policy in PACK.policies} == {case.policy for case in cases}


def test_every_message_names_the_resource_that_is_meant() -> None:
    silent = [
        (case.policy, finding.message)
        for case in BREAKS
        for plan in [case.plan()]
        for by_urn in [{each.urn: each for each in plan.resources}]
        for finding in case.findings(plan)
        if finding.urn in by_urn and finding.policy != "shards-need-backups"
        if by_urn[finding.urn].label not in finding.message
    ]
    assert silent == []


@cache
def _types() -> dict[str, bool]:
    """Every type of the installed pulumi_aws, and whether it takes tags."""
    token = re.compile(r"super\(\w+, __self__\)\.__init__\(\s*'(aws:[\w./-]+:\w+)'")
    found: dict[str, bool] = {}
    for file in Path(pulumi_aws.__file__).parent.glob("*/*.py"):
        if file.name in ("_inputs.py", "outputs.py", "__init__.py"):
            continue
        text = file.read_text(encoding="utf-8")
        found |= dict.fromkeys(token.findall(text), "def tags(self)" in text)
    return found


def test_every_type_that_a_policy_names_is_one_of_the_provider() -> None:
    named = {
        text
        for file in SOURCES.rglob("*.py")
        for node in ast.walk(parsed(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(text := node.value, str)
        if re.fullmatch(r"aws:[\w-]+/\w+:\w+", text)
    }
    named |= {name for policy in catalog.policies() for name in policy.types}

    assert len(named) > 80
    assert sorted(named - set(_types())) == []


def test_what_must_have_tags_can_have_them() -> None:
    assert [name for name in sorted(operations.TAGGED) if not _types()[name]] == []


@every_policy
def test_the_examples_of_a_policy_are_programs(policy: Policy) -> None:
    for text in (policy.example.breaks, policy.example.keeps):
        assert any(isinstance(node, ast.Call) for node in ast.walk(parsed(text)))
    assert policy.example.breaks != policy.example.keeps


@every_policy
def test_a_policy_says_what_holds_and_where_that_comes_from(policy: Policy) -> None:
    assert policy.says.endswith(".")
    assert policy.source
    for name, field in policy.settings.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name


MENDED: list[tuple[str, Resource, dict[str, Any]]] = [
    ("no-public-databases", resource("aws:rds/instance:Instance", publiclyAccessible=True), {}),
    ("no-public-databases", resource("aws:redshift/cluster:Cluster", publiclyAccessible=True), {}),
    ("encryption-at-rest", resource("aws:sqs/queue:Queue", sqsManagedSseEnabled=False), {}),
    (
        "encryption-at-rest",
        resource(
            "aws:ec2/launchTemplate:LaunchTemplate",
            blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20}}],
        ),
        {},
    ),
    ("encryption-in-transit", resource("aws:rds/proxy:Proxy", requireTls=False), {}),
    (
        "cost-tags",
        resource("aws:s3/bucket:Bucket", tags={"owner": "shop"}),
        {"defaults": {"cost-center": "platform"}},
    ),
    (
        "cost-tags",
        resource(
            "aws:autoscaling/group:Group", tags=[{"key": "owner", "value": "shop", "propagateAtLaunch": True}]
        ),
        {"defaults": {"cost-center": "platform"}},
    ),
    ("log-retention", resource("aws:cloudwatch/logGroup:LogGroup"), {}),
    ("log-retention", resource("aws:cloudwatch/logGroup:LogGroup", retentionInDays=5), {"at_least_days": 10}),
]


def _remedied(name: str, one: Resource, own: dict[str, Any]) -> tuple[Judge, Any]:
    judge = Judge(PACK, Rules(), given={name: {**own, "enforcementLevel": "remediate"}})
    return judge, [change for policy, change in judge.remedies(one) if policy.name == name]


@pytest.mark.parametrize(
    ("name", "one", "own"), MENDED, ids=lambda value: str(getattr(value, "label", value))[:40]
)
def test_what_a_remedy_sets_makes_its_finding_go_away(name: str, one: Resource, own: dict[str, Any]) -> None:
    judge, (change,) = _remedied(name, one, own)
    after = replace(one, inputs={**one.inputs, **change})

    assert [each for each in judge.resource(one) if each.policy == name]
    assert [each.message for each in judge.resource(after) if each.policy == name] == []
    assert _remedied(name, after, own)[1] == []


def test_every_policy_that_remedies_is_tried() -> None:
    assert {name for name, _, _ in MENDED} == {policy.name for policy in PACK.policies if policy.mend}


def test_a_remedy_writes_no_secret_that_it_cannot_see() -> None:
    tagged = resource("aws:s3/bucket:Bucket", tags={"owner": "shop", "key": SECRET})

    (said,) = _remedied("cost-tags", tagged, {"defaults": {"cost-center": "platform"}})[1]

    assert said == "not remedied: Bucket it: tags is secret"


def _blinded(plan: Stack, urn: str, data: st.DataObject) -> Stack:
    """The plan with some inputs of the resource that is meant, or of any where none is, not known."""
    chosen = [each for each in plan.resources if each.urn == urn and each.inputs]
    if not chosen:
        chosen = [each for each in plan.resources if each.type.startswith("aws:") and each.inputs][:4]
    hidden = {
        each.urn: data.draw(st.sets(st.sampled_from(sorted(each.inputs))), label=each.label)
        for each in chosen
    }
    return replace(
        plan,
        resources=tuple(
            replace(
                each,
                inputs={
                    name: UNKNOWN if name in hidden.get(each.urn, ()) else value
                    for name, value in each.inputs.items()
                },
            )
            for each in plan.resources
        ),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("case", BREAKS, ids=str)
def test_no_unknown_value_crashes_a_policy_or_hides_what_breaks_it(case: Case, data: st.DataObject) -> None:
    plan = case.plan()
    (before, *_) = case.findings(plan)

    after = case.findings(_blinded(plan, before.urn, data))

    assert after
    assert [each.message for each in after if "the policy itself failed" in each.message] == []


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_no_unknown_value_of_our_phases_crashes_a_policy_or_becomes_mandatory(data: st.DataObject) -> None:
    plan = planned(data.draw(st.sampled_from(PHASES)))
    one = data.draw(
        st.sampled_from([each for each in plan.resources if each.type.startswith("aws:") and each.inputs])
    )

    found = Judge(PACK, Rules()).everything(_blinded(plan, one.urn, data))

    assert [each.message for each in found if "the policy itself failed" in each.message] == []


def test_not_known_is_no_error_that_a_policy_lets_out() -> None:
    blind = resource("aws:ec2/launchTemplate:LaunchTemplate", blockDeviceMappings=UNKNOWN)

    assert all(not isinstance(each, NotKnown) for each in Judge(PACK, Rules()).resource(blind))
