#!/usr/bin/python
"""What would stop a workstation's playbook, found before anything is changed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: palier_preflight
short_description: Find what would stop a workstation's playbook
description:
  - Looks at system, root, disks, apt's locks and the network. Changes nothing.
options:
  minimum_free_mb: {type: int, required: true, description: Room that must be free.}
  lock_wait_seconds: {type: int, required: true, description: How long to wait for apt's locks.}
  hosts: {type: list, elements: str, required: true, description: Hosts to reach, as host:port.}
  no_root: {type: str, default: "", description: Why root cannot be had, where it cannot.}
  stops: {type: bool, default: true, description: Whether a finding fails.}
author: [Palier]
"""
RETURN = r"""
checks:
  description: Each check with what it says, and what mends it.
  type: list
  returned: always
"""

import os
import platform
import re
import shutil
import socket
import subprocess
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

CONNECT_SECONDS = 5
APT_LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
)
# The oldest release that is tried, or that has what profiles.yml asks for.
OLDEST = {"debian": 12, "ubuntu": 22.04}
MACHINES = ("x86_64", "aarch64", "arm64")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "minimum_free_mb": {"type": "int", "required": True},
            "lock_wait_seconds": {"type": "int", "required": True},
            "hosts": {"type": "list", "elements": "str", "required": True},
            "no_root": {"type": "str", "default": ""},
            "stops": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    checks = [
        system(),
        root(wanted["no_root"]),
        room(wanted["minimum_free_mb"]),
        locks(wanted["lock_wait_seconds"]),
        network(wanted["hosts"]),
    ]
    wrong = [check for check in checks if not check["ok"]]
    if wrong and wanted["stops"]:
        said = "; ".join("{name}: {says}".format(**check) for check in wrong)
        fixes = "; ".join(check["fix"] for check in wrong)
        module.fail_json(msg=said + ". next: " + fixes, checks=checks)
    module.exit_json(changed=False, checks=checks)


def check(name: str, says: str, fix: str | None = None) -> dict[str, Any]:
    """A check that stands, or one that `fix` mends."""
    return {"name": name, "ok": fix is None, "says": says, "fix": fix}


def system() -> dict[str, Any]:
    """A system and a processor that the roles know."""
    machine = platform.machine()
    if platform.system() == "Darwin":
        return check("system", "macOS on " + machine)
    told: dict[str, str] = {}
    if os.path.exists("/etc/os-release"):
        with open("/etc/os-release") as file:
            told = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', file.read(), re.MULTILINE))
    name, version = told.get("ID", "unknown"), told.get("VERSION_ID", "0")
    says = "{} on {}".format(told.get("PRETTY_NAME", name), machine)
    if name not in OLDEST or float(version or 0) < OLDEST[name] or machine not in MACHINES:
        return check("system", says, "use Debian 12, Ubuntu 22.04, or later ones, on x86-64 or ARM64")
    return check("system", says)


def root(why_not: str) -> dict[str, Any]:
    """Whether tasks can become root."""
    if not why_not:
        return check("root", "by sudo")
    reason = " ".join(why_not.split())[:200]
    return check("root", "cannot become root: " + reason, "let the user use sudo, or give --ask-become-pass")


def room(minimum_mb: int) -> dict[str, Any]:
    """Room where packages and the home folder stand."""
    free = {path: shutil.disk_usage(path).free // 10**6 for path in ("/usr", "/var", os.path.expanduser("~"))}
    least = min(free, key=lambda path: free[path])
    says = f"{free[least]} MB free in {least}"
    if free[least] < minimum_mb:
        return check("disk", says, f"free {minimum_mb - free[least]} MB there")
    return check("disk", says)


def locks(wait_seconds: int) -> dict[str, Any]:
    """Whether another program is at apt."""
    until = time.monotonic() + wait_seconds
    holder = held()
    while holder and time.monotonic() < until:
        time.sleep(1)
        holder = held()
    if holder:
        return check(
            "apt", holder + f", for {wait_seconds} s already", "wait for it, or end it; then run again"
        )
    return check("apt", "nobody holds its locks")


def held() -> str | None:
    """Who holds one of apt's locks: dpkg and apt take POSIX locks, which the kernel lists by inode."""
    if not os.path.exists("/proc/locks"):
        return None
    inodes = {str(os.stat(path).st_ino): path for path in APT_LOCKS if os.path.exists(path)}
    with open("/proc/locks") as file:
        for line in file:
            fields = line.split()
            inode = fields[5].rpartition(":")[2] if len(fields) > 5 and fields[1] != "->" else None
            if inode in inodes and fields[3] == "WRITE":
                return f"{inodes[inode]} is held by {named(fields[4])}"
    return None


def named(pid: str) -> str:
    """A process by its command and its number."""
    try:
        with open(f"/proc/{pid}/comm") as file:
            return f"{file.read().strip()} (process {pid})"
    except OSError:
        return "process " + pid


def network(hosts: list[str]) -> dict[str, Any]:
    """Whether the hosts that the roles need are reached: apt's sources or its proxy, and the given ones."""
    unreached = []
    for host, port in apt_hosts() + [split(each) for each in hosts]:
        try:
            socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
        except OSError as error:
            unreached.append(f"{host}:{port} ({error.strerror or error})")
    if unreached:
        return check("network", "not reached: " + ", ".join(unreached), "mend the network, or the proxy")
    return check("network", "every host is reached")


def apt_hosts() -> list[tuple[str, int]]:
    """Hosts and ports of apt's proxy, or else of its sources."""
    config = shutil.which("apt-config")
    if not config:
        return []
    told = subprocess.run([config, "dump"], capture_output=True, text=True).stdout
    proxy = re.search(r'^Acquire::https?::Proxy "(https?://[^"]+)"', told, re.MULTILINE)
    if proxy:
        return [of_address(proxy.group(1))]
    # What it would fetch, as 'ADDRESS' FILE ...; `indextargets` tells nothing before the first update.
    asked = subprocess.run(["apt-get", "update", "--print-uris"], capture_output=True, text=True)
    found = [of_address(each) for each in re.findall(r"^'(https?://[^']+)'", asked.stdout, re.MULTILINE)]
    return list(dict.fromkeys(found))


def of_address(address: str) -> tuple[str, int]:
    """Host and port of an address."""
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    return split(host if ":" in host else host + (":443" if scheme == "https" else ":80"))


def split(text: str) -> tuple[str, int]:
    """Host and port of host:port."""
    host, _, port = text.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    main()
