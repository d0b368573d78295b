"""What would stop a run is found before it changes anything, and told at once."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.playbooks import tools
from tests.playbooks.company import LOGIN, Company, changed, found, role
from tests.playbooks.machine import Machine, running


@dataclass(frozen=True)
class Bare:
    """A bare machine, and a company that wants it."""

    company: Company
    machine: Machine


@pytest.fixture(scope="module")
def bare(debian: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """One machine for all: nothing of it is to change."""
    folder = tmp_path_factory.mktemp("bare")
    company = found(folder / "company")
    company.team(tools=["python"])
    with running(folder / "machine", debian) as machine:
        yield Bare(company, machine)


def files(machine: Machine) -> set[str]:
    """What stands on the machine, but for temporary files, logs, and what running a program leaves."""
    left_out = ("/proc", "/dev", "/tmp", "/run", "*/.ansible", "/var/log", "*/__pycache__", "/var/lib/sudo")
    pruned = " -o ".join(f"-path '{each}'" for each in left_out)
    listed = f"find / -xdev \\( {pruned} \\) -prune -o -type f -printf '%p %s %T@\\n'"
    found_ = set(machine.enter("sh", "-c", listed).splitlines())
    assert len(found_) > 1000
    return found_


@pytest.fixture
def refused(bare: Bare) -> Callable[..., str]:
    """Runs `apply`, which is to change nothing; what it said of the machine."""

    def run(*more: str, **typed: Any) -> str:
        before = files(bare.machine)
        done = bare.company.workstation("apply", bare.machine, *more, code=1, **typed)
        assert files(bare.machine) ^ before == set()
        assert changed(done) == []
        assert done["changed"] is False
        assert [each["step"] for each in done["roles"]] == ["preflight"]
        assert "apply" in role(done, "preflight")["next"]
        return str(role(done, "preflight")["says"])

    return run


def test_no_network_is_found(bare: Bare, refused: Callable[..., str]) -> None:
    bare.machine.cut_network()
    try:
        assert "network: not reached: " in refused()
    finally:
        bare.machine.mend_network()


def test_no_sudo_is_found(bare: Bare, refused: Callable[..., str]) -> None:
    sudoers = bare.machine.root / "etc/sudoers.d/awa"
    text = sudoers.read_text()
    sudoers.write_text("")
    try:
        assert "root: cannot become root: " in refused()
    finally:
        sudoers.write_text(text)


def test_too_little_room_is_found(bare: Bare, refused: Callable[..., str]) -> None:
    bare.company.settle(minimum_free_mb=900_000_000)
    try:
        assert "MB free in " in refused()
    finally:
        bare.company.settle(minimum_free_mb=4000)


def test_a_held_lock_of_apt_is_found_with_who_holds_it(bare: Bare, refused: Callable[..., str]) -> None:
    held = (
        "import fcntl, time; file = open('/var/lib/dpkg/lock-frontend', 'a'); "
        "fcntl.lockf(file, fcntl.LOCK_EX); print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen(
        ["nsenter", "-t", str(bare.machine.pid), "-m", "-p", "-r", "python3", "-c", held],
        stdout=subprocess.PIPE,
        env=tools.environment(),
        start_new_session=True,
    )
    bare.company.settle(lock_wait_seconds=5)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert "lock-frontend is held by python3 (process " in refused()
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.wait(timeout=10)
        bare.company.settle(lock_wait_seconds=120)


def test_all_that_is_wrong_is_told_at_once_by_the_doctor(bare: Bare) -> None:
    bare.company.settle(minimum_free_mb=900_000_000)
    bare.machine.cut_network()
    try:
        told = bare.company.palier(
            "workstation", "doctor", LOGIN, "--host", bare.machine.address, "--key", str(bare.machine.key)
        )
    finally:
        bare.machine.mend_network()
        bare.company.settle(minimum_free_mb=4000)

    assert told.returncode == 1
    assert "✗ disk: " in told.stdout
    assert "✗ network: " in told.stdout
    assert "2 things to mend first" in told.stdout


def test_a_password_of_sudo_is_asked_for_and_never_told(bare: Bare) -> None:
    machine = bare.machine
    sudoers = machine.root / "etc/sudoers.d/awa"
    text = sudoers.read_text()
    machine.enter("sh", "-c", "echo awa:correct-horse-47 | chpasswd")
    sudoers.write_text("awa ALL=(ALL) ALL\n")
    asked = ["workstation", "doctor", LOGIN, "--host", machine.address, "--key", str(machine.key)]
    try:
        without = bare.company.palier(*asked)
        right = bare.company.palier(*asked, "--ask-become-pass", typed="correct-horse-47\n")
        wrong = bare.company.palier(*asked, "--ask-become-pass", typed="no-horse-48\n")
    finally:
        sudoers.write_text(text)

    assert without.returncode == 1
    assert "✗ root: " in without.stdout
    assert right.returncode == 0, right.stdout
    assert "root: by sudo" in right.stdout
    assert wrong.returncode == 1
    for told in (right, wrong):
        assert "horse" not in told.stdout + told.stderr


def test_a_machine_that_does_not_answer_is_told_as_that(bare: Bare) -> None:
    told = bare.company.palier("workstation", "plan", LOGIN, "--host", "awa@127.0.0.1:9")

    assert told.returncode == 1
    assert "Connection refused" in told.stdout
    assert "next: " in told.stdout
    assert "Traceback" not in told.stdout + told.stderr


def test_a_machine_whose_host_key_has_changed_is_refused_with_what_to_do(bare: Bare) -> None:
    met = bare.company.folder / "journal/local/known_hosts"
    asked = ["workstation", "doctor", "--host", bare.machine.address, "--key", str(bare.machine.key)]
    assert bare.company.palier(*asked).returncode == 0
    right = met.read_text()
    other = bare.machine.key.with_suffix(".pub").read_text().split()[1]
    met.write_text(f"[127.0.0.1]:{bare.machine.port} ssh-ed25519 {other}\n")
    try:
        told = bare.company.palier(*asked)
    finally:
        met.write_text(right)

    assert told.returncode == 1
    assert "take its old key out as ssh says above" in told.stdout
    assert "ssh-keygen -f" in told.stdout


def test_host_keys_of_machines_do_not_get_into_the_users_own_file(bare: Bare) -> None:
    # Where ssh looks, whatever HOME says.
    own = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".ssh/known_hosts"
    before = own.read_bytes() if own.exists() else None
    met = bare.company.folder / "journal/local/known_hosts"
    met.unlink(missing_ok=True)

    told = bare.company.palier(
        "workstation", "doctor", "--host", bare.machine.address, "--key", str(bare.machine.key)
    )

    assert told.returncode == 0
    keygen = str(tools.find_or_get()["ssh-keygen"])
    asked = [keygen, "-F", f"[127.0.0.1]:{bare.machine.port}", "-f", str(met)]  # finds what is hashed too
    found = subprocess.run(asked, capture_output=True, text=True)
    assert "ssh-ed25519" in found.stdout
    assert (own.read_bytes() if own.exists() else None) == before
