"""A machine of a test's own: its folders, its local cloud, a copy of the platform, and the real `palier`."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import yaml
from palier.engine import find_engine

ROOT = Path(__file__).resolve().parents[3]
STACKS, POLICIES = ROOT / "stacks", ROOT / "policies"
MARK = "PALIER_TEST_MACHINE"
REGION = "eu-west-3"
SECONDS = 240  # that a command may take on a busy machine; a quiet one takes a tenth
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Both streams."""
        return self.out + self.err

    @property
    def json(self) -> Any:
        """What stdout holds."""
        return json.loads(self.out)


@dataclass
class Machine:
    """Everything that `palier` writes goes below `root`; every process it starts carries a mark."""

    root: Path
    port: int = 0
    more: dict[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        for project in STACKS.glob("*/Pulumi.yaml"):
            target = self.platform / "stacks" / project.parent.name
            target.mkdir(parents=True)
            for name in (project.name, "Pulumi.local.yaml", "__main__.py"):
                shutil.copy(project.with_name(name), target / name)
        for pack in POLICIES.glob("*/PulumiPolicy.yaml"):
            target = self.platform / "policies" / pack.parent.name
            target.mkdir(parents=True)
            for name in (pack.name, "__main__.py"):
                shutil.copy(pack.with_name(name), target / name)

    @property
    def local(self) -> Path:
        """The folder of the local cloud."""
        return self.root / "local"

    @property
    def platform(self) -> Path:
        """The copy of the platform, whose settings may be changed."""
        return self.root / "platform"

    @property
    def endpoint(self) -> str:
        """The local cloud's address."""
        return f"http://127.0.0.1:{self.port}"

    def variables(self, **more: str) -> dict[str, str]:
        """The environment of a user of this machine: the tester's, without what would leak in from there."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PULUMI_", "PALIER_LOCAL", "PALIER_PLATFORM"))
            # Each local folder would compile all of the SDK again, which takes longer than any test here.
            and name != "PYTHONDONTWRITEBYTECODE"
        }
        ours = {
            "PALIER_LOCAL_DIR": str(self.local),
            "PALIER_LOCAL_PORT": str(self.port),
            "PALIER_PLATFORM_DIR": str(self.platform),
            "PALIER_PRICES_DIR": str(self.root / "prices"),
            MARK: self.mark,
        }
        return {**kept, **ours, **self.more, **more}

    def palier(self, *arguments: str, code: int | None = 0, **variables: str) -> Said:
        """Run `palier`; asserts its exit code (None: any) and that nobody sees a traceback."""
        process = self.start(*arguments, **variables)
        try:
            out, err = process.communicate(timeout=SECONDS)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        said = Said(process.returncode, out, err)
        assert "Traceback" not in said.text, said.text
        if code is not None:
            assert said.code == code, f"palier {' '.join(arguments)}: exit {said.code}\n{said.text}"
        return said

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start `palier` and let it run."""
        return subprocess.Popen(
            [palier_command(), *arguments],
            cwd=self.platform if self.platform.is_dir() else self.root,
            env=self.variables(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pulumi(self, phase: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Plain pulumi, with the environment that `palier local env` prints."""
        engine = find_engine()
        assert engine is not None
        printed = self.palier("local", "env").out
        lines = [line.removeprefix("export ") for line in printed.splitlines() if line.startswith("export ")]
        local = {name: value.strip("'\"") for name, _, value in (line.partition("=") for line in lines)}
        return subprocess.run(
            [str(engine.command), *arguments, "--stack", "local", "--non-interactive"],
            cwd=self.platform / "stacks" / phase,
            env={**self.variables(), **local, **variables},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def settings(self, phase: str, environment: str = "local") -> Path:
        """The phase's settings file."""
        return self.platform / "stacks" / phase / f"Pulumi.{environment}.yaml"

    def set(self, phase: str, section: str, **values: object) -> None:
        """Set settings of a section of a phase, `<phase>:<section>` in its file."""
        file = self.settings(phase)
        content = yaml.safe_load(file.read_text())
        content["config"].setdefault(f"{phase}:{section}", {}).update(values)
        file.write_text(yaml.safe_dump(content, sort_keys=False))

    def aws(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of the local cloud, as any user makes one."""
        import boto3

        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id="palierlocal",
            aws_secret_access_key="palierlocal",
        )

    def ask(self, path: str) -> Any:
        """Ask the emulator's own interface."""
        with _OPENER.open(f"{self.endpoint}/palier-api/{path}", timeout=60) as answer:
            return json.loads(answer.read())

    def mutations(self) -> int:
        """How many requests have changed something in the local cloud, ever."""
        return int(self.ask("health")["mutations"])

    def state(self, phase: str, environment: str = "local") -> dict[str, Any]:
        """A stack's deployment in the file backend; empty where there is none."""
        file = self.local / "backend" / ".pulumi" / "stacks" / phase / f"{environment}.json"
        if not file.is_file():
            return {}
        deployment: dict[str, Any] = json.loads(file.read_text())["checkpoint"].get("latest") or {}
        return deployment

    def pending(self, phase: str) -> list[str]:
        """URNs of the operations that the state calls pending."""
        operations = self.state(phase).get("pending_operations") or []
        return [operation["resource"]["urn"] for operation in operations]

    def locks(self) -> list[Path]:
        """The engine's lock files."""
        return list((self.local / "backend" / ".pulumi" / "locks").rglob("*.json"))

    def fingerprint(self) -> dict[str, str]:
        """The states, locks and settings by path: what bad input may not change."""
        roots = (self.local / "backend" / ".pulumi" / "stacks", self.local / "backend" / ".pulumi" / "locks")
        files = [file for root in (*roots, self.platform) for file in sorted(root.rglob("*"))]
        return {str(file): file.read_text() for file in files if file.is_file() and file.suffix != ".pyc"}

    def emulator_pid(self) -> int:
        """The pid of the local cloud."""
        return int(json.loads((self.local / "emulator" / "emulator.pid").read_text())["pid"])

    def processes(self) -> dict[int, str]:
        """Pid and command line of all that carries this machine's mark and lives."""
        return processes({MARK: self.mark})

    def left_running(self) -> dict[int, str]:
        """What still runs of this machine beside the local cloud."""
        return {pid: line for pid, line in self.processes().items() if "palier.local.emulator" not in line}

    def end(self) -> None:
        """End everything of this machine, by pid."""
        kill(self.processes())


@dataclass(frozen=True)
class Platform:
    """A platform that `palier up --through replicas` brought up, what that said, and what stood then."""

    machine: Machine
    said: Said
    census: Counter[str]


def palier_command() -> str:
    """The `palier` of the environment that runs the tests."""
    return str(Path(sys.executable).with_name("palier"))


def processes(variables: Mapping[str, str]) -> dict[int, str]:
    """The living processes that have these environment variables."""
    wanted = {f"{name}={value}".encode() for name, value in variables.items()}
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = wanted <= set((folder / "environ").read_bytes().split(b"\0"))
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # ended meanwhile, or another user's
            continue
        if ours and state not in "ZX":
            found[int(folder.name)] = line
    return found


def kill(pids: Mapping[int, str] | list[int]) -> None:
    """SIGKILL each; one that has ended is fine."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def until(done: Callable[[], object], what: str, seconds: float = 60.0, every: float = 0.01) -> None:
    """Wait for something; AssertionError where it does not come."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for: {what}"
        time.sleep(every)


def free_port() -> int:
    """A loopback port that nobody has just now, and that no outgoing connection is given meanwhile."""
    while True:
        port = random.randrange(20000, 32000)  # below the ports that Linux gives away
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
