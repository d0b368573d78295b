"""`palier check`: a change judged before it is made. Thin: `palier.checking` does the work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palier.commands.phase_options import ENVIRONMENT, PHASE, report_for
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.checking.model import Check

FORMATS = ("table", "json", "markdown", "sarif", "junit", "github")
_AS_JSON = "json"
# GitHub wants files as the repository names them.
_IN_REPOSITORY = ("github", "sarif")


@click.command(short_help="Judge a change before it is made: policies, forecast, cost.")
@PHASE
@click.option("--all", "everything", is_flag=True, help="Every phase with settings.  [default without PHASE]")
@click.option(
    "--changed-since", "since", metavar="REV", help="Only phases that the change since REV touches (git)."
)
@ENVIRONMENT
@click.option(
    "--platform",
    "platform_file",
    type=click.Path(path_type=Path),
    help="palier.yaml, or its folder.  [default: the nearest at or above the packs]",
)
@click.option(
    "--policy-pack",
    "more_packs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A pack beside those of the platform's policies/; may be given again.",
)
@click.option("--refresh", is_flag=True, help="Read what really stands first.")
@click.option(
    "--output", type=click.Choice(FORMATS), default="table", show_default=True, help="Who reads it."
)
@click.option(
    "--output-file", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead of stdout."
)
@click.option(
    "--also",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write the same check in a further format; may be given again.",
)
@click.pass_context
def check(
    context: click.Context,
    phase: str | None,
    everything: bool,
    since: str | None,
    environment: str,
    platform_file: Path | None,
    more_packs: tuple[Path, ...],
    refresh: bool,
    output: str,
    output_file: Path | None,
    also: tuple[str, ...],
) -> None:
    """Judge a change before it is made: the engine previews it with the policy packs of policies/.

    Nothing is deployed. A phase can be previewed where the phases that it requires stand.
    Exit code: 0 every mandatory policy holds, 1 one is violated, 2 bad input or a preview that failed.

    \b
    Examples:
      palier check foundation
      palier check --changed-since origin/main
      palier check --env production --output markdown --also sarif=palier.sarif
    """
    if phase is not None and (everything or since is not None):
        raise InputError("name a phase, or let --all or --changed-since choose", key=phase)
    further = [_further(each) for each in also]
    for file in (output_file, *(file for _, file in further)):
        if file is not None and not file.absolute().parent.is_dir():
            raise InputError("no such folder", file=file.parent)
    from palier.capacity.platform_file import find
    from palier.checking import packs, run
    from palier.costs.prices import open_book

    named, skipped = run.chosen(phase, since, environment)
    wanted = run.Wanted(
        environment=environment,
        phases=named,
        packs=packs.folders(more_packs),
        platform_file=None if platform_file is None else find(platform_file),
        since=since,
        skipped=skipped,
        refresh=refresh,
    )
    found = run.check(wanted, report_for("text"), open_book())
    _write(output, output_file, found)
    if output == "github":
        from palier.checking.github import append_summary

        append_summary(found)
    for name, file in further:
        _write(name, file, found)
    context.exit(found.exit_code)


def _further(text: str) -> tuple[str, Path]:
    name, _, file = text.partition("=")
    if name not in FORMATS or not file:
        raise InputError(
            f"{text!r} does not say which format goes where",
            key="--also",
            allowed=f"FORMAT=FILE with {', '.join(FORMATS)}",
        )
    return name, Path(file)


def _write(name: str, file: Path | None, found: Check) -> None:
    text = _renderer(name)(found).rstrip("\n")
    if file is None:
        click.echo(text)
        return
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=file) from None


def _renderer(name: str) -> Callable[[Check], str]:
    """The way to write a check in a format, imported when it is asked for."""
    from importlib import import_module

    if name == _AS_JSON:
        import json

        from palier.checking.model import as_data

        return lambda found: json.dumps(as_data(found))
    render: Callable[..., str] = import_module(f"palier.checking.{name}").render
    if name not in _IN_REPOSITORY:
        return render
    from palier.checking.changed import folder_in_repository
    from palier.paths import platform_dir

    return lambda found: render(found, folder=folder_in_repository(platform_dir()))
