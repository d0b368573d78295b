"""`palier shards`: the shard map, read and changed. Thin: `palier.sharding` does the work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from palier.commands.phase_options import ENVIRONMENT, OUTPUT, YES, report_for
from palier.commands.shard_options import (
    FILE,
    MAP_FILE,
    OBSERVATIONS,
    OUT,
    RATE,
    WEIGHT,
    ask_first,
    key_of,
    map_of,
    samples,
    shard_names,
    tell_plan,
    tell_version,
    the_map,
)
from palier.errors import InputError


@click.group(short_help="Read and change the shard map: plan, apply, revert.")
def shards() -> None:
    """Read and change the shard map: which server holds which keys.

    A key belongs to a logical shard for ever; a plan moves logical shards between servers, `apply` publishes
    that in one step, and `revert` takes it back. Palier does not copy the data itself yet.

    \b
    Examples:
      palier shards show
      palier shards plan --to 6 --observations week.csv --out plan.json
      palier shards apply plan.json
    """


@shards.command()
@ENVIRONMENT
@OUTPUT
@MAP_FILE
def show(environment: str, output: str, map_file: Path | None) -> None:
    """Show the shard map: version, strategy, and what each shard holds. JSON prints the document.

    \b
    Examples:
      palier shards show
      palier shards show --env production --output json > map.json
    """
    from palier.sharding.telling import map_lines

    endpoints: dict[str, Any] = {}
    if map_file is None:
        from palier.sharding.access import access

        published = access(environment, report_for(output)).published
        shard_map, endpoints = published.current(), published.endpoints()
    else:
        shard_map = map_of(map_file)
    click.echo(shard_map.to_json() if output == "json" else "\n".join(map_lines(shard_map, endpoints)))


@shards.command()
@click.argument("keys", nargs=-1, required=True)
@click.option(
    "--type",
    "kind",
    type=click.Choice(["int", "text", "uuid"]),
    default="int",
    show_default=True,
    help="What the application routes by; 42 and the text 42 are different keys.",
)
@ENVIRONMENT
@OUTPUT
@MAP_FILE
def locate(keys: tuple[str, ...], kind: str, environment: str, output: str, map_file: Path | None) -> None:
    """Say where keys are: logical shard and shard. Pairs, for geography and function, are VALUE,ID.

    \b
    Examples:
      palier shards locate 42 43
      palier shards locate --type uuid 6f1c2f0e-8c1b-4c39-9f0e-3a1b2c3d4e5f
      palier shards locate FR,42
    """
    from palier.sharding.errors import BadKey

    shard_map = the_map(map_file, environment, output)
    rows = []
    for text in keys:
        try:
            found = shard_map.locate(key_of(text, kind, shard_map.strategy.kind))
        except BadKey as error:
            raise InputError(error.problem, key=text, allowed=error.allowed) from None
        rows.append({"key": text, "logical": found.logical, "shard": found.shard})
    if output == "json":
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(f"{row['key']}: logical shard {row['logical']}, {row['shard']}")


@shards.command()
@click.option(
    "--to", "count", required=True, type=click.IntRange(min=1), help="How many shards there will be."
)
@OBSERVATIONS
@WEIGHT
@RATE
@OUT
@ENVIRONMENT
@OUTPUT
@MAP_FILE
def plan(
    count: int, out: Path | None, environment: str, output: str, map_file: Path | None, **given: Any
) -> None:
    """Plan the move to more or fewer shards: what moves where, with the least movement. Changes nothing.

    Refused where it does not help, as when one logical shard alone is too hot.

    \b
    Examples:
      palier shards plan --to 6 --observations week.csv --out plan.json
      palier shards plan --to 6 --map map.json --weight count
    """
    from palier.sharding import planning

    shard_map = the_map(map_file, environment, output)
    found = planning.measure(shard_map, samples(given["observations"]), given["weight"])
    names = shard_names(shard_map, count)
    tell_plan(planning.plan(shard_map, names, found, given["rate_mib_per_s"] * 2**20), out, output)


@shards.command()
@OBSERVATIONS
@WEIGHT
@RATE
@click.option(
    "--goal",
    type=click.FloatRange(min=1, min_open=True),
    help="Stop where the heaviest shard is below so many times the mean.  [default: 1.1]",
)
@OUT
@ENVIRONMENT
@OUTPUT
@MAP_FILE
def rebalance(
    goal: float | None,
    out: Path | None,
    environment: str,
    output: str,
    map_file: Path | None,
    **given: Any,
) -> None:
    """Plan moves among the shards there are, as few as bring the hottest below the goal. Changes nothing.

    \b
    Examples:
      palier shards rebalance --observations today.csv --out plan.json
      palier shards rebalance --observations today.csv --weight bytes --goal 1.05
    """
    from palier.sharding import planning
    from palier.sharding.balance import loads

    if not given["observations"]:
        raise InputError("what is hot must have been measured", key="--observations", allowed="a CSV file")
    shard_map = the_map(map_file, environment, output)
    found = planning.measure(shard_map, samples(given["observations"]), given["weight"])
    limit = goal or planning.REBALANCED
    planned = planning.rebalance(shard_map, found, limit, given["rate_mib_per_s"] * 2**20)
    if planned is not None:
        tell_plan(planned, out, output)
        return
    skew = loads(shard_map, found.weights, shard_map.used_shards()).skew
    told = f"nothing to move: the heaviest shard carries {skew:.3f} times the mean of {found.metric}"
    click.echo(json.dumps({"moves": [], "max_over_mean": skew}) if output == "json" else told)


@shards.command()
@click.argument("plan_file", type=FILE)
@click.option("--reason", help="Why; kept in the history.")
@YES
@ENVIRONMENT
@OUTPUT
def apply(plan_file: Path, reason: str | None, yes: bool, environment: str, output: str) -> None:
    """Publish what a plan makes of the map, in one step. Run again, it changes nothing.

    Applications route by the new map once they have read it, so move the data first: Palier does not copy it
    yet.

    \b
    Examples:
      palier shards apply plan.json
      palier shards apply plan.json --env production --reason "week 48, two more shards"
    """
    from palier.sharding import plan_file as plans
    from palier.sharding.access import access

    wanted = plans.read(plan_file)
    reach = access(environment, report_for(output))
    ask_first(environment, yes, f"Publish {len(wanted.moves)} moves of logical shards in {environment}?")
    shard_map, changed = reach.published.apply(wanted, who=reach.who(), reason=reason)
    tell_version(shard_map, changed, f"the plan is applied, by version {shard_map.version}", output)


@shards.command()
@click.option("--to", "version", type=click.IntRange(min=1), help="A version.  [default: the one before]")
@YES
@ENVIRONMENT
@OUTPUT
def revert(version: int | None, yes: bool, environment: str, output: str) -> None:
    """Publish an earlier map again, as a new version. A second revert undoes the first; --to names a version.

    \b
    Examples:
      palier shards revert
      palier shards revert --to 1 --env production
    """
    from palier.sharding.access import access

    reach = access(environment, report_for(output))
    words = f"version {version}" if version else "the version before"
    ask_first(environment, yes, f"Publish {words} of the map again in {environment}?")
    shard_map, changed = reach.published.revert(version, who=reach.who())
    tell_version(shard_map, changed, f"version {shard_map.version} says the same", output)


@shards.command()
@ENVIRONMENT
@OUTPUT
def history(environment: str, output: str) -> None:
    """List every version of the map, newest first: when, who, why.

    \b
    Examples:
      palier shards history
      palier shards history --env production --output json
    """
    from palier.sharding.access import access
    from palier.sharding.telling import history_lines

    versions = access(environment, report_for(output)).published.history()
    if output == "json":
        click.echo(json.dumps([each.as_data() for each in versions]))
    else:
        click.echo("\n".join(history_lines(versions)))


@shards.command()
@click.argument("observations", nargs=-1, required=True, type=FILE)
@OUTPUT
def runway(observations: tuple[Path, ...], output: str) -> None:
    """Say how long each shard lasts: days until a metric crosses its thresholds, on a straight line.

    \b
    Examples:
      palier shards runway november.csv
      palier shards runway october.csv november.csv --output json
    """
    from palier.sharding.observations import METRICS, WEIGHTS
    from palier.sharding.runway import runways
    from palier.sharding.telling import runway_lines

    found = runways(samples(observations))
    if not found:
        metrics = ", ".join(metric for metric in METRICS if metric not in WEIGHTS)
        raise InputError("no sample of a metric with thresholds", file=observations[0], allowed=metrics)
    if output == "json":
        click.echo(json.dumps([each.as_data() for each in found]))
    else:
        click.echo("\n".join(runway_lines(found)))
