"""Timing of whole processes, and what a set of timings says."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """Seconds of a subject and of its floor or peer, measured in turn in one run."""

    subject: tuple[float, ...]
    peer: tuple[float, ...]

    @property
    def subject_s(self) -> float:
        """Median seconds of the subject."""
        return statistics.median(self.subject)

    @property
    def peer_s(self) -> float:
        """Median seconds of the floor or peer."""
        return statistics.median(self.peer)

    @property
    def ratio(self) -> float:
        """Median of the ratios pair by pair: what to quote, since the machine's speed drifts."""
        return statistics.median(a / b for a, b in zip(self.subject, self.peer, strict=True))

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest of the ratios."""
        ratios = [a / b for a, b in zip(self.subject, self.peer, strict=True)]
        return min(ratios), max(ratios)


def seconds(command: Sequence[str], env: Mapping[str, str], cwd: Path | None = None) -> float:
    """Wall seconds of a command that must succeed; its output is shown where it does not."""
    started = time.perf_counter()
    run = subprocess.run(command, env=dict(env), cwd=cwd, capture_output=True, text=True, check=False)
    spent = time.perf_counter() - started
    if run.returncode != 0:
        tail = (run.stdout + run.stderr)[-3000:]
        raise SystemExit(f"benchmark: {' '.join(command)} failed with {run.returncode}:\n{tail}")
    return spent


def machine() -> str:
    """The machine in a line: processor, cores, memory, system, Python."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{os.cpu_count()} cores of {model}, {memory_gib:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )
