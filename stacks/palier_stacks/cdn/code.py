"""The code of the CloudFront Functions: the files in `edge/` with the tables of the settings put in.

The files run as they stand in the runtime cloudfront-js-2.0; the tests run them in Node. CloudFront takes at
most 10,240 bytes of a function (CloudFront quotas), which is checked here, before anything is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from palier_stacks.cdn.places import REGIONS, countries

RUNTIME = "cloudfront-js-2.0"
MOST_BYTES = 10_240
_EDGE = Path(__file__).with_name("edge")
_PLACEHOLDER = "const TABLES = {};"


class CodeTooLong(ValueError):
    """A function beyond what CloudFront takes; `size_bytes` is how long it became."""

    def __init__(self, name: str, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        super().__init__(f"{name} would be {size_bytes} bytes, and CloudFront takes {MOST_BYTES}")


def viewer_request(home: str, drop: list[str], splits: list[dict[str, Any]]) -> str:
    """The code that normalises, splits and routes.

    `home`: the region whose origin is the distribution's own. `drop`: query parameters in small letters, `*`
    at the end for a prefix. `splits`: name, path, and of device, feature, origin, prefix those that are set.
    """
    tables = {
        "home": home,
        "drop": drop,
        "splits": splits,
        "regions": REGIONS,
        "countries": countries(),
    }
    return _code("viewer_request.js", tables)


def viewer_response(manifests: list[str], workers: list[str], scope: str) -> str:
    """The code that gives manifests and service workers their headers; a worker may control `scope`."""
    return _code("viewer_response.js", {"manifests": manifests, "workers": workers, "scope": scope})


def _code(name: str, tables: Mapping[str, Any]) -> str:
    source = (_EDGE / name).read_text(encoding="utf-8")
    before, placeholder, after = source.partition(_PLACEHOLDER)
    if not placeholder:
        raise AssertionError(f"{name} has no line {_PLACEHOLDER}")
    code = f"{_bare(before)}const TABLES = {json.dumps(tables, separators=(',', ':'))};{_bare(after)}"
    size = len(code.encode())
    if size > MOST_BYTES:
        raise CodeTooLong(name.removesuffix(".js").replace("_", "-"), size)
    return code


def _bare(source: str) -> str:
    """The source without indentation, empty lines and lines of comment, which count like any other byte."""
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"
