"""A `palier up` under way, and how far it is: told by what it writes down, not by time."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from palier.phases.progress import EventLog

from tests.engine.phases.machine import Machine


class Watched:
    """A `palier` process that was started just now, and the engine's events since then."""

    def __init__(self, machine: Machine, *arguments: str) -> None:
        self.machine = machine
        self._known = set(self._files())
        self._logs: dict[Path, EventLog] = {}
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self.process: subprocess.Popen[str] = machine.start(*arguments)

    def _files(self) -> list[Path]:
        return list((self.machine.local / "runs").glob("*.events"))

    def read(self) -> None:
        """Take what the engines of this process have told meanwhile."""
        for file in set(self._files()) - self._known:
            if file not in self._logs:
                self._logs[file] = EventLog(partial(self._take, file.name.partition("-local-")[0]))
            self._logs[file].read(file)

    def _take(self, phase: str, event: Mapping[str, Any]) -> None:
        for kind in event.keys() - {"sequence", "timestamp"}:
            operation = event[kind].get("metadata", {}).get("op", "")
            real = event[kind].get("metadata", {}).get("type", "").startswith("aws:")
            self._seen[phase, kind, operation if real else ""] += 1

    def engine_told(self, phase: str) -> bool:
        """Whether the phase's engine has told anything by now."""
        self.read()
        return any(told == phase for told, _, _ in self._seen)

    def created(self, phase: str) -> int:
        """AWS resources of the phase that this process has created."""
        self.read()
        return self._seen[phase, "resOutputsEvent", "create"]

    def looked_at(self, phase: str) -> int:
        """AWS resources of the phase whose turn has come, whatever is to be done with them."""
        self.read()
        return sum(
            number
            for (told, kind, op), number in self._seen.items()
            if (told, kind) == (phase, "resourcePreEvent") and op
        )

    def ended(self, phase: str) -> bool:
        """Whether the phase's engine has summed up."""
        self.read()
        return self._seen[phase, "summaryEvent", ""] > 0
