"""The cdn phase's settings: what follows from them, and what is refused in one line."""

from __future__ import annotations

from typing import Any

import pytest
from palier_stacks.cdn.settings import CdnSettings
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.settings import SettingsError

from tests.unit.stacks.conftest import Config, changed

SPLIT = {"name": "shop", "path": "/shop", "prefix": "/mfe"}


def read(config: Config, **sections: Any) -> CdnSettings:
    """The local settings, changed."""
    return CdnSettings.from_config(changed(config, **sections))


def test_the_hit_ratio_weighs_each_class_by_its_traffic(cdn_config: Config) -> None:
    cache = {
        "immutable": {"traffic_percent": 60.0, "hit_ratio_percent": 100.0},
        "versioned": {"traffic_percent": 0.0},
        "dynamic": {"traffic_percent": 20.0, "hit_ratio_percent": 50.0},
        "private": {"traffic_percent": 20.0},
    }
    assert read(cdn_config, cache=cache).cache.hit_ratio_percent == pytest.approx(70.0)


@pytest.mark.parametrize(
    ("sections", "line"),
    [
        (
            {"cache": {"immutable": {"paths": ["static"]}}},
            "cdn:cache.immutable.paths[0]: 'static' is not a path pattern",
        ),
        (
            {"cache": {"immutable": {"paths": ["/a/*"]}, "private": {"paths": ["/a/*"]}}},
            "cdn:cache.private.paths: '/a/*' is in immutable too (allowed: in one class)",
        ),
        (
            {"cache": {"dynamic": {"traffic_percent": 90.0}}},
            "cdn:cache: traffic_percent of the four classes is 170 in all (allowed: 100)",
        ),
        (
            {"cache": {"immutable": {"paths": [f"/{number}" for number in range(30)]}}},
            "cdn:cache: 35 path patterns (allowed: at most 24, all classes together)",
        ),
        (
            {"cache": {"private": {"hit_ratio_percent": 5.0}}},
            "cdn:cache.private.hit_ratio_percent: must be at most 0",
        ),
        (
            {"site": {"domains": ["www.jobo.example"]}},
            "cdn:site.hosted_zone_id: names need their hosted zone (allowed: like Z0123456789ABC)",
        ),
        (
            {"site": {"domains": ["www.jobo.example"], "hosted_zone_id": "Z1234"}},
            "cdn:site.certificate_arn: the domains need a certificate (allowed: arn:aws:acm:us-east-1:",
        ),
        (
            {"site": {"certificate_arn": "arn:aws:acm:eu-west-3:123456789012:certificate/abc"}},
            "cdn:site.certificate_arn: CloudFront takes certificates of us-east-1 alone",
        ),
        (
            {"site": {"domains": ["WWW.jobo.example"]}},
            "cdn:site.domains[0]: 'WWW.jobo.example' is not a domain",
        ),
        (
            {"edge": {"splits": [{"name": "shop", "path": "/shop"}]}},
            "cdn:edge.splits[0]: leads nowhere else (allowed: an origin, a prefix, or both)",
        ),
        (
            {"edge": {"splits": [{**SPLIT, "origin": "*.jobo.example"}]}},
            "cdn:edge.splits[0].origin: '*.jobo.example' is not a domain name",
        ),
        ({"edge": {"splits": [SPLIT, SPLIT]}}, "cdn:edge.splits: two variants are named shop"),
        ({"edge": {"splits": [{**SPLIT, "name": "none"}]}}, "cdn:edge.splits: two variants are named none"),
        (
            {"edge": {"splits": [{**SPLIT, "device": "watch"}]}},
            "cdn:edge.splits[0].device: unknown value 'watch' (allowed: mobile, tablet, desktop)",
        ),
        (
            {"edge": {"splits": [{**SPLIT, "name": f"part-{number}"} for number in range(99)]}},
            "cdn:edge.splits: viewer-request would be ",
        ),
        (
            {"edge": {"tracking_parameters": ["UTM_*"]}},
            "cdn:edge.tracking_parameters[0]: 'UTM_*' is not a parameter",
        ),
        (
            {"firewall": {"requests_per_five_minutes": 5}},
            "cdn:firewall.requests_per_five_minutes: must be at least 10",
        ),
        (
            {"firewall": {"managed_rule_groups": ["AWSManagedRulesCommonRuleset"]}},
            "cdn:firewall.managed_rule_groups[0]: unknown value 'AWSManagedRulesCommonRuleset'",
        ),
        ({"headers": {"hsts_max_age_days": 9999}}, "cdn:headers.hsts_max_age_days: must be at most 730 days"),
    ],
)
def test_what_cloudfront_would_refuse_is_refused_in_one_line(
    sections: dict[str, Any], line: str, cdn_config: Config
) -> None:
    with pytest.raises(SettingsError) as refused:
        read(cdn_config, **sections)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def refusal(cdn_config: Config, foundation: Config) -> str:
    """Why the local cdn settings do not go with a foundation."""
    settings = FoundationSettings.from_config(foundation)
    with pytest.raises(SettingsError) as refused:
        CdnSettings.from_config(cdn_config).check_required({"foundation": settings})
    return str(refused.value)


def test_the_local_settings_of_both_phases_go_together(cdn_config: Config, foundation_config: Config) -> None:
    foundation = FoundationSettings.from_config(foundation_config)
    CdnSettings.from_config(cdn_config).check_required({"foundation": foundation})


def test_cdn_needs_foundations_region_its_bucket_and_a_name_for_https(
    cdn_config: Config, foundation_config: Config
) -> None:
    elsewhere = {**cdn_config, "aws:region": "eu-west-1"}
    assert refusal(elsewhere, foundation_config).startswith(
        "aws:region: eu-west-1 is not foundation's region"
    )
    closed = changed(foundation_config, edge={"cloudfront_reads_assets": False})
    assert refusal(cdn_config, closed).startswith(
        "foundation:edge.cloudfront_reads_assets: CloudFront may not read the asset bucket (allowed: true"
    )
    arn = "arn:aws:acm:eu-west-3:123456789012:certificate/abc"
    secure = changed(foundation_config, application={"certificate_arn": arn})
    assert refusal(cdn_config, secure).startswith("cdn:site.origin_domain: the load balancer speaks HTTPS")
