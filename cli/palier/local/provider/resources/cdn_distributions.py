"""CloudFront distributions: one configuration, replaced whole under its version, disabled before it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.resources.cdn_functions import CDN_TAGS
from palier.local.provider.resources.cdn_policies import counted
from palier.local.provider.resources.cdn_rules import RULES
from palier.local.provider.shapes import to_aws
from palier.local.provider.table import Call, Entry, Read

# The hosted zone of every distribution's domain, for alias records (Route 53 API reference, AliasTarget).
ZONE = "Z2FDTNDATAQYW2"
# moto deploys at the first look; anything that takes longer does not come to its end at all.
_MOST_LOOKS = 10
_NAMES = {
    "lambdaArn": "LambdaFunctionARN",
    "locations": "Items",
    "loggingConfig": "Logging",
    "name": "HeaderName",
    "orderedCacheBehaviors": "CacheBehaviors",
    "originId": "Id",
    "value": "HeaderValue",
}
_SETTINGS = frozenset({"retainOnDelete", "waitForDeployment"})
_SERVED = frozenset(
    {"aliases", "comment", "customErrorResponses", "defaultCacheBehavior", "defaultRootObject", "enabled"}
    | {"httpVersion", "isIpv6Enabled", "loggingConfig", "orderedCacheBehaviors", "originGroups", "origins"}
    | {"priceClass", "restrictions", "staging", "viewerCertificate", "webAclId"}
)


def _behavior(made: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """A behavior with what no name says: the methods that are cached, and who signs."""
    cached = list(asked["cachedMethods"])
    made["AllowedMethods"]["CachedMethods"] = {"Items": cached}
    for signers in ("TrustedSigners", "TrustedKeyGroups"):
        if signers in made:
            made[signers]["Enabled"] = bool(made[signers]["Items"])
    made.setdefault("MinTTL", 0)
    if made.get("CachePolicyId"):
        # Lifetimes are the policy's; the API refuses them beside one.
        made = {key: item for key, item in made.items() if key not in ("MinTTL", "DefaultTTL", "MaxTTL")}
    return made


def _origin(made: dict[str, Any]) -> dict[str, Any]:
    kinds = ("CustomOriginConfig", "S3OriginConfig", "VpcOriginConfig")
    return made if any(kind in made for kind in kinds) else {**made, "S3OriginConfig": _NO_IDENTITY}


_NO_IDENTITY = {"OriginAccessIdentity": ""}


def _config(context: Context, reference: str) -> dict[str, Any]:
    """The whole configuration; `reference` is the API's guard against making the same one twice."""
    inputs = context.inputs
    model = context.clients.operation_model("cloudfront", "UpdateDistribution")
    made = to_aws(inputs, model.input_shape.members["DistributionConfig"], _NAMES)
    made["CallerReference"] = reference
    made.setdefault("Comment", "")
    made["Origins"]["Items"] = [_origin(origin) for origin in made["Origins"]["Items"]]
    made["DefaultCacheBehavior"] = _behavior(made["DefaultCacheBehavior"], inputs["defaultCacheBehavior"])
    if "CacheBehaviors" in made:
        pairs = zip(made["CacheBehaviors"]["Items"], inputs["orderedCacheBehaviors"], strict=True)
        made["CacheBehaviors"]["Items"] = [_behavior(one, asked) for one, asked in pairs]
    if "Logging" in made:
        made["Logging"]["Enabled"] = True
    made["Restrictions"]["GeoRestriction"].setdefault("Items", [])
    config: dict[str, Any] = counted(made)
    return config


