"""What stands in the workplace: plain data, one file, replaced whole after every change.

So a kill at any moment leaves what was answered: the file is written before the answer leaves.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

ADMIN = "palier-admin"


def empty() -> dict[str, Any]:
    """A workplace in which nothing stands."""
    return {
        "next_id": 1,
        "github": {
            "organisation": None,
            "users": {},
            "members": {},
            "teams": {},
            "repositories": {},
            "deleted": [],
        },
        "slack": {"plan": "business+", "team": {}, "users": {}, "channels": {}, "conversations": {}},
        "behaviour": {"invitations": "accepted", "slack_invitations": "accepted", "rate_limits": True},
    }


class World:
    """The data, and its file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.data = empty()
        with contextlib.suppress(FileNotFoundError):
            self.data = json.loads(file.read_text(encoding="utf-8"))

    @property
    def github(self) -> dict[str, Any]:
        """The organisation."""
        found: dict[str, Any] = self.data["github"]
        return found

    @property
    def slack(self) -> dict[str, Any]:
        """The workspace."""
        found: dict[str, Any] = self.data["slack"]
        return found

    @property
    def behaviour(self) -> dict[str, Any]:
        """How the services behave where a rehearsal may choose."""
        found: dict[str, Any] = self.data["behaviour"]
        return found

    def number(self) -> int:
        """A number that was not given before; ids of everything are made of it."""
        given = int(self.data["next_id"])
        self.data["next_id"] = given + 1
        return given

    def save(self) -> None:
        """Write the file whole, before the answer leaves."""
        new = self._file.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(self.data, out, separators=(",", ":"))
        os.replace(new, self._file)

    def reset(self) -> None:
        """Forget everything."""
        self.data = empty()
        self._file.unlink(missing_ok=True)
