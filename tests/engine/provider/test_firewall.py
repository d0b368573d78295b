"""What is particular to web ACLs of AWS WAF: where they are made, what tells rules apart, their versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.local.emulated import Emulated
from tests.engine.provider.cases_edge_waf import CASES, managed, rate, seen
from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, Failed, Properties, Standing

WEB_ACL = "aws:wafv2/webAcl:WebAcl"
HOME = "us-east-1"
REFUSED: dict[str, tuple[Properties, str]] = {
    "a firewall of CloudFront's elsewhere": (
        {"scope": "CLOUDFRONT"},
        "CLOUDFRONT is not valid in eu-west-3: AWS keeps such web ACLs in us-east-1",
    ),
    "a name with a dot": (
        {"name": "a.b"},
        "'a.b' may hold only letters, digits, hyphens and underscores",
    ),
    "no default action": ({"defaultAction": {}}, "exactly one of allow, block is wanted"),
    "two rules of a name": ({"rules": [rate(), {**rate(), "priority": 1}]}, "2 rules have the name rate"),
    "a rule group with an action": (
        {"rules": [{**managed("one", 0), "action": {"block": {}}}]},
        "a rule of managedRuleGroupStatement wants overrideAction, and no action",
    ),
    "a rate without an action": (
        {"rules": [{key: value for key, value in rate().items() if key != "action"}]},
        "a rule of rateBasedStatement wants action, and no overrideAction",
    ),
    "a window that AWS does not have": (
        {"rules": [rate(evaluationWindowSec=90)]},
        "90 s is not one of 60, 120, 300, 600",
    ),
    "a limit below AWS's": ({"rules": [rate(5)]}, "5 is outside 10…2000000000"),
    "what would be forgotten": (
        {"dataProtectionConfig": {"dataProtections": []}},
        "is not served by the local cloud",
    ),
}


def _made(provider: Driven, world: World, name: str, **further: Any) -> tuple[Standing, Properties]:
    inputs = {**CASES[WEB_ACL].inputs(world), **further}
    return provider.make(WEB_ACL, name, inputs), inputs


@pytest.mark.parametrize("what", REFUSED)
def test_what_aws_refuses_of_a_firewall(what: str, provider: Driven, world: World) -> None:
    change, says = REFUSED[what]
    found = provider.refusals(WEB_ACL, "refused", {**CASES[WEB_ACL].inputs(world), **change})
    assert says in " ".join(found.values()), found


def test_a_firewall_of_cloudfront_stands_in_its_one_region(
    provider: Driven, world: World, emulated: Emulated
) -> None:
    made, inputs = _made(provider, world, "global", scope="CLOUDFRONT", region=HOME)
    assert made.outputs["arn"].startswith("arn:aws:wafv2:us-east-1:123456789012:global/webacl/global-")
    listed = emulated.client("wafv2", HOME).list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    assert [acl["Id"] for acl in listed] == [made.id]
    assert provider.diff(made, provider.recheck(made, inputs)).properties == set()
    provider.remove(made)


def test_the_order_of_rules_says_nothing(provider: Driven, world: World) -> None:
    made, inputs = _made(provider, world, "order")
    turned = {**inputs, "rules": list(reversed(inputs["rules"]))}
    assert provider.diff(made, provider.recheck(made, turned)).properties == set()
    provider.remove(made)


def test_another_scope_or_name_is_another_firewall(provider: Driven, world: World) -> None:
    made, inputs = _made(provider, world, "replaced")
    for change in ({"name": "other"}, {"scope": "CLOUDFRONT", "region": HOME}):
        difference = provider.diff(made, provider.recheck(made, {**inputs, **change}))
        assert set(change) & set(difference.replaces)
    provider.remove(made)


def test_a_statement_inside_statements_reads_back(provider: Driven, world: World) -> None:
    path = {
        "byteMatchStatement": {
            "searchString": "/api",
            "positionalConstraint": "STARTS_WITH",
            "fieldToMatch": {"uriPath": {}},
            "textTransformations": [{"priority": 0, "type": "NONE"}],
        }
    }
    abroad = {"notStatement": {"statement": {"geoMatchStatement": {"countryCodes": ["FR", "BE"]}}}}
    rules = [rate(scopeDownStatement={"andStatement": {"statements": [path, abroad]}})]
    made, inputs = _made(provider, world, "nested", rules=rules)
    refreshed = provider.look(made)
    assert refreshed is not None
    assert refreshed.inputs == made.inputs
    assert provider.diff(refreshed, provider.recheck(refreshed, inputs)).properties == set()
    provider.remove(made)


def test_a_change_of_somebody_else_is_seen_and_taken_back(
    provider: Driven, world: World, emulated: Emulated
) -> None:
    made, inputs = _made(provider, world, "drifted")
    waf = emulated.client("wafv2")
    place = {"Name": made.outputs["name"], "Id": made.id, "Scope": "REGIONAL"}
    found = waf.get_web_acl(**place)
    kept = {key: found["WebACL"][key] for key in ("DefaultAction", "VisibilityConfig")}
    waf.update_web_acl(**place, **kept, LockToken=found["LockToken"], Rules=found["WebACL"]["Rules"][:1])
    drifted = provider.look(made)
    assert drifted is not None
    assert len(drifted.inputs["rules"]) == 1
    assert "description" not in drifted.inputs
    # With the version of before, as a run without a refresh has it: the one that stands is asked for.
    changed = provider.recheck(made, {**inputs, "visibilityConfig": seen("other")})
    after = provider.change(made, changed)
    assert after.outputs["lockToken"] != made.outputs["lockToken"]
    assert len(waf.get_web_acl(**place)["WebACL"]["Rules"]) == 2
    provider.remove(made)
    assert provider.look(after) is None


def test_a_firewall_in_use_is_not_deleted(provider: Driven, world: World, emulated: Emulated) -> None:
    made, _ = _made(provider, world, "used")
    waf = emulated.client("wafv2")
    balancer = world.balancer
    waf.associate_web_acl(WebACLArn=made.outputs["arn"], ResourceArn=balancer)
    with pytest.raises(Failed, match="WAFAssociatedItemException"):
        provider.remove(made)
    waf.disassociate_web_acl(ResourceArn=balancer)
    provider.remove(made)
    assert provider.look(made) is None


def test_a_firewall_is_imported_by_id_name_and_scope(provider: Driven, world: World) -> None:
    made, inputs = _made(provider, world, "imported")
    taken = provider.take_over(WEB_ACL, "imported", f"{made.id}/{made.outputs['name']}/REGIONAL")
    assert taken is not None
    assert taken.id == made.id
    named = {**inputs, "name": made.outputs["name"]}
    assert provider.diff(taken, provider.recheck(taken, named)).properties == set()
    provider.remove(made)
