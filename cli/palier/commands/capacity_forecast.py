"""`palier capacity forecast` and `breaches`: how metrics go by scenario, and when they cross their levels."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palier.commands.capacity_options import (
    DEMAND,
    MONTHS,
    SEED,
    demands,
    inputs,
    read,
    read_options,
    tell,
)
from palier.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from palier.capacity.forecast import Forecast
    from palier.capacity.platform_file import Loaded

_SHOWN_MONTHS = (1, 3, 6, 12, 18, 24, 36, 48, 60)
PATHS = click.option(
    "--paths", type=click.IntRange(100, 100_000), default=10_000, show_default=True, help="Paths drawn."
)


@click.command()
@read_options
@DEMAND
@MONTHS
@PATHS
@SEED
@click.option(
    "--metric", "metrics", multiple=True, metavar="NAME", help="Show only this; may be given again."
)
def forecast(
    platform_path: Path | None,
    as_of: datetime.datetime | None,
    output: str,
    wanted: tuple[str, ...],
    months: int,
    paths: int,
    seed: int | None,
    metrics: tuple[str, ...],
) -> None:
    """Forecast every metric by scenario: P50, with P10 to P90, by Monte Carlo over the uncertain inputs.

    Each figure starts from its observation and moves with the load that the scenario brings, on what stands
    today. docs/capacity-model.md tells every formula and coefficient; palier.yaml overrides them.

    \b
    Examples:
      palier capacity forecast --platform examples/jobo
      palier capacity forecast --scenario conservative --metric database_utilization --months 12
      palier capacity forecast --scenario fitted --months 12
      palier capacity forecast --output json --seed 1
    """
    from palier.capacity.telling import forecast_lines

    loaded, found = _forecasts(platform_path, as_of, wanted, months, paths, seed)
    _check(metrics, found, loaded)
    lines: list[str] = []
    for each in found:
        lines += [*forecast_lines(each, loaded.platform.currency, _SHOWN_MONTHS, metrics), ""]
    tell(output, [each.as_data() for each in found], lines[:-1])


@click.command()
@read_options
@DEMAND
@MONTHS
@PATHS
@SEED
def breaches(
    platform_path: Path | None,
    as_of: datetime.datetime | None,
    output: str,
    wanted: tuple[str, ...],
    months: int,
    paths: int,
    seed: int | None,
) -> None:
    """Show when each metric crosses its levels, if nothing is done: technical, organisational and money.

    Early is the day by which one path in ten has crossed, likely half of them, late nine in ten.

    \b
    Examples:
      palier capacity breaches --platform examples/jobo
      palier capacity breaches --scenario conservative --months 12 --output json
    """
    from palier.capacity.telling import breach_lines

    _, found = _forecasts(platform_path, as_of, wanted, months, paths, seed)
    lines: list[str] = []
    for each in found:
        lines += [f"{each.scenario}, from {each.as_of}", *breach_lines(each.breaches, months), ""]
    data = {each.scenario: [breach.as_data() for breach in each.breaches] for each in found}
    tell(output, data, lines[:-1])


def _forecasts(
    platform_path: Path | None,
    as_of: datetime.datetime | None,
    wanted: tuple[str, ...],
    months: int,
    paths: int,
    seed: int | None,
) -> tuple[Loaded, list[Forecast]]:
    from palier.capacity.forecast import SEED as DEFAULT
    from palier.capacity.forecast import Forecaster

    loaded, history = read(platform_path, as_of)
    found, chosen = inputs(loaded, as_of), demands(loaded, history, wanted, months)
    forecaster = Forecaster(found, months=months, paths=paths, seed=DEFAULT if seed is None else seed)
    return loaded, [forecaster.forecast(scenario) for scenario in chosen]


def _check(metrics: Sequence[str], found: Sequence[Forecast], loaded: Loaded) -> None:
    known = found[0].bands
    for name in metrics:
        if name not in known:
            reason = found[0].not_forecast.get(name, "not observed")
            raise InputError(f"{name} is not forecast: {reason}", file=loaded.file, allowed=", ".join(known))
