"""What functions and key value stores at the edge do besides a type's usual life."""

from __future__ import annotations

from tests.engine.support.driven import Driven, Properties

FUNCTION = "aws:cloudfront/function:Function"


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
