"""What the local CloudFront finds in what it keeps, and the keys of a store, without moto's requests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.cloudfront.models import KeyValueStore
from palier.local.emulator.mends import cloudfront_functions as functions
from palier.local.emulator.mends import cloudfront_keys as keys

ARN = "arn:aws:cloudfront::123456789012:function/edge"
names = st.text(min_size=1, max_size=20)
held = st.dictionaries(names, st.text(max_size=20), max_size=30)


class Other:
    """Not CloudFront's: never looked into."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside


def thing(**inside: Any) -> Any:
    made = KeyValueStore("123456789012", "us-east-1", "one", "")
    vars(made).update(inside)
    return made


def test_an_arn_is_found_however_deep_it_stands() -> None:
    assert functions.mentions({"Items": [{"FunctionARN": ARN}]}, ARN)
    assert functions.mentions(thing(behavior=thing(functions=({"FunctionARN": ARN},))), ARN)
    assert not functions.mentions(thing(behavior={"FunctionARN": f"{ARN}-two"}), ARN)
    assert not functions.mentions(Other(ARN), ARN)


def test_what_refers_to_itself_is_looked_at_once() -> None:
    one: dict[str, Any] = {}
    one["itself"] = [one]
    assert not functions.mentions(one, ARN)


def test_a_function_is_associated_by_any_distribution() -> None:
    calling = thing(config={"DefaultCacheBehavior": {"FunctionAssociations": {"Items": [ARN]}}})
    assert functions.associated(SimpleNamespace(distributions={"E1": thing(), "E2": calling}), ARN)
    assert not functions.associated(SimpleNamespace(distributions={"E1": thing()}), ARN)


@given(held, st.integers(1, 50))
def test_pages_give_every_key_once_and_in_order(pairs: dict[str, str], limit: int) -> None:
    seen: list[dict[str, str]] = []
    token = None
    while True:
        items, token = keys.page(pairs, token, limit)
        assert len(items) <= limit
        seen += items
        if token is None:
            break
    assert [(item["Key"], item["Value"]) for item in seen] == sorted(pairs.items())


@given(held, held)
def test_a_change_puts_and_deletes_and_leaves_the_rest(before: dict[str, str], puts: dict[str, str]) -> None:
    deletes = set(sorted(before.keys() - puts.keys())[::2])
    after = keys.changed(before, puts, deletes)
    assert after == {key: value for key, value in {**before, **puts}.items() if key not in deletes}
    assert keys.size(after) == sum(len((key + value).encode()) for key, value in after.items())


def test_a_full_store_takes_no_more() -> None:
    full = {f"{number:024}": "v" * 1000 for number in range(keys.STORE_LIMIT_BYTES // 1024)}
    assert keys.size(full) == keys.STORE_LIMIT_BYTES
    with pytest.raises(Exception, match="ServiceQuotaExceededException"):
        keys.changed(full, {"one": "more"}, set())
    assert "one" in keys.changed(full, {"one": "more"}, {f"{0:024}"})
