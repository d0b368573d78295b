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
@click.option(
    "--newcomer/--no-newcomer",
    "with_newcomer",
    default=None,
    help="Onboard one person of the roster at the end.  [default: where all phases are brought up]",
)
def rehearse(through: str | None, debug: bool, output: str, with_newcomer: bool | None) -> None:
    """Bring the phases up on the local cloud, check each through the AWS API, and show what stands.

    Then one person of the roster is onboarded, on a copy of it: accounts, access, first task, page.
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
    report = reporter(output)
    done = run(last, report, Options(debug=debug))
    if output == "text":
        click.echo("\n".join(done.lines()))
    person = None
    if with_newcomer if with_newcomer is not None else through is None:
        from palier.onboarding.rehearsal import newcomer

        person = newcomer(report)
    if output == "json":
        click.echo(json.dumps({**done.as_dict(), "newcomer": person and person.as_dict()}))
    elif person is not None:
        click.echo("\n".join(person.lines()))
