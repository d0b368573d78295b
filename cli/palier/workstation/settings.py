"""What the people stack's settings say of machines: `people:workstation`. Nothing secret stands in it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from palier.capacity.sections import Section, refuse

# Making a machine with every profile takes 2,800 MB (measured on 2026-11-26); and something to work in.
MINIMUM_FREE_MB = 4000
LOCK_WAIT_SECONDS = 120
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_EXTENSION = re.compile(r"[A-Za-z0-9-]+\.[A-Za-z0-9._-]+")


def _clone_url(value: str) -> str:
    if "{repository}" not in value:
        raise refuse(
            f"{value!r} clones the same repository always",
            allowed="an address with {repository}, and {organization} where it is needed",
        )
    try:
        value.format(repository="r", organization="o")
    except (KeyError, ValueError, IndexError):
        raise refuse(f"{value!r} has other braces", allowed="{repository} and {organization}") from None
    return value


def _folder(value: str) -> str:
    if not _FOLDER.fullmatch(value):
        raise refuse(f"{value!r} is no folder below the home folder", allowed="like code or src/jobo")
    return value


def _extension(value: str) -> str:
    if not _EXTENSION.fullmatch(value):
        raise refuse(f"{value!r} is no extension of VS Code", allowed="publisher.name")
    return value


class WorkstationSettings(Section):
    """What every developer's machine has, whatever the team."""

    clone_url: Annotated[str, AfterValidator(_clone_url)] = Field(
        default="git@github.com:{organization}/{repository}.git",
        description="Where repositories are cloned from.",
    )
    code_folder: Annotated[str, AfterValidator(_folder)] = Field(
        default="code", description="Where clones go, below the home folder."
    )
    dotfiles_repository: str | None = Field(
        default=None, description="A Git repository of dotfiles; without one, the set that Palier brings."
    )
    dotfiles_version: str = Field(default="HEAD", min_length=1, description="Branch, tag or commit of it.")
    minimum_free_mb: int = Field(
        default=MINIMUM_FREE_MB, ge=100, description="Room without which nothing is begun."
    )
    # A Debian that updates itself at its first start holds them for a while.
    lock_wait_seconds: int = Field(
        default=LOCK_WAIT_SECONDS, ge=0, le=1800, description="How long to wait for who holds apt's locks."
    )
    aws_start_url: str | None = Field(
        default=None,
        pattern=r"^https://\S+$",
        description="The access portal of IAM Identity Center; without it no profile is written.",
    )
    editor_extensions: list[Annotated[str, AfterValidator(_extension)]] = Field(
        default=["editorconfig.editorconfig"], description="Extensions of VS Code, for every team."
    )
    editor_settings: dict[str, Any] = Field(
        default={
            "files.insertFinalNewline": True,
            "files.trimTrailingWhitespace": True,
            "editor.rulers": [110],
        },
        description="Settings of VS Code; what somebody has set themselves stays.",
    )
    devcontainer_image: str = Field(
        default="mcr.microsoft.com/devcontainers/base:bookworm",
        min_length=1,
        description="Image of the container in which the repositories open.",
    )
