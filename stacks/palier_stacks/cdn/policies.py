"""Policies of the behaviors: what the cache keys are, what origins are told, what viewers are told."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import cloudfront

from palier_stacks.cdn.cache_settings import YEAR_SECONDS, CacheSettings, PathClass
from palier_stacks.cdn.settings import HeaderSettings
from palier_stacks.scope import Scope

# What CloudFront tells of the viewer; the functions see it only where a policy asks for it.
VIEWER = ["CloudFront-Viewer-Country", "CloudFront-Is-Mobile-Viewer", "CloudFront-Is-Tablet-Viewer"]
# Of a page's request, what the application may write the page by. Not Host: the asset bucket, which stands in
# for the application, is found by its own.
PAGE_HEADERS = [*VIEWER, "Accept-Language", "X-Forwarded-Host", "X-Palier-Region", "X-Palier-Variant"]
VARIANT = "X-Palier-Variant"


class Policies(pulumi.ComponentResource):
    """`cache` by class of path, `pages` and `everything` for origins, `security` for viewers."""

    def __init__(
        self, scope: Scope, cache: CacheSettings, headers: HeaderSettings, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("palier:cdn:Policies", "policies", None, opts)
        self._scope = scope
        self._own = pulumi.ResourceOptions(parent=self)
        plain: dict[str, Any] = {"header_behavior": "none"}
        varied = {"header_behavior": "whitelist", "headers": {"items": [VARIANT, "Accept-Language"]}}
        most = cache.dynamic.most_ttl_seconds
        self.cache: dict[PathClass, cloudfront.CachePolicy] = {
            "immutable": self._cache("immutable", YEAR_SECONDS, YEAR_SECONDS, YEAR_SECONDS, plain, "none"),
            "versioned": self._cache("versioned", 0, cache.versioned.ttl_seconds, YEAR_SECONDS, plain, "all"),
            "dynamic": self._cache("dynamic", 0, 0, most, varied, "all"),
            "private": self._nothing_kept(),
        }
        self.pages = self._origin(
            "pages", {"header_behavior": "whitelist", "headers": {"items": PAGE_HEADERS}}
        )
        self.everything = self._origin(
            "everything",
            {"header_behavior": "allViewerAndWhitelistCloudFront", "headers": {"items": VIEWER}},
        )
        self.security = self._security(headers)
        self.register_outputs({})

    def _cache(
        self, name: PathClass, least: int, usual: int, most: int, headers: dict[str, Any], queries: str
    ) -> cloudfront.CachePolicy:
        """Times in seconds. Compressed answers are kept apart from plain ones, which compression needs."""
        return cloudfront.CachePolicy(
            name,
            name=self._scope.name(name),
            min_ttl=least,
            default_ttl=usual,
            max_ttl=max(usual, most),
            parameters_in_cache_key_and_forwarded_to_origin={
                "enable_accept_encoding_brotli": True,
                "enable_accept_encoding_gzip": True,
                "headers_config": headers,
                "cookies_config": {"cookie_behavior": "none"},
                "query_strings_config": {"query_string_behavior": queries},
            },
            opts=self._own,
        )

    def _nothing_kept(self) -> cloudfront.CachePolicy:
        """CloudFront takes no cache key where nothing is kept."""
        return cloudfront.CachePolicy(
            "private",
            name=self._scope.name("private"),
            min_ttl=0,
            default_ttl=0,
            max_ttl=0,
            parameters_in_cache_key_and_forwarded_to_origin={
                "enable_accept_encoding_brotli": False,
                "enable_accept_encoding_gzip": False,
                "headers_config": {"header_behavior": "none"},
                "cookies_config": {"cookie_behavior": "none"},
                "query_strings_config": {"query_string_behavior": "none"},
            },
            opts=self._own,
        )

    def _origin(self, name: str, headers: dict[str, Any]) -> cloudfront.OriginRequestPolicy:
        return cloudfront.OriginRequestPolicy(
            name,
            name=self._scope.name(name),
            headers_config=headers,
            cookies_config={"cookie_behavior": "all"},
            query_strings_config={"query_string_behavior": "all"},
            opts=self._own,
        )

    def _security(self, settings: HeaderSettings) -> cloudfront.ResponseHeadersPolicy:
        security: dict[str, Any] = {
            "content_type_options": {"override": True},
            "frame_options": {"frame_option": settings.frame_option, "override": True},
            "referrer_policy": {"referrer_policy": settings.referrer_policy, "override": True},
            "strict_transport_security": {
                "access_control_max_age_sec": settings.hsts_max_age_days * 86_400,
                "include_subdomains": settings.hsts_include_subdomains,
                "preload": settings.hsts_preload,
                "override": True,
            },
        }
        if settings.content_security_policy is not None:
            # A page that says its own knows better what it loads.
            security["content_security_policy"] = {
                "content_security_policy": settings.content_security_policy,
                "override": False,
            }
        return cloudfront.ResponseHeadersPolicy(
            "security", name=self._scope.name("security"), security_headers_config=security, opts=self._own
        )
