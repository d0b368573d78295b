"""What the policies of this pack share: parts that are judged apart, flags, and who refers to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from palier.capacity.sections import Section
from palier.costs.model import UNKNOWN
from pydantic import Field

from palier_policies.judge import environment_of
from palier_policies.policy import Problem
from palier_policies.resources import SECRET, NotKnown, Resource

# Outputs and inputs by whose value another resource names one.
_NAMES = ("arn", "name", "bucket", "url", "identifier", "clusterIdentifier", "functionName", "dnsName")


class Throwaway(Section):
    """Settings of a policy that lets environments through which are made to be thrown away."""

    throwaway_environments: list[str] = Field(
        default=["local"], description="Environments that are made to be thrown away: nothing is asked there."
    )

    def covers(self, resource: Resource) -> bool:
        """Whether the resource is in one of them."""
        return environment_of(resource.urn) in self.throwaway_environments


def apart(*parts: Callable[[], Iterable[Problem]]) -> Iterator[Problem]:
    """The problems of each part; a value that is not known ends its part only, and is a problem itself."""
    for part in parts:
        try:
            yield from part()
        except NotKnown as error:
            yield Problem.unknown(error)


def once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems without what was said already."""
    yield from dict.fromkeys(problems)


def blocks(resource: Resource, *path: str) -> list[Resource]:
    """The blocks at a path, each as a resource of its own, and so read as strictly. Raises NotKnown."""
    return [replace(resource, inputs=block) for block in resource.blocks(*path)]


def flag(resource: Resource, *path: str, default: bool = False) -> bool:
    """A truth value; launch templates have it as text. Raises NotKnown."""
    value = resource.read(*path, default=default)
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def number(resource: Resource, *path: str) -> float | None:
    """A number, None where there is none. Raises NotKnown."""
    value = resource.read(*path)
    return float(value) if isinstance(value, int | float | str) and value != "" else None


def shown(value: Any) -> str:
    """A value as a message names it."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def names(resource: Resource) -> set[str]:
    """The values by which others name it, as far as they are known."""
    sources = (resource.inputs, resource.outputs)
    found = {source.get(name) for source in sources for name in _NAMES} | {resource.id}
    return {each for each in found if isinstance(each, str) and each not in ("", UNKNOWN, SECRET)}


def refers(source: Resource, *path: str, to: Resource) -> bool:
    """Whether an input of `source` names another resource of the stack.

    By what the engine says it depends on, else by its value. Raises NotKnown where neither tells it.
    """
    depends = source.dependencies.get(path[0])
    if depends and to.urn in depends:
        return True
    try:
        value = source.read(*path)
    except NotKnown:
        if depends:
            return False  # it comes from something else
        raise
    if _names_it(value, names(to)):
        return True
    if not depends:
        named(to)
    return False


def named(resource: Resource) -> None:
    """Raise NotKnown where a value by which others may name a resource is not known."""
    for name in _NAMES:
        resource.read(name)


def _names_it(value: Any, known: set[str]) -> bool:
    if isinstance(value, list):
        return any(_names_it(each, known) for each in value)
    if isinstance(value, Mapping):
        return any(_names_it(each, known) for each in value.values())
    return isinstance(value, str) and any(
        value == name or value.endswith((f":{name}", f"/{name}")) for name in known
    )


def one_that_refers(sources: Iterable[Resource], *path: str, to: Resource) -> Resource | None:
    """The first of `sources` that names `to`. Raises NotKnown where none surely does, and one may."""
    unsure: NotKnown | None = None
    for source in sources:
        try:
            if refers(source, *path, to=to):
                return source
        except NotKnown as error:
            unsure = unsure or error
    if unsure is not None:
        raise unsure
    return None


@dataclass(frozen=True)
class Flag:
    """An input that must have one value. `without` is what AWS takes where it is not set.

    `lack` is what is so otherwise. A resource with an input of `unless` is left out. `mends` where AWS
    changes it in place.
    """

    type: str
    path: tuple[str, ...]
    lack: str
    wanted: Any = True
    without: Any = False
    unless: tuple[str, ...] = ()
    mends: bool = False

    def problem(self, resource: Resource) -> Problem | None:
        """What is to be said of a resource. Raises NotKnown."""
        value = resource.read(*self.path)
        stands = self.without if value is None else _truth(value)
        if stands == self.wanted or any(resource.read(name) for name in self.unless):
            return None
        name = ".".join(self.path)
        return Problem.of(
            resource,
            f"{resource.label}: {name} is {shown(value)}: {self.lack}; set {name} to {shown(self.wanted)}",
        )


def _truth(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def flagged(flags: Iterable[Flag], resource: Resource) -> Iterator[Problem]:
    """The problems of the flags of a resource's type."""

    def one(each: Flag) -> Iterator[Problem]:
        problem = each.problem(resource)
        if problem is not None:
            yield problem

    for each in flags:
        if each.type == resource.type:
            yield from apart(lambda each=each: one(each))  # type: ignore[misc]


def mended(flags: Iterable[Flag], resource: Resource) -> dict[str, Any]:
    """The inputs that bring a resource's flags to what is wanted, where that is safe. Raises NotKnown."""
    return {
        each.path[0]: each.wanted
        for each in flags
        if each.mends and each.type == resource.type and each.problem(resource) is not None
    }


def types_of(flags: Iterable[Flag]) -> frozenset[str]:
    """The types that have a flag."""
    return frozenset(each.type for each in flags)


def copied(resource: Resource, name: str) -> list[dict[str, Any]]:
    """The blocks of an input, to be set again with changes. Raises NotKnown for a secret in them."""

    def check(value: Any) -> Any:
        if value == SECRET:
            raise NotKnown(resource, (name,), secret=True)
        if isinstance(value, Mapping):
            return {key: check(item) for key, item in value.items()}
        return [check(item) for item in value] if isinstance(value, list) else value

    return [check(block) for block in resource.blocks(name)]
