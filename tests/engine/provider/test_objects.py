"""What is particular to objects of S3: contents, versions, and what an upload must not lose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.local.emulated import Emulated
from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, Failed, Properties

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
# How the engine writes an asset: pulumi.runtime.rpc's signature key, and that of an asset.
ASSET = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17"}

REFUSED: dict[str, tuple[Properties, str]] = {
    "text that is not base64": ({"content": None, "contentBase64": "a"}, "is not base64"),
    "no key": ({"key": None}, "the local cloud makes no key"),
    "a key that would be cleaned": ({"key": "/index.html"}, "'/index.html': the official provider would"),
    "metadata with capitals": ({"metadata": {"Release": "1"}}, "'Release' may hold no capitals"),
    "an archive": ({"content": None, "source": {"assets": {}}}, "is neither a text nor a file"),
    "an access list": ({"acl": "public-read"}, "is not served by the local cloud"),
}


def _inputs(world: World, **further: object) -> Properties:
    given = {"bucket": world.bucket, "key": "one.txt", "content": "one", **further}
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_of_an_object(what: str, provider: Driven, world: World) -> None:
    change, says = REFUSED[what]
    found = provider.refusals(OBJECT, "refused", _inputs(world, **change))
    assert says in " ".join(found.values()), found


def test_contents_come_from_text_base64_and_files(
    provider: Driven, world: World, emulated: Emulated, tmp_path: Path
) -> None:
    (tmp_path / "three.bin").write_bytes(b"\x00three")
    contents: dict[bytes, Properties] = {
        b"one": {"content": "one"},
        b"\xfftwo": {"content": None, "contentBase64": "/3R3bw=="},
        b"\x00three": {
            "content": None,
            "source": {**ASSET, "hash": "3", "path": str(tmp_path / "three.bin")},
        },
        b"four": {"content": None, "source": {**ASSET, "hash": "4", "text": "four"}},
    }
    s3 = emulated.client("s3")
    for body, given in contents.items():
        made = provider.make(OBJECT, "contents", _inputs(world, **given))
        assert made.id == f"{world.bucket}/one.txt"
        assert s3.get_object(Bucket=world.bucket, Key="one.txt")["Body"].read() == body
        again = provider.look(made)
        assert again is not None
        assert again.inputs == made.inputs
        provider.remove(made)
    lost = _inputs(world, content=None, source={**ASSET, "hash": "5", "path": str(tmp_path / "none")})
    with pytest.raises(Failed, match=r"opening S3 object source .*: No such file"):
        provider.make(OBJECT, "lost", lost)


def test_an_upload_keeps_the_tags(provider: Driven, world: World, emulated: Emulated) -> None:
    inputs = _inputs(world, tags={"owner": "us + them"})
    made = provider.make(OBJECT, "tagged", inputs)
    changed = provider.recheck(made, {**inputs, "content": "two"})
    after = provider.change(made, changed)
    assert after.outputs["etag"] != made.outputs["etag"]
    tags = emulated.client("s3").get_object_tagging(Bucket=world.bucket, Key="one.txt")["TagSet"]
    assert tags == [{"Key": "owner", "Value": "us + them"}]
    provider.remove(after)


def test_another_source_hash_uploads_again_and_another_key_replaces(provider: Driven, world: World) -> None:
    inputs = _inputs(world, sourceHash="1")
    made = provider.make(OBJECT, "hashed", inputs)
    again = provider.recheck(made, {**inputs, "sourceHash": "2"})
    assert provider.diff(made, again).properties == {"sourceHash"}
    after = provider.change(made, again)
    moved = provider.recheck(after, {**inputs, "sourceHash": "2", "key": "two.txt"})
    assert provider.diff(after, moved).replaces == ("key",)
    provider.remove(after)


def test_every_version_of_a_key_goes_with_it_and_none_of_another(
    provider: Driven, world: World, emulated: Emulated
) -> None:
    bucket, _ = world.versioned
    made = provider.make(OBJECT, "versioned", _inputs(world, bucket=bucket))
    other = provider.make(OBJECT, "beside", _inputs(world, bucket=bucket, key="one.txt.gz"))
    after = provider.change(made, provider.recheck(made, _inputs(world, bucket=bucket, content="two")))
    assert after.outputs["versionId"] != made.outputs["versionId"]
    provider.remove(after)
    left = emulated.client("s3").list_object_versions(Bucket=bucket)
    assert [item["Key"] for item in left.get("Versions", [])] == ["one.txt.gz"]
    assert left.get("DeleteMarkers", []) == []
    provider.remove(other)


def test_an_object_is_imported_by_bucket_and_key(provider: Driven, world: World) -> None:
    made = provider.make(OBJECT, "imported", _inputs(world, cacheControl="max-age=1"))
    for prefix in ("", "s3://"):
        taken = provider.take_over(OBJECT, "imported", f"{prefix}{world.bucket}/one.txt")
        assert taken is not None
        assert taken.id == made.id
        assert (taken.inputs["key"], taken.inputs["cacheControl"]) == ("one.txt", "max-age=1")
    provider.remove(made)
