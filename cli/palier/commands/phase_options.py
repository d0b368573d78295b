"""What the phase commands share: their options, who is asked, and how an outcome is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
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


def policy_options(command: F) -> F:
    """What an operation takes that policies judge."""
    for option in (
        click.option(
            "--policies/--no-policies",
            "with_policies",
            default=None,
            help="Judge it by the packs of policies/.  [default: where the platform has a policies.yaml]",
        ),
        click.option(
            "--policy-pack",
            "more_packs",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="Judge it by this pack too; may be given again.",
        ),
    ):
        command = option(command)
    return command


def judged_by(given: dict[str, Any]) -> dict[str, Any]:
    """The options with the packs that judge, in place of what was asked about them."""
    wanted, more = given.pop("with_policies"), given.pop("more_packs")
    from palier.checking import packs

    if wanted is None:
        wanted = packs.policies_file() is not None
    if not wanted and not more:
        return given
    found = packs.folders(more) if wanted else packs.named(more)
    return {**given, "policy_packs": found, "variables": packs.variables()}


def operate(
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
    from palier.phases.summary import lines, totals

    report = report_for(output)
    try:
        outcomes = work(Operations(environment, report, ask=ask), select(phase, through), Options(**given))
    except PalierError as error:
        report.event("error", lines=error.lines(), exit_code=error.exit_code)
        raise
    if output == "json":
        shown = {"operation": operation, "environment": environment}
        changed = any(outcome.changed for outcome in outcomes)
        phases = [outcome.as_dict() for outcome in outcomes]
        click.echo(json.dumps({**shown, "changed": changed, "phases": phases, "totals": totals(outcomes)}))
    elif table := lines(outcomes):
        click.echo("\n".join(["", *table]))


def report_for(output: str) -> Reporter:
    from palier.console import reporter

    return reporter(output)


def tell(outcome: Outcome) -> None:
    if outcome.details:
        click.echo(outcome.details)
    click.echo(outcome.sentence())


def teller(output: str) -> Callable[[Outcome], None]:
    return tell if output == "text" else lambda _outcome: None


def asker(yes: bool) -> Ask | None:
    if yes:
        return None
    if not sys.stdin.isatty():
        return nobody
    return lambda question: click.confirm(question, err=True)


def nobody(question: str) -> bool:
    raise OperationError(
        f"nobody is there to answer: {question.splitlines()[-1]}",
        left="nothing was changed",
        next_step="add --yes to do it without asking",
    )


def choices(adopt: tuple[str, ...], forget: tuple[str, ...]) -> dict[str, str | None]:
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
