"""Mends of CloudFront: distributions that keep what they are told and refer to; stages of functions."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from palier.local.emulator.mends import cloudfront_policies as policies
from palier.local.emulator.mends.cloudfront_errors import refusal
from palier.local.emulator.mends.table import added, around, mend

# A behaviour's member to the kind of policy that it names.
_POLICIES = {f"{kind}Id": kind for kind in policies.KINDS}


def _fill(config: dict[str, Any]) -> dict[str, Any]:
    """A distribution's configuration as AWS answers it: with what was left out."""
    filled = copy.deepcopy(config)
    empty: dict[str, Any] = {"Quantity": 0}
    for name in ("Aliases", "OriginGroups", "CacheBehaviors", "CustomErrorResponses"):
        filled.setdefault(name, dict(empty))
    filled.setdefault("Restrictions", {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}})
    filled.setdefault("Logging", {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""})
    certificate = {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    }
    filled.setdefault("ViewerCertificate", certificate)
    for name, value in (
        ("DefaultRootObject", ""),
        ("HttpVersion", "http2"),
        ("IsIPV6Enabled", True),
        ("PriceClass", "PriceClass_All"),
        ("WebACLId", ""),
        ("Staging", False),
        ("ContinuousDeploymentPolicyId", ""),
    ):
        filled.setdefault(name, value)
    for origin in filled["Origins"]["Items"]:
        origin.setdefault("OriginPath", "")
        origin.setdefault("CustomHeaders", dict(empty))
        origin.setdefault("ConnectionAttempts", 3)
        origin.setdefault("ConnectionTimeout", 10)
        origin.setdefault("OriginShield", {"Enabled": False})
        origin.setdefault("OriginAccessControlId", "")
    return filled


