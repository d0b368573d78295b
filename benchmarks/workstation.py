"""A bare Debian made into a developer's machine, by role: the first run, and one that changes nothing.

Over real SSH, to a machine of the tests' kind (`tests.playbooks.machine`). The floor of a run that changes
nothing is Ansible itself: as many tasks that only ask for `true`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from palier.onboarding.models import ToolProfile

from tests.playbooks import tools
from tests.playbooks.company import Company, found, stock
from tests.playbooks.machine import Machine, running

GOAL_FIRST_S, GOAL_AGAIN_S = 300.0, 60.0
# A team of the example's size, and all that a team can choose.
TEAMS = {
    "python and node": ["python", "node"],
    "every profile": list(get_args(ToolProfile)),
}


@dataclass(frozen=True)
class Measured:
    """One team's machine: seconds by role, of the first run and of the second; the floor of the second."""

    team: str
    first: dict[str, float]
    again: dict[str, float]
    first_s: float
    again_s: float
    floor_s: float
    downloaded_mb: float


def measure(folder: Path) -> list[Measured]:
    """Each team's machine, from nothing."""
    rows = []
    for number, (team, profiles) in enumerate(TEAMS.items()):
        place = folder / str(number)
        company = found(place / "company")
        company.team(tools=profiles)
        with running(place / "machine") as machine:
            stock(machine)
            before = _received_mb(machine)
            first, first_s = _run(company, machine)
            downloaded = _received_mb(machine) - before
            again, again_s = _run(company, machine)
            tasks = len([task for task in again["tasks"] if task["outcome"] != "skipped"])
            floor_s = _floor(place, machine, tasks)
        rows.append(Measured(team, _roles(first), _roles(again), first_s, again_s, floor_s, downloaded))
        print(f"  {team}: {first_s:.1f} s, again {again_s:.1f} s, floor {floor_s:.1f} s", flush=True)
    return rows


def _run(company: Company, machine: Machine) -> tuple[dict[str, Any], float]:
    began = time.monotonic()
    told = company.workstation("apply", machine)
    return told, time.monotonic() - began


def _roles(told: dict[str, Any]) -> dict[str, float]:
    return {each["step"]: each["seconds"] for each in told["roles"] if each["outcome"] != "unasked"}


def _received_mb(machine: Machine) -> float:
    text = machine.enter("cat", "/proc/net/dev")
    (line,) = [line for line in text.splitlines() if line.strip().startswith("tap0:")]
    return int(line.split(":")[1].split()[0]) / 1e6


def _floor(place: Path, machine: Machine, tasks: int) -> float:
    """Ansible alone: so many tasks, over the same SSH, with the same settings."""
    from palier.workstation.profiles import folder

    task = "    - name: Nothing\n      ansible.builtin.command: 'true'\n      changed_when: false\n"
    playbook = place / "floor.yml"
    playbook.write_text("- name: Floor\n  hosts: all\n  gather_facts: false\n  tasks:\n" + task * tasks)
    options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    hosts = place / "hosts.yml"
    machine_ = {
        "ansible_host": "127.0.0.1",
        "ansible_port": machine.port,
        "ansible_user": machine.user,
        "ansible_ssh_private_key_file": str(machine.key),
        "ansible_ssh_common_args": options,
    }
    hosts.write_text(json.dumps({"all": {"hosts": {"machine": machine_}}}))
    began = time.monotonic()
    subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(hosts), str(playbook)],
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{tools.search_path()}",
            "ANSIBLE_CONFIG": str(folder() / "ansible.cfg"),
        },
        check=True,
        capture_output=True,
    )
    return time.monotonic() - began


def table(rows: list[Measured]) -> list[str]:
    """For docs/benchmarks.md."""
    names = list(dict.fromkeys(role for row in rows for role in row.first))
    lines = [
        "| role | " + " | ".join(f"{row.team}: first | again" for row in rows) + " |",
        "|---|" + "---:|---:|" * len(rows),
    ]
    for name in names:
        cells = [f"{row.first.get(name, 0):.1f} s | {row.again.get(name, 0):.1f} s" for row in rows]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    whole = [f"{row.first_s:.1f} s | {row.again_s:.1f} s" for row in rows]
    goals = [f"< {GOAL_FIRST_S:.0f} s | < {GOAL_AGAIN_S:.0f} s" for _ in rows]
    floors = [
        f"{row.downloaded_mb:.0f} MB | {row.floor_s:.1f} s, ratio {row.again_s / row.floor_s:.2f}"
        for row in rows
    ]
    lines += [
        f"| **the whole run** | {' | '.join(whole)} |",
        f"| goal | {' | '.join(goals)} |",
        f"| downloaded; as many tasks that do nothing | {' | '.join(floors)} |",
    ]
    return [*lines, ""]


def main() -> None:
    """This part alone, printed."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="palier-bench-") as name:
        print("\n".join(table(measure(Path(name)))))


if __name__ == "__main__":
    main()
