"""How users find a region: the nearest by latency of those that are well.

With a domain, Route 53 answers with one record per region, each following a health check; with the cdn phase,
its edge is told every region's origin, and the edge's code stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import cloudfront, route53

from palier_stacks.multi_region.places import Place, Serving
from palier_stacks.multi_region.settings import RoutingSettings
from palier_stacks.scope import Scope

# What `palier region` changes to take a region out of the answers and back, and an `up` leaves as it is.
MOVED_BY_FAILOVER = ["disabled", "invertHealthcheck"]


class LatencyRouting(pulumi.ComponentResource):
    """A latency record and a health check per region, at one name. `health_checks` are by region."""

    def __init__(
        self,
        scope: Scope,
        settings: RoutingSettings,
        places: Sequence[Place],
        serving: Mapping[str, Serving],
        *,
        health_check_path: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("palier:multi-region:LatencyRouting", "latency-routing", None, opts)
        self._scope, self._settings, self._path = scope, settings, health_check_path
        self._own = pulumi.ResourceOptions(parent=self)
        self.health_checks = {
            place.region: self._health_check(place, serving[place.region]) for place in places
        }
        for place in places:
            self._record(place.region, serving[place.region])
        self.register_outputs({})

    def _health_check(self, place: Place, tier: Serving) -> route53.HealthCheck:
        name = "application"
        return route53.HealthCheck(
            place.scope.logical(name),
            type=tier.https.apply(lambda https: "HTTPS" if https else "HTTP"),
            port=tier.https.apply(lambda https: 443 if https else 80),
            fqdn=tier.load_balancer_dns_name,
            resource_path=self._path,
            request_interval=self._settings.check_interval_seconds,
            failure_threshold=self._settings.failures_until_unhealthy,
            measure_latency=True,
            tags=place.scope.tags("dns", name),
            opts=pulumi.ResourceOptions.merge(
                self._own, pulumi.ResourceOptions(ignore_changes=MOVED_BY_FAILOVER)
            ),
        )

    def _record(self, region: str, tier: Serving) -> None:
        assert self._settings.domain is not None
        assert self._settings.hosted_zone_id is not None
        route53.Record(
            f"application-{region}",
            zone_id=self._settings.hosted_zone_id,
            name=self._settings.domain,
            type="A",
            aliases=[
                {
                    "name": tier.load_balancer_dns_name,
                    "zone_id": tier.load_balancer_zone_id,
                    "evaluate_target_health": True,
                }
            ],
            set_identifier=region,
            latency_routing_policies=[{"region": region}],
            health_check_id=self.health_checks[region].id,
            opts=self._own,
        )


def tell_edge(
    store_arn: pulumi.Input[str], serving: Mapping[str, Serving], opts: pulumi.ResourceOptions
) -> None:
    """Add each further region's origin to the key value store that the edge reads; the home's is there."""
    for region, tier in serving.items():
        cloudfront.KeyvaluestoreKey(
            f"origin-{region}",
            key_value_store_arn=store_arn,
            key=f"origin:{region}",
            value=tier.load_balancer_dns_name,
            opts=opts,
        )
