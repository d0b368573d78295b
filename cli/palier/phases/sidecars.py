"""The attribute files of a file backend, and those that a killed engine leaves torn.

Beside each file the engine's blob store keeps `<file>.attrs`, written in place just before the file itself is
put there by a rename (gocloud.dev/blob/fileblob). An engine killed in that moment leaves an empty one, and
then every engine refuses the stack with `failed to load checkpoint: EOF`, though the state is whole. A
missing one is fine: so a torn one is removed. What else that moment leaves, a temporary file, goes
too.
"""

from __future__ import annotations

import json
from pathlib import Path

SUFFIX = ".attrs"


def mend(backend: Path, project: str, stack: str) -> list[Path]:
    """Remove the torn attribute files of a stack; returns them. Nobody else may be working on the stack."""
    root = backend / ".pulumi"
    states = root / "stacks" / project
    for passing in states.glob(f"{stack}.json*.tmp"):
        passing.unlink(missing_ok=True)
    kept = [root / f"meta.yaml{SUFFIX}", *states.glob(f"{stack}.json*{SUFFIX}")]
    for folder in ("history", "backups"):
        # Thousands of runs later these are many: only those of a last, torn moment are empty.
        files = (root / folder / project / stack).glob(f"*{SUFFIX}")
        kept += [file for file in files if file.stat().st_size == 0]
    torn = [file for file in kept if file.is_file() and not _whole(file)]
    for file in torn:
        file.unlink(missing_ok=True)
    return torn


def _whole(file: Path) -> bool:
    try:
        return isinstance(json.loads(file.read_bytes()), dict)
    except ValueError:
        return False
