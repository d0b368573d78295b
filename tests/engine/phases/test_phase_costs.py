"""What the phases cost: of the states that the engine wrote, of its previews, and of the settings alike."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from palier.costs.prices import open_book
from palier.costs.settings import settings_cost
from palier.phases import catalog

from tests.engine.phases.machine import Machine, Platform

PHASES = [phase.name for phase in catalog.phases()]
Told = dict[str, Any]


def shown(machine: Machine, *arguments: str) -> Told:
    """What `palier cost show` tells."""
    told: Told = machine.palier("cost", "show", *arguments, "--output", "json").json
    return told


@pytest.fixture(scope="module")
def standing(whole_path: Platform) -> dict[str, Told]:
    """What each phase of the whole path costs as it stands."""
    return {each["phase"]: each["standing"] for each in shown(whole_path.machine)["phases"]}


@pytest.fixture(scope="module")
def by_settings(whole_path: Platform) -> dict[str, Decimal]:
    """What each phase costs by its local settings."""
    settings = catalog.load_together(catalog.phases(), "local")
    book = open_book(folder=Path("no such folder"))
    return {name: settings_cost(name, settings, book).monthly_usd for name in PHASES}


@pytest.mark.parametrize("phase", PHASES)
def test_what_stands_costs_what_its_settings_say_to_the_cent(
    standing: dict[str, Told], by_settings: dict[str, Decimal], phase: str
) -> None:
    assert standing[phase]["monthly_usd"] == str(by_settings[phase])


@pytest.mark.parametrize("phase", PHASES)
def test_nothing_that_stands_is_unlisted_or_unknown(standing: dict[str, Told], phase: str) -> None:
    items = standing[phase]["items"]
    assert [item for item in items if item["kind"] in ("unlisted", "not_known")] == []
    assert {item["region"] for item in items} <= {"eu-west-3", "eu-west-1", "us-east-1"}


def test_a_preview_prices_the_change_of_a_setting_and_changes_nothing(standing_two: Platform) -> None:
    machine = standing_two.machine
    before, settings = machine.mutations(), machine.settings("replicas").read_text()
    machine.set("replicas", "instances", count=4)
    try:
        told = shown(machine, "--through", "replicas", "--planned")
    finally:
        machine.settings("replicas").write_text(settings)

    assert [each["difference_usd"] for each in told["phases"]] == ["0.00", "115.92"]
    assert told["difference_usd"] == "115.92"
    assert machine.mutations() == before


def test_a_first_preview_costs_what_the_settings_say_and_a_phase_beyond_is_priced_by_them(
    machine: Machine, by_settings: dict[str, Decimal]
) -> None:
    told = shown(machine, "--through", "replicas", "--planned")

    plans = {each["phase"]: each for each in told["phases"]}
    assert {name: each["planned"]["monthly_usd"] for name, each in plans.items()} == {
        name: str(by_settings[name]) for name in ("foundation", "replicas")
    }
    assert {name: each["by_settings"] for name, each in plans.items()} == {
        "foundation": False,
        "replicas": True,
    }
    assert [item for item in plans["foundation"]["planned"]["items"] if item["kind"] == "not_known"] == []


@pytest.fixture
def standing_two(whole_path: Platform) -> Platform:
    """Foundation and replicas stand, as their settings say."""
    whole_path.machine.palier("up", "--through", "replicas")
    return whole_path
