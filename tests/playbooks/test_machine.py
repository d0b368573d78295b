"""The machine itself: what the other tests stand on."""

from __future__ import annotations

from pathlib import Path

from tests.playbooks.machine import running


def test_a_bare_debian_answers_over_ssh_and_ends_without_a_trace(debian: Path, tmp_path: Path) -> None:
    mounts = Path("/proc/mounts").read_text()
    with running(tmp_path / "machine", debian) as machine:
        assert machine.ssh("id --user --name; sudo --non-interactive id --user").stdout.split() == [
            "awa",
            "0",
        ]
        assert "Debian GNU/Linux 12" in machine.ssh("cat /etc/os-release").stdout
        machine.ssh("sudo apt-get -qq update")
        machine.cut_network()
        assert "No route to host" in machine.ssh("sudo apt-get update", check=False).stdout
        machine.mend_network()
        machine.ssh("sudo apt-get -qq update")
        pid = machine.pid

    assert not Path(f"/proc/{pid}").exists()
    assert not machine.root.exists()
    assert Path("/proc/mounts").read_text() == mounts


def test_a_machines_disk_can_be_small(debian: Path, tmp_path: Path) -> None:
    with running(tmp_path / "machine", debian, on_tmpfs_mb=50) as machine:
        free_kb = int(machine.ssh("df --output=avail / | tail -1").stdout)
        assert 10_000 < free_kb < 60_000
