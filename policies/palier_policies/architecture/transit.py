"""Encryption of what goes over networks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from palier_policies.architecture.common import (
    Flag,
    Throwaway,
    apart,
    blocks,
    flag,
    flagged,
    mended,
    types_of,
)
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import Resource

CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETERS = (
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
)
LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
DISTRIBUTION, DOMAINS = (
    "aws:cloudfront/distribution:Distribution",
    ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain"),
)
_PLAIN = "what is sent is not encrypted"
_FLAGS = (
    Flag("aws:rds/proxy:Proxy", ("requireTls",), _PLAIN, mends=True),
    Flag("aws:memorydb/cluster:Cluster", ("tlsEnabled",), _PLAIN, without=True),
    *(Flag(kind, ("nodeToNodeEncryption", "enabled"), _PLAIN) for kind in DOMAINS),
    *(Flag(kind, ("domainEndpointOptions", "enforceHttps"), _PLAIN) for kind in DOMAINS),
)
# "Parameter": TLS is required where it is 1 (RDS user guide, "Using SSL/TLS" of each engine).
_REQUIRED = ("rds.force_ssl", "require_secure_transport")
_OLD_TLS = ("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016")


def _in_transit(resource: Resource, settings: Throwaway) -> Iterator[Problem]:
    if resource.type == CACHE:
        yield from _cache(resource)
    elif resource.type in PARAMETERS:
        for parameter in blocks(resource, "parameters"):
            yield from apart(partial(_parameter, parameter))
    elif resource.type in LISTENERS:
        yield from _listener(resource, settings)
    elif resource.type == DISTRIBUTION:
        yield from apart(
            partial(_viewers, resource),
            partial(_certificate, resource, settings),
            partial(_origins, resource, settings),
        )
    else:
        yield from flagged(_FLAGS, resource)


def _cache(resource: Resource) -> Iterator[Problem]:
    if resource.read("transitEncryptionEnabled") is None and resource.read("engine") == "valkey":
        return  # encrypted unless told otherwise (ElastiCache user guide, "In-transit encryption")
    if not flag(resource, "transitEncryptionEnabled"):
        text = f"{resource.label}: transitEncryptionEnabled is not true: {_PLAIN}; set it to true"
        yield Problem.of(resource, text)


def _parameter(parameter: Resource) -> Iterator[Problem]:
    name = parameter.read("name")
    value = parameter.read("value") if name in _REQUIRED else None
    if value is not None and str(value).lower() in ("0", "off", "false"):
        text = f"{parameter.label} sets {name} to {value}: clients may connect without TLS; set it to 1"
        yield Problem.of(parameter, text)


def _listener(resource: Resource, settings: Throwaway) -> Iterator[Problem]:
    if settings.covers(resource) or resource.read("protocol", default="HTTP") != "HTTP":
        return
    actions = blocks(resource, "defaultActions")
    if not actions or not all(_to_https(action) for action in actions):
        yield Problem.of(
            resource,
            f"{resource.label} serves plain HTTP on port {resource.read('port', default=80):g}: {_PLAIN}; "
            "let its "
            "default action redirect to HTTPS, and give an HTTPS listener a certificate",
        )


def _to_https(action: Resource) -> bool:
    kind = action.read("type")
    protocol = action.read("redirect", "protocol", default="#{protocol}")
    return bool(kind == "redirect" and protocol == "HTTPS")


def _viewers(resource: Resource) -> Iterator[Problem]:
    for name in ("defaultCacheBehavior", "orderedCacheBehaviors"):
        yield from apart(partial(_behaviors, resource, name))


def _behaviors(resource: Resource, name: str) -> Iterator[Problem]:
    for behavior in blocks(resource, name):
        yield from apart(partial(_behavior, behavior))


def _behavior(behavior: Resource) -> Iterator[Problem]:
    policy = behavior.read("viewerProtocolPolicy")
    if policy not in ("redirect-to-https", "https-only"):
        where = behavior.read("pathPattern", default="its default behavior")
        yield Problem.of(
            behavior,
            f"{behavior.label}: viewerProtocolPolicy of {where} is {policy}: {_PLAIN}; set redirect-to-https",
        )


def _certificate(resource: Resource, settings: Throwaway) -> Iterator[Problem]:
    if settings.covers(resource):
        return
    if flag(resource, "viewerCertificate", "cloudfrontDefaultCertificate"):
        yield Problem.of(
            resource,
            f"{resource.label} uses CloudFront's own certificate, which takes TLS 1.0; set "
            "viewerCertificate to one "
            "of your own, with minimumProtocolVersion TLSv1.2_2021",
            level="advisory",
        )
        return
    version = resource.read("viewerCertificate", "minimumProtocolVersion", default="TLSv1")
    if version in _OLD_TLS:
        yield Problem.of(
            resource,
            f"{resource.label}: viewerCertificate.minimumProtocolVersion is {version}; set TLSv1.2_2021",
        )


def _origins(resource: Resource, settings: Throwaway) -> Iterator[Problem]:
    for origin in [] if settings.covers(resource) else blocks(resource, "origins"):
        yield from apart(partial(_origin, origin))


def _origin(origin: Resource) -> Iterator[Problem]:
    policy = origin.read("customOriginConfig", "originProtocolPolicy")
    if policy in ("http-only", "match-viewer"):
        yield Problem.of(
            origin,
            f"{origin.label}: originProtocolPolicy of {origin.read('originId', default='an origin')} is "
            f"{policy}: "
            f"{_PLAIN}; set https-only",
        )


POLICIES = (
    Policy(
        name="encryption-in-transit",
        says="What is sent over a network is encrypted.",
        severity="high",
        level="mandatory",
        source="AWS Security Hub ElastiCache.5, RDS.38, RDS.39, ELB.1, CloudFront.3, CloudFront.7, "
        "CloudFront.9, "
        "Opensearch.3, Opensearch.8, ES.3, ES.8",
        types=types_of(_FLAGS) | {CACHE, DISTRIBUTION, *LISTENERS, *PARAMETERS},
        check=_in_transit,
        mend=lambda resource, settings: mended(_FLAGS, resource),
        settings=Throwaway,
        limits="An environment that is made to be thrown away needs no certificate, and there listeners, "
        "CloudFront's "
        "certificate and its origins are let through. A parameter that no group declares is as the engine "
        "has "
        "it. Not seen: listeners' further rules, and whether clients check certificates.",
        remedy="Sets requireTls of an RDS proxy. A cache takes it in two steps, with clients changed in "
        "between; a "
        "listener needs a certificate.",
        example=Example(
            breaks='aws.lb.Listener(\n    "http",\n    load_balancer_arn=balancer.arn,\n    port=80,\n'
            '    default_actions=[{"type": "forward", "target_group_arn": group.arn}],\n)',
            keeps='aws.lb.Listener(\n    "http",\n    load_balancer_arn=balancer.arn,\n    port=80,\n'
            "    default_actions=[\n        {\n"
            '            "type": "redirect",\n'
            '            "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"},\n'
            "        },\n    ],\n)",
        ),
    ),
)
