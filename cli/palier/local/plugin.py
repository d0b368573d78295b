"""Puts Palier's providers where the engine looks for plugins: in the local cloud's own Pulumi home.

A folder's version is that of the package in this Python environment, so that programs stay unmodified and the
engine says nothing. The user's own Pulumi home is never touched.
"""

from __future__ import annotations

import os
import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from palier.paths import local_dir

# The package that a plugin serves, and the module that is its process.
MODULES = {"aws": "palier.local.provider", "github": "palier.local.github_provider"}


def pulumi_home() -> Path:
    """The local cloud's Pulumi home."""
    return local_dir() / "pulumi-home"


def plugin_path(package: str = "aws") -> Path:
    """The executable of a package's plugin."""
    folder = f"resource-{package}-v{version(f'pulumi-{package}')}"
    return pulumi_home() / "plugins" / folder / f"pulumi-resource-{package}"


def install() -> Path:
    """Write the executables that are not there or start another Python; returns that of `aws`.

    Also reads the SDK's types and botocore's models once, so that no run pays for it.
    """
    for package, module in MODULES.items():
        _write(plugin_path(package), module)
    _read_ahead(local_dir() / "schema")
    return plugin_path()


def _write(path: Path, module: str) -> None:
    script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n'
    if not path.is_file() or path.read_text() != script:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(script)
        fresh.chmod(0o755)
        os.replace(fresh, path)


def _read_ahead(folder: Path) -> None:
    from palier.local.provider import models, schema
    from palier.local.provider.table import entries

    schema.load(entries(), folder)
    models.write({entry.service for entry in entries().values()} | {"ec2", "sts"}, folder)
