"""What an id alone tells of a resource, for imports and `get`."""

from __future__ import annotations

from typing import Any

from palier.local.provider.table import Entry


def parts(entry: Entry, id_: str) -> dict[str, Any]:
    """The named parts of an id such as `role:policy`; the last part takes what is left."""
    if not entry.import_id:
        return {}
    pieces = id_.split(entry.import_separator, len(entry.import_id) - 1)
    return dict(zip(entry.import_id, pieces, strict=False))
