"""Every command explains itself, shows an example that works, and stands in the generated reference."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from palier.commands.main import COMMANDS, cli

from tests.unit.docs.pages import ROOT, invocations, parse


def _walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, f"{path} lists {name} and does not have it"
            yield from _walk(below, f"{path} {name}")


EVERY = dict(_walk(cli, "palier"))
every_command = pytest.mark.parametrize("path", EVERY)


def _examples(command: click.Command) -> list[str]:
    """The lines below `Example:` or `Examples:`; a remark stands after two blanks."""
    _, found, below = re.sub("\b", "", command.help or "").partition("Example")
    lines = below.splitlines()[1:] if found else []
    return [re.split(r"\s{2,}", line.strip())[0] for line in lines if line.strip()]


@every_command
def test_a_command_has_help_in_sentences(path: str) -> None:
    help_text = (EVERY[path].help or "").strip()

    assert re.match(r"[A-Z].*[.:]", help_text, re.DOTALL)


@every_command
def test_a_command_shows_an_example_of_itself(path: str) -> None:
    examples = _examples(EVERY[path])

    assert any(path in line for line in examples), f"{path} --help needs an `Example:` with {path} in it"


@every_command
def test_the_examples_of_a_command_can_be_run_as_they_stand(path: str) -> None:
    for line in _examples(EVERY[path]):
        for words in invocations(line, "palier"):
            parse(words)


@every_command
def test_every_option_has_help(path: str) -> None:
    command = EVERY[path]
    options = [one for one in command.get_params(click.Context(command)) if isinstance(one, click.Option)]

    assert [option.opts for option in options if not option.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_one_line_help_is_the_commands_own(name: str) -> None:
    assert COMMANDS[name][1] == EVERY[f"palier {name}"].get_short_help_str(limit=200)


def test_the_reference_is_what_the_commands_say() -> None:
    check = [sys.executable, str(ROOT / "docs" / "generate_cli.py"), "--check"]
    run = subprocess.run(check, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr


def test_the_reference_has_a_section_for_every_command() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")

    assert [path for path in EVERY if not re.search(rf"^#+ {path}$", text, re.MULTILINE)] == []
