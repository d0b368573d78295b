"""Telling the states of what was made anew outside of Pulumi under its own name, and has another id now.

AWS knows an RDS instance by a resource id that no other instance ever has. The database of a region that was
lost is made anew as a follower of the one that writes (`palier region`), under its old name; the states name
it by the old id still, so a refresh would take it for gone and the next `up` would make another beside it.
The engine has no command for that, so the id is changed in an export of the state, which is imported again;
the next run of the phase reads the rest of it from the cloud, and hands the new id on to what names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from palier.phases.stack import PhaseStack


def rebound(deployment: Mapping[str, Any], ids: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The deployment with resources of the old `ids` under their new ones, and the URNs of those changed.

    `ids` is old provider id to new. What is marked for deletion keeps its id: that is the old one's own.
    """
    result = deepcopy(dict(deployment))
    changed = []
    for entry in result.get("resources") or []:
        new = ids.get(entry.get("id", ""))
        if new is None or entry.get("delete"):
            continue
        entry["id"] = new
        if "id" in (entry.get("outputs") or {}):
            entry["outputs"]["id"] = new
        changed.append(str(entry["urn"]))
    return result, changed


def rebind(stacks: Iterable[PhaseStack], ids: Mapping[str, str]) -> list[str]:
    """Put new provider ids in the place of old ones in each stack's state; returns the URNs changed.

    A stack that holds none of them is left alone, and so is a second call. The next run of a stack that was
    changed begins with a refresh. Raises OperationError where another palier works on one of them.
    """
    changed: list[str] = []
    for stack in stacks:
        if not any(resource.id in ids for resource in stack.state().resources):
            continue
        with stack.book.alone():
            exported = stack.export()
            exported["deployment"], here = rebound(exported.get("deployment") or {}, ids)
            if here:
                stack.book.owe_refresh()
                stack.replace(exported)
            changed += here
    return changed
