"""What the commands of `palier shards` share: their options, where a map comes from, and how it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from palier.commands.phase_options import LOCAL, asker, report_for
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.sharding.observations import Sample
    from palier.sharding.plan_file import Plan
    from palier.sharding.shard_map import ShardMap

FILE = click.Path(path_type=Path, dir_okay=False)
OBSERVATIONS = click.option(
    "--observations", "-O", multiple=True, type=FILE, help="CSV file of samples; may be given again."
)
MAP_FILE = click.option("--map", "map_file", type=FILE, help="A map's document, not the published map.")
WEIGHT = click.option(
    "--weight",
    type=click.Choice(["requests_per_second", "bytes", "count"]),
    help="What to balance.  [default: requests, or else bytes, or else count]",
)
RATE = click.option(
    "--rate-mib-per-s",
    default=50.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="Copying speed, for the estimate of time; measure yours.",
)
OUT = click.option("--out", type=FILE, help="Write the plan into this new file.")


def the_map(map_file: Path | None, environment: str, output: str) -> ShardMap:
    """The map of a file, or else the published one of the environment. Raises InputError."""
    if map_file is not None:
        return map_of(map_file)
    from palier.sharding.access import access

    return access(environment, report_for(output)).published.current()


def map_of(file: Path) -> ShardMap:
    """The map of a document's file. Raises InputError with file and key."""
    from palier.sharding import BadMap, ShardMap

    try:
        return ShardMap.from_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except UnicodeDecodeError as error:
        raise InputError(f"not text: {error}", file=file) from None
    except BadMap as error:
        raise InputError(error.problem, file=file, key=error.key, allowed=error.allowed) from None


def shard_names(shard_map: ShardMap, count: int) -> list[str]:
    """The first `count` shards by number; the stack names them shard-1, shard-2 and so on."""
    if count > shard_map.logical_shards:
        raise InputError(
            f"{count} shards for {shard_map.logical_shards} logical shards",
            key="--to",
            allowed=f"1 to {shard_map.logical_shards}",
        )
    return [f"shard-{number}" for number in range(1, count + 1)]


def key_of(text: str, kind: str, strategy: str) -> Any:
    """A key as the application has it, from the command line. Raises InputError."""
    if strategy == "date":
        return text
    value, comma, rest = text.partition(",")
    if strategy in ("geography", "function"):
        return (value, _single(rest, kind)) if comma else text
    return _single(text, kind)


def _single(text: str, kind: str) -> Any:
    import uuid

    try:
        return {"int": int, "text": str, "uuid": uuid.UUID}[kind](text)
    except ValueError:
        raise InputError(f"{text!r} is no {kind}", key="--type", allowed="int, text, uuid") from None


def samples(files: tuple[Path, ...]) -> list[Sample]:
    """The samples of CSV files. Raises InputError."""
    from palier.sharding import observations

    return observations.read(files)


def tell_plan(planned: Plan, out: Path | None, output: str) -> None:
    """Write a plan where that is asked, and tell it."""
    from palier.sharding.telling import plan_lines

    if out is not None:
        planned.write(out)
    if output == "json":
        click.echo(json.dumps(planned.as_data()))
        return
    click.echo("\n".join(plan_lines(planned)))
    click.echo(f"next: palier shards apply {out}" if out else "--out FILE keeps the plan, to be applied")


def ask_first(environment: str, yes: bool, question: str) -> None:
    """Ask, but for the local cloud and --yes. Raises KeyboardInterrupt for a no."""
    ask = None if environment == LOCAL else asker(yes)
    if ask is not None and not ask(question):
        raise KeyboardInterrupt


def tell_version(shard_map: ShardMap, changed: bool, same: str, output: str) -> None:
    """Say which version is published now."""
    if output == "json":
        told = {"changed": changed, "version": shard_map.version, "checksum": shard_map.checksum}
        click.echo(json.dumps(told))
    elif changed:
        click.echo(f"version {shard_map.version} is published: {len(shard_map.used_shards())} shards in use")
        click.echo("back: palier shards revert")
    else:
        click.echo(f"nothing to change: {same}")
