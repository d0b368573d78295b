"""Mends of CloudFront: cache, origin request and response headers policies, which moto does not have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from palier.local.emulator.mends.table import around, mend

VERSION = "2020-05-31"


@dataclass(frozen=True)
class Kind:
    """One kind of policy: its name in operations and errors."""

    name: str

    @property
    def path(self) -> str:
        """`cache-policy`, as in the request's path."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", self.name).lower()


KINDS = (
    Kind("CachePolicy"),
    Kind("OriginRequestPolicy"),
    Kind("ResponseHeadersPolicy"),
)


@dataclass
class Policy:
    """A policy that stands."""

    id: str
    config: dict[str, Any]
    etag: str
    changed: Any = field(default=None)

    def told(self, kind: Kind) -> dict[str, Any]:
        """As the API answers it."""
        return {"Id": self.id, "LastModifiedTime": self.changed, f"{kind.name}Config": self.config}


def policies(backend: Any, kind: Kind) -> dict[str, Policy]:
    """The policies of a kind on one account's CloudFront, by id."""
    kept: dict[str, dict[str, Policy]] = vars(backend).setdefault("palier_policies", {})
    return kept.setdefault(kind.name, {})


def refused(code: str, text: str) -> Exception:
    """CloudFront's own kind of error."""
    from moto.cloudfront.exceptions import CloudFrontException

    return CloudFrontException(code, text)


def absent(kind: Kind) -> Exception:
    """What CloudFront says where an id names no policy."""
    words = kind.path.replace("-", " ")
    return refused(f"NoSuch{kind.name}", f"The specified {words} does not exist.")


def matching(held: Any, if_match: Any) -> None:
    """Refuse a change that does not name the version it changes."""
    if not if_match:
        raise refused(
            "InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource."
        )
    if if_match != held.etag:
        raise refused("PreconditionFailed", "The request failed because it didn't meet the preconditions.")


def _serve(kind: Kind) -> None:
    from moto.cloudfront import urls
    from moto.cloudfront.models import random_id
    from moto.cloudfront.responses import CloudFrontResponse
    from moto.core.responses import ActionResult, EmptyResult
    from moto.core.utils import utcnow

    def answered(policy: Policy) -> Any:
        return ActionResult({kind.name: policy.told(kind), "ETag": policy.etag})

    def held(self: Any) -> Policy:
        found = policies(self.backend, kind).get(self._get_param("Id"))
        if found is None:
            raise absent(kind)
        return found

    def unlike(self: Any, config: dict[str, Any], own: str | None) -> None:
        for other in policies(self.backend, kind).values():
            if other.id != own and other.config["Name"] == config["Name"]:
                words = kind.path.replace("-", " ")
                raise refused(f"{kind.name}AlreadyExists", f"A {words} with this name already exists.")

    def create(self: Any) -> Any:
        config = self._get_param(f"{kind.name}Config")
        unlike(self, config, None)
        made = Policy(random_id().lower(), config, random_id(), utcnow())
        policies(self.backend, kind)[made.id] = made
        return answered(made)

    def get(self: Any) -> Any:
        return answered(held(self))

    def update(self: Any) -> Any:
        policy, config = held(self), self._get_param(f"{kind.name}Config")
        matching(policy, self._get_param("IfMatch"))
        unlike(self, config, policy.id)
        policy.config, policy.etag, policy.changed = config, random_id(), utcnow()
        return answered(policy)

    def delete(self: Any) -> Any:
        policy = held(self)
        matching(policy, self._get_param("IfMatch"))
        del policies(self.backend, kind)[policy.id]
        return EmptyResult()

    snake = kind.path.replace("-", "_")
    for verb, method in (("create", create), ("get", get), ("update", update), ("delete", delete)):
        setattr(CloudFrontResponse, f"{verb}_{snake}", method)
    urls.url_paths[f"{{0}}/{VERSION}/{kind.path}$"] = CloudFrontResponse.dispatch
    urls.url_paths[f"{{0}}/{VERSION}/{kind.path}/(?P<policy_id>[^/]+)$"] = CloudFrontResponse.dispatch


@mend("cloudfront")
def policies_of_distributions() -> None:
    """Cache, origin request and response headers policies can't be made: their operations are not there."""
    for kind in KINDS:
        _serve(kind)


@mend("cloudfront")
def versions_of_access_controls() -> None:
    """An origin access control is changed and deleted whatever If-Match says, deleting one that is not there
    fails inside moto, its version stays the same, and two may share a name."""
    from moto.cloudfront.models import CloudFrontBackend, random_id
    from moto.cloudfront.responses import CloudFrontResponse

    @around(CloudFrontBackend, "create_origin_access_control")
    def create(original: Any, self: Any, config_dict: dict[str, str]) -> Any:
        if any(one.name == config_dict["Name"] for one in self.origin_access_controls.values()):
            text = "An origin access control with the specified parameters already exists."
            raise refused("OriginAccessControlAlreadyExists", text)
        return original(self, config_dict)

    def checked(original: Any, self: Any) -> Any:
        control = self.backend.get_origin_access_control(self._get_param("Id"))
        matching(control, self._get_param("IfMatch"))
        return original(self)

    @around(CloudFrontBackend, "update_origin_access_control")
    def update(original: Any, self: Any, control_id: str, config: dict[str, str]) -> Any:
        control = original(self, control_id, config)
        control.etag = random_id()
        return control

    around(CloudFrontResponse, "update_origin_access_control")(checked)
    around(CloudFrontResponse, "delete_origin_access_control")(checked)
