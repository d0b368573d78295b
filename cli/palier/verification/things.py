"""A resource as verification sees it, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from palier.verification.model import Absent

T = TypeVar("T")


@dataclass(frozen=True)
class Scope:
    """Whose resources: three tags that every taggable resource of a phase carries."""

    platform: str
    phase: str
    environment: str

    @property
    def tags(self) -> dict[str, str]:
        """The tags by key."""
        return {
            "palier:platform": self.platform,
            "palier:phase": self.phase,
            "palier:environment": self.environment,
        }

    def filters(self) -> list[dict[str, Any]]:
        """The tags as EC2's and Auto Scaling's filters."""
        return [{"Name": f"tag:{key}", "Values": [value]} for key, value in self.tags.items()]

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Does a resource with `tags` belong here?"""
        return all(tags.get(key) == value for key, value in self.tags.items())


@dataclass(frozen=True)
class Thing:
    """One resource: its kind in words, AWS's id for it, its tags, and what AWS describes."""

    kind: str
    id: str
    tags: Mapping[str, str]
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name it was given in the program (palier:name); AWS's id where it has none."""
        return self.tags.get("palier:name") or self.id

    @property
    def subject(self) -> str:
        """Name and id, for a person who wants to find it in a console."""
        return self.id if self.name == self.id else f"{self.name} ({self.id})"

    @property
    def component(self) -> str:
        """palier:component, empty where it has none."""
        return self.tags.get("palier:component", "")


def some(things: Sequence[T], what: str) -> Sequence[T]:
    """`things`, at least one. Raises Absent: a check with nothing to look at is not fine."""
    if not things:
        raise Absent(what)
    return things


def named(things: Iterable[Thing], name: str, kind: str) -> Thing:
    """The one thing with this palier:name. Raises Absent."""
    for thing in things:
        if thing.name == name:
            return thing
    raise Absent(f"{kind} {name}")
