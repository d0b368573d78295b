"""`palier capacity collect`: observations from live sources. Thin: `collecting` does the work."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palier.commands.capacity_options import PLATFORM, day_of, tell
from palier.commands.phase_options import OUTPUT, report_for

if TYPE_CHECKING:
    from palier.capacity.collecting import Collected

DATE = click.DateTime(["%Y-%m-%d"])


@click.command(short_help="Append what live sources measured to the observations.")
@PLATFORM
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Only this source; may be given again."
)
@click.option(
    "--from",
    "first",
    type=DATE,
    metavar="DATE",
    help="First day to ask for.  [default: the day after the source's last row, or 30 days back]",
)
@click.option("--to", "last", type=DATE, metavar="DATE", help="Last day to ask for.  [default: yesterday]")
@click.option(
    "--env",
    "environment",
    default="local",
    show_default=True,
    help="Which AWS is asked: the local cloud, or, for any other name, that of the credentials at hand.",
)
@click.option("--dry-run", is_flag=True, help="Ask, show what is new, and write nothing.")
@click.option(
    "--policy", "print_policy", is_flag=True, help="Print the IAM policy that CloudWatch needs, and stop."
)
@OUTPUT
def collect(
    platform_path: Path | None,
    sources: tuple[str, ...],
    first: datetime.datetime | None,
    last: datetime.datetime | None,
    environment: str,
    dry_run: bool,
    print_policy: bool,
    output: str,
) -> None:
    """Append what live sources measured to the observations: CloudWatch, GitHub, Prometheus.

    Asks the sources that palier.yaml names and appends to observations/SOURCE.csv beside it. Nothing that
    stands there is changed: a metric has one row a day, and of two values the file's stays. A source that
    fails stops no other; the exit code is 1 then. docs/capacity-sources.md has the settings.

    \b
    Examples:
      palier capacity collect
      palier capacity collect --source prometheus --from 2024-04-01 --to 2024-04-30
      palier capacity collect --env production --dry-run --output json
      palier capacity collect --policy
    """
    if print_policy:
        _print_policy()
        return
    from palier.capacity import collecting
    from palier.capacity.platform_file import find, parse_platform

    file = find(platform_path)
    platform = parse_platform(file)
    names = collecting.choose(platform, file, sources)
    wanted = collecting.Wanted(platform, file, names, environment, day_of(first), day_of(last), dry_run)
    report = report_for(output)
    found = collecting.collect(wanted, report.step, report.warn)
    for each in found:
        for stands, given in each.rows.differing:
            report.warn(
                f"{stands.metric} of {stands.date} stays {stands.value:g}; {each.source} says {given.value:g}"
            )
    data = {"dry_run": dry_run, "sources": [each.as_data() for each in found]}
    tell(output, data, _lines(found, dry_run))
    if error := collecting.failure(found, dry_run):
        raise error


def _print_policy() -> None:
    from palier.capacity.sources.table import policy

    click.echo(json.dumps(policy(), indent=2))


def _lines(found: Sequence[Collected], dry_run: bool) -> list[str]:
    lines = []
    for each in found:
        rows = each.rows
        if each.error:
            lines.append(f"{each.source}: failed")
            continue
        known = f", {rows.known} known" if rows.known else ""
        if not rows.new:
            lines.append(f"{each.source}: nothing new{known}")
            continue
        count = f"{len(rows.new)} new row{'s' if len(rows.new) != 1 else ''}{known}"
        lines.append(f"{each.source}: {count}{', not written' if dry_run else ''}: {each.file}")
        if dry_run:
            lines += [f"  {row.date}  {row.metric}  {row.value:g}" for row in rows.new]
    return lines
