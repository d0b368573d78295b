"""Which phases a change touches: the files that git says differ, and the phases that are made from them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from palier.errors import InputError
from palier.phases.catalog import PhaseLike, dependents

KEY = "--changed-since"
STACKS = "stacks"
PACKAGE = "palier_stacks"
# What every phase is made from or judged by. `cli/palier/` is there in Palier's own repository alone: the
# stacks take their thresholds from it.
SHARED_FOLDERS = ("policies", "observations", "cli/palier")
SHARED_FILES = ("policies.yaml", "palier.yaml", "pyproject.toml", "requirements*.lock")


class Touched(NamedTuple):
    """The names of the phases that a change touches, and for each the first file that does it."""

    names: set[str]
    because: dict[str, str]


@dataclass(frozen=True)
class _Repository:
    """A repository as seen from the platform's folder."""

    folder: Path

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run git there. Raises InputError where there is no git."""
        environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
        command = ["git", "-C", str(self.folder), *arguments]
        try:
            return subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="surrogateescape",  # a file's name need not be UTF-8
                check=False,
            )
        except FileNotFoundError:
            raise InputError("git is not installed", key=KEY, allowed="a phase, or --all") from None

    def read(self, *arguments: str) -> str:
        """What git answers. Raises InputError with its reason where it refuses."""
        done = self.ask(*arguments)
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        reason = said[0].removeprefix("fatal: ")
        if "not a git repository" in reason:
            raise InputError(f"{self.folder} is in no git repository", key=KEY, allowed="a phase, or --all")
        raise InputError(f"git refuses: {reason}", key=KEY)

    @property
    def is_shallow(self) -> bool:
        """Whether a part of its history was not fetched."""
        return self.read("rev-parse", "--is-shallow-repository").strip() == "true"


def touched(platform_dir: Path, since: str, phases: Sequence[PhaseLike]) -> Touched:
    """The phases that differ from where this branch left `since`, with those that require them.

    Counts what is committed, what is not, and files that git does not know yet; of a renamed file both names.
    Raises InputError where git cannot tell.
    """
    because: dict[str, str] = {}
    for path in changed_files(platform_dir, since):
        for name in phases_of(path, phases):
            because.setdefault(name, path)
    return Touched(set(because), because)


def changed_files(platform_dir: Path, since: str) -> list[str]:
    """Changed files of the platform's folder, relative to it, in order. Raises InputError."""
    repository = _Repository(platform_dir)
    prefix = repository.read("rev-parse", "--show-prefix").rstrip("\n")
    base = _merge_base(repository, since)
    # Names are relative to the repository's root unless someone's configuration says otherwise.
    options = ("--name-only", "-z", "--no-renames", "--no-relative", "--no-ext-diff")
    known = repository.read("diff", *options, base, "--")
    new = repository.read("ls-files", "--others", "--exclude-standard", "--full-name", "-z")
    names = {name for name in (*known.split("\0"), *new.split("\0")) if name}
    return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def folder_in_repository(platform_dir: Path) -> str:
    """The platform's folder as the repository names it; "" for its root, or where there is no repository."""
    try:
        return _Repository(platform_dir).read("rev-parse", "--show-prefix").strip("/\n")
    except InputError:
        return ""


def phases_of(path: str, phases: Sequence[PhaseLike]) -> Iterator[str]:
    """The phases that a file of the platform belongs to, with those that require them, in order."""
    among = tuple(phases)
    parts = PurePosixPath(path).parts
    name = _phase_of(parts, among)
    if name is not None:
        yield name
        yield from (phase.name for phase in dependents(name, among))
    elif _is_shared(path, parts):
        yield from (phase.name for phase in among)


def _phase_of(parts: tuple[str, ...], phases: Sequence[PhaseLike]) -> str | None:
    if len(parts) >= 3 and parts[0] == STACKS:
        for phase in phases:
            in_package = parts[1] == PACKAGE and parts[2] == phase.name.replace("-", "_") and len(parts) > 3
            if parts[1] == phase.name or in_package:
                return phase.name
    return None


def _is_shared(path: str, parts: tuple[str, ...]) -> bool:
    """Whether it may be of every phase: a folder in stacks/ that is no phase may hold what all import."""
    if any(path.startswith(f"{folder}/") for folder in SHARED_FOLDERS):
        return True
    if parts[0] == STACKS:
        return len(parts) > 2
    return any(fnmatchcase(path, pattern) for pattern in SHARED_FILES)


def _merge_base(repository: _Repository, since: str) -> str:
    wanted = ("--verify", "--quiet", "--end-of-options", f"{since}^{{commit}}")
    found = repository.ask("rev-parse", *wanted)
    if found.returncode != 0:
        advice = (
            "; this clone is shallow: fetch its history (fetch-depth: 0)" if repository.is_shallow else ""
        )
        raise InputError(f"no commit {since!r}{advice}", key=KEY, allowed="a commit, tag or branch")
    base = repository.ask("merge-base", found.stdout.strip(), "HEAD")
    if base.returncode == 0 and base.stdout.strip():
        return base.stdout.strip()
    if repository.is_shallow:
        raise InputError(
            f"this clone is shallow and does not reach where it left {since!r}; "
            "fetch its history (actions/checkout: fetch-depth: 0)",
            key=KEY,
        )
    raise InputError(f"no history in common with {since!r}", key=KEY, allowed="a commit of this history")
