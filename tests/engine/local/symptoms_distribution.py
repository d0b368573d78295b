"""The symptoms of moto's CloudFront distributions, functions and key value stores that Palier mends."""

from __future__ import annotations

from typing import Any

from tests.engine.local.symptoms import Clients, Symptom, outcome

CODE = b"function handler(event) { return event.request; }"
RUNTIME = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
UNCACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's own policy CachingDisabled


def _config(*, behavior: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    origin = {
        "Id": "home",
        "DomainName": "home.example.com",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
        **changes.pop("origin", {}),
    }
    return {
        "CallerReference": "one",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "home",
            "ViewerProtocolPolicy": "https-only",
            "CachePolicyId": UNCACHED,
            **(behavior or {}),
        },
        **changes,
    }


def _function(clients: Clients, name: str = "route") -> tuple[Any, str, str]:
    """CloudFront, and a new function's ARN and version."""
    cloudfront = clients("cloudfront")
    made = cloudfront.create_function(Name=name, FunctionConfig=RUNTIME, FunctionCode=CODE)
    return cloudfront, made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"], made["ETag"]


def _runs(arn: str) -> dict[str, Any]:
    association = {"FunctionARN": arn, "EventType": "viewer-request"}
    return {"FunctionAssociations": {"Quantity": 1, "Items": [association]}}


def what_is_kept(clients: Clients) -> object:
    cloudfront, arn, etag = _function(clients)
    outcome(lambda: cloudfront.publish_function(Name="route", IfMatch=etag))
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "assets",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]
    config = _config(behavior=_runs(arn), origin={"OriginAccessControlId": control})
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    kept = cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"]
    (origin,) = kept["Origins"]["Items"]
    functions = kept["DefaultCacheBehavior"]["FunctionAssociations"]["Quantity"]
    return functions, origin.get("OriginAccessControlId") == control


def what_is_not_there(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    nowhere = "arn:aws:cloudfront::123456789012:function/nowhere"
    abroad = {"ACMCertificateArn": "arn:aws:acm:eu-west-3:123456789012:certificate/1"}
    acl = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/none/1"
    asked: tuple[dict[str, Any], ...] = (
        {"behavior": {"CachePolicyId": "none"}},
        {"behavior": {"ResponseHeadersPolicyId": "none"}},
        {"behavior": _runs(nowhere)},
        {"origin": {"OriginAccessControlId": "none"}},
        {"Aliases": {"Quantity": 1, "Items": ["www.example.com"]}},
        {"ViewerCertificate": {**abroad, "SSLSupportMethod": "sni-only"}},
        {"WebACLId": acl},
    )
    return tuple(
        outcome(
            cloudfront.create_distribution,
            DistributionConfig=_config(CallerReference=str(number), **changes),
        )
        for number, changes in enumerate(asked)
    )


def what_is_there(clients: Clients) -> object:
    """A web ACL of scope CLOUDFRONT, which CloudFront takes: so the refusal above is of what is missing."""
    acl = clients("wafv2", "us-east-1").create_web_acl(
        Name="edge",
        Scope="CLOUDFRONT",
        DefaultAction={"Allow": {}},
        VisibilityConfig={
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "edge",
        },
    )["Summary"]["ARN"]
    made = clients("cloudfront").create_distribution(DistributionConfig=_config(WebACLId=acl))
    return made["Distribution"]["DistributionConfig"]["WebACLId"] == acl


def another_version(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    made = cloudfront.create_distribution(DistributionConfig=_config())
    named, etag = {"Id": made["Distribution"]["Id"]}, made["ETag"]
    disabled = {**named, "DistributionConfig": _config(Enabled=False)}
    stale = outcome(cloudfront.update_distribution, **disabled, IfMatch="stale")
    early = outcome(cloudfront.delete_distribution, **named, IfMatch=etag)
    if early == "done":
        return stale, early
    changed = cloudfront.update_distribution(**disabled, IfMatch=etag)["ETag"]
    late = outcome(cloudfront.delete_distribution, **named, IfMatch=etag)
    return stale, early, late, outcome(cloudfront.delete_distribution, **named, IfMatch=changed)


def control_in_use(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    made = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "assets",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )
    control = made["OriginAccessControl"]["Id"]
    cloudfront.create_distribution(DistributionConfig=_config(origin={"OriginAccessControlId": control}))
    return outcome(cloudfront.delete_origin_access_control, Id=control, IfMatch=made["ETag"])


def policy_in_use(clients: Clients) -> object:
    """Upstream has no policies: it takes a distribution that names any."""
    cloudfront = clients("cloudfront")
    none = {"HeaderBehavior": "none"}, {"CookieBehavior": "none"}, {"QueryStringBehavior": "none"}
    parts = dict(zip(("HeadersConfig", "CookiesConfig", "QueryStringsConfig"), none, strict=True))
    config = {"OriginRequestPolicyConfig": {"Name": "all", **parts}}
    if outcome(cloudfront.create_origin_request_policy, **config) != "done":
        return "no policies"
    made = cloudfront.create_origin_request_policy(OriginRequestPolicyConfig={"Name": "used", **parts})
    policy, etag = made["OriginRequestPolicy"]["Id"], made["ETag"]
    named = _config(behavior={"OriginRequestPolicyId": policy})
    distribution = cloudfront.create_distribution(DistributionConfig=named)
    used = outcome(cloudfront.delete_origin_request_policy, Id=policy, IfMatch=etag)
    cloudfront.update_distribution(
        Id=distribution["Distribution"]["Id"], IfMatch=distribution["ETag"], DistributionConfig=_config()
    )
    return used, outcome(cloudfront.delete_origin_request_policy, Id=policy, IfMatch=etag)


_NEVER = ("done",) * 7
SYMPTOMS = (
    Symptom("distributions_kept", what_is_kept, (0, False), (1, True)),
    Symptom(
        "distributions_kept",
        what_is_not_there,
        _NEVER,
        (
            "NoSuchCachePolicy",
            "NoSuchResponseHeadersPolicy",
            "InvalidFunctionAssociation",
            "NoSuchOriginAccessControl",
            "InvalidViewerCertificate",
            "InvalidViewerCertificate",
            "InvalidWebACLId",
        ),
    ),
    Symptom("distributions_kept", what_is_there, True, True),
    Symptom(
        "distributions_versioned",
        another_version,
        ("done", "done"),
        ("PreconditionFailed", "DistributionNotDisabled", "PreconditionFailed", "done"),
    ),
    Symptom("used_by_distributions", policy_in_use, "no policies", ("OriginRequestPolicyInUse", "done")),
    Symptom("used_by_distributions", control_in_use, "done", "OriginAccessControlInUse"),
)
