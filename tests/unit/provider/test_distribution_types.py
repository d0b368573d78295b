"""CloudFront's distributions and functions: what is refused, and how a configuration goes there and back."""

from __future__ import annotations

from typing import Any

import pytest
from palier.local.provider.resources import cdn_distributions
from palier.local.provider.table import Check, entries
from palier.local.provider.values import UNKNOWN

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:cloudfront/function:Function"
READS = ["GET", "HEAD"]
BEHAVIOR: dict[str, Any] = {
    "targetOriginId": "home",
    "viewerProtocolPolicy": "redirect-to-https",
    "allowedMethods": READS,
    "cachedMethods": READS,
    "cachePolicyId": "policy",
}
INPUTS: dict[str, Any] = {
    "enabled": True,
    "origins": [
        {"originId": "home", "domainName": "home.example.com"},
        {"originId": "away", "domainName": "away.example.com"},
    ],
    "originGroups": [
        {
            "originId": "either",
            "failoverCriteria": {"statusCodes": [500, 503]},
            "members": [{"originId": "home"}, {"originId": "away"}],
        }
    ],
    "defaultCacheBehavior": BEHAVIOR,
    "restrictions": {"geoRestriction": {"restrictionType": "none"}},
    "viewerCertificate": {"cloudfrontDefaultCertificate": True},
}
OWN = {
    "acmCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "sslSupportMethod": "sni-only",
}


def refused(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    entry = entries()[token]
    check = Check(entry, inputs, "eu-west-3", lambda service, operation, arguments: None)
    return dict(problem for rule in entry.checks for problem in rule(check))


def behaving(**changes: Any) -> dict[str, Any]:
    return {"defaultCacheBehavior": {**BEHAVIOR, **changes}}


def group(**changes: Any) -> dict[str, Any]:
    return {"originGroups": [{**INPUTS["originGroups"][0], **changes}]}


def test_a_distribution_that_aws_takes_passes() -> None:
    assert refused(DISTRIBUTION, INPUTS) == {}
    assert refused(DISTRIBUTION, {**INPUTS, **behaving(targetOriginId="either")}) == {}
    own = {"aliases": ["www.example.com"], "viewerCertificate": OWN}
    assert refused(DISTRIBUTION, {**INPUTS, **own}) == {}


def test_what_is_not_known_yet_is_not_refused() -> None:
    unknown = {
        **behaving(cachePolicyId=UNKNOWN, targetOriginId=UNKNOWN),
        "origins": UNKNOWN,
        "viewerCertificate": UNKNOWN,
        "webAclId": UNKNOWN,
    }
    assert refused(DISTRIBUTION, {**INPUTS, "originGroups": None, **unknown}) == {}


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        (behaving(targetOriginId="nowhere"), "defaultCacheBehavior.targetOriginId", "'nowhere' is no origin"),
        (
            {"orderedCacheBehaviors": [{**BEHAVIOR, "pathPattern": "/a", "targetOriginId": "nowhere"}]},
            "orderedCacheBehaviors[0].targetOriginId",
            "'nowhere' is no origin",
        ),
        (group(members=[{"originId": "home"}]), "originGroups[0].members", "two origins are wanted"),
        (
            group(failoverCriteria={"statusCodes": [418]}),
            "originGroups[0].failoverCriteria",
            "418 can't be failed over",
        ),
        (
            behaving(allowedMethods=["GET", "POST"]),
            "defaultCacheBehavior.allowedMethods",
            "GET POST is none of",
        ),
        (
            behaving(
                targetOriginId="either",
                allowedMethods=["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
            ),
            "defaultCacheBehavior.allowedMethods",
            "an origin group takes GET, HEAD and OPTIONS alone",
        ),
        (behaving(cachePolicyId=None), "defaultCacheBehavior.cachePolicyId", "is wanted"),
        (
            behaving(forwardedValues={"queryString": True}),
            "defaultCacheBehavior.forwardedValues",
            "can't stand beside a cache policy",
        ),
        (
            behaving(functionAssociations=[{"eventType": "origin-request", "functionArn": "f"}]),
            "defaultCacheBehavior.functionAssociations",
            "does not run at 'origin-request'",
        ),
        (
            behaving(functionAssociations=[{"eventType": "viewer-request", "functionArn": "f"}] * 2),
            "defaultCacheBehavior.functionAssociations",
            "one event has two functions",
        ),
        ({"aliases": ["www.example.com"]}, "aliases", "want a viewerCertificate"),
        (
            {"viewerCertificate": {**OWN, "acmCertificateArn": "arn:aws:acm:eu-west-3:1:certificate/1"}},
            "viewerCertificate.acmCertificateArn",
            "is not a certificate of us-east-1",
        ),
        ({"priceClass": "PriceClass_300"}, "priceClass", "'PriceClass_300' is not one of"),
        ({"comment": "x" * 129}, "comment", "has 129 characters"),
        ({"defaultRootObject": "/index.html"}, "defaultRootObject", "must not begin with a slash"),
        (
            {"webAclId": "arn:aws:wafv2:eu-west-3:1:regional/webacl/a/1"},
            "webAclId",
            "is not a web ACL of scope CLOUDFRONT",
        ),
    ],
)
def test_a_distribution_that_aws_refuses_is_refused(changes: dict[str, Any], path: str, says: str) -> None:
    assert says in refused(DISTRIBUTION, {**INPUTS, **changes})[path]


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"name": "has space"}, "name", "is not 1 to 64 letters"),
        ({"code": ""}, "code", "has 0 bytes"),
        ({"code": "x" * 10_241}, "code", "has 10241 bytes"),
        ({"keyValueStoreAssociations": ["a", "b"]}, "keyValueStoreAssociations", "CloudFront takes one"),
        (
            {"keyValueStoreAssociations": ["a"], "runtime": "cloudfront-js-1.0"},
            "keyValueStoreAssociations",
            "wants the runtime cloudfront-js-2.0",
        ),
    ],
)
def test_a_function_that_aws_refuses_is_refused(changes: dict[str, Any], path: str, says: str) -> None:
    inputs = {"name": "route", "code": "x", "runtime": "cloudfront-js-2.0", **changes}
    assert says in refused(FUNCTION, inputs)[path]


def test_counted_lists_come_back_plain() -> None:
    counted = {"A": {"Quantity": 0}, "B": {"Quantity": 1, "Items": [{"C": {"Quantity": 1, "Items": ["x"]}}]}}
    assert cdn_distributions._listed(counted) == {"A": [], "B": [{"C": ["x"]}]}
