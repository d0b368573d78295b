"""A test's machine with systemd as the init that runs: what a real gateway has."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.playbooks import tools
from tests.playbooks.machine import Machine, NoMachine

_INTO_MACHINE = ["-m", "-u", "-i", "-n", "-p", "-r", "-w"]
# systemd wants /sys, control groups and a /run of its own. It is process 1 of yet another namespace, and ends
# with unshare.
_BOOT = """set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
exec env container=palier /lib/systemd/systemd --system --show-status=0
"""


@dataclass(frozen=True)
class Booted:
    """The machine under systemd. `inside` is the command that another one follows, to run as root there."""

    inside: list[str]

    @property
    def ssh_proxy(self) -> str:
        """As SSH's ProxyCommand: the forwarded port leads to the sshd outside."""
        return " ".join([*self.inside, "/usr/sbin/sshd", "-i"])

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command as root."""
        done = subprocess.run(
            [*self.inside, *command], capture_output=True, text=True, timeout=60, env=tools.environment()
        )
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout


@contextlib.contextmanager
def booted(machine: Machine) -> Iterator[Booted]:
    """Boot a machine's systemd, installed first. Raises NoMachine where it does not come up."""
    machine.enter(
        "sh", "-ec",
        "apt-get -qq update; apt-get -qq install --no-install-recommends systemd systemd-sysv >/dev/null 2>&1"
        # Its port is the outer sshd's.
        "; ln -sf /dev/null /etc/systemd/system/ssh.service",
    )  # fmt: skip
    spaces = ["unshare", "--mount", "--cgroup", "--pid", "--fork", "--kill-child"]
    outer = subprocess.Popen(
        ["nsenter", "-t", str(machine.pid), *_INTO_MACHINE, *spaces, "sh", "-c", _BOOT],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=tools.environment(),
    )  # fmt: skip
    machine.processes.append(outer)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        init = _grandchild(outer.pid)
        if init is not None:
            system = Booted(["nsenter", "-t", str(init), "-C", *_INTO_MACHINE])
            state = system.run("systemctl", "is-system-running", check=False).strip()
            if state in ("running", "degraded"):
                # Of what a container cannot do some unit fails always.
                system.run("mkdir", "-p", "/run/sshd")
                yield system
                return
        time.sleep(0.3)
    raise NoMachine("systemd does not come up in the machine")


def _grandchild(pid: int) -> int | None:
    """systemd, below nsenter and unshare."""
    for _ in range(2):
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            return None
        if not children:
            return None
        pid = int(children[0])
    return pid
