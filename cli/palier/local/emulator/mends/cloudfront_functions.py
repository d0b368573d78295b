"""Mends of CloudFront: functions with a live stage, and stores that go when nothing reads them."""

from __future__ import annotations

import copy
from typing import Any

from palier.local.emulator.mends.cloudfront_distributions import behaviors
from palier.local.emulator.mends.cloudfront_policies import matching, refused
from palier.local.emulator.mends.table import added, around, mend


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
        matching(function, self._get_param("IfMatch"))
        config = self._get_param("FunctionConfig")
        _check_stores(self.backend, config)
        function.config, function.code = config, self._get_param("FunctionCode")
        function.status = "UNASSOCIATED" if hasattr(function, "live") else "UNPUBLISHED"
        function.etag, function.last_modified_time = random_id(), utcnow()
        return ActionResult({"FunctionSummary": function.function_summary, "ETag": function.etag})

    @added(CloudFrontResponse)
    def publish_function(self: Any) -> ActionResult:
        function = self.backend.describe_function(self._get_param("Name"))
        matching(function, self._get_param("IfMatch"))
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
        matching(function, if_match)
        for distribution in self.distributions.values():
            for behavior in behaviors(vars(distribution.distribution_config)):
                associations = (behavior.get("FunctionAssociations") or {}).get("Items") or ()
                if any(one["FunctionARN"] == function.arn for one in associations):
                    raise refused("FunctionInUse", f"Function {name} is in use by distributions.")
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
            raise refused("InvalidArgument", "The key value store of an association does not exist.")


@mend("cloudfront")
def stores_versioned() -> None:
    """A key value store changes and goes under any version, and while a function reads it."""
    from moto.cloudfront.responses import CloudFrontResponse

    @around(CloudFrontResponse, "update_key_value_store")
    def update(original: Any, self: Any) -> Any:
        store = self.backend.describe_key_value_store(self._get_param("Name"))
        matching(store, self._get_param("IfMatch"))
        return original(self)

    @around(CloudFrontResponse, "delete_key_value_store")
    def delete(original: Any, self: Any) -> Any:
        store = self.backend.describe_key_value_store(self._get_param("Name"))
        matching(store, self._get_param("IfMatch"))
        for function in self.backend.functions.values():
            associations = (function.config.get("KeyValueStoreAssociations") or {}).get("Items") or ()
            if any(one["KeyValueStoreARN"] == store.arn for one in associations):
                raise refused("CannotDeleteEntityWhileInUse", f"{store.name} is in use by a function.")
        return original(self)
