"""CloudFront: policies of cache behaviors, and origin access controls."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.shapes import to_aws
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read

Rule = Callable[[Context, dict[str, Any]], dict[str, Any]]


def counted(value: Any) -> Any:
    """`value` with the Quantity that CloudFront wants beside every Items."""
    if isinstance(value, list):
        return [counted(item) for item in value]
    if not isinstance(value, dict):
        return value
    filled = {key: counted(item) for key, item in value.items()}
    return {"Quantity": len(filled["Items"]), **filled} if "Items" in filled else filled


def version(context: Context, operation: str, **arguments: Any) -> str:
    """The ETag of what stands, which every change of CloudFront's wants back."""
    return str(context.call(operation, **arguments)["ETag"])


def _config(context: Context, kind: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    model = context.clients.operation_model("cloudfront", f"Create{kind}")
    shape = model.input_shape.members[f"{kind}Config"]
    config = counted(to_aws(inputs, shape, context.entry.names))
    if kind == "CachePolicy":  # The official provider sends these whether the program says them or not.
        encodings = {"EnableAcceptEncodingBrotli": False, "EnableAcceptEncodingGzip": False}
        key = "ParametersInCacheKeyAndForwardedToOrigin"
        config = {"MinTTL": 0, **config, key: {**encodings, **config[key]}}
    return {f"{kind}Config": config}


def _created(kind: str) -> Rule:
    return lambda context, _: _config(context, kind, context.inputs)


def _updated(kind: str) -> Callable[[Context, dict[str, Any], set[str]], set[str]]:
    """Every change sends the whole config, and the version that it changes."""

    def update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
        etag = version(context, f"Get{kind}", Id=context.id)
        context.call(f"Update{kind}", Id=context.id, IfMatch=etag, **_config(context, kind, inputs))
        return changed

    return update


def _described(kind: str) -> Rule:
    def described(context: Context, found: dict[str, Any]) -> dict[str, Any]:
        named = kind[0].lower() + kind[1:]
        arn = f"arn:aws:cloudfront::{context.fill('{account}')}:{_path(named)}/{context.id}"
        return {**found[kind][f"{kind}Config"], "Etag": found["ETag"], "Arn": arn}

    return described


def _path(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


def _delete(kind: str) -> Callable[[Context], None]:
    def delete(context: Context) -> None:
        etag = version(context, f"Get{kind}", Id=context.id)
        context.call(f"Delete{kind}", Id=context.id, IfMatch=etag)

    return delete


def _policy(token: str, kind: str, autoname: Autoname | None = None, **further: Any) -> Entry:
    """A type that CloudFront keeps as one config under an id and a version."""
    return Entry(
        token,
        "cloudfront",
        create=Call(f"Create{kind}", mapped=False),
        id=f"{kind}.Id",
        read=Read(f"Get{kind}", {"Id": "{id}"}),
        delete=None,
        within=f"{kind}Config",
        autoname=autoname,
        recomputed={"etag": ()},
        prepare=_created(kind),
        described=_described(kind),
        on_update=_updated(kind),
        before_delete=_delete(kind),
        global_region="us-east-1",
        **further,
    )


_TTLS = ("minTtl", "defaultTtl", "maxTtl")
_HEADERS = ("corsConfig", "customHeadersConfig", "removeHeadersConfig", "securityHeadersConfig")


def _some_headers(check: Check) -> list[Problem]:
    wanted = (*_HEADERS, "serverTimingHeadersConfig")
    if any(check.inputs.get(name) is not None for name in wanted):
        return []
    return [("corsConfig", f"at least one of {', '.join(wanted)} is wanted")]


def _ordered_lifetimes(check: Check) -> list[Problem]:
    """`minTtl <= defaultTtl <= maxTtl`, as CloudFront demands of the three."""
    given = [(name, check.inputs[name]) for name in _TTLS if _number(check.inputs.get(name))]
    for (low_name, low), (high_name, high) in itertools.pairwise(given):
        if low > high:
            return [(high_name, f"{high:g} s is less than {low_name}, {low:g} s")]
    return []


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_NAMED = Autoname("name", prefix=None)

ENTRIES = (
    _policy(
        "aws:cloudfront/cachePolicy:CachePolicy",
        "CachePolicy",
        _NAMED,
        defaults={"defaultTtl": 86400, "maxTtl": 31536000},
        checks=(_ordered_lifetimes,),
    ),
    _policy("aws:cloudfront/originRequestPolicy:OriginRequestPolicy", "OriginRequestPolicy", _NAMED),
    _policy(
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        "ResponseHeadersPolicy",
        _NAMED,
        checks=(_some_headers,),
    ),
    _policy(
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        "OriginAccessControl",
        Autoname("name", 64, prefix=None),
        defaults={"description": "Managed by Pulumi"},
    ),
)
