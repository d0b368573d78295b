"""What functions and key value stores at the edge do besides a type's usual life."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from palier.verification.session import EDGE_KEYS, Clients

from tests.engine.local.emulated import Emulated
from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, Failed, Properties

FUNCTION = "aws:cloudfront/function:Function"
STORE, KEY = "aws:cloudfront/keyValueStore:KeyValueStore", "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey"


def function(**further: object) -> Properties:
    return {
        "runtime": "cloudfront-js-2.0",
        "code": "function handler(event) { return event.request; }",
        **further,
    }


def test_a_function_is_live_once_it_is_published(provider: Driven) -> None:
    inputs = function(publish=False)
    made = provider.make(FUNCTION, "live", inputs)
    assert (made.outputs["status"], made.outputs["liveStageEtag"]) == ("UNPUBLISHED", "")
    published = provider.change(made, provider.recheck(made, function()))
    assert published.outputs["status"] == "UNASSOCIATED"
    assert published.outputs["liveStageEtag"]
    assert published.outputs["etag"] == made.outputs["etag"]
    more = function(publish=False, code="function handler(event) { return event.response; }")
    waiting = provider.change(published, provider.recheck(published, more))
    assert waiting.outputs["status"] == "UNPUBLISHED"
    assert waiting.outputs["etag"] != published.outputs["etag"]
    assert waiting.outputs["liveStageEtag"] == published.outputs["liveStageEtag"]
    provider.remove(waiting)


def test_a_function_of_another_name_is_another_function(provider: Driven) -> None:
    made = provider.make(FUNCTION, "named", function(name="named-one"))
    difference = provider.diff(made, provider.recheck(made, function(name="named-two")))
    assert difference.replaces == ("name",)
    assert difference.delete_before_replace
    provider.remove(made)


def test_a_function_reads_one_store_and_with_the_second_runtime(provider: Driven) -> None:
    arns = [f"arn:aws:cloudfront::123456789012:key-value-store/{digit * 36}" for digit in "12"]
    two = provider.refusals(FUNCTION, "stores", function(keyValueStoreAssociations=arns))
    assert two == {"keyValueStoreAssociations": "names 2 stores; CloudFront takes one"}
    old = function(keyValueStoreAssociations=arns[:1], runtime="cloudfront-js-1.0")
    refused = provider.refusals(FUNCTION, "stores", old)
    assert refused == {
        "keyValueStoreAssociations": "wants the runtime cloudfront-js-2.0, not cloudfront-js-1.0"
    }
    wrong = provider.refusals(FUNCTION, "stores", function(keyValueStoreAssociations=["store"]))
    assert wrong == {"keyValueStoreAssociations[0]": "'store' is not the ARN of a key value store"}


def test_a_function_is_refused_a_name_or_a_comment_that_cloudfront_does_not_take(provider: Driven) -> None:
    refused = provider.refusals(FUNCTION, "refused", function(name="a b", comment="c" * 129))
    assert refused == {
        "name": "'a b' is not 1 to 64 letters, digits, hyphens and underscores",
        "comment": "has 129 characters; CloudFront takes 128",
    }


def key(world: World, name: str, value: str = "one.example") -> Properties:
    return {"keyValueStoreArn": world.store, "key": name, "value": value}


def held(emulated: Emulated, arn: str) -> dict[str, str]:
    client = Clients(region="us-east-1", endpoint=emulated.endpoint).client(EDGE_KEYS)
    pages = client.get_paginator("list_keys").paginate(KvsARN=arn, PaginationConfig={"PageSize": 10})
    return {item["Key"]: item["Value"] for page in pages for item in page["Items"]}


def test_keys_of_a_store_are_written_at_once(provider: Driven, world: World, emulated: Emulated) -> None:
    names = [f"origin:region-{number:02}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda name: provider.make(KEY, name, key(world, name, f"{name}.é")), names))
    assert held(emulated, world.store) == {name: f"{name}.é" for name in names}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(provider.remove, made))
    assert held(emulated, world.store) == {}


def test_a_key_of_another_name_or_store_is_another_key(provider: Driven, world: World) -> None:
    made = provider.make(KEY, "key", key(world, "home"))
    assert made.id == f"{world.store},home"
    assert made.outputs["totalSizeInBytes"] == len("home" + "one.example")
    assert provider.diff(made, provider.recheck(made, key(world, "away"))).replaces == ("key",)
    other = {**key(world, "home"), "keyValueStoreArn": f"{world.store[:-36]}{uuid.UUID(int=0)}"}
    assert provider.diff(made, provider.recheck(made, other)).replaces == ("keyValueStoreArn",)
    provider.remove(made)


def test_a_key_is_told_what_is_wrong_with_it(provider: Driven, world: World) -> None:
    refused = provider.refusals(KEY, "long", key(world, "k" * 513))
    assert refused == {"key": "has 513 bytes; CloudFront takes 1 to 512"}
    refused = provider.refusals(KEY, "nowhere", {**key(world, "home"), "keyValueStoreArn": "store"})
    assert refused == {"keyValueStoreArn": "'store' is not the ARN of a key value store"}
    gone = world.store.rpartition("/")[0] + "/11111111-1111-4111-8111-111111111111"
    with pytest.raises(Failed, match="Key value store was not found"):
        provider.make(KEY, "nowhere", {**key(world, "home"), "keyValueStoreArn": gone})


def test_stores_and_keys_are_imported_by_the_ids_of_pulumi_aws(provider: Driven, world: World) -> None:
    store = provider.make(STORE, "imported", {"name": "imported", "comment": "mine"})
    assert re.fullmatch("[0-9a-f-]{36}", store.id)
    taken = provider.take_over(STORE, "taken", "imported")
    assert taken is not None
    assert (taken.id, taken.outputs["arn"]) == (store.id, store.outputs["arn"])
    made = provider.make(KEY, "imported-key", key(world, "a,b"))
    seen = provider.take_over(KEY, "taken-key", made.id)
    assert seen is not None
    assert (seen.id, seen.outputs["value"]) == (made.id, "one.example")
    with pytest.raises(Failed, match="should be in the format key-value-store-arn,key"):
        provider.take_over(KEY, "taken-key", "a")
    provider.remove(made)
    provider.remove(store)


def test_a_store_that_a_function_reads_stays(provider: Driven) -> None:
    store = provider.make(STORE, "read", {})
    arn = store.outputs["arn"]
    reader = provider.make(FUNCTION, "reader", function(keyValueStoreAssociations=[arn]))
    seen = provider.look(reader)
    assert seen is not None
    assert seen.inputs["keyValueStoreAssociations"] == [arn]
    with pytest.raises(Failed, match="associated with a function"):
        provider.remove(store)
    provider.remove(reader)
    provider.remove(store)
