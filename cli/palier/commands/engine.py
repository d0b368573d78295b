"""`palier engine`: find, get, look at and remove the Pulumi engine."""

from __future__ import annotations

import json

import click

# The same names as palier.engine.model.RUNGS (a test holds them together); importing it costs more than help.
RUNG_CHOICES = ("path", "official", "build")

output_option = click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", help="Text, or JSON for machines."
)


@click.group(short_help="Find or get the Pulumi engine.")
def engine() -> None:
    """Find or get the Pulumi engine.

    Palier takes the first that serves: a pulumi on PATH that is new enough and has its Python host; one
    that Palier got before; Pulumi's official installer; a build from Go modules. PALIER_ENGINE (a pulumi
    executable, or a folder with one) goes before all of them.

    \b
    Example:
      palier engine get
    """


@engine.command(short_help="Get an engine, if none is there.")
@click.option(
    "--rung", type=click.Choice(RUNG_CHOICES), default=None, help="Take this rung of the ladder only."
)
@output_option
def get(rung: str | None, output: str) -> None:
    """Get an engine, if none is there, and print which one serves.

    \b
    Examples:
      palier engine get
      palier engine get --rung build
    """
    from palier.console import reporter
    from palier.engine import ensure_engine

    found = ensure_engine(reporter(output), rung)
    if output == "json":
        click.echo(json.dumps(found.as_dict()))
    else:
        click.echo(found.describe())


@engine.command(short_help="Say which engine serves.")
@output_option
def status(output: str) -> None:
    """Say which engine serves, and what is left of interrupted builds. Writes nothing.

    Exits with 1 where none serves.

    \b
    Example:
      palier engine status --output json
    """
    from palier.engine.cache import engine_dir, size_bytes, work_dir
    from palier.engine.find import look

    found = look()
    kept, temporary = size_bytes(engine_dir()), size_bytes(work_dir())
    if output == "json":
        facts = {
            "engine": found.engine.as_dict() if found.engine else None,
            "passed_over": {answer.rung: answer.reason for answer in found.answers},
            "folder": str(engine_dir()),
            "bytes": kept,
            "interrupted_build_bytes": temporary,
        }
        click.echo(json.dumps(facts))
    else:
        click.echo(found.engine.describe() if found.engine else "no engine yet; `palier engine get` gets one")
        for answer in found.answers:
            click.echo(f"passed over: {answer}")
        if temporary:
            click.echo(
                f"an interrupted build left {temporary / 1e9:.1f} GB in {work_dir()}: "
                "`palier engine get` goes on from there, `palier engine remove` deletes it"
            )
    if found.engine is None:
        raise click.exceptions.Exit(1)


@engine.command(short_help="Delete what Palier got.")
@output_option
def remove(output: str) -> None:
    """Delete the engines that Palier got, and what interrupted builds left.

    An engine on PATH, or one that PALIER_ENGINE names, is not touched.

    \b
    Example:
      palier engine remove
    """
    from palier.console import reporter
    from palier.engine.ladder import remove_all

    freed = remove_all(reporter(output))
    if output == "json":
        click.echo(json.dumps({"freed_bytes": freed}))
    else:
        click.echo(f"deleted, {freed / 1e6:.0f} MB freed" if freed else "nothing to remove")
