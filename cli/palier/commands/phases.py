"""The phase commands. Thin: `palier.phases` does the work, this module asks and tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from palier.commands.phase_options import (
    ENVIRONMENT,
    LOCAL,
    OUTPUT,
    YES,
    asker,
    choices,
    judged_by,
    operate,
    operation_options,
    policy_options,
    report_for,
    tell,
    teller,
)
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.phases.operations import Operations, Selection
    from palier.phases.runner import Options, Outcome


@click.command(short_help="List the scaling phases and what stands of each.")
@ENVIRONMENT
@OUTPUT
def phases(environment: str, output: str) -> None:
    """List the scaling phases, in the order in which they go up, and what stands of each.

    \b
    Examples:
      palier phases
      palier phases --env production
    """
    from palier.phases import catalog, operations

    stack_of = operations.look(environment, report_for(output))
    rows = [(phase, stack_of(phase).state()) for phase in catalog.phases()]
    if output == "json":
        told = [
            {
                "phase": phase.name,
                "requires": phase.requires,
                "summary": phase.summary,
                "resources": len(state.real),
                "pending": len(state.pending),
            }
            for phase, state in rows
        ]
        click.echo(json.dumps(told))
        return
    wide = max((len(phase.name) for phase, _ in rows), default=0)
    for phase, state in rows:
        stands = f"{len(state.real)} resources stand" if state.stands else "does not stand"
        pending = f", {len(state.pending)} pending" if state.pending else ""
        click.echo(f"{phase.name:<{wide}}  {stands}{pending}")
        needs = f" Needs {', '.join(phase.requires)}." if phase.requires else ""
        click.echo(f"{'':<{wide}}  {phase.summary}{needs}")


@click.command(short_help="Show what an `up` of a phase would change.")
@operation_options
@policy_options
@click.option("--refresh", is_flag=True, help="Read what really stands first.")
def preview(phase: str | None, through: str | None, environment: str, output: str, **given: Any) -> None:
    """Show what an `up` of a phase would change; changes nothing.

    \b
    Examples:
      palier preview foundation
      palier preview foundation --env production --diff
      palier preview foundation --policies
    """
    from palier.phases.runner import planned

    def work(operations: Operations, selection: Selection, options: Options) -> list[Outcome]:
        outcomes = operations.preview(selection, options)
        for outcome in outcomes if output == "text" else ():
            tell(outcome)
            if not options.diff:
                click.echo("".join(f"{line}\n" for line in planned(outcome)), nl=False)
        return outcomes

    operate(work, "preview", phase, through, environment, output, None, judged_by(given))


@click.command(short_help="Bring a phase up, or to its new settings.")
@operation_options
@policy_options
@YES
@click.option("--refresh", is_flag=True, help="Read what really stands first.")
def up(
    phase: str | None, through: str | None, environment: str, output: str, yes: bool, **given: Any
) -> None:
    """Bring a phase up, or to its new settings. Run again, it changes nothing; after a kill, it goes on.

    On the local cloud it starts at once; elsewhere it shows a preview and asks. Where policies judge it, they
    judge a preview first: nothing is made of what they refuse.

    \b
    Examples:
      palier up foundation
      palier up --through replicas
      palier up foundation --env production --message "more memory for the database"
    """

    def work(operations: Operations, selection: Selection, options: Options) -> list[Outcome]:
        return operations.up(selection, options, teller(output))

    ask = None if environment == LOCAL else asker(yes)
    operate(work, "up", phase, through, environment, output, ask, judged_by(given))


@click.command(short_help="Read what really stands into a phase's state.")
@operation_options
@click.option("--adopt", multiple=True, metavar="URN=ID", help="A pending creation stands, under this id.")
@click.option("--forget", multiple=True, metavar="URN", help="A pending creation does not stand.")
def refresh(
    phase: str | None,
    through: str | None,
    environment: str,
    output: str,
    adopt: tuple[str, ...],
    forget: tuple[str, ...],
    **given: Any,
) -> None:
    """Read what really stands into a phase's state; changes nothing in the cloud.

    Where a run was killed in a real account, --adopt and --forget say which of the interrupted creations
    stand there; on the local cloud that is found out without you.

    \b
    Examples:
      palier refresh foundation
      palier refresh foundation --env production --adopt 'urn:...::main=vpc-0a1b' --forget 'urn:...::logs'
    """
    given["choices"] = choices(adopt, forget)

    def work(operations: Operations, selection: Selection, options: Options) -> list[Outcome]:
        outcomes = operations.refresh(selection, options)
        for outcome in outcomes:
            teller(output)(outcome)
        return outcomes

    operate(work, "refresh", phase, through, environment, output, None, given)


@click.command(short_help="Take a phase down; asks first.")
@operation_options
@YES
@click.option("--refresh", is_flag=True, help="Read what really stands first.")
@click.option(
    "--remove-stack", is_flag=True, help="Remove the empty stack and its history too; local always does."
)
def destroy(
    phase: str | None,
    through: str | None,
    environment: str,
    output: str,
    yes: bool,
    remove_stack: bool,
    **given: Any,
) -> None:
    """Take a phase down. Names what will go and asks; refuses while a later phase stands on it.

    With --through, every later phase goes first, and then this one.

    \b
    Examples:
      palier destroy replicas
      palier destroy --through foundation --yes
    """

    def work(operations: Operations, selection: Selection, options: Options) -> list[Outcome]:
        remove = remove_stack or environment == LOCAL
        outcomes = operations.destroy(selection, options, remove_stack=remove, told=teller(output))
        if not outcomes and output == "text":
            click.echo(f"Nothing to destroy: nothing of {selection.phase} stands in {environment}.")
        return outcomes

    operate(work, "destroy", phase, through, environment, output, asker(yes), given)


@click.command(short_help="Say what stands of a phase, and its last run.")
@click.argument("phase")
@ENVIRONMENT
@OUTPUT
def status(phase: str, environment: str, output: str) -> None:
    """Say what stands of a phase, what an interrupted run left pending, and how the last run went.

    \b
    Example:
      palier status foundation
    """
    from palier.phases import catalog, operations
    from palier.phases.status import facts, lines

    found = catalog.find(phase)
    told = facts(operations.look(environment, report_for(output))(found))
    click.echo(json.dumps(told) if output == "json" else "\n".join(lines(told)))


@click.command(short_help="Print a phase's outputs.")
@click.argument("phase")
@click.argument("name", required=False)
@ENVIRONMENT
@OUTPUT
@click.option("--show-secrets", is_flag=True, help="Print secrets too, in plain text.")
def outputs(phase: str, name: str | None, environment: str, output: str, show_secrets: bool) -> None:
    """Print a phase's outputs, or one of them by NAME (bare, for scripts). Secrets show as [secret].

    \b
    Examples:
      palier outputs foundation
      palier outputs replicas reader_endpoint
    """
    from palier.phases import catalog, operations
    from palier.phases.status import named_output

    found = catalog.find(phase)
    stack = operations.look(environment, report_for(output), engine=show_secrets)(found)
    if not stack.state().exists:
        raise InputError(f"{phase} does not stand in {environment}: `palier phases` tells what does")
    values = stack.outputs(show_secrets)
    if name is not None:
        value = named_output(values, name, phase)
        click.echo(value if isinstance(value, str) and output == "text" else json.dumps(value))
    elif output == "json":
        click.echo(json.dumps(values))
    else:
        for key, value in sorted(values.items()):
            click.echo(f"{key}: {value if isinstance(value, str) else json.dumps(value)}")
