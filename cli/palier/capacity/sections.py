"""The base of palier.yaml's sections: strict, and refused in one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A mapping: unknown keys refused, types strict, values fixed once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


def refuse(problem: str, *, allowed: str | None = None, at: str | None = None) -> PydanticCustomError:
    """The error that a validator raises; `at` is the key meant, below the model that is validated."""
    return PydanticCustomError("palier", "{problem}", {"problem": problem, "allowed": allowed, "at": at})


def nearest(name: str, known: Iterable[str], *, count: int = 3) -> str:
    """The known names spelt most like `name`, or the first few where none is near."""
    known = list(known)
    near = get_close_matches(name, known, n=count, cutoff=0.6)
    if near:
        return ", ".join(near)
    shown = ", ".join(known[: 2 * count])
    return f"{shown}, …" if len(known) > 2 * count else shown
