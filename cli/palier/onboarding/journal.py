"""What past runs did, a line of JSON for each step that ended, one file per person and environment.

It is for people and for the figures: whether something stands is asked of the services, never of this file.
A line is written after the effect. One that a kill tore is left out when read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from palier.onboarding.results import Result
from palier.paths import onboarding_dir

RUN, STEP, END = "run", "step", "end"


@dataclass(frozen=True)
class Run:
    """A run as the journal tells it. `seconds` is None where it never ended: killed, or still under way."""

    id: str
    kind: str
    began_at: float
    seconds: float | None
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)


class Journal:
    """The journal of one person in one environment."""

    def __init__(self, environment: str, login: str) -> None:
        self.file = onboarding_dir(environment) / f"{login}.jsonl"

    def begin(self, run: str, kind: str, at: float) -> None:
        """A run begins."""
        self._append({"is": RUN, "run": run, "kind": kind, "at": at})

    def note(self, run: str, result: Result) -> None:
        """A step ended."""
        self._append({"is": STEP, "run": run, **result.as_dict()})

    def end(self, run: str, seconds: float) -> None:
        """A run ended, well or not."""
        self._append({"is": END, "run": run, "seconds": round(seconds, 3)})

    def runs(self) -> list[Run]:
        """Past runs, oldest first."""
        found: dict[str, Run] = {}
        for line in self._lines():
            number = str(line["run"])
            if line["is"] == RUN:
                found[number] = Run(number, str(line["kind"]), float(line["at"]), None)
            elif number in found and line["is"] == STEP:
                found[number].steps[str(line["step"])] = line
            elif number in found and line["is"] == END:
                known = found[number]
                found[number] = Run(number, known.kind, known.began_at, float(line["seconds"]), known.steps)
        return list(found.values())

    def _append(self, fields: dict[str, Any]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line  # what a kill tore off stays a line of its own
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _lines(self) -> Iterator[dict[str, Any]]:
        if not self.file.exists():
            return
        for text in self.file.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and "run" in line and "is" in line:
                yield line


def people(environment: str) -> list[str]:
    """Logins that have a journal in an environment."""
    folder = onboarding_dir(environment)
    return sorted(file.stem for file in folder.glob("*.jsonl")) if folder.is_dir() else []


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed (nearest rank)."""
    ranked = sorted(values)
    place = max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1)
    return ranked[min(place, len(ranked) - 1)]
