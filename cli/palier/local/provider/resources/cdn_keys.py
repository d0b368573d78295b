"""CloudFront: key value stores, and the keys in them."""

from __future__ import annotations

from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.operations import until_first
from palier.local.provider.resources.cdn_functions import CDN_TAGS, STORE_ARN, comment, edge_name
from palier.local.provider.resources.cdn_policies import version
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read

# CloudFront's quotas, in bytes: a key, and a key with its value.
_KEY_LIMIT_BYTES = 512
_PAIR_LIMIT_BYTES = 1024
# Each write of a key makes a new version of its store, which the next write must name.
_OUTRUN = ("ConflictException",)
_ARN = "keyValueStoreArn"


def _update_store(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    etag = version(context, "DescribeKeyValueStore", Name=inputs["name"])
    text = inputs.get("comment") or ""
    context.call("UpdateKeyValueStore", Name=inputs["name"], Comment=text, IfMatch=etag)
    return changed


def _delete_store(context: Context) -> None:
    name = {**context.outputs, **context.inputs}["name"]
    etag = version(context, "DescribeKeyValueStore", Name=name)
    context.call("DeleteKeyValueStore", Name=name, IfMatch=etag)


def _describe_store(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    store = found["KeyValueStore"]
    context.id = store["Id"]
    return {**store, "Etag": found["ETag"], "LastModifiedTime": store["LastModifiedTime"].isoformat()}


def _locate_store(context: Context) -> None:
    """A store is imported by its name."""
    context.outputs = {**context.outputs, "name": context.id}


def _locate_key(context: Context) -> None:
    """An import's id is `store's ARN,key`."""
    arn, comma, key = context.id.partition(",")
    if not comma:
        raise ProviderError(f"id {context.id!r} should be in the format key-value-store-arn,key")
    context.outputs = {**context.outputs, _ARN: arn, "key": key}


def _put(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, "IfMatch": version(context, "DescribeKeyValueStore", KvsARN=arguments["KvsARN"])}


def _describe_key(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "KvsARN": {**context.outputs, **context.inputs}[_ARN]}


def _delete_key(context: Context) -> None:
    known = {**context.outputs, **context.inputs}
    named = {"KvsARN": known[_ARN], "Key": known["key"]}
    until_first(lambda: context.call("DeleteKey", **_put(context, named)), _OUTRUN)


def _store(check: Check) -> list[Problem]:
    arn = check.inputs.get(_ARN)
    if not isinstance(arn, str) or STORE_ARN.fullmatch(arn):
        return []
    return [(_ARN, f"{arn!r} is not the ARN of a key value store")]


def _pair(check: Check) -> list[Problem]:
    key, value = check.inputs.get("key"), check.inputs.get("value")
    if not isinstance(key, str):
        return []
    length = len(key.encode())
    if not 1 <= length <= _KEY_LIMIT_BYTES:
        return [("key", f"has {length} bytes; CloudFront takes 1 to {_KEY_LIMIT_BYTES}")]
    length += len(value.encode()) if isinstance(value, str) else 0
    if length > _PAIR_LIMIT_BYTES:
        return [("value", f"has {length} bytes with its key; CloudFront takes {_PAIR_LIMIT_BYTES}")]
    return []


ENTRIES = (
    Entry(
        "aws:cloudfront/keyValueStore:KeyValueStore",
        "cloudfront",
        create=Call("CreateKeyValueStore"),
        id="KeyValueStore.Id",
        read=Read("DescribeKeyValueStore", {"Name": "{name}"}),
        delete=None,
        force_new=frozenset({"name"}),
        recomputed={"etag": (), "lastModifiedTime": ()},
        settings=frozenset({"timeouts"}),
        tags=CDN_TAGS,
        autoname=Autoname("name", 64, prefix=None),
        locate=_locate_store,
        checks=(edge_name, comment),
        described=_describe_store,
        on_update=_update_store,
        before_delete=_delete_store,
        global_region="us-east-1",
    ),
    Entry(
        "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey",
        "cloudfront-keyvaluestore",
        create=Call("PutKey"),
        id=f"{{{_ARN}}},{{key}}",
        read=Read("GetKey", {"KvsARN": f"{{{_ARN}}}", "Key": "{key}"}),
        delete=None,
        update=Call("PutKey", whole=True),
        force_new=frozenset({"key", _ARN}),
        names={_ARN: "KvsARN"},
        recomputed={"totalSizeInBytes": ()},
        outrun=_OUTRUN,
        locate=_locate_key,
        checks=(_store, _pair),
        prepare=_put,
        described=_describe_key,
        before_delete=_delete_key,
        global_region="us-east-1",
    ),
)
