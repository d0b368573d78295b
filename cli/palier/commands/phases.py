"""The phase commands. Thin: `palier.phases` does the work, this module asks and tells."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from palier.errors import InputError, OperationError, PalierError

if TYPE_CHECKING:
    from palier.console import Reporter
    from palier.phases.operations import Ask, Operations, Selection
    from palier.phases.runner import Options, Outcome

LOCAL = "local"

F = TypeVar("F", bound=Callable[..., Any])

ENVIRONMENT = click.option(
    "--env", "environment", default=LOCAL, show_default=True, help="The environment, a Pulumi stack's name."
)
OUTPUT = click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Who reads it."
)
YES = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")
THROUGH = click.option("--through", metavar="PHASE", help="This phase and all on the way to it.")
PHASE = click.argument("phase", required=False)


def operation_options(command: F) -> F:
    """What every operation of the engine takes."""
    for option in (
        click.option("--debug", is_flag=True, help="Show the engine's whole log where it fails."),
        click.option("--message", "-m", help="Why; kept in the stack's history."),
        click.option("--diff", is_flag=True, help="Show each changed property."),
        click.option("--parallel", "-p", type=click.IntRange(min=1), help="So many resources at a time."),
        OUTPUT,
        ENVIRONMENT,
        THROUGH,
        PHASE,
    ):
        command = option(command)
    return command


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

    stack_of = operations.look(environment, _report(output))
    rows = []
    for phase in catalog.phases():
        state = stack_of(phase).state()
        rows.append(
            {
                "phase": phase.name,
                "requires": list(phase.requires),
                "summary": phase.summary,
                "resources": len(state.real),
                "pending": len(state.pending),
            }
        )
    if output == "json":
        click.echo(json.dumps(rows))
        return
    wide = max(len(phase.name) for phase in catalog.phases())
    for row in rows:
        stands = f"{row['resources']} resources stand" if row["resources"] else "does not stand"
        pending = f", {row['pending']} pending" if row["pending"] else ""
        click.echo(f"{row['phase']:<{wide}}  {stands}{pending}")
        needs = f" Needs {', '.join(row['requires'])}." if row["requires"] else ""
        click.echo(f"{'':<{wide}}  {row['summary']}{needs}")


@click.command(short_help="Show what an `up` of a phase would change.")
@operation_options
@click.option("--refresh", is_flag=True, help="Read what really stands first.")
def preview(phase: str | None, through: str | None, environment: str, output: str, **given: Any) -> None:
    """Show what an `up` of a phase would change; changes nothing.

    \b
    Examples:
      palier preview foundation
      palier preview foundation --env production --diff
    """
    from palier.phases.runner import planned

    def work(operations: Operations, selection: Selection, options: Options) -> list[Outcome]:
        outcomes = operations.preview(selection, options)
        for outcome in outcomes if output == "text" else ():
            _tell(outcome)
            if not options.diff:
                click.echo("".join(f"{line}\n" for line in planned(outcome)), nl=False)
        return outcomes

    _operate(work, "preview", phase, through, environment, output, None, given)


@click.command(short_help="Bring a phase up, or to its new settings.")
@operation_options
@YES
@click.option("--refresh", is_flag=True, help="Read what really stands first.")
def up(
    phase: str | None, through: str | None, environment: str, output: str, yes: bool, **given: Any
) -> None:
    """Bring a phase up, or to its new settings. Run again, it changes nothing; after a kill, it goes on.

    On the local cloud it starts at once; elsewhere it shows a preview and asks.

    \b
    Examples:
      palier up foundation
      palier up --through replicas
      palier up foundation --env production --message "more memory for the database"
    """

    def work(operations: Operations, selection: Selection, options: Options) -> list[Outcome]:
        return operations.up(selection, options, _teller(output))

    ask = None if environment == LOCAL else _asker(yes)
    _operate(work, "up", phase, through, environment, output, ask, given)


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
    given["choices"] = _choices(adopt, forget)

    def work(operations: Operations, selection: Selection, options: Options) -> list[Outcome]:
        outcomes = operations.refresh(selection, options)
        for outcome in outcomes:
            _teller(output)(outcome)
        return outcomes

    _operate(work, "refresh", phase, through, environment, output, None, given)


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
        outcomes = operations.destroy(selection, options, remove_stack=remove, told=_teller(output))
        if not outcomes and output == "text":
            click.echo(f"Nothing to destroy: nothing of {selection.phase} stands in {environment}.")
        return outcomes

    _operate(work, "destroy", phase, through, environment, output, _asker(yes), given)


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
    told = facts(operations.look(environment, _report(output))(found))
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
    stack = operations.look(environment, _report(output), engine=show_secrets)(found)
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


def _operate(
    work: Callable[[Operations, Selection, Options], list[Outcome]],
    operation: str,
    phase: str | None,
    through: str | None,
    environment: str,
    output: str,
    ask: Ask | None,
    given: dict[str, Any],
) -> None:
    """Run an operation over the selected phases; JSON: one summary on stdout, also of a failure."""
    from palier.phases.operations import Operations, select
    from palier.phases.runner import Options

    report = _report(output)
    try:
        outcomes = work(Operations(environment, report, ask=ask), select(phase, through), Options(**given))
    except PalierError as error:
        report.event("error", lines=error.lines(), exit_code=error.exit_code)
        raise
    if output == "json":
        shown = {"operation": operation, "environment": environment}
        changed = any(outcome.changed for outcome in outcomes)
        click.echo(
            json.dumps({**shown, "changed": changed, "phases": [outcome.as_dict() for outcome in outcomes]})
        )


def _report(output: str) -> Reporter:
    from palier.console import reporter

    return reporter(output)


def _tell(outcome: Outcome) -> None:
    if outcome.details:
        click.echo(outcome.details)
    click.echo(outcome.sentence())


def _teller(output: str) -> Callable[[Outcome], None]:
    return _tell if output == "text" else lambda _outcome: None


def _asker(yes: bool) -> Ask | None:
    if yes:
        return None
    if not sys.stdin.isatty():
        return _nobody
    return lambda question: click.confirm(question, err=True)


def _nobody(question: str) -> bool:
    raise OperationError(
        f"nobody is there to answer: {question.splitlines()[-1]}",
        left="nothing was changed",
        next_step="add --yes to do it without asking",
    )


def _choices(adopt: tuple[str, ...], forget: tuple[str, ...]) -> dict[str, str | None]:
    choices: dict[str, str | None] = dict.fromkeys(forget)
    for text in adopt:
        # A name in a URN may hold `=`; an id of AWS that does is not known.
        urn, _, provider_id = text.rpartition("=")
        if not urn.startswith("urn:pulumi:") or not provider_id:
            raise InputError(
                f"{text!r} does not say which resource has which id", key="--adopt", allowed="URN=ID"
            )
        if urn in choices:
            raise InputError(f"{urn} is both adopted and forgotten", key="--adopt")
        choices[urn] = provider_id
    return choices
