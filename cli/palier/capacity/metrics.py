"""What may be observed of a platform: every metric with its unit, its kin and which way trouble lies.

The metrics are those of the source document (« Framework de planification de capacité », « Métriques de
scaling »); a few more are needed to compute what it shows, and say so. A metric's thresholds are in
`palier.capacity.limits`, its name for people here, in English and in French.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Family = Literal["infrastructure", "team", "business"]
Worse = Literal["above", "below", "neither"]

PERCENT = "percent"
MONEY = "currency per month"
EXACTLY = "percent, not a share"  # how a file says that 0.7 is less than one percent


class UnknownMetric(LookupError):
    """No metric of that name; `nearest` has those spelt most like it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nearest = tuple(get_close_matches(name, METRICS, n=3))
        super().__init__(f"no metric named {name!r}")


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is observed. `worse` says on which side trouble lies.

    `usual` bounds what a value can be, in `unit`. `share_guard`: a value in (0, 1] is taken for a share that
    should have been written in percent. `peak_of` names the metric whose peaks these are.
    """

    name: str
    unit: str
    family: Family
    worse: Worse
    english: str
    french: str
    usual: tuple[float, float] = (0.0, float("inf"))
    share_guard: bool = False
    peak_of: str | None = None

    def label(self, language: str = "en") -> str:
        """The name for people: `en` or `fr`."""
        return self.french if language == "fr" else self.english

    @property
    def is_percent(self) -> bool:
        """Whether values are in percent of something."""
        return self.unit.startswith(PERCENT)


def _used(name: str, english: str, french: str, unit: str = PERCENT) -> tuple[Metric, Metric]:
    """A utilisation: its average, and its peak. Both may pass 100 only in a forecast."""
    average = Metric(name, unit, "infrastructure", "above", english, french, (0, 100), share_guard=True)
    peak = Metric(
        f"{name}_peak",
        unit,
        "infrastructure",
        "above",
        f"{english}, peak",
        f"{french}, pic",
        (0, 100),
        share_guard=True,
        peak_of=name,
    )
    return average, peak


def _infrastructure(name: str, unit: str, worse: Worse, english: str, french: str, most: float) -> Metric:
    return Metric(name, unit, "infrastructure", worse, english, french, (0.0, most))


def _team(
    name: str,
    unit: str,
    worse: Worse,
    english: str,
    french: str,
    usual: tuple[float, float] = (0.0, float("inf")),
) -> Metric:
    guard = unit.startswith(PERCENT)
    return Metric(name, unit, "team", worse, english, french, usual, share_guard=guard)


def _business(name: str, unit: str, worse: Worse, english: str, french: str) -> Metric:
    return Metric(name, unit, "business", worse, english, french)


_MANY = float("inf")
_WHOLE = (0.0, 100.0)

_ALL: tuple[Metric, ...] = (
    *_used("cpu_utilization", "CPU utilization", "Utilisation CPU"),
    *_used("memory_usage", "Memory usage", "Utilisation mémoire"),
    *_used("database_utilization", "DB utilization", "Utilisation DB"),
    *_used("database_connections", "DB connections", "Connexions DB", "percent of the pool"),
    *_used("bandwidth_utilization", "Bandwidth", "Bande passante"),
    *_used("storage_usage", "Storage usage", "Utilisation stockage")[:1],
    _infrastructure(
        "response_time_p95", "seconds", "above", "Response time P95", "Temps de réponse P95", _MANY
    ),
    _infrastructure("error_rate", "percent of requests", "above", "Error rate", "Taux d'erreur", 100),
    _infrastructure("availability", PERCENT, "below", "Availability", "Disponibilité", 100),
    _infrastructure("throughput", "requests per second", "neither", "Throughput", "Débit", _MANY),
    _infrastructure("page_load_time", "seconds", "above", "Page load time", "Chargement des pages", _MANY),
    _infrastructure("incidents", "incidents per month", "above", "Incidents", "Incidents", _MANY),
    _infrastructure("alerts", "alerts per week", "above", "Alerts", "Alertes", _MANY),
    _infrastructure("application_instances", "instances", "neither", "Instances", "Instances", _MANY),
    _team("developers", "developers", "neither", "Team size", "Effectif"),
    _team("velocity", "story points per sprint", "below", "Velocity", "Vélocité"),
    _team("cycle_time", "days", "above", "Cycle time", "Temps de cycle"),
    _team("lead_time", "days", "above", "Lead time", "Délai de bout en bout"),
    _team(
        "deployment_frequency",
        "deployments per week",
        "below",
        "Deployment frequency",
        "Fréquence de déploiement",
    ),
    _team("code_review_time", "hours", "above", "Code review", "Revue de code"),
    _team(
        "communication_overhead",
        "percent of working time",
        "above",
        "Communication overhead",
        "Temps de communication",
        _WHOLE,
    ),
    _team("occupancy", PERCENT, "above", "Occupancy", "Taux d'occupation", (0.0, 200.0)),
    _team(
        "training_capacity",
        "percent per month",
        "below",
        "Training capacity",
        "Capacité de formation",
        _WHOLE,
    ),
    _team(
        "team_satisfaction", "points of 10", "below", "Team satisfaction", "Satisfaction équipe", (0.0, 10.0)
    ),
    _team("incident_mttr", "hours", "above", "Incident MTTR", "MTTR des incidents"),
    _team("bug_rate", "bugs per feature", "above", "Bug rate", "Taux de bugs"),
    _team("test_coverage", PERCENT, "below", "Test coverage", "Couverture de tests", _WHOLE),
    _team("retention_rate", PERCENT, "below", "Retention at 12 months", "Rétention à 12 mois", _WHOLE),
    _team("referral_rate", PERCENT, "below", "Internal referral rate", "Taux de cooptation", _WHOLE),
    _team("time_to_productivity", "weeks", "above", "Onboarding time", "Durée d'onboarding"),
    _team("developers_recruited", "developers per quarter", "neither", "Recruited", "Recrutés"),
    _team("developers_retained", "developers per quarter", "neither", "Of them retained", "Dont restés"),
    _business("mau", "users", "neither", "MAU", "MAU"),
    _business("users", "users", "neither", "Users", "Utilisateurs"),
    _business(
        "daily_transactions", "transactions per day", "neither", "Daily transactions", "Transactions par jour"
    ),
    _business("revenue", MONEY, "below", "Revenue", "Chiffre d'affaires"),
    _business("growth_rate", "percent per month", "neither", "Growth rate", "Croissance mensuelle"),
    _business("churn_rate", "percent per month", "above", "Churn rate", "Churn"),
    _business("infrastructure_cost", MONEY, "above", "Infrastructure cost", "Coût d'infrastructure"),
)

METRICS: dict[str, Metric] = {each.name: each for each in _ALL}

# How units are also written; everything else is refused.
_SHORT: dict[str, tuple[str, ...]] = {
    "seconds": ("s", "sec", "second"),
    "hours": ("h", "hour"),
    "days": ("d", "day"),
    "weeks": ("week",),
    "percent": ("%",),
    "percent of requests": ("%", "percent"),
    "percent of the pool": ("%", "percent"),
    "percent of working time": ("%", "percent"),
    "percent per month": ("%", "percent", "%/month"),
    "requests per second": ("rps", "requests/s"),
    "deployments per week": ("per week", "/week"),
    "story points per sprint": ("points", "story points"),
    "transactions per day": ("per day", "/day"),
    "points of 10": ("/10", "points"),
}


def metric(name: str) -> Metric:
    """The metric of that name. Raises UnknownMetric, which has the nearest names."""
    try:
        return METRICS[name]
    except KeyError:
        raise UnknownMetric(name) from None


def units_of(entry: Metric, currency: str) -> tuple[str, ...]:
    """How the unit of a metric may be written in a file, the full word first."""
    if entry.unit == MONEY:
        return (f"{currency} per month", currency, f"{currency}/month")
    exact = (EXACTLY,) if entry.share_guard else ()
    return (entry.unit, *_SHORT.get(entry.unit, ()), *exact)
