"""`palier onboard`: from a line in the roster to verified access. Thin: `palier.onboarding` does the work."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from palier.commands.onboard_metrics import metrics
from palier.commands.phase_options import ENVIRONMENT, LOCAL, OUTPUT, YES, asker, report_for
from palier.commands.roster import ROSTER
from palier.commands.workstation import HOST, KEY, PASSWORD, become_password
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.onboarding.operation import Run
    from palier.onboarding.steps.base import Step
    from palier.workstation.hands import Machine

LOGINS = click.argument("logins", nargs=-1, metavar="[LOGIN]...")
ALL = click.option(
    "--all",
    "everybody",
    is_flag=True,
    help="Everybody of the roster who has not left; what is for newcomers, for who is new.",
)
ONLY = click.option(
    "--only", multiple=True, metavar="STEP", help="Only this step or group; may be given again."
)
SKIP = click.option("--skip", multiple=True, metavar="STEP", help="Without this step or group.")


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """What plan, apply and verify take."""
    for option in (OUTPUT, ENVIRONMENT, ROSTER, PASSWORD, KEY, HOST, SKIP, ONLY, ALL, LOGINS):
        command = option(command)
    return command


@click.group(short_help="Bring people in: accounts, access, buddy, first task, page.")
def onboard() -> None:
    """Bring people in: accounts and verified access, a buddy, a first task, a path, a page.

    Each step looks first, does what is missing, and proves it. Run it again at any time: what stands stays.

    \b
    Examples:
      palier onboard plan adiallo
      palier onboard apply adiallo
      palier onboard verify adiallo
      palier onboard status adiallo
    """


@onboard.command(short_help="Say what `apply` would do; change nothing.")
@run_options
def plan(**given: Any) -> None:
    """Say what `apply` would do, step by step; change nothing.

    \b
    Examples:
      palier onboard plan adiallo
      palier onboard plan --all --only slack --output json
    """
    finish(carry_out("plan", given), given)


@onboard.command(short_help="Do what is missing, and prove it.")
@run_options
@click.option("--here", is_flag=True, help="This is the person's machine: make its VPN key.")
@click.option("--wait", "wait_minutes", type=click.FloatRange(min=0), default=0, metavar="MINUTES",
              help="Look again for so long for what waits for a person.")  # fmt: skip
@click.option("--budget", "budget_minutes", type=click.FloatRange(min=0.01), metavar="MINUTES",
              help="Time for this run.  [default: that of the settings, 30]")  # fmt: skip
@click.option(
    "--pages", type=click.Path(path_type=Path), help="Folder of the pages.  [default: one of the user's]"
)
@YES
def apply(yes: bool, **given: Any) -> None:
    """Do what is missing, and prove it. What waits for a person is told; run it again to resume.

    Anywhere but on the local cloud the plan is shown first, and asked about.
    Exit code 0 where nothing failed, also where somebody is waited for; 1 where a step failed.

    \b
    Examples:
      palier onboard apply adiallo
      palier onboard apply adiallo --here
      palier onboard apply adiallo --host awa@192.0.2.7
      palier onboard apply --all --wait 20
    """
    ask_first(given, yes, "onboard")
    finish(carry_out("apply", given), given)


@onboard.command(short_help="Prove the access of people; change nothing.")
@run_options
def verify(**given: Any) -> None:
    """Prove each account and access through its own service; change nothing.

    Exit code 1 where one is not proven.

    \b
    Examples:
      palier onboard verify adiallo
      palier onboard verify --all --output json
    """
    finish(carry_out("verify", given), given)


@onboard.command(short_help="Say how far people were when runs last looked.")
@LOGINS
@ENVIRONMENT
@OUTPUT
def status(logins: tuple[str, ...], environment: str, output: str) -> None:
    """Say how far people were when runs last looked, from the journal of this machine; asks no service.

    \b
    Examples:
      palier onboard status
      palier onboard status adiallo --output json
    """
    from palier.onboarding import journal
    from palier.onboarding.telling import status_lines

    names = logins or tuple(journal.people(environment))
    found = {name: journal.Journal(environment, name).runs() for name in names}
    if output == "json":
        click.echo(json.dumps({name: [run.__dict__ for run in runs] for name, runs in found.items()}))
        return
    for name, runs in found.items():
        click.echo("\n".join(status_lines(name, runs)))
    if not found:
        click.echo("no run yet")


@onboard.command(short_help="Print what onboarding does, from the steps themselves.")
def process() -> None:
    """Print the process documentation, made from the steps themselves, in Markdown.

    \b
    Examples:
      palier onboard process > docs/onboarding-process.md
    """
    from palier.onboarding.process import document

    click.echo(document(), nl=False)


def carry_out(
    mode: str, given: dict[str, Any], kind: str = "onboard", steps: Mapping[str, Step] | None = None
) -> Run:
    """Run steps for the people named; those of coming in where none are given."""
    from palier.onboarding import operation
    from palier.onboarding.reach import reach
    from palier.onboarding.steps.table import STEPS, choose

    choice = choose(given["only"], given["skip"], steps or STEPS)
    report = report_for(given["output"])
    found = reach(given["environment"], given["folder"], report)
    today = datetime.date.today()
    logins = _logins(found.roster, given["logins"], given["everybody"], today)
    budget = given.get("budget_minutes") or float(found.work.budget_minutes)
    order = operation.Order(
        mode,
        logins,
        choice,
        budget,
        kind,
        everybody=given["everybody"],
        heir=found.roster.login(given["heir"]) if given.get("heir") else None,
        here=bool(given.get("here")),
        pages=given.get("pages"),
        wait_minutes=given.get("wait_minutes") or 0.0,
        machine=_machine(given),
    )
    for option, machine in (("--here", order.here), ("--host", order.machine)):
        if machine and len(logins) != 1:
            raise InputError("is one person's machine: name one LOGIN", key=option)
    if order.here and order.machine:
        raise InputError("is this machine; --host names another", key="--here", allowed="one of the two")
    return operation.carry_out(found, order, report, today)


def ask_first(given: dict[str, Any], yes: bool, kind: str, steps: Mapping[str, Step] | None = None) -> None:
    """Anywhere but on the local cloud: show what would be done, and go on only after a yes."""
    from palier.onboarding.results import Outcome
    from palier.onboarding.telling import lines

    environment = given["environment"]
    ask = None if environment == LOCAL else asker(yes)
    if ask is None:
        return
    planned = carry_out("plan", given, kind, steps)
    click.echo("\n".join(lines(planned, environment)), err=True)
    changes = any(each.outcome is Outcome.MISSING for each in planned.results)
    if changes and not ask(f"Do this in {environment}?"):
        raise KeyboardInterrupt


def _machine(given: dict[str, Any]) -> Machine | None:
    """The newcomer's machine that --host names. Its password is asked for once, also after a plan."""
    if not given.get("host"):
        return None
    from palier.workstation.hands import Machine
    from palier.workstation.target import parse

    if "machine" not in given:
        given["machine"] = Machine(
            parse(given["host"], given["key"]), given["environment"], become_password(given)
        )
    found: Machine = given["machine"]
    return found


def _logins(roster: Any, given: tuple[str, ...], everybody: bool, today: datetime.date) -> list[str]:
    if bool(given) == everybody:
        raise InputError("name people by their GitHub login, or everybody with --all", key="LOGIN")
    if everybody:
        return [login for login, person in roster.people.items() if person.has_access(today)]
    return list(dict.fromkeys(roster.login(name) for name in given))


def finish(run: Run, given: dict[str, Any]) -> None:
    """Tell a run; exit code 1 where a step failed or, of a proof, did not hold."""
    from palier.onboarding.telling import lines

    if given["output"] == "json":
        click.echo(json.dumps(run.as_dict()))
    else:
        click.echo("\n".join(lines(run, given["environment"])))
    unproven = run.mode == "verify" and any(not each.good for each in run.results)
    if run.failed or unproven:
        raise click.exceptions.Exit(1)


onboard.add_command(metrics)
