"""What settings cost: the same as what the programs make of them, whatever the settings say."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from palier.costs.estimate import cost_of
from palier.costs.model import Class, CostEstimate, Planned
from palier.costs.settings import COVERED, PHASES, settings_cost
from palier.errors import InputError
from palier.phases import catalog

from tests.unit.costs.priced import book, built_in_book, group
from tests.unit.stacks.conftest import (
    Config,
    build_cdn,
    build_foundation,
    build_multi_region,
    build_replicas,
    build_shards,
    changed,
    read_config,
)
from tests.unit.stacks.mocked import Recorder

HOME, FAR = "eu-west-3", "eu-west-1"
SINGLE_ZONE = {
    "network": {"nat_gateways": "single", "zone_count": 2},
    "application": {"desired_instances": 4, "instance_type": "m7g.large"},
    "database": {"multi_az": False, "allocated_storage_gib": 60, "instance_class": "db.m6g.large"},
    "session_cache": {"node_type": "cache.r6g.large", "replicas": 2},
}
OTHER_SHARDS = {
    "servers": {"count": 3, "replica": True, "multi_az": False},
    "overrides": {"shard-2": {"instance_class": "db.m6g.large", "allocated_storage_gib": 50}},
}
AURORA = {"engine": "aurora_global", "instance_class": "db.r6g.large", "instances_per_region": 2}


@dataclass
class Made:
    """The settings of phases and what their programs registered."""

    configs: dict[str, Config]

    def settings(self) -> dict[str, Any]:
        """The phases' settings, as the catalog would load them."""
        return {name: catalog.find(name).settings.from_config(each) for name, each in self.configs.items()}

    def registered(self, phase: str) -> Recorder:
        """What the program of a phase registers, on what foundation's would export."""
        builders: dict[str, Callable[..., tuple[Recorder, dict[str, Any]]]] = {
            "replicas": build_replicas,
            "shards": build_shards,
            "cdn": build_cdn,
            "multi-region": build_multi_region,
        }
        recorder, outputs = _foundation(json.dumps(self.configs["foundation"]))
        if phase == "foundation":
            return recorder
        exported = {**outputs, "key_value_store_arn": "arn:store"}
        return builders[phase](self.configs[phase], exported)[0]


@cache
def _foundation(config: str) -> tuple[Recorder, dict[str, Any]]:
    """A run takes a second or two: once for each config."""
    return build_foundation(json.loads(config))


def made(**sections: dict[str, Any]) -> Made:
    """Every phase's local settings, with sections of some changed (`_` for `-` in their names)."""
    names = [phase.name for phase in catalog.phases()]
    return Made(
        {name: changed(read_config(name), **sections.get(name.replace("-", "_"), {})) for name in names}
    )


def as_planned(recorder: Recorder) -> list[Planned]:
    """The resources as a state would have them, but for what only an engine tells."""
    return [
        Planned(
            urn=f"urn:pulumi:local::x::{each.type}::{each.name}",
            type=each.type,
            region=FAR if each.name.endswith(FAR) else HOME,
            inputs=each.inputs | _source(each.inputs),
            id=f"{each.name}-id",
        )
        for each in recorder.resources
        if each.type.startswith("aws:")
    ]


def _source(inputs: dict[str, Any]) -> dict[str, str]:
    """The mocks' ARN of an instance ends in its logical name, and AWS's in its identifier."""
    found = inputs.get("replicateSourceDb", "")
    return {"replicateSourceDb": "jobo-local-primary"} if found.endswith(":primary") else {}


def priced_by_program(phase: str, platform: Made, book: Any) -> CostEstimate:
    """What the resources of the covered types cost."""
    everything = as_planned(platform.registered(phase))
    covered = [each for each in everything if each.type in COVERED]
    beside = as_planned(platform.registered("foundation"))
    return cost_of(phase, covered, book, beside=[*everything, *beside])


VARIANTS = {
    "foundation": ("foundation", {}),
    "foundation, single": ("foundation", {"foundation": SINGLE_ZONE}),
    "replicas": ("replicas", {}),
    "replicas, more": ("replicas", {"replicas": {"instances": {"count": 5}}, "foundation": SINGLE_ZONE}),
    "replicas, no proxy": ("replicas", {"replicas": {"proxy": {"enabled": False}}}),
    "shards": ("shards", {}),
    "shards, other": ("shards", {"shards": OTHER_SHARDS}),
    "cdn": ("cdn", {}),
    "multi-region": ("multi-region", {}),
    "multi-region, standby": ("multi-region", {"multi_region": {"database": {"multi_az": True}}}),
    "multi-region, Aurora": ("multi-region", {"multi_region": {"database": AURORA}}),
}


@pytest.mark.parametrize(("phase", "sections"), VARIANTS.values(), ids=VARIANTS)
def test_settings_cost_what_the_program_makes_of_them(phase: str, sections: dict[str, Any]) -> None:
    platform = made(**sections)
    by_settings = settings_cost(phase, platform.settings(), built_in_book())
    by_program = priced_by_program(phase, platform, built_in_book())

    assert by_settings.monthly_usd == by_program.monthly_usd
    assert by_settings.by_service == by_program.by_service
    kinds: tuple[Class, ...] = ("priced", "no_price", "not_known")
    assert sorted(item.what for item in by_settings.of(*kinds)) == sorted(
        item.what for item in by_program.of(*kinds)
    )


def test_every_phase_is_priced_by_its_settings() -> None:
    assert list(PHASES) == [phase.name for phase in catalog.phases()]


@pytest.mark.parametrize(("count", "usd"), [(2, "115.92"), (4, "231.84"), (8, "463.68")])
def test_the_cost_of_replicas_follows_their_count(count: int, usd: str) -> None:
    settings = made(replicas={"instances": {"count": count}}).settings()

    assert settings_cost("replicas", settings, built_in_book()).monthly_usd == Decimal(usd)


def test_the_same_settings_cost_otherwise_in_another_region() -> None:
    settings = made().settings()
    home = settings_cost("replicas", settings, built_in_book(), region="us-east-1")

    assert home.monthly_usd == Decimal("99.50")
    assert home.estimated is False


def test_settings_need_only_have_the_names_of_a_phases_own() -> None:
    instances = SimpleNamespace(count=3, instance_class="db.m5.large", performance_insights_retention_days=7)
    replicas = SimpleNamespace(region="us-east-1", instances=instances, proxy=SimpleNamespace(enabled=False))
    foundation = SimpleNamespace(database=SimpleNamespace(allocated_storage_gib=100))
    together = {"replicas": replicas, "foundation": foundation}
    prices = book(group("rds_postgresql", **{"db.m5.large": "0.1"}), group("rds_storage", gp3="0.1"))

    assert settings_cost("replicas", together, prices).monthly_usd == 3 * (Decimal("73.00") + 10)


def test_a_phase_that_is_not_known_or_lacks_settings_is_refused() -> None:
    with pytest.raises(InputError, match="services is not priced by its settings"):
        settings_cost("services", {}, built_in_book())
    lacking = {"replicas": copy.copy(made().settings()["replicas"])}
    with pytest.raises(InputError, match="replicas cannot be priced without the settings of foundation"):
        settings_cost("replicas", lacking, built_in_book())
