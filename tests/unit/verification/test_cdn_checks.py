"""Each check of the cdn holds at an edge in order; one changed property turns it alone red."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from palier.verification.model import CheckResult
from palier.verification.run import run_checks
from palier.verification.table import checks_of
from palier_stacks.foundation.settings import FoundationSettings

from tests.unit.verification.recorded_aws import Recorded, State
from tests.unit.verification.recorded_cdn import CONFIG, EDGE, edge
from tests.unit.verification.recorded_names import CONFIG as FOUNDATION
from tests.unit.verification.recorded_names import ENVIRONMENT, settings_by_phase
from tests.unit.verification.recorded_platform import platform

Change = Callable[[State, State], Any]


def check(home: State, there: State, **settings: Any) -> list[CheckResult]:
    """The results of the cdn's checks."""
    cloud = Recorded(home, elsewhere={EDGE: there})
    return run_checks("cdn", {**settings_by_phase(), **settings}, ENVIRONMENT, cloud)


def red(results: list[CheckResult]) -> set[str]:
    """The checks that fail."""
    return {result.check for result in results if not result.ok}


def config(there: State) -> Any:
    """The distribution's configuration."""
    return there[CONFIG]["DistributionConfig"]


def behavior(there: State, path: str) -> Any:
    """The behavior of a path."""
    items = config(there)["CacheBehaviors"]["Items"]
    return next(each for each in items if each["PathPattern"] == path)


def cache(there: State, kind: str) -> Any:
    """The cache policy of a class."""
    return there["cloudfront", "get_cache_policy", f"cache-{kind}"]["CachePolicy"]["CachePolicyConfig"]


def key(there: State, kind: str) -> Any:
    """The cache key of a class."""
    return cache(there, kind)["ParametersInCacheKeyAndForwardedToOrigin"]


def headers(there: State) -> Any:
    """The security headers."""
    policy = there["cloudfront", "get_response_headers_policy"]["ResponseHeadersPolicy"]
    return policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]


def rules(there: State) -> Any:
    """The firewall's rules."""
    return there["wafv2", "get_web_acl"]["WebACL"]["Rules"]


def alarm(there: State) -> Any:
    """The first alarm."""
    return there["cloudwatch", "describe_alarms"]["MetricAlarms"][0]


def elsewhere(home: State, there: State) -> None:
    """The asset bucket lets another account's distributions read."""
    policy = json.loads(home["s3", "get_bucket_policy", "jobo-assets"]["Policy"])
    condition = policy["Statement"][0]["Condition"]["ArnLike"]
    condition["aws:SourceArn"] = "arn:aws:cloudfront::210987654321:distribution/*"
    home["s3", "get_bucket_policy", "jobo-assets"]["Policy"] = json.dumps(policy)