def _create(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    tags = arguments.pop("Tags", {"Items": []})
    config = _config(context, f"pulumi-{uuid4().hex}")
    return {"DistributionConfigWithTags": {"DistributionConfig": config, "Tags": tags}}


def _wait(context: Context) -> None:
    if not context.inputs.get("waitForDeployment", True):
        return
    for _ in range(_MOST_LOOKS):
        if context.call("GetDistribution", Id=context.id)["Distribution"]["Status"] == "Deployed":
            return
    raise ProviderError(f"distribution {context.id} is not deployed")


def _update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if changed & _SERVED:
        standing = context.call("GetDistributionConfig", Id=context.id)
        config = _config(context, standing["DistributionConfig"]["CallerReference"])
        context.call("UpdateDistribution", Id=context.id, IfMatch=standing["ETag"], DistributionConfig=config)
        _wait(context)
    return changed & _SERVED


def _disable(context: Context) -> None:
    """As the official provider: what stands is disabled as it is, then deleted."""
    standing = context.call("GetDistributionConfig", Id=context.id)
    etag, config = standing["ETag"], standing["DistributionConfig"]
    if config["Enabled"]:
        config = {**config, "Enabled": False}
        answer = context.call("UpdateDistribution", Id=context.id, IfMatch=etag, DistributionConfig=config)
        etag = answer["ETag"]
    context.outputs = {**context.outputs, "etag": etag}


def _listed(value: Any) -> Any:
    """CloudFront's counted lists as plain ones."""
    if isinstance(value, Mapping):
        if "Quantity" in value and value.keys() <= {"Quantity", "Items", "Enabled"}:
            return [_listed(item) for item in value.get("Items") or ()]
        return {key: _listed(item) for key, item in value.items() if key != "Quantity"}
    return [_listed(item) for item in value] if isinstance(value, list) else value


def _behavior_back(found: Mapping[str, Any]) -> dict[str, Any]:
    methods = found.get("AllowedMethods") or {}
    functions = found.get("LambdaFunctionAssociations") or {}
    plain = {key: item for key, item in found.items() if key != "AllowedMethods"}
    return {
        "MinTTL": 0,  # what the official provider reads where a policy has the lifetimes
        **_listed(plain),
        "AllowedMethods": list(methods.get("Items") or ()),
        "CachedMethods": list((methods.get("CachedMethods") or {}).get("Items") or ()),
        "LambdaFunctionAssociations": [
            {**one, "lambdaArn": one["LambdaFunctionARN"]} for one in functions.get("Items") or ()
        ],
    }


def _origin_back(found: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: item for key, item in found.items() if key not in ("Id", "CustomHeaders")}
    headers = (found.get("CustomHeaders") or {}).get("Items") or ()
    if plain.get("S3OriginConfig") and not plain["S3OriginConfig"].get("OriginAccessIdentity"):
        del plain["S3OriginConfig"]
    return {
        **_listed(plain),
        "originId": found["Id"],
        "customHeaders": [{"name": one["HeaderName"], "value": one["HeaderValue"]} for one in headers],
    }


def _described(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    distribution = found["Distribution"]
    config = distribution["DistributionConfig"]
    groups = (config.get("OriginGroups") or {}).get("Items") or ()
    geography = config["Restrictions"]["GeoRestriction"]
    logging = config.get("Logging") or {}
    behaviors = (config.get("CacheBehaviors") or {}).get("Items") or ()
    skipped = ("CacheBehaviors", "DefaultCacheBehavior", "Logging", "OriginGroups", "Origins", "Restrictions")
    return {
        **_listed({key: item for key, item in config.items() if key not in skipped}),
        "defaultCacheBehavior": _behavior_back(config["DefaultCacheBehavior"]),
        "orderedCacheBehaviors": [_behavior_back(one) for one in behaviors],
        "origins": [_origin_back(one) for one in config["Origins"]["Items"]],
        "originGroups": [{**_listed(group), "originId": group["Id"]} for group in groups],
        "restrictions": {
            "geoRestriction": {
                "restrictionType": geography["RestrictionType"],
                "locations": list(geography.get("Items") or ()),
            }
        },
        "loggingConfig": logging if logging.get("Enabled") else None,
        "loggingV1Enabled": bool(logging.get("Enabled")),
        "arn": distribution["ARN"],
        "domainName": distribution["DomainName"],
        "hostedZoneId": ZONE,
        "status": distribution["Status"],
        "lastModifiedTime": str(distribution["LastModifiedTime"]),
        "inProgressValidationBatches": distribution.get("InProgressInvalidationBatches", 0),
        "etag": found["ETag"],
    }


ENTRIES = (
    Entry(
        "aws:cloudfront/distribution:Distribution",
        "cloudfront",
        create=Call("CreateDistributionWithTags", mapped=False),
        id="Distribution.Id",
        read=Read("GetDistribution", {"Id": "{id}"}),
        delete=Call("DeleteDistribution", {"Id": "{id}", "IfMatch": "{etag}"}, mapped=False),
        force_new=frozenset({"staging"}),
        names={key: item for key, item in _NAMES.items() if key == "orderedCacheBehaviors"},
        defaults={
            "httpVersion": "http2",
            "isIpv6Enabled": False,
            "priceClass": "PriceClass_All",
            "retainOnDelete": False,
            "staging": False,
            "waitForDeployment": True,
            "defaultCacheBehavior.compress": False,
            "defaultCacheBehavior.minTtl": 0,
            "loggingConfig.includeCookies": False,
            "orderedCacheBehaviors[].compress": False,
            "orderedCacheBehaviors[].minTtl": 0,
            "origins[].connectionAttempts": 3,
            "origins[].connectionTimeout": 10,
            "origins[].customOriginConfig.originKeepaliveTimeout": 5,
            "origins[].customOriginConfig.originReadTimeout": 30,
            "viewerCertificate.minimumProtocolVersion": "TLSv1",
        },
        kept=frozenset({"continuousDeploymentPolicyId"}),
        ordered=frozenset({"orderedCacheBehaviors"}),
        packed=_SERVED,
        settings=_SETTINGS,
        tags=CDN_TAGS,
        prepare=_create,
        after_create=_wait,
        on_update=_update,
        described=_described,
        before_delete=_disable,
        recomputed={"etag": (), "lastModifiedTime": (), "status": ()},
        global_region="us-east-1",
        checks=RULES,
    ),
)
