"""Where a phase runs: the local cloud, or an environment of the user's own.

`local` sees the local cloud and nothing of the user's AWS or Pulumi settings. Any other environment is the
user's own: their variables, PULUMI_HOME and backend are passed on as they are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from palier.console import Reporter
from palier.phases.catalog import check_environment
from palier.phases.runs import LOCAL

if TYPE_CHECKING:
    from palier.engine.model import Engine


@dataclass(frozen=True)
class Environment:
    """An environment that is ready for the engine.

    `variables` is all the engine's process gets; `endpoint` is the local cloud's address, None elsewhere.
    `command` is the path of the engine, `engine_version` its version. `emptied`: the local cloud has nothing
    in its journal, so that no state can be right about it.
    """

    name: str
    variables: Mapping[str, str]
    command: Path
    engine_version: str
    endpoint: str | None = None
    emptied: bool = False

    @property
    def is_local(self) -> bool:
        """Whether this is the local cloud."""
        return self.name == LOCAL


def prepare(name: str, report: Reporter, *, cloud: bool = True) -> Environment:
    """Make an environment ready: an engine, and for `local` (unless `cloud` is false) a running local cloud.

    Raises what getting the engine and starting the local cloud raise.
    """
    check_environment(name)
    engine = _engine(report)
    if name == LOCAL:
        from palier.local.layout import layout

        running = _local_cloud(report) if cloud else _configured()
        layout().backend.mkdir(parents=True, exist_ok=True, mode=0o700)  # the engine wants it to be there
        return _local(running, engine.bin, engine.command, engine.version)
    first = [str(Path(sys.prefix) / "bin"), str(engine.bin)]
    rest = [entry for entry in os.environ.get("PATH", "").split(os.pathsep) if entry and entry not in first]
    variables = {
        **os.environ,
        "PATH": os.pathsep.join([*first, *rest]),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    return Environment(name, variables, engine.command, engine.version)


def to_look_at(name: str, report: Reporter) -> Environment:
    """An environment whose states are only to be read: the local one needs neither engine nor cloud."""
    if check_environment(name) == LOCAL:
        return _local(_configured(), None, Path("pulumi"), "0.0.0")
    return prepare(name, report)


def _local(cloud: _Cloud, engine_bin: Path | None, command: Path, version: str) -> Environment:
    from palier.local.environment import local_env

    variables = local_env(os.environ, cloud, engine_bin)
    return Environment(LOCAL, variables, command, version, cloud.endpoint, cloud.emptied)


@dataclass(frozen=True)
class _Cloud:
    endpoint: str
    region: str
    emptied: bool = False


def _configured() -> _Cloud:
    """Where the local cloud would be: nobody asks it anything."""
    from palier.local.layout import DEFAULT_REGION, endpoint, port

    return _Cloud(endpoint(port()), DEFAULT_REGION)


def _engine(report: Reporter) -> Engine:
    from palier.engine import ensure_engine, find_engine

    return find_engine() or ensure_engine(report)


def _local_cloud(report: Reporter) -> _Cloud:
    """The running local cloud; started where it does not run, with a word where it had died.

    One question on loopback when all is well: `cloud.start` would count what stands, which a phase
    command has no need of.
    """
    from palier.local import client, cloud, layout, pidfile

    place = layout.layout()
    record = pidfile.read(place.pid_file)
    if record is not None and record.alive():
        address = layout.endpoint(record.port)
        try:
            health = client.ask(address, "health", timeout_seconds=5.0)
            if health.get("pid") == record.pid and health["ready"]:
                return _Cloud(address, record.region, emptied=health["mutations"] == 0)
        except client.Unreachable:
            report.line("The local cloud runs but does not answer; waiting for it")
    elif place.pid_file.exists():
        report.warn("the local cloud had died; starting it again from its journal")
    status = cloud.start(report)
    return _Cloud(status.endpoint, status.region, emptied=status.mutations == 0)
