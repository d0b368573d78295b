"""`palier capacity roadmap`: which change, live by when, started by when, and why not less."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from palier.commands.capacity_options import (
    MONTHS,
    SCENARIO,
    SEED,
    inputs,
    read,
    read_options,
    scenarios,
    tell,
)


@click.command()
@read_options
@SCENARIO
@MONTHS
@SEED
def roadmap(
    platform_path: Path | None,
    as_of: datetime.datetime | None,
    output: str,
    wanted: tuple[str, ...],
    months: int,
    seed: int | None,
) -> None:
    """Say which change relieves what binds, when it must be live, and when work must start.

    The simplest kind of change that suffices is taken, from more instances and storage over a larger
    database, replicas, a CDN and shards to further regions; what each could not do stands below the table.

    \b
    Examples:
      palier capacity roadmap --platform examples/jobo
      palier capacity roadmap --scenario aggressive --months 18
      palier capacity roadmap --output json
    """
    from palier.capacity.forecast import SEED as DEFAULT
    from palier.capacity.forecast import Forecaster
    from palier.capacity.roadmap import PATHS, Planner
    from palier.capacity.roadmap_telling import roadmap_lines

    loaded, _ = read(platform_path, as_of)
    platform, found = loaded.platform, inputs(loaded, as_of)
    forecaster = Forecaster(found, months=months, paths=PATHS, seed=DEFAULT if seed is None else seed)
    plans = [
        Planner(
            forecaster,
            scenario,
            lead_days=platform.lead_days,
            regions_from_users=platform.regions_from_users,
        ).plan()
        for scenario in scenarios(loaded, wanted)
    ]
    lines: list[str] = []
    for each in plans:
        lines += [*roadmap_lines(each), ""]
    tell(output, [each.as_data() for each in plans], lines[:-1])
