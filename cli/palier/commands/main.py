"""The root command: a table of names, loaded one at a time.

`palier --help` imports click and this module only; a command's module is imported when it is called,
which is why the one-line helps stand here (a test holds them against the commands' own).
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, NoReturn, cast

import click

from palier import __version__
from palier.errors import PalierError

# name -> (module:attribute, one-line help). Order is the order of `palier --help`.
COMMANDS: dict[str, tuple[str, str]] = {
    "doctor": ("palier.commands.doctor:doctor", "Check every prerequisite and say how to mend it."),
    "engine": ("palier.commands.engine:engine", "Find or get the Pulumi engine."),
    "local": ("palier.commands.local:local", "Run the local cloud: start, stop, look, reset."),
    "phases": ("palier.commands.phases:phases", "List the scaling phases and what stands of each."),
    "preview": ("palier.commands.phases:preview", "Show what an `up` of a phase would change."),
    "up": ("palier.commands.phases:up", "Bring a phase up, or to its new settings."),
    "refresh": ("palier.commands.phases:refresh", "Read what really stands into a phase's state."),
    "destroy": ("palier.commands.phases:destroy", "Take a phase down; asks first."),
    "status": ("palier.commands.phases:status", "Say what stands of a phase, and its last run."),
    "outputs": ("palier.commands.phases:outputs", "Print a phase's outputs."),
    "rehearse": (
        "palier.commands.rehearse:rehearse",
        "Bring the phases up on the local cloud, check them, show what stands.",
    ),
    "check": ("palier.commands.check:check", "Judge a change before it is made: policies, forecast, cost."),
    "verify": ("palier.commands.verify:verify", "Check a phase through the AWS API, not through its state."),
    "shards": ("palier.commands.shards:shards", "Read and change the shard map: plan, apply, revert."),
    "cdn": ("palier.commands.cdn:cdn", "Take paths out of the CDN's caches."),
    "cost": ("palier.commands.cost:cost", "Say what the platform costs in a month, offline."),
    "region": ("palier.commands.region:region", "See the regions, and move the writer between them."),
    "capacity": (
        "palier.commands.capacity:capacity",
        "Say where the platform stands, what breaks first, and when.",
    ),
    "report": (
        "palier.commands.report:report",
        "Write a report: dashboard, infrastructure, team, quarterly, scenarios.",
    ),
    "onboard": (
        "palier.commands.onboard:onboard",
        "Bring people in: accounts, access, buddy, first task, page.",
    ),
    "offboard": (
        "palier.commands.offboard:offboard",
        "Take access back: sessions, accounts, keys; hand work over.",
    ),
    "workstation": (
        "palier.commands.workstation:workstation",
        "Make a developer's machine: tools, keys, dotfiles, clones; prove that it works.",
    ),
    "vpn": ("palier.commands.vpn:vpn", "Make this machine's VPN key and configuration."),
    "roster": ("palier.commands.roster:roster", "Say who works here: validate and list the roster."),
    "completion": ("palier.commands.completion:completion", "Print the shell completion script."),
}


class LazyGroup(click.Group):
    """A click group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None where the table does not have it."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        return cast(click.Command, getattr(import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table's own one-line helps, so that no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest names where there is no such command."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=2)
            hint = f"; did you mean {' or '.join(near)}?" if near else "; `palier --help` lists them"
            ctx.fail(f"no such command: {args[0]}{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="palier")
def cli() -> None:
    """Take a growing platform from one scaling phase to the next.

    \b
    Examples:
      palier doctor                 what this machine has, and how to mend the rest
      palier up --through replicas  bring foundation and replicas up on the local cloud
      palier verify replicas        check them through the AWS API
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 fine, 1 failed operation, 2 bad input, 130 interrupted."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; an error is told in plain lines on stderr."""
    try:
        code: Any = cli.main(arguments, prog_name="palier", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except PalierError as error:
        first, *rest = error.lines()
        click.echo(f"error: {first}", err=True)
        for line in rest:
            click.echo(f"  {line}", err=True)
        return error.exit_code
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; run the same command again to go on", err=True)
        return 130
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(f"  try: {error.ctx.command_path} --help", err=True)
        return 2 if isinstance(error, click.UsageError) else 1
