"""A machine of its own for each test: a cache, a PATH, and fakes that behave as pulumi and go do."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SYSTEM_PATH = "/usr/bin:/bin"

FAKE_PULUMI = """\
    #!/bin/sh
    echo run >> "{calls}"
    echo "{says}"
    """

FAKE_HOST = """\
    #!/bin/sh
    echo {says}
    exec sleep 60
    """

# Behaves as the three go commands of a build do, and notes each call. FAKE_GO_WAIT names a file that
# `go list -deps` waits for; FAKE_GO_FAIL is what `go build` says before it fails.
FAKE_GO = """\
    #!{python}
    import json, os, pathlib, sys, time
    home = pathlib.Path({home!r})
    arguments = sys.argv[1:]
    with (home / "go-calls").open("a") as calls:
        calls.write(" ".join(arguments) + chr(10))
    if arguments[0] == "env":
        answer = dict(GOVERSION={version!r}, GOPROXY="https://modules.example")
        print(json.dumps(answer))
    elif arguments[:2] == ["list", "-deps"]:
        modules = pathlib.Path(os.environ["GOMODCACHE"])
        with (home / "go-calls").open("a") as calls:
            calls.write("resumed" + chr(10) if modules.exists() else "fresh" + chr(10))
        modules.mkdir(parents=True, exist_ok=True)
        (modules / "module").write_text("x" * 1000)
        print("go: downloading example v1.0.0", file=sys.stderr, flush=True)
        (home / "go-pid").write_text(str(os.getpid()))
        with (home / "go-pids").open("a") as pids:
            pids.write(str(os.getpid()) + chr(10))
        while os.environ.get("FAKE_GO_WAIT") and not os.path.exists(os.environ["FAKE_GO_WAIT"]):
            time.sleep(0.02)
        print("example/package")
    elif arguments[:2] == ["list", "-m"]:
        print(home / "sdk")
    elif arguments[0] == "build":
        print("example/package", file=sys.stderr)
        if os.environ.get("FAKE_GO_FAIL"):
            sys.exit(os.environ["FAKE_GO_FAIL"])
        target = pathlib.Path(arguments[arguments.index("-o") + 1])
        target.write_text((home / "made" / target.name).read_text())
        target.chmod(0o755)
    """


def write_program(path: Path, text: str) -> Path:
    """An executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    path.chmod(0o755)
    return path


@dataclass(frozen=True)
class Machine:
    """The folders of a test's machine, and what to put into them."""

    home: Path

    @property
    def bin(self) -> Path:
        """The first folder on PATH."""
        return self.home / "bin"

    @property
    def cache(self) -> Path:
        """The engine cache."""
        return self.home / "cache" / "engine"

    def pulumi(self, folder: Path | None = None, says: str = "v3.220.0", host: str | None = "41234") -> Path:
        """A pulumi that prints `says`, with a Python host that prints `host`, or without one."""
        folder = folder or self.bin
        if host is not None:
            write_program(folder / "pulumi-language-python", FAKE_HOST.format(says=host))
        script = FAKE_PULUMI.format(calls=self.home / "pulumi-calls", says=says)
        return write_program(folder / "pulumi", script)

    def pulumi_calls(self) -> int:
        """How often a fake pulumi was run."""
        calls = self.home / "pulumi-calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0

    def go(self, version: str = "go1.26.6") -> Path:
        """A go that builds working fakes."""
        self.pulumi(self.home / "made")
        for script in (
            "cmd/pulumi-language-python-exec",
            "dist/pulumi-analyzer-policy-python",
            "dist/pulumi-resource-pulumi-python",
        ):
            write_program(self.home / "sdk" / "python" / script, "#!/bin/sh\n")
        text = textwrap.dedent(FAKE_GO).format(python=sys.executable, home=str(self.home), version=version)
        return write_program(self.bin / "go", text)

    def go_calls(self, beginning: str) -> int:
        """How many noted lines of go begin so."""
        calls = self.home / "go-calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        return sum(line.startswith(beginning) for line in lines)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with nothing but the system's own programs."""
    (tmp_path / "bin").mkdir()
    for name in [name for name in os.environ if name.startswith(("PALIER_", "PULUMI_", "FAKE_GO"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PALIER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(tmp_path / "local"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{SYSTEM_PATH}")
    return Machine(tmp_path)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.02)
