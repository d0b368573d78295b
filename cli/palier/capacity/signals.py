"""The warning signals of scaling, found in the data, each with its evidence.

The source document (« Signaux d'alarme du scaling ») lists fifteen: five technical, five organisational, five
of business. Each is looked for in the metrics that can show it; one that no observed metric can show is told
as not observed, never as absent.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from palier.capacity.assessment import Assessment, monthly_growth_percent
from palier.capacity.limits import GROWTH, Limits
from palier.capacity.metrics import METRICS
from palier.capacity.observations import History

if TYPE_CHECKING:
    from palier.capacity.platform_file import Event

Part = Literal["technical", "organisational", "business"]
SLOWED = 3.0  # « Features qui prennent 3x plus de temps qu'avant »
EVENT_DAYS = 365  # news of the past that still count


@dataclass(frozen=True)
class Signal:
    """One warning sign. `present` is None where nothing observed could show it; `needs` names what would."""

    key: str
    part: Part
    english: str
    french: str
    present: bool | None
    evidence: tuple[str, ...]
    needs: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return {**self.__dict__, "evidence": list(self.evidence), "needs": list(self.needs)}


@dataclass(frozen=True)
class Ground:
    """What signals are looked for in."""

    history: History
    assessment: Assessment
    limits: Limits
    events: Sequence[Event]
    as_of: datetime.date


Look = Callable[[Ground], list[str]]


@dataclass(frozen=True)
class _Kind:
    key: str
    part: Part
    english: str
    french: str
    needs: tuple[str, ...]
    look: Look


def worse_three_times(*names: str) -> Look:
    """Evidence of metrics that became worse three times running."""

    def look(ground: Ground) -> list[str]:
        found = []
        for name in names:
            values = [each.value for each in ground.history.of(name)][-3:]
            steps = list(pairwise(values))
            worse = METRICS[name].worse
            if len(steps) == 2 and all((b > a) if worse == "above" else (b < a) for a, b in steps):
                shown = ", ".join(f"{value:g}" for value in values)
                found.append(f"{name} was {shown} {METRICS[name].unit}")
        return found

    return look


def beyond(*names: str) -> Look:
    """Evidence of metrics at attention or worse."""

    def look(ground: Ground) -> list[str]:
        found = []
        for name in names:
            standing = ground.assessment.of(name)
            if standing is not None and standing.level != "ok" and not standing.stale:
                found.append(f"{name} is {standing.value:g} {standing.unit}: {standing.reason}")
        return found

    return look


def _any(*looks: Look) -> Look:
    return lambda ground: list(dict.fromkeys(said for look in looks for said in look(ground)))


def _slowed(ground: Ground) -> list[str]:
    values = ground.history.of("cycle_time")
    if len(values) < 2:
        return []
    best = min(values[:-1], key=lambda each: each.value)
    last = values[-1]
    if best.value <= 0 or last.value < SLOWED * best.value:
        return []
    times = last.value / best.value
    return [f"cycle_time is {last.value:g} days, {times:.1f} times the {best.value:g} of {best.date}"]


def _growing(ground: Ground) -> list[str]:
    row = ground.limits.get(GROWTH.metric) or GROWTH
    found = []
    for name in ("mau", "users"):
        values = ground.history.of(name)
        if len(values) > 1:
            monthly = monthly_growth_percent(values[-2], values[-1])
            if monthly > row.attention:
                found.append(f"{name} grew {monthly:.1f} percent a month to {values[-1].date}")
    observed = ground.history.latest(GROWTH.metric)
    if not found and observed is not None and observed.value > row.attention:
        found.append(f"growth_rate is {observed.value:g} percent a month")
    return found


def _event(kind: str) -> Look:
    def look(ground: Ground) -> list[str]:
        return [
            f"{each.date}: {each.what}"
            for each in ground.events
            if each.kind == kind and (ground.as_of - each.date).days <= EVENT_DAYS
        ]

    return look


_KINDS: tuple[_Kind, ...] = (
    _Kind(
        "response_times",
        "technical",
        "Response times rise steadily",
        "Temps de réponse qui augmentent progressivement",
        ("response_time_p95",),
        _any(worse_three_times("response_time_p95"), beyond("response_time_p95")),
    ),
    _Kind(
        "incidents",
        "technical",
        "Incidents become more frequent",
        "Incidents de plus en plus fréquents",
        ("incidents", "error_rate"),
        _any(worse_three_times("incidents", "error_rate"), beyond("error_rate", "availability")),
    ),
    _Kind(
        "deployments",
        "technical",
        "Deploying is difficult",
        "Difficultés à déployer (peur de casser)",
        ("deployment_frequency",),
        _any(worse_three_times("deployment_frequency"), beyond("deployment_frequency")),
    ),
    _Kind(
        "monitoring",
        "technical",
        "Monitoring becomes unreadable",
        "Monitoring qui devient illisible",
        ("alerts",),
        worse_three_times("alerts"),
    ),
    _Kind(
        "database",
        "technical",
        "The database struggles",
        "Base de données qui rame",
        ("database_utilization", "database_connections"),
        beyond("database_utilization", "database_utilization_peak", "database_connections"),
    ),
    _Kind(
        "meetings",
        "organisational",
        "Meetings that do not end",
        "Réunions qui n'en finissent plus",
        ("communication_overhead",),
        beyond("communication_overhead"),
    ),
    _Kind(
        "collisions",
        "organisational",
        "Developers get in each other's way",
        "Développeurs qui se marchent dessus",
        ("code_review_time",),
        _any(worse_three_times("code_review_time"), beyond("code_review_time")),
    ),
    _Kind(
        "slower_features",
        "organisational",
        "Features take three times as long",
        "Features qui prennent 3x plus de temps qu'avant",
        ("cycle_time",),
        _any(_slowed, beyond("cycle_time")),
    ),
    _Kind(
        "lost_communication",
        "organisational",
        "Communication gets lost",
        "Communication qui se perd",
        ("communication_overhead", "bug_rate"),
        worse_three_times("communication_overhead", "bug_rate"),
    ),
    _Kind(
        "slow_decisions",
        "organisational",
        "Decisions drag on",
        "Décisions qui traînent",
        ("lead_time",),
        worse_three_times("lead_time"),
    ),
    _Kind(
        "growth",
        "business",
        "Users grow by more than 20 % a month",
        "Croissance utilisateurs >20% par mois",
        ("mau", "users", "growth_rate"),
        _growing,
    ),
    _Kind(
        "fundraising",
        "business",
        "A fundraising is announced",
        "Levée de fonds annoncée",
        (),
        _event("fundraising"),
    ),
    _Kind(
        "expansion",
        "business",
        "Expansion to other places is planned",
        "Expansion géographique prévue",
        (),
        _event("expansion"),
    ),
    _Kind("markets", "business", "New markets", "Nouveaux marchés à adresser", (), _event("new_market")),
    _Kind(
        "competition",
        "business",
        "Competition grows",
        "Concurrence qui s'intensifie",
        (),
        _event("competition"),
    ),
)


def find_signals(
    history: History, assessment: Assessment, limits: Limits, events: Iterable[Event]
) -> tuple[Signal, ...]:
    """All fifteen, in the document's order, each looked for in what was observed."""
    ground = Ground(history, assessment, limits, tuple(events), assessment.as_of)
    return tuple(_signal(kind, ground) for kind in _KINDS)


def _signal(kind: _Kind, ground: Ground) -> Signal:
    evidence = tuple(kind.look(ground))
    seen = not kind.needs or any(name in ground.history for name in kind.needs)
    present: bool | None = bool(evidence) if seen or evidence else None
    return Signal(kind.key, kind.part, kind.english, kind.french, present, evidence, kind.needs)
