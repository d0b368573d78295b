"""The symptoms of moto's CloudFront that Palier mends."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tests.engine.local.symptoms import Clients, Symptom, outcome


def _cache_config(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "MinTTL": 0,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": True,
            "HeadersConfig": {"HeaderBehavior": "none"},
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "none"},
        },
    }


def policy_made(clients: Clients) -> object:
    return outcome(clients("cloudfront").create_cache_policy, CachePolicyConfig=_cache_config("pages"))


def policy_of_another_version(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    try:
        made = cloudfront.create_cache_policy(CachePolicyConfig=_cache_config("pages"))
    except ClientError:
        return "no policies"
    named = {"Id": made["CachePolicy"]["Id"]}
    return (
        outcome(cloudfront.create_cache_policy, CachePolicyConfig=_cache_config("pages")),
        outcome(cloudfront.delete_cache_policy, **named),
        outcome(cloudfront.delete_cache_policy, **named, IfMatch="stale"),
        outcome(cloudfront.delete_cache_policy, **named, IfMatch=made["ETag"]),
        outcome(cloudfront.get_cache_policy, **named),
    )


def _control_config(name: str) -> dict[str, str]:
    return {
        "Name": name,
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }


def control_of_another_version(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    config = {"OriginAccessControlConfig": _control_config("assets")}
    made = cloudfront.create_origin_access_control(**config)
    named = {"Id": made["OriginAccessControl"]["Id"]}
    return (
        outcome(cloudfront.create_origin_access_control, **config),
        outcome(cloudfront.update_origin_access_control, **named, **config, IfMatch="stale"),
        outcome(cloudfront.update_origin_access_control, **named, **config, IfMatch=made["ETag"]),
        cloudfront.get_origin_access_control(**named)["ETag"] == made["ETag"],
    )


def control_that_is_not_there(clients: Clients) -> object:
    return outcome(clients("cloudfront").delete_origin_access_control, Id="E1", IfMatch="E2")


SYMPTOMS = (
    Symptom("policies_of_distributions", policy_made, "404", "done"),
    Symptom(
        "policies_of_distributions",
        policy_of_another_version,
        "no policies",
        (
            "CachePolicyAlreadyExists",
            "InvalidIfMatchVersion",
            "PreconditionFailed",
            "done",
            "NoSuchCachePolicy",
        ),
    ),
    Symptom(
        "versions_of_access_controls",
        control_of_another_version,
        ("done", "done", "done", True),
        ("OriginAccessControlAlreadyExists", "PreconditionFailed", "done", False),
    ),
    Symptom(
        "versions_of_access_controls", control_that_is_not_there, "KeyError", "NoSuchOriginAccessControl"
    ),
)
