"""Puts Palier's provider where the engine looks for plugins: in the local cloud's own Pulumi home.

The folder's version is the pulumi-aws of this Python environment, so that programs stay unmodified and the
engine says nothing. The user's own Pulumi home is never touched.
"""

from __future__ import annotations

import os
import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from palier.paths import local_dir

_NAME = "pulumi-resource-aws"


def pulumi_home() -> Path:
    """The local cloud's Pulumi home."""
    return local_dir() / "pulumi-home"


def plugin_path() -> Path:
    """The plugin's executable."""
    return pulumi_home() / "plugins" / f"resource-aws-v{version('pulumi-aws')}" / _NAME


def install() -> Path:
    """Write the executable, where it is not there or starts another Python; returns its path.

    Also reads the SDK's types and botocore's models once, so that no run pays for it.
    """
    path = plugin_path()
    script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m palier.local.provider "$@"\n'
    if not path.is_file() or path.read_text() != script:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(script)
        fresh.chmod(0o755)
        os.replace(fresh, path)
    _read_ahead(local_dir() / "schema")
    return path


def _read_ahead(folder: Path) -> None:
    from palier.local.provider import models, schema
    from palier.local.provider.table import entries

    schema.load(entries(), folder)
    models.write({entry.service for entry in entries().values()} | {"ec2", "sts"}, folder)
