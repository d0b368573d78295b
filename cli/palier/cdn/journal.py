"""The reference of an invalidation, written before it is sent: a run after a kill sends the same one.

CloudFront answers a request of the same reference and paths with the invalidation that it has, and charges
nothing. An old record is not gone on with: what was published since is not in the invalidation of then.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from palier.paths import local_dir

# CloudFront takes a few minutes for an invalidation; who runs again later has published something new.
RESUMED_WITHIN_SECONDS = 15 * 60


@dataclass(frozen=True)
class Record:
    """The reference of a run, and how long ago a run that did not end began with it, if one did."""

    reference: str
    file: Path | None
    begun_seconds_ago: float | None = None

    def end(self) -> None:
        """The run has ended: the next one of the same paths is another."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


def begin(
    distribution: str, paths: Sequence[str], *, anew: bool = False, folder: Path | None = None
) -> Record:
    """The record of a run that invalidates `paths`: the one that an interrupted run left, or a new one."""
    folder = folder or local_dir() / "invalidations"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256("\0".join(paths).encode()).hexdigest()[:16]
    file = folder / f"{distribution}-{digest}.json"
    left = None if anew else _read(file)
    if left is not None:
        return left
    file.unlink(missing_ok=True)
    reference = f"palier-{digest}-{time.time_ns():x}"
    own = file.with_suffix(f".{os.getpid()}")
    own.write_text(json.dumps({"reference": reference, "begun_at": time.time()}), encoding="utf-8")
    try:
        os.link(own, file)  # whole or not at all; of two that begin at once, the second takes the first's
    except FileExistsError:
        return _read(file) or Record(reference, None)
    finally:
        own.unlink(missing_ok=True)
    return Record(reference, file)


def _read(file: Path) -> Record | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        age = time.time() - float(content["begun_at"])
        reference = str(content["reference"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Record(reference, file, age) if 0 <= age <= RESUMED_WITHIN_SECONDS else None
