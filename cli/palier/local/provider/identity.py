"""What an id alone tells of a resource, for imports and `get`."""

from __future__ import annotations

import re
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.table import Entry

# pulumi-aws 7: an import id may end in the region of the resource.
_PLACED = re.compile(r"^(?P<id>.+)@(?P<region>[a-z]{2}(-[a-z]+)+-\d)$")


def placed(id_: str) -> tuple[str, str | None]:
    """An import id without its region, and the region; None where it has none."""
    found = _PLACED.match(id_)
    return (found["id"], found["region"]) if found else (id_, None)


def parts(entry: Entry, id_: str) -> dict[str, Any]:
    """The named parts of an id such as `role:policy`; the last part takes what is left."""
    if not entry.import_id:
        return {}
    pieces = id_.split(entry.import_separator, len(entry.import_id) - 1)
    return dict(zip(entry.import_id, pieces, strict=False))


def locate(context: Context) -> None:
    """Turn the id that the user gave for an import or `get` into the resource's own.

    Sets `context.id`, and in `context.outputs` the names that the id is made of.
    """
    entry = context.entry
    named = parts(entry, context.id)
    context.outputs = {**named, **context.outputs}
    if entry.locate:
        entry.locate(context)
    elif len(named) == len(entry.import_id) > 0 and "{" in entry.id:
        context.id = entry.id.format_map(named)
