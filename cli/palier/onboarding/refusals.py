"""A file that a model refuses, told in one line: the file, the key, the problem, what is allowed."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ValidationError

from palier.capacity.wording import child_model, problem_of
from palier.errors import InputError


def refusal(error: ValidationError, model: type[BaseModel], file: Path, before: str = "") -> InputError:
    """The first thing wrong, an unknown key before others; `before` is the place of the model in the file."""
    entries = sorted(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    first = entries[0]
    location = [part for part in first["loc"] if part != "[key]"]
    context = first.get("ctx", {})
    if first["type"] == "palier":
        problem, allowed = context["problem"], context["allowed"]
    else:
        names = [
            field.alias or name for name, field in child_model(model, location[:-1]).model_fields.items()
        ]
        problem, allowed = problem_of(first, names)
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    where = ".".join(part for part in (before, key) if part)
    return InputError(problem, file=file, key=where or None, allowed=allowed)
