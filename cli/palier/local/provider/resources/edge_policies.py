"""CloudFront's policies and origin access controls: configurations replaced whole, under a version."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.shapes import to_aws
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read

# CloudFront's API has one region, as has its price list.
HOME = "us-east-1"
_BEHAVIORS = {
    "headersConfig": ("headerBehavior", "headers"),
    "cookiesConfig": ("cookieBehavior", "cookies"),
    "queryStringsConfig": ("queryStringBehavior", "queryStrings"),
}
# Behaviours that say which; the others must name none.
_NAMING = frozenset({"whitelist", "allExcept", "allViewerAndWhitelistCloudFront"})


def counted(value: Any) -> Any:
    """`value` with the count that CloudFront wants beside every list."""
    if isinstance(value, Mapping):
        filled = {key: counted(item) for key, item in value.items()}
        return {"Quantity": len(filled["Items"]), **filled} if "Items" in filled else filled
    return [counted(item) for item in value] if isinstance(value, list) else value


def configured(kind: str) -> Callable[[Context, dict[str, Any]], dict[str, Any]]:
    """For `prepare`: the whole configuration, in the member `<kind>Config`."""

    def prepare(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        model = context.clients.operation_model("cloudfront", f"Create{kind}")
        shape = model.input_shape.members[f"{kind}Config"]
        config = to_aws(context.inputs, shape, context.entry.names)
        if kind == "CachePolicy":
            config.setdefault("MinTTL", 0)
        return {**arguments, f"{kind}Config": counted(config)}

    return prepare


def current_version(operation: str) -> Callable[[Context], None]:
    """For `before_delete`: the version that stands, as the official provider asks when its own is old."""

    def ask(context: Context) -> None:
        answer = context.call(operation, **context.fill(context.entry.read.arguments))  # type: ignore[union-attr]
        context.outputs = {**context.outputs, "etag": answer["ETag"]}

    return ask


def _described(kind: str) -> Callable[[Context, dict[str, Any]], dict[str, Any]]:
    def described(context: Context, found: dict[str, Any]) -> dict[str, Any]:
        return {"ETag": found["ETag"], **found[kind][f"{kind}Config"]}

    return described


def _names_what_it_lists(check: Check) -> list[Problem]:
    """A list of names stands with the behaviours that want one, and with no other."""
    within = check.inputs.get("parametersInCacheKeyAndForwardedToOrigin", check.inputs)
    prefix = "" if within is check.inputs else "parametersInCacheKeyAndForwardedToOrigin."
    problems = []
    for config, (behavior, listed) in _BEHAVIORS.items():
        part = within.get(config) if isinstance(within, Mapping) else None
        if not isinstance(part, Mapping) or not isinstance(part.get(behavior), str):
            continue
        path, given = f"{prefix}{config}", part.get(listed)
        items = given.get("items") if isinstance(given, Mapping) else None
        if part[behavior] in _NAMING and not items:
            problems.append((path, f"{behavior} {part[behavior]!r} wants {listed}"))
        elif part[behavior] not in _NAMING and items:
            problems.append((path, f"{behavior} {part[behavior]!r} takes no {listed}"))
    return problems


def _lifetimes(check: Check) -> list[Problem]:
    low, usual, high = (check.inputs.get(name) or 0 for name in ("minTtl", "defaultTtl", "maxTtl"))
    if not all(isinstance(value, (int, float)) for value in (low, usual, high)):
        return []
    if low <= usual <= high:
        return []
    text = f"minTtl {low:g}, defaultTtl {usual:g} and maxTtl {high:g} must not fall"
    return [("defaultTtl", text)]


def _has_a_part(check: Check) -> list[Problem]:
    if any(check.inputs.get(part) for part in _HEADER_PARTS):
        return []
    return [("corsConfig", f"one of {', '.join(_HEADER_PARTS)} is wanted")]


_HEADER_PARTS = (
    "corsConfig",
    "customHeadersConfig",
    "removeHeadersConfig",
    "securityHeadersConfig",
    "serverTimingHeadersConfig",
)


def named(pattern: str) -> Callable[[Check], list[Problem]]:
    """The resource's name holds only what CloudFront allows."""

    def rule(check: Check) -> list[Problem]:
        name = check.inputs.get("name")
        if not isinstance(name, str) or re.fullmatch(pattern, name):
            return []
        return [("name", f"{name!r} does not match {pattern}")]

    return rule


def _policy(
    kind: str,
    token: str,
    path: str,
    *checks: Callable[[Check], list[Problem]],
    longest: int = 128,
    **further: Any,
) -> Entry:
    """A configuration that one operation makes and another replaces."""
    return Entry(
        f"aws:cloudfront/{token}",
        "cloudfront",
        create=Call(f"Create{kind}", mapped=False),
        id=f"{kind}.Id",
        read=Read(f"Get{kind}", {"Id": "{id}"}),
        update=Call(f"Update{kind}", {"Id": "{id}", "IfMatch": "{etag}"}, mapped=False, whole=True),
        delete=Call(f"Delete{kind}", {"Id": "{id}", "IfMatch": "{etag}"}, mapped=False),
        within=f"{kind}Config",
        prepare=configured(kind),
        described=_described(kind),
        before_delete=current_version(f"Get{kind}"),
        outputs={"arn": f"arn:aws:cloudfront::{{account}}:{path}/{{id}}"},
        recomputed={"etag": ()},
        autoname=Autoname("name", longest, prefix=None),
        global_region=HOME,
        checks=checks,
        **further,
    )


ENTRIES = (
    _policy(
        "CachePolicy",
        "cachePolicy:CachePolicy",
        "cache-policy",
        named(r"[A-Za-z0-9_-]+"),
        _lifetimes,
        _names_what_it_lists,
        defaults={"defaultTtl": 86400, "maxTtl": 31536000},
        packed=frozenset({"comment", "defaultTtl", "maxTtl", "minTtl", "name"})
        | {"parametersInCacheKeyAndForwardedToOrigin"},
    ),
    _policy(
        "OriginRequestPolicy",
        "originRequestPolicy:OriginRequestPolicy",
        "origin-request-policy",
        named(r"[A-Za-z0-9_-]+"),
        _names_what_it_lists,
        packed=frozenset({"comment", "cookiesConfig", "headersConfig", "name", "queryStringsConfig"}),
    ),
    _policy(
        "ResponseHeadersPolicy",
        "responseHeadersPolicy:ResponseHeadersPolicy",
        "response-headers-policy",
        named(r"[A-Za-z0-9_-]+"),
        _has_a_part,
        packed=frozenset({"comment", "name", *_HEADER_PARTS}),
    ),
    _policy(
        "OriginAccessControl",
        "originAccessControl:OriginAccessControl",
        "origin-access-control",
        longest=64,
        defaults={"description": "Managed by Pulumi"},
        packed=frozenset({"description", "name", "originAccessControlOriginType", "signingBehavior"})
        | {"signingProtocol"},
    ),
)
