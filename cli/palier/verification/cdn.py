"""Checks of the cdn: what viewers are spoken with, what is kept, what stands in, and who gets past it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from palier.verification.cdn_world import PHASE, Cdn
from palier.verification.model import Answer, Check, compare, row, show, whether
from palier.verification.observability import alarm_checks
from palier.verification.storage import tagged
from palier.verification.things import some

ANYWHERE = {"0.0.0.0/0", "::/0"}
SITE = "distribution"
WRITES = {"PUT", "POST", "PATCH", "DELETE"}


def enabled(world: Cdn) -> Iterator[Answer]:
    """The distribution serves, and every edge location has its last change."""
    yield compare(SITE, whether(world.config().get("Enabled"), "enabled"), "enabled")
    yield compare(SITE, world.distribution().data.get("Status"), "Deployed")


def protocols(world: Cdn) -> Iterator[Answer]:
    """HTTP/2 and 3, IPv6, HTTPS alone."""
    config = world.config()
    yield compare(SITE, str(config.get("HttpVersion")).lower(), "http2and3")
    yield compare(SITE, whether(config.get("IsIPV6Enabled"), "IPv6"), "IPv6")
    for path, behavior in world.behaviors().items():
        yield compare(path, behavior["ViewerProtocolPolicy"], "redirect-to-https")


def names(world: Cdn) -> Iterator[Answer]:
    """The distribution answers to the domains asked for, by TLS 1.2 or later."""
    config = world.config()
    yield compare(SITE, sorted(config.get("Aliases", {}).get("Items", [])), sorted(world.wanted.domains))
    if world.wanted.domains:
        yield compare(SITE, config["ViewerCertificate"].get("MinimumProtocolVersion"), "TLSv1.2_2021")


def classes(world: Cdn) -> Iterator[Answer]:
    """Every path asked for has a behavior, with the times of its class; pages are the default."""
    found, wanted = world.behaviors(), {**world.wanted.classes, "*": "dynamic"}
    yield compare("paths", list(found), list(wanted))
    for path, kind in wanted.items():
        if path in found:
            policy = world.cache_policy(found[path]["CachePolicyId"])
            actual = tuple(int(policy.get(name, -1)) for name in ("MinTTL", "DefaultTTL", "MaxTTL"))
            yield compare(path, _times(actual), _times(world.wanted.ttls[kind]))


def _times(seconds: tuple[int, ...]) -> str:
    return "at least {} s, usually {} s, at most {} s".format(*seconds)


def compressed(world: Cdn) -> Iterator[Answer]:
    """What may be kept is compressed, by gzip and by Brotli."""
    for path, behavior in world.behaviors().items():
        if world.wanted.classes.get(path) == "private":
            continue
        key = world.cache_policy(behavior["CachePolicyId"])["ParametersInCacheKeyAndForwardedToOrigin"]
        ways = [word for word in ("Gzip", "Brotli") if key.get(f"EnableAcceptEncoding{word}")]
        yield compare(path, show(ways) if behavior.get("Compress") else "not compressed", "Gzip, Brotli")


def private(world: Cdn) -> Iterator[Answer]:
    """No cookie is part of a cache key: what one user sees is kept for nobody."""
    for path, behavior in world.behaviors().items():
        key = world.cache_policy(behavior["CachePolicyId"])["ParametersInCacheKeyAndForwardedToOrigin"]
        yield compare(path, key["CookiesConfig"]["CookieBehavior"], "none")


def methods(world: Cdn) -> Iterator[Answer]:
    """Writes are taken where they are asked for, and nowhere else."""
    for path, behavior in world.behaviors().items():
        kind = world.wanted.classes.get(path, "dynamic")
        asked = kind == "private" or (kind == "dynamic" and world.wanted.writes)
        taken = bool(WRITES & set(behavior["AllowedMethods"]["Items"]))
        yield compare(path, whether(taken, "writes"), whether(asked, "writes"))


def stand_ins(world: Cdn) -> Iterator[Answer]:
    """Assets fall back to the application, and pages to their copies, where asked."""
    failover, writes = world.wanted.failover, world.wanted.writes
    for path, behavior in world.behaviors().items():
        kind = world.wanted.classes.get(path, "dynamic")
        if kind == "private" or (kind == "dynamic" and (writes or not failover)):
            wanted = ["application"]
        elif kind == "dynamic":
            wanted = ["application", "copies"]
        else:
            wanted = ["assets", "application"] if failover else ["assets"]
        yield compare(path, world.members(behavior["TargetOriginId"]), wanted)


def signed(world: Cdn) -> Iterator[Answer]:
    """The asset bucket is read under CloudFront's own name, every request signed."""
    buckets = [each for each in world.origins().values() if "CustomOriginConfig" not in each]
    for origin in some(buckets, "bucket origin"):
        control = world.access_control(origin.get("OriginAccessControlId", ""))
        actual = f"{control.get('SigningBehavior')}, {control.get('SigningProtocol')}"
        yield compare(origin["Id"], actual, "always, sigv4")


def readable(world: Cdn) -> Iterator[Answer]:
    """The asset bucket lets CloudFront read for this account's distributions, and for nobody else's."""
    statements = json.loads(world.asset_policy() or "{}").get("Statement", [])
    for statement in statements:
        if statement.get("Principal") == {"Service": "cloudfront.amazonaws.com"}:
            source = statement.get("Condition", {}).get("ArnLike", {}).get("aws:SourceArn", "anybody's")
            account = world.distribution().id.split(":")[4]
            yield compare("assets", source, f"arn:aws:cloudfront::{account}:distribution/*")
            return
    yield Answer(False, "assets", "CloudFront may not read", "CloudFront may read")


