"""The keys of CloudFront's key value stores: a service that moto lacks, by boto3's own client of it."""

from __future__ import annotations

from typing import Any

from moto import backend_index, backends
from palier.verification.session import EDGE_KEYS, Clients

from tests.engine.local.emulated import Emulated
from tests.engine.local.symptoms import outcome

HOST = f"https://{EDGE_KEYS}.us-east-1.amazonaws.com"


def keys_of(emulated: Emulated) -> Any:
    return Clients(region="us-east-1", endpoint=emulated.endpoint).client(EDGE_KEYS)


def store(emulated: Emulated, name: str = "places") -> str:
    made = emulated.client("cloudfront").create_key_value_store(Name=name)
    return str(made["KeyValueStore"]["ARN"])


def put(keys: Any, arn: str, **pairs: str) -> None:
    for name, value in pairs.items():
        etag = keys.describe_key_value_store(KvsARN=arn)["ETag"]
        keys.put_key(KvsARN=arn, Key=name, Value=value, IfMatch=etag)


def test_moto_still_has_no_keys_of_stores() -> None:
    assert EDGE_KEYS.replace("-", "") not in backends.list_of_moto_modules()
    assert not any(pattern.match(HOST) for _, pattern in backend_index.backend_url_patterns)


def test_keys_are_put_read_listed_and_deleted(emulator: Emulated) -> None:
    keys, arn = keys_of(emulator), store(emulator)
    first = keys.describe_key_value_store(KvsARN=arn)
    assert (first["ItemCount"], first["TotalSizeInBytes"], first["Status"]) == (0, 0, "READY")
    put(keys, arn, b="zwei", a="é")
    assert keys.get_key(KvsARN=arn, Key="a")["Value"] == "é"
    listed = keys.list_keys(KvsARN=arn, MaxResults=1)
    assert listed["Items"] == [{"Key": "a", "Value": "é"}]
    rest = keys.list_keys(KvsARN=arn, NextToken=listed["NextToken"])
    assert (rest["Items"], rest.get("NextToken")) == ([{"Key": "b", "Value": "zwei"}], None)
    now = keys.describe_key_value_store(KvsARN=arn)
    assert (now["ItemCount"], now["TotalSizeInBytes"]) == (2, 8)
    gone = keys.delete_key(KvsARN=arn, Key="a", IfMatch=now["ETag"])
    assert (gone["ItemCount"], outcome(keys.get_key, KvsARN=arn, Key="a")) == (1, "ResourceNotFoundException")


def test_a_write_of_another_version_changes_nothing(emulator: Emulated) -> None:
    keys, arn = keys_of(emulator), store(emulator)
    stale = keys.describe_key_value_store(KvsARN=arn)["ETag"]
    put(keys, arn, a="1")
    written = {"KvsARN": arn, "IfMatch": stale}
    assert outcome(keys.put_key, **written, Key="a", Value="2") == "ConflictException"
    assert outcome(keys.delete_key, **written, Key="a") == "ConflictException"
    assert outcome(keys.update_keys, **written, Puts=[{"Key": "b", "Value": "2"}]) == "ConflictException"
    assert keys.list_keys(KvsARN=arn)["Items"] == [{"Key": "a", "Value": "1"}]


def test_several_keys_change_together_or_not_at_all(emulator: Emulated) -> None:
    keys, arn = keys_of(emulator), store(emulator)
    put(keys, arn, a="1")
    etag = keys.describe_key_value_store(KvsARN=arn)["ETag"]
    puts = [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]
    wrong = outcome(keys.update_keys, KvsARN=arn, IfMatch=etag, Puts=puts, Deletes=[{"Key": "no such key"}])
    assert wrong == "ResourceNotFoundException"
    long = [*puts, {"Key": "d", "Value": "v" * 1024}]
    assert outcome(keys.update_keys, KvsARN=arn, IfMatch=etag, Puts=long) == "ValidationException"
    assert keys.describe_key_value_store(KvsARN=arn)["ETag"] == etag
    keys.update_keys(KvsARN=arn, IfMatch=etag, Puts=puts, Deletes=[{"Key": "a"}])
    assert [item["Key"] for item in keys.list_keys(KvsARN=arn)["Items"]] == ["b", "c"]


def test_a_comment_and_the_keys_have_versions_of_their_own(emulator: Emulated) -> None:
    keys, arn = keys_of(emulator), store(emulator)
    cloudfront = emulator.client("cloudfront")
    put(keys, arn, a="1")
    before = cloudfront.describe_key_value_store(Name="places")["ETag"]
    put(keys, arn, a="2")
    assert cloudfront.describe_key_value_store(Name="places")["ETag"] == before
    assert outcome(cloudfront.delete_key_value_store, Name="places", IfMatch=before) == "done"
    assert outcome(keys.list_keys, KvsARN=arn) == "ResourceNotFoundException"


def test_keys_and_what_is_live_outlast_a_kill(own_emulator: Emulated) -> None:
    own_emulator.start()
    keys, cloudfront = keys_of(own_emulator), own_emulator.client("cloudfront")
    arn = store(own_emulator)
    put(keys, arn, **{"origin:eu-west-3": "one.example", "a/b c": "1"})
    config = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    etag = cloudfront.create_function(Name="edge", FunctionConfig=config, FunctionCode=b"// one")["ETag"]
    cloudfront.publish_function(Name="edge", IfMatch=etag)

    def seen() -> object:
        described = keys.describe_key_value_store(KvsARN=arn)
        live = cloudfront.describe_function(Name="edge", Stage="LIVE")
        told = [keys.list_keys(KvsARN=arn)["Items"], described["ETag"], described["LastModified"]]
        return [*told, live["ETag"], live["FunctionSummary"]]

    before = seen()
    own_emulator.restart_after_kill()
    assert seen() == before
    assert own_emulator.api("health")["replay"]["diverged"] == []
    services = own_emulator.api("summary")["services"]
    assert services["cloudfront"] == {"function": 1, "key-value-store": 1}
