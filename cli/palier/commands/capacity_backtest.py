"""`palier capacity backtest`: how the fitted path would have done. Thin: `palier.capacity` does the work."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from palier.commands.capacity_options import AS_OF, PLATFORM, read
from palier.commands.phase_options import OUTPUT, report_for


@click.command(short_help="Test the fitted forecast on months held back.")
@PLATFORM
@click.option(
    "--metric", "metrics", multiple=True, metavar="NAME", help="Only this metric; may be given again."
)
@click.option(
    "--holdout",
    type=click.IntRange(1, 24),
    default=3,
    show_default=True,
    help="Months to hold back at each origin.",
)
@AS_OF
@OUTPUT
def backtest(
    platform_path: Path | None,
    metrics: tuple[str, ...],
    holdout: int,
    as_of: datetime.datetime | None,
    output: str,
) -> None:
    """Test the fitted forecast on months held back, beside the seasonal-naive. Changes nothing.

    The history of each metric is cut at up to six months, fitted, and compared with what followed: the error,
    how often the 80 % interval held the truth, how wide it was. Needs `pip install 'palier[forecast]'`.

    \b
    Examples:
      palier capacity backtest
      palier capacity backtest --platform examples/jobo --holdout 2
      palier capacity backtest --metric mau --metric storage_usage --output json
    """
    from palier.capacity import backtest as testing
    from palier.capacity.backtest_telling import lines

    _, history = read(platform_path, as_of)
    with report_for(output).step("testing the forecast") as step:
        found = testing.backtest(history, metrics, holdout, tell=step.update)
    click.echo(json.dumps(found.as_data()) if output == "json" else "\n".join(lines(found)))
