"""Every declared type through its whole life: made, unchanged, changed, drifted, replaced, gone, refused."""

from __future__ import annotations

import pytest
from palier.local.provider.table import entries

from tests.engine.provider.case import Case
from tests.engine.provider.cases import CASES
from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, Properties

# What AWS itself has in the place of a deleted one: a suspended versioning, its own encryption and policy, a
# proxy's default target group, the current version of a secret.
LEAVES_SOMETHING = {
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:sns/topicPolicy:TopicPolicy",
}
TAGS = {"owner": "tests", "stage": "one"}


def _name(token: str) -> str:
    """A logical name that every type's naming rules allow."""
    return f"c-{token.split(':')[-1].lower()}"[:24].rstrip("-")


def _inputs(case: Case, world: World) -> Properties:
    return case.inputs(world)


def _over(inputs: Properties, change: Properties) -> Properties:
    merged = {**inputs, **change}
    return {key: value for key, value in merged.items() if value is not None}


def test_every_declared_type_has_a_case() -> None:
    assert set(CASES) == set(entries())


@pytest.mark.parametrize("token", CASES)
def test_a_type_lives_as_on_aws(token: str, provider: Driven, world: World) -> None:
    case, entry = CASES[token], entries()[token]
    inputs = _inputs(case, world)
    tagged = entry.tags is not None
    if tagged:
        inputs["tags"] = dict(TAGS)
    made = provider.make(token, _name(token), inputs)
    assert made.id

    # The same program again changes nothing, neither before nor after a refresh.
    assert provider.diff(made, provider.recheck(made, inputs)).properties == set()
    seen = provider.look(made)
    assert seen is not None
    assert seen.id == made.id
    assert seen.inputs == made.inputs
    assert provider.diff(seen, provider.recheck(seen, inputs)).properties == set()

    if tagged:
        other = {**inputs, "tags": {"stage": "two"}}
        checked = provider.recheck(made, other)
        difference = provider.diff(made, checked)
        assert {path.split(".")[0] for path in difference.properties} == {"tags"}
        assert difference.replaces == ()
        retagged = provider.change(made, checked)
        assert retagged.outputs["tagsAll"] == {"stage": "two"}
        drifted = provider.look(made)
        assert drifted is not None
        assert drifted.inputs["tags"] == {"stage": "two"}
        made, inputs = retagged, other

    if case.change:
        changed = _over(inputs, case.change(world))
        checked = provider.recheck(made, changed)
        difference = provider.diff(made, checked)
        assert difference.properties
        assert difference.replaces == ()
        after = provider.change(made, checked)
        assert provider.diff(after, provider.recheck(after, changed)).properties == set()
        settled = provider.look(after)
        assert settled is not None
        assert settled.inputs == after.inputs
        # Seen from the state before it, the same change is drift, and the program would take it back.
        made.id = after.id
        drifted = provider.look(made)
        assert drifted is not None
        known = set(case.change(world)) & set(made.inputs)
        if known - entry.write_only - entry.settings:
            assert provider.diff(drifted, provider.recheck(drifted, inputs)).properties
        made = after

    provider.remove(made)
    assert (provider.look(made) is not None) == (token in LEAVES_SOMETHING)
    provider.remove(made)


@pytest.mark.parametrize("token", CASES)
def test_what_aws_refuses_is_refused_by_the_check(token: str, provider: Driven, world: World) -> None:
    case = CASES[token]
    refused = provider.refusals(token, _name(token), _over(_inputs(case, world), case.refused))
    name = next(iter(case.refused))
    found = [reason for path, reason in refused.items() if path.split(".")[0].split("[")[0] == name]
    assert found, refused
    assert case.says in " ".join(found)
