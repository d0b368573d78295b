"""`palier vpn`: this machine's key and configuration. Thin: `palier.onboarding.vpn` does the work."""

from __future__ import annotations

import json
from pathlib import Path

import click

from palier.commands.phase_options import ENVIRONMENT, OUTPUT
from palier.commands.roster import ROSTER


@click.group(short_help="Make this machine's VPN key and configuration.")
def vpn() -> None:
    """The VPN of this machine: a WireGuard key that never leaves it, and the configuration for wg-quick.

    \b
    Examples:
      palier vpn key adiallo
      palier vpn config adiallo
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
