"""`palier offboard`: the exact way back. Thin: `palier.onboarding` does the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from palier.commands.onboard import ONLY, SKIP, ask_first, carry_out, finish
from palier.commands.phase_options import ENVIRONMENT, OUTPUT, YES
from palier.commands.roster import ROSTER

LOGIN = click.argument("login")
TO = click.option("--to", "heir", metavar="LOGIN", help="Who takes over.  [default: the manager]")


def leave_options(command: Callable[..., None]) -> Callable[..., None]:
    """What plan and apply take."""
    for option in (OUTPUT, ENVIRONMENT, ROSTER, SKIP, ONLY, TO, LOGIN):
        command = option(command)
    return command


@click.group(short_help="Take access back: sessions, accounts, keys; hand work over.")
def offboard() -> None:
    """Take everything back that onboarding gave: sessions and keys first, then accounts; hand work over.

    The roster keeps the person's file, with the last day in it; access is proved gone, service by service.

    \b
    Examples:
      palier offboard plan adiallo
      palier offboard apply adiallo --to snguyen
    """


@offboard.command(short_help="Say what `apply` would do; change nothing.")
@leave_options
def plan(**given: Any) -> None:
    """Say what `apply` would do; change nothing.

    \b
    Examples:
      palier offboard plan adiallo --output json
    """
    finish(_carry_out("plan", given), given)


@offboard.command(short_help="Take the access back, now, and prove it gone.")
@leave_options
@YES
def apply(yes: bool, **given: Any) -> None:
    """Take a person's access back, now, whatever their last day, and prove it gone.

    \b
    Examples:
      palier offboard apply adiallo
      palier offboard apply adiallo --to snguyen --yes
    """
    from palier.onboarding.steps.leaving import LEAVING

    ask_first(_named(given), yes, "offboard", LEAVING)
    finish(_carry_out("apply", given), given)


def _carry_out(mode: str, given: dict[str, Any]) -> Any:
    from palier.onboarding.steps.leaving import LEAVING

    return carry_out(mode, _named(given), "offboard", LEAVING)


def _named(given: dict[str, Any]) -> dict[str, Any]:
    """What a run of onboarding is given, for the one person."""
    return {**given, "logins": (given["login"],), "everybody": False}
