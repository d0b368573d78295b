"""Drift: the inputs that describe what stands, where that differs from the inputs of the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.local.provider.changes import spelt
from palier.local.provider.context import Context
from palier.local.provider.table import Entry
from palier.local.provider.values import DEFAULTS_KEY, same

Properties = dict[str, Any]
_NOT_COMPARED = frozenset({DEFAULTS_KEY, "tagsAll"})


def inputs_from(context: Context, outputs: Mapping[str, Any]) -> Properties:
    """The inputs that describe what stands: the old ones, and where reality differs, reality.

    Without old inputs (an import), every readable input that is not what the provider fills in anyway.
    """
    old, entry = context.inputs, context.entry
    if not old:
        return _imported(context, outputs)
    fresh = dict(old)
    for key, value in old.items():
        if key in _NOT_COMPARED or key in entry.write_only or key == entry_prefix(entry):
            continue
        actual = outputs.get(key)
        both = spelt(entry, key, value), spelt(entry, key, actual)
        if not _agrees(*both, whole=key == "tags", ordered=key in entry.ordered):
            fresh[key] = actual
            if actual is None:
                fresh.pop(key)
    if "tagsAll" in outputs and "tagsAll" in old and not same(old["tagsAll"], outputs["tagsAll"]):
        fresh["tagsAll"] = outputs["tagsAll"]
        fresh["tags"] = outputs.get("tags", {})
    return fresh


def entry_prefix(entry: Entry) -> str | None:
    """The property from which a name with a random ending is made; it never reads back."""
    return entry.autoname.prefix if entry.autoname else None


def _imported(context: Context, outputs: Mapping[str, Any]) -> Properties:
    entry, schema = context.entry, context.schema
    inputs = {
        key: outputs[key]
        for key in schema.inputs
        if outputs.get(key) is not False and outputs.get(key) not in (None, [], {}, "")
    }
    prefix = entry_prefix(entry)
    inputs = {key: value for key, value in inputs.items() if key != prefix}
    for key, value in entry.defaults.items():
        if "." not in key:
            inputs.setdefault(key, value)
    if "tagsAll" in outputs:
        inputs["tagsAll"] = outputs["tagsAll"]
    inputs[DEFAULTS_KEY] = []
    return inputs


def _agrees(asked: Any, actual: Any, *, whole: bool = False, ordered: bool = False) -> bool:
    """Whether reality holds what was asked for; it may hold more than that, but for tags (`whole`)."""
    if same(asked, actual, ordered=ordered):
        return True
    if whole:
        return False
    if isinstance(asked, Mapping) and isinstance(actual, Mapping):
        return all(_agrees(value, actual.get(key)) for key, value in asked.items())
    if isinstance(asked, list) and isinstance(actual, list) and len(asked) == len(actual):
        if ordered:
            return all(map(_agrees, asked, actual))
        return all(any(_agrees(one, other) for other in actual) for one in asked)
    return False
