"""`palier completion`: the shell completion script, to be sourced."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(short_help="Print the shell completion script.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    Example:
      eval "$(palier completion bash)"
    """
    from palier.commands.main import cli

    completion_class = get_completion_class(shell)
    assert completion_class is not None, "click knows these three shells"
    click.echo(completion_class(cli, {}, "palier", "_PALIER_COMPLETE").source())
