"""The gateway's playbook for its tests: runs over SSH, and what they did."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from palier_playbooks import FOLDER

from tests.playbooks import tools
from tests.playbooks.machine import Machine

INTERFACE = "palier0"
POOL = "10.90.0.0/24"
GATEWAY_ADDRESS = "10.90.0.1"
PRIVATE_KEY = f"/etc/wireguard/{INTERFACE}.key"
CONFIGURATION = f"/etc/wireguard/{INTERFACE}.conf"
PROGRAM = "/usr/local/sbin/palier-vpn-gateway"
_TASK = re.compile(r"^TASK \[(.+?)\] \*+$")
_RESULT = re.compile(r"^(ok|changed|failed|fatal|skipping): \[")
Peers = dict[str, dict[str, str]]


def key(number: int) -> str:
    """A public key that nobody has the private one of."""
    return base64.b64encode(bytes([number]) * 32).decode()


def peer(number: int) -> dict[str, str]:
    """Somebody with an address of the pool, as `vpn_peers` has them."""
    return {"public_key": key(number), "allowed_ips": f"10.90.0.{number}/32"}


AWA = {"awa": peer(7)}
BINTA = {"binta": peer(8)}
CHEIKH = {"cheikh": peer(9)}


@dataclass(frozen=True)
class Run:
    """What ansible-playbook did: each task's result in order, and all that it wrote."""

    returncode: int
    output: str
    results: list[tuple[str, str]]

    def changed(self) -> list[str]:
        """The tasks that changed something."""
        return [task for task, result in self.results if result == "changed"]

    def result_of(self, task: str) -> str:
        """What came of the task whose name ends so."""
        return next(result for name, result in self.results if name.endswith(task))

    def succeeded(self) -> Run:
        """Itself, where no task failed."""
        assert self.returncode == 0, self.output
        return self


class Gateway:
    """A machine, and the playbook over SSH."""

    def __init__(self, machine: Machine, folder: Path, sockets: str, proxy: str | None = None) -> None:
        self.machine = machine
        self._folder = folder
        self._inventory = folder / "inventory.json"
        host: dict[str, str | int] = {
            "ansible_host": "127.0.0.1",
            "ansible_port": machine.port,
            "ansible_user": machine.user,
            "ansible_ssh_private_key_file": str(machine.key),
            "ansible_ssh_executable": str(tools.find_or_get()["ssh"]),
            # One connection for all: it ends with the machine. Its socket's path has to be short.
            "ansible_ssh_args": "-o ControlMaster=auto -o ControlPersist=60s",
            "ansible_control_path_dir": sockets,
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
            " -o LogLevel=ERROR",
        }
        if proxy:
            host["ansible_ssh_common_args"] = f"{host['ansible_ssh_common_args']} -o ProxyCommand='{proxy}'"
        self._inventory.write_text(json.dumps({"all": {"hosts": {"gateway": host}}}))

    def play(self, peers: Peers | None, *options: str, **variables: object) -> Run:
        """Run the playbook with these peers; with None the variable is not given."""
        given = self._folder / "variables.json"
        always = {"pool": POOL, "userspace_implementation": "wireguard-go", "peers": peers}
        if peers is None:
            del always["peers"]
        named = {f"vpn_gateway_{name}": value for name, value in {**always, **variables}.items()}
        given.write_text(json.dumps(named))
        program = Path(sys.executable).with_name("ansible-playbook")
        done = subprocess.run(
            [str(program), "-i", str(self._inventory), "-e", f"@{given}", *options,
             str(FOLDER / "vpn-gateway.yml")],
            capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
            env={**os.environ, "PATH": tools.search_path(), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1",
                 "ANSIBLE_SSH_TRANSFER_METHOD": "piped",
                 "ANSIBLE_HOME": str(self._folder / "ansible"), "ANSIBLE_PIPELINING": "1"},
        )  # fmt: skip
        output = done.stdout + done.stderr
        results, task = [], ""
        for line in output.splitlines():
            if found := _TASK.match(line):
                task = found[1]
            elif found := _RESULT.match(line):
                results.append((task, found[1]))
        return Run(done.returncode, output, results)

    def running_peers(self) -> dict[str, str]:
        """Public key to address, as the running interface has them."""
        lines = self.machine.enter("wg", "show", INTERFACE, "allowed-ips").splitlines()
        return dict(line.split("\t") for line in lines)

    def state(self) -> list[str]:
        """All that a run may change: files with owner, mode, size and time, and the interface."""
        asked = f"""
            find /etc/wireguard /etc/sysctl.d /usr/local -type f -printf '%p %u %m %s %t\\n'
            find /run -name 'palier-vpn-gateway*'
            wg show {INTERFACE} dump
            ip address show dev {INTERFACE}
            cat /proc/sys/net/ipv4/ip_forward"""
        # Sorted, as WireGuard tells its peers in no order.
        return sorted(self.machine.enter("sh", "-ec", asked).splitlines())


def as_running(peers: Peers) -> dict[str, str]:
    """As `running_peers` tells them."""
    return {each["public_key"]: each["allowed_ips"] for each in peers.values()}
