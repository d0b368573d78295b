"""Mends of CloudFront: distributions that keep what they are told, and what they refer to."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from palier.local.emulator.mends.cloudfront_policies import KINDS, absent, matching, policies, refused
from palier.local.emulator.mends.table import around, mend

# AWS keeps these for everybody (CloudFront developer guide, "Use managed policies").
_MANAGED = frozenset(
    {
        # CachingOptimized, CachingDisabled, CachingOptimizedForUncompressedObjects,
        # UseOriginCacheControlHeaders, UseOriginCacheControlHeaders-QueryStrings
        ("CachePolicy", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
        ("CachePolicy", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
        ("CachePolicy", "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"),
        ("CachePolicy", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
        ("CachePolicy", "4cc15a8a-d715-48a4-82b8-cc0b614638fe"),
        # AllViewer, AllViewerExceptHostHeader, AllViewerAndCloudFrontHeaders-2022-06, CORS-S3Origin,
        # CORS-CustomOrigin, UserAgentRefererHeaders
        ("OriginRequestPolicy", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
        ("OriginRequestPolicy", "b689b0a8-53d0-40ab-baf2-68738e2966ac"),
        ("OriginRequestPolicy", "33f36d7e-f396-46d9-90e0-52428a34d9dc"),
        ("OriginRequestPolicy", "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"),
        ("OriginRequestPolicy", "59781a5b-3903-41f3-afcb-af62929ccde1"),
        ("OriginRequestPolicy", "acba4595-bd28-49b8-b9fe-13317c0390fa"),
        # SecurityHeadersPolicy, SimpleCORS, CORS-With-Preflight, CORS-and-SecurityHeadersPolicy,
        # CORS-with-preflight-and-SecurityHeadersPolicy
        ("ResponseHeadersPolicy", "67f7725c-6f97-4210-82d7-5512b31e9d03"),
        ("ResponseHeadersPolicy", "60669652-455b-4ae9-85a4-c4c02393f86c"),
        ("ResponseHeadersPolicy", "5cc3b908-e619-4b99-88e5-2cf7f45965bd"),
        ("ResponseHeadersPolicy", "e61eb60c-9c35-4d20-a928-2b84e02af89c"),
        ("ResponseHeadersPolicy", "eaab4381-ed33-4a86-88ca-d9558dc6cd63"),
    }
)


def _fill(config: dict[str, Any]) -> dict[str, Any]:
    """A distribution's configuration as AWS answers it: with what was left out."""
    filled = copy.deepcopy(config)
    empty: dict[str, Any] = {"Quantity": 0}
    for name in ("Aliases", "OriginGroups", "CacheBehaviors", "CustomErrorResponses"):
        filled.setdefault(name, dict(empty))
    filled.setdefault("Restrictions", {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}})
    filled.setdefault("Logging", {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""})
    certificate = {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    }
    filled.setdefault("ViewerCertificate", certificate)
    for name, value in (
        ("DefaultRootObject", ""),
        ("HttpVersion", "http2"),
        ("IsIPV6Enabled", True),
        ("PriceClass", "PriceClass_All"),
        ("WebACLId", ""),
        ("Staging", False),
        ("ContinuousDeploymentPolicyId", ""),
    ):
        filled.setdefault(name, value)
    for origin in filled["Origins"]["Items"]:
        origin.setdefault("OriginPath", "")
        origin.setdefault("CustomHeaders", dict(empty))
        origin.setdefault("ConnectionAttempts", 3)
        origin.setdefault("ConnectionTimeout", 10)
        origin.setdefault("OriginShield", {"Enabled": False})
        origin.setdefault("OriginAccessControlId", "")
    return filled


