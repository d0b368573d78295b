"""Which paths an invalidation names: checked, sorted out by class, and drawn together where that is cheaper.

CloudFront reads `*` in an invalidation path only as its last character, takes paths of 4,000 characters at
most, and wants what is not ASCII encoded ("Specify the files to invalidate", CloudFront developer guide).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from palier.errors import InputError

MOST_CHARACTERS = 4000
# Characters of a URL that stay as they are (RFC 3986), `%` of what is encoded already, and the wildcard.
_KEPT = "/%?&=:@!$'()*+,;~-._"
# Classes of paths that an invalidation does nothing for, and why (see the settings, cdn:cache).
NEEDLESS = {
    "immutable": "never changes under its name: publish it under a new one",
    "private": "is not kept by any cache",
}
# What the application serves, and the edge therefore looks into; the asset bucket serves the rest as it is.
APPLICATION = ("dynamic", "private")


@dataclass(frozen=True)
class PathClasses:
    """The classes of paths, in the order in which CloudFront tries them; what none names is dynamic."""

    patterns: tuple[tuple[str, str], ...]  # (pattern, class)

    @classmethod
    def of(cls, classes: Iterable[tuple[str, Sequence[str]]]) -> PathClasses:
        """From pairs of a class and its path patterns."""
        return cls(tuple((pattern, name) for name, patterns in classes for pattern in patterns))

    def of_path(self, path: str) -> str:
        """The class of a path. A wildcard belongs to a class only if all that it names does."""
        bare = path.partition("?")[0]
        return next((name for pattern, name in self.patterns if _matches(pattern, bare)), "dynamic")


@dataclass(frozen=True)
class Prefix:
    """A part of the site that the edge looks for elsewhere: CloudFront keeps it under `prefix` + its path."""

    path: str
    prefix: str


@dataclass(frozen=True)
class Sorted:
    """The paths to invalidate, and those that were left out, with their class."""

    paths: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()


def checked(path: str) -> str:
    """The path as CloudFront takes it. Raises InputError for one that it would take as something else."""
    if not path.startswith("/"):
        raise InputError(f"{path!r} is not a path of the site", key="PATHS", allowed="a path from / on")
    if "*" in path[:-1]:
        raise InputError(
            f"{path!r}: CloudFront reads * as a wildcard only at the end",
            key="PATHS",
            allowed="like /media/*",
        )
    encoded = quote(path, safe=_KEPT)
    if len(encoded) > MOST_CHARACTERS:
        raise InputError(
            f"a path of {len(encoded)} characters ({encoded[:40]}...)",
            key="PATHS",
            allowed=f"at most {MOST_CHARACTERS} characters",
        )
    return encoded


def sort_out(
    paths: Iterable[str], classes: PathClasses, prefixes: Sequence[Prefix] = (), *, every_class: bool = False
) -> Sorted:
    """The paths, each once and in order, without those of a class that needs none and those in a wildcard.

    `prefixes`: a path below one is kept under its second name too, which is invalidated along with it.
    """
    kept: set[str] = set()
    skipped: dict[str, str] = {}
    for path in paths:
        name = classes.of_path(path)
        if name in NEEDLESS and not every_class:
            skipped[path] = name
            continue
        kept.add(path)
        if name in APPLICATION:
            kept.update(each.prefix.rstrip("/") + path for each in prefixes if _touches(path, each.path))
    return Sorted(without_covered(kept), tuple(sorted(skipped.items())))


def without_covered(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths in order, without those that a wildcard among them names already."""
    given = set(paths)
    stems = {path[:-1] for path in given if path.endswith("*")}
    lengths = sorted({len(stem) for stem in stems})
    return tuple(sorted(path for path in given if not _covered(path, stems, lengths)))


def collapse(paths: Iterable[str], most: int) -> tuple[str, ...]:
    """The paths, folders of them drawn together to `folder/*` until there are at most `most`.

    The deepest folders first, and of one depth the fullest, so that as little as possible is taken out
    of the caches that nobody asked for. Never the whole site: `/*` is only for who asks for it. Where that
    does not suffice, more than `most` are left.
    """
    current = set(without_covered(paths))
    for depth in range(max((path.count("/") for path in current), default=0), 1, -1):
        if len(current) <= most:
            break
        below: dict[str, list[str]] = {}
        for path in current:
            if path.count("/") >= depth:
                below.setdefault("/".join(path.split("/")[:depth]), []).append(path)
        for folder, members in sorted(below.items(), key=lambda entry: (-len(entry[1]), entry[0])):
            if len(current) <= most or len(members) < 2:
                break
            current.difference_update(members)
            current.add(f"{folder}/*")
    return tuple(sorted(current))


def _covered(path: str, stems: set[str], lengths: Sequence[int]) -> bool:
    own = path[:-1] if path.endswith("*") else None
    return any(path[:length] in stems and path[:length] != own for length in lengths if length <= len(path))


def _touches(path: str, folder: str) -> bool:
    """Whether a path, or any that its wildcard names, is `folder` or below it."""
    folder = folder.rstrip("/")
    if path.endswith("*") and f"{folder}/".startswith(path[:-1]):
        return True
    bare = path.partition("?")[0].removesuffix("*")
    return bare == folder or bare.startswith(f"{folder}/")


def _matches(pattern: str, path: str) -> bool:
    """As CloudFront matches a path pattern: `*` any characters, `?` one."""
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    return re.fullmatch("".join(parts), path, re.DOTALL) is not None