def behaviours(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A configuration's behaviours, the default one first."""
    yield config["DefaultCacheBehavior"]
    yield from (config.get("CacheBehaviors") or {}).get("Items") or ()


def _check(backend: Any, config: dict[str, Any], own: str = "") -> None:
    """Refuse references to what does not stand, and names that another distribution has."""
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    groups = (config.get("OriginGroups") or {}).get("Items") or ()
    targets = origins | {group["Id"] for group in groups}
    members = {member["OriginId"] for group in groups for member in group["Members"]["Items"]}
    named = {behaviour["TargetOriginId"] for behaviour in behaviours(config)}
    if not (named <= targets and members <= origins):
        raise refusal("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
    for behaviour in behaviours(config):
        _check_behaviour(backend, behaviour)
    for origin in config["Origins"]["Items"]:
        control = origin.get("OriginAccessControlId")
        if control and control not in backend.origin_access_controls:
            raise refusal("NoSuchOriginAccessControl", "The specified origin access control does not exist.")
    _check_names(backend, config, own)
    _check_arns(backend, config)


def _check_behaviour(backend: Any, behaviour: dict[str, Any]) -> None:
    for member, kind in _POLICIES.items():
        policy = behaviour.get(member)
        if policy and not policies.exists(backend, kind, policy):
            words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
            raise refusal(f"NoSuch{kind}", f"The specified {words} does not exist.")
    for association in (behaviour.get("FunctionAssociations") or {}).get("Items") or ():
        function = _function_of(backend, association["FunctionARN"])
        if function is None or not hasattr(function, "live"):
            text = f"The function ARN {association['FunctionARN']} is not of a published function."
            raise refusal("InvalidFunctionAssociation", text)


def _function_of(backend: Any, arn: str) -> Any:
    return next((one for one in backend.functions.values() if one.arn == arn), None)


def _check_names(backend: Any, config: dict[str, Any], own: str) -> None:
    asked = {name.lower() for name in (config.get("Aliases") or {}).get("Items") or ()}
    certificate = config.get("ViewerCertificate") or {}
    if asked and not (certificate.get("ACMCertificateArn") or certificate.get("IAMCertificateId")):
        text = (
            "To add an alternate domain name to a distribution, attach a trusted certificate that covers it."
        )
        raise refusal("InvalidViewerCertificate", text)
    for distribution in backend.distributions.values():
        aliases = distribution.distribution_config.__dict__["Aliases"].get("Items") or ()
        if distribution.distribution_id != own and asked & {name.lower() for name in aliases}:
            text = "One or more of the CNAMEs you provided are already associated with a different resource."
            raise refusal("CNAMEAlreadyExists", text)


def _check_arns(backend: Any, config: dict[str, Any]) -> None:
    """The certificate and the web ACL, both of us-east-1: CloudFront takes them from nowhere else."""
    arn = (config.get("ViewerCertificate") or {}).get("ACMCertificateArn")
    if arn and (arn.split(":")[3] != "us-east-1" or not _certificate(backend, arn)):
        text = (
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't"
        )
        raise refusal("InvalidViewerCertificate", f"{text} include a valid certificate chain.")
    acl = config.get("WebACLId") or ""
    if acl.startswith("arn:") and not _web_acl(backend, acl):
        raise refusal(
            "InvalidWebACLId", "The Amazon WAF web ACL doesn't exist or is not of scope CLOUDFRONT."
        )


def _certificate(backend: Any, arn: str) -> bool:
    from moto.acm.models import acm_backends

    found = acm_backends[backend.account_id]["us-east-1"]._certificates.get(arn)
    return found is not None and found.status == "ISSUED"


def _web_acl(backend: Any, arn: str) -> bool:
    from moto.wafv2.models import wafv2_backends

    return ":global/webacl/" in arn and arn in wafv2_backends[backend.account_id]["global"].wacls


@mend("cloudfront")
def distributions_kept() -> None:
    """A distribution forgets half of its configuration (function associations, origin access control, TLS
    versions of a certificate), and refers to policies, functions, certificates and web ACLs that are not
    there."""
    from moto.cloudfront import models

    class Verbatim:
        """A configuration whose members are what was asked for."""

        def __init__(self, config: dict[str, Any]) -> None:
            self.__dict__.update(_fill(config))
            self.caller_reference = config["CallerReference"]

    setattr(models, "DistributionConfig", Verbatim)  # noqa: B010 - a class is no variable to mypy

    @around(models.CloudFrontBackend, "create_distribution_with_tags")
    def create(original: Any, self: Any, distribution_config: Any, tags: Any) -> Any:
        _check(self, distribution_config)
        made = original(self, distribution_config, tags)
        from moto.core.utils import utcnow

        made[0].last_modified_time = utcnow()
        return made


@mend("cloudfront")
def distributions_versioned() -> None:
    """Any If-Match is taken, a change leaves the version as it was, and an enabled distribution goes."""
    from moto.cloudfront.models import CloudFrontBackend, random_id
    from moto.core.utils import utcnow

    @around(CloudFrontBackend, "update_distribution")
    def update(original: Any, self: Any, dist_config: Any, _id: str, if_match: str) -> Any:
        distribution, etag = self.get_distribution(_id)
        _current(etag, if_match)
        _check(self, dist_config, _id)
        original(self, dist_config, _id, if_match)
        distribution.etag, distribution.last_modified_time = random_id(), utcnow()
        return distribution, distribution.location, distribution.etag

    @around(CloudFrontBackend, "delete_distribution")
    def delete(original: Any, self: Any, distribution_id: str, if_match: str) -> None:
        distribution, etag = self.get_distribution(distribution_id)
        _current(etag, if_match)
        if distribution.distribution_config.__dict__["Enabled"]:
            text = "The distribution you are trying to delete has not been disabled."
            raise refusal("DistributionNotDisabled", text)
        original(self, distribution_id, if_match)


def _current(etag: str, version: str | None) -> None:
    if not version:
        raise refusal(
            "InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource."
        )
    if version != etag:
        raise refusal("PreconditionFailed", "The request's If-Match version is not the current one.")


@mend("cloudfront")
def access_controls_versioned() -> None:
    """An origin access control changes and goes under any version, and while a distribution uses it; two may
    have one name."""
    from moto.cloudfront.models import CloudFrontBackend, random_id
    from moto.cloudfront.responses import CloudFrontResponse

    def unique(backend: Any, config: dict[str, Any], own: str = "") -> None:
        for control in backend.origin_access_controls.values():
            if control.id != own and control.name == config.get("Name"):
                text = "An origin access control with the same name already exists."
                raise refusal("OriginAccessControlAlreadyExists", text)

    @around(CloudFrontBackend, "create_origin_access_control")
    def create(original: Any, self: Any, config_dict: dict[str, Any]) -> Any:
        unique(self, config_dict)
        return original(self, config_dict)

    @around(CloudFrontResponse, "update_origin_access_control")
    def update(original: Any, self: Any) -> Any:
        control = self.backend.get_origin_access_control(self._get_param("Id"))
        _current(control.etag, self._get_param("IfMatch"))
        unique(self.backend, self._get_param("OriginAccessControlConfig"), control.id)
        control.etag = random_id()
        return original(self)

    @around(CloudFrontResponse, "delete_origin_access_control")
    def delete(original: Any, self: Any) -> Any:
        control = self.backend.get_origin_access_control(self._get_param("Id"))
        _current(control.etag, self._get_param("IfMatch"))
        for distribution in self.backend.distributions.values():
            origins = distribution.distribution_config.__dict__["Origins"]["Items"]
            if any(origin.get("OriginAccessControlId") == control.id for origin in origins):
                raise refusal("OriginAccessControlInUse", "The origin access control is still in use.")
        return original(self)


@mend("cloudfront")
def functions_published() -> None:
    """Functions can be neither changed nor published, have no live stage, and go while they are used."""
    from moto.cloudfront import urls
    from moto.cloudfront.models import CloudFrontBackend, random_id
    from moto.cloudfront.responses import CloudFrontResponse
    from moto.core.responses import ActionResult
    from moto.core.utils import utcnow

    urls.url_paths["{0}/2020-05-31/function/(?P<function_name>[^/]+)/publish$"] = CloudFrontResponse.dispatch

    @around(CloudFrontBackend, "create_function")
    def create(original: Any, self: Any, name: str, function_config: Any, **named: Any) -> Any:
        _check_stores(self, function_config)
        return original(self, name=name, function_config=function_config, **named)

    @added(CloudFrontResponse)
    def update_function(self: Any) -> ActionResult:
        function = self.backend.describe_function(self._get_param("Name"))
        _current(function.etag, self._get_param("IfMatch"))
        config = self._get_param("FunctionConfig")
        _check_stores(self.backend, config)
        function.config, function.code = config, self._get_param("FunctionCode")
        function.status = "UNASSOCIATED" if hasattr(function, "live") else "UNPUBLISHED"
        function.etag, function.last_modified_time = random_id(), utcnow()
        return ActionResult({"FunctionSummary": function.function_summary, "ETag": function.etag})

    @added(CloudFrontResponse)
    def publish_function(self: Any) -> ActionResult:
        function = self.backend.describe_function(self._get_param("Name"))
        _current(function.etag, self._get_param("IfMatch"))
        function.status = "UNASSOCIATED"
        live = copy.copy(function)
        live.stage, live.etag = "LIVE", random_id()
        function.live = live
        return ActionResult({"FunctionSummary": live.function_summary})

    for name in ("describe_function", "get_function"):
        _of_a_stage(CloudFrontResponse, name)

    @around(CloudFrontBackend, "delete_function")
    def delete(original: Any, self: Any, name: str, if_match: str) -> None:
        function = self.describe_function(name)
        _current(function.etag, if_match)
        for distribution in self.distributions.values():
            for behaviour in behaviours(distribution.distribution_config.__dict__):
                associations = (behaviour.get("FunctionAssociations") or {}).get("Items") or ()
                if any(one["FunctionARN"] == function.arn for one in associations):
                    raise refusal("FunctionInUse", f"Function {name} is in use by distributions.")
        original(self, name, if_match)


def _of_a_stage(responses: Any, name: str) -> None:
    from moto.cloudfront.exceptions import NoSuchFunctionExists
    from moto.core.responses import ActionResult

    @around(responses, name)
    def of_a_stage(original: Any, self: Any) -> Any:
        asked = self._get_param("Name")
        function = self.backend.describe_function(asked)
        if self._get_param("Stage") != "LIVE":
            return original(self)
        if not hasattr(function, "live"):
            raise NoSuchFunctionExists(asked)
        live = function.live
        if name == "get_function":
            kind = "application/octet-stream"
            return ActionResult({"FunctionCode": live.code, "ETag": live.etag, "ContentType": kind})
        return ActionResult({"FunctionSummary": live.function_summary, "ETag": live.etag})


def _check_stores(backend: Any, config: dict[str, Any]) -> None:
    known = {store.arn for store in backend.key_value_stores.values()}
    for association in (config.get("KeyValueStoreAssociations") or {}).get("Items") or ():
        if association["KeyValueStoreARN"] not in known:
            raise refusal("InvalidArgument", "The key value store of an association does not exist.")


@mend("cloudfront")
def stores_versioned() -> None:
    """A key value store changes and goes under any version, and while a function reads it."""
    from moto.cloudfront.responses import CloudFrontResponse

    @around(CloudFrontResponse, "update_key_value_store")
    def update(original: Any, self: Any) -> Any:
        store = self.backend.describe_key_value_store(self._get_param("Name"))
        _current(store.etag, self._get_param("IfMatch"))
        return original(self)

    @around(CloudFrontResponse, "delete_key_value_store")
    def delete(original: Any, self: Any) -> Any:
        store = self.backend.describe_key_value_store(self._get_param("Name"))
        _current(store.etag, self._get_param("IfMatch"))
        for function in self.backend.functions.values():
            associations = (function.config.get("KeyValueStoreAssociations") or {}).get("Items") or ()
            if any(one["KeyValueStoreARN"] == store.arn for one in associations):
                raise refusal("CannotDeleteEntityWhileInUse", f"{store.name} is in use by a function.")
        return original(self)
