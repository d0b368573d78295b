"""The engine that this machine has, run for real: its version, its host, and a program without a cloud."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from palier.console import Reporter
from palier.engine import MINIMUM_VERSION, Engine, ensure_engine, find_engine
from palier.engine.model import version_tuple
from palier.engine.probe import probe

PROGRAM = """\
import pulumi

pulumi.export("project", pulumi.get_project())
pulumi.export("secret", pulumi.Output.secret("palier-secret"))
"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The one that `make test` got."""
    found = find_engine()
    assert found is not None, "no engine: run `palier engine get`"
    return found


def pulumi(engine: Engine, folder: Path, *arguments: str) -> str:
    """Run the engine in `folder` with a home, a backend and a PATH of its own; returns its stdout."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(engine.bin), os.environ["PATH"]]),
    }
    answer = subprocess.run(
        [engine.command, *arguments, "--non-interactive"],
        cwd=folder / "program",
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_the_engine_says_its_version_and_its_host_starts(engine: Engine) -> None:
    probed = probe(engine.command)
    assert probed.version == engine.version
    found, minimum = version_tuple(probed.version), version_tuple(MINIMUM_VERSION)
    assert found is not None
    assert minimum is not None
    assert found >= minimum


def test_asking_for_an_engine_again_gives_the_same_one_at_once(engine: Engine) -> None:
    assert ensure_engine(Reporter()) == engine


def test_it_runs_a_python_program_with_this_sdk(engine: Engine, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.mkdir()
    (tmp_path / "backend").mkdir()
    (program / "Pulumi.yaml").write_text("name: smoke\nruntime: python\n")
    (program / "__main__.py").write_text(PROGRAM)
    pulumi(engine, tmp_path, "stack", "init", "test")
    pulumi(engine, tmp_path, "up", "--yes", "--skip-preview")
    assert pulumi(engine, tmp_path, "stack", "output", "project").strip() == "smoke"
    assert "palier-secret" not in pulumi(engine, tmp_path, "stack", "export")
    pulumi(engine, tmp_path, "destroy", "--yes", "--skip-preview")
