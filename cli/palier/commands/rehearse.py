"""`palier rehearse`: everything on the local cloud, in one go."""

from __future__ import annotations

import json

import click


@click.command(short_help="Bring the phases up on the local cloud, check them, show what stands.")
@click.option("--through", metavar="PHASE", help="The last phase to bring up.  [default: the last there is]")
@click.option("--debug", is_flag=True, help="Show the engine's whole log where it fails.")
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Who reads it."
)
def rehearse(through: str | None, debug: bool, output: str) -> None:
    """Bring the phases up on the local cloud, check each through the AWS API, and show what stands.

    Needs no AWS account and changes nothing outside this machine. Run again, it changes nothing and says so.

    \b
    Examples:
      palier rehearse
      palier rehearse --through foundation
    """
    from palier.console import reporter
    from palier.phases import catalog
    from palier.phases.rehearsal import rehearse as run
    from palier.phases.runner import Options

    last = through or catalog.phases()[-1].name
    done = run(last, reporter(output), Options(debug=debug))
    click.echo(json.dumps(done.as_dict()) if output == "json" else "\n".join(done.lines()))
