"""`palier capacity backtest`: how the fitted path would have done. Thin: `palier.capacity` does the work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palier.commands.phase_options import OUTPUT, report_for

if TYPE_CHECKING:
    import datetime


@click.command(short_help="Test the fitted forecast on months held back.")
@click.option(
    "--platform", metavar="FILE_OR_DIR", type=click.Path(path_type=Path), help="palier.yaml, or its folder."
)
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
@click.option(
    "--as-of", metavar="DATE", help="Leave later observations aside.  [default: as palier.yaml says]"
)
@OUTPUT
def backtest(
    platform: Path | None, metrics: tuple[str, ...], holdout: int, as_of: str | None, output: str
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
    from palier.capacity.platform_file import load

    history = load(platform).history(_day(as_of))
    with report_for(output).step("testing the forecast") as step:
        found = testing.backtest(history, metrics, holdout, tell=step.update)
    click.echo(json.dumps(found.as_data()) if output == "json" else "\n".join(lines(found)))


def _day(text: str | None) -> datetime.date | None:
    import datetime

    from palier.errors import InputError

    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date", key="--as-of", allowed="2024-04-30") from None
