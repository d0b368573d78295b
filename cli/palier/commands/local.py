"""`palier local`: run the local cloud. Thin: everything happens in `palier.local`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from palier.local.cloud import Status
    from palier.local.regions import Trouble

OUTPUT = click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Who reads it."
)


@click.group(short_help="Run the local cloud: start, stop, look, reset.")
def local() -> None:
    """Run the local cloud: AWS on this machine, for rehearsals.

    It listens on loopback only (PALIER_LOCAL_PORT, default 4790), needs no account, and keeps what stands in
    it over a restart. Nothing of your AWS or Pulumi settings is read.

    \b
    Examples:
      palier local start
      eval "$(palier local env)" && cd stacks/foundation && pulumi preview
    """


def _show(status: Status, output: str) -> None:
    if output == "json":
        click.echo(json.dumps(asdict(status)))
        return
    click.echo(f"running    {'yes' if status.running else 'no'}")
    click.echo(f"endpoint   {status.endpoint}")
    click.echo(f"region     {status.region}")
    if status.running:
        click.echo(f"pid        {status.pid}, since {status.started_at}")
        counted = "rules, routes and attachments not counted"  # a phase's own count has them
        click.echo(f"resources  {status.resources} stand ({counted}), after {status.mutations} changes")
    for line in _troubles(status):
        click.echo(line)
    if status.problem:
        click.echo(f"problem    {status.problem}")


def _troubles(now: Status | Trouble) -> list[str]:
    """A line for each region that fails or lags."""
    fails = [f"fault      {region} fails ({mode})" for region, mode in sorted(now.faults.items())]
    lags = [
        f"lag        {region} is {seconds:g} s behind" for region, seconds in sorted(now.lag_seconds.items())
    ]
    return fails + lags


@local.command()
@OUTPUT
def start(output: str) -> None:
    """Start the local cloud; where it runs already, say so.

    \b
    Examples:
      palier local start
      PALIER_LOCAL_PORT=4900 palier local start
    """
    from palier.console import reporter
    from palier.local import cloud

    status = cloud.start(reporter(output))
    if output == "json":
        _show(status, output)


@local.command()
@OUTPUT
def stop(output: str) -> None:
    """Stop the local cloud; what stands in it is there again after the next start.

    \b
    Example:
      palier local stop
    """
    from palier.console import reporter
    from palier.local import cloud

    stopped = cloud.stop(reporter(output))
    if output == "json":
        click.echo(json.dumps({"stopped": stopped}))


@local.command()
@OUTPUT
@click.pass_context
def status(context: click.Context, output: str) -> None:
    """Say whether the local cloud runs, where, and what stands in it. Exit code 1 where it does not run.

    \b
    Examples:
      palier local status
      palier local status --output json
    """
    from palier.local import cloud

    now = cloud.status()
    _show(now, output)
    context.exit(0 if now.running else 1)


@local.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@OUTPUT
@click.pass_context
def reset(context: click.Context, yes: bool, output: str) -> None:
    """Empty the local cloud and remove the Pulumi stacks of its backend. Asks first.

    Only the local cloud is touched: no account, and no Pulumi state of yours, is within its reach.

    \b
    Examples:
      palier local reset
      palier local reset --yes
    """
    from palier.console import reporter
    from palier.errors import InputError
    from palier.local import cloud

    if not yes:
        if output == "json":
            raise InputError("nobody to ask in JSON mode; say --yes", key="--yes")
        question = (
            "Everything in the local cloud goes, and with it the Pulumi stacks of the local backend. Go on?"
        )
        if not click.confirm(question, err=True):
            click.echo("Nothing was changed.", err=True)
            context.exit(1)
    cloud.reset(reporter(output))
    if output == "json":
        click.echo(json.dumps({"reset": True}))


@local.command()
@click.argument("region")
@click.option(
    "--mode",
    type=click.Choice(["error", "silence"]),
    help="error: every answer is a 503. silence: none comes, and the client waits until it gives up.",
)
@click.option("--clear", is_flag=True, help="End the fault.")
@OUTPUT
def fault(region: str, mode: str | None, clear: bool, output: str) -> None:
    """Make a region of the running local cloud fail, or end that.

    Every request to a regional service of REGION fails until the fault is cleared, over a restart too. IAM,
    Route 53, CloudFront and the other services without regions go on.

    \b
    Examples:
      palier local fault eu-west-3 --mode error
      palier local fault eu-west-3 --mode silence
      palier local fault eu-west-3 --clear
    """
    from palier.errors import InputError
    from palier.local import regions

    if clear == (mode is not None):
        raise InputError("say --mode error, --mode silence or --clear", key="--mode")
    _show_trouble(regions.recover(region) if mode is None else regions.fail(region, mode), output)


@local.command()
@click.argument("region")
@click.option(
    "--seconds", type=click.FloatRange(0, 86400), help="How late what replicates into the region arrives."
)
@click.option("--clear", is_flag=True, help="End the lag.")
@OUTPUT
def lag(region: str, seconds: float | None, clear: bool, output: str) -> None:
    """Let replication into a region of the running local cloud lag behind, or end that.

    DynamoDB replicas and S3 replicas in REGION arrive so much later; of Aurora and of RDS replicas it is told
    by their CloudWatch metrics alone, since the local cloud runs no database.

    \b
    Examples:
      palier local lag eu-central-1 --seconds 30
      palier local lag eu-central-1 --clear
    """
    from palier.errors import InputError
    from palier.local import regions

    if clear == (seconds is not None):
        raise InputError("say --seconds N or --clear", key="--seconds")
    _show_trouble(regions.lag(region, seconds or 0.0), output)


def _show_trouble(now: Trouble, output: str) -> None:
    if output == "json":
        click.echo(json.dumps(asdict(now)))
        return
    for line in _troubles(now) or ["No region of the local cloud fails or lags."]:
        click.echo(line)


@local.command()
@OUTPUT
def env(output: str) -> None:
    """Print the environment in which pulumi, aws and boto3 see the local cloud and nothing else.

    \b
    Examples:
      eval "$(palier local env)"
      palier local env --output json
    """
    import os

    from palier.engine.find import find_engine
    from palier.local import cloud, environment

    now = cloud.status()
    if not now.running:
        click.echo("warning: the local cloud does not run; start it with: palier local start", err=True)
    engine = find_engine()
    if engine is None:
        click.echo("warning: no Pulumi engine yet; get it with: palier engine get", err=True)
    engine_bin = engine.bin if engine else None
    if output == "json":
        click.echo(json.dumps(environment.changes(os.environ, now, engine_bin)))
        return
    for line in environment.exports(os.environ, now, engine_bin):
        click.echo(line)


@local.command()
@click.option(
    "-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="How many lines."
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is added, until interrupted.")
def logs(lines: int, follow: bool) -> None:
    """Show the emulator's log: one line a request, and what went wrong.

    \b
    Examples:
      palier local logs -n 200
      palier local logs -f
    """
    from palier.errors import InputError
    from palier.local import logs as reading
    from palier.local.layout import layout

    path = layout().log
    if not path.is_file() and not follow:
        raise InputError("no log yet; `palier local start` begins one", file=path)
    for line in reading.tail(path, lines):
        click.echo(line)
    if follow:
        for line in reading.follow(path):
            click.echo(line)
