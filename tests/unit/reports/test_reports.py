"""The source document's four reports come out of the example, with its figures, signs and actions."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from palier.commands.main import run
from palier.reports.words import LANGUAGES, word

from tests.unit.capacity.platforms import JOBO

Capture = pytest.CaptureFixture[str]
KINDS = ("dashboard", "infrastructure", "team", "quarterly", "scenarios")
WHERE = {"quarterly": JOBO / "q2-2024"}


def report(capsys: Capture, kind: str, *arguments: str) -> str:
    platform = str(WHERE.get(kind, JOBO))
    assert run(["report", kind, "--platform", platform, *arguments]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


# « Dashboard de scaling chez JOBO Interim », line by line.
DASHBOARD = """\
# Scaling Dashboard - April 2024

## 📈 Growth Metrics

- MAU: 125K (+25% vs March) ⚠️
- Daily transactions: 15K/day (+20%) ⚠️
- Revenue: 180K€ (+15%) ✅
- Churn rate: 8% (-2 pts) ✅

## 🏗️ Infrastructure Health

- Response time P95: 1.8s ✅
- Error rate: 0.3% ✅
- CPU utilization: 75% ⚠️
- DB utilization: 85% 🔴

## 👥 Team Performance

- Cycle time: 10 days ✅
- Deployment frequency: 3/week ✅
- Code review: 8h on average ⚠️
- Team satisfaction: 7.8/10 ✅

## 📊 Actions Required

1. DB migration Q2 (critical)
2. +1 developer Q2 (important)
3. Monitoring upgrade (desirable)
"""
# « Scaling Report Q2 2024 ».
QUARTER = """\
# Scaling Report Q2 2024

## 📈 Growth Achieved

- Users: 500K → 750K (+50%)
- Revenue: 400K€ → 650K€ (+62%)
- Team size: 25 → 35 developers (+40%)
- Daily transactions: 50K/day → 120K/day (+140%)

## 🏗️ Infrastructure Scaling

- Migrated to microservices: 3/8 services ✅
- Database sharding implemented ✅
- CDN deployment ✅
- Page loads: 50% faster ✅
- Cost per user: -25% ✅

## 👥 Team Scaling

- Recruited: 10 developers (8 retained) ✅
- Average onboarding time: 4 weeks → 2 weeks ✅
- Team satisfaction: 8.1/10 (stable) ✅
- Deployment frequency: 5/week → 15/week ✅

## 🎯 Q3 Objectives

- Complete microservices migration
- Scale to 1M users
- Launch mobile app
- Open London office

## 💰 Investments Required

