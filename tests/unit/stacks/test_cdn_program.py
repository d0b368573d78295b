"""What the cdn program makes of foundation's outputs, and what foundation opens for it."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from palier.capacity.thresholds import threshold
from palier_stacks.cdn.component import NEEDED

from tests.unit.stacks.conftest import Config, build_cdn, build_foundation, changed
from tests.unit.stacks.mocked import Recorder

Run = tuple[Recorder, dict[str, Any]]
SITE = {
    "domains": ["www.jobo.example", "jobo.example"],
    "hosted_zone_id": "Z0123456789ABC",
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/abc",
}


@pytest.fixture
def outputs(foundation: Run) -> dict[str, Any]:
    """What a foundation that stands exports."""
    return dict(foundation[1])


def site(recorder: Recorder) -> dict[str, Any]:
    """The distribution."""
    return recorder.named("cloudfront.Distribution", "site").inputs


def behaviors(recorder: Recorder) -> dict[str, Any]:
    """Behaviors by path pattern, the default one under `*`."""
    inputs = site(recorder)
    ordered = {each["pathPattern"]: each for each in inputs["orderedCacheBehaviors"]}
    return {**ordered, "*": inputs["defaultCacheBehavior"]}


def test_foundation_exports_everything_that_cdn_needs(outputs: dict[str, Any]) -> None:
    assert set(NEEDED) <= set(outputs)


def test_the_distribution_speaks_what_is_current_behind_the_firewall(cdn: Run) -> None:
    inputs = site(cdn[0])
    assert (inputs["httpVersion"], inputs["isIpv6Enabled"]) == ("http2and3", True)
    assert inputs["webAclId"] == cdn[1]["web_acl_arn"]
    assert inputs["loggingConfig"]["bucket"].startswith("cdn-logs")
    for behavior in behaviors(cdn[0]).values():
        assert behavior["viewerProtocolPolicy"] == "redirect-to-https"
        assert behavior["responseHeadersPolicyId"]


def test_each_class_of_paths_has_its_origin_its_cache_and_its_logic(cdn: Run) -> None:
    found = {
        path: (
            each["targetOriginId"],
            each["cachePolicyId"],
            each["compress"],
            [one["eventType"] for one in each.get("functionAssociations", [])],
            "POST" in each["allowedMethods"],
        )
        for path, each in behaviors(cdn[0]).items()
    }
    worker = ("assets-then-application", "versioned-id", True, ["viewer-response"], False)
    api = ("application", "private-id", False, ["viewer-request"], True)
    assert found == {
        "/static/*": ("assets-then-application", "immutable-id", True, [], False),
        "/media/*": worker,
        "/manifest.webmanifest": worker,
        "/sw.js": worker,
        "/api/*": api,
        "/account/*": api,
        "*": ("application-then-copies", "dynamic-id", True, ["viewer-request"], False),
    }


def test_an_origin_that_is_down_is_stood_in_for(cdn: Run) -> None:
    groups = {
        group["originId"]: (
            [member["originId"] for member in group["members"]],
            group["failoverCriteria"]["statusCodes"],
        )
        for group in site(cdn[0])["originGroups"]
    }
    assert groups == {
        "assets-then-application": (["assets", "application"], [403, 404, 500, 502, 503, 504]),
        "application-then-copies": (["application", "copies"], [500, 502, 503, 504]),
    }


def test_without_failover_pages_take_writes_where_that_is_asked(
    cdn_config: Config, outputs: dict[str, Any]
) -> None:
    recorder, _ = build_cdn(changed(cdn_config, failover={"enabled": False}), outputs)
    assert site(recorder).get("originGroups", []) == []
    assert {each["targetOriginId"] for each in behaviors(recorder).values()} == {"assets", "application"}
    cache = {**cdn_config["cdn:cache"], "dynamic": {"writes": True}}
    recorder, _ = build_cdn(changed(cdn_config, cache=cache), outputs)
    page = behaviors(recorder)["*"]
    assert page["targetOriginId"] == "application"
    assert "POST" in page["allowedMethods"]


def test_the_bucket_is_read_under_cloudfronts_own_name_and_never_told_the_viewers_host(cdn: Run) -> None:
    origins = {origin["originId"]: origin for origin in site(cdn[0])["origins"]}
    for name in ("assets", "copies"):
        assert origins[name]["originAccessControlId"] == "assets-id"
        assert origins[name]["domainName"].endswith(".s3.eu-west-3.amazonaws.com")
    assert origins["copies"]["originPath"] == "/offline"
    for path in ("/static/*", "/media/*"):
        assert "originRequestPolicyId" not in behaviors(cdn[0])[path]
    pages = cdn[0].named("cloudfront.OriginRequestPolicy", "pages").inputs
    told = pages["headersConfig"]["headers"]["items"]
    assert "Host" not in told
    assert {"CloudFront-Viewer-Country", "X-Forwarded-Host"} <= set(told)


def test_nothing_private_is_kept_and_a_page_is_kept_by_its_variant(cdn: Run) -> None:
    recorder, _ = cdn
    private = recorder.named("cloudfront.CachePolicy", "private").inputs
    assert (private["minTtl"], private["defaultTtl"], private["maxTtl"]) == (0, 0, 0)
    dynamic = recorder.named("cloudfront.CachePolicy", "dynamic").inputs
    key = dynamic["parametersInCacheKeyAndForwardedToOrigin"]
    assert "X-Palier-Variant" in key["headersConfig"]["headers"]["items"]
    assert key["cookiesConfig"]["cookieBehavior"] == "none"
    assert (dynamic["defaultTtl"], dynamic["maxTtl"]) == (0, 300)
    immutable = recorder.named("cloudfront.CachePolicy", "immutable").inputs
    assert immutable["minTtl"] == 31_536_000


def test_the_firewall_counts_requests_before_anything_else(cdn: Run) -> None:
    acl = cdn[0].named("wafv2.WebAcl", "site").inputs
    rules = sorted(acl["rules"], key=lambda rule: rule["priority"])
    assert acl["scope"] == "CLOUDFRONT"
    assert rules[0]["statement"]["rateBasedStatement"]["limit"] == 2000
    assert rules[0]["action"] == {"block": {}}
    assert [rule["priority"] for rule in rules] == [0, 1, 2, 3]
    assert all(rule["overrideAction"] == {"none": {}} for rule in rules[1:])


def test_rules_may_count_for_the_first_days(cdn_config: Config, outputs: dict[str, Any]) -> None:
    recorder, _ = build_cdn(changed(cdn_config, firewall={"count_only": True}), outputs)
    rules = recorder.named("wafv2.WebAcl", "site").inputs["rules"]
    managed = [rule for rule in rules if "overrideAction" in rule]
    assert len(managed) == 3
    assert all(rule["overrideAction"] == {"count": {}} for rule in managed)


def test_the_edge_reads_the_home_regions_origin_from_the_store(cdn: Run) -> None:
    recorder, exported = cdn
    key = recorder.named("cloudfront.KeyvaluestoreKey", "origin-eu-west-3").inputs
    assert (key["key"], key["value"]) == ("origin:eu-west-3", "application.elb.amazonaws.com")
    assert key["keyValueStoreArn"] == exported["key_value_store_arn"]
    function = recorder.named("cloudfront.Function", "viewer-request").inputs
    assert function["keyValueStoreAssociations"] == [exported["key_value_store_arn"]]
    assert function["publish"] is True
    assert '"home":"eu-west-3"' in function["code"]


def test_every_domain_leads_to_the_distribution_by_both_protocols(
    cdn_config: Config, outputs: dict[str, Any]
) -> None:
    recorder, exported = build_cdn({**cdn_config, "cdn:site": SITE}, outputs)
    records = {(record.inputs["name"], record.inputs["type"]) for record in recorder.of("route53.Record")}
    assert records == {(name, kind) for name in SITE["domains"] for kind in ("A", "AAAA")}
    assert exported["url"] == "https://www.jobo.example"
    certificate = site(recorder)["viewerCertificate"]
    assert certificate["minimumProtocolVersion"] == "TLSv1.2_2021"


def test_an_https_load_balancer_is_reached_by_the_name_of_its_certificate(
    cdn_config: Config, outputs: dict[str, Any]
) -> None:
    named = {**SITE, "origin_domain": "origin.jobo.example"}
    outputs["url"] = outputs["url"].replace("http:", "https:")
    recorder, _ = build_cdn({**cdn_config, "cdn:site": named}, outputs)
    (origin,) = [each for each in site(recorder)["origins"] if each["originId"] == "application"]
    assert origin["domainName"] == "origin.jobo.example"
    assert origin["customOriginConfig"]["originProtocolPolicy"] == "https-only"
    record = recorder.named("route53.Record", "origin.jobo.example-a").inputs
    assert record["aliases"][0]["name"].endswith(".elb.amazonaws.com")


def test_alarms_of_the_edge_come_from_the_table(cdn: Run) -> None:
    alarms = {each.name: each.inputs for each in cdn[0].of("cloudwatch.MetricAlarm")}
    limits = threshold("error_rate")
    assert {name: each["threshold"] for name, each in alarms.items()} == {
        "edge-errors-attention": limits.attention,
        "edge-errors-critical": limits.critical,
    }
    for each in alarms.values():
        assert (each["namespace"], each["metricName"]) == ("AWS/CloudFront", "5xxErrorRate")
        assert each["dimensions"] == {"DistributionId": "site-id", "Region": "Global"}


def test_the_assumptions_of_the_cache_are_exported_for_the_capacity_model(cdn: Run) -> None:
    # 50 % at 98, 20 % at 90, 20 % at 30, 10 % at 0.
    assert cdn[1]["cache_hit_ratio_percent"] == pytest.approx(73.0)


def test_cdn_is_refused_where_cloudfront_may_not_read_the_assets(
    cdn_config: Config, outputs: dict[str, Any]
) -> None:
    with pytest.raises(pulumi.RunError, match=r"foundation:edge\.cloudfront_reads_assets to true"):
        build_cdn(cdn_config, {**outputs, "cloudfront_reads_assets": False})


def test_foundation_lets_cloudfront_read_the_assets_only_where_asked(foundation_config: Config) -> None:
    def policies(asked: bool) -> tuple[str, str]:
        recorder, _ = build_foundation(changed(foundation_config, edge={"cloudfront_reads_assets": asked}))
        bucket = recorder.named("s3.BucketPolicy", "assets").inputs["policy"]
        return bucket, recorder.named("kms.Key", "data").inputs["policy"]

    assert all("cloudfront.amazonaws.com" not in policy for policy in policies(False))
    for policy in policies(True):
        statements = [
            each
            for each in json.loads(policy)["Statement"]
            if each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        ]
        assert statements
        for each in statements:
            source = each["Condition"]["ArnLike"]["aws:SourceArn"]
            assert source == "arn:aws:cloudfront::123456789012:distribution/*"


def test_a_load_balancer_behind_cloudfront_takes_nothing_from_elsewhere(foundation_config: Config) -> None:
    edge = {"cloudfront_reads_assets": True, "ingress": "cloudfront"}
    recorder, _ = build_foundation(changed(foundation_config, edge=edge))
    rules = [
        rule.inputs
        for rule in recorder.of("vpc.SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"] == "load-balancer-id"
    ]
    assert [(rule.get("cidrIpv4"), rule.get("prefixListId")) for rule in rules] == [(None, "pl-cloudfront")]
