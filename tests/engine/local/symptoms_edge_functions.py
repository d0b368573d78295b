"""The symptoms of moto's CloudFront functions and key value stores that Palier mends."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tests.engine.local.symptoms import Clients, Symptom, outcome

_CODE = b"function handler(event) { return event.request; }"


def _config(*stores: str) -> dict[str, Any]:
    items = [{"KeyValueStoreARN": arn} for arn in stores]
    associated = {"KeyValueStoreAssociations": {"Quantity": len(items), "Items": items}} if items else {}
    return {"Comment": "", "Runtime": "cloudfront-js-2.0", **associated}


def _made(cloudfront: Any, *stores: str) -> Any:
    return cloudfront.create_function(Name="edge", FunctionConfig=_config(*stores), FunctionCode=_CODE)


def function_published(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    etag = _made(cloudfront)["ETag"]
    before = outcome(cloudfront.describe_function, Name="edge", Stage="LIVE")
    changed = {"Name": "edge", "FunctionConfig": _config(), "FunctionCode": _CODE + b" // more"}
    return (
        before,
        outcome(cloudfront.publish_function, Name="edge", IfMatch="stale"),
        outcome(cloudfront.publish_function, Name="edge", IfMatch=etag),
        outcome(cloudfront.update_function, **changed, IfMatch="stale"),
        outcome(cloudfront.update_function, **changed, IfMatch=etag),
    )


def function_stays_live_as_published(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    etag = _made(cloudfront)["ETag"]
    try:
        live = cloudfront.publish_function(Name="edge", IfMatch=etag)["FunctionSummary"]
    except ClientError:
        return "can't be published"
    more = _CODE + b" // more"
    cloudfront.update_function(Name="edge", FunctionConfig=_config(), FunctionCode=more, IfMatch=etag)
    stages = ("LIVE", "DEVELOPMENT")
    codes = [cloudfront.get_function(Name="edge", Stage=one)["FunctionCode"].read() for one in stages]
    status = cloudfront.describe_function(Name="edge")["FunctionSummary"]["Status"]
    return live["FunctionMetadata"]["Stage"], live["Status"], codes == [_CODE, more], status


def function_too_large(clients: Clients) -> object:
    large = {"FunctionConfig": _config(), "FunctionCode": b"/" * 10_241}
    return outcome(clients("cloudfront").create_function, Name="large", **large)


def function_of_another_version(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    _made(cloudfront)
    return outcome(cloudfront.delete_function, Name="edge", IfMatch="stale")


def function_with_no_such_store(clients: Clients) -> object:
    arn = "arn:aws:cloudfront::123456789012:key-value-store/11111111-1111-4111-8111-111111111111"
    made = {"FunctionConfig": _config(arn), "FunctionCode": _CODE}
    return outcome(clients("cloudfront").create_function, Name="edge", **made)


def store_of_another_version(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    made = cloudfront.create_key_value_store(Name="places", Comment="one")
    changed = {"Name": "places", "Comment": "two"}
    return (
        outcome(cloudfront.update_key_value_store, **changed, IfMatch="stale"),
        outcome(cloudfront.update_key_value_store, **changed, IfMatch=made["ETag"]),
        outcome(cloudfront.delete_key_value_store, Name="places", IfMatch="stale"),
    )


def store_in_use(clients: Clients) -> object:
    cloudfront = clients("cloudfront")
    made = cloudfront.create_key_value_store(Name="places")
    _made(cloudfront, made["KeyValueStore"]["ARN"])
    return outcome(cloudfront.delete_key_value_store, Name="places", IfMatch=made["ETag"])


SYMPTOMS = (
    Symptom(
        "stages_of_functions",
        function_published,
        ("done", "404", "404", "NotImplementedError", "NotImplementedError"),
        ("NoSuchFunctionExists", "PreconditionFailed", "done", "PreconditionFailed", "done"),
    ),
    Symptom(
        "stages_of_functions",
        function_stays_live_as_published,
        "can't be published",
        ("LIVE", "UNASSOCIATED", True, "UNPUBLISHED"),
    ),
    Symptom("limits_of_functions", function_too_large, "done", "FunctionSizeLimitExceeded"),
    Symptom("limits_of_functions", function_of_another_version, "done", "PreconditionFailed"),
    Symptom("limits_of_functions", function_with_no_such_store, "done", "InvalidArgument"),
    Symptom(
        "versions_of_stores",
        store_of_another_version,
        ("done", "done", "done"),
        ("PreconditionFailed", "done", "PreconditionFailed"),
    ),
    Symptom("versions_of_stores", store_in_use, "done", "CannotDeleteEntityWhileInUse"),
)
