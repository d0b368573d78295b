"""What a change of inputs is: kept inputs, order, spelling, unfinished work, and its paths in a diff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from palier.local.provider import diff
from palier.local.provider.changes import PENDING_KEY, changes, in_effect
from palier.local.provider.operations import planned
from palier.local.provider.table import Autoname, Call, Entry
from palier.local.provider.values import UNKNOWN

from tests.unit.provider.test_values import properties

PLAIN = Entry("aws:x/y:Z", "x", create=Call("CreateZ"), id="Id", read=None, delete=None)


def compared(old: dict[str, Any], new: dict[str, Any], **declared: Any) -> diff.Difference:
    """The difference under an entry with these declarations."""
    return diff.compare(replace(PLAIN, **declared), old, new, [])


@given(properties)
def test_equal_inputs_have_no_difference(inputs: dict[str, Any]) -> None:
    assert compared(inputs, dict(inputs)).kinds == {}


@given(properties, properties)
def test_a_difference_and_its_paths_agree(old: dict[str, Any], new: dict[str, Any]) -> None:
    changed = {key for key in changes(PLAIN, old, new) if key not in ("tags", "tagsAll")}
    told = {
        key for key in old.keys() | new.keys() if any(p.startswith(key) for p in compared(old, new).kinds)
    }
    assert changed <= told


def test_paths_name_what_changed_and_no_more() -> None:
    old = {"rule": {"path": "/", "port": "80"}, "ids": ["a", "b"], "gone": 1}
    new = {"rule": {"path": "/x", "port": "80"}, "ids": ["b", "c"], "new": 1}
    assert compared(old, new).kinds == {
        "rule.path": "update",
        "ids[0]": "update",
        "gone": "delete",
        "new": "add",
    }


def test_a_list_that_grows_or_shrinks_tells_its_items() -> None:
    assert compared({"ids": ["a"]}, {"ids": ["b", "a"]}).kinds == {"ids[0]": "add"}
    assert compared({"ids": ["a", "b"]}, {"ids": ["b"]}).kinds == {"ids[0]": "delete"}
    assert compared({"ids": ["a"]}, {"ids": ["a", "a"]}).kinds == {"ids": "update"}


def test_order_is_a_change_where_it_is_declared() -> None:
    assert compared({"p": ["a", "b"]}, {"p": ["b", "a"]}).kinds == {}
    moved = compared({"p": ["a", "b"]}, {"p": ["b", "a"]}, ordered=frozenset({"p"}))
    assert moved.kinds == {"p[0]": "update", "p[1]": "update"}


def test_what_aws_keeps_is_no_change_when_the_program_drops_it() -> None:
    kept = frozenset({"window", "check.path", "rules[].order"})
    old = {"window": "w", "check": {"path": "/", "port": 1}, "rules": [{"order": 1, "to": "a"}]}
    assert compared(old, {"check": {"port": 1}, "rules": [{"to": "a"}]}, kept=kept).kinds == {}
    assert compared(old, {**old, "window": "v"}, kept=kept).kinds == {"window": "update"}
    assert compared(old, {**old, "check": {"path": "/"}}, kept=kept).kinds == {"check.port": "delete"}


def test_false_and_nothing_are_one_but_for_what_aws_decides() -> None:
    assert compared({}, {"encrypted": False}).kinds == {}
    assert compared({}, {"upgrade": False}, kept=frozenset({"upgrade"})).kinds == {"upgrade": "add"}
    assert compared({}, {"encrypted": True}).kinds == {"encrypted": "add"}


def test_a_spelling_is_no_change_and_an_unknown_is_one() -> None:
    spelling = {"key": lambda key: key.rpartition("/")[2]}
    assert compared({"key": "arn:key/k"}, {"key": "k"}, spelling=spelling).kinds == {}
    assert compared({"key": "k"}, {"key": UNKNOWN}, spelling=spelling).kinds == {"key": "update"}


def test_a_nested_property_forces_by_itself_and_with_what_holds_it() -> None:
    forcing = frozenset({"options.format"})
    assert compared({"options": {"format": "a"}}, {"options": {"format": "b"}}, force_new=forcing).replaces
    assert compared({}, {"options": {"format": "b"}}, force_new=forcing).replaces == ["options"]
    other = compared({"options": {"size": 1}}, {"options": {"size": 2}}, force_new=forcing)
    assert other.replaces == []


def test_only_a_name_that_the_program_gives_is_freed_first() -> None:
    named = {"autoname": Autoname("name"), "force_new": frozenset({"class"})}
    old, new = {"name": "n", "class": "a"}, {"name": "n", "class": "b"}
    assert compared(old, new, **named).delete_before_replace
    auto = {**new, "__defaults": ["name"]}
    assert not compared(old, auto, **named).delete_before_replace
    assert compared(old, auto, delete_before_replace=True, **named).delete_before_replace
    free = {**named, "autoname": Autoname("name", frees_name_first=False)}
    assert not compared(old, new, **free).delete_before_replace


def test_ignored_changes_and_default_tags_of_ignored_tags_are_none() -> None:
    old = {"a": 1, "tags": {"x": "1"}, "tagsAll": {"x": "1"}}
    new = {"a": 2, "tags": {"x": "2"}, "tagsAll": {"x": "2", "y": "1"}}
    assert diff.compare(PLAIN, old, new, ["a"]).kinds == {"tags.x": "update"}
    assert diff.compare(PLAIN, old, new, ["a", "tags"]).kinds == {}
    only_default = diff.compare(PLAIN, old, {**old, "tagsAll": {"x": "1", "y": "1"}}, [])
    assert only_default.kinds == {"tagsAll.y": "add"}


def test_what_a_failed_step_left_is_not_in_effect() -> None:
    asked = {"a": 2, "b": 1, "c": 3}
    assert in_effect(asked, {}) == asked
    # `a` still has its old value, `c` was never set.
    assert in_effect(asked, {"a": 1, "b": 1, PENDING_KEY: ["a", "c"]}) == {"a": 1, "b": 1}


def test_a_preview_knows_what_it_cannot_know() -> None:
    from types import SimpleNamespace

    entry = replace(PLAIN, recomputed={"version": (), "address": ("name",)})
    context: Any = SimpleNamespace(
        entry=entry,
        old_inputs={"data": 1, "name": "a"},
        inputs={"data": 2, "name": "a"},
        outputs={"data": 1, "name": "a", "version": 4, "address": "x"},
    )
    assert planned(context) == {"data": 2, "name": "a", "version": UNKNOWN, "address": "x"}
    context.inputs = {"data": 1, "name": "b", "tags": {"t": "1"}}
    assert planned(context)["address"] is UNKNOWN
    context.inputs = {"data": 1, "name": "a", "tags": {"t": "1"}}
    assert planned(context)["version"] == 4
