"""The words of the reports, in English and French, each once."""

from __future__ import annotations

import datetime

LANGUAGES = ("en", "fr")

_WORDS: dict[str, tuple[str, str]] = {
    "dashboard": ("Scaling Dashboard", "Scaling Dashboard"),
    "infrastructure": ("Infrastructure Scaling Dashboard", "Dashboard de scaling de l'infrastructure"),
    "team": ("Team Scaling Dashboard", "Dashboard de scaling de l'équipe"),
    "quarterly": ("Scaling Report", "Rapport de scaling"),
    "scenarios": ("Scaling Scenarios", "Scénarios de scaling"),
    "growth": ("Growth Metrics", "Métriques de croissance"),
    "health": ("Infrastructure Health", "Santé de l'infrastructure"),
    "performance_team": ("Team Performance", "Performance de l'équipe"),
    "team_over_time": ("The Team over Time", "L'équipe dans le temps"),
    "actions": ("Actions Required", "Actions requises"),
    "capacity_metrics": ("Capacity Metrics", "Métriques de capacité"),
    "performance": ("Performance Metrics", "Métriques de performance"),
    "cost_metrics": ("Cost Metrics", "Métriques de coût"),
    "productivity": ("Productivity Metrics", "Métriques de productivité"),
    "quality": ("Quality Metrics", "Métriques de qualité"),
    "satisfaction": ("Satisfaction Metrics", "Métriques de satisfaction"),
    "signals": ("Warning Signals", "Signaux d'alarme"),
    "forecast": ("Forecast", "Projection"),
    "calendar": ("Breach Calendar", "Calendrier des dépassements"),
    "costs": ("Costs", "Coûts"),
    "growth_achieved": ("Growth Achieved", "Croissance réalisée"),
    "infrastructure_scaling": ("Infrastructure Scaling", "Scaling de l'infrastructure"),
    "team_scaling": ("Team Scaling", "Scaling de l'équipe"),
    "objectives": ("{quarter} Objectives", "Objectifs {quarter}"),
    "investments": ("Investments Required", "Investissements requis"),
    "recommendation": ("Recommendation", "Recommandation"),
    "vs": ("vs", "vs"),
    "target": ("target", "cible"),
    "trend": ("trend", "tendance"),
    "not_observed": ("not observed", "non observé"),
    "critical": ("critical", "critique"),
    "important": ("important", "important"),
    "desirable": ("desirable", "souhaitable"),
    "attention": ("attention", "attention"),
    "ok": ("fine", "bon"),
    "points": ("pts", "pts"),
    "average": ("on average", "moyenne"),
    "developer": ("developer", "développeur"),
    "developers": ("developers", "développeurs"),
    "per_user": ("Cost per user", "Coût par utilisateur"),
    "per_transaction": ("Cost per transaction", "Coût par transaction"),
    "roi": ("ROI on infrastructure investments", "ROI des investissements d'infrastructure"),
    "velocity_per_developer": ("Velocity per developer", "Vélocité par développeur"),
    "points_per_developer": ("points/sprint", "points/sprint"),
    "faster_pages": ("faster", "plus rapide"),
    "page_loads": ("Page loads", "Chargement des pages"),
    "services": ("services", "services"),
    "recruited": ("Recruited", "Recrutés"),
    "retained": ("retained", "restés"),
    "onboarding": ("Average onboarding time", "Durée moyenne d'onboarding"),
    "stable": ("stable", "stable"),
    "total": ("Total", "Total"),
    "tools": ("Tools", "Outils"),
    "infrastructure_word": ("Infrastructure", "Infrastructure"),
    "team_word": ("Team", "Équipe"),
    "additional": ("additional developers", "développeurs supplémentaires"),
    "for_capacity": ("for {percent} additional capacity", "pour {percent} de capacité supplémentaire"),
    "timeline": ("Timeline", "Calendrier"),
    "months": ("months", "mois"),
    "cost": ("Cost", "Coût"),
    "risk": ("Risk", "Risque"),
    "low": ("Low", "Faible"),
    "medium": ("Medium", "Moyen"),
    "high": ("High", "Élevé"),
    "very_high": ("Very High", "Très élevé"),
    "product_teams": ("product teams", "équipes produit"),
    "offices": ("several offices", "bureaux multiples"),
    "scale_up": ("Scale up what stands", "Agrandir l'existant"),
    "suffices": ("What stands suffices", "L'existant suffit"),
    "migrate_services": ("Migration to services of their own", "Migration vers des microservices"),
    "needed": ("capacity needed", "capacité nécessaire"),
    "triples": ("the team {times}×", "l'effectif ×{times}"),
    "scenario": ("Scenario", "Scénario"),
    "users_word": ("users", "utilisateurs"),
    "prepare": ("Prepare", "Préparer"),
    "monitor": ("monitor for", "monitorer pour"),
    "emergency_plan": ("have an emergency plan for", "avoir un plan d'urgence pour"),
    "date": ("Date", "Date"),
    "value": ("Value", "Valeur"),
    "metric": ("Metric", "Métrique"),
    "level": ("Level", "Niveau"),
    "early": ("Early (P10)", "Au plus tôt (P10)"),
    "likely": ("Likely (P50)", "Probable (P50)"),
    "late": ("Late (P90)", "Au plus tard (P90)"),
    "later": ("later", "plus tard"),
    "data": ("The numbers", "Les chiffres"),
    "observed": ("observed", "observé"),
    "if_nothing": ("if nothing is done", "si rien n'est fait"),
    "too_old": ("of {date}, too old to count", "du {date}, trop ancien pour compter"),
    "demand": ("Demand against today's", "Demande par rapport à aujourd'hui"),
}

# The actions of the thresholds, which are in the document's own mix of English and French.
_ACTIONS: dict[str, tuple[str, str]] = {
    "DB migration": ("DB migration", "Migration DB"),
    "Scale up": ("Scale up", "Scale up"),
    "Monitoring upgrade": ("Monitoring upgrade", "Amélioration du monitoring"),
    "Optimisation": ("Optimisation", "Optimisation"),
    "Incident response": ("Incident response", "Réponse aux incidents"),
    "Process review": ("Process review", "Revue de process"),
    "CI/CD improvement": ("CI/CD improvement", "Amélioration CI/CD"),
    "Team scaling": ("Team scaling", "Renforcer l'équipe"),
    "Reorganisation": ("Reorganisation", "Réorganisation"),
    "Onboarding": ("Onboarding", "Onboarding"),
    "Product review": ("Product review", "Revue produit"),
    "Cost review": ("Cost review", "Revue des coûts"),
}
_MONTHS = (
    ("January", "Janvier"),
    ("February", "Février"),
    ("March", "Mars"),
    ("April", "Avril"),
    ("May", "Mai"),
    ("June", "Juin"),
    ("July", "Juillet"),
    ("August", "Août"),
    ("September", "Septembre"),
    ("October", "Octobre"),
    ("November", "Novembre"),
    ("December", "Décembre"),
)


def word(key: str, language: str) -> str:
    """A word or phrase. Raises KeyError for one that is not there."""
    return _WORDS[key][LANGUAGES.index(language)]


def action(name: str, language: str) -> str:
    """A threshold's action; one of a platform's own as it stands."""
    return _ACTIONS.get(name, (name, name))[LANGUAGES.index(language)]


def month(day: datetime.date, language: str, *, year: bool = True) -> str:
    """`April 2024`, `Avril 2024`."""
    name = _MONTHS[day.month - 1][LANGUAGES.index(language)]
    return f"{name} {day.year}" if year else name
