"""What the checks of the cdn look at: the distribution and what it refers to, and what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palier.capacity.thresholds import threshold
from palier.verification.inventory import Inventory
from palier.verification.model import Absent
from palier.verification.reads import Reads
from palier.verification.things import Scope, Thing, named
from palier.verification.wanted import AlarmWanted, FoundationWanted, alarms_of, foundation_wanted
from palier.verification.world import foundation_things, topic_of

PHASE = "cdn"
# CloudFront's firewalls, metrics and alarms are there whatever the platform's region.
EDGE_REGION = "us-east-1"


@dataclass(frozen=True)
class CdnWanted:
    """What the cdn's settings ask for, given what foundation's do. `classes` is path pattern to class."""

    cost_tags: Mapping[str, str]
    prefix: str
    domains: tuple[str, ...]
    price_class: str
    classes: Mapping[str, str]
    ttls: Mapping[str, tuple[int, int, int]]
    failover: bool
    writes: bool
    functions: Mapping[str, str]
    rate_limit: int
    rule_groups: tuple[str, ...]
    count_only: bool
    headers: Mapping[str, str]
    log_days: int
    ingress: str
    alarms: tuple[AlarmWanted, ...]


def cdn_wanted(settings: Any, foundation: Any, ground: FoundationWanted, environment: str) -> CdnWanted:
    """Read the settings (palier_stacks.cdn.settings.CdnSettings), given foundation's."""
    cache, headers, firewall = settings.cache, settings.headers, settings.firewall
    year = 365 * 86_400
    return CdnWanted(
        cost_tags=ground.cost_tags,
        prefix=f"{ground.platform}-{environment}",
        domains=tuple(settings.site.domains),
        price_class=settings.site.price_class,
        classes={path: kind for kind, paths in cache.paths() for path in paths},
        ttls={
            "immutable": (year, year, year),
            "versioned": (0, cache.versioned.ttl_seconds, year),
            "dynamic": (0, 0, cache.dynamic.most_ttl_seconds),
            "private": (0, 0, 0),
        },
        failover=settings.failover.enabled,
        writes=cache.dynamic.writes,
        functions=settings.functions(),
        rate_limit=firewall.requests_per_five_minutes,
        rule_groups=tuple(firewall.managed_rule_groups),
        count_only=firewall.count_only,
        headers={
            "Strict-Transport-Security": f"max-age={headers.hsts_max_age_days * 86_400}",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": headers.frame_option,
            "Referrer-Policy": headers.referrer_policy,
            "Content-Security-Policy": headers.content_security_policy or "none",
        },
        log_days=settings.logs.retention_days,
        ingress=foundation.edge.ingress,
        alarms=tuple(alarms_of("edge-errors", threshold("error_rate"))),
    )


