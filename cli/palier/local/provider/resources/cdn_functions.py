"""CloudFront functions, changed in development and published live, and the stores that they read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.errors import AwsError
from palier.local.provider.operations import is_gone
from palier.local.provider.resources.cdn_policies import version
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read, Tags

# CloudFront developer guide, "Quotas on CloudFront Functions": the largest code, in bytes.
_LARGEST_CODE_BYTES = 10_240
_FUNCTION = {"Name": "{id}"}
_WRITTEN = frozenset({"code", "comment", "keyValueStoreAssociations", "runtime"})

TAGS = Tags(
    on_create={"Tags": {"Items": "{tags}"}},
    add=Call("TagResource", {"Resource": "{arn}", "Tags": {"Items": "{tags}"}}),
    remove=Call("UntagResource", {"Resource": "{arn}", "TagKeys": {"Items": "{keys}"}}),
    read=Read("ListTagsForResource", {"Resource": "{arn}"}, "Tags.Items"),
)


def _current_version(operation: str) -> Callable[[Context], None]:
    """The version that stands, as the official provider asks for it when the state's own is old."""

    def ask(context: Context) -> None:
        context.outputs = {**context.outputs, "etag": version(context, operation, Name=context.id)}

    return ask


def _named(check: Check) -> list[Problem]:
    name = check.inputs.get("name")
    if not isinstance(name, str) or re.fullmatch(r"[A-Za-z0-9_-]+", name):
        return []
    return [("name", f"{name!r} may hold only letters, digits, - and _")]


def _written(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A function's code and configuration as its operations take them."""
    stores = [{"KeyValueStoreARN": arn} for arn in inputs.get("keyValueStoreAssociations") or ()]
    config: dict[str, Any] = {"Comment": inputs.get("comment") or "", "Runtime": inputs["runtime"]}
    if stores:
        config["KeyValueStoreAssociations"] = {"Quantity": len(stores), "Items": stores}
    return {"FunctionCode": str(inputs["code"]).encode(), "FunctionConfig": config}


def _create(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, **_written(context.inputs)}


def _publish(context: Context) -> None:
    if context.inputs.get("publish", True):
        etag = context.call("DescribeFunction", Name=context.id, Stage="DEVELOPMENT")["ETag"]
        context.call("PublishFunction", Name=context.id, IfMatch=etag)


def _update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if changed & _WRITTEN:
        etag = context.outputs.get("etag")
        context.call("UpdateFunction", Name=context.id, IfMatch=etag, **_written(inputs))
    _publish(context)
    return changed & {*_WRITTEN, "publish"}


def _described(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    summary = found["FunctionSummary"]
    config = summary["FunctionConfig"]
    stores = (config.get("KeyValueStoreAssociations") or {}).get("Items") or ()
    code = context.call("GetFunction", Name=context.id, Stage="DEVELOPMENT")[
        "FunctionCode"
    ]  # botocore reads the payload as text
    return {
        "name": summary["Name"],
        "arn": summary["FunctionMetadata"]["FunctionARN"],
        "status": summary.get("Status", ""),
        "etag": found["ETag"],
        "liveStageEtag": _live_version(context),
        "code": code,
        "comment": config.get("Comment", ""),
        "runtime": config["Runtime"],
        "keyValueStoreAssociations": [store["KeyValueStoreARN"] for store in stores],
    }


def _live_version(context: Context) -> str:
    try:
        return str(context.call("DescribeFunction", Name=context.id, Stage="LIVE")["ETag"])
    except AwsError as error:
        if is_gone(context.entry, error):
            return ""
        raise


def _code_fits(check: Check) -> list[Problem]:
    code = check.inputs.get("code")
    size = len(code.encode()) if isinstance(code, str) else 1
    if 0 < size <= _LARGEST_CODE_BYTES:
        return []
    return [("code", f"has {size} bytes; CloudFront takes 1 to {_LARGEST_CODE_BYTES}")]


def _one_store(check: Check) -> list[Problem]:
    stores = check.inputs.get("keyValueStoreAssociations")
    if not isinstance(stores, list) or not stores:
        return []
    if len(stores) > 1:
        return [("keyValueStoreAssociations", f"{len(stores)} are given; a function reads one store")]
    if check.inputs.get("runtime") == "cloudfront-js-1.0":
        return [("keyValueStoreAssociations", "want runtime cloudfront-js-2.0")]
    return []


def _store_described(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found["KeyValueStore"], "ETag": found["ETag"]}


ENTRIES = (
    Entry(
        "aws:cloudfront/function:Function",
        "cloudfront",
        create=Call("CreateFunction", {"Name": "{name}"}, mapped=False),
        id="FunctionSummary.Name",
        read=Read("DescribeFunction", {**_FUNCTION, "Stage": "DEVELOPMENT"}),
        delete=Call("DeleteFunction", {**_FUNCTION, "IfMatch": "{etag}"}, mapped=False),
        force_new=frozenset({"name"}),
        defaults={"publish": True},
        packed=_WRITTEN,
        settings=frozenset({"publish"}),
        tags=TAGS,
        prepare=_create,
        after_create=_publish,
        on_update=_update,
        described=_described,
        before_delete=_current_version("DescribeFunction"),
        recomputed={"etag": tuple(sorted(_WRITTEN)), "liveStageEtag": (), "status": ()},
        autoname=Autoname("name", 64, prefix=None),
        global_region="us-east-1",
        checks=(_named, _code_fits, _one_store),
    ),
    Entry(
        "aws:cloudfront/keyValueStore:KeyValueStore",
        "cloudfront",
        create=Call("CreateKeyValueStore", {"Name": "{name}"}),
        id="KeyValueStore.Name",
        read=Read("DescribeKeyValueStore", {"Name": "{id}"}),
        update=Call("UpdateKeyValueStore", {"Name": "{id}", "Comment": "{comment}", "IfMatch": "{etag}"}),
        delete=Call("DeleteKeyValueStore", {"Name": "{id}", "IfMatch": "{etag}"}, mapped=False),
        force_new=frozenset({"name"}),
        settings=frozenset({"timeouts"}),
        tags=TAGS,
        described=_store_described,
        before_delete=_current_version("DescribeKeyValueStore"),
        recomputed={"etag": (), "lastModifiedTime": ()},
        autoname=Autoname("name", 64, prefix=None),
        global_region="us-east-1",
        checks=(_named,),
    ),
)
