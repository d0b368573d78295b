"""What CloudFront refuses of a distribution, before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from palier.local.provider.resources.common import known
from palier.local.provider.table import Check, Problem

# CloudFront API reference, AllowedMethods and CachedMethods: the only combinations.
_ALLOWED = (
    {"GET", "HEAD"},
    {"GET", "HEAD", "OPTIONS"},
    {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"},
)
_CACHED = ({"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"})
# Origin failover, "Creating an origin group": the answers that may be failed over.
_FAILOVER_CODES = frozenset({400, 403, 404, 416, 429, 500, 502, 503, 504})
_LONGEST_COMMENT = 128
# The functions that a behavior may run, by when they run.
_FUNCTION_EVENTS = frozenset({"viewer-request", "viewer-response"})
_HTTP_VERSIONS = ("http1.1", "http2", "http3", "http2and3")
_PRICE_CLASSES = ("PriceClass_100", "PriceClass_200", "PriceClass_All", "None")


def _items(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _behaviors(inputs: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    default = inputs.get("defaultCacheBehavior")
    if isinstance(default, Mapping):
        yield "defaultCacheBehavior", default
    for index, behavior in enumerate(_items(inputs.get("orderedCacheBehaviors"))):
        yield f"orderedCacheBehaviors[{index}]", behavior


def _targets(check: Check) -> list[Problem]:
    """Behaviors and groups name origins that the distribution has."""
    inputs = check.inputs
    origins = {origin.get("originId") for origin in _items(inputs.get("origins"))}
    groups = _items(inputs.get("originGroups"))
    targets = origins | {group.get("originId") for group in groups}
    if not all(isinstance(target, str) for target in targets):
        return []
    problems = [
        (f"{path}.targetOriginId", f"{behavior['targetOriginId']!r} is no origin or origin group")
        for path, behavior in _behaviors(inputs)
        if isinstance(behavior.get("targetOriginId"), str) and behavior["targetOriginId"] not in targets
    ]
    for index, group in enumerate(groups):
        members = [one.get("originId") for one in _items(group.get("members"))]
        strangers = [one for one in members if isinstance(one, str) and one not in origins]
        problems += [(f"originGroups[{index}].members", f"{one!r} is no origin") for one in strangers]
        if len(members) != 2:
            problems.append((f"originGroups[{index}].members", "two origins are wanted"))
        criteria = group.get("failoverCriteria")
        codes = criteria.get("statusCodes") if isinstance(criteria, Mapping) else None
        wrong = [code for code in codes if known(code) and int(code) not in _FAILOVER_CODES] if codes else []
        problems += [
            (f"originGroups[{index}].failoverCriteria", f"{code:g} can't be failed over") for code in wrong
        ]
    return problems


def _methods(check: Check) -> list[Problem]:
    problems = []
    groups = [group.get("originId") for group in _items(check.inputs.get("originGroups"))]
    for path, behavior in _behaviors(check.inputs):
        for name, allowed in (("allowedMethods", _ALLOWED), ("cachedMethods", _CACHED)):
            asked = behavior.get(name)
            if isinstance(asked, list) and all(map(known, asked)) and set(asked) not in allowed:
                wanted = " or ".join(" ".join(sorted(one)) for one in allowed)
                problems.append((f"{path}.{name}", f"{' '.join(sorted(asked))} is none of: {wanted}"))
        methods = behavior.get("allowedMethods")
        if behavior.get("targetOriginId") in groups and isinstance(methods, list) and "POST" in methods:
            problems.append((f"{path}.allowedMethods", "an origin group takes GET, HEAD and OPTIONS alone"))
    return problems


def _caching(check: Check) -> list[Problem]:
    """A behavior has a cache policy, or forwarded values and lifetimes of its own, never both."""
    problems = []
    for path, behavior in _behaviors(check.inputs):
        policy, values = behavior.get("cachePolicyId"), behavior.get("forwardedValues")
        if policy is None and values is None:
            problems.append((f"{path}.cachePolicyId", "a cache policy or forwardedValues is wanted"))
        if policy is not None and values is not None:
            problems.append((f"{path}.forwardedValues", "can't stand beside a cache policy"))
        if behavior.get("originRequestPolicyId") is not None and policy is None:
            problems.append((f"{path}.originRequestPolicyId", "wants a cache policy"))
    return problems


def _functions(check: Check) -> list[Problem]:
    problems = []
    for path, behavior in _behaviors(check.inputs):
        events = [one.get("eventType") for one in _items(behavior.get("functionAssociations"))]
        place = f"{path}.functionAssociations"
        problems += [
            (place, f"a function does not run at {event!r}")
            for event in events
            if isinstance(event, str) and event not in _FUNCTION_EVENTS
        ]
        if len(set(events)) != len(events):
            problems.append((place, "one event has two functions"))
    return problems


def _certificate(check: Check) -> list[Problem]:
    certificate = check.inputs.get("viewerCertificate")
    if not isinstance(certificate, Mapping):
        return []
    own = certificate.get("acmCertificateArn") or certificate.get("iamCertificateId")
    problems = []
    if check.inputs.get("aliases") and own is None:
        problems.append(("aliases", "want a viewerCertificate that covers them"))
    arn = certificate.get("acmCertificateArn")
    if isinstance(arn, str) and not arn.startswith("arn:aws:acm:us-east-1:"):
        text = f"{arn} is not a certificate of us-east-1, the one region that CloudFront reads"
        problems.append(("viewerCertificate.acmCertificateArn", text))
    if own is not None and not certificate.get("sslSupportMethod"):
        problems.append(("viewerCertificate.sslSupportMethod", "is required with a certificate of your own"))
    return problems


def _texts(check: Check) -> list[Problem]:
    """Short texts, enumerations, and a root object that is a name."""
    inputs, problems = check.inputs, []
    comment, root = inputs.get("comment"), inputs.get("defaultRootObject")
    if isinstance(comment, str) and len(comment) > _LONGEST_COMMENT:
        problems.append(("comment", f"has {len(comment)} characters; CloudFront takes {_LONGEST_COMMENT}"))
    if isinstance(root, str) and root.startswith("/"):
        problems.append(("defaultRootObject", f"{root!r} must not begin with a slash"))
    for name, allowed in (("httpVersion", _HTTP_VERSIONS), ("priceClass", _PRICE_CLASSES)):
        value = inputs.get(name)
        if isinstance(value, str) and value not in allowed:
            problems.append((name, f"{value!r} is not one of AWS's values ({', '.join(allowed)})"))
    return problems


def _references(check: Check) -> list[Problem]:
    """A web ACL is one of scope CLOUDFRONT, which stands in us-east-1 and is called global."""
    acl = check.inputs.get("webAclId")
    if (
        not isinstance(acl, str)
        or not acl.startswith("arn:")
        or (":us-east-1:" in acl and ":global/webacl/" in acl)
    ):
        return []
    return [("webAclId", f"{acl} is not a web ACL of scope CLOUDFRONT")]


RULES = (_targets, _methods, _caching, _functions, _certificate, _texts, _references)
