"""What pulumi-aws's own Python SDK says of a resource type: its inputs, outputs and their kinds.

A wrong kind (a list where a mapping is wanted) kills the program without naming the property and stays in
the state, so every output is held against these kinds before it leaves. Reading the SDK's classes costs
tenths of a second a module; the plugin's start must not pay it, so the kinds are written once to a JSON
file by SDK version, and read from there.

A kind is "string", "integer", "number", "boolean", "any", ["list", kind], ["map", kind] or
["object", {property: kind}]. An object inside one of its own class (a firewall's statement in a statement) is
["again", n] in the file, n objects from the outermost, and the very same object once it is read.
"""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from palier.local.provider.errors import ProviderError

Kind = Any  # recursive: str | list[str | Kind | dict[str, Kind]]

_SCALARS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True)
class TypeSchema:
    """One resource type: kinds of its inputs and of all its properties, and which inputs are required."""

    inputs: Mapping[str, Kind]
    properties: Mapping[str, Kind]
    required: frozenset[str]


def load(tokens: Iterable[str], folder: Path) -> dict[str, TypeSchema]:
    """The schemas of `tokens`, from the cache in `folder` or, the first time, from the SDK's classes."""
    wanted = sorted(tokens)
    found = cached(wanted, folder)
    if found is None:
        _describe_apart(wanted, _path(folder))
        found = cached(wanted, folder)
        assert found is not None, "what has just been written can be read"
    return found


def cached(tokens: Iterable[str], folder: Path) -> dict[str, TypeSchema] | None:
    """The schemas of `tokens` from the cache in `folder`; None where one is missing."""
    known = _read(_path(folder))
    if not set(tokens) <= known.keys():
        return None
    for entry in known.values():
        if entry.get("again"):
            for kinds in (entry["inputs"], entry["properties"]):
                kinds.update({key: _joined(kind) for key, kind in kinds.items()})
    return {
        token: TypeSchema(entry["inputs"], entry["properties"], frozenset(entry["required"]))
        for token, entry in known.items()
    }


def _joined(kind: Kind, within: tuple[Kind, ...] = ()) -> Kind:
    """`kind` with each ["again", n] in it replaced by the object that it means."""
    if isinstance(kind, str):
        return kind
    name, inner = kind
    if name == "again":
        return within[inner]
    if name == "object":
        inner.update({key: _joined(item, (*within, kind)) for key, item in inner.items()})
    else:
        kind[1] = _joined(inner, within)
    return kind


def _describe_apart(tokens: list[str], path: Path) -> None:
    """Have a process of its own write the schemas of `tokens`.

    One file of `pulumi_aws.ec2` costs little to import, the package with its hundreds of files a lot; but
    the file alone leaves the lazily loaded package empty for whoever uses it later in the same process.
    """
    command = [sys.executable, "-W", "ignore", "-m", __spec__.name, str(path)]
    done = subprocess.run(command, input="\n".join(tokens), capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ProviderError(f"the types of pulumi-aws {version('pulumi-aws')} can't be read: {last}")


def _path(folder: Path) -> Path:
    return folder / f"pulumi-aws-{version('pulumi-aws')}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        return typing.cast(dict[str, Any], json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as handle:
        json.dump(content, handle, separators=(",", ":"))
    os.replace(handle.name, path)


def _describe(token: str) -> dict[str, Any]:
    """Read one type off its SDK classes: `X`, `XArgs` and `_XState` of `pulumi_aws.<module>.<file>`."""
    from pulumi._types import resource_types

    _, path, name = token.split(":")
    package, file = path.split("/")
    module = importlib.import_module(f"pulumi_aws.{package}.{_snake(file)}")
    # `XInitArgs` where `XArgs` is taken by a nested input of the same name (s3.BucketVersioning).
    args = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")
    resource = getattr(module, name)
    properties = {key: _kind(kind) for key, kind in resource_types(resource).items()}
    names = {key: getattr(value.fget, "_pulumi_name", key) for key, value in _python_properties(args)}
    parameters = inspect.signature(args.__init__).parameters
    required = [names[key] for key, parameter in parameters.items() if _is_required(key, parameter)]
    inputs = {names[key]: properties.get(names[key], "any") for key in names}
    again = any('["again",' in json.dumps(kinds) for kinds in (inputs, properties))
    return {"inputs": inputs, "properties": properties, "required": required, "again": again}


def _python_properties(args: type) -> list[tuple[str, property]]:
    return [(key, value) for key, value in vars(args).items() if isinstance(value, property)]


def _is_required(key: str, parameter: inspect.Parameter) -> bool:
    return key != "__self__" and parameter.default is inspect.Parameter.empty


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _kind(annotation: Any, within: tuple[type, ...] = ()) -> Kind:
    """The kind of an annotation inside objects of the classes `within`, outermost first."""
    from pulumi._types import output_type_types, unwrap_type

    plain = unwrap_type(annotation)
    if plain in _SCALARS:
        return _SCALARS[plain]
    origin, arguments = typing.get_origin(plain), typing.get_args(plain)
    if origin in (collections.abc.Sequence, list):
        return ["list", _kind(arguments[0], within)]
    if origin in (collections.abc.Mapping, dict):
        return ["map", _kind(arguments[1], within)]
    if isinstance(plain, type) and issubclass(plain, dict) and plain is not dict:
        if plain in within:
            return ["again", within.index(plain)]
        inside = (*within, plain)
        return ["object", {key: _kind(kind, inside) for key, kind in output_type_types(plain).items()}]
    return "any"


if __name__ == "__main__":
    _write(Path(sys.argv[1]), {token: _describe(token) for token in sys.stdin.read().split()})
