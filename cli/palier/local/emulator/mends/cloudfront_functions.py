"""Mends of CloudFront: functions with their stages and versions, and who uses them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from palier.local.emulator.mends.cloudfront_policies import VERSION, matching, refused
from palier.local.emulator.mends.table import added, around, mend

DEVELOPMENT, LIVE = "DEVELOPMENT", "LIVE"
# Bytes of code: CloudFront's quota, "maximum function size" (the API's own model allows 40,960).
CODE_LIMIT_BYTES = 10_240
_OURS = ("moto.cloudfront.", "palier.")


def mentions(held: Any, arn: str) -> bool:
    """Whether `arn` stands anywhere in what CloudFront keeps of something."""
    seen: set[int] = set()
    waiting = [held]
    while waiting:
        one = waiting.pop()
        if one == arn:
            return True
        if isinstance(one, (str, bytes)) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, (list, tuple)):
            waiting += one
        elif type(one).__module__.startswith(_OURS):
            waiting += vars(one).values()
    return False


def associated(backend: Any, arn: str) -> bool:
    """Whether a distribution calls the function `arn`."""
    return any(mentions(one, arn) for one in backend.distributions.values())


def _sized(code: bytes) -> None:
    if len(code) > CODE_LIMIT_BYTES:
        text = f"The function is too large: {len(code)} bytes, and CloudFront takes {CODE_LIMIT_BYTES}."
        raise refused("FunctionSizeLimitExceeded", text)


def _stores_are_there(backend: Any, config: Mapping[str, Any]) -> None:
    """Refuse an association with a store that is not there, or that the runtime can't read."""
    wanted = (config.get("KeyValueStoreAssociations") or {}).get("Items") or []
    arns = {store.arn for store in backend.key_value_stores.values()}
    for one in wanted:
        if one["KeyValueStoreARN"] not in arns:
            raise refused("InvalidArgument", f"No key value store {one['KeyValueStoreARN']}.")
    if wanted and config["Runtime"] != "cloudfront-js-2.0":
        raise refused("InvalidArgument", "A key value store wants the runtime cloudfront-js-2.0.")
    if len(wanted) > 1:
        raise refused("InvalidArgument", "A function is associated with one key value store at most.")


def _staged(backend: Any, name: str, stage: Any) -> Any:
    """The function `name` as it stands in a stage, DEVELOPMENT where none is named."""
    from moto.cloudfront.exceptions import NoSuchFunctionExists

    function = backend.functions.get(name)
    found = vars(function).get("palier_live") if function and stage == LIVE else function
    if found is None:
        raise NoSuchFunctionExists(name)
    if found.status != "UNPUBLISHED":
        found.status = "DEPLOYED" if associated(backend, found.arn) else "UNASSOCIATED"
    return found


@mend("cloudfront")
def stages_of_functions() -> None:
    """A function can't be changed or published, and its LIVE stage is there before anybody published it."""
    from moto.cloudfront import urls
    from moto.cloudfront.models import random_id
    from moto.cloudfront.responses import CloudFrontResponse
    from moto.core.responses import ActionResult
    from moto.core.utils import utcnow

    def answered(function: Any, **further: Any) -> Any:
        return ActionResult({"FunctionSummary": function.function_summary, **further})

    @added(CloudFrontResponse)
    def describe_function(self: Any) -> Any:
        function = _staged(self.backend, self._get_param("Name"), self._get_param("Stage"))
        return answered(function, ETag=function.etag)

    @added(CloudFrontResponse)
    def get_function(self: Any) -> Any:
        function = _staged(self.backend, self._get_param("Name"), self._get_param("Stage"))
        told = {"FunctionCode": function.code, "ETag": function.etag}
        return ActionResult({**told, "ContentType": "application/octet-stream"})

    @added(CloudFrontResponse)
    def update_function(self: Any) -> Any:
        function = _staged(self.backend, self._get_param("Name"), DEVELOPMENT)
        matching(function, self._get_param("IfMatch"))
        code, config = self._get_param("FunctionCode"), self._get_param("FunctionConfig")
        _sized(code)
        _stores_are_there(self.backend, config)
        function.code, function.config, function.status = code, config, "UNPUBLISHED"
        function.etag, function.last_modified_time = random_id(), utcnow()
        return answered(function, ETag=function.etag)

    @added(CloudFrontResponse)
    def publish_function(self: Any) -> Any:
        function = _staged(self.backend, self._get_param("Name"), DEVELOPMENT)
        matching(function, self._get_param("IfMatch"))
        function.status = "UNASSOCIATED"
        function.palier_live = None  # The copy is of the function, not of what was live before it.
        live = copy.deepcopy(function)
        live.stage, live.etag, live.last_modified_time = LIVE, random_id(), utcnow()
        function.palier_live = live
        return answered(_staged(self.backend, function.name, LIVE))

    path = f"{{0}}/{VERSION}/function/(?P<function_name>[^/]+)/publish$"
    urls.url_paths[path] = CloudFrontResponse.dispatch


@mend("cloudfront")
def limits_of_functions() -> None:
    """A function's code may have any length, its key value store may be none, it is deleted whatever If-Match
    says and while a distribution calls it."""
    from moto.cloudfront.models import CloudFrontBackend

    @around(CloudFrontBackend, "create_function")
    def create(
        original: Any, self: Any, name: str, function_config: Any, function_code: bytes, tags: Any
    ) -> Any:
        _sized(function_code)
        _stores_are_there(self, function_config)
        return original(self, name, function_config, function_code, tags)

    @around(CloudFrontBackend, "delete_function")
    def delete(original: Any, self: Any, name: str, if_match: Any) -> Any:
        function = self.describe_function(name)
        matching(function, if_match)
        if associated(self, function.arn):
            text = "Cannot delete the function, it is in use by at least one distribution."
            raise refused("FunctionInUse", text)
        return original(self, name, if_match)
