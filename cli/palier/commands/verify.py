"""`palier verify`: check a phase through the AWS API."""

from __future__ import annotations

from typing import Any

import click

LOCAL = "local"


@click.command(short_help="Check a phase through the AWS API, not through its state.")
@click.argument("phase", required=False)
@click.option("--env", "environment", default=LOCAL, show_default=True, help="The Pulumi stack to check.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="How to tell the results.",
)
@click.option(
    "--policy", "print_policy", is_flag=True, help="Print the IAM policy that this needs, and stop."
)
def verify(phase: str | None, environment: str, output: str, print_policy: bool) -> None:
    """Check a phase through the AWS API, not through its state.

    Looks at what AWS itself says stands, found by its tags, and holds it against the phase's settings
    and the threshold table. Only ever reads. Exits 0 where every check holds, 1 where one does not.

    \b
    Examples:
      palier verify foundation                       on the local cloud
      palier verify replicas --env production        with the AWS credentials at hand
      palier verify foundation --output junit        for a CI's test report
      palier verify --policy                         the least an IAM role needs for it
    """
    from palier.phases import catalog

    if print_policy:
        _print_policy(catalog.find(phase).name if phase else None)
        return
    if phase is None:
        raise click.UsageError("which phase? `palier phases` lists them")
    found = catalog.find(phase)
    _refuse_unchecked(found.name)
    needed = [catalog.find(name) for name in (*found.requires, found.name)]
    settings = {each.name: catalog.load_settings(each, environment) for each in needed}

    from palier.verification.run import run_checks
    from palier.verification.session import reach
    from palier.verification.wanted import region_of

    clients = reach(region_of(settings[found.name]), environment)
    results = run_checks(found.name, settings, environment, clients)
    _tell(found.name, environment, output, results)
    if not all(result.ok for result in results):
        raise click.exceptions.Exit(1)


def _print_policy(phase: str | None) -> None:
    import json

    from palier.verification.reads import policy

    if phase:
        _refuse_unchecked(phase)
    click.echo(json.dumps(policy(phase), indent=2))


def _refuse_unchecked(phase: str) -> None:
    from palier.errors import InputError
    from palier.verification.table import PHASES

    if phase not in PHASES:
        raise InputError(f"no checks are written for phase {phase}", allowed=", ".join(PHASES))


def _tell(phase: str, environment: str, output: str, results: Any) -> None:
    from palier.verification import render

    if output == "json":
        click.echo(render.as_json(phase, environment, results))
    elif output == "junit":
        click.echo(render.as_junit(phase, environment, results))
    else:
        for line, good in render.as_text(phase, environment, results):
            click.secho(line, fg=None if good else "red")  # click drops the colour where stdout is a file