CHANGES: list[tuple[str, Change, str]] = [
    ("the distribution is off", lambda h, t: config(t).update(Enabled=False), "cdn.enabled"),
    ("HTTP/3 is off", lambda h, t: config(t).update(HttpVersion="http2"), "cdn.protocols"),
    ("IPv6 is off", lambda h, t: config(t).update(IsIPV6Enabled=False), "cdn.protocols"),
    (
        "plain HTTP is served",
        lambda h, t: behavior(t, "/api/*").update(ViewerProtocolPolicy="allow-all"),
        "cdn.protocols",
    ),
    (
        "it answers to another name",
        lambda h, t: config(t).update(Aliases={"Quantity": 1, "Items": ["old.example"]}),
        "cdn.names",
    ),
    ("pages are kept for longer", lambda h, t: cache(t, "dynamic").update(MaxTTL=9999), "cache.classes"),
    (
        "assets are compressed by gzip alone",
        lambda h, t: key(t, "immutable").update(EnableAcceptEncodingBrotli=False),
        "cache.compressed",
    ),
    (
        "a behavior does not compress",
        lambda h, t: behavior(t, "/media/*").update(Compress=False),
        "cache.compressed",
    ),
    (
        "what one user sees is kept",
        lambda h, t: key(t, "dynamic").update(CookiesConfig={"CookieBehavior": "all"}),
        "cache.private",
    ),
    (
        "an API takes no writes",
        lambda h, t: behavior(t, "/api/*").update(AllowedMethods={"Quantity": 1, "Items": ["GET"]}),
        "cache.methods",
    ),
    (
        "nothing stands in for the application",
        lambda h, t: config(t)["DefaultCacheBehavior"].update(TargetOriginId="application"),
        "origins.stand-ins",
    ),
    (
        "requests to the bucket are not signed",
        lambda h, t: t["cloudfront", "get_origin_access_control"]["OriginAccessControl"][
            "OriginAccessControlConfig"
        ].update(SigningBehavior="never"),
        "origins.signed",
    ),
    ("another account may read the assets", elsewhere, "origins.readable"),
    (
        "the asset bucket has no policy",
        lambda h, t: h.update({("s3", "get_bucket_policy", "jobo-assets"): "NoSuchBucketPolicy"}),
        "origins.readable",
    ),
    ("pages may be framed by anybody", lambda h, t: headers(t).pop("FrameOptions"), "edge.headers"),
    (
        "a behavior sends no security headers",
        lambda h, t: behavior(t, "/static/*").pop("ResponseHeadersPolicyId"),
        "edge.headers",
    ),
    (
        "a function was edited by hand",
        lambda h, t: t.update(
            {("cloudfront", "get_function", "jobo-local-viewer-request"): {"FunctionCode": b"x"}}
        ),
        "edge.logic",
    ),
    (
        "a function was never published",
        lambda h, t: t.update(
            {("cloudfront", "get_function", "jobo-local-viewer-request"): "NoSuchFunctionExists"}
        ),
        "edge.logic",
    ),
    (
        "an address may send more",
        lambda h, t: rules(t)[0]["Statement"]["RateBasedStatement"].update(Limit=9000),
        "edge.firewall",
    ),
    ("who sends too much is counted", lambda h, t: rules(t)[0].update(Action={"Count": {}}), "edge.firewall"),
    ("a rule group is missing", lambda h, t: rules(t).pop(), "edge.firewall"),
    (
        "a rule group only counts",
        lambda h, t: rules(t)[1].update(OverrideAction={"Count": {}}),
        "edge.firewall",
    ),
    ("there is no firewall", lambda h, t: config(t).update(WebACLId=""), "edge.firewall"),
    ("nothing is logged", lambda h, t: config(t).pop("Logging"), "cdn.logs"),
    (
        "logs are kept for ever",
        lambda h, t: h["s3", "get_bucket_lifecycle_configuration", "jobo-cdn-logs"].update(Rules=[]),
        "cdn.logs",
    ),
    ("an alarm waits longer", lambda h, t: alarm(t).update(Threshold=2.0), "cdn.alarms"),
    (
        "an alarm watches another distribution",
        lambda h, t: alarm(t)["Dimensions"][0].update(Value="E0"),
        "cdn.alarm-subjects",
    ),
    ("an alarm tells nobody", lambda h, t: alarm(t).update(AlarmActions=[]), "cdn.alarm-actions"),
    (
        "the log bucket names no owner",
        lambda h, t: h["s3", "get_bucket_tagging", "jobo-cdn-logs"].update(
            TagSet=[
                each
                for each in h["s3", "get_bucket_tagging", "jobo-cdn-logs"]["TagSet"]
                if each["Key"] != "owner"
            ]
        ),
        "cdn.tags",
    ),
]


def test_an_edge_in_order_passes_every_check() -> None:
    results = check(platform(), edge())
    assert [result for result in results if not result.ok] == []
    assert {result.check for result in results} == {each.id for each in checks_of("cdn")}


@pytest.mark.parametrize(("change", "noticed"), [pytest.param(c, n, id=w) for w, c, n in CHANGES])
def test_one_change_turns_one_check_red(change: Change, noticed: str) -> None:
    home, there = platform(), edge()
    change(home, there)
    results = check(home, there)
    assert red(results) == {noticed}
    assert all(result.actual != result.expected and result.advice for result in results if not result.ok)


def test_a_load_balancer_that_only_cloudfront_may_reach_is_found_open() -> None:
    closed = {**FOUNDATION, "foundation:edge": {"cloudfront_reads_assets": True, "ingress": "cloudfront"}}
    results = check(platform(), edge(), foundation=FoundationSettings.from_config(closed))
    assert red(results) == {"origins.ingress"}


def test_every_check_of_the_cdn_is_seen_to_fail() -> None:
    assert {noticed for _, _, noticed in CHANGES} | {"origins.ingress"} == {
        each.id for each in checks_of("cdn")
    }
