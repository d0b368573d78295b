"""The distribution: origins, what stands in for them, and a behavior for each class of paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws import cloudfront

from palier_stacks.cdn.cache_settings import PathClass
from palier_stacks.cdn.logic import Logic
from palier_stacks.cdn.policies import Policies
from palier_stacks.cdn.settings import CdnSettings
from palier_stacks.scope import Scope

ASSETS, APPLICATION, COPIES = "assets", "application", "copies"
ASSETS_THEN_APPLICATION, APPLICATION_THEN_COPIES = "assets-then-application", "application-then-copies"
READS = ["GET", "HEAD", "OPTIONS"]
WRITES = [*READS, "PUT", "POST", "PATCH", "DELETE"]
# Answers after which CloudFront asks the other origin. Not 404 for pages: that a page is not there is one.
DOWN = [500, 502, 503, 504]
MISSING_OR_DOWN = [403, 404, *DOWN]
TLS = "TLSv1.2_2021"  # The least version; 1.3 is spoken with whoever can.


class Origins:
    """What the distribution fetches from. `application` is a host name, `https` whether it speaks that."""

    def __init__(
        self,
        settings: CdnSettings,
        *,
        application: pulumi.Input[str],
        https: pulumi.Output[bool],
        assets: pulumi.Input[str],
        access_control: cloudfront.OriginAccessControl,
    ) -> None:
        self._settings = settings
        bucket: dict[str, Any] = {"domain_name": assets, "origin_access_control_id": access_control.id}
        self.list: list[dict[str, Any]] = [
            {"origin_id": ASSETS, **bucket},
            {
                "origin_id": APPLICATION,
                "domain_name": application,
                "connection_attempts": 2,
                "connection_timeout": 5,
                "custom_origin_config": {
                    "http_port": 80,
                    "https_port": 443,
                    "origin_protocol_policy": https.apply(lambda yes: "https-only" if yes else "http-only"),
                    "origin_ssl_protocols": ["TLSv1.2"],
                    "origin_read_timeout": 30,
                    "origin_keepalive_timeout": 60,
                },
            },
        ]
        self.groups: list[dict[str, Any]] = []
        if settings.failover.enabled:
            self.list.append({"origin_id": COPIES, "origin_path": settings.failover.pages_prefix, **bucket})
            self.groups = [
                _group(ASSETS_THEN_APPLICATION, (ASSETS, APPLICATION), MISSING_OR_DOWN),
                _group(APPLICATION_THEN_COPIES, (APPLICATION, COPIES), DOWN),
            ]

    def of(self, kind: PathClass) -> str:
        """Id of the origin, or of the group, that a class of paths is fetched from."""
        failover = self._settings.failover.enabled
        if kind in ("immutable", "versioned"):
            return ASSETS_THEN_APPLICATION if failover else ASSETS
        # CloudFront fails over for reads only, and so takes no writes where a group serves.
        pages = kind == "dynamic" and failover and not self._settings.cache.dynamic.writes
        return APPLICATION_THEN_COPIES if pages else APPLICATION


def _group(name: str, members: tuple[str, str], statuses: list[int]) -> dict[str, Any]:
    return {
        "origin_id": name,
        "failover_criteria": {"status_codes": statuses},
        "members": [{"origin_id": member} for member in members],
    }


class Behaviors:
    """A behavior for each path pattern, and the default one."""

    def __init__(self, settings: CdnSettings, origins: Origins, policies: Policies, logic: Logic) -> None:
        self._settings, self._origins, self._policies, self._logic = settings, origins, policies, logic

    def default(self) -> dict[str, Any]:
        """Every path that no class names: a page."""
        return self._behavior("dynamic")

    def ordered(self) -> list[dict[str, Any]]:
        """In the order in which CloudFront is to try them."""
        return [
            {"path_pattern": path, **self._behavior(kind)}
            for kind, paths in self._settings.cache.paths()
            for path in paths
        ]

    def _behavior(self, kind: PathClass) -> dict[str, Any]:
        writes = kind == "private" or (kind == "dynamic" and self._settings.cache.dynamic.writes)
        return {
            "target_origin_id": self._origins.of(kind),
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": WRITES if writes else READS,
            "cached_methods": ["GET", "HEAD"],
            "compress": kind != "private",
            "cache_policy_id": self._policies.cache[kind].id,
            "response_headers_policy_id": self._policies.security.id,
            **self._told(kind),
            **self._functions(kind),
        }

    def _told(self, kind: PathClass) -> Mapping[str, Any]:
        """What the origin is told of the request; the asset bucket takes nothing but its own name."""
        if kind in ("immutable", "versioned"):
            return {}
        reads_alone = self._origins.of(kind) == APPLICATION_THEN_COPIES
        policy = self._policies.pages if reads_alone else self._policies.everything
        return {"origin_request_policy_id": policy.id}

    def _functions(self, kind: PathClass) -> Mapping[str, Any]:
        """Routing is for what the application serves; headers of a web app are for what the bucket serves."""
        if kind == "immutable":
            return {}
        event, function = (
            ("viewer-response", self._logic.response)
            if kind == "versioned"
            else ("viewer-request", self._logic.request)
        )
        return {"function_associations": [{"event_type": event, "function_arn": function.arn}]}


def distribution(
    scope: Scope,
    settings: CdnSettings,
    origins: Origins,
    behaviors: Behaviors,
    *,
    web_acl_arn: pulumi.Input[str],
    logs_bucket_domain: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> cloudfront.Distribution:
    """The distribution; HTTP/2 and 3, IPv6, compressed, behind the firewall, logged."""
    site = settings.site
    certificate: dict[str, Any] = (
        {
            "acm_certificate_arn": site.certificate_arn,
            "ssl_support_method": "sni-only",
            "minimum_protocol_version": TLS,
        }
        if site.certificate_arn is not None
        else {"cloudfront_default_certificate": True}
    )
    return cloudfront.Distribution(
        "site",
        comment=pulumi.Output.concat(scope.name("site")),
        enabled=True,
        aliases=site.domains,
        http_version="http2and3",
        is_ipv6_enabled=True,
        price_class=site.price_class,
        web_acl_id=web_acl_arn,
        origins=origins.list,
        origin_groups=origins.groups,
        default_cache_behavior=behaviors.default(),
        ordered_cache_behaviors=behaviors.ordered(),
        viewer_certificate=certificate,
        restrictions={"geo_restriction": {"restriction_type": "none"}},
        logging_config={"bucket": logs_bucket_domain, "include_cookies": False, "prefix": "cloudfront/"},
        wait_for_deployment=site.wait_for_deployment,
        tags=scope.tags("network", "site"),
        opts=opts,
    )
