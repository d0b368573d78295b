"""What a policy is: a name, what must hold, how much it matters, a check, and perhaps a safe remedy.

A policy is data and one function; nothing in it knows of the engine, so that the same one is run by a policy
pack, by `palier check` and by a test on a recorded plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from palier.capacity.sections import Section

if TYPE_CHECKING:
    from palier_policies.resources import NotKnown, Resource
    from palier_policies.stack import Stack

Severity = Literal["low", "medium", "high", "critical"]
Level = Literal["advisory", "mandatory", "remediate", "disabled"]
LEVELS: tuple[Level, ...] = get_args(Level)


class NoSettings(Section):
    """Of a policy that has none."""


@dataclass(frozen=True)
class Problem:
    """One thing that a policy refuses. `level` makes it milder than the policy's own level.

    `urn` is empty where it is about the whole stack. The rest is for machines: the metric and
    the number it would have, the limit, the scenario, the day (ISO), what would do, and US dollars a month.
    """

    message: str
    urn: str = ""
    level: Literal["advisory", "mandatory"] = "mandatory"
    metric: str | None = None
    actual: float | None = None
    limit: float | None = None
    scenario: str | None = None
    date: str | None = None
    advice: str | None = None
    monthly_usd: float | None = None
    not_known: bool = False

    @classmethod
    def of(cls, resource: Resource, message: str, **facts: Any) -> Problem:
        """A problem of one resource."""
        return cls(message, urn=resource.urn, **facts)

    @classmethod
    def unknown(cls, error: NotKnown, message: str | None = None) -> Problem:
        """What could not be judged, because a value is not known before `up` or is a secret."""
        text = message or f"not judged: {error}"
        return cls(text, urn=error.resource.urn, level="advisory", not_known=True)


OfResource = Callable[["Resource", Any], Iterable[Problem]]
OfStack = Callable[["Stack", Any], Iterable[Problem]]
Outlook = Callable[["Stack", Callable[[str], Any]], "Mapping[str, Any] | None"]
Mend = Callable[["Resource", Any], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Example:
    """A program that breaks a policy, and the same one mended; Python, with pulumi_aws as `aws`."""

    breaks: str
    keeps: str


@dataclass(frozen=True)
class Policy:
    """One policy. Exactly one of `check` (each resource of `types` by itself) and `check_stack` is given.

    `says` is what must hold, a sentence. `mend` gives the inputs to set, None for nothing to do; it is run
    where the policy's level is `remediate`. `source` says where the rule comes from, `limits` what the policy
    does not see, and `remedy` what `mend` sets, or why there is none.
    """

    name: str
    says: str
    severity: Severity
    level: Level
    source: str
    example: Example
    types: frozenset[str] = frozenset()
    check: OfResource | None = None
    check_stack: OfStack | None = None
    mend: Mend | None = None
    settings: type[Section] = NoSettings
    limits: str = ""
    remedy: str = ""

    def __post_init__(self) -> None:
        if (self.check is None) == (self.check_stack is None):
            raise ValueError(f"{self.name}: a policy looks at each resource or at the stack")
        if self.check is not None and not self.types:
            raise ValueError(f"{self.name}: which types does it look at?")


@dataclass(frozen=True)
class Pack:
    """Policies that are run together. `name` is also its folder's in `policies/`.

    `outlook` tells what a change does, whether or not a policy minds; it can ask for a policy's settings.
    """

    name: str
    says: str
    policies: tuple[Policy, ...]
    outlook: Outlook | None = None
    by_type: Mapping[str, tuple[Policy, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        types = {name for policy in self.policies for name in policy.types}
        by_type = {
            name: tuple(each for each in self.policies if name in each.types and each.check) for name in types
        }
        object.__setattr__(self, "by_type", by_type)

    def policy(self, name: str) -> Policy:
        """The policy of that name. Raises KeyError."""
        return next(each for each in self.policies if each.name == name) if name in self else _no(name)

    def __contains__(self, name: object) -> bool:
        return any(policy.name == name for policy in self.policies)


def _no(name: str) -> Policy:
    raise KeyError(name)
