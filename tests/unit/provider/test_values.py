"""Property values between engine and provider, and when two of them ask for the same thing."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from palier.local.provider import secrets
from palier.local.provider.values import UNKNOWN, canonical, decode, encode, has_unknown, same

texts = st.text(max_size=12)
scalars = st.one_of(
    st.booleans(),
    st.integers(min_value=-(2**53), max_value=2**53),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer()),
    texts,
    st.just(UNKNOWN),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)
properties = st.dictionaries(st.text(min_size=1, max_size=8), values, max_size=5)


@given(properties)
def test_what_is_encoded_decodes_to_itself(inputs: dict[str, Any]) -> None:
    assert decode(encode(inputs)) == inputs


def test_nothing_is_left_out_on_the_way() -> None:
    struct = encode({"given": 1, "absent": None})
    assert set(struct.fields) == {"given"}
    struct.fields["null"].null_value = struct_pb2.NULL_VALUE
    assert decode(struct) == {"given": 1}


@given(values, values, values)
def test_sameness_is_an_equivalence(one: Any, two: Any, three: Any) -> None:
    assert same(one, one)
    assert same(one, two) == same(two, one)
    if same(one, two) and same(two, three):
        assert same(one, three)


@given(st.lists(values, max_size=5), st.randoms())
def test_order_counts_only_where_it_is_said_to(items: list[Any], random: Any) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert same(items, shuffled)
    assert same(items, list(items), ordered=True)
    if [canonical(item) for item in items] != [canonical(item) for item in shuffled]:
        assert not same(items, shuffled, ordered=True)


def test_spellings_of_the_same_request_are_the_same() -> None:
    assert same(5, "5")
    assert same(True, "true")
    assert same({"a": 1, "b": None, "c": [], "d": ""}, {"a": 1})
    assert not same({"a": 0}, {})
    assert not same("5", "6")


def test_policies_are_compared_by_meaning_and_other_documents_by_content() -> None:
    policy = {"Statement": [{"Effect": "Allow", "Action": ["a", "b"], "Resource": ["x"]}]}
    again = {"Statement": {"Effect": "Allow", "Action": ["b", "a"], "Resource": "x"}}
    assert same(json.dumps(policy), json.dumps(again, indent=2))
    assert not same(json.dumps(policy), json.dumps(policy).replace("Allow", "Deny"))
    board = {"widgets": [{"x": 1, "y": 2}, {"x": 3}]}
    assert same(json.dumps(board), json.dumps(board, indent=2, sort_keys=True))
    assert not same(json.dumps(board), json.dumps({"widgets": board["widgets"][::-1]}))
    assert not same("{not json}", "{not  json}")


def test_an_unknown_is_found_wherever_it_stands() -> None:
    assert has_unknown(UNKNOWN)
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": "UNKNOWN"}]})


# -- secrets ----------------------------------------------------------------------------------------


def _wrapped(value: Any) -> dict[str, Any]:
    signature = "1b47061264138c4ac30d75fd1eb44270"
    return {"4dabf18193072939515e22adb298388d": signature, "value": value}


def test_a_secret_is_unwrapped_and_marked_again() -> None:
    struct = encode(
        {
            "password": _wrapped("hunter2"),
            "tags": {"open": "a", "shut": _wrapped("b")},
            "rules": [{"name": "x", "value": _wrapped("y")}],
            "name": "db",
        }
    )
    assert decode(struct)["tags"] == {"open": "a", "shut": "b"}
    marks = secrets.marks(struct)
    assert marks == {"password": True, "tags": {"shut": True}, "rules": True}
    answer = secrets.mark(encode({**decode(struct), "tagsAll": {"open": "a", "shut": "b"}}), marks)
    assert secrets.marks(answer) == {**marks, "tagsAll": {"shut": True}}
    assert decode(answer) == {**decode(struct), "tagsAll": {"open": "a", "shut": "b"}}


@given(st.text(min_size=3, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_spelling_of_a_secret_stays_in_a_text(secret: str, before: str, after: str) -> None:
    for said in (secret, json.dumps(secret), repr(secret)):
        told = secrets.redacted(f"{before}{said}{after}", {secret})
        assert secret not in told or secret in "[secret]"


def test_what_is_too_short_to_hide_is_left() -> None:
    assert secrets.redacted("a bad value", {"a", ""}) == "a bad value"
