"""What `palier check` found: of each phase changes and findings, cost and headroom before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

Severity = Literal["low", "medium", "high", "critical"]
CLEAN, VIOLATED, FAILED = 0, 1, 2


@dataclass(frozen=True)
class PolicyInfo:
    """A policy that was run: its pack and name, what must hold, how much it matters."""

    pack: str
    name: str
    says: str
    severity: Severity | None = None


@dataclass(frozen=True)
class Finding:
    """What one policy said of one resource, or of the stack where `urn` is empty.

    `message` is complete; the rest is the same for machines, None where the policy has no such fact. `date`
    is an ISO day, `monthly_usd` US dollars a month. `not_known`: it could not be judged before `up`.
    """

    phase: str
    pack: str
    policy: str
    level: Literal["advisory", "mandatory"]
    message: str
    urn: str = ""
    severity: Severity | None = None
    exempt: bool = False
    not_known: bool = False
    metric: str | None = None
    actual: float | None = None
    limit: float | None = None
    scenario: str | None = None
    date: str | None = None
    advice: str | None = None
    monthly_usd: float | None = None

    @property
    def mandatory(self) -> bool:
        """Whether it stops the change."""
        return self.level == "mandatory"

    @property
    def subject(self) -> str:
        """The resource for people: type and logical name; the phase where it is about the stack."""
        from palier.phases.progress import describe

        return describe(self.urn) if self.urn else self.phase


@dataclass(frozen=True)
class Headroom:
    """One metric on a structure: `value` today in `unit`, its attention `limit`, and when levels are crossed.

    `left` is the distance to the limit in the unit, negative beyond it. `attention` and `critical` are the
    days on which half of the forecast's paths have crossed (ISO); None for not within the horizon.
    """

    metric: str
    unit: str
    value: float
    limit: float
    left: float
    attention: str | None
    critical: str | None


@dataclass(frozen=True)
class Outlook:
    """What the capacity model says with what stands (`before`) and with what is planned (`after`)."""

    scenario: str
    as_of: str
    horizon: str
    before: tuple[Headroom, ...]
    after: tuple[Headroom, ...]


@dataclass(frozen=True)
class Cost:
    """US dollars a month, by list price: as it stands and as planned. `notes` say what has no price."""

    before_usd: Decimal
    after_usd: Decimal
    notes: tuple[str, ...] = ()

    @property
    def difference_usd(self) -> Decimal:
        """Planned minus standing."""
        return self.after_usd - self.before_usd


@dataclass(frozen=True)
class PhaseCheck:
    """One phase. `changes` counts resources by kind (`created`, `updated`, `replaced`, `deleted`, `same`).

    `settings_file` is what most findings are mended in, relative to the platform's folder. `failed` says why
    there was no preview; then the rest is empty. `outlook` is None where no palier.yaml tells of it.
    """

    phase: str
    environment: str
    settings_file: str
    changes: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    cost: Cost | None = None
    outlook: Outlook | None = None
    seconds: float = 0.0
    log: Path | None = None
    failed: str | None = None

    def of(self, level: str) -> list[Finding]:
        """The findings of one level."""
        return [each for each in self.findings if each.level == level]


@dataclass(frozen=True)
class Check:
    """All phases that were checked, in order; `skipped` names those that the change does not touch."""

    environment: str
    phases: tuple[PhaseCheck, ...]
    policies: tuple[PolicyInfo, ...]
    skipped: tuple[str, ...] = ()
    since: str | None = None

    @property
    def findings(self) -> list[Finding]:
        """The findings of every phase."""
        return [finding for phase in self.phases for finding in phase.findings]

    @property
    def exit_code(self) -> int:
        """2 where a preview failed, else 1 where something mandatory is violated, else 0."""
        if any(phase.failed for phase in self.phases):
            return FAILED
        return VIOLATED if any(finding.mandatory for finding in self.findings) else CLEAN

    def sentence(self) -> str:
        """One line: how it ended."""
        return _sentence(self.phases, self.findings, self.skipped)


def _sentence(phases: Iterable[PhaseCheck], findings: list[Finding], skipped: tuple[str, ...]) -> str:
    phases = list(phases)
    failed = [phase.phase for phase in phases if phase.failed]
    if failed:
        return f"no preview of {', '.join(failed)}: nothing was decided"
    if not phases:
        return f"nothing to check: the change touches no phase ({len(skipped)} left out)"
    mandatory = sum(1 for finding in findings if finding.mandatory)
    advisory = len(findings) - mandatory
    names = ", ".join(phase.phase for phase in phases)
    if not findings:
        return f"{names}: every policy holds"
    kinds = [f"{mandatory} mandatory"] if mandatory else []
    kinds += [f"{advisory} advisory"] if advisory else []
    return f"{names}: {', '.join(kinds)} finding{'s' if len(findings) > 1 else ''}"


def as_data(check: Check) -> dict[str, Any]:
    """For `--output json`: every number with its unit in its name."""
    return {
        "environment": check.environment,
        "since": check.since,
        "exit_code": check.exit_code,
        "skipped": list(check.skipped),
        "policies": [asdict(policy) for policy in check.policies],
        "phases": [_phase_data(phase) for phase in check.phases],
    }


def _phase_data(phase: PhaseCheck) -> dict[str, Any]:
    cost = phase.cost
    return {
        "phase": phase.phase,
        "environment": phase.environment,
        "settings_file": phase.settings_file,
        "failed": phase.failed,
        "changes": dict(phase.changes),
        "findings": [
            {name: value for name, value in asdict(finding).items() if value is not None}
            for finding in phase.findings
        ],
        "cost": None
        if cost is None
        else {
            "before_usd_per_month": float(cost.before_usd),
            "after_usd_per_month": float(cost.after_usd),
            "difference_usd_per_month": float(cost.difference_usd),
            "notes": list(cost.notes),
        },
        "outlook": None if phase.outlook is None else asdict(phase.outlook),
        "seconds": round(phase.seconds, 2),
        "log": None if phase.log is None else str(phase.log),
    }
