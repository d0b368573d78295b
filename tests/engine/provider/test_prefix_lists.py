"""Prefix lists that AWS keeps: found by name in each region, and named by the rules of security groups."""

from __future__ import annotations

import pytest

from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, Failed, Properties

PREFIX_LIST = "aws:ec2/getManagedPrefixList:getManagedPrefixList"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"


def _found(provider: Driven, **asked: object) -> Properties:
    return provider.invoke(PREFIX_LIST, **asked)


def _inputs(world: World, prefix_list: str, **further: object) -> Properties:
    ports = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    return {"securityGroupId": world.group, **ports, "prefixListId": prefix_list, **further}


@pytest.mark.parametrize("region", ["eu-west-3", "us-east-1", "ap-southeast-2"])
def test_cloudfronts_addresses_are_listed_in_every_region(region: str, provider: Driven) -> None:
    found = _found(provider, name=CLOUDFRONT, region=region)
    assert found["id"].startswith("pl-")
    assert (found["name"], found["region"], found["ownerId"]) == (CLOUDFRONT, region, "AWS")
    assert found["addressFamily"] == "IPv4"
    assert {"cidr": "130.176.0.0/18", "description": "default"} in found["entries"]
    assert (found["maxEntries"], found["version"], found["tags"]) == (0, 0, {})
    assert _found(provider, name=CLOUDFRONT, region=region)["id"] == found["id"]
    assert _found(provider, id=found["id"], region=region)["name"] == CLOUDFRONT


def test_a_list_is_found_by_a_filter(provider: Driven) -> None:
    found = _found(provider, filters=[{"name": "prefix-list-name", "values": ["com.amazonaws.eu-west-3.s3"]}])
    assert found["name"] == "com.amazonaws.eu-west-3.s3"


@pytest.mark.parametrize(
    ("asked", "why"),
    [({"name": "com.amazonaws.nowhere"}, "no matching one found"), ({}, r"\d matched; use additional")],
)
def test_a_search_that_does_not_find_one_is_refused(
    asked: dict[str, str], why: str, provider: Driven
) -> None:
    with pytest.raises(Failed, match=rf"EC2 Managed Prefix List: {why}"):
        _found(provider, **asked)


def test_a_rule_lives_with_a_prefix_list(provider: Driven, world: World) -> None:
    listed = _found(provider, name=CLOUDFRONT)["id"]
    inputs = _inputs(world, listed, description="Requests from CloudFront", tags={"owner": "tests"})
    made = provider.make(RULE, "from-cloudfront", inputs)
    seen = provider.look(made)
    assert seen is not None
    assert seen.inputs == made.inputs
    assert provider.diff(seen, provider.recheck(seen, inputs)).properties == set()

    other = _found(provider, name="com.amazonaws.eu-west-3.s3")["id"]
    changed = provider.recheck(made, {**inputs, "prefixListId": other, "description": "Requests from S3"})
    assert provider.diff(made, changed).replaces == ()
    after = provider.change(made, changed)
    settled = provider.look(after)
    assert settled is not None
    assert settled.inputs == after.inputs
    assert settled.inputs["prefixListId"] == other

    anybody = {key: value for key, value in inputs.items() if key != "prefixListId"}
    wider = provider.recheck(after, {**anybody, "cidrIpv4": "0.0.0.0/0"})
    assert set(provider.diff(after, wider).replaces) == {"cidrIpv4", "prefixListId"}
    provider.remove(after)
    assert provider.look(after) is None


def test_a_list_of_another_region_is_refused(provider: Driven, world: World) -> None:
    listed = _found(provider, name=CLOUDFRONT, region="us-east-1")["id"]
    refused = provider.refusals(RULE, "elsewhere", _inputs(world, listed))
    assert refused == {"prefixListId": f"{listed!r} is not a prefix list of eu-west-3"}
