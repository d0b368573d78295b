"""The workflows, linted by actionlint; and what it must be able to find."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.actionlint.linter import HERE, find_or_build, lint

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
CHECK = (ROOT / ".github/workflows/palier-check.yml").read_text(encoding="utf-8")


def test_the_linter_is_the_one_that_is_pinned() -> None:
    answer = subprocess.run([find_or_build(), "-version"], capture_output=True, text=True, check=True)
    version = answer.stdout.split()[0]

    assert f"github.com/rhysd/actionlint {version} " in (HERE / "go.mod").read_text(encoding="utf-8")


def test_there_are_workflows_to_lint() -> None:
    assert WORKFLOWS


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_nothing_to_complain_of(workflow: Path) -> None:
    assert lint(workflow) == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("output-sarif:", "output-serif:", 'input "output-serif" is not defined in action "palier check"'),
        ("contents: read", "content: read", 'unknown permission scope "content"'),
        ("github.event.pull_request.number", "github.events.number", 'property "events" is not defined'),
    ],
)
def test_a_mistake_in_our_workflow_would_be_found(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    # In a repository of its own, so that the action is found as it is from the real one.
    (tmp_path / ".git").mkdir()
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    workflow = tmp_path / ".github/workflows/palier-check.yml"
    assert right in CHECK
    workflow.write_text(CHECK.replace(right, wrong), encoding="utf-8")

    found = lint(workflow)

    assert [line for line in found if said in line], found