@dataclass(frozen=True)
class Cdn:
    """The distribution. `things` is the phase's at home, `edge` what stands in us-east-1."""

    reads: Reads
    things: Inventory
    edge: Inventory
    foundation: Inventory
    wanted: CdnWanted

    @classmethod
    def of(cls, settings: Mapping[str, Any], environment: str, reads: Reads) -> Cdn:
        """The world of the cdn's settings, given foundation's."""
        ground = foundation_wanted(settings["foundation"])
        scope = Scope(ground.platform, PHASE, environment)
        wanted = cdn_wanted(settings[PHASE], settings["foundation"], ground, environment)
        edge = Inventory(reads.in_region(EDGE_REGION), scope)
        return cls(
            reads, Inventory(reads, scope), edge, foundation_things(ground, environment, reads), wanted
        )

    def first_made(self) -> list[Thing]:
        """What stands of the phase wherever anything of it does."""
        return self.edge.distributions() or self.edge.alarms()

    def distribution(self) -> Thing:
        """The distribution. Raises Absent."""
        return named(self.edge.distributions(), "site", "distribution")

    def config(self) -> Mapping[str, Any]:
        """Its configuration. Raises Absent."""
        answer = self.edge.reads.get(
            "cloudfront", "get_distribution_config", Id=self.distribution().data["Id"]
        )
        found: Mapping[str, Any] = answer["DistributionConfig"]
        return found

    def behaviors(self) -> dict[str, Mapping[str, Any]]:
        """Behaviors by path pattern, the default one under `*`."""
        config = self.config()
        ordered = config.get("CacheBehaviors", {}).get("Items", [])
        return {**{each["PathPattern"]: each for each in ordered}, "*": config["DefaultCacheBehavior"]}

    def origins(self) -> dict[str, Mapping[str, Any]]:
        """Origins by id."""
        return {each["Id"]: each for each in self.config()["Origins"]["Items"]}

    def members(self, target: str) -> list[str]:
        """The origins that a behavior's target asks, in turn."""
        for group in self.config().get("OriginGroups", {}).get("Items", []):
            if group["Id"] == target:
                return [member["OriginId"] for member in group["Members"]["Items"]]
        return [target]

    def cache_policy(self, policy: str) -> Mapping[str, Any]:
        """A cache policy's configuration."""
        answer = self.edge.reads.get("cloudfront", "get_cache_policy", Id=policy)
        found: Mapping[str, Any] = answer["CachePolicy"]["CachePolicyConfig"]
        return found

    def security_headers(self, policy: str) -> Mapping[str, Any]:
        """The security headers of a response headers policy."""
        answer = self.edge.reads.get("cloudfront", "get_response_headers_policy", Id=policy)
        config = answer["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
        found: Mapping[str, Any] = config.get("SecurityHeadersConfig", {})
        return found

    def access_control(self, control: str) -> Mapping[str, Any]:
        """An origin access control's configuration."""
        answer = self.edge.reads.get("cloudfront", "get_origin_access_control", Id=control)
        found: Mapping[str, Any] = answer["OriginAccessControl"]["OriginAccessControlConfig"]
        return found

    def live_code(self, name: str) -> str:
        """The code of a function as it is published. Raises Absent."""
        answer = self.edge.reads.get_or_none(
            "cloudfront", "get_function", {"NoSuchFunctionExists"}, Name=name, Stage="LIVE"
        )
        if answer is None:
            raise Absent(f"published function {name}")
        content = answer["FunctionCode"]
        data = content.read() if hasattr(content, "read") else content
        return data.decode() if isinstance(data, bytes) else str(data)

    def firewall(self) -> Mapping[str, Any]:
        """The web ACL that the distribution names. Raises Absent."""
        arn = str(self.config().get("WebACLId", ""))
        parts = arn.rpartition(":")[2].split("/")
        if len(parts) != 4:
            raise Absent("firewall of the distribution")
        answer = self.edge.reads.get("wafv2", "get_web_acl", Name=parts[2], Id=parts[3], Scope="CLOUDFRONT")
        found: Mapping[str, Any] = answer["WebACL"]
        return found

    def logs(self) -> Thing:
        """The bucket of the access logs. Raises Absent."""
        return named(self.things.buckets(), "cdn-logs", "bucket")

    def log_rules(self) -> list[Mapping[str, Any]]:
        """Lifecycle rules of that bucket."""
        answer = self.reads.get_or_none(
            "s3",
            "get_bucket_lifecycle_configuration",
            {"NoSuchLifecycleConfiguration"},
            Bucket=self.logs().id,
        )
        return list(answer["Rules"]) if answer else []

    def asset_policy(self) -> str:
        """The policy of foundation's asset bucket, as JSON; empty where it has none. Raises Absent."""
        bucket = named(self.foundation.buckets(), "assets", "bucket")
        answer = self.reads.get_or_none("s3", "get_bucket_policy", {"NoSuchBucketPolicy"}, Bucket=bucket.id)
        return str(answer["Policy"]) if answer else ""

    def doors(self) -> list[Thing]:
        """The security groups of the load balancer."""
        ids = {
            group
            for balancer in self.foundation.load_balancers()
            for group in balancer.data["SecurityGroups"]
        }
        return [each for each in self.foundation.security_groups() if each.id in ids]

    def topic(self, level: str) -> Thing:
        """The topic of a level, in us-east-1. Raises Absent."""
        return topic_of(self.edge, level)

    def watchable(self) -> set[str]:
        """Values of CloudWatch's dimensions for what stands; `Global` is CloudFront's region there."""
        return {each.data["Id"] for each in self.edge.distributions()} | {"Global"}

    def alarm(self, wanted: AlarmWanted) -> Thing:
        """The alarm wanted. Raises Absent."""
        return named(self.edge.alarms(), wanted.name, "alarm")
