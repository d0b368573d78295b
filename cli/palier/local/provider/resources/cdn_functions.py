"""CloudFront: functions at the edge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.errors import AwsError
from palier.local.provider.resources.cdn_policies import version
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read, Tags

CDN_TAGS = Tags(
    on_create={"Tags": {"Items": "{tags}"}},
    add=Call("TagResource", {"Resource": "{arn}", "Tags": {"Items": "{tags}"}}),
    remove=Call("UntagResource", {"Resource": "{arn}", "TagKeys": {"Items": "{keys}"}}),
    read=Read("ListTagsForResource", {"Resource": "{arn}"}, "Tags.Items"),
)
# Bytes of a function's code: CloudFront's quota, which cannot be raised.
_CODE_LIMIT_BYTES = 10_240
_COMMENT_LIMIT = 128
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
STORE_ARN = re.compile(r"arn:aws:cloudfront::\d{12}:key-value-store/[0-9a-fA-F-]{36}")
_STORES = "keyValueStoreAssociations"
_WITH_STORES = "cloudfront-js-2.0"


def edge_name(check: Check) -> list[Problem]:
    """The name of a function or a store, as CloudFront takes it."""
    name = check.inputs.get("name")
    if not isinstance(name, str) or _NAME.fullmatch(name):
        return []
    return [("name", f"{name!r} is not 1 to 64 letters, digits, hyphens and underscores")]


def comment(check: Check) -> list[Problem]:
    """A comment, no longer than CloudFront keeps."""
    text = check.inputs.get("comment")
    if not isinstance(text, str) or len(text) <= _COMMENT_LIMIT:
        return []
    return [("comment", f"has {len(text)} characters; CloudFront takes {_COMMENT_LIMIT}")]


def _code(check: Check) -> list[Problem]:
    code = check.inputs.get("code")
    if not isinstance(code, str):
        return []
    length = len(code.encode())
    if 1 <= length <= _CODE_LIMIT_BYTES:
        return []
    return [("code", f"has {length} bytes; CloudFront takes 1 to {_CODE_LIMIT_BYTES}")]


def _stores(check: Check) -> list[Problem]:
    arns, runtime = check.inputs.get(_STORES), check.inputs.get("runtime")
    if not isinstance(arns, list) or not arns:
        return []
    if len(arns) > 1:
        return [(_STORES, f"names {len(arns)} stores; CloudFront takes one")]
    if isinstance(runtime, str) and runtime != _WITH_STORES:
        return [(_STORES, f"wants the runtime {_WITH_STORES}, not {runtime}")]
    if isinstance(arns[0], str) and not STORE_ARN.fullmatch(arns[0]):
        return [(f"{_STORES}[0]", f"{arns[0]!r} is not the ARN of a key value store")]
    return []


def _config(inputs: Mapping[str, Any]) -> dict[str, Any]:
    config = {"Comment": inputs.get("comment") or "", "Runtime": inputs["runtime"]}
    if arns := inputs.get(_STORES):
        items = [{"KeyValueStoreARN": arn} for arn in arns]
        config["KeyValueStoreAssociations"] = {"Quantity": len(items), "Items": items}
    return {"FunctionConfig": config, "FunctionCode": str(inputs["code"]).encode()}


def _create(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, **_config(context.inputs)}


def _publish(context: Context) -> None:
    """What was made or changed goes live, unless the program says otherwise."""
    if context.inputs.get("publish", True):
        etag = version(context, "DescribeFunction", Name=context.id, Stage="DEVELOPMENT")
        context.call("PublishFunction", Name=context.id, IfMatch=etag)


def _update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if changed - {"publish"}:
        etag = version(context, "DescribeFunction", Name=context.id, Stage="DEVELOPMENT")
        context.call("UpdateFunction", Name=context.id, IfMatch=etag, **_config(inputs))
    _publish(context)
    return changed


def _described(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    summary = found["FunctionSummary"]
    config = summary["FunctionConfig"]
    held = context.call("GetFunction", Name=context.id, Stage="DEVELOPMENT")
    stores = (config.get("KeyValueStoreAssociations") or {}).get("Items") or []
    return {
        "arn": summary["FunctionMetadata"]["FunctionARN"],
        "code": held["FunctionCode"],
        "comment": config["Comment"],
        "etag": found["ETag"],
        _STORES: [one["KeyValueStoreARN"] for one in stores],
        "liveStageEtag": _live(context),
        "name": summary["Name"],
        "runtime": config["Runtime"],
        "status": summary["Status"],
    }


def _live(context: Context) -> str:
    """The version that is live; nothing where none is."""
    try:
        return version(context, "DescribeFunction", Name=context.id, Stage="LIVE")
    except AwsError as error:
        if error.code != "NoSuchFunctionExists":
            raise
        return ""


def _delete(context: Context) -> None:
    etag = version(context, "DescribeFunction", Name=context.id, Stage="DEVELOPMENT")
    context.call("DeleteFunction", Name=context.id, IfMatch=etag)


ENTRIES = (
    Entry(
        "aws:cloudfront/function:Function",
        "cloudfront",
        create=Call("CreateFunction", {"Name": "{name}"}, mapped=False),
        id="FunctionSummary.Name",
        read=Read("DescribeFunction", {"Name": "{id}", "Stage": "DEVELOPMENT"}),
        delete=None,
        within="FunctionConfig",
        force_new=frozenset({"name"}),
        packed=frozenset({"code", _STORES}),
        settings=frozenset({"publish"}),
        defaults={"publish": True},
        recomputed={"etag": (), "liveStageEtag": (), "status": ()},
        tags=CDN_TAGS,
        autoname=Autoname("name", 64, prefix=None),
        checks=(edge_name, comment, _code, _stores),
        prepare=_create,
        described=_described,
        on_update=_update,
        after_create=_publish,
        before_delete=_delete,
        global_region="us-east-1",
    ),
)
