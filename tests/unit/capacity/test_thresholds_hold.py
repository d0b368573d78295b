"""No number of the threshold table can be moved without a test that turns red."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from palier.capacity.thresholds import THRESHOLDS

from tests.unit.capacity.mutants import CONTROL

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def ended() -> dict[str, int]:
    """Pytest's exit code by mutant: 0 for green, 1 for red."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.capacity.mutants"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_with_nothing_moved_the_tests_are_green(ended: dict[str, int]) -> None:
    assert ended[CONTROL] == 0


def test_every_number_is_moved_up_and_down(ended: dict[str, int]) -> None:
    assert {name.rpartition(" ")[0] for name in ended if name != CONTROL} == {
        f"{row.metric} {level}" for row in THRESHOLDS for level in ("attention", "critical")
    }
    assert len(ended) == 1 + 4 * len(THRESHOLDS)


def test_every_number_that_is_moved_turns_a_test_red(ended: dict[str, int]) -> None:
    assert {name: code for name, code in ended.items() if name != CONTROL and code != 1} == {}
