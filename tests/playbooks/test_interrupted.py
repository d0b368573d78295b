"""A run that was interrupted, however and wherever: the next converges, and the one after changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.playbooks.company import LOGIN, Company, changed, found, role, stock
from tests.playbooks.machine import Machine, power_cycle, running

# Where, and how long into the task: in the midst of apt, of pip, of npm, of small files, of a clone.
POINTS = (
    ("Install the packages", 6.0),
    ("Install the packages", 14.0),
    ("Install the locked tools of Python's registry", 3.0),
    ("Install the locked packages", 0.7),
    ("Link the dotfiles", 0.2),
    ("Clone them", 0.3),
)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company whose team has tools of every kind."""
    made = found(tmp_path / "company")
    made.team(tools=["python", "node"])
    return made


def converges(company: Company, machine: Machine) -> None:
    """The next run ends well and proves the environment; the one after changes nothing."""
    done = company.workstation("apply", machine)
    assert done["failed"] == 0
    assert [check for check in done["checks"] if not check["ok"]] == []
    assert changed(company.workstation("apply", machine)) == []


@contextmanager
def under_way(
    company: Company, machine: Machine
) -> Iterator[tuple[subprocess.Popen[str], Callable[[str], None]]]:
    """A run in the background, and what waits until a task of it begins."""
    arguments = ["workstation", "apply", LOGIN, "--host", machine.address, "--key", str(machine.key), "--yes"]
    process = subprocess.Popen(
        company.command(*arguments, "--output", "json"),
        env=company.environment(), cwd=company.folder, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip

    def until(task: str) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            event = json.loads(line)
            if event.get("event") == "task" and event["task"] == task:
                return
        raise AssertionError(f"the run ended before: {task}\n{process.communicate()[0]}")

    try:
        yield process, until
    finally:
        process.kill()
        process.communicate(timeout=60)
        _end_workers(company)


def _end_workers(company: Company) -> None:
    """End what a killed Ansible leaves: its last task's worker sleeps, with a result that nobody reads."""
    ours = f"HOME={company.folder / 'home'}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile
            if ours in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)


def test_killed_at_any_moment_it_converges_and_nothing_runs_twice(
    debian: Path, tmp_path: Path, company: Company
) -> None:
    with running(tmp_path / "machine", debian) as machine:
        stock(machine)
        for task, seconds in POINTS:
            with under_way(company, machine) as (process, until):
                until(task)
                time.sleep(seconds)
                os.kill(process.pid, signal.SIGKILL)
                process.wait(timeout=20)

        converges(company, machine)
        assert machine.ssh("ls ~/.local/share/palier/toolbox/*/whole | wc -l").stdout.strip() == "1"
        assert machine.ssh("git -C ~/code/shop-api fsck --strict").returncode == 0
        assert machine.ssh("sudo dpkg --audit").stdout == ""


def test_after_a_kill_the_task_under_way_ends_and_no_other_begins(
    debian: Path, tmp_path: Path, company: Company
) -> None:
    with running(tmp_path / "machine", debian) as machine:
        with under_way(company, machine) as (process, until):
            until("Install the packages")
            time.sleep(3)
            os.kill(process.pid, signal.SIGKILL)
            process.wait(timeout=20)
        under_way_there = "pgrep -f '[B]ECOME-SUCCESS'"  # sudo's word, in the module's command line
        deadline = time.monotonic() + 180
        while machine.ssh(under_way_there, check=False).stdout:
            assert time.monotonic() < deadline, "the task under way never ended"
            time.sleep(0.5)
        host = ["--host", machine.address, "--key", str(machine.key)]
        assert company.palier("workstation", "doctor", *host).returncode == 0
        time.sleep(3)
        assert machine.ssh("command -v rg").stdout == "/usr/bin/rg\n"
        assert machine.ssh("ls -A ~/.local/share 2>/dev/null", check=False).stdout == ""


def test_a_machine_that_lost_power_in_the_midst_of_apt_is_repaired(
    debian: Path, tmp_path: Path, company: Company
) -> None:
    company.team(tools=["python"])
    with running(tmp_path / "machine", debian) as machine:
        stock(machine)
        with under_way(company, machine) as (process, until):
            until("Install the packages")
            unpacked = machine.root / "var/lib/dpkg/info/ripgrep.list"
            deadline = time.monotonic() + 120
            while not unpacked.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            power_cycle(machine)
            told, _ = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "next: " not in told  # JSON has it as a key
        assert "workstation apply" in json.loads(told)["roles"][-1]["next"]
        assert machine.ssh("sudo dpkg --audit").stdout != ""

        converges(company, machine)


def test_a_network_that_is_cut_in_the_midst_is_told_and_the_next_run_goes_on(
    debian: Path, tmp_path: Path, company: Company
) -> None:
    with running(tmp_path / "machine", debian) as machine:
        stock(machine)
        with under_way(company, machine) as (process, until):
            until("Install the locked tools of Python's registry")
            time.sleep(1.5)
            machine.cut_network()
            told, _ = process.communicate(timeout=400)
        machine.mend_network()
        failed = role(json.loads(told), "toolbox")

        assert process.returncode == 1
        assert failed["outcome"] == "failed"
        assert "network" in failed["next"]
        converges(company, machine)


def test_a_disk_that_fills_up_is_told_and_with_room_the_next_run_goes_on(
    debian: Path, tmp_path: Path, company: Company
) -> None:
    company.settle(minimum_free_mb=100)
    with running(tmp_path / "machine", debian, on_tmpfs_mb=700) as machine:
        machine.enter("mkdir", "-p", "/srv/git")
        told = company.workstation("apply", machine, code=1)
        failed = told["roles"][-1]

        assert failed["outcome"] == "failed"
        assert "free some room" in failed["next"], failed
        machine.enter("mount", "-o", "remount,size=4g", "/")
        done = company.workstation("apply", machine)
        assert done["failed"] == 0
        assert changed(company.workstation("apply", machine)) == []
