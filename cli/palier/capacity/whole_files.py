"""A file replaced whole: whoever reads it, also after a kill, finds the old text or the new one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

NEW_MODE = 0o644


def replace(file: Path, text: str) -> None:
    """Put `text` in the file's place, with its mode; a link stays a link. The text's newlines are kept."""
    file = file.resolve()
    mode = file.stat().st_mode if file.exists() else NEW_MODE
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, mode)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
