"""Tags: what is added, what is removed, and whose they are."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from palier.local.provider import tagging
from palier.local.provider.table import Call, Tags

ADD, REMOVE = Call("Add", {"Tags": "{tags}"}), Call("Remove", {"Keys": "{keys}"})
STYLE = Tags(add=ADD, remove=REMOVE)


class Recorded:
    """A context that notes the calls instead of making them."""

    def __init__(self, style: Tags, inputs: dict[str, Any] | None = None) -> None:
        self.entry = SimpleNamespace(tags=style)
        self.inputs, self.default_tags = inputs or {}, {"team": "a"}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def run(self, call: Call, inputs: dict[str, Any], **further: Any) -> None:
        """Note it."""
        self.calls.append((call.operation, further))


def changed(style: Tags, old: dict[str, str], new: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """The calls that bring tags from `old` to `new`."""
    context: Any = Recorded(style)
    tagging.change(context, old, new)
    calls: list[tuple[str, dict[str, Any]]] = context.calls
    return calls


def test_only_what_differs_is_sent() -> None:
    calls = changed(STYLE, {"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"})
    assert [name for name, _ in calls] == ["Remove", "Add"]
    assert calls[0][1]["keys"] == ["c"]
    assert calls[1][1]["tags"] == [{"Key": "b", "Value": "2"}, {"Key": "d", "Value": "1"}]
    assert changed(STYLE, {"a": "1"}, {"a": "1"}) == []


def test_an_api_that_replaces_all_tags_gets_them_all_and_is_emptied_by_itself() -> None:
    style = replace(STYLE, replaces_all=True)
    assert changed(style, {"a": "1"}, {"a": "1"}) == []
    assert [name for name, _ in changed(style, {"a": "1", "b": "1"}, {"a": "1"})] == ["Add"]
    assert changed(style, {"a": "1"}, {"b": "1"})[0][1]["all_tags"] == [{"Key": "b", "Value": "1"}]
    assert [name for name, _ in changed(style, {"a": "1"}, {})] == ["Remove"]


@pytest.mark.parametrize(
    ("given", "actual", "own"),
    [
        ({}, {"team": "a", "x": "1"}, {"x": "1"}),
        ({"team": "a"}, {"team": "a"}, {"team": "a"}),
        ({}, {"team": "b"}, {"team": "b"}),
    ],
)
def test_a_default_tag_is_the_provider_s_unless_the_program_gives_it_or_it_differs(
    given: dict[str, str], actual: dict[str, str], own: dict[str, str]
) -> None:
    context: Any = Recorded(STYLE, {"tags": given})
    assert tagging.own(context, actual) == own


def test_tags_of_aws_itself_are_nobody_s() -> None:
    context: Any = Recorded(STYLE)
    found = {"Tags": [{"Key": "aws:cloudformation:stack", "Value": "s"}, {"Key": "a", "Value": "1"}]}
    assert tagging.read(context, found) == {"a": "1"}
