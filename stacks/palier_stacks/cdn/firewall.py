"""AWS WAF in front of the distribution: too many requests of one address, and the rule groups of AWS."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import wafv2

from palier_stacks.cdn.settings import FirewallSettings
from palier_stacks.scope import Scope


def web_acl(scope: Scope, settings: FirewallSettings, opts: pulumi.ResourceOptions) -> wafv2.WebAcl:
    """The firewall. AWS keeps those of the scope CLOUDFRONT in us-east-1: `opts` need a provider there."""
    groups = enumerate(settings.managed_rule_groups, start=1)
    return wafv2.WebAcl(
        "site",
        scope="CLOUDFRONT",
        description="In front of the site",
        default_action={"allow": {}},
        rules=[_rate(settings), *(_managed(name, place, settings) for place, name in groups)],
        visibility_config=_seen("site"),
        tags=scope.tags("security", "site"),
        opts=opts,
    )


def _rate(settings: FirewallSettings) -> dict[str, Any]:
    """First of all: who sends too much is not worth looking into."""
    rate = {
        "limit": settings.requests_per_five_minutes,
        "evaluation_window_sec": 300,
        "aggregate_key_type": "IP",
    }
    return {
        "name": "rate",
        "priority": 0,
        "action": {"block": {}},
        "statement": {"rate_based_statement": rate},
        "visibility_config": _seen("rate"),
    }


def _managed(name: str, priority: int, settings: FirewallSettings) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "override_action": {"count": {}} if settings.count_only else {"none": {}},
        "statement": {"managed_rule_group_statement": {"vendor_name": "AWS", "name": name}},
        "visibility_config": _seen(name),
    }


def _seen(name: str) -> dict[str, Any]:
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True}