- Infrastructure: 50K€ (capacity planning)
- Team: 5 additional developers (300K€)
- Tools: 15K€ (monitoring, security)
- Total: 365K€ (for 60% additional capacity)
"""


def test_the_dashboard_of_april_is_the_documents(capsys: Capture) -> None:
    assert report(capsys, "dashboard").startswith(DASHBOARD)


def test_the_report_of_the_second_quarter_is_the_documents(capsys: Capture) -> None:
    assert report(capsys, "quarterly").startswith(QUARTER)


def test_the_dashboard_is_the_documents_in_french_too(capsys: Capture) -> None:
    text = report(capsys, "dashboard", "--lang", "fr")
    for line in (
        "# Scaling Dashboard - Avril 2024",
        "- MAU: 125K (+25% vs mars) ⚠️",
        "- Temps de réponse P95: 1,8s ✅",
        "- Temps de cycle: 10 jours ✅",
        "- Fréquence de déploiement: 3/semaine ✅",
        "- Revue de code: 8h moyenne ⚠️",
        "1. Migration DB Q2 (critique)",
        "2. +1 développeur Q2 (important)",
        "3. Amélioration du monitoring (souhaitable)",
        "- Base de données qui rame",
    ):
        assert f"\n{line}\n" in f"\n{text}", line


# « Scénarios de scaling 2024-2025 ».
SCENARIOS = (
    ("conservative (+100% users)", "12 months", "150K€", "Low", "+8 developers", "480K€", "Low"),
    (
        "aggressive (+400% users)",
        "18 months",
        "500K€",
        "Medium",
        "+20 developers, 3 product teams",
        "1.2M€",
        "High",
    ),
    ("hypergrowth (+1000% users)", "24 months", "1.5M€", "Very High", "+50 developers", "3M€", "Very High"),
)


def test_the_scenarios_are_the_documents(capsys: Capture) -> None:
    text = report(capsys, "scenarios")
    blocks = re.split(r"^## ", text, flags=re.MULTILINE)[1:4]
    for block, (title, months, cost, risk, people, team_cost, team_risk) in zip(
        blocks, SCENARIOS, strict=True
    ):
        assert block.split("\n", 1)[0].endswith(title)
        assert f"- Timeline: {months}\n" in block
        assert f"- Infrastructure, cost: {cost}\n" in block
        assert f"- Infrastructure, risk: {risk}\n" in block
        assert f"- Team: {people}" in block
        assert f"- Team, cost: {team_cost}\n" in block
        assert f"- Team, risk: {team_risk}\n" in block
    recommendation = "Prepare Scenario 1, monitor for Scenario 2, have an emergency plan for Scenario 3."
    assert recommendation in text
    french = report(capsys, "scenarios", "--lang", "fr")
    assert (
        "Préparer Scénario 1, monitorer pour Scénario 2, avoir un plan d'urgence pour Scénario 3." in french
    )


def test_the_infrastructures_dashboard_has_every_metric_of_the_document_with_its_target(
    capsys: Capture,
) -> None:
    text = report(capsys, "infrastructure")
    for name, target in (
        ("CPU utilization", "target: <70%"),
        ("Memory usage", "target: <80%"),
        ("Storage usage", "target: <80%"),
        ("Response time P95", "target: <2s"),
        ("Error rate", "target: <1%"),
        ("Availability", "target: >99.9%"),
        ("Cost share of revenue", "target: <10%"),
    ):
        assert re.search(rf"^- {name}: .*{re.escape(target)}", text, re.MULTILINE), name
    for name in ("Throughput", "Cost per user", "Cost per transaction", "ROI on infrastructure investments"):
        assert re.search(rf"^- {name}: ", text, re.MULTILINE), name


def test_the_teams_dashboard_has_every_metric_of_the_document(capsys: Capture) -> None:
    text = report(capsys, "team")
    for name in (
        "Velocity per developer",
        "Cycle time",
        "Deployment frequency",
        "Lead time",
        "Bug rate",
        "Code review",
        "Test coverage",
        "Incident MTTR",
        "Team satisfaction",
        "Retention at 12 months",
        "Onboarding time",
        "Internal referral rate",
    ):
        assert re.search(rf"^- {name}: ", text, re.MULTILINE), name
    assert "- Velocity per developer: 2.5 points/sprint\n" in text


@pytest.mark.parametrize("kind", KINDS)
def test_machines_get_the_same_sections_as_people(capsys: Capture, kind: str) -> None:
    found = json.loads(report(capsys, kind, "--format", "json"))
    titles = re.findall(r"^## (?:\S+ )?(.*)$", report(capsys, kind), re.MULTILINE)
    assert len(found["sections"]) == len(titles)
    assert "<svg" not in json.dumps(found)


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, and whether they close in order."""

    VOID = ("meta", "link", "circle", "line", "rect", "polyline", "polygon")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_asks_nothing_of_the_network_and_has_a_name_for_all_it_shows(
    capsys: Capture, kind: str, language: str
) -> None:
    page = Page(report(capsys, kind, "--format", "html", "--lang", language))
    assert page.open == []
    names = [name for name, _ in page.tags]
    assert "script" not in names
    assert "img" not in names
    for name, attributes in page.tags:
        for key in ("src", "href", "xlink:href"):
            where = attributes.get(key) or "#"
            assert where.startswith(("#", "data:")), (name, where)
        if name == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
        if name == "html":
            assert attributes["lang"] == language
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert names.count("svg") == names.count("figure") == names.count("details")


def test_what_the_platform_is_called_cannot_put_anything_into_the_page(
    tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "palier.yaml").write_text(
        "platform: '<script>alert(1)</script>'\n"
        "milestones: [{date: 2024-04-02, what: '<b>x</b>'}]\n"
        "scenarios: {'<i>': {growth_percent: 50}}\n"
        "observations: [{date: 2024-04-30, metric: cpu_utilization, value: 50}]\n"
    )
    for kind in ("dashboard", "quarterly", "scenarios"):
        assert run(["report", kind, "--platform", str(tmp_path), "--format", "html"]) == 0
        text = capsys.readouterr().out
        for bad in ("<script", "<b>", "<i>"):
            assert bad not in text, kind


def test_a_report_is_written_and_a_second_time_not(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "april.html"
    arguments = ["report", "dashboard", "--platform", str(JOBO), "--format", "html", "--out", str(out)]
    assert run(arguments) == 0
    assert capsys.readouterr().err.splitlines()[-1] == f"written: {out}"
    assert run(arguments) == 0
    assert capsys.readouterr().err.splitlines()[-1] == f"nothing to change: {out}"
    assert run([*arguments[:-1], str(tmp_path / "no" / "where.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_platform_that_observed_little_gets_the_report_that_it_can(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "palier.yaml").write_text(
        "platform: x\nobservations: [{date: 2024-04-30, metric: team_satisfaction, value: 6.5}]\n"
    )
    for kind in KINDS[:4]:
        assert run(["report", kind, "--platform", str(tmp_path)]) == 0, kind
        assert capsys.readouterr().out.startswith("# ")


def test_every_word_is_there_in_both_languages() -> None:
    from palier.reports import words

    for key in words._WORDS:
        assert word(key, "en")
        assert word(key, "fr")


def test_an_earlier_day_gives_the_report_of_that_day(capsys: Capture) -> None:
    text = report(capsys, "dashboard", "--as-of", "2024-03-31")
    assert text.startswith("# Scaling Dashboard - March 2024\n")
    assert "- MAU: 100K (+27% vs February) ⚠️\n" in text
