"""Is this a working engine? Answered by running it: `pulumi version`, then its Python language host.

An engine without a Python host is of no use to us, and says so only in the middle of an `up`; so the
host is started here. It prints the port that it listens on as its first line, and is stopped then.
Both run with a Pulumi home of their own, so that the user's is neither read nor made.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from palier.engine.model import MINIMUM_VERSION, Refused, version_tuple

HOST = "pulumi-language-python"
PROBE_TIMEOUT_S = 30.0
"""Each of the two starts takes about 0.2 s; a cold 80 MB binary on a slow disk takes seconds."""


@dataclass(frozen=True)
class Probe:
    """What a working engine said: its version (no leading v) and where its Python host is."""

    version: str
    host: Path


def probe(command: Path, search_path: str | None = None) -> Probe:
    """Run `command` and its Python host; hosts are looked for beside it, then on `search_path`.

    `search_path` defaults to PATH; "" looks beside the command only. Raises Refused, with one reason.
    """
    version = _version(command)
    host = find_host(command, search_path)
    if host is None:
        raise Refused(
            f"pulumi {version} at {command} has no {HOST} beside it or on PATH",
            next_step=f"install the whole Pulumi release: {HOST} comes with it",
        )
    _start_host(host)
    return Probe(version, host)


def find_host(command: Path, search_path: str | None = None) -> Path | None:
    """The Python language host that this engine would find: beside it, beside its target, on PATH."""
    for folder in (command.parent, command.resolve().parent):
        if os.access(folder / HOST, os.X_OK):
            return folder / HOST
    found = shutil.which(HOST, path=search_path)
    return Path(found).absolute() if found else None


def _environment(home: str, first: Path) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    environment["PULUMI_HOME"] = home
    environment["PULUMI_SKIP_UPDATE_CHECK"] = "true"
    environment["PATH"] = f"{first}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return environment


def _version(command: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="palier-probe-") as home:
        try:
            answer = subprocess.run(
                [command, "version"],
                env=_environment(home, command.parent),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PROBE_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            raise Refused(f"{command} version did not answer within {PROBE_TIMEOUT_S:.0f} s") from None
        except OSError as error:
            raise Refused(f"{command} cannot be run: {error.strerror or error}") from None
    said = answer.stdout.strip()
    if answer.returncode != 0:
        why = (answer.stderr.strip() or said).splitlines()[-1:] or ["no message"]
        raise Refused(f"{command} version ended with code {answer.returncode}: {why[0]}")
    found, minimum = version_tuple(said), version_tuple(MINIMUM_VERSION)
    if found is None or minimum is None:
        raise Refused(f"{command} version says {said[:60]!r}, which is no version")
    if found < minimum:
        raise Refused(
            f"pulumi {said.removeprefix('v')} at {command} is older than {MINIMUM_VERSION}",
            next_step=f"upgrade it to {MINIMUM_VERSION} or later",
        )
    return said.removeprefix("v")


def _start_host(host: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="palier-probe-") as home:
        try:
            # The host wants its engine's address and prints its own port before it calls there.
            process = subprocess.Popen(
                [host, "127.0.0.1:1"],
                env=_environment(home, host.parent),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise Refused(f"{host} cannot be run: {error.strerror or error}") from None
        # A host that hangs without a word is killed, which ends the read below.
        watchdog = threading.Timer(PROBE_TIMEOUT_S, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            first_line = process.stdout.readline().strip()
        finally:
            watchdog.cancel()
            process.kill()
            process.communicate()
    if not first_line.isdigit():
        raise Refused(f"{host} does not start: it printed {first_line[:60]!r} where its port should be")
