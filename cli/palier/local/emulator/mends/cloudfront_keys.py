"""Mends of CloudFront: versions of key value stores, and the interface to their keys, which moto lacks."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from palier.local.emulator.mends.cloudfront_functions import mentions
from palier.local.emulator.mends.cloudfront_policies import matching, refused
from palier.local.emulator.mends.table import around, mend

# CloudFront's quotas of key value stores, in bytes: a key, a key with its value, all of a store.
KEY_LIMIT_BYTES = 512
PAIR_LIMIT_BYTES = 1024
STORE_LIMIT_BYTES = 5 * 1024 * 1024
_PAGE = 50  # keys of a list; the API's own limit too


@dataclass
class Data:
    """What a store holds, with a version of its own: the store's own version is that of its comment."""

    etag: str
    created: Any
    changed: Any
    keys: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Its size, as every answer has it."""
        return {"ItemCount": len(self.keys), "TotalSizeInBytes": size(self.keys)}


def size(keys: Mapping[str, str]) -> int:
    """The bytes of keys and values."""
    return sum(len(key.encode()) + len(value.encode()) for key, value in keys.items())


def page(keys: Mapping[str, str], token: str | None, limit: int | None) -> tuple[list[dict[str, str]], Any]:
    """Some keys in order, after the one that `token` tells, and the token of the next ones."""
    after = base64.urlsafe_b64decode(token).decode() if token else ""
    rest = sorted(key for key in keys if key > after)
    shown = rest[: limit or _PAGE]
    more = base64.urlsafe_b64encode(shown[-1].encode()).decode() if len(rest) > len(shown) else None
    return [{"Key": key, "Value": keys[key]} for key in shown], more


def changed(keys: Mapping[str, str], puts: Mapping[str, str], deletes: set[str]) -> dict[str, str]:
    """`keys` with a change; the error that CloudFront answers where it does not take it."""
    for key, value in puts.items():
        if len(key.encode()) > KEY_LIMIT_BYTES or size({key: value}) > PAIR_LIMIT_BYTES:
            text = f"A key has {KEY_LIMIT_BYTES} bytes at most, with its value {PAIR_LIMIT_BYTES}."
            raise refused("ValidationException", text)
    if missing := sorted(deletes - keys.keys()):
        raise refused("ResourceNotFoundException", f"Key {missing[0]} was not found.")
    new = {key: value for key, value in {**keys, **puts}.items() if key not in deletes}
    if size(new) > STORE_LIMIT_BYTES:
        text = f"A key value store holds {STORE_LIMIT_BYTES} bytes at most."
        raise refused("ServiceQuotaExceededException", text)
    return new


@mend("cloudfront")
def versions_of_stores() -> None:
    """A key value store is changed and deleted whatever If-Match says, and while a function reads it."""
    from moto.cloudfront.models import CloudFrontBackend
    from moto.cloudfront.responses import CloudFrontResponse

    def checked(original: Any, self: Any) -> Any:
        store = self.backend.describe_key_value_store(self._get_param("Name"))
        matching(store, self._get_param("IfMatch"))
        return original(self)

    around(CloudFrontResponse, "update_key_value_store")(checked)
    around(CloudFrontResponse, "delete_key_value_store")(checked)

    @around(CloudFrontBackend, "delete_key_value_store")
    def delete(original: Any, self: Any, name: str) -> None:
        store = self.describe_key_value_store(name)
        if any(mentions(function, store.arn) for function in self.functions.values()):
            text = "The key value store is associated with a function."
            raise refused("CannotDeleteEntityWhileInUse", text)
        original(self, name)


def _keep_data() -> None:
    """Give every new store its data."""
    from moto.cloudfront.models import CloudFrontBackend, random_id
    from moto.core.utils import utcnow

    @around(CloudFrontBackend, "create_key_value_store")
    def create(original: Any, self: Any, name: str, comment: str, tags: Any) -> Any:
        store = original(self, name, comment, tags)
        vars(store)["palier_data"] = Data(f"KV{random_id()}", utcnow(), utcnow())
        return store


def _interface() -> Any:
    """The class that answers for `cloudfront-keyvaluestore`."""
    from moto.cloudfront.models import cloudfront_backends, random_id
    from moto.core.responses import ActionResult, BaseResponse
    from moto.core.utils import utcnow

    class KeyValueStoreResponse(BaseResponse):
        def __init__(self) -> None:
            super().__init__(service_name="cloudfront-keyvaluestore")
            self.automated_parameter_parsing = True

        def _data(self) -> Any:
            arn = self._get_param("KvsARN")
            stores = cloudfront_backends[self.current_account][self.partition].key_value_stores
            found = next((vars(one)["palier_data"] for one in stores.values() if one.arn == arn), None)
            if found is None:
                raise refused("ResourceNotFoundException", "Key value store was not found.")
            return found

        def _change(self, puts: Mapping[str, str], deletes: set[str]) -> Any:
            data = self._data()
            if self._get_param("IfMatch") != data.etag:
                raise refused("ConflictException", "Resource is not in expected state.")
            data.keys = changed(data.keys, puts, deletes)
            data.etag, data.changed = f"KV{random_id()}", utcnow()
            return ActionResult({**data.told(), "ETag": data.etag})

        def describe_key_value_store(self) -> Any:
            data = self._data()
            told = {"KvsARN": self._get_param("KvsARN"), "ETag": data.etag, "Status": "READY"}
            return ActionResult(
                {**data.told(), **told, "Created": data.created, "LastModified": data.changed}
            )

        def list_keys(self) -> Any:
            token, limit = self._get_param("NextToken"), self._get_int_param("MaxResults")
            items, more = page(self._data().keys, token, limit)
            return ActionResult({"Items": items, "NextToken": more})

        def get_key(self) -> Any:
            data, key = self._data(), self._get_param("Key")
            if key not in data.keys:
                raise refused("ResourceNotFoundException", f"Key {key} was not found.")
            return ActionResult({**data.told(), "Key": key, "Value": data.keys[key]})

        def put_key(self) -> Any:
            return self._change({self._get_param("Key"): self._get_param("Value")}, set())

        def delete_key(self) -> Any:
            return self._change({}, {self._get_param("Key")})

        def update_keys(self) -> Any:
            puts = {one["Key"]: one["Value"] for one in self._get_param("Puts") or ()}
            return self._change(puts, {one["Key"] for one in self._get_param("Deletes") or ()})

    return KeyValueStoreResponse


@mend("cloudfront")
def keys_of_stores() -> None:
    """A key value store holds no keys: the service `cloudfront-keyvaluestore` is not there."""
    from moto import backend_index
    from moto.cloudfront import urls

    _keep_data()
    host = re.compile(r"https?://cloudfront-keyvaluestore\.(.+)\.amazonaws\.com")
    backend_index.backend_url_patterns.append(("cloudfront", host))
    urls.url_paths["{0}/key-value-stores/(?P<store_and_key>.+)$"] = _interface().dispatch
