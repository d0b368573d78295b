"""Without --host it is this machine: the command line runs on the machine that it makes, without SSH."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.playbooks.company import LOGIN, ROOT, changed, found, stock
from tests.playbooks.machine import Machine, running


@pytest.fixture
def machine(debian: Path, tmp_path: Path) -> Any:
    """A bare machine that sees this Python, and a company of its own."""
    company = found(tmp_path / "company")
    company.team(tools=["python"])
    file = company.folder / "platform/stacks/people/Pulumi.local.yaml"
    file.write_text(file.read_text().replace(str(company.folder), "/srv/company"))
    with running(tmp_path / "machine", debian) as machine:
        stock(machine)
        shutil.copytree(company.folder, machine.root / "srv/company")
        machine.enter("chown", "-R", "awa:awa", "/srv/company")
        # A system's own Python the machine has too.
        for folder in {ROOT, Path(sys.prefix), Path(sys.base_prefix)} - {Path("/usr")}:
            machine.share(folder)
        assert machine.ssh(f"{sys.executable} -c 'print(1)'", check=False).stdout == "1\n", (
            "this Python does not run on Debian 12: the test wants a host that is like it"
        )
        yield machine


def _palier(machine: Machine, *arguments: str) -> dict[str, Any]:
    own = "PALIER_PLATFORM_DIR=/srv/company/platform PYTHONDONTWRITEBYTECODE=1"
    command = f"{own} {sys.executable} -m palier workstation {' '.join(arguments)} --output json"
    told: dict[str, Any] = json.loads(machine.ssh(command, timeout=500).stdout)
    return told


def test_a_machine_makes_itself_and_changes_nothing_the_second_time(machine: Machine) -> None:
    first = _palier(machine, "apply", LOGIN, "--yes")
    second = _palier(machine, "apply", LOGIN, "--yes")

    assert first["machine"] == "this machine"
    assert first["failed"] == 0
    assert len(changed(first)) > 20
    assert [check for check in first["checks"] if not check["ok"]] == []
    assert changed(second) == []
