"""S3 objects that a program puts: small texts, and files beside it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from palier.local.provider import tagging
from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.resources.common import known
from palier.local.provider.table import Call, Check, Entry, Problem, Read, Tags

_PLACE = {"Bucket": "{bucket}", "Key": "{key}"}
_CONTENTS = ("content", "contentBase64", "source")
_NO_UPLOAD = frozenset({"forceDestroy"})
_NAMES = {"kmsKeyId": "SSEKMSKeyId", "websiteRedirect": "WebsiteRedirectLocation"}


def _body(inputs: Mapping[str, Any]) -> bytes:
    if "contentBase64" in inputs:
        return base64.b64decode(inputs["contentBase64"])
    if "source" in inputs:
        return _asset(inputs["source"])
    return str(inputs.get("content", "")).encode()


def _asset(source: Any) -> bytes:
    """The bytes of an asset as the engine passes it: a text, or the path of a file."""
    if isinstance(source, Mapping) and "text" in source:
        return str(source["text"]).encode()
    path = source.get("path") if isinstance(source, Mapping) else source
    if not isinstance(path, str):
        raise ProviderError("source is neither a text nor a file")
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ProviderError(f"opening S3 object source ({path}): {error.strerror}") from None


def _upload(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """The whole object: what is put takes the place of what stood, tags included."""
    named = {key: value for key, value in arguments.items() if key != "Tagging"}
    tags = urlencode(tagging.wanted(context))
    if "SSEKMSKeyId" in named:  # A key of KMS says which encryption, whatever else is said.
        named["ServerSideEncryption"] = "aws:kms"
    return {**named, **({"Tagging": tags} if tags else {}), "Body": _body(context.inputs)}


def _update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if changed - _NO_UPLOAD:
        arguments = context.arguments(Call("PutObject"), inputs)
        context.call("PutObject", **_upload(context, arguments))
    return changed


def _described(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    place = context.fill(_PLACE)
    return {
        **found,
        **place,
        "ETag": found["ETag"].strip('"'),
        "StorageClass": found.get("StorageClass") or "STANDARD",
        "Arn": f"arn:aws:s3:::{place['Bucket']}/{place['Key']}",
    }


def _delete(context: Context) -> None:
    """Where the bucket keeps versions, every version of the key goes with it."""
    place = context.fill(_PLACE)
    if not context.outputs.get("versionId"):
        context.call("DeleteObject", **place)
        return
    while True:
        listed = context.call("ListObjectVersions", Bucket=place["Bucket"], Prefix=place["Key"])
        found = [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]
        mine = [item for item in found if item["Key"] == place["Key"]]
        if not mine:
            return
        for item in mine:
            context.call("DeleteObject", **place, VersionId=item["VersionId"])


def _locate(context: Context) -> None:
    """From `bucket/key` or `s3://bucket/key`, which is what an import gives."""
    bucket, _, key = context.id.removeprefix("s3://").partition("/")
    context.id = f"{bucket}/{key}"
    context.outputs.update(bucket=bucket, key=key)


def _one_content(check: Check) -> list[Problem]:
    given = [name for name in _CONTENTS if check.inputs.get(name) is not None]
    return [(name, f"conflicts with {given[0]}") for name in given[1:]]


def _readable(check: Check) -> list[Problem]:
    problems = []
    encoded, key = check.inputs.get("contentBase64"), check.inputs.get("key")
    if isinstance(encoded, str):
        try:
            base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            problems.append(("contentBase64", f"is not base64: {error}"))
    if key is None:
        problems.append(("key", "is required here: the local cloud makes no key of the resource's name"))
    elif isinstance(key, str) and (key.startswith(("/", "./")) or "//" in key or not key):
        problems.append(("key", f"{key!r}: the official provider would put it under another key"))
    metadata = check.inputs.get("metadata")
    if isinstance(metadata, Mapping):
        upper = sorted(name for name in metadata if name != name.lower())
        problems += [("metadata", f"{name!r} may hold no capitals") for name in upper]
    source = check.inputs.get("source")
    if known(source) and isinstance(source, Mapping) and not {"text", "path"} & source.keys():
        problems.append(("source", "is neither a text nor a file, which is all that is served"))
    return problems


ENTRIES = (
    Entry(
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "s3",
        create=Call("PutObject"),
        id="{bucket}/{key}",
        read=Read("HeadObject", _PLACE),
        delete=None,
        force_new=frozenset({"bucket", "key"}),
        defaults={"forceDestroy": False},
        kept=frozenset(
            {"acl", "bucketKeyEnabled", "contentType", "etag", "kmsKeyId", "serverSideEncryption"}
            | {"storageClass"}
        ),
        names=_NAMES,
        reads={
            "cacheControl": "CacheControl",
            "contentDisposition": "ContentDisposition",
            "contentEncoding": "ContentEncoding",
            "contentLanguage": "ContentLanguage",
            "websiteRedirect": "WebsiteRedirectLocation",
        },
        recomputed={"etag": (*_CONTENTS, "sourceHash"), "versionId": ()},
        tags=Tags(
            on_create={"Tagging": "{tags}"},
            add=Call("PutObjectTagging", {**_PLACE, "Tagging": {"TagSet": "{all_tags}"}}),
            remove=Call("DeleteObjectTagging", _PLACE),
            read=Read("GetObjectTagging", _PLACE, "TagSet"),
            replaces_all=True,
        ),
        packed=frozenset(_CONTENTS),
        settings=frozenset({"forceDestroy", "sourceHash"}),
        unserved=frozenset(
            {"acl", "checksumAlgorithm", "objectLockLegalHoldStatus", "objectLockMode"}
            | {"objectLockRetainUntilDate"}
        ),
        write_only=frozenset(_CONTENTS),
        locate=_locate,
        checks=(_one_content, _readable),
        prepare=_upload,
        described=_described,
        on_update=_update,
        before_delete=_delete,
    ),
)
