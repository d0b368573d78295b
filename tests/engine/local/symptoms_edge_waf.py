"""The symptoms of moto's WAF that Palier mends."""

from __future__ import annotations

from typing import Any

from tests.engine.local.symptoms import Clients, Symptom, outcome

ELSEWHERE, HOME = "eu-west-3", "us-east-1"


def _seen(name: str) -> dict[str, Any]:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def _rule(name: str, priority: int) -> dict[str, Any]:
    return {
        "Name": name,
        "Priority": priority,
        "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
        "VisibilityConfig": _seen(name),
    }


def _config(*rules: dict[str, Any], scope: str = "REGIONAL") -> dict[str, Any]:
    return {
        "Name": "site",
        "Scope": scope,
        "DefaultAction": {"Allow": {}},
        "Rules": list(rules),
        "VisibilityConfig": _seen("site"),
    }


def _version(waf: Any, made: dict[str, Any], scope: str = "REGIONAL") -> dict[str, Any]:
    place = {"Name": made["Name"], "Id": made["Id"], "Scope": scope}
    return {**place, "LockToken": waf.get_web_acl(**place)["LockToken"]}


def firewall_of_cloudfront_elsewhere(clients: Clients) -> object:
    config = _config(scope="CLOUDFRONT")
    return (
        outcome(clients("wafv2", ELSEWHERE).create_web_acl, **config),
        outcome(clients("wafv2", ELSEWHERE).list_web_acls, Scope="CLOUDFRONT"),
        outcome(clients("wafv2", HOME).list_web_acls, Scope="CLOUDFRONT"),
    )


def firewall_of_cloudfront_by_arn(clients: Clients) -> object:
    made = clients("wafv2", HOME).create_web_acl(**_config(scope="CLOUDFRONT"))["Summary"]
    return (
        outcome(clients("wafv2", HOME).get_web_acl, ARN=made["ARN"]),
        outcome(clients("wafv2", ELSEWHERE).get_web_acl, ARN=made["ARN"]),
    )


def firewall_made_twice(clients: Clients) -> object:
    waf = clients("wafv2")
    waf.create_web_acl(**_config())
    return outcome(waf.create_web_acl, **_config())


def rules_alike(clients: Clients) -> object:
    waf = clients("wafv2")
    made = outcome(waf.create_web_acl, **_config(_rule("one", 0), _rule("two", 0)))
    named = outcome(waf.create_web_acl, **{**_config(_rule("one", 0), _rule("one", 1)), "Name": "other"})
    third = waf.create_web_acl(**{**_config(_rule("one", 0)), "Name": "third"})["Summary"]
    change = {**_config(_rule("one", 0), _rule("two", 0)), **_version(waf, third)}
    return made, named, outcome(waf.update_web_acl, **change)


def rules_and_description_taken_away(clients: Clients) -> object:
    waf = clients("wafv2")
    config = {**_config(_rule("one", 0)), "TokenDomains": ["example.com"]}
    made = waf.create_web_acl(**config, Description="ours")["Summary"]
    waf.update_web_acl(**{**_config(), **_version(waf, made)})
    acl = waf.get_web_acl(ARN=made["ARN"])["WebACL"]
    return len(acl["Rules"]), acl["Description"], acl.get("TokenDomains") or []


def firewall_of_a_balancer(clients: Clients) -> object:
    waf = clients("wafv2")
    made = waf.create_web_acl(**_config())["Summary"]
    balancer = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/one/0123456789abcdef"
    waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=balancer)
    before = outcome(waf.delete_web_acl, **_version(waf, made))
    waf.disassociate_web_acl(ResourceArn=balancer)
    place = {"Name": made["Name"], "Id": made["Id"], "Scope": "REGIONAL"}
    return before, outcome(waf.delete_web_acl, **place, LockToken=made["LockToken"])


def firewall_of_a_distribution(clients: Clients) -> object:
    waf, cloudfront = clients("wafv2", HOME), clients("cloudfront", HOME)
    made = waf.create_web_acl(**_config(scope="CLOUDFRONT"))["Summary"]
    nobody = {"OriginAccessIdentity": ""}
    origin = {"Id": "one", "DomainName": "assets.s3.amazonaws.com", "S3OriginConfig": nobody}
    behavior = {
        "TargetOriginId": "one",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "one",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behavior,
            "WebACLId": made["ARN"],
        }
    )
    return outcome(waf.delete_web_acl, **_version(waf, made, "CLOUDFRONT"))


_INVALID, _IN_USE = "WAFInvalidParameterException", "WAFAssociatedItemException"
SYMPTOMS = (
    Symptom(
        "firewalls_of_cloudfront_in_one_region",
        firewall_of_cloudfront_elsewhere,
        ("done", "done", "done"),
        (_INVALID, _INVALID, "done"),
    ),
    Symptom(
        "firewall_of_cloudfront_by_its_arn",
        firewall_of_cloudfront_by_arn,
        ("WAFNonexistentItemException", "WAFNonexistentItemException"),
        ("done", "WAFNonexistentItemException"),
    ),
    Symptom(
        "duplicate_firewall_by_its_own_error",
        firewall_made_twice,
        "WafV2DuplicateItem",
        "WAFDuplicateItemException",
    ),
    Symptom("rules_of_one_priority", rules_alike, ("done",) * 3, (_INVALID,) * 3),
    Symptom(
        "update_replaces_the_whole_firewall",
        rules_and_description_taken_away,
        (1, "ours", ["example.com"]),
        (0, "", []),
    ),
    Symptom(
        "firewall_in_use_stays",
        firewall_of_a_balancer,
        ("done", "WAFNonexistentItemException"),
        (_IN_USE, "done"),
    ),
    Symptom("firewall_in_use_stays", firewall_of_a_distribution, "done", _IN_USE),
)
