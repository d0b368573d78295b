"""The recorded platform's edge: a distribution by the cdn's default settings, and what is in us-east-1."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.verification.recorded_aws import ACCOUNT, State
from tests.unit.verification.recorded_names import listed, settings_by_phase

EDGE = "us-east-1"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
ACL = f"arn:aws:wafv2:{EDGE}:{ACCOUNT}:global/webacl/site-1234567/acl-1"
CONFIG = ("cloudfront", "get_distribution_config")
YEAR = 31_536_000
TTLS = {
    "immutable": (YEAR, YEAR, YEAR),
    "versioned": (0, 86_400, YEAR),
    "dynamic": (0, 0, 300),
    "private": (0, 0, 0),
}
READS = ["GET", "HEAD", "OPTIONS"]
WRITES = [*READS, "PUT", "POST", "PATCH", "DELETE"]


def _items(items: list[Any]) -> dict[str, Any]:
    return {"Quantity": len(items), "Items": items}


def _behavior(kind: str, target: str, methods: list[str]) -> dict[str, Any]:
    return {
        "TargetOriginId": target,
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": _items(methods),
        "Compress": kind != "private",
        "CachePolicyId": f"cache-{kind}",
        "ResponseHeadersPolicyId": "headers-1",
    }


def _group(name: str, members: list[str]) -> dict[str, Any]:
    return {
        "Id": name,
        "FailoverCriteria": {"StatusCodes": _items([500, 502])},
        "Members": _items([{"OriginId": member} for member in members]),
    }


def _config() -> dict[str, Any]:
    assets, pages = "assets-then-application", "application-then-copies"
    paths = [("/static/*", "immutable", assets, READS)]
    paths += [(path, "versioned", assets, READS) for path in ("/media/*", "/manifest.webmanifest", "/sw.js")]
    paths += [(path, "private", "application", WRITES) for path in ("/api/*", "/account/*")]
    bucket = {"DomainName": "jobo-assets.s3.eu-west-3.amazonaws.com", "OriginAccessControlId": "oac-1"}
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}
    return {
        "CallerReference": "pulumi",
        "Comment": "jobo-local-site",
        "Enabled": True,
        "HttpVersion": "http2and3",
        "IsIPV6Enabled": True,
        "PriceClass": "PriceClass_100",
        "WebACLId": ACL,
        "Aliases": {"Quantity": 0},
        "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
        "Origins": _items(
            [
                {"Id": "assets", **bucket},
                {"Id": "application", "DomainName": "web.elb.amazonaws.com", "CustomOriginConfig": custom},
                {"Id": "copies", "OriginPath": "/offline", **bucket},
            ]
        ),
        "OriginGroups": _items(
            [_group(assets, ["assets", "application"]), _group(pages, ["application", "copies"])]
        ),
        "DefaultCacheBehavior": _behavior("dynamic", pages, READS),
        "CacheBehaviors": _items(
            [
                {"PathPattern": path, **_behavior(kind, target, methods)}
                for path, kind, target, methods in paths
            ]
        ),
        "Logging": {
            "Enabled": True,
            "IncludeCookies": False,
            "Bucket": "jobo-cdn-logs.s3.amazonaws.com",
            "Prefix": "cloudfront/",
        },
    }


def _cache(kind: str) -> dict[str, Any]:
    least, usual, most = TTLS[kind]
    key = {
        "EnableAcceptEncodingGzip": kind != "private",
        "EnableAcceptEncodingBrotli": kind != "private",
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    }
    times = {"MinTTL": least, "DefaultTTL": usual, "MaxTTL": most}
    config = {"Name": f"jobo-local-{kind}", **times, "ParametersInCacheKeyAndForwardedToOrigin": key}
    return {
        "CachePolicy": {"Id": f"cache-{kind}", "LastModifiedTime": "2026-11-25", "CachePolicyConfig": config}
    }


def _headers() -> dict[str, Any]:
    csp = "default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
    security = {
        "StrictTransportSecurity": {"Override": True, "AccessControlMaxAgeSec": 365 * 86_400},
        "ContentTypeOptions": {"Override": True},
        "FrameOptions": {"Override": True, "FrameOption": "SAMEORIGIN"},
        "ReferrerPolicy": {"Override": True, "ReferrerPolicy": "strict-origin-when-cross-origin"},
        "ContentSecurityPolicy": {"Override": False, "ContentSecurityPolicy": csp},
    }
    config = {"Name": "jobo-local-security", "SecurityHeadersConfig": security}
    return {
        "ResponseHeadersPolicy": {
            "Id": "headers-1",
            "LastModifiedTime": "2026-11-25",
            "ResponseHeadersPolicyConfig": config,
        }
    }


def _firewall() -> dict[str, Any]:
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "site"}
    rate = {"Limit": 2000, "AggregateKeyType": "IP"}
    rules: list[dict[str, Any]] = [
        {
            "Name": "rate",
            "Priority": 0,
            "Action": {"Block": {}},
            "Statement": {"RateBasedStatement": rate},
            "VisibilityConfig": seen,
        }
    ]
    for priority, name in enumerate(settings_by_phase()["cdn"].firewall.managed_rule_groups, start=1):
        rules.append(
            {
                "Name": name,
                "Priority": priority,
                "OverrideAction": {"None": {}},
                "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
                "VisibilityConfig": seen,
            }
        )
    return {
        "WebACL": {
            "Name": "site-1234567",
            "Id": "acl-1",
            "ARN": ACL,
            "DefaultAction": {"Allow": {}},
            "Rules": rules,
            "VisibilityConfig": seen,
        }
    }


def _topic(level: str) -> str:
    return f"arn:aws:sns:{EDGE}:{ACCOUNT}:{level}"


def _alarms() -> State:
    state: State = {}
    described = []
    for level, limit in (("attention", 1.0), ("critical", 5.0)):
        arn = f"arn:aws:cloudwatch:{EDGE}:{ACCOUNT}:alarm:jobo-edge-errors-{level}"
        dimensions = [{"Name": "DistributionId", "Value": "E1"}, {"Name": "Region", "Value": "Global"}]
        described.append(
            {
                "AlarmName": f"jobo-edge-errors-{level}",
                "AlarmArn": arn,
                "ActionsEnabled": True,
                "AlarmActions": [_topic(level)],
                "ComparisonOperator": "GreaterThanThreshold",
                "Threshold": limit,
                "Namespace": "AWS/CloudFront",
                "MetricName": "5xxErrorRate",
                "Dimensions": dimensions,
            }
        )
        state["cloudwatch", "list_tags_for_resource", arn] = {
            "Tags": listed(f"edge-errors-{level}", "network", "cdn")
        }
        state["sns", "list_tags_for_resource", _topic(level)] = {
            "Tags": listed(level, "observability", "cdn")
        }
    state["cloudwatch", "describe_alarms"] = {"MetricAlarms": described}
    state["sns", "list_topics"] = {
        "Topics": [{"TopicArn": _topic(level)} for level in ("attention", "critical")]
    }
    return state


def edge() -> State:
    """What stands in us-east-1, and what CloudFront tells. A new copy each time."""
    settings = settings_by_phase()["cdn"]
    default = _config()
    summary = {
        "Id": "E1",
        "ARN": DISTRIBUTION,
        "Status": "Deployed",
        "LastModifiedTime": "2026-11-25",
        "DomainName": "d1.cloudfront.net",
        "Comment": default["Comment"],
        "Staging": False,
        **{
            name: default[name]
            for name in (
                "Aliases",
                "Origins",
                "DefaultCacheBehavior",
                "CacheBehaviors",
                "PriceClass",
                "Enabled",
                "ViewerCertificate",
                "WebACLId",
                "HttpVersion",
                "IsIPV6Enabled",
            )
        },
        "CustomErrorResponses": {"Quantity": 0},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    }
    listing = {"Marker": "", "MaxItems": 100, "IsTruncated": False, **_items([summary])}
    key = f"arn:aws:kms:{EDGE}:{ACCOUNT}:key/key-2"
    state: State = {
        ("cloudfront", "list_distributions"): {"DistributionList": listing},
        ("cloudfront", "list_tags_for_resource"): {"Tags": {"Items": listed("site", "network", "cdn")}},
        CONFIG: {"ETag": "1", "DistributionConfig": default},
        ("cloudfront", "get_response_headers_policy"): _headers(),
        ("cloudfront", "get_origin_access_control"): {
            "OriginAccessControl": {
                "Id": "oac-1",
                "OriginAccessControlConfig": {
                    "Name": "jobo-local-assets",
                    "SigningProtocol": "sigv4",
                    "SigningBehavior": "always",
                    "OriginAccessControlOriginType": "s3",
                },
            }
        },
        ("wafv2", "get_web_acl"): _firewall(),
        ("kms", "list_keys"): {"Keys": [{"KeyId": "key-2"}]},
        ("kms", "describe_key"): {
            "KeyMetadata": {"KeyId": "key-2", "Arn": key, "KeyManager": "CUSTOMER", "KeyState": "Enabled"}
        },
        ("kms", "list_resource_tags"): {
            "Tags": [
                {"TagKey": each["Key"], "TagValue": each["Value"]}
                for each in listed("operations", "security", "cdn")
            ]
        },
        **_alarms(),
    }
    for kind in TTLS:
        state["cloudfront", "get_cache_policy", f"cache-{kind}"] = _cache(kind)
    for name, code in settings.functions().items():
        state["cloudfront", "get_function", f"jobo-local-{name}"] = {"FunctionCode": code.encode()}
    return state


def cdn(state: State) -> State:
    """What is recorded of the cdn at home joins what is in `state`."""
    name = "jobo-cdn-logs"
    state["s3", "list_buckets"]["Buckets"].append({"Name": name})
    state["s3", "get_bucket_tagging", name] = {"TagSet": listed("cdn-logs", "storage", "cdn")}
    expiring = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}
    state["s3", "get_bucket_lifecycle_configuration", name] = {"Rules": [expiring]}
    reads = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": ["s3:GetObject"],
        "Resource": "arn:aws:s3:::jobo-assets/*",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [reads]})
    state["s3", "get_bucket_policy", "jobo-assets"] = {"Policy": policy}
    return state
