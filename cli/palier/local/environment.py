"""The environment in which the engine and any AWS client see the local cloud and nothing else.

A rehearsal must never reach a real account. So nothing of the user's AWS or Pulumi settings is passed on:
every `AWS_*` and `PULUMI_*` variable is dropped before our own are set, the shared files point at nothing,
and loopback is taken out of any proxy's way.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from palier.local.layout import ACCESS_KEY, WORKPLACE_TOKENS, layout

PASSPHRASE = "palier-local"  # the local cloud holds no real secret; encryption there only keeps the format
DROPPED_PREFIXES = ("AWS_", "PULUMI_", "BOTO_", "GITHUB_", "GH_", "SLACK_")


class Cloud(Protocol):
    """What of the local cloud matters here; `palier.local.cloud.Status` is one."""

    @property
    def endpoint(self) -> str:
        """Base address of the emulator."""

    @property
    def region(self) -> str:
        """Region for clients that are told none."""


def local_env(base: Mapping[str, str], cloud: Cloud, engine_bin: Path | str | None) -> dict[str, str]:
    """The environment for everything that runs against the local cloud.

    `base` is the environment to start from (not changed), `engine_bin` the folder of the Pulumi engine,
    None where the one on PATH serves. Pure: reads no file, asks no network.
    """
    place = layout()
    kept = {name: value for name, value in base.items() if not name.startswith(DROPPED_PREFIXES)}
    bypass = _bypassing(base)
    return (
        kept
        | _bytecode(base)
        | {
            "PULUMI_HOME": str(place.pulumi_home),
            "PULUMI_BACKEND_URL": f"file://{place.backend}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # The engine asks pip what is installed, and pip would look for a newer pip: on the network.
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "PALIER_LOCAL_ENDPOINT": cloud.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            "AWS_REGION": cloud.region,
            "AWS_DEFAULT_REGION": cloud.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            **WORKPLACE_TOKENS,
            "GITHUB_BASE_URL": f"{cloud.endpoint}/github/",
            "PALIER_SLACK_URL": f"{cloud.endpoint}/slack/api/",
            "PALIER_SLACK_SCIM_URL": f"{cloud.endpoint}/slack/scim/v2/",
            "NO_PROXY": bypass,
            "no_proxy": bypass,
            "PATH": _path(base.get("PATH", ""), engine_bin),
        }
    )


def _bytecode(base: Mapping[str, str]) -> dict[str, str]:
    """Where Python may write no bytecode, every run compiles all that program and provider import, which
    takes longer than the run; so it goes to a folder of ours instead of beside the sources."""
    if not base.get("PYTHONDONTWRITEBYTECODE"):
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(layout().root / "bytecode")}


def exports(base: Mapping[str, str], cloud: Cloud, engine_bin: Path | str | None) -> list[str]:
    """Shell lines that turn a shell with environment `base` into one for the local cloud.

    Every variable of ours is set even where it stands already, so that the lines may be kept and sourced
    later; what must not be there is unset.
    """
    wanted = local_env(base, cloud, engine_bin)
    unset = [f"unset {name}" for name in sorted(base) if name not in wanted]
    ours = sorted(
        name for name in wanted if base.get(name) != wanted[name] or name.startswith(DROPPED_PREFIXES)
    )
    return [*unset, *(f"export {name}={shlex.quote(wanted[name])}" for name in ours)]


def changes(base: Mapping[str, str], cloud: Cloud, engine_bin: Path | str | None) -> dict[str, str | None]:
    """The same for machines: variable to value, or to None where it must be unset."""
    wanted = local_env(base, cloud, engine_bin)
    gone: dict[str, str | None] = {name: None for name in sorted(base) if name not in wanted}
    return gone | {
        name: value
        for name, value in sorted(wanted.items())
        if base.get(name) != value or name.startswith(DROPPED_PREFIXES)
    }


def _bypassing(base: Mapping[str, str]) -> str:
    """NO_PROXY with loopback in it, and with whatever the user already bypasses."""
    said = ",".join(base[name] for name in ("NO_PROXY", "no_proxy") if base.get(name))
    hosts = [host.strip() for host in said.split(",") if host.strip()]
    return ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))


def _path(path: str, engine_bin: Path | str | None) -> str:
    """PATH with the virtual environment's programs first, then the engine's.

    The engine starts `python` and the language host from PATH; the host knows no virtualenv option.
    """
    first = [str(Path(sys.prefix) / "bin"), *([str(engine_bin)] if engine_bin else [])]
    rest = [entry for entry in path.split(os.pathsep) if entry and entry not in first]
    return os.pathsep.join([*first, *rest])
