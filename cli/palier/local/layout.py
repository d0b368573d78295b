"""Where the local cloud keeps its things, and where it listens.

One home for these facts, because three parties need the same ones: the commands, the emulator's own
process, and the tests. Nothing here imports moto or boto3.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from palier import paths
from palier.errors import InputError

PORT_VARIABLE = "PALIER_LOCAL_PORT"
DEFAULT_PORT = 4790  # unassigned at IANA; above the well-known ports, below the ephemeral range
DEFAULT_REGION = "eu-west-3"  # Paris: where the platform of the source document runs
ACCOUNT_ID = "123456789012"  # moto's own default account; never a real one
# Of the local cloud's GitHub and Slack; what any of them opens is on loopback.
WORKPLACE_TOKENS = {
    "GITHUB_TOKEN": "palier-local-admin",
    "SLACK_BOT_TOKEN": "xoxb-palier-local",
    "SLACK_ADMIN_TOKEN": "xoxp-palier-local-admin",
}
ACCESS_KEY = "palierlocal"  # key id and secret: not of a shape that AWS would ever issue


@dataclass(frozen=True)
class Layout:
    """The folders and files of one local cloud, below `root`."""

    root: Path

    @property
    def emulator(self) -> Path:
        """The emulator's own folder."""
        return self.root / "emulator"

    @property
    def pid_file(self) -> Path:
        """Who runs: written by the emulator itself, removed when it stops in good order."""
        return self.emulator / "emulator.pid"

    @property
    def log(self) -> Path:
        """What the emulator says; rotated."""
        return self.emulator / "emulator.log"

    @property
    def crash_log(self) -> Path:
        """What the interpreter says when the emulator cannot even log; emptied at each start."""
        return self.emulator / "crash.log"

    @property
    def journal(self) -> Path:
        """Every request that changed something; replayed at start."""
        return self.emulator / "journal.jsonl"

    @property
    def start_lock(self) -> Path:
        """Held by whoever starts, stops or resets the emulator."""
        return self.emulator / "start.lock"

    @property
    def run_lock(self) -> Path:
        """Held by the emulator as long as it lives: two may never write one journal."""
        return self.emulator / "run.lock"

    @property
    def pulumi_home(self) -> Path:
        """PULUMI_HOME of local mode: the user's own is never touched."""
        return self.root / "pulumi-home"

    @property
    def backend(self) -> Path:
        """State of the Pulumi stacks of the local cloud."""
        return self.root / "backend"

    @property
    def roster(self) -> Path:
        """The rehearsal's copy of the roster, which onboarding writes to."""
        return self.root / "roster"

    @property
    def runs(self) -> Path:
        """Records of running engines."""
        return self.root / "runs"

    def make(self) -> None:
        """Create the folders that must be there, for this user alone; the engine makes no backend itself."""
        for folder in (self.root, self.emulator, self.backend):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def layout() -> Layout:
    """The layout below `palier.paths.local_dir()`."""
    return Layout(paths.local_dir())


def port() -> int:
    """The port to listen on: `PALIER_LOCAL_PORT`, or 4790. Raises InputError for what is not a port."""
    text = os.environ.get(PORT_VARIABLE)
    if text is None or not text.strip():
        return DEFAULT_PORT
    if not text.strip().isdigit() or not 1024 <= int(text) <= 65535:
        raise InputError(f"not a port: {text!r}", key=PORT_VARIABLE, allowed="1024 to 65535")
    return int(text)


def endpoint(port_number: int) -> str:
    """The address of an emulator on `port_number`; always loopback."""
    return f"http://127.0.0.1:{port_number}"
