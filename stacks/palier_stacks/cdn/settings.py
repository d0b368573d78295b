"""Settings of the cdn phase, read from `cdn:<section>`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, cast

from pydantic import AfterValidator, Field, model_validator

from palier_stacks.cdn.cache_settings import CacheSettings
from palier_stacks.cdn.code import CodeTooLong, viewer_request, viewer_response
from palier_stacks.foundation.settings import AlarmSettings, FoundationSettings
from palier_stacks.settings import (
    REGION_KEY,
    PhaseSettings,
    Section,
    SettingsError,
    distinct,
    domain_name,
    refuse,
)

_CERTIFICATE = "arn:aws:acm:us-east-1:<account>:certificate/<id>"


def _certificate(value: str) -> str:
    if not re.fullmatch(r"arn:aws:acm:us-east-1:\d{12}:certificate/\S+", value):
        raise refuse("CloudFront takes certificates of us-east-1 alone", allowed=_CERTIFICATE)
    return value


def _path(value: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9_\-.~/]*", value):
        raise refuse(f"{value!r} is not a path", allowed="letters, digits, - _ . ~ / after a /")
    return value


def _parameter(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_.\-]+\*?", value):
        raise refuse(f"{value!r} is not a parameter", allowed="small letters, with * at the end for a prefix")
    return value


Domain = Annotated[str, domain_name("www.example.com")]
SiteName = Annotated[str, domain_name("www.example.com", wildcard=True)]
Path = Annotated[str, AfterValidator(_path)]


class SiteSettings(Section):
    """The names of the site. Without any, it is reached under CloudFront's own name."""

    domains: Annotated[list[SiteName], AfterValidator(distinct)] = Field(
        default=[], description="Domain names, the first the main one; each gets its records in Route 53."
    )
    hosted_zone_id: Annotated[str, Field(pattern=r"^Z[A-Z0-9]{1,31}$")] | None = Field(
        default=None, description="Public hosted zone of the domains."
    )
    certificate_arn: Annotated[str, AfterValidator(_certificate)] | None = Field(
        default=None, description="ACM certificate of us-east-1 for the domains."
    )
    origin_domain: Domain | None = Field(
        default=None,
        description="Name of the load balancer under its own certificate, in the same zone; for HTTPS to it.",
    )
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        default="PriceClass_100", description="Which edge locations serve; 100: North America and Europe."
    )
    wait_for_deployment: bool = Field(
        default=True, description="An `up` ends when every edge location has the change, minutes later."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.domains or self.origin_domain) and self.hosted_zone_id is None:
            raise refuse("names need their hosted zone", allowed="like Z0123456789ABC", at="hosted_zone_id")
        if self.domains and self.certificate_arn is None:
            raise refuse("the domains need a certificate", allowed=_CERTIFICATE, at="certificate_arn")
        return self


class SplitSettings(Section):
    """A part of the site that is served from elsewhere. The first that fits is taken."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$", description="Its name, part of the cache key.")
    path: Path = Field(description="The path and all below it.")
    device: Literal["mobile", "tablet", "desktop"] | None = Field(
        default=None, description="Only for this kind of device."
    )
    feature: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] | None = Field(
        default=None,
        description="Only where the cookie `palier-features` names it (names with dots between).",
    )
    origin: Domain | None = Field(default=None, description="Host that serves it; left out, the usual one.")
    prefix: Path | None = Field(default=None, description="Put before the path at the origin.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.origin is None and self.prefix is None:
            raise refuse("leads nowhere else", allowed="an origin, a prefix, or both")
        return self


class EdgeSettings(Section):
    """What the functions at the edge do."""

    tracking_parameters: Annotated[
        list[Annotated[str, AfterValidator(_parameter)]], AfterValidator(distinct)
    ] = Field(
        default=["utm_*", "gclid", "fbclid", "msclkid", "mc_cid", "mc_eid"],
        description="Query parameters that no page depends on; dropped before the cache is asked.",
    )
    splits: list[SplitSettings] = Field(
        default=[], description="Parts of the site from elsewhere, by path, device and feature."
    )
    manifests: Annotated[list[Path], AfterValidator(distinct)] = Field(
        default=["/manifest.webmanifest"], description="Web app manifests, given their media type."
    )
    service_workers: Annotated[list[Path], AfterValidator(distinct)] = Field(
        default=["/sw.js"], description="Service workers, allowed their scope and never kept by browsers."
    )
    service_worker_scope: Path = Field(default="/", description="What a service worker may control.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [split.name for split in self.splits]
        for name in (*names, "none"):
            if names.count(name) > (0 if name == "none" else 1):
                raise refuse(f"two variants are named {name}", allowed="a name of its own each", at="splits")
        return self


class HeaderSettings(Section):
    """Security headers of every answer."""

    content_security_policy: str | None = Field(
        default="default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'",
        description="What a page may load, and from where; left empty (`null`), the application says it.",
    )
    hsts_max_age_days: int = Field(
        default=365, ge=0, le=730, description="How long browsers insist on HTTPS."
    )
    hsts_include_subdomains: bool = Field(default=True, description="Of subdomains, too.")
    hsts_preload: bool = Field(
        default=False, description="Ask to be built into browsers; cannot be taken back for months."
    )
    frame_option: Literal["DENY", "SAMEORIGIN"] = Field(
        default="SAMEORIGIN", description="Who may show the pages in a frame."
    )
    referrer_policy: Literal["no-referrer", "same-origin", "strict-origin-when-cross-origin"] = Field(
        default="strict-origin-when-cross-origin", description="What other sites are told."
    )


RuleGroup = Literal[
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesSQLiRuleSet",
]


class FirewallSettings(Section):
    """AWS WAF in front of everything."""

    requests_per_five_minutes: int = Field(
        default=2000,
        ge=10,
        le=2_000_000_000,
        description="An address that sends more is refused for a while.",
    )
    managed_rule_groups: Annotated[list[RuleGroup], AfterValidator(distinct)] = Field(
        default=[
            "AWSManagedRulesAmazonIpReputationList",
            "AWSManagedRulesKnownBadInputsRuleSet",
            "AWSManagedRulesCommonRuleSet",
        ],
        description="Rule groups of AWS, in this order.",
    )
    count_only: bool = Field(
        default=False,
        description="Managed rules count and refuse nobody; for the first days of real traffic.",
    )


class FailoverSettings(Section):
    """What answers where an origin does not."""

    enabled: bool = Field(
        default=True, description="Assets fall back to the application, pages to copies in the asset bucket."
    )
    pages_prefix: Path = Field(
        default="/offline", description="Where in the asset bucket the copies of pages are."
    )


class LogSettings(Section):
    """Access logs of every request."""

    retention_days: int = Field(default=90, ge=1, le=3653, description="How long they are kept.")
    force_destroy: bool = Field(default=False, description="A `destroy` deletes the bucket with logs in it.")


class CdnSettings(PhaseSettings):
    """All settings of the cdn phase."""

    PHASE: ClassVar[str] = "cdn"

    site: SiteSettings = Field(default=SiteSettings(), description="The names of the site.")
    cache: CacheSettings = Field(default=CacheSettings(), description="What is kept for how long.")
    edge: EdgeSettings = Field(default=EdgeSettings(), description="Logic at the edge.")
    failover: FailoverSettings = Field(default=FailoverSettings(), description="When an origin is down.")
    headers: HeaderSettings = Field(default=HeaderSettings(), description="Security headers.")
    firewall: FirewallSettings = Field(default=FirewallSettings(), description="AWS WAF.")
    logs: LogSettings = Field(default=LogSettings(), description="Access logs.")
    alarms: AlarmSettings = Field(description="Who is told; CloudFront's alarms are in us-east-1.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            self.functions()
        except CodeTooLong as error:
            raise refuse(str(error), allowed="fewer splits or parameters", at="edge.splits") from None
        return self

    def functions(self) -> dict[str, str]:
        """The code of both functions, by name. Raises CodeTooLong."""
        edge = self.edge
        splits = [split.model_dump(exclude_none=True) for split in edge.splits]
        return {
            "viewer-request": viewer_request(self.region, edge.tracking_parameters, splits),
            "viewer-response": viewer_response(
                edge.manifests, edge.service_workers, edge.service_worker_scope
            ),
        }

    def check_required(self, required: Mapping[str, PhaseSettings]) -> None:
        """Refuse another region than foundation's, and an asset bucket that CloudFront may not read."""
        foundation = cast(FoundationSettings, required["foundation"])
        if foundation.region != self.region:
            raise SettingsError(
                f"{self.region} is not foundation's region", key=REGION_KEY, allowed=foundation.region
            )
        if foundation.application.certificate_arn is not None and self.site.origin_domain is None:
            raise SettingsError(
                "the load balancer speaks HTTPS, and no certificate covers the name that AWS gave it",
                key="cdn:site.origin_domain",
                allowed="a name that foundation's certificate covers, like origin.example.com",
            )
        if not foundation.edge.cloudfront_reads_assets:
            raise SettingsError(
                "CloudFront may not read the asset bucket",
                key="foundation:edge.cloudfront_reads_assets",
                allowed="true, and then `palier up foundation`",
            )
