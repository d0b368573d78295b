"""Reports by name, and their three forms."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from palier.reports.document import Chart, Kind, Report
from palier.reports.words import word

if TYPE_CHECKING:
    from palier.reports.gathered import Gathered

FORMATS = ("md", "html", "json")
# A sign's class and its mark on the page, which must not depend on fonts for pictures.
BADGES = {"✅": ("ok", "✓"), "⚠️": ("attention", "!"), "🔴": ("critical", "×")}


def build(kind: Kind, gathered: Gathered) -> Report:
    """The report of that name."""
    from palier.reports import dashboards, quarterly, scenario_report

    return {
        "dashboard": dashboards.dashboard,
        "infrastructure": dashboards.infrastructure,
        "team": dashboards.team,
        "quarterly": quarterly.quarterly,
        "scenarios": scenario_report.scenarios,
    }[kind](gathered)


def render(report: Report, form: str) -> str:
    """A report as `md`, `html` or `json`, ending in a newline."""
    if form == "md":
        from palier.reports import markdown

        return markdown.render(report)
    if form == "html":
        return page(report)
    return json.dumps(_data(report), ensure_ascii=False, indent=2, default=str) + "\n"


def _data(report: Report) -> dict[str, Any]:
    """A report for machines: without drawings, whose numbers their tables have."""
    found = asdict(report)
    for section, made in zip(found["sections"], report.sections, strict=True):
        for block, source in zip(section["blocks"], made.blocks, strict=True):
            block["kind"] = type(source).__name__.lower()
            if isinstance(source, Chart):
                del block["svg"]
    return found


def page(report: Report) -> str:
    """One page of HTML that needs nothing else: no script, no font, no picture from elsewhere."""
    from jinja2 import Environment, FileSystemLoader

    # Everything is escaped but the drawings, which escape their own texts.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["kind_of"] = lambda block: type(block).__name__.lower()
    template = environment.get_template("page.html.jinja")
    return template.render(report=report, numbers=word("data", report.language), badges=BADGES) + "\n"
