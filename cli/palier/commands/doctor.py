"""`palier doctor`: every prerequisite, and how to mend it."""

from __future__ import annotations

import json

import click


@click.command(short_help="Check every prerequisite and say how to mend it.")
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", help="Text, or JSON for machines."
)
def doctor(output: str) -> None:
    """Check every prerequisite and say how to mend it. Writes nothing.

    Exits with 0 where everything required is there, else with 1.

    \b
    Examples:
      palier doctor
      palier doctor --output json
    """
    from palier.doctor import examine

    checks = examine()
    ok = all(check.ok or not check.required for check in checks)
    if output == "json":
        click.echo(json.dumps({"ok": ok, "checks": [check.as_dict() for check in checks]}))
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            click.echo(f"{check.mark:<8} {check.name:<{width}}  {check.found}")
            if check.fix:
                click.echo(f"{'':<8} {'':<{width}}  fix: {check.fix}")
    if not ok:
        raise click.exceptions.Exit(1)
