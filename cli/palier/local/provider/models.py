"""botocore's service models, cut down to the operations that the table's functions name.

EC2's model alone is 6 MB of JSON; parsing eleven models took 0.4 s of every run that asks AWS anything. The
cut models are written once beside the types (`palier local start`), for the installed botocore. An operation
that is missing there is taken from the whole model, which costs time and nothing else.
"""

from __future__ import annotations

import ast
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

_SOURCES = Path(__file__).parent
_DROPPED = frozenset({"documentation", "documentationUrl"})


def load(service: str, folder: Path) -> Any:
    """The cut model of `service`, or the whole one where none has been written."""
    from botocore.model import ServiceModel

    try:
        content = json.loads(_path(folder, service).read_text())
    except (OSError, ValueError):
        return whole(service)
    return ServiceModel(content, service)


def whole(service: str) -> Any:
    """botocore's own model of `service`."""
    from botocore.loaders import create_loader
    from botocore.model import ServiceModel

    return ServiceModel(create_loader().load_service_model(service, "service-2"), service)


def write(services: set[str], folder: Path) -> None:
    """Write the cut models of `services` into `folder`, where they are missing or older than the sources."""
    newest = max(path.stat().st_mtime for path in _SOURCES.rglob("*.py"))
    stale = [name for name in sorted(services) if _age(_path(folder, name)) < newest]
    if not stale:
        return
    from botocore.loaders import create_loader

    named, prefixes = _named()
    for service in stale:
        model = create_loader().load_service_model(service, "service-2")
        wanted = {name for name in model["operations"] if name in named or name.startswith(prefixes)}
        _write(_path(folder, service), _cut(model, wanted))


def _age(path: Path) -> float:
    return path.stat().st_mtime if path.is_file() else 0.0


def _path(folder: Path, service: str) -> Path:
    return folder / f"botocore-{version('botocore')}" / f"{service}.json"


def _named() -> tuple[frozenset[str], tuple[str, ...]]:
    """The texts in the provider's sources, one of which may be an operation; beginnings of composed ones."""
    texts: set[str] = set()
    beginnings: set[str] = set()
    for path in _SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    # A beginning shorter than an operation's verb says nothing ("a", "Tag" does).
    return frozenset(texts), tuple(text for text in beginnings if text.isidentifier() and text[:1].isupper())


def _cut(model: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    operations = {name: model["operations"][name] for name in sorted(wanted)}
    shapes: dict[str, Any] = {}
    waiting = [name for operation in operations.values() for name in _references(operation)]
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += _references(shapes[name])
    kept = {key: value for key, value in model.items() if key not in ("operations", "shapes")}
    cut: dict[str, Any] = _bare({**kept, "operations": operations, "shapes": shapes})
    return cut


def _references(node: Any) -> Iterator[str]:
    """The names of the shapes that a part of a model refers to."""
    if isinstance(node, Mapping):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _bare(node: Any) -> Any:
    """Without the documentation (a text; a member of that name is a mapping and stays)."""
    if isinstance(node, Mapping):
        return {
            key: _bare(value)
            for key, value in node.items()
            if not (key in _DROPPED and isinstance(value, str))
        }
    return [_bare(item) for item in node] if isinstance(node, list) else node


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as handle:
        json.dump(content, handle, separators=(",", ":"))
    os.replace(handle.name, path)
