"""Diff: which inputs changed, and whether the change can be made in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from palier.local.provider.changes import carried, changes, spelt
from palier.local.provider.table import Entry
from palier.local.provider.values import DEFAULTS_KEY, UNKNOWN, canonical, same

_INDEX = re.compile(r"\[\d+\]")


@dataclass
class Difference:
    """Changed paths with their kind (`add`, `delete`, `update`), and those that force a new resource."""

    kinds: dict[str, str] = field(default_factory=dict)
    replaces: list[str] = field(default_factory=list)
    delete_before_replace: bool = False

    @property
    def properties(self) -> list[str]:
        """The changed top-level properties."""
        return sorted({re.split(r"[.\[]", path)[0] for path in self.kinds})


def compare(
    entry: Entry,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    ignored: list[str],
    outputs: Mapping[str, Any] | None = None,
) -> Difference:
    """What an update from `old` to `new` inputs would change; `outputs` are the last ones."""
    difference = Difference()
    new = carried(entry, old, new)
    changed = changes(entry, old, new) - set(ignored)
    if "tags" in changed or "tags" in ignored:
        changed.discard("tagsAll")
    forcing = (*entry.force_new, "region", *_forced_now(entry, old, new, outputs or {}))
    for key in sorted(changed):
        paths: dict[str, str] = {}
        before, after = spelt(entry, key, old.get(key)), spelt(entry, key, new.get(key))
        _paths(key, before, after, paths, ordered=key in entry.ordered)
        difference.kinds.update(paths)
        difference.replaces += [path for path in paths if _forces(forcing, path)]
    rule = entry.autoname
    named = rule is not None and rule.frees_name_first and _named_by_user(rule.property, new)
    difference.delete_before_replace = bool(difference.replaces) and (entry.delete_before_replace or named)
    return difference


def _forced_now(
    entry: Entry, old: Mapping[str, Any], new: Mapping[str, Any], outputs: Mapping[str, Any]
) -> set[str]:
    if entry.forces is None:
        return set()
    known = {key: value for key, value in outputs.items() if key not in new and key not in old}
    return entry.forces({**known, **old}, new)


def _named_by_user(name: str, inputs: Mapping[str, Any]) -> bool:
    return name in inputs and name not in inputs.get(DEFAULTS_KEY, [])


def _forces(forcing: tuple[str, ...], path: str) -> bool:
    """A path forces a new resource where it, what it is part of, or a part of it does."""
    plain = _INDEX.sub("", path)
    return any(
        plain == name or plain.startswith(f"{name}.") or name.startswith(f"{plain}.") for name in forcing
    )


def _paths(path: str, old: Any, new: Any, into: dict[str, str], *, ordered: bool = False) -> None:
    if old is None or new is None:
        into[path] = "add" if old is None else "delete"
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            if not same(old.get(key), new.get(key)):
                _paths(f"{path}.{key}", old.get(key), new.get(key), into)
    elif isinstance(old, list) and isinstance(new, list) and UNKNOWN not in new:
        _list_paths(path, old, new, into, ordered)
    else:
        into[path] = "update"


def _list_paths(path: str, old: list[Any], new: list[Any], into: dict[str, str], ordered: bool) -> None:
    if len(old) == len(new):
        pairs = list(zip(old, new, strict=True)) if ordered else _matched(old, new)
        for index, (before, after) in enumerate(pairs):
            if not same(before, after):
                _paths(f"{path}[{index}]", before, after, into)
        return
    before, after = [canonical(item) for item in old], [canonical(item) for item in new]
    for index, item in enumerate(before):
        if item not in after:
            into[f"{path}[{index}]"] = "delete"
    for index, item in enumerate(after):
        if item not in before:
            into[f"{path}[{index}]"] = "add"
    if not any(key.startswith(path) for key in into):
        into[path] = "update"


def _matched(old: list[Any], new: list[Any]) -> list[tuple[Any, Any]]:
    """Each old item beside its new self: the equal ones first, then what is left in its order."""
    left = list(new)
    partner: list[Any] = []
    for item in old:
        index = next((i for i, other in enumerate(left) if same(item, other)), None)
        partner.append(UNKNOWN if index is None else left.pop(index))
    pairs = zip(old, partner, strict=True)
    return [(item, left.pop(0) if other is UNKNOWN else other) for item, other in pairs]
