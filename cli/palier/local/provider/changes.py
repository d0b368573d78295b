"""What differs between two sets of inputs, as AWS and the official provider see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.local.provider.table import Entry
from palier.local.provider.values import DEFAULTS_KEY, has_unknown, same

Properties = dict[str, Any]
# Among a partly made resource's outputs: the inputs that have not taken effect. The engine stores the inputs
# asked for, not those that hold, so without this the next run would see nothing left to do.
PENDING_KEY = "__pending"


def changes(entry: Entry, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The inputs that differ, tags included, what the provider keeps for itself left out."""
    new = carried(entry, old, new)
    keys = (old.keys() | new.keys()) - {DEFAULTS_KEY}
    return {key for key in keys if not equal(entry, key, old.get(key), new.get(key))}


def equal(entry: Entry, key: str, left: Any, right: Any) -> bool:
    """Whether two values of the input `key` ask for the same thing.

    False and nothing do, but for what AWS decides where nothing is said: Terraform knows no difference.
    """
    if (left is None and right is False) or (left is False and right is None):
        return key not in entry.kept
    return same(spelt(entry, key, left), spelt(entry, key, right), ordered=key in entry.ordered)


def spelt(entry: Entry, key: str, value: Any) -> Any:
    """A value of the input `key` in the spelling in which it is compared."""
    plain = entry.spelling.get(key)
    return value if plain is None or value is None or has_unknown(value) else plain(value)


def carried(entry: Entry, old: Mapping[str, Any], new: Mapping[str, Any]) -> Properties:
    """`new`, with the old value of what AWS keeps where the program no longer says it (`Entry.kept`)."""
    merged: Properties = _carried(entry.kept, "", old, new)
    return merged


def _carried(kept: frozenset[str], path: str, old: Any, new: Any) -> Any:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        held = {key: value for key, value in old.items() if f"{path}{key}" in kept and key not in new}
        return {
            **held,
            **{key: _carried(kept, f"{path}{key}.", old.get(key), value) for key, value in new.items()},
        }
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        inside = f"{path.removesuffix('.')}[]."
        return [_carried(kept, inside, *pair) for pair in zip(old, new, strict=True)]
    return new


def in_effect(old_inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Properties:
    """The inputs that hold: those of the state, but for what a failed step has left as it was."""
    pending = outputs.get(PENDING_KEY, ())
    held = {key: value for key, value in old_inputs.items() if key not in pending}
    return {**held, **{key: outputs[key] for key in pending if key in outputs}}
