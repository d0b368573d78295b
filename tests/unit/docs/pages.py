"""The pages of the documentation, and what can be held against the program: commands, links, tables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path, PurePath

import click

ROOT = Path(__file__).parents[3]
SHELLS = ("sh", "bash", "shell", "console")
_FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_OPERATORS = frozenset("();<>|&")


def pages() -> list[Path]:
    """Every Markdown page: those at the root and those in docs/."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    """A page as one names it: its path in the repository."""
    return page.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text)


def shell_lines(text: str) -> Iterator[str]:
    """Lines to be typed into a shell, from the fenced blocks of shells; where a block shows output as well,
    those after its `$ `."""
    for language, block in _FENCE.findall(text):
        if language in SHELLS:
            lines = block.replace("\\\n", " ").splitlines()
            typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            yield from typed or lines


def invocations(line: str, program: str) -> Iterator[list[str]]:
    """The arguments of each call of `program` in a line of shell, also of those inside `$(…)`."""
    nested = re.findall(r"\$\(([^()]*)\)", line)
    for text in (re.sub(r"\$\([^()]*\)", "substituted", line), *nested):
        words: list[str] = []
        for token in [*_tokens(text), ";"]:
            if not set(token) <= _OPERATORS:
                words.append(token)
                continue
            while words and re.match(r"[A-Z_]+=", words[0]):
                words.pop(0)
            if words and PurePath(words[0]).name == program:
                yield words[1:]
            words = []


def _tokens(text: str) -> Iterator[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    yield from lexer


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table whose first heading is `heading`, without its heads."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def subcommand(command: click.Command, words: list[str]) -> tuple[click.Command, click.Context, list[str]]:
    """The command that `words` name, its context and what is left of them. Raises click.UsageError."""
    context = click.Context(command, info_name=command.name)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"{context.command_path} has no command {words[0]!r}")
        command, context = found, click.Context(found, info_name=words[0], parent=context)
        words = words[1:]
    return command, context, words


def parse(words: list[str]) -> None:
    """Parse a whole command line as click does, running nothing. Raises click.UsageError."""
    from palier.commands.main import cli

    command, context, rest = subcommand(cli, words)
    if isinstance(command, click.Group):
        known_options(command, rest)
        return
    command.make_context(context.info_name, rest, parent=context.parent)


def known_options(command: click.Command, words: list[str]) -> None:
    """Refuse an option that `command` does not have, with click.UsageError."""
    context = click.Context(command)
    known = {flag for parameter in command.get_params(context) for flag in parameter.opts}
    for word in words:
        if word.startswith("-") and word not in known:
            raise click.UsageError(f"{command.name} has no option {word}")
