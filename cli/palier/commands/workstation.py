"""`palier workstation`: a developer's machine, by Ansible. Thin: `palier.workstation` does the work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from palier.commands.phase_options import ENVIRONMENT, OUTPUT, YES, asker, report_for
from palier.commands.roster import ROSTER

if TYPE_CHECKING:
    from palier.workstation.operation import Done, Order
    from palier.workstation.variables import Owner

LOGIN = click.argument("login")
HOST = click.option(
    "--host",
    metavar="[USER@]HOST[:PORT]",
    help="A machine that SSH reaches, as the person's own user.  [default: this machine]",
)
KEY = click.option("--key", type=click.Path(path_type=Path), help="SSH's private key for it.")
PASSWORD = click.option(
    "--ask-become-pass", "-K", "ask_password", is_flag=True, help="Ask for the password of sudo there."
)
ROLES = click.option("--only", multiple=True, metavar="ROLE", help="Only this role; may be given again.")


def machine_options(command: Callable[..., None]) -> Callable[..., None]:
    """What every command takes that goes to a machine."""
    for option in (OUTPUT, ENVIRONMENT, ROSTER, PASSWORD, KEY, HOST):
        command = option(command)
    return command


@click.group(short_help="Make a developer's machine: tools, keys, dotfiles, clones; prove that it works.")
def workstation() -> None:
    """A developer's machine: a bare Debian or Ubuntu becomes an environment that works, by Ansible.

    What it gets is the roster's: the person's team says which tools and which repositories. Run it again at
    any time: what stands stays, and files of the person's own are kept.

    \b
    Examples:
      palier workstation doctor --host awa@192.0.2.7
      palier workstation plan adiallo --host awa@192.0.2.7
      palier workstation apply adiallo --host awa@192.0.2.7
      palier workstation verify adiallo
    """


@workstation.command(short_help="Say what `apply` would change, with differences; change nothing.")
@LOGIN
@machine_options
@ROLES
def plan(**given: Any) -> None:
    """Say what `apply` would change, role by role and with differences; change nothing.

    \b
    Examples:
      palier workstation plan adiallo
      palier workstation plan adiallo --host awa@192.0.2.7 --only dotfiles
    """
    finish(carry_out("plan", given), given)


@workstation.command(short_help="Do what is missing, and prove that the environment works.")
@LOGIN
@machine_options
@ROLES
@click.option("--budget", "budget_minutes", type=click.FloatRange(min=0.01), metavar="MINUTES",
              help="Time for this run.  [default: that of the settings, 30]")  # fmt: skip
@YES
def apply(yes: bool, **given: Any) -> None:
    """Do what is missing, and prove that the environment works.

    What would stop it (no network, no sudo, a full disk, a held apt lock) is found before anything is
    changed. Exit code 0 where nothing failed, also where somebody is waited for; 1 where a role failed.

    \b
    Examples:
      palier workstation apply adiallo --host awa@192.0.2.7
      palier workstation apply adiallo --host awa@192.0.2.7 --ask-become-pass
      palier workstation apply adiallo --yes --only toolbox
    """
    from palier.workstation import operation

    order = ordered("apply", given)
    question = f"Make {order.target.name} the machine of {given['login']}?"
    if (ask := asker(yes)) is not None and not ask(question):
        raise KeyboardInterrupt
    finish(operation.carry_out(order, report_for(given["output"])), given)


@workstation.command(short_help="Prove that the environment works, as its user; change nothing.")
@LOGIN
@machine_options
def verify(**given: Any) -> None:
    """Prove that the environment works, as its user: every tool at its version, a signed commit, a build.

    The team's sample is built and tested from a fresh clone, without root. Exit code 1 where a proof fails.

    \b
    Examples:
      palier workstation verify adiallo
      palier workstation verify adiallo --host awa@192.0.2.7 --output json
    """
    finish(carry_out("verify", given), given)


@workstation.command(short_help="Say what stands in the way on a machine; change nothing.")
@click.argument("login", required=False)
@machine_options
def doctor(**given: Any) -> None:
    """Look at a machine before it is made: system, sudo, room, apt's locks, network. Change nothing.

    Exit code 1 where something stands in the way.

    \b
    Examples:
      palier workstation doctor
      palier workstation doctor --host awa@192.0.2.7
    """
    finish(carry_out("doctor", given), given)


@workstation.command(short_help="Print the inventory, for Ansible's own commands.")
@LOGIN
@HOST
@KEY
@ENVIRONMENT
@ROSTER
def inventory(login: str, host: str | None, key: Path | None, environment: str, folder: Path | None) -> None:
    """Print the inventory with every variable of the roles, for `ansible-playbook` itself.

    \b
    Examples:
      palier workstation inventory adiallo --host awa@192.0.2.7 > hosts.yml
    """
    import platform

    from palier.engine.find import find_engine
    from palier.workstation.target import inventory as written
    from palier.workstation.target import parse
    from palier.workstation.variables import variables

    target = parse(host, key)
    owner, _ = owner_of(login, environment, folder)
    click.echo(written(target, variables(owner, find_engine(), platform.machine())), nl=False)


@workstation.command(short_help="Print what a machine gets and how, from the playbooks themselves.")
def process() -> None:
    """Print the documentation of roles and tools, made from the playbooks themselves, in Markdown.

    \b
    Examples:
      palier workstation process > docs/workstation-roles.md
    """
    from palier.workstation.documentation import document

    click.echo(document(), nl=False)


def owner_of(login: str, environment: str, folder: Path | None) -> tuple[Owner, float]:
    """Whose machine it is, and the budget of a run in minutes. Raises InputError."""
    from palier.onboarding.reach import settled
    from palier.workstation.variables import owner

    roster, settings = settled(environment, folder)
    return owner(roster, roster.login(login), settings), float(settings.work.budget_minutes)


def carry_out(mode: str, given: dict[str, Any]) -> Done:
    """Run one operation on the machine named."""
    from palier.workstation import operation

    return operation.carry_out(ordered(mode, given), report_for(given["output"]))


def ordered(mode: str, given: dict[str, Any]) -> Order:
    """What the command line asks for. Raises InputError for who or what is not there."""
    from palier.onboarding.settings import BUDGET_MINUTES
    from palier.workstation import operation
    from palier.workstation.target import parse

    target = parse(given["host"], given["key"])
    owner, budget = None, float(BUDGET_MINUTES)
    if given["login"]:
        owner, budget = owner_of(given["login"], given["environment"], given["folder"])
    return operation.Order(
        mode,
        target,
        owner,
        given["environment"],
        given.get("budget_minutes") or budget,
        given.get("only", ()),
        become_password(given),
    )


def become_password(given: dict[str, Any]) -> str | None:
    """Ask for the password of sudo, where --ask-become-pass says so."""
    if not given["ask_password"]:
        return None
    asked: str = click.prompt("sudo's password there", hide_input=True, err=True)
    return asked


def finish(done: Done, given: dict[str, Any]) -> None:
    """Tell a run; exit code 1 where a role failed or a look found something."""
    from palier.workstation.telling import lines

    if given["output"] == "json":
        click.echo(json.dumps(done.as_dict()))
    else:
        click.echo("\n".join(lines(done)))
    if done.failed or any(not check.get("ok") for check in done.record.checks):
        raise click.exceptions.Exit(1)
