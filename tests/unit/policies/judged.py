"""Cases of the architecture pack: a plan, and what one policy says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from palier_policies.architecture import PACK
from palier_policies.judge import Finding, Judge
from palier_policies.rules import Rules
from palier_policies.stack import Stack


@dataclass(frozen=True)
class Case:
    """A plan, made when it is asked for; without a message the policy says nothing of it."""

    policy: str
    plan: Callable[[], Stack]
    message: str = ""
    level: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.policy}: {self.message[:60] or 'kept'}"

    @property
    def expected(self) -> list[tuple[str, str]]:
        """Level and message; the level is the policy's own, if no other is given."""
        return [(self.level or PACK.policy(self.policy).level, self.message)] if self.message else []

    def findings(self, plan: Stack | None = None) -> list[Finding]:
        """What the policy finds, in the case's plan or in another."""
        judge = Judge(PACK, Rules(), given={self.policy: self.settings})
        found = judge.everything(self.plan() if plan is None else plan)
        return [each for each in found if each.policy == self.policy]

    def said(self) -> list[tuple[str, str]]:
        """Levels and messages of what the policy finds."""
        return [(each.level, each.message) for each in self.findings()]
