"""What Go's own words mean for the user: one reason and one thing to do."""

from __future__ import annotations

import re
from pathlib import Path

from palier.engine.model import Refused
from palier.engine.process import CommandFailed

_NETWORK = re.compile(
    r"dial tcp|no such host|connection refused|i/o timeout|TLS handshake|"
    r"module lookup disabled|network is unreachable|\b(?:40[1347]|410|429|50\d) [A-Z]|proxyconnect|EOF$"
)


def explain(failed: CommandFailed, work: Path, left: str, log: Path) -> Refused:
    """Turn a failed `go` into a Refused, by the last lines that it wrote."""
    tail = [line.strip() for line in failed.tail if line.strip()]

    def last(pattern: str | re.Pattern[str]) -> str | None:
        return next((line for line in reversed(tail) if re.search(pattern, line)), None)

    if last("no space left on device|[Dd]isk quota exceeded"):
        return Refused(
            f"the disk filled up during the build, in {work}",
            left=left,
            next_step="free some space or set PALIER_CACHE_DIR to a folder on a larger disk, then run it "
            "again; `palier engine remove` deletes what is there",
        )
    if line := last("requires go >= "):
        return Refused(f"Go is too old: {line}", left=left, next_step="install a newer Go on PATH")
    if line := last("checksum mismatch|SECURITY ERROR"):
        return Refused(
            f"a module is not the one that was pinned: {line}",
            left=left,
            next_step="run `palier engine remove` and try again; look at GOPROXY if it comes back",
        )
    if line := last(_NETWORK):
        return Refused(
            f"the Go modules cannot be fetched: {line}",
            left=left,
            next_step="let this machine reach a Go module proxy (see `go env GOPROXY`), then run it again",
        )
    if failed.code in (-9, 137):
        return Refused(
            "the build was killed, most likely for want of memory",
            left=left,
            next_step="free some memory (about 2 GB), then run it again",
        )
    line = last("error|cannot|undefined|fail") or (tail[-1] if tail else str(failed))
    return Refused(f"Go says: {line}", left=left, next_step=f"read {log}, then run it again")
