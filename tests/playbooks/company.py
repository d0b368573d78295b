"""A company whose newcomers get machines: roster and platform in a folder, repositories on the machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from palier.paths import CACHE_VARIABLE, cache_dir

from tests.playbooks import tools
from tests.playbooks.machine import Machine

ROOT = Path(__file__).parents[2]
LOGIN = "adiallo"
MAIL = "awa.diallo@jobo.example"
REPOSITORIES = ("shop-api", "shop-web", "runbooks")
# No locked project: what a sample needs beyond its own machine is not what the tests are about.
SAMPLE_COMMANDS = ["python3 -m compileall -q .", "python3 -m unittest -q"]


@dataclass(frozen=True)
class Company:
    """Its files. `palier` runs the command line as a user would."""

    folder: Path

    @property
    def team_file(self) -> Path:
        """The newcomer's team."""
        return self.folder / "roster/teams/marketplace.yaml"

    def settle(self, **settings: Any) -> None:
        """Set keys of people:workstation."""
        file = self.folder / "platform/stacks/people/Pulumi.local.yaml"
        known = yaml.safe_load(file.read_text())
        section = known["config"].setdefault("people:workstation", {})
        section.update(settings)
        file.write_text(yaml.safe_dump(known))

    def team(self, **keys: Any) -> None:
        """Set keys of the team."""
        known = yaml.safe_load(self.team_file.read_text())
        self.team_file.write_text(yaml.safe_dump({**known, **keys}))

    def command(self, *arguments: str) -> list[str]:
        """The command line."""
        return [sys.executable, "-m", "palier", *arguments]

    def environment(self) -> dict[str, str]:
        """Where it runs."""
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{tools.search_path()}",
            "PALIER_PLATFORM_DIR": str(self.folder / "platform"),
            "PALIER_ONBOARDING_DIR": str(self.folder / "journal"),
            CACHE_VARIABLE: str(cache_dir()),
            "HOME": str(self.folder / "home"),
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def palier(
        self, *arguments: str, typed: str | None = None, timeout: float = 900
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line; `typed` is what its user types."""
        asked = {"input": typed} if typed is not None else {"stdin": subprocess.DEVNULL}
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            **asked,
        )

    def workstation(self, mode: str, machine: Machine, *more: str, code: int = 0) -> dict[str, Any]:
        """`palier workstation` for the newcomer on a machine, told in JSON."""
        yes = ["--yes"] if mode == "apply" else []
        host = ["--host", machine.address, "--key", str(machine.key)]
        done = self.palier("workstation", mode, LOGIN, *host, *yes, "--output", "json", *more)
        told = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        assert done.returncode == code, f"exit code {done.returncode}\n{told}"
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def found(folder: Path) -> Company:
    """A company in a folder, from the example."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "home").mkdir()
    shutil.copytree(ROOT / "examples/jobo", folder / "roster")
    shutil.copytree(ROOT / "stacks", folder / "platform/stacks", ignore=shutil.ignore_patterns("__pycache__"))
    company = Company(folder)
    file = folder / "platform/stacks/people/Pulumi.local.yaml"
    file.write_text(file.read_text().replace("../../examples/jobo", str(folder / "roster")))
    company.settle(
        clone_url="file:///srv/git/{repository}.git", aws_start_url="https://jobo.awsapps.com/start"
    )
    company.team(sample={"repository": "shop-api", "commands": SAMPLE_COMMANDS})
    return company


def stock(machine: Machine, *, without: str | None = None) -> None:
    """Put the team's repositories where the machine clones from."""
    source = machine.root.parent / "source"
    if not source.exists():
        source.mkdir()
        (source / "test_prices.py").write_text(
            "import unittest\n\n\nclass Prices(unittest.TestCase):\n"
            "    def test_a_price_has_two_digits(self) -> None:\n"
            "        self.assertEqual(f'{1:.2f}', '1.00')\n"
        )
        git = ["git", "-c", "user.name=Jobo", "-c", "user.email=bot@jobo.example"]
        for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
            subprocess.run([*git, *command], cwd=source, check=True)
    place = machine.root / "srv/git"
    place.mkdir(parents=True, exist_ok=True)
    for name in REPOSITORIES:
        bare = place / f"{name}.git"
        if name != without and not bare.exists():
            subprocess.run(["git", "clone", "-q", "--bare", str(source), str(bare)], check=True)
    machine.enter("chown", "-R", f"{machine.user}:{machine.user}", "/srv/git")


def changed(done: dict[str, Any]) -> list[str]:
    """Tasks that changed something, by role and name."""
    return [f"{task['role']}: {task['task']}" for task in done["tasks"] if task["outcome"] == "changed"]


def role(done: dict[str, Any], name: str) -> dict[str, Any]:
    """What came of a role."""
    (found_,) = [each for each in done["roles"] if each["step"] == name]
    result: dict[str, Any] = found_
    return result
