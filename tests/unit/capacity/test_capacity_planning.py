"""The planning tables of the source document come out of the example, computed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from palier.capacity.demand import Scenario
from palier.capacity.economics import returns, roi_percent, unit_costs, verdict
from palier.capacity.inputs import history_of, inputs_of, scenarios_of
from palier.capacity.limits import Limits
from palier.capacity.numbers import money, percent, quantity, short, significant
from palier.capacity.planning import Planning, plan, team_plan
from palier.capacity.planning_settings import Hiring, Investment
from palier.capacity.telling import recommendation

from tests.unit.capacity.platforms import jobo


def planned(part: str = "") -> Planning:
    loaded = jobo(part)
    return plan(loaded.platform, inputs_of(loaded), history_of(loaded, None), scenarios_of(loaded.platform))


# « Scénarios de scaling 2024-2025 »: months, infrastructure cost, risk, developers, their cost, risk.
TABLE = {
    "conservative": (12, "150K€", "low", 8, "480K€", "low"),
    "aggressive": (18, "500K€", "medium", 20, "1.2M€", "high"),
    "hypergrowth": (24, "1.5M€", "very_high", 50, "3M€", "very_high"),
}


def test_the_documents_scenario_table_comes_out_of_the_example() -> None:
    found = {
        each.scenario: (
            each.months,
            money(each.infrastructure_cost or 0, "EUR", 2),
            each.infrastructure_risk,
            each.team.developers,
            money(each.team.annual_cost, "EUR", 2),
            each.team.risk,
        )
        for each in planned().plans
    }
    assert found == TABLE


def test_the_recommendation_is_the_documents() -> None:
    assert recommendation(planned()) == (
        "prepare conservative, monitor aggressive, have an emergency plan for hypergrowth"
    )


def test_each_scenario_asks_for_the_architecture_that_the_document_names() -> None:
    conservative, aggressive, hypergrowth = planned().plans
    assert set(conservative.changes) == {"vertical", "storage"}  # « Scale up existing »
    assert aggressive.services  # « Migration complète microservices »
    assert "multi-region" in aggressive.changes
    assert "shards" not in aggressive.changes
    assert {"shards", "cdn", "multi-region"} <= set(hypergrowth.changes)  # « distribuée globale », « edge »
    assert aggressive.team.teams == 3  # « 3 équipes produit »
    assert hypergrowth.team.offices > 1  # « Offices multiples »


def test_the_documents_first_projection_comes_out_of_the_capacity_plan() -> None:
    conservative, realistic, optimistic = planned("capacity-plan").plans
    assert round(conservative.capacity_percent) == 30  # « +30% capacité nécessaire »
    assert [each.team.developers for each in (conservative, realistic, optimistic)] == [2, 5, 12]
    assert optimistic.team.size_before == 6  # « Tripler l'effectif »
    assert 1 + optimistic.team.developers / 6 == 3
    assert optimistic.team.teams > 1  # « plusieurs équipes »


def test_what_scaling_starts_by_itself_is_capacity_that_is_needed_too() -> None:
    needed = []
    for most in (6, 600):
        loaded = jobo("capacity-plan")
        given = inputs_of(loaded)
        given = replace(given, structure=given.structure.with_changes(instances_most=most))
        found = plan(loaded.platform, given, history_of(loaded, None), scenarios_of(loaded.platform))
        needed.append([each.capacity_percent for each in found.plans])
    assert needed[0] == needed[1]


def test_a_pace_beyond_the_scenarios_is_told() -> None:
    (note,) = planned().notes
    assert note.startswith("users grew 25.0 percent in the last month, beyond every scenario's pace")


def test_hiring_is_rounded_up_to_a_team() -> None:
    hiring = Hiring()
    for growth, wanted in ((0, 0), (10, 8), (160, 8), (161, 9), (400, 20)):
        assert team_plan(hiring, Scenario("x", growth, 12), {}).developers == wanted


def test_people_that_cannot_be_taken_in_are_a_risk() -> None:
    hiring = Hiring(hires_per_month=1.0, smallest_team=1)
    risks = [team_plan(hiring, Scenario("x", growth, 12), {}).risk for growth in (140, 180, 230, 300)]
    assert risks == ["low", "medium", "high", "very_high"]


def test_unit_costs_are_those_of_one_month() -> None:
    found = unit_costs(
        "x",
        {"infrastructure_cost": 100.0, "mau": 50.0, "revenue": 800.0, "daily_transactions": 10.0},
        Limits(),
    )
    assert (found.per_user, found.share_percent, found.level) == (2.0, 12.5, "attention")
    assert found.per_transaction == pytest.approx(100 / (10 * 30.436875))
    assert unit_costs("x", {"mau": 50.0}, Limits()).per_user is None


def test_an_investments_return_is_judged_as_the_document_judges_debt() -> None:
    assert [verdict(roi) for roi in (301, 300, 151, 150, 50, 49)] == [
        "now",
        "within_3_months",
        "within_3_months",
        "backlog",
        "backlog",
        "do_not",
    ]
    assert roi_percent(150.0, 100.0) == 150.0
    with pytest.raises(ValueError, match="a cost of 0 returns nothing"):
        roi_percent(1.0, 0.0)


def test_savings_grow_with_demand_and_developers_cost_a_year() -> None:
    investment = Investment(what="tools", note="cache", developers=1, annual_savings=90_000)
    today, later = returns([investment], 60_000, {"some": 2.0})
    assert (today.cost, today.roi_percent, today.scenario) == (60_000, 150.0, None)
    assert (later.roi_percent, later.scenario, later.verdict) == (300.0, "some", "within_3_months")
    assert returns([Investment(what="tools", amount=5)], 1, {}) == []


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (short(125_000), "125K"),
        (short(999_999), "1M"),
        (short(1_499_000, 2), "1.5M"),
        (short(0.0693), "0.0693"),
        (short(0), "0"),
        (short(1.8, language="fr"), "1,8"),
        (money(180_000, "EUR"), "180K€"),
        (money(5, "CHF"), "5 CHF"),
        (percent(25.0, signed=True), "+25%"),
        (percent(62.5, signed=True), "+62%"),
        (percent(0.3), "0.3%"),
        (quantity(3, "deployments per week", language="fr"), "3/semaine"),
        (quantity(10, "days", language="fr"), "10 jours"),
        (quantity(7.8, "points of 10"), "7.8/10"),
        (quantity(1.8, "seconds"), "1.8s"),
    ],
)
def test_numbers_are_written_as_the_document_writes_them(told: str, wanted: str) -> None:
    assert told == wanted


def test_rounding_keeps_what_is_significant() -> None:
    assert [significant(value, 2) for value in (487_992.0, 1_456_908.0, 0.0, -3.14159)] == [
        490_000.0,
        1_500_000.0,
        0.0,
        -3.1,
    ]
