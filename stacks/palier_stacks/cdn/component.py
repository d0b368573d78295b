"""The cdn phase as one component: CloudFront before the load balancer and the asset bucket."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import cloudfront, route53

from palier_stacks.cdn.distribution import Behaviors, Origins, distribution
from palier_stacks.cdn.firewall import web_acl
from palier_stacks.cdn.logic import Logic
from palier_stacks.cdn.logs import Logs
from palier_stacks.cdn.observability import EDGE_REGION, EdgeWatch
from palier_stacks.cdn.policies import Policies
from palier_stacks.cdn.settings import CdnSettings
from palier_stacks.ground import GroundRefused, check_ground
from palier_stacks.iam_policies import current_account
from palier_stacks.providers import regional_providers
from palier_stacks.scope import Scope

Foundation = pulumi.Output[dict[str, Any]]
NEEDED = (
    "platform",
    "owner",
    "cost_center",
    "region",
    "url",
    "load_balancer_dns_name",
    "load_balancer_zone_id",
    "assets_bucket",
    "assets_bucket_domain",
    "cloudfront_reads_assets",
)
# Of every distribution: "hosted zone ID for CloudFront", Route 53 API reference, AliasTarget.
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


def foundation_outputs(
    reference: pulumi.StackReference, settings: CdnSettings, environment: str
) -> Foundation:
    """Foundation's outputs, checked. pulumi.RunError, which Pulumi prints as one line, if refused."""

    def checked(outputs: dict[str, Any]) -> dict[str, Any]:
        try:
            found = check_ground(outputs, NEEDED, region=settings.region, environment=environment)
        except GroundRefused as refusal:
            raise pulumi.RunError(str(refusal)) from None
        if not found["cloudfront_reads_assets"]:
            raise pulumi.RunError(
                "CloudFront may not read the asset bucket; set foundation:edge.cloudfront_reads_assets to "
                f"true and run: palier up foundation --env {environment}"
            )
        return found

    return reference.outputs.apply(checked)


class Cdn(pulumi.ComponentResource):
    """Everything of the phase. `outputs` is what the stack exports."""

    def __init__(
        self,
        settings: CdnSettings,
        foundation: Foundation,
        *,
        environment: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:cdn:Cdn", "cdn", None, opts)
        self.settings, self.foundation = settings, foundation
        self.scope = Scope(
            "cdn", environment, foundation["platform"], foundation["owner"], foundation["cost_center"]
        )
        self._own = pulumi.ResourceOptions(parent=self)
        account = current_account(settings.region)
        provider = regional_providers([EDGE_REGION], self._own)[EDGE_REGION]
        self._at_edge = pulumi.ResourceOptions(parent=self, provider=provider)
        self.firewall = web_acl(self.scope, settings.firewall, self._at_edge)
        self.policies = Policies(self.scope, settings.cache, settings.headers, self._own)
        self.origin = settings.site.origin_domain or foundation["load_balancer_dns_name"]
        self.logic = Logic(self.scope, settings, home_origin=self.origin, opts=self._own)
        self.logs = Logs(self.scope, settings.logs, self._own)
        self.site = self._distribution()
        self._names()
        self.watch = EdgeWatch(
            self.scope,
            settings.alarms,
            account=account,
            distribution=self.site,
            opts=pulumi.ResourceOptions(parent=self, providers=[provider]),
        )
        self.outputs = self._outputs()
        self.register_outputs({})

    def _distribution(self) -> cloudfront.Distribution:
        access = cloudfront.OriginAccessControl(
            "assets",
            name=self.scope.name("assets"),
            description="CloudFront reads the asset bucket under its own name",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._own,
        )
        origins = Origins(
            self.settings,
            application=self.origin,
            https=self.foundation["url"].apply(lambda url: str(url).startswith("https:")),
            assets=self.foundation["assets_bucket_domain"],
            access_control=access,
        )
        return distribution(
            self.scope,
            self.settings,
            origins,
            Behaviors(self.settings, origins, self.policies, self.logic),
            web_acl_arn=self.firewall.arn,
            logs_bucket_domain=self.logs.bucket.bucket_domain_name,
            # CloudFront tries the bucket when logging is switched on, and fails where ACLs are still off.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.logs.ready]),
        )

    def _names(self) -> None:
        """Records of every domain, for IPv4 and IPv6, and of the load balancer under its own certificate."""
        site = self.settings.site
        leads = {"name": self.site.domain_name, "zone_id": CLOUDFRONT_ZONE}
        for domain in site.domains:
            for kind in ("A", "AAAA"):
                self._record(f"{domain}-{kind.lower()}", domain, kind, leads)
        if site.origin_domain is not None:
            balancer = {
                "name": self.foundation["load_balancer_dns_name"],
                "zone_id": self.foundation["load_balancer_zone_id"],
            }
            self._record(f"{site.origin_domain}-a", site.origin_domain, "A", balancer)

    def _record(self, name: str, domain: str, kind: str, leads: dict[str, Any]) -> None:
        assert self.settings.site.hosted_zone_id is not None
        route53.Record(
            name,
            zone_id=self.settings.site.hosted_zone_id,
            name=domain,
            type=kind,
            aliases=[{**leads, "evaluate_target_health": False}],
            opts=self._own,
        )

    def _outputs(self) -> dict[str, pulumi.Input[Any]]:
        cache = self.settings.cache
        names: list[pulumi.Input[str]] = [*self.settings.site.domains, self.site.domain_name]
        return {
            "distribution_id": self.site.id,
            "distribution_arn": self.site.arn,
            "distribution_domain": self.site.domain_name,
            "aliases": self.settings.site.domains,
            "url": pulumi.Output.concat("https://", names[0]),
            "web_acl_arn": self.firewall.arn,
            "key_value_store_arn": self.logic.store.arn,
            "function_names": [self.logic.request.name, self.logic.response.name],
            "logs_bucket": self.logs.bucket.bucket,
            "assets_prefixes": [*cache.immutable.paths, *cache.versioned.paths],
            "cache_classes": dict(cache.paths()),
            "cache_hit_ratio_percent": cache.hit_ratio_percent,
            "cache_hit_ratio_percent_by_class": {
                kind: each.hit_ratio_percent for kind, each in cache.classes().items()
            },
            "dashboard_name": self.watch.dashboard.dashboard_name,
        }
