"""Which paths of the site changed since a revision of the repository that they are published from."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import quote

from palier.errors import InputError

INDEX = "index.html"


def published_of(text: str) -> tuple[str, str]:
    """`FOLDER=PATH` as folder and path. Raises InputError."""
    folder, found, path = text.partition("=")
    if not found or not folder or not path.startswith("/") or "*" in path:
        raise InputError(
            f"{text!r} does not say where what is published", key="--published", allowed="like public=/"
        )
    return folder, path


def changed_since(revision: str, published: list[tuple[str, str]], start: Path) -> list[str]:
    """Paths whose files were changed or removed between `revision` and HEAD, in order.

    New files are in no cache yet. `published`: folders, seen from `start`, and the path that each is
    published under; files in no such folder are not of the site. A folder's index.html is also the folder.
    Raises InputError where there is no repository, folder or revision.
    """
    commit = _git(start, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        where = f"no commit {revision!r} in the repository at {start}"
        raise InputError(
            where, key="--changed-since", allowed="a commit, tag or branch; in CI, fetch its history"
        )
    paths: set[str] = set()
    for folder, path in published:
        if not (start / folder).is_dir():
            raise InputError(f"no folder {folder} at {start}", key="--published", allowed="FOLDER=PATH")
        arguments = ["diff", "--name-only", "-z", "--no-renames", "--diff-filter=MDT", "--relative"]
        listed = _git(start / folder, *arguments, commit.strip(), "HEAD", "--", ".")
        names = [name for name in (listed or "").split("\0") if name]
        paths.update(each for name in names for each in _served_as(name, path))
    return sorted(paths)


def _served_as(name: str, path: str) -> list[str]:
    # A file's own * or ? is no wildcard and begins no query.
    full = path.rstrip("/") + "/" + quote(name, safe="/!$'()+,;=:@&~")
    is_index = full.endswith(f"/{INDEX}")
    return [full, full.removesuffix(INDEX)] if is_index else [full]


def _git(folder: Path, *arguments: str) -> str | None:
    """What git prints; None where it refuses."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise InputError("git is not installed", key="--changed-since", allowed="PATHS instead") from None
    return done.stdout if done.returncode == 0 else None
