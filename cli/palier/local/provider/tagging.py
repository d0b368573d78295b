"""Tags: the program's own, the provider's default ones, and what AWS holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jmespath

from palier.local.provider.context import Context
from palier.local.provider.errors import AwsError
from palier.local.provider.shapes import pairs
from palier.local.provider.table import Read, Tags

_IN_DESCRIPTION = ("Tags", "TagList", "TagSet", "tags")


def wanted(context: Context) -> dict[str, str]:
    """What the resource should carry: default tags below the program's own."""
    return dict(
        context.inputs.get("tagsAll") or {**context.default_tags, **(context.inputs.get("tags") or {})}
    )


def known(context: Context) -> dict[str, str]:
    """What it carried when last seen."""
    return dict(context.outputs.get("tagsAll") or context.old_inputs.get("tagsAll") or {})


def on_create(context: Context) -> dict[str, Any]:
    """The create operation's tag arguments; empty where there is nothing to tag with."""
    tags = wanted(context) if context.entry.tags else {}
    if not context.entry.tags or not tags:
        return {}
    filled: dict[str, Any] = context.fill(context.entry.tags.on_create, tags=_packed(context, tags))
    return filled


def _packed(context: Context, tags: Mapping[str, str]) -> Any:
    pair = context.entry.tags.pair if context.entry.tags else None
    return [{pair[0]: key, pair[1]: value} for key, value in tags.items()] if pair else dict(tags)


def change(context: Context, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Bring the tags from `old` to `new`, removing what is gone."""
    style = context.entry.tags
    if style is None:
        return
    gone = sorted(old.keys() - new.keys())
    fresh = {key: value for key, value in new.items() if old.get(key) != value}
    if style.replaces_all and new:
        gone, fresh = [], dict(new) if gone or fresh else {}
    if gone:
        context.run(style.remove, {}, keys=gone, gone=_packed(context, {key: old[key] for key in gone}))
    if fresh:
        context.run(style.add, {}, tags=_packed(context, fresh), all_tags=_packed(context, new))


def read(context: Context, found: Mapping[str, Any]) -> dict[str, str]:
    """The tags that stand, without those that AWS sets itself."""
    style = context.entry.tags
    if style is not None and style.read is not None:
        held = _listed(context, style, style.read)
    else:
        held = next((found[key] for key in _IN_DESCRIPTION if key in found), None)
    mapping = pairs(held) if isinstance(held, list) else held
    return {str(key): str(value) for key, value in (mapping or {}).items() if not str(key).startswith("aws:")}


def _listed(context: Context, style: Tags, read: Read) -> Any:
    try:
        answer = context.call(read.operation, **context.fill(read.arguments))
    except AwsError as error:
        if error.code in style.empty:
            return None
        raise
    return jmespath.search(read.at, answer) if read.at else answer


def own(context: Context, actual: Mapping[str, str]) -> dict[str, str]:
    """Of the tags that stand, those that are not default tags, or that the program gives as well."""
    given = context.inputs.get("tags") or {}
    return {k: v for k, v in actual.items() if k in given or context.default_tags.get(k) != v}
