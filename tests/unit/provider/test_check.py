"""What a check fills in and refuses, on declarations of the test's own and without any cloud."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from palier.local.provider import check, identity, invokes
from palier.local.provider.clients import loopback
from palier.local.provider.errors import ProviderError
from palier.local.provider.schema import TypeSchema
from palier.local.provider.table import Autoname, Call, Entry, Tags
from palier.local.provider.values import UNKNOWN

PLAIN = Entry("aws:x/y:Z", "x", create=Call("CreateZ"), id="{role}:{name}", read=None, delete=None)
TAGGED = replace(PLAIN, tags=Tags(Call("Tag"), Call("Untag")))
KINDS = {"name": "string", "namePrefix": "string", "region": "string", "tags": ["map", "string"]}
SCHEMA = TypeSchema(KINDS, {**KINDS, "tagsAll": ["map", "string"]}, frozenset())


def filled(entry: Entry, news: dict[str, Any], olds: dict[str, Any] | None = None, **further: Any) -> Any:
    """The inputs that a check makes of the program's."""
    settings: dict[str, Any] = {
        "logical_name": "thing",
        "seed": b"seed",
        "region": "eu-west-3",
        "default_tags": {},
    }
    return check.fill_in(entry, SCHEMA, news, olds or {}, **{**settings, **further})


NAMED = replace(PLAIN, autoname=Autoname("name", 20))


def test_a_name_is_made_once_and_kept() -> None:
    first = filled(NAMED, {})
    assert first["name"].startswith("thing-")
    assert len(first["name"]) == len("thing-") + 7
    assert "name" in first["__defaults"]
    assert filled(NAMED, {}, first, seed=b"other")["name"] == first["name"]
    # An alias: the program calls it otherwise, the resource is the same.
    assert filled(NAMED, {}, first, logical_name="renamed")["name"] == first["name"]


def test_a_given_name_or_another_prefix_makes_another_name() -> None:
    first = filled(NAMED, {})
    given = filled(NAMED, {"name": "mine"}, first)
    assert given["name"] == "mine"
    assert "name" not in given["__defaults"]
    prefixed = filled(NAMED, {"namePrefix": "front-"}, first)
    assert prefixed["name"].startswith("front-")
    assert filled(NAMED, {"namePrefix": "front-"}, prefixed)["name"] == prefixed["name"]
    assert filled(NAMED, {"namePrefix": UNKNOWN})["name"] is UNKNOWN


def test_the_engine_may_propose_a_name_or_forbid_one() -> None:
    assert filled(NAMED, {}, proposed=("propose", "verbatim"))["name"] == "verbatim"
    forbidden = filled(NAMED, {}, proposed=("disable", ""))
    assert "name" not in forbidden
    assert check._name_problems(NAMED, forbidden) == [
        ("name", "is required where automatic naming is disabled")
    ]
    assert filled(NAMED, {"namePrefix": "p-"}, proposed=("propose", "x"))["name"].startswith("p-")


def test_a_name_that_is_too_long_is_refused_and_never_cut() -> None:
    made = filled(NAMED, {}, logical_name="a-logical-name-of-length")
    assert check._name_problems(NAMED, made) == [
        ("name", f"'{made['name']}' has 32 characters; AWS allows 20")
    ]


def test_leading_text_and_lower_case_are_the_rule_s() -> None:
    alias = replace(PLAIN, autoname=Autoname("name", 250, leading="alias/"))
    assert filled(alias, {})["name"].startswith("alias/thing-")
    assert filled(alias, {}, logical_name="alias/thing")["name"].startswith("alias/thing-")
    lower = replace(PLAIN, autoname=Autoname("name", 63, lower=True))
    assert filled(lower, {}, logical_name="Thing")["name"].startswith("thing-")


def test_defaults_are_filled_in_where_what_holds_them_is_given() -> None:
    defaults = {"size": 1, "check.port": "traffic", "rules[].to.weight": 1}
    entry = replace(PLAIN, defaults=defaults)
    made = filled(entry, {"check": {"path": "/"}, "rules": [{"to": {"a": 1}}, {}, {"to": {"weight": 5}}]})
    assert made["size"] == 1
    assert made["check"] == {"path": "/", "port": "traffic"}
    assert made["rules"] == [{"to": {"a": 1, "weight": 1}}, {}, {"to": {"weight": 5}}]
    assert "check" not in filled(entry, {})
    assert filled(entry, {"check": UNKNOWN})["check"] is UNKNOWN


def test_default_tags_stand_below_the_program_s_own() -> None:
    made = filled(TAGGED, {"tags": {"a": "own"}}, default_tags={"a": "default", "b": "default"})
    assert made["tagsAll"] == {"a": "own", "b": "default"}
    assert made["tags"] == {"a": "own"}
    assert filled(TAGGED, {"tags": UNKNOWN}, default_tags={"a": "b"})["tagsAll"] is UNKNOWN


def test_unknown_regions_are_told_from_known_ones() -> None:
    assert check.unknown_region("eu-west-3") is None
    assert check.unknown_region("eu-west-9") == (
        "unknown AWS region 'eu-west-9'; did you mean eu-west-3 or eu-west-2?"
    )


def test_an_import_id_may_name_its_region() -> None:
    assert identity.placed("vpc-1@us-east-1") == ("vpc-1", "us-east-1")
    assert identity.placed("vpc-1") == ("vpc-1", None)
    assert identity.placed("mail@example.org") == ("mail@example.org", None)


def test_an_import_id_falls_into_its_parts() -> None:
    entry = replace(PLAIN, import_id=("role", "name"))
    assert identity.parts(entry, "r:p:q") == {"role": "r", "name": "p:q"}
    assert identity.parts(PLAIN, "r:p") == {}


@pytest.mark.parametrize(
    "endpoint", ["http://10.0.0.1:80", "https://rds.amazonaws.com", "", None, "http://x"]
)
def test_no_endpoint_off_this_machine_is_ever_asked(endpoint: str | None) -> None:
    with pytest.raises(ProviderError):
        loopback(endpoint)


def test_a_data_source_that_is_not_there_is_refused_by_name() -> None:
    clients: Any = object()
    with pytest.raises(ProviderError, match="the local cloud has no data source aws:ec2/getAmi:getAmi"):
        invokes.invoke("aws:ec2/getAmi:getAmi", {}, "eu-west-3", clients)


def test_a_region_and_a_partition_are_told_without_asking() -> None:
    clients: Any = object()
    region = invokes.invoke("aws:index/getRegion:getRegion", {}, "eu-west-3", clients)
    assert region["region"] == region["name"] == "eu-west-3"
    partition = invokes.invoke("aws:index/getPartition:getPartition", {}, "cn-north-1", clients)
    assert (partition["partition"], partition["dnsSuffix"]) == ("aws-cn", "amazonaws.com.cn")
