"""How a refused setting and a table of settings are put into words.

Units are read off the names (`allocated_storage_gib`), so that `100GB` is answered with the unit wanted.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

UNITS = {
    "gib": "GiB",
    "mib": "MiB",
    "days": "days",
    "seconds": "seconds",
    "milliseconds": "milliseconds",
    "percent": "percent",
    "minute": "requests per minute",
    "second": "requests per second",
}


def unit_of(name: str) -> str | None:
    """The unit a setting's name ends in, as one writes it; None for a name without one."""
    return UNITS.get(name.rsplit("_", 1)[-1])


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation mentions, through lists and options."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def child_model(root: type[BaseModel], location: Sequence[str | int]) -> type[BaseModel]:
    """The model that stands at `location` below `root`."""
    model = root
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            found = models_in(model.model_fields[part].annotation)
            model = found[0] if found else model
    return model


def sibling_names(model: type[BaseModel]) -> list[str]:
    """Names of the settings of one model, but for the region, which has a key of its own."""
    return [name for name in model.model_fields if name != "region"]


def problem_of(entry: Any, names: Sequence[str]) -> tuple[str, str | None]:
    """(problem, what is allowed) of one of pydantic's errors; `names` are the settings around it."""
    kind, value, context = entry["type"], entry["input"], entry.get("ctx", {})
    name = next((str(part) for part in reversed(entry["loc"]) if isinstance(part, str)), "")
    if kind == "extra_forbidden":
        near = get_close_matches(name, names, n=2)
        return f"unknown setting {name!r}", ", ".join(near or names)
    if kind == "missing":
        return "missing setting", None
    if kind == "literal_error":
        return f"unknown value {value!r}", context["expected"].replace("'", "").replace(" or ", ", ")
    if kind in _WANTED:
        return f"expected {_wanted(kind, name)}, got {_shown(value)}", None
    if kind in _BOUNDS:
        unit = f" {unit_of(name)}" if unit_of(name) else ""
        bound = next(iter(context.values()))
        return f"must be {_BOUNDS[kind]} {bound}{unit}, got {value!r}", None
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        relation = "at least" if kind == "too_short" else "at most"
        return f"needs {relation} {bound} entries, got {context['actual_length']}", None
    if kind == "string_pattern_mismatch":
        return f"{value!r} does not fit", f"text like {context['pattern']}"
    message: str = entry["msg"]
    return message[:1].lower() + message[1:], None


_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "model_type": "a mapping of settings",
    "model_attributes_type": "a mapping of settings",
    "dict_type": "a mapping",
}
_BOUNDS = {
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
    "greater_than": "more than",
    "less_than": "less than",
}


def _wanted(kind: str, name: str) -> str:
    wanted = _WANTED[kind]
    if kind == "string_type":
        return f"{wanted} (in quotes)"
    unit = unit_of(name)
    return f"{wanted} of {unit}" if unit and "number" in wanted else wanted


def _shown(value: object) -> str:
    """A value short enough for one line; of a mapping or a list only its kind."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"


def type_words(annotation: Any) -> str:
    """An annotation as the settings tables say it: `whole number`, `list of text`, `a or b`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{argument}`" for argument in arguments)
    if origin in (Union, UnionType):
        return " or ".join(type_words(part) for part in arguments if part is not NoneType)
    if origin is list:
        return f"list of {type_words(arguments[0])}"
    if origin is dict:
        return "mapping"
    if origin is not None and hasattr(annotation, "__metadata__"):
        return type_words(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    return _TYPES.get(annotation, str(annotation))


_TYPES = {
    int: "whole number",
    float: "number",
    str: "text",
    bool: "true or false",
    datetime.date: "date",
}


def default_words(field: FieldInfo) -> str:
    """A default as YAML writes it; empty for a setting without one, `–` for one left out."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined:
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"


def settings_tables(model: type[BaseModel], *, phase: str) -> str:
    """The settings of a phase as Markdown: a table per section, a row per setting."""
    top = [(name, field) for name, field in model.model_fields.items() if name != "region"]
    scalars = [(name, field) for name, field in top if not models_in(field.annotation)]
    parts = [_table(f"`{phase}:…`", "", scalars)] if scalars else []
    for name, field in top:
        for section in models_in(field.annotation):
            parts += _section(f"{phase}:{name}", field.description or "", section)
    return "\n".join(parts)


def _section(title: str, text: str, model: type[BaseModel]) -> list[str]:
    fields = list(model.model_fields.items())
    plain = [(name, field) for name, field in fields if not models_in(field.annotation)]
    parts = [_table(f"`{title}`", text, plain)]
    for name, field in fields:
        for section in models_in(field.annotation):
            parts += _section(f"{title}.{name}", field.description or "", section)
    return parts


def _table(title: str, text: str, fields: Sequence[tuple[str, FieldInfo]]) -> str:
    lines = [f"### {title}", ""]
    lines += [text, ""] if text else []
    if fields:  # a section may hold sections alone
        lines += ["| setting | type | default | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {type_words(field.annotation)} | {default_words(field)} | {field.description} |"
        for name, field in fields
    ]
    return "\n".join([*lines, ""] if fields else lines)
