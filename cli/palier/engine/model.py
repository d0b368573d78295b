"""What an engine is to the rest of Palier, and why one is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ENGINE_VERSION = "3.220.0"
"""The version that is installed or built: the last one that starts Python policy packs through
`pulumi-analyzer-policy-python`, which the language host that can be built needs (ADR 0001)."""

MINIMUM_VERSION = "3.200.0"
"""The oldest engine taken from PATH; `pulumi.automation` of the SDK has a lower bound of its own."""

OVERRIDE, PATH, OFFICIAL, BUILD = "override", "path", "official", "build"
RUNGS = (PATH, OFFICIAL, BUILD)
"""The ladder, first rung first."""

RUNG_NAMES = {
    OVERRIDE: "PALIER_ENGINE",
    PATH: "PATH",
    OFFICIAL: "official installer",
    BUILD: "build from Go modules",
}
"""What each rung is called when one talks to people."""


@dataclass(frozen=True)
class Engine:
    """A Pulumi engine that was run and answered.

    `bin` holds `command` (the `pulumi` executable) and goes first on PATH when the engine runs, so that
    it finds its own language host; `root` is the folder above. `version` is without the leading v.
    """

    root: Path
    bin: Path
    command: Path
    version: str
    rung: str

    def describe(self) -> str:
        """One line for people."""
        return f"pulumi {self.version} ({RUNG_NAMES[self.rung]}): {self.command}"

    def as_dict(self) -> dict[str, str]:
        """The fields as text, for `--output json`."""
        return {
            "rung": self.rung,
            "version": self.version,
            "command": str(self.command),
            "bin": str(self.bin),
            "root": str(self.root),
        }


class Refused(Exception):
    """A rung of the ladder does not serve: why, what it left behind, and what would mend it."""

    def __init__(self, reason: str, *, left: str | None = None, next_step: str | None = None) -> None:
        self.reason, self.left, self.next_step = reason, left, next_step
        super().__init__(reason)


@dataclass(frozen=True)
class Answer:
    """What one rung answered when it did not serve."""

    rung: str
    reason: str

    def __str__(self) -> str:
        return f"{RUNG_NAMES[self.rung]}: {self.reason}"


def version_tuple(text: str) -> tuple[int, int, int] | None:
    """Major, minor and patch of the first `1.2.3` in `text`; None where there is none."""
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None