def headers(world: Cdn) -> Iterator[Answer]:
    """Every answer carries the security headers asked for."""
    policies = {path: each.get("ResponseHeadersPolicyId", "") for path, each in world.behaviors().items()}
    told = {policy: _told(world.security_headers(policy)) for policy in set(policies.values()) if policy}
    for path, policy in policies.items():
        for name, value in world.wanted.headers.items():
            yield compare(f"{path} {name}", told.get(policy, {}).get(name, "none"), value)


def _told(config: Any) -> dict[str, str]:
    transport = config.get("StrictTransportSecurity", {})
    found = {
        "Strict-Transport-Security": f"max-age={transport.get('AccessControlMaxAgeSec', 0)}",
        "X-Content-Type-Options": "nosniff" if "ContentTypeOptions" in config else "none",
        "X-Frame-Options": config.get("FrameOptions", {}).get("FrameOption", "none"),
        "Referrer-Policy": config.get("ReferrerPolicy", {}).get("ReferrerPolicy", "none"),
    }
    policy = config.get("ContentSecurityPolicy", {}).get("ContentSecurityPolicy", "none")
    return {**found, "Content-Security-Policy": policy}


def logic(world: Cdn) -> Iterator[Answer]:
    """The functions at the edge are published, with the code that the settings make."""
    for name, code in world.wanted.functions.items():
        same = world.live_code(f"{world.wanted.prefix}-{name}") == code
        yield compare(name, whether(same, "the code of the settings"), "the code of the settings")


def firewall_rules(world: Cdn) -> Iterator[Answer]:
    """Too many requests of one address are refused, and the rule groups asked for are in place."""
    rules = {each["Name"]: each for each in world.firewall()["Rules"]}
    rate = rules.get("rate", {}).get("Statement", {}).get("RateBasedStatement", {}).get("Limit")
    blocks = "Block" in rules.get("rate", {}).get("Action", {})
    actual = f"{rate} in five minutes, {whether(blocks, 'refused')}"
    yield compare("rate", actual, f"{world.wanted.rate_limit} in five minutes, refused")
    for name in world.wanted.rule_groups:
        action = rules.get(name, {}).get("OverrideAction", {"Absent": {}})
        said = {"Count": "counts", "None": "refuses"}.get(next(iter(action)), "is not there")
        yield compare(name, said, "counts" if world.wanted.count_only else "refuses")


def logged(world: Cdn) -> Iterator[Answer]:
    """Requests are logged into the phase's bucket, and logs expire as asked."""
    bucket = world.logs()
    target = str(world.config().get("Logging", {}).get("Bucket", "")).partition(".")[0]
    yield compare("access logs", target or "not logged", bucket.id)
    days = [rule["Expiration"]["Days"] for rule in world.log_rules() if "Days" in rule.get("Expiration", {})]
    yield compare("access logs", days, [world.wanted.log_days])


def ingress(world: Cdn) -> Iterator[Answer]:
    """Nobody reaches the load balancer past CloudFront, where that is asked."""
    for group in some(world.doors(), "security group of the load balancer"):
        opened = any(
            {each.get("CidrIp"), each.get("CidrIpv6")} & ANYWHERE
            for rule in group.data["IpPermissions"]
            for each in (*rule.get("IpRanges", []), *rule.get("Ipv6Ranges", []))
        )
        actual = "internet" if opened else "cloudfront"
        yield compare(group.subject, actual, world.wanted.ingress)


def cost_tags(world: Cdn) -> Iterator[Answer]:
    """Everything that can be found by its tags."""
    here, edge = world.things, world.edge
    things = (*edge.distributions(), *here.buckets(), *edge.kms_keys(), *edge.topics(), *edge.alarms())
    yield from tagged(some(things, "resource"), world.wanted.cost_tags)


CHECKS: tuple[Check, ...] = (
    row(PHASE, enabled, "cdn.enabled", "The distribution is enabled and deployed", "wait, then verify again"),
    row(PHASE, protocols, "cdn.protocols", "Viewers get HTTP/2 and 3, IPv6, and HTTPS alone"),
    row(PHASE, names, "cdn.names", "The distribution answers to the domains asked for, by TLS 1.2 or later"),
    row(PHASE, classes, "cache.classes", "Every path asked for is kept as long as its class says"),
    row(PHASE, compressed, "cache.compressed", "What is kept is compressed, by gzip and by Brotli"),
    row(PHASE, private, "cache.private", "No cookie is part of a cache key"),
    row(PHASE, methods, "cache.methods", "Writes are taken where they are asked for, and nowhere else"),
    row(PHASE, stand_ins, "origins.stand-ins", "Origins that are down are stood in for, as asked"),
    row(PHASE, signed, "origins.signed", "The asset bucket is read with signed requests"),
    row(
        PHASE,
        readable,
        "origins.readable",
        "The asset bucket lets this account's distributions read",
        "palier up foundation, with foundation:edge.cloudfront_reads_assets",
    ),
    row(PHASE, ingress, "origins.ingress", "The load balancer takes requests from whom foundation says"),
    row(PHASE, headers, "edge.headers", "Every answer carries the security headers asked for"),
    row(PHASE, logic, "edge.logic", "The functions at the edge are published as the settings make them"),
    row(
        PHASE, firewall_rules, "edge.firewall", "The firewall limits rates and has the rule groups asked for"
    ),
    row(PHASE, logged, "cdn.logs", "Requests are logged, and logs expire as asked"),
    *alarm_checks(PHASE, "cdn.", "For the error rate at the edge"),
    row(PHASE, cost_tags, "cdn.tags", "Every resource of the phase says who owns it and who pays"),
)
