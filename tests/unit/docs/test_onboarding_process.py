"""The page of the process is what the steps say."""

from __future__ import annotations

from pathlib import Path

from palier.onboarding.process import document
from palier.onboarding.steps.leaving import LEAVING
from palier.onboarding.steps.table import STEPS

PAGE = Path(__file__).parents[3] / "docs" / "onboarding-process.md"


def test_the_page_is_what_the_steps_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run `make docs`"


def test_it_tells_of_every_step_and_its_proof() -> None:
    for step in (*STEPS.values(), *LEAVING.values()):
        assert f"(`{step.name}`" in document()
        assert f"- Proof: {step.proof}" in document()
