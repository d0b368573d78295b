"""Which machine: this one, or one that SSH reaches; and the inventory that tells Ansible of it."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from palier.errors import InputError

HERE = "localhost"
_HOST = re.compile(
    r"(?:(?P<user>[^@\s]+)@)?(?:\[(?P<six>[0-9A-Fa-f:]+)\]|(?P<host>[^@:\s\[\]]+))(?::(?P<port>\d{1,5}))?"
)


class Template(str):
    """A variable that Ansible is to fill in; every other one is taken as it stands."""


@dataclass(frozen=True)
class Target:
    """A machine. `user`, `port` and `key` are SSH's own defaults where they are None."""

    host: str
    user: str | None = None
    port: int | None = None
    key: Path | None = None

    @property
    def is_here(self) -> bool:
        """Whether it is this machine, reached without SSH; a user or a port asks for SSH."""
        return self.host == HERE and self.user is None and self.port is None

    @property
    def name(self) -> str:
        """For people, for the lock's file, and for --host again."""
        if self.is_here:
            return "this machine"
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{user}{host}{f':{self.port}' if self.port else ''}"

    @property
    def ssh(self) -> str:
        """The command by which a person reaches it."""
        user = f"{self.user}@" if self.user else ""
        key = ["-i", str(self.key)] if self.key else []
        port = ["-p", str(self.port)] if self.port else []
        return shlex.join(["ssh", *key, *port, f"{user}{self.host}"])

    def connection(self) -> dict[str, Any]:
        """Ansible's variables of how it is reached."""
        if self.is_here:
            return {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        found: dict[str, Any] = {"ansible_host": self.host}
        if self.user:
            found["ansible_user"] = self.user
        if self.port:
            found["ansible_port"] = self.port
        if self.key:
            found["ansible_ssh_private_key_file"] = str(self.key)
        return found


def parse(host: str | None, key: Path | None = None) -> Target:
    """The machine that --host names. Raises InputError for what names none."""
    if host is None or host == HERE:
        return Target(HERE)
    found = _HOST.fullmatch(host)
    port = int(found["port"]) if found and found["port"] else None
    name = (found["six"] or found["host"]) if found else ""
    if not name or name.startswith("-") or (port is not None and not 1 <= port <= 65535):
        raise InputError(
            f"{host!r} names no machine", key="--host", allowed="[USER@]HOST[:PORT], or localhost"
        )
    assert found is not None
    if (found["user"] or "").startswith("-"):
        raise InputError(f"{found['user']!r} is no user", key="--host", allowed="[USER@]HOST[:PORT]")
    if key is not None and not key.is_file():
        raise InputError("is no file", file=key, key="--key")
    # Ansible runs in a folder of its own.
    return Target(name, found["user"], port, key.absolute() if key else None)


def inventory(target: Target, variables: Mapping[str, Any]) -> str:
    """An inventory of one machine, in YAML."""
    machine = {**target.connection(), **variables}
    return yaml.dump({"all": {"hosts": {"machine": _marked(machine)}}}, Dumper=_Dumper, sort_keys=False)


class _Unsafe(str):
    """A string that Ansible must not take for a template: a name of the roster may hold braces."""


class _Dumper(yaml.SafeDumper):
    """YAML with Ansible's own tag for such strings."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))
_Dumper.add_representer(Template, lambda dumper, text: dumper.represent_str(str(text)))


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _marked(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(each) for each in value]
    if isinstance(value, Template):
        return value
    return _Unsafe(value) if isinstance(value, str) and "{" in value else value
