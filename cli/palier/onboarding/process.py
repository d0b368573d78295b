"""The documentation of the process, made from the steps, so that it cannot be wrong about them."""

from __future__ import annotations

from collections.abc import Mapping

from palier.onboarding.settings import BUDGET_MINUTES
from palier.onboarding.steps.base import Step
from palier.onboarding.steps.table import STEPS


def document() -> str:
    """The process as Markdown: how people come in, and how they leave."""
    from palier.onboarding.steps.leaving import LEAVING

    lines = [
        "# How people come in, and how they leave",
        "",
        "Made by `palier onboard process` from the steps themselves; do not edit.",
        "",
        f"A run has {BUDGET_MINUTES} minutes where the settings say nothing else. Each step looks "
        "first, does what is missing, and proves it; steps that do not need each other run at the same time.",
        "",
        "## Coming in: `palier onboard apply LOGIN`",
        "",
        *_steps(STEPS),
        "",
        "## Leaving: `palier offboard apply LOGIN`",
        "",
        *_steps(LEAVING),
    ]
    return "\n".join(lines) + "\n"


def _steps(steps: Mapping[str, Step]) -> list[str]:
    lines = []
    for number, step in enumerate(steps.values(), start=1):
        group = f", group `{step.group}`" if step.group else ""
        lines += [
            f"{number}. **{step.title}** (`{step.name}`{group}). {step.what}",
            f"   - Proof: {step.proof}",
        ]
        if step.needs:
            lines.append(f"   - Needs: {', '.join(f'`{name}`' for name in step.needs)}.")
    return lines
