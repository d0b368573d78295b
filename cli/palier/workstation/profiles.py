"""What a machine gets by its team's tools: playbooks/profiles.yml and the locks beside it, read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from pydantic import Field

from palier.capacity.sections import Section

# What everybody's machine has, before the tools of a team.
EVERYBODYS = ("base", "containers")
VPN = "vpn"
NPM = "npm/"


class Tool(Section):
    """A command that must run. `locked` is a package of a lock, `npm/<package>` of npm's."""

    name: str
    command: str
    at_least: str | None = None
    locked: str | None = None


class Profile(Section):
    """What a profile brings."""

    description: str
    packages: list[str] = Field(default=[], description="Of the distribution, by Debian's names.")
    requirements: str | None = Field(default=None, description="A lock of requirements/.")
    links: dict[str, str] = Field(default={}, description="Commands, each a file of the environment.")
    npm: dict[str, str] = Field(default={}, description="Commands, each of npm/'s packages.")
    pulumi: bool = False
    completions: dict[str, str] = Field(default={}, description="Commands, each with what prints bash's.")
    extensions: list[str] = Field(default=[], description="Of VS Code.")
    feature: str | None = Field(default=None, description="Of a devcontainer, at its major version.")
    tools: list[Tool]


def folder() -> Path:
    """The folder of the playbooks."""
    from palier_playbooks import FOLDER

    return FOLDER


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile by its name, in the file's order."""
    import yaml

    read = yaml.safe_load((folder() / "profiles.yml").read_text(encoding="utf-8"))
    return {name: Profile.model_validate(value) for name, value in read.items()}


def names(tools: Iterable[str], *, vpn: bool) -> list[str]:
    """The profiles of a machine: everybody's, the VPN's where there is one, then the team's."""
    return list(dict.fromkeys([*EVERYBODYS, *([VPN] if vpn else []), *tools]))


@cache
def locked_version(package: str) -> str:
    """The version of a package in the locks; the engine's for `pulumi`."""
    from palier.engine.model import ENGINE_VERSION

    if package == "pulumi":
        return ENGINE_VERSION
    if package.startswith(NPM):
        lock = json.loads((folder() / "npm/package-lock.json").read_text(encoding="utf-8"))
        return str(lock["packages"][f"node_modules/{package.removeprefix(NPM)}"]["version"])
    for file in sorted((folder() / "requirements").glob("*.txt")):
        if found := re.search(
            rf"^{re.escape(package)}==(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            return found[1]
    raise KeyError(package)
