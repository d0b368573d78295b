"""What a step of the roadmap costs is the settings with it, less the settings without it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from palier.capacity.demand import Scenario
from palier.capacity.forecast import Forecaster
from palier.capacity.planner import Planner
from palier.capacity.roadmap import Roadmap
from palier.capacity.roadmap_telling import cost_text, roadmap_lines
from palier.capacity.standing import load_settings
from palier.capacity.step_costs import NO_SETTINGS, StepCost, step_costs
from palier.capacity.structure import Structure
from palier.costs.prices import open_book
from palier.costs.settings import settings_cost

from tests.unit.capacity.platforms import ROOT, inputs

SMALL = Structure(database_vcpus=2, database_vcpus_most=8, instances=3, instances_most=6)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings of the rehearsal."""
    shutil.copytree(
        ROOT / "stacks", tmp_path / "stacks", ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    monkeypatch.setenv("PALIER_PLATFORM_DIR", str(tmp_path))
    monkeypatch.setenv("PALIER_CACHE_DIR", str(tmp_path / "cache"))
    return load_settings("local", ["foundation", "replicas", "shards", "cdn", "multi-region"])


def plan(growth: float, structure: Structure = SMALL) -> Roadmap:
    made = Forecaster(replace(inputs(), structure=structure), months=12, paths=300)
    return Planner(made, Scenario("some", growth, 12)).plan()


def costs(found: Roadmap, settings: dict[str, Any], *standing: str) -> dict[str, StepCost]:
    priced = step_costs(found, settings, standing or ("foundation",), open_book())
    return {step.move: cost for step, cost in zip(found.steps, priced, strict=True)}


def test_a_larger_database_costs_the_difference_of_the_classes(settings: dict[str, Any]) -> None:
    book = open_book()
    found = plan(150)
    assert [step.move for step in found.steps][:1] == ["vertical"]
    cost = costs(found, settings)["vertical"]
    foundation = settings["foundation"]
    database = foundation.database.model_copy(update={"instance_class": "db.m7g.xlarge"})
    after = foundation.model_copy(update={"database": database})
    wanted = (
        settings_cost("foundation", {"foundation": after}, book).monthly_usd
        - settings_cost("foundation", {"foundation": foundation}, book).monthly_usd
    )
    assert cost.monthly_usd == wanted > 0
    assert cost.estimated  # of eu-west-3, by ratio
    assert not cost.at_most


def test_a_phase_that_does_not_stand_costs_all_that_it_makes(settings: dict[str, Any]) -> None:
    found = plan(700)
    new, there = (
        costs(found, settings, *standing)["replicas"] for standing in ((), ("foundation", "replicas"))
    )
    assert new.monthly_usd is not None
    assert there.monthly_usd is not None
    assert new.monthly_usd > there.monthly_usd
    assert new.why == "besides, without a price: RDS Proxy, by the vCPUs behind it"


def test_instances_cost_at_most_what_all_of_them_do(settings: dict[str, Any]) -> None:
    cost = costs(plan(700), settings)["instances"]
    assert cost.at_most
    assert cost.monthly_usd is not None
    assert cost.monthly_usd > 0


def test_a_class_without_a_price_is_not_guessed(settings: dict[str, Any]) -> None:
    found = plan(1_000, SMALL.with_changes(database_vcpus_most=32))
    assert {step.move: step.new for step in found.steps}["vertical"] == 32
    cost = costs(found, settings)["vertical"]
    assert cost.monthly_usd is None
    assert cost.why.startswith("no price for instances db.m7g.8xlarge, Multi-AZ; `palier cost prices update`")


def test_without_settings_nothing_is_priced_and_the_reason_stands_once(settings: dict[str, Any]) -> None:
    found = plan(700)
    priced = step_costs(found, {}, ("foundation",), open_book())
    assert {cost.why for cost in priced} == {NO_SETTINGS}
    lines = roadmap_lines(found, priced)
    assert sum(NO_SETTINGS in line for line in lines) == 1
    assert "a month" not in lines[1]


@pytest.mark.parametrize(
    ("cost", "wanted"),
    [
        (StepCost(Decimal("120.5")), "+120$"),
        (StepCost(Decimal(100), estimated=True), "~+100$"),
        (StepCost(Decimal(100), at_most=True), "up to +100$"),
        (StepCost(Decimal(0)), "0$"),
        (StepCost(None, why="x"), "–"),
    ],
)
def test_a_cost_is_told_with_what_it_depends_on(cost: StepCost, wanted: str) -> None:
    assert cost_text(cost, "EUR", None) == wanted


def test_dollars_become_the_platforms_currency_at_its_own_rate_only() -> None:
    assert cost_text(StepCost(Decimal(100)), "EUR", 0.93) == "+93€"


def test_a_bill_that_nobody_observed_is_the_list_price_of_what_stands(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    from palier.capacity.inputs import LISTED, inputs_of
    from palier.capacity.platform_file import load

    text = (
        "platform: x\ncurrency_per_usd: 0.5\n"
        "structure: {environment: local, phases: [foundation, replicas]}\n"
        "observations: [{date: 2024-04-30, metric: cpu_utilization, value: 50}]\n"
    )
    (tmp_path / "palier.yaml").write_text(text)
    found = inputs_of(load(tmp_path))
    priced = [settings_cost(phase, settings, open_book()).monthly_usd for phase in ("foundation", "replicas")]
    assert found.observed["infrastructure_cost"] == pytest.approx(float(sum(priced)) * 0.5)
    assert LISTED in found.notes
    (tmp_path / "palier.yaml").write_text(text.replace("currency_per_usd: 0.5", "currency: EUR"))
    assert "infrastructure_cost" not in inputs_of(load(tmp_path)).observed
