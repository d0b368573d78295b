"""The table of mends: what is wrong in moto, service by service, and the function that puts it right.

A mend is applied once, in the emulator's process only, as soon as its service is loaded. Its docstring
tells the symptom of moto 5.2.5; the test beside it shows that symptom on unmended moto, so that a mend
which upstream has made needless makes itself known.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mend:
    """One mend: its service in moto's naming, its name, the symptom, and how it is applied."""

    service: str
    name: str
    symptom: str
    apply: Callable[[], None]


TABLE: list[Mend] = []


def mend(service: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Enter the function below into the table."""

    def enter(apply: Callable[[], None]) -> Callable[[], None]:
        symptom = " ".join((apply.__doc__ or "").split())
        TABLE.append(Mend(service, apply.__name__, symptom, apply))
        return apply

    return enter


def around(owner: Any, name: str) -> Callable[[Function], Function]:
    """Replace `owner.name` by the function below, which is given the original as its first argument."""

    def replace(new: Function) -> Function:
        original = getattr(owner, name)

        @functools.wraps(original)
        def replacement(*arguments: Any, **named: Any) -> Any:
            return new(original, *arguments, **named)

        setattr(owner, name, replacement)
        return new

    return replace


def told(owner: Any) -> Callable[[Function], Function]:
    """Give `owner` the function below as a property, for an answer to pick up by its name."""

    def add(new: Function) -> Function:
        setattr(owner, new.__name__, property(new))
        return new

    return add


def added(owner: Any, name: str | None = None) -> Callable[[Function], Function]:
    """Give `owner` the function below as a method that it lacks."""

    def add(new: Function) -> Function:
        setattr(owner, name or new.__name__, new)
        return new

    return add
