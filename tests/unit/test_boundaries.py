"""The import table of CONTRIBUTING.md, held against every import statement; and what `--help` may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from palier.commands.main import COMMANDS

from tests.unit.trees import parsed

ROOT = Path(__file__).parents[2]
OURS = {"palier", "palier_stacks", "palier_policies", "palier_playbooks", "benchmarks", "tests"}
# What each part may import: of ours as prefixes, of others as packages; None: whatever is installed.
PALIER = ({"palier", "palier_playbooks"}, None)
STACKS = (
    {"palier_stacks", "palier.capacity", "palier.sharding"},
    {"pulumi", "pulumi_aws", "pydantic", "pydantic_core"},
)
# Whose access it is, the roster says.
PEOPLE = (
    STACKS[0] | {"palier.onboarding", "palier.workstation.settings", "palier.errors"},
    STACKS[1] | {"pulumi_github"},
)
POLICIES = (
    {"palier_policies", "palier.capacity", "palier.costs", "palier.errors"},
    {"pulumi", "grpc", "google", "pydantic", "numpy"},
)
PACK = ({"palier_policies"}, set[str]())
PROGRAM = ({"palier_stacks"}, {"pulumi"})
# The modules run on machines that have Ansible's own library and Python's, and nothing else.
PLAYBOOKS = (set[str](), {"ansible"})
BENCHMARKS = ({"benchmarks", "palier", "palier_policies", "tests.playbooks"}, None)
MOST_PROGRAM_LINES = 60
# What costs more to import than all of `palier --help`.
HEAVY = ("pulumi", "boto3", "botocore", "moto", "pydantic", "rich", "requests", "urllib3", "grpc", "numpy")


def _imports(module: Path) -> Iterator[str]:
    """Dotted names of all that a module imports, wherever the statement stands."""
    for node in ast.walk(parsed(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import hides where it leads"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _allowed(name: str, ours: set[str], others: set[str] | None) -> bool:
    top = name.partition(".")[0]
    if top in OURS:
        return any(f"{name}.".startswith(f"{prefix}.") for prefix in ours)
    return others is None or top in others or top in sys.stdlib_module_names


def _modules() -> list[tuple[Path, set[str], set[str] | None]]:
    programs = sorted((ROOT / "stacks").glob("*/__main__.py"))
    stacks = sorted((ROOT / "stacks/palier_stacks").rglob("*.py"))
    people = ROOT / "stacks/palier_stacks/people"
    parts = [
        (sorted((ROOT / "cli/palier").rglob("*.py")), PALIER),
        ([module for module in stacks if people not in module.parents], STACKS),
        ([module for module in stacks if people in module.parents], PEOPLE),
        (sorted((ROOT / "policies/palier_policies").rglob("*.py")), POLICIES),
        (sorted((ROOT / "policies").glob("*/__main__.py")), PACK),
        (programs, PROGRAM),
        (sorted((ROOT / "playbooks").rglob("*.py")), PLAYBOOKS),
        (sorted((ROOT / "benchmarks").glob("*.py")), BENCHMARKS),
    ]
    return [(module, *rule) for modules, rule in parts for module in modules]


MODULES = _modules()
PROGRAMS = [module for module, ours, _ in MODULES if ours is PROGRAM[0]]


def test_every_part_of_the_code_is_looked_at() -> None:
    seen = {module for module, _, _ in MODULES}
    folders = ("cli", "stacks", "policies", "playbooks", "benchmarks")

    assert {path for folder in folders for path in (ROOT / folder).rglob("*.py")} == seen
    assert len(PROGRAMS) >= 2


@pytest.mark.parametrize(
    ("module", "ours", "others"), MODULES, ids=[str(each[0].relative_to(ROOT)) for each in MODULES]
)
def test_a_module_imports_what_the_table_allows(
    module: Path, ours: set[str], others: set[str] | None
) -> None:
    assert [name for name in _imports(module) if not _allowed(name, ours, others)] == []


@pytest.mark.parametrize(
    ("name", "rule", "allowed"),
    [
        ("palier_stacks.settings", PALIER, False),
        ("boto3", PALIER, True),
        ("palier.capacity.thresholds", STACKS, True),
        ("palier.capacityless", STACKS, False),
        ("palier.errors", STACKS, False),
        ("palier.onboarding.roster", STACKS, False),
        ("pulumi_github", STACKS, False),
        ("palier.onboarding.roster", PEOPLE, True),
        ("palier.local.client", PEOPLE, False),
        ("boto3", STACKS, False),
        ("palier.capacity", PROGRAM, False),
        ("pulumi_aws", PROGRAM, False),
        ("os.path", PROGRAM, True),
    ],
)
def test_the_table_tells_a_forbidden_import(
    name: str, rule: tuple[set[str], set[str] | None], allowed: bool
) -> None:
    assert _allowed(name, *rule) is allowed


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.parent.name for program in PROGRAMS])
def test_a_program_is_read_in_one_glance(program: Path) -> None:
    assert len(program.read_text(encoding="utf-8").splitlines()) < MOST_PROGRAM_LINES


def _imported(*arguments: str) -> set[str]:
    """Top-level packages that a Python process imports."""
    command = [sys.executable, "-X", "importtime", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    names = [line.rpartition("|")[2].strip() for line in run.stderr.splitlines() if "import time:" in line]
    return {name.partition(".")[0] for name in names}


def test_help_imports_nothing_heavy() -> None:
    imported = _imported("-m", "palier", "--help")

    assert "click" in imported
    assert imported & {*HEAVY, "palier_stacks"} == set()


def test_the_help_of_a_command_imports_nothing_heavy() -> None:
    modules = {target.partition(":")[0] for target, _ in COMMANDS.values()}

    assert _imported("-c", f"import {', '.join(sorted(modules))}") & set(HEAVY) == set()


def test_listing_the_phases_imports_no_pulumi() -> None:
    imported = _imported("-c", "from palier.phases.catalog import phases; phases()")

    assert "palier_stacks" in imported
    assert imported & {"pulumi", "pulumi_aws", "boto3", "moto", "grpc"} == set()
