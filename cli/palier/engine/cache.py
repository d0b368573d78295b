"""What is kept of engines: the installed ones by version, and what PATH was last seen to hold.

An engine in the cache carries a marker, written after it was run and before it got its name; whoever
finds the marker and the files it lists, with their sizes, need not run the engine again. For engines on
PATH, which are not ours, the same is remembered aside, by path, size and time of change.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from palier.engine.model import ENGINE_VERSION, PATH, Engine
from palier.engine.probe import Probe
from palier.paths import cache_dir

MARKER = "palier-engine.json"
_SEEN = "seen-on-path.json"


def engine_dir() -> Path:
    """The folder of everything here."""
    return cache_dir() / "engine"


def work_dir() -> Path:
    """The temporary folder of a build: modules, compiled packages, Go itself. Deleted after success."""
    return engine_dir() / "work"


def make_private(folder: Path) -> Path:
    """Make `folder`, readable by the user alone, and return it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def installed(version: str = ENGINE_VERSION) -> Engine | None:
    """The engine of that version in the cache, if its marker and files are whole. Reads only."""
    root = engine_dir() / version
    marker = _read_json(root / MARKER)
    files, rung = marker.get("files"), marker.get("rung")
    if not isinstance(files, dict) or not isinstance(rung, str) or marker.get("version") != version:
        return None
    if not files or any(_size(root / "bin" / name) != size for name, size in files.items()):
        return None
    return Engine(root, root / "bin", root / "bin" / "pulumi", version, rung)


def seal(staging: Path, version: str, rung: str) -> None:
    """Write the marker of a verified engine in `staging`."""
    files = {path.name: path.stat().st_size for path in sorted((staging / "bin").iterdir()) if path.is_file()}
    marker = {"version": version, "rung": rung, "files": files}
    (staging / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")


def put_in_place(staging: Path, version: str) -> Engine:
    """Give the sealed `staging` folder its name, in one rename. The lock of the ladder must be held."""
    root = engine_dir() / version
    if root.exists():  # a damaged engine, or one of another rung; whoever runs it keeps its open files
        aside = Path(tempfile.mkdtemp(prefix="staging-", dir=engine_dir()))
        root.rename(aside / "old")
        staging.rename(root)
        delete(aside)
    else:
        staging.rename(root)
    engine = installed(version)
    assert engine is not None, "the marker was written for these files"
    return engine


def new_staging() -> Path:
    """A fresh folder beside the engines, so that a rename puts it in place."""
    return Path(tempfile.mkdtemp(prefix="staging-", dir=make_private(engine_dir())))


def delete_stale_staging() -> None:
    """Delete what killed attempts left half made. The lock of the ladder must be held."""
    for folder in engine_dir().glob("staging-*"):
        delete(folder)


def delete(folder: Path) -> bool:
    """Delete a folder and say whether it is gone; a file that a dying process still adds is met again."""
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return True
    return False


def size_bytes(folder: Path) -> int:
    """Bytes of all files under `folder`; 0 where there is none."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            total += _size(Path(place) / name) or 0
    return total


def seen_on_path(command: Path, host: Path | None) -> Engine | None:
    """The engine of PATH, if these very files were run before. Reads only."""
    entry = _read_json(engine_dir() / _SEEN).get(str(command))
    if host is None or not isinstance(entry, dict) or entry.get("print") != _fingerprint(command, host):
        return None
    return path_engine(command, str(entry["version"]))


def remember_on_path(engine: Engine, probe: Probe) -> None:
    """Remember that this engine of PATH was run and serves."""
    folder = make_private(engine_dir())
    seen = _read_json(folder / _SEEN)
    seen[str(engine.command)] = {
        "version": probe.version,
        "print": _fingerprint(engine.command, probe.host),
    }
    handle, name = tempfile.mkstemp(prefix=_SEEN, dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(seen, file, indent=2)
    Path(name).replace(folder / _SEEN)


def path_engine(command: Path, version: str, rung: str = PATH) -> Engine:
    """An engine that is not ours, where it is."""
    return Engine(command.parent.parent, command.parent, command, version, rung)


def _fingerprint(*files: Path) -> list[list[Any]]:
    prints: list[list[Any]] = []
    for file in files:
        facts = file.stat()
        prints.append([str(file), facts.st_size, facts.st_mtime_ns])
    return prints


def _size(file: Path) -> int | None:
    try:
        return file.lstat().st_size
    except OSError:
        return None


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
