"""Where a platform stands: the signs of the document's dashboard, trends, headroom, old values, signals."""

from __future__ import annotations

import datetime

import pytest
from palier.capacity.actions import actions_of, quarter_end, quarter_of
from palier.capacity.assessment import assess
from palier.capacity.inputs import scenarios_of, standing
from palier.capacity.limits import LIMITS, Limits
from palier.capacity.signals import find_signals
from palier.capacity.structure import Structure

from tests.unit.capacity.platforms import history, jobo

# « Dashboard de scaling chez JOBO Interim », April 2024, with its signs.
DASHBOARD = {
    "mau": (125_000, "⚠️"),
    "daily_transactions": (15_000, "⚠️"),
    "revenue": (180_000, "✅"),
    "churn_rate": (8, "✅"),
    "response_time_p95": (1.8, "✅"),
    "error_rate": (0.3, "✅"),
    "cpu_utilization": (75, "⚠️"),
    "database_utilization": (85, "🔴"),
    "cycle_time": (10, "✅"),
    "deployment_frequency": (3, "✅"),
    "code_review_time": (8, "⚠️"),
    "team_satisfaction": (7.8, "✅"),
}


def test_the_example_has_the_values_and_signs_of_the_documents_dashboard() -> None:
    loaded = jobo()
    found = assess(loaded.history(), loaded.platform.limits)
    standings = {name: found.of(name) for name in DASHBOARD}
    assert {name: (each.value, each.sign) for name, each in standings.items() if each} == DASHBOARD


def test_the_examples_changes_are_those_of_the_document() -> None:
    loaded = jobo()
    found = assess(loaded.history(), loaded.platform.limits)
    changes = {
        name: round(each.change_percent or 0)
        for name in ("mau", "daily_transactions", "revenue")
        if (each := found.of(name)) is not None
    }
    assert changes == {"mau": 25, "daily_transactions": 20, "revenue": 15}


def test_the_examples_actions_are_those_of_the_document_in_its_order() -> None:
    loaded = jobo()
    observed, platform = loaded.history(), loaded.platform
    found = actions_of(
        assess(observed, platform.limits),
        standing(platform)[0],
        scenarios_of(platform)[0],
        platform.model,
        observed.value("developers"),
    )
    assert [(each.action, each.quarter, each.priority, each.developers) for each in found] == [
        ("DB migration", "Q2", "critical", None),
        ("Team scaling", "Q2", "important", 1),
        ("Monitoring upgrade", "Q2", "desirable", None),
    ]


def test_what_scaling_does_by_itself_is_no_action_until_it_is_critical() -> None:
    limits = Limits()
    scales = Structure(instances=2, instances_most=4)
    for value, structure, wanted in (
        (75, scales, []),
        (95, scales, ["Scale up"]),
        (75, Structure(instances=4, instances_most=4), ["Scale up"]),
    ):
        found = assess(history({"cpu_utilization": [("2024-04-30", value)]}), limits)
        assert [each.action for each in actions_of(found, structure, None, {}, None)] == wanted


@pytest.mark.parametrize("row", LIMITS, ids=lambda row: row.metric)
def test_a_value_on_a_level_has_not_crossed_it(row: object) -> None:
    from palier.capacity.metrics import METRICS
    from palier.capacity.thresholds import Threshold

    assert isinstance(row, Threshold)
    if row.metric not in METRICS:
        return
    step = 0.01 if row.direction == "above" else -0.01
    levels = []
    for value in (row.attention, row.attention + step, row.critical, row.critical + step):
        found = assess(history({row.metric: [("2024-04-30", value)]}), Limits())
        standing = found.of(row.metric)
        assert standing is not None
        levels.append(standing.level)
    assert levels == ["ok", "attention", "attention", "critical"]


REVIEW = {
    "worse three times, and near": ([3, 5, 8], "attention"),
    "worse three times, and far": ([3, 3.01, 3.02], "ok"),
    "worse once only": ([8, 5, 8], "ok"),
    "better": ([8, 5, 3], "ok"),
    "two values only": ([3, 8], "ok"),
}


@pytest.mark.parametrize(("values", "level"), REVIEW.values(), ids=REVIEW)
def test_a_metric_on_its_way_to_its_level_wants_attention(values: list[float], level: str) -> None:
    days = ["2024-02-29", "2024-03-31", "2024-04-30"][-len(values) :]
    found = assess(history({"code_review_time": list(zip(days, values, strict=True))}), Limits())
    standing = found.of("code_review_time")
    assert standing is not None
    assert standing.level == level


