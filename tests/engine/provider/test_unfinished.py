"""A resource whose making failed half way, also where a refresh comes before the next run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.local.emulated import Emulated
from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, Failed, Properties, Standing

LOGS, RULES = "aws:cloudwatch/logGroup:LogGroup", "aws:ec2/securityGroup:SecurityGroup"


@pytest.fixture
def faults(emulated: Emulated) -> Iterator[Emulated]:
    """The emulator, without faults again afterwards."""
    yield emulated
    emulated.api("faults", method="PUT", body=[])


def fail(emulated: Emulated, service: str, operation: str) -> None:
    """Let the next such request fail."""
    fault = {"service": service, "operation": operation, "status": 500, "code": "InternalFailure"}
    emulated.api("faults", method="PUT", body=[fault])


def partly(provider: Driven, token: str, name: str, inputs: Properties) -> Standing:
    """Make one that fails half way; as the engine's state knows it then: with the inputs asked for."""
    with pytest.raises(Failed) as failure:
        provider.make(token, name, inputs)
    assert failure.value.partly is not None
    id_, _, outputs = failure.value.partly
    return Standing(token, name, provider.check(token, name, inputs), id_, outputs)


@pytest.mark.parametrize("refreshed", [False, True])
def test_an_input_that_did_not_take_effect_is_left_to_do(
    refreshed: bool, provider: Driven, faults: Emulated
) -> None:
    fail(faults, "logs", "PutRetentionPolicy")
    name = f"half-{refreshed}".lower()
    made = partly(provider, LOGS, name, {"retentionInDays": 14})
    if refreshed:
        seen = provider.look(made)
        assert seen is not None
        made = seen
    inputs = provider.recheck(made, {"retentionInDays": 14})
    assert provider.diff(made, inputs).properties == {"retentionInDays"}
    after = provider.change(made, inputs)
    assert after.outputs["retentionInDays"] == 14
    assert not provider.diff(after, provider.recheck(after, {"retentionInDays": 14})).wanted


@pytest.mark.parametrize("refreshed", [False, True])
def test_what_no_input_tells_is_done_all_the_same(
    refreshed: bool, provider: Driven, world: World, faults: Emulated
) -> None:
    inputs = {"vpcId": world.vpc}
    fail(faults, "ec2", "RevokeSecurityGroupEgress")
    made = partly(provider, RULES, f"half-{refreshed}", inputs)
    if refreshed:
        seen = provider.look(made)
        assert seen is not None
        made = seen
    checked = provider.recheck(made, inputs)
    found = provider.diff(made, checked)
    assert (found.wanted, found.properties) == (True, set())
    after = provider.change(made, checked)
    (group,) = faults.client("ec2").describe_security_groups(GroupIds=[made.id])["SecurityGroups"]
    assert group["IpPermissionsEgress"] == []
    assert not provider.diff(after, provider.recheck(after, inputs)).wanted


def test_it_may_fail_again_and_is_still_left_to_do(provider: Driven, world: World, faults: Emulated) -> None:
    inputs = {"vpcId": world.vpc}
    fail(faults, "ec2", "RevokeSecurityGroupEgress")
    made = partly(provider, RULES, "twice", inputs)
    fail(faults, "ec2", "RevokeSecurityGroupEgress")
    checked = provider.recheck(made, inputs)
    with pytest.raises(Failed) as failure:
        provider.change(made, checked)
    assert failure.value.partly is not None
    made.outputs = failure.value.partly[2]
    assert provider.diff(made, checked).wanted
    assert not provider.diff(provider.change(made, checked), checked).wanted


def test_what_is_gone_behind_an_update_is_told(provider: Driven, faults: Emulated) -> None:
    made = provider.make(LOGS, "vanishing", {"retentionInDays": 14})
    provider.remove(made)
    with pytest.raises(Failed, match="updating aws:cloudwatch/logGroup:LogGroup"):
        provider.change(made, provider.recheck(made, {"retentionInDays": 30}))
