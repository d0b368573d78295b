"""Mends of CloudFront: policies for caching, for requests to an origin and for headers of answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from palier.local.emulator.mends.cloudfront_errors import refusal
from palier.local.emulator.mends.table import added, mend

# API kind to its path.
KINDS = {
    "CachePolicy": "cache-policy",
    "OriginRequestPolicy": "origin-request-policy",
    "ResponseHeadersPolicy": "response-headers-policy",
}
# The policies that AWS keeps for everybody (CloudFront developer guide, "Use managed ... policies").
MANAGED = {
    "CachePolicy": {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": "Managed-CachingOptimized",
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": "Managed-CachingDisabled",
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": "Managed-CachingOptimizedForUncompressedObjects",
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65": "Managed-UseOriginCacheControlHeaders",
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe": "Managed-UseOriginCacheControlHeaders-QueryStrings",
    },
    "OriginRequestPolicy": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": "Managed-AllViewer",
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": "Managed-AllViewerExceptHostHeader",
        "33f36d7e-f396-46d9-90e0-52428a34d9dc": "Managed-AllViewerAndCloudFrontHeaders-2022-06",
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": "Managed-CORS-S3Origin",
        "59781a5b-3903-41f3-afcb-af62929ccde1": "Managed-CORS-CustomOrigin",
        "acba4595-bd28-49b8-b9fe-13317c0390fa": "Managed-UserAgentRefererHeaders",
    },
    "ResponseHeadersPolicy": {
        "67f7725c-6f97-4210-82d7-5512b31e9d03": "Managed-SecurityHeadersPolicy",
        "60669652-455b-4ae9-85a4-c4c02393f86c": "Managed-SimpleCORS",
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd": "Managed-CORS-With-Preflight",
        "e61eb60c-9c35-4d20-a928-2b84e02af89c": "Managed-CORS-and-SecurityHeadersPolicy",
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63": "Managed-CORS-with-preflight-and-SecurityHeadersPolicy",
    },
}


@dataclass
class Policy:
    """One policy as it was asked for."""

    id: str
    config: dict[str, Any]
    etag: str
    changed: Any

    def told(self, kind: str) -> dict[str, Any]:
        """The policy in an answer, with its version beside it."""
        return {
            kind: {"Id": self.id, "LastModifiedTime": self.changed, f"{kind}Config": self.config},
            "ETag": self.etag,
        }


def kept(backend: Any, kind: str) -> dict[str, Policy]:
    """The account's policies of a kind by id."""
    stores: dict[str, dict[str, Policy]] = backend.__dict__.setdefault("palier_policies", {})
    return stores.setdefault(kind, {})


def exists(backend: Any, kind: str, policy: str) -> bool:
    """Whether a policy stands, the account's or AWS's own."""
    return policy in kept(backend, kind) or policy in MANAGED[kind]


def users(backend: Any, key: str, value: str) -> Iterator[str]:
    """The ids of the distributions of which a behaviour names `value` under `key`."""
    for distribution in backend.distributions.values():
        config = distribution.distribution_config.__dict__
        several = (config.get("CacheBehaviors") or {}).get("Items") or ()
        if any(behaviour.get(key) == value for behaviour in (config["DefaultCacheBehavior"], *several)):
            yield distribution.distribution_id


def _found(backend: Any, kind: str, policy: str) -> Policy:
    if policy not in kept(backend, kind):
        raise refusal(f"NoSuch{kind}", f"The {_words(kind)} does not exist.")
    return kept(backend, kind)[policy]


def _words(kind: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()


def _unique(backend: Any, kind: str, config: dict[str, Any], own: str = "") -> None:
    for policy in kept(backend, kind).values():
        if policy.id != own and policy.config["Name"] == config["Name"]:
            raise refusal(f"{kind}AlreadyExists", f"A {_words(kind)} with this name already exists.")


def _current(policy: Policy, version: str | None) -> None:
    if not version:
        raise refusal("InvalidIfMatchVersion", "The If-Match version is missing or not valid.")
    if version != policy.etag:
        raise refusal("PreconditionFailed", "The request's If-Match version is not the current one.")


@mend("cloudfront")
def policies() -> None:
    """Cache policies, origin request policies and response headers policies are missing."""
    from moto.cloudfront import urls
    from moto.cloudfront.responses import CloudFrontResponse

    for kind, path in KINDS.items():
        for tail in ("", "/(?P<Id>[^/]+)", "/(?P<Id>[^/]+)/config"):
            urls.url_paths[f"{{0}}/2020-05-31/{path}{tail}$"] = CloudFrontResponse.dispatch
        _serve(CloudFrontResponse, kind)


def _serve(responses: Any, kind: str) -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.core.utils import camelcase_to_underscores, utcnow
    from moto.moto_api._internal import mock_random

    name = camelcase_to_underscores(kind)

    @added(responses, f"create_{name}")
    def create(self: Any) -> ActionResult:
        config = self._get_param(f"{kind}Config")
        _unique(self.backend, kind, config)
        policy = Policy(str(mock_random.uuid4()), config, _version(), utcnow())
        kept(self.backend, kind)[policy.id] = policy
        return ActionResult(policy.told(kind))

    @added(responses, f"get_{name}")
    def get(self: Any) -> ActionResult:
        return ActionResult(_found(self.backend, kind, self._get_param("Id")).told(kind))

    @added(responses, f"get_{name}_config")
    def get_config(self: Any) -> ActionResult:
        policy = _found(self.backend, kind, self._get_param("Id"))
        return ActionResult({f"{kind}Config": policy.config, "ETag": policy.etag})

    @added(responses, f"update_{name}")
    def update(self: Any) -> ActionResult:
        policy = _found(self.backend, kind, self._get_param("Id"))
        _current(policy, self._get_param("IfMatch"))
        config = self._get_param(f"{kind}Config")
        _unique(self.backend, kind, config, policy.id)
        policy.config, policy.etag, policy.changed = config, _version(), utcnow()
        return ActionResult(policy.told(kind))

    @added(responses, f"delete_{name}")
    def delete(self: Any) -> ActionResult:
        policy = _found(self.backend, kind, self._get_param("Id"))
        _current(policy, self._get_param("IfMatch"))
        if any(users(self.backend, f"{kind}Id", policy.id)):
            text = f"Cannot delete the {_words(kind)} because it is attached to one or more cache behaviors."
            raise refusal(f"{kind}InUse", text)
        del kept(self.backend, kind)[policy.id]
        return EmptyResult()

    plural = f"{name[:-1]}ies"

    @added(responses, f"list_{plural}")
    def list_all(self: Any) -> ActionResult:
        of_kind = self._get_param("Type") or "custom"
        found = list(kept(self.backend, kind).values()) if of_kind == "custom" else []
        items = [{"Type": "custom", kind: policy.told(kind)[kind]} for policy in found]
        return ActionResult({f"{kind}List": {"MaxItems": 100, "Quantity": len(items), "Items": items}})


def _version() -> str:
    from moto.cloudfront.models import random_id

    return random_id()