def test_a_metric_that_must_not_fall_heads_downwards() -> None:
    rows = [("2024-02-29", 4.0), ("2024-03-31", 2.5), ("2024-04-30", 1.5)]
    standing = assess(history({"deployment_frequency": rows}), Limits()).of("deployment_frequency")
    assert standing is not None
    assert (standing.level, standing.trend) == ("attention", "worse")
    assert standing.reason == "25 days to 1 at this pace"


def test_an_old_value_is_shown_and_counts_for_nothing() -> None:
    rows = {"database_utilization": [("2024-01-31", 99.0)], "mau": [("2024-04-30", 5.0)]}
    found = assess(history(rows), Limits())
    standing = found.of("database_utilization")
    assert standing is not None
    assert (standing.stale, standing.level) == (True, "critical")
    assert found.level == "ok"
    assert found.at_least("attention") == []


def test_the_cost_share_is_computed_where_cost_and_revenue_were_observed() -> None:
    rows = {"infrastructure_cost": [("2024-04-30", 15.0)], "revenue": [("2024-04-30", 100.0)]}
    share = assess(history(rows), Limits()).of("cost_share")
    assert share is not None
    assert (share.value, share.level, share.target_met) == (15.0, "attention", False)


def test_headroom_is_what_is_left_to_attention() -> None:
    found = assess(history({"cpu_utilization": [("2024-04-30", 75.0)]}), Limits())
    assert [each.headroom for each in found.standings] == [-5.0]


def test_the_signals_of_the_example_come_with_their_evidence() -> None:
    loaded = jobo()
    observed, platform = loaded.history(), loaded.platform
    found = find_signals(observed, assess(observed, platform.limits), platform.limits, platform.events)
    assert len(found) == 15
    present = {each.key: each.evidence for each in found if each.present}
    assert set(present) == {"database", "collisions", "growth"}
    assert present["growth"] == ("mau grew 25.0 percent a month to 2024-04-30",)
    assert present["database"] == ("database_utilization is 85 percent: over 80",)
    unknown = {each.key for each in found if each.present is None}
    assert unknown == {"monitoring", "meetings", "lost_communication", "slow_decisions"}


SIGNALS = {
    "response_times": {"response_time_p95": [1.0, 1.2, 1.4]},
    "incidents": {"incidents": [1, 2, 5]},
    "deployments": {"deployment_frequency": [9, 7, 5]},
    "monitoring": {"alerts": [10, 40, 90]},
    "meetings": {"communication_overhead": [10, 15, 25]},
    "slower_features": {"cycle_time": [4, 6, 12]},
    "lost_communication": {"bug_rate": [1, 2, 3]},
    "slow_decisions": {"lead_time": [10, 20, 30]},
    "growth": {"users": [100, 110, 140]},
}


@pytest.mark.parametrize(("key", "values"), SIGNALS.items(), ids=SIGNALS)
def test_a_signal_is_found_in_what_shows_it_and_not_in_what_does_not(
    key: str, values: dict[str, list[float]]
) -> None:
    days = ("2024-02-29", "2024-03-31", "2024-04-30")
    for rows, present in ((values, True), ({name: [v[0]] * 3 for name, v in values.items()}, False)):
        observed = history({name: list(zip(days, each, strict=True)) for name, each in rows.items()})
        found = find_signals(observed, assess(observed, Limits()), Limits(), [])
        (signal,) = (each for each in found if each.key == key)
        assert signal.present is present
        assert bool(signal.evidence) is present


def test_news_are_signals_for_a_year() -> None:
    from palier.capacity.platform_file import Event

    observed = history({"mau": [("2024-04-30", 5.0)]})
    for date, present in (("2024-01-15", True), ("2025-01-15", True), ("2022-01-15", False)):
        event = Event(date=datetime.date.fromisoformat(date), kind="fundraising", what="Series A")
        found = find_signals(observed, assess(observed, Limits()), Limits(), [event])
        (signal,) = (each for each in found if each.key == "fundraising")
        assert signal.present is present


def test_a_quarter_is_named_and_ends() -> None:
    assert quarter_of(datetime.date(2024, 4, 30)) == "Q2"
    assert quarter_end(datetime.date(2024, 4, 30)) == datetime.date(2024, 6, 30)
    assert quarter_end(datetime.date(2024, 12, 1)) == datetime.date(2024, 12, 31)
