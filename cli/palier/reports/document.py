"""A report before it has a form: sections of facts, tables, charts and lists. Each form is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["dashboard", "infrastructure", "team", "quarterly", "scenarios"]
KINDS: tuple[Kind, ...] = ("dashboard", "infrastructure", "team", "quarterly", "scenarios")


@dataclass(frozen=True)
class Fact:
    """One line: a name, its value, a remark in brackets, a sign. `data` has the same for machines."""

    name: str
    value: str
    remark: str = ""
    sign: str = ""
    sign_words: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table with a header row; `caption` says what it is."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Chart:
    """A drawing for the page: SVG, what it shows in one sentence, and its numbers as a table."""

    title: str
    summary: str
    svg: str
    table: Table


@dataclass(frozen=True)
class Text:
    """A sentence or two."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list; numbered where the order is one of urgency."""

    items: Sequence[str]
    numbered: bool = False


Block = Fact | Table | Chart | Text | Items


@dataclass(frozen=True)
class Section:
    """A heading, with the sign that the source document puts before it, and what stands below."""

    title: str
    icon: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Report:
    """A whole report. `notes` stand at the end: what was not observed, what the model cannot tell."""

    kind: Kind
    title: str
    language: str
    platform: str
    as_of: str
    sections: Sequence[Section]
    notes: Sequence[str] = ()
    data: dict[str, Any] = field(default_factory=dict)