def behaviors(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A configuration's behaviors, the default one first."""
    yield config["DefaultCacheBehavior"]
    yield from (config.get("CacheBehaviors") or {}).get("Items") or ()


def _check(backend: Any, config: dict[str, Any], own: str = "") -> None:
    """Refuse references to what does not stand, and names that another distribution has."""
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    groups = (config.get("OriginGroups") or {}).get("Items") or ()
    targets = origins | {group["Id"] for group in groups}
    members = {member["OriginId"] for group in groups for member in group["Members"]["Items"]}
    named = {behavior["TargetOriginId"] for behavior in behaviors(config)}
    if not (named <= targets and members <= origins):
        raise refused("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
    for behavior in behaviors(config):
        _check_behavior(backend, behavior)
    for origin in config["Origins"]["Items"]:
        control = origin.get("OriginAccessControlId")
        if control and control not in backend.origin_access_controls:
            raise refused("NoSuchOriginAccessControl", "The specified origin access control does not exist.")
    _check_names(backend, config, own)
    _check_arns(backend, config)


def _check_behavior(backend: Any, behavior: dict[str, Any]) -> None:
    for kind in KINDS:
        policy = behavior.get(f"{kind.name}Id")
        if policy and policy not in policies(backend, kind) and (kind.name, policy) not in _MANAGED:
            raise absent(kind)
    for association in (behavior.get("FunctionAssociations") or {}).get("Items") or ():
        function = _function_of(backend, association["FunctionARN"])
        if function is None or vars(function).get("palier_live") is None:
            text = f"The function ARN {association['FunctionARN']} is not of a published function."
            raise refused("InvalidFunctionAssociation", text)


def _function_of(backend: Any, arn: str) -> Any:
    return next((one for one in backend.functions.values() if one.arn == arn), None)


def _check_names(backend: Any, config: dict[str, Any], own: str) -> None:
    asked = {name.lower() for name in (config.get("Aliases") or {}).get("Items") or ()}
    certificate = config.get("ViewerCertificate") or {}
    if asked and not (certificate.get("ACMCertificateArn") or certificate.get("IAMCertificateId")):
        text = (
            "To add an alternate domain name to a distribution, attach a trusted certificate that covers it."
        )
        raise refused("InvalidViewerCertificate", text)
    for distribution in backend.distributions.values():
        aliases = vars(distribution.distribution_config)["Aliases"].get("Items") or ()
        if distribution.distribution_id != own and asked & {name.lower() for name in aliases}:
            text = "One or more of the CNAMEs you provided are already associated with a different resource."
            raise refused("CNAMEAlreadyExists", text)


def _check_arns(backend: Any, config: dict[str, Any]) -> None:
    """The certificate and the web ACL, both of us-east-1: CloudFront takes them from nowhere else."""
    arn = (config.get("ViewerCertificate") or {}).get("ACMCertificateArn")
    if arn and (arn.split(":")[3] != "us-east-1" or not _certificate(backend, arn)):
        text = (
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't"
        )
        raise refused("InvalidViewerCertificate", f"{text} include a valid certificate chain.")
    acl = config.get("WebACLId") or ""
    if acl.startswith("arn:") and not _web_acl(backend, acl):
        raise refused(
            "InvalidWebACLId", "The Amazon WAF web ACL doesn't exist or is not of scope CLOUDFRONT."
        )


def _certificate(backend: Any, arn: str) -> bool:
    from moto.acm.models import acm_backends

    found = acm_backends[backend.account_id]["us-east-1"]._certificates.get(arn)
    return found is not None and found.status == "ISSUED"


def _web_acl(backend: Any, arn: str) -> bool:
    from moto.wafv2.models import wafv2_backends

    return ":global/webacl/" in arn and arn in wafv2_backends[backend.account_id]["global"].wacls


@mend("cloudfront")
def distributions_kept() -> None:
    """A distribution forgets half of its configuration (function associations, origin access control, TLS
    versions of a certificate), and refers to policies, functions, certificates and web ACLs that are not
    there."""
    from moto.cloudfront import models

    class Verbatim:
        """A configuration whose members are what was asked for."""

        def __init__(self, config: dict[str, Any]) -> None:
            self.__dict__.update(_fill(config))
            self.caller_reference = config["CallerReference"]

    setattr(models, "DistributionConfig", Verbatim)  # noqa: B010 - a class is no variable to mypy

    @around(models.CloudFrontBackend, "create_distribution_with_tags")
    def create(original: Any, self: Any, distribution_config: Any, tags: Any) -> Any:
        _check(self, distribution_config)
        made = original(self, distribution_config, tags)
        from moto.core.utils import utcnow

        made[0].last_modified_time = utcnow()
        return made


@mend("cloudfront")
def distributions_versioned() -> None:
    """Any If-Match is taken, a change leaves the version as it was, and an enabled distribution goes."""
    from moto.cloudfront.models import CloudFrontBackend, random_id
    from moto.core.utils import utcnow

    @around(CloudFrontBackend, "update_distribution")
    def update(original: Any, self: Any, dist_config: Any, _id: str, if_match: str) -> Any:
        distribution, _ = self.get_distribution(_id)
        matching(distribution, if_match)
        _check(self, dist_config, _id)
        original(self, dist_config, _id, if_match)
        distribution.etag, distribution.last_modified_time = random_id(), utcnow()
        return distribution, distribution.location, distribution.etag

    @around(CloudFrontBackend, "delete_distribution")
    def delete(original: Any, self: Any, distribution_id: str, if_match: str) -> None:
        distribution, _ = self.get_distribution(distribution_id)
        matching(distribution, if_match)
        if vars(distribution.distribution_config)["Enabled"]:
            text = "The distribution you are trying to delete has not been disabled."
            raise refused("DistributionNotDisabled", text)
        original(self, distribution_id, if_match)


@mend("cloudfront")
def used_by_distributions() -> None:
    """A policy or an origin access control goes while a distribution uses it."""
    from moto.cloudfront.responses import CloudFrontResponse

    def kept_while(operation: str, code: str, used: Callable[[dict[str, Any], str], bool]) -> None:
        @around(CloudFrontResponse, operation)
        def delete(original: Any, self: Any) -> Any:
            asked = self._get_param("Id")
            for distribution in self.backend.distributions.values():
                if used(vars(distribution.distribution_config), asked):
                    text = f"Cannot delete {asked}: distribution {distribution.distribution_id} uses it."
                    raise refused(code, text)
            return original(self)

    for kind in KINDS:
        kept_while(
            f"delete_{kind.path.replace('-', '_')}",
            f"{kind.name}InUse",
            partial(_names, f"{kind.name}Id"),
        )
    kept_while("delete_origin_access_control", "OriginAccessControlInUse", _controls)


def _names(member: str, config: dict[str, Any], policy: str) -> bool:
    return any(behavior.get(member) == policy for behavior in behaviors(config))


def _controls(config: dict[str, Any], control: str) -> bool:
    return any(origin.get("OriginAccessControlId") == control for origin in config["Origins"]["Items"])
