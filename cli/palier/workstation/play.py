"""One run of a playbook on one machine, by ansible-runner, told as it goes."""

from __future__ import annotations

import math
import os
import shlex
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palier.console import Reporter, Step
from palier.errors import OperationError
from palier.paths import onboarding_dir
from palier.workstation.events import Listener, Record
from palier.workstation.profiles import folder
from palier.workstation.target import Target, inventory

_PASSWORD_PROMPT = r"^BECOME password.*:\s*?$"


@dataclass(frozen=True)
class Play:
    """A playbook to run. `check`: look only, with differences. `limit_seconds` ends it.

    `environment` is the one whose folder keeps the host keys of machines that were met.
    """

    playbook: str
    target: Target
    variables: Mapping[str, Any]
    environment: str
    check: bool = False
    tags: Sequence[str] = ()
    become_password: str | None = None
    limit_seconds: float | None = None


def run(play: Play, report: Reporter) -> Record:
    """Run it. Raises OperationError where Ansible is not installed; what a task says is in the record."""
    _need_ansible(play.target)
    import ansible_runner

    with tempfile.TemporaryDirectory(prefix="palier-ansible-") as scratch, ExitStack() as held:
        place = Path(scratch)
        hosts = place / "hosts.yml"
        hosts.write_text(inventory(play.target, play.variables), encoding="utf-8")
        (place / "env").mkdir()
        # How often it looks whether it was cancelled or its time is up, in seconds: read of a file only.
        (place / "env/settings").write_text('{"pexpect_timeout": 1}', encoding="utf-8")
        progress = _Progress(report, held)
        listener = Listener(progress.began)
        cancelled = held.enter_context(_interrupted())
        result = ansible_runner.run(
            private_data_dir=scratch,
            project_dir=str(folder()),
            playbook=str(folder() / play.playbook),
            inventory=str(hosts),
            envvars=_environment(place, play.environment),
            cmdline=_options(play),
            passwords={_PASSWORD_PROMPT: play.become_password} if play.become_password is not None else None,
            suppress_env_files=True,  # the password would be written to a file
            timeout=math.ceil(play.limit_seconds) if play.limit_seconds else None,
            event_handler=listener.hear,
            cancel_callback=cancelled.is_set,
            quiet=True,
        )
        progress.ended(result.rc == 0)
        record = listener.record
        record.rc = result.rc if result.status == "successful" or result.rc else 1
        record.cancelled = cancelled.is_set()
        if result.status == "timeout":
            record.said.append(
                f"stopped: the budget of {(play.limit_seconds or 0) / 60:.3g} minutes is used up"
            )
    if record.cancelled:
        raise KeyboardInterrupt
    return record


def _need_ansible(target: Target) -> None:
    from importlib.util import find_spec

    if find_spec("ansible_runner") is None or find_spec("ansible") is None:
        raise OperationError("Ansible is not installed", next_step="pip install 'palier[workstation]'")
    if not target.is_here and shutil.which("ssh") is None:
        raise OperationError("no ssh on PATH", next_step="install OpenSSH's client")


def _environment(place: Path, environment: str) -> dict[str, str]:
    """What Ansible goes by. Settings of whoever calls hold (a jump host, say), and our files are found."""
    return {
        "ANSIBLE_CONFIG": str(folder() / "ansible.cfg"),
        "ANSIBLE_ROLES_PATH": str(folder() / "roles"),
        "ANSIBLE_LIBRARY": str(folder() / "library"),
        "ANSIBLE_LOCAL_TEMP": str(place / "tmp"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(place / "cp"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_SSH_COMMON_ARGS": shlex.join(["-o", f"UserKnownHostsFile={_known_hosts(environment)}"]),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def _known_hosts(environment: str) -> str:
    """New host keys go into a file of ours; what the user has met already is known too."""
    place = onboarding_dir(environment)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return f'"{place / "known_hosts"}" ~/.ssh/known_hosts'


def _options(play: Play) -> str:
    options = ["--check"] if play.check else []
    options += ["--diff"]
    options += ["--tags", ",".join(play.tags)] if play.tags else []
    options += ["--ask-become-pass"] if play.become_password is not None else []
    return " ".join(options)


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Set by Ctrl-C: ansible-runner then ends Ansible, which has a terminal of its own.

    In the main thread only: no other hears it.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGINT, lambda *_: asked.set())
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


class _Progress:
    """A step of the report for each role, its tasks as they begin."""

    def __init__(self, report: Reporter, held: ExitStack) -> None:
        self._report, self._held = report, held
        self._role: str | None = None
        self._under_way: ExitStack | None = None
        self._step: Step | None = None

    def began(self, role: str, task: str) -> None:
        name = role or "facts"
        if name != self._role:
            self.ended(True)
            self._role = name
            self._under_way = ExitStack()
            self._step = self._under_way.enter_context(self._report.step(name))
        assert self._step is not None
        self._step.update(task)
        self._report.event("task", role=role, task=task)

    def ended(self, well: bool) -> None:
        if self._under_way is None:
            return
        ending, self._under_way, self._role = self._under_way, None, None
        if well:
            ending.close()
            return
        try:
            raise _Failed
        except _Failed as error:
            ending.__exit__(type(error), error, None)


class _Failed(Exception):
    """Tells a step that it failed."""
