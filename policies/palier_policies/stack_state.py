"""What stands and what the platform is, for a pack's process.

Pulumi shows a policy only what is planned (pulumi-policy#154). What stands is read beside it: from the file
that `palier` names, or else from the engine's own `stack export`, begun while the program still starts.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from palier.errors import InputError, OperationError

from palier_policies.resources import Resource, of_entries

if TYPE_CHECKING:
    from palier.capacity.platform_file import Loaded

STATE_VARIABLE = "PALIER_STANDING_STATE"
PLATFORM_VARIABLE = "PALIER_PLATFORM_FILE"
STACK = "pulumi:pulumi:Stack"
_SECONDS = 60.0


class NoSuchStack(OperationError):
    """There is no stack of that name."""


class Standing:
    """What stands of one stack; reading begins when it is made, and is waited for when it is asked."""

    def __init__(self, organization: str, project: str, stack: str) -> None:
        parts = [organization or "organization", project, stack]
        self._name = "/".join(parts)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="standing")
        self._read: Future[list[Resource]] = self._pool.submit(self._resources)
        self._pool.shutdown(wait=False)

    def resources(self) -> Sequence[Resource]:
        """The resources that stand. Raises PalierError."""
        return self._read.result()

    def _resources(self) -> list[Resource]:
        if named := os.environ.get(STATE_VARIABLE):
            return _entries(_load(Path(named)), named)
        return _entries(_exported(self._name), f"the state of {self._name}")


@cache
def outputs_of(organization: str, project: str, stack: str) -> Mapping[str, Any] | None:
    """What another stack exports now; None where there is no such stack. Raises PalierError."""
    name = "/".join([organization or "organization", project, stack])
    try:
        resources = _entries(_exported(name), f"the state of {name}")
    except NoSuchStack:
        return None
    return next((each.outputs for each in resources if each.type == STACK), None)


def _load(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file, key=STATE_VARIABLE) from None


def _exported(name: str) -> str:
    command = ["pulumi", "--non-interactive", "stack", "export", "--stack", name]
    variables = {key: value for key, value in os.environ.items() if key != "PULUMI_DEBUG_COMMANDS"}
    try:
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise _failed(name, "there is no pulumi on PATH") from None
    except subprocess.TimeoutExpired:
        raise _failed(name, f"no answer within {_SECONDS:.0f} s") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        if "no stack named" in last:
            raise NoSuchStack(f"there is no stack {name}")
        raise _failed(name, last.removeprefix("error: "))
    return done.stdout


def _failed(name: str, why: str) -> OperationError:
    return OperationError(
        f"what stands of {name} cannot be read: {why}",
        next_step=f"pulumi stack export --stack {name} > FILE; {STATE_VARIABLE}=FILE",
    )


def _entries(text: str, where: str) -> list[Resource]:
    try:
        document: dict[str, Any] = json.loads(text)
        deployment = document["deployment"] or {}
        return [
            each
            for each in of_entries(deployment.get("resources") or [])
            if each.custom or each.type == STACK
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError("not what `pulumi stack export` writes", file=where) from None


def platform() -> Loaded:
    """The platform: the palier.yaml that `PALIER_PLATFORM_FILE` names, or the nearest at or above the pack.

    Raises PalierError.
    """
    from palier.capacity.platform_file import load

    named = os.environ.get(PLATFORM_VARIABLE)
    return load(Path(named).expanduser() if named else None)
