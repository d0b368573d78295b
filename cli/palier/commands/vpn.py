"""`palier vpn`: this machine's key and configuration. Thin: `palier.onboarding.vpn` does the work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from palier.commands.phase_options import ENVIRONMENT, OUTPUT, YES, asker, report_for
from palier.commands.roster import ROSTER
from palier.commands.workstation import KEY, PASSWORD, become_password, finish


@click.group(short_help="Make this machine's VPN key and configuration.")
def vpn() -> None:
    """The VPN of this machine: a WireGuard key that never leaves it, and the configuration for wg-quick.

    \b
    Examples:
      palier vpn key adiallo
      palier vpn config adiallo
      palier vpn gateway plan --host admin@192.0.2.1
    """


@vpn.command(short_help="Make this machine's key, and put its public half into the roster.")
@click.argument("login")
@click.option(
    "--print", "only_print", is_flag=True, help="Print the public key; write nothing into the roster."
)
@ENVIRONMENT
@ROSTER
@OUTPUT
def key(login: str, only_print: bool, environment: str, folder: Path | None, output: str) -> None:
    """Make this machine's key where it has none, and put its public half into the person's file.

    The private key is written for its user alone, and is never printed, copied or sent.

    \b
    Examples:
      palier vpn key adiallo
      palier vpn key adiallo --print
    """
    from palier.onboarding import vpn as keys
    from palier.onboarding.reach import roster_of
    from palier.paths import vpn_dir

    place = vpn_dir(environment)
    if only_print:
        public, written = keys.make_key(place), None
    else:
        roster = roster_of(environment, folder)
        name = roster.login(login)
        public = keys.make_key(place)
        written = keys.write_key(roster, name, public)
    if output == "json":
        told = {"login": login, "public_key": public, "private_key_file": str(place / keys.PRIVATE_KEY)}
        click.echo(json.dumps({**told, "written": written and str(written)}))
        return
    click.echo(public)
    if written is not None:
        click.echo(f"in {written}; onboarding gives it an address", err=True)


@vpn.command(short_help="Write the configuration for wg-quick.")
@click.argument("login")
@click.option("--file", type=click.Path(path_type=Path), help="Where.  [default: beside the key]")
@ENVIRONMENT
@ROSTER
@OUTPUT
def config(login: str, file: Path | None, environment: str, folder: Path | None, output: str) -> None:
    """Write this machine's configuration for wg-quick(8). It names the private key's file and holds no key.

    \b
    Examples:
      palier vpn config adiallo
      palier vpn config adiallo --file palier0.conf
    """
    from palier.onboarding import vpn as keys
    from palier.onboarding.reach import settled
    from palier.paths import vpn_dir

    roster, settings = settled(environment, folder)
    name = roster.login(login)
    target, changed = keys.write_config(roster, name, settings.vpn, vpn_dir(environment), file)
    if output == "json":
        click.echo(json.dumps({"login": name, "file": str(target), "changed": changed}))
        return
    click.echo(f"{target}: {'written' if changed else 'as it should be'}; wg-quick up {target}")


@vpn.group(short_help="Bring the people stack's peers to the gateway.")
def gateway() -> None:
    """The gateway: a machine that terminates the tunnels, by Ansible from what the people stack publishes.

    Peers come and go while the others' tunnels stay up.

    \b
    Examples:
      palier vpn gateway plan --host admin@192.0.2.1
      palier vpn gateway apply --host admin@192.0.2.1
    """


def gateway_options(command: Callable[..., None]) -> Callable[..., None]:
    """What plan and apply take."""
    for option in (
        OUTPUT,
        ENVIRONMENT,
        ROSTER,
        click.option(
            "--first",
            is_flag=True,
            help="The gateway has no key yet: make it, tell its public half, hold it against no setting.",
        ),
        click.option(
            "--userspace", is_flag=True, help="Its kernel has no WireGuard: install and run wireguard-go."
        ),
        PASSWORD,
        KEY,
        click.option("--host", required=True, metavar="[USER@]HOST[:PORT]", help="The gateway."),
    ):
        command = option(command)
    return command


@gateway.command("plan", short_help="Say what `apply` would change on the gateway; change nothing.")
@gateway_options
def gateway_plan(**given: Any) -> None:
    """Say what `apply` would change on the gateway, with differences; change nothing.

    \b
    Examples:
      palier vpn gateway plan --host admin@192.0.2.1
    """
    _gateway("plan", given)


@gateway.command("apply", short_help="Bring the gateway to the peers that are published.")
@gateway_options
@YES
def gateway_apply(yes: bool, **given: Any) -> None:
    """Bring the gateway to the peers that the people stack publishes; the others' tunnels stay up.

    With a new gateway, --first makes its key and tells the public half, for `people:vpn.gateway_public_key`.

    \b
    Examples:
      palier vpn gateway apply --host admin@192.0.2.1
      palier vpn gateway apply --host admin@192.0.2.1 --first --yes
    """
    if (ask := asker(yes)) is not None and not ask(f"Bring the gateway {given['host']} to these peers?"):
        raise KeyboardInterrupt
    _gateway("apply", given)


def _gateway(mode: str, given: dict[str, Any]) -> None:
    from palier.onboarding.reach import settled
    from palier.workstation import gateway as gateways
    from palier.workstation.target import parse

    target, report = parse(given["host"], given["key"]), report_for(given["output"])
    _, people = settled(given["environment"], given["folder"])
    settings = gateways.settings_of(people)
    peers = gateways.peers_of(given["environment"], report)
    report.line(f"{len(peers)} peers are published")
    values = gateways.variables(settings, peers, first=given["first"], userspace=given["userspace"])
    finish(gateways.run(mode, target, values, given["environment"], become_password(given), report), given)
