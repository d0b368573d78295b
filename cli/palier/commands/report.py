"""`palier report`: dashboards, the quarter and the scenarios, as Markdown, HTML or JSON."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import cast

import click

from palier.commands.capacity_options import AS_OF, PLATFORM, day_of, needs, read
from palier.commands.phase_options import report_for

KINDS = ("dashboard", "infrastructure", "team", "quarterly", "scenarios")


@click.command(short_help="Write a report: dashboard, infrastructure, team, quarterly, scenarios.")
@click.argument("kind", type=click.Choice(KINDS))
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "json"]),
    default="md",
    show_default=True,
    help="Its form.",
)
@click.option(
    "--lang", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Its language."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it into this file.")
@AS_OF
@PLATFORM
def report(
    kind: str,
    form: str,
    lang: str,
    out: Path | None,
    as_of: datetime.datetime | None,
    platform_path: Path | None,
) -> None:
    """Write a report: dashboard, infrastructure, team, quarterly or scenarios.

    The HTML is one page that asks nothing of the network: charts with thresholds and the forecast's fan, the
    breach calendar, costs, the team's metrics. It is readable on a phone, in the dark and on paper.

    \b
    Examples:
      palier report dashboard --platform examples/jobo
      palier report dashboard --platform examples/jobo --format html --lang fr --out avril.html
      palier report quarterly --platform examples/jobo/q2-2024
    """
    from palier.reports.document import Kind
    from palier.reports.gathered import Gathered
    from palier.reports.render import build, render

    needs("numpy", "reports")
    if form == "html":
        needs("jinja2", "pages")
    loaded, history = read(platform_path, as_of)
    gathered = Gathered(loaded, history, day_of(as_of) or history.last_date, lang)
    with report_for("text").step(f"making the {kind} report"):
        text = render(build(cast(Kind, kind), gathered), form)
    if out is None:
        click.echo(text, nl=False)
        return
    _write(out, text)


def _write(out: Path, text: str) -> None:
    from palier.errors import InputError

    if out.exists() and out.read_text(encoding="utf-8", errors="replace") == text:
        click.echo(f"nothing to change: {out}", err=True)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=out, key="--out") from None
    click.echo(f"written: {out}", err=True)
