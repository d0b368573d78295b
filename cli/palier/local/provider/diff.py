"""Diff: which inputs changed, and whether the change can be made in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from palier.local.provider.operations import changes
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


def compare(entry: Entry, old: Mapping[str, Any], new: Mapping[str, Any], ignored: list[str]) -> Difference:
    """What an update from `old` to `new` inputs would change."""
    difference = Difference()
    changed = changes(old, new) - set(ignored)
    if "tags" in changed or "tags" in ignored:
        changed.discard("tagsAll")
    for key in sorted(changed):
        paths: dict[str, str] = {}
        _paths(key, old.get(key), new.get(key), paths)
        difference.kinds.update(paths)
        forcing = (*entry.force_new, "region", *(entry.forces(old, new) if entry.forces else ()))
        difference.replaces += [path for path in paths if _forces(forcing, path)]
    rule = entry.autoname
    named = rule is not None and rule.frees_name_first and _named_by_user(rule.property, new)
    difference.delete_before_replace = bool(difference.replaces) and (entry.delete_before_replace or named)
    return difference


def _named_by_user(name: str, inputs: Mapping[str, Any]) -> bool:
    return name in inputs and name not in inputs.get(DEFAULTS_KEY, [])


def _forces(forcing: tuple[str, ...], path: str) -> bool:
    """A path forces a new resource where it, what it is part of, or a part of it does."""
    plain = _INDEX.sub("", path)
    return any(
        plain == name or plain.startswith(f"{name}.") or name.startswith(f"{plain}.") for name in forcing
    )


def _paths(path: str, old: Any, new: Any, into: dict[str, str]) -> None:
    if old is None or new is None:
        into[path] = "add" if old is None else "delete"
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            if not same(old.get(key), new.get(key)):
                _paths(f"{path}.{key}", old.get(key), new.get(key), into)
    elif isinstance(old, list) and isinstance(new, list) and UNKNOWN not in new:
        _list_paths(path, old, new, into)
    else:
        into[path] = "update"


def _list_paths(path: str, old: list[Any], new: list[Any], into: dict[str, str]) -> None:
    if len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
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
