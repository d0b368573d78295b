"""The cases of the firewall at the edge, AWS WAF's web ACLs, and of the objects behind it."""

from __future__ import annotations

from typing import Any

from tests.engine.provider.case import Case, fixed


def seen(name: str) -> dict[str, Any]:
    """What is counted and sampled of a rule."""
    return {"cloudwatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": True}


def rate(limit: int = 2000, **further: Any) -> dict[str, Any]:
    """A rule that blocks an address of too many requests."""
    return {
        "name": "rate",
        "priority": 0,
        "action": {"block": {}},
        "statement": {"rateBasedStatement": {"limit": limit, **further}},
        "visibilityConfig": seen("rate"),
    }


def managed(name: str, priority: int, override: str = "none") -> dict[str, Any]:
    """A rule group of AWS's own."""
    return {
        "name": name,
        "priority": priority,
        "overrideAction": {override: {}},
        "statement": {"managedRuleGroupStatement": {"vendorName": "AWS", "name": name}},
        "visibilityConfig": seen(name),
    }


_COMMON = "AWSManagedRulesCommonRuleSet"

CASES: dict[str, Case] = {
    "aws:wafv2/webAcl:WebAcl": Case(
        fixed(
            scope="REGIONAL",
            description="In front of the site",
            defaultAction={"allow": {}},
            rules=[rate(), managed(_COMMON, 1)],
            visibilityConfig=seen("site"),
        ),
        fixed(
            description=None,
            defaultAction={"block": {}},
            rules=[managed(_COMMON, 1, "count"), rate(1000, evaluationWindowSec=60, aggregateKeyType="IP")],
        ),
        {"rules": [rate(), managed(_COMMON, 0)]},
        "2 rules have the priority 0",
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Case(
        lambda w: {
            "bucket": w.bucket,
            "key": "pages/index.html",
            "content": "<p>one</p>",
            "contentType": "text/html",
            "cacheControl": "max-age=60",
            "metadata": {"release": "1"},
        },
        fixed(content="<p>two</p>", cacheControl=None, contentLanguage="fr", metadata={"release": "2"}),
        {"contentBase64": "PHA+"},
        "conflicts with content",
    ),
}
