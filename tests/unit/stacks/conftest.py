"""Settings and recorded runs that several tests share. A run takes a second: it is made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.stacks.mocked import Recorder, run

STACKS = Path(__file__).parents[3] / "stacks"

Config = dict[str, Any]


def read_config(phase: str) -> Config:
    """`config:` of a phase's local stack file."""
    content = yaml.safe_load((STACKS / phase / "Pulumi.local.yaml").read_text())
    config: Config = content["config"]
    return config


def changed(config: Config, **sections: Any) -> Config:
    """`config` with sections changed: mappings are merged in, anything else is put in their place."""
    phase = next(key for key in config if not key.startswith("aws:")).split(":")[0]
    result = dict(config)
    for name, value in sections.items():
        key = f"{phase}:{name}"
        before = config.get(key, {})
        result[key] = before | value if isinstance(value, dict) and isinstance(before, dict) else value
    return result


@pytest.fixture(scope="session")
def foundation_config() -> Config:
    """The local environment's foundation settings, as YAML has them."""
    return read_config("foundation")


@pytest.fixture(scope="session")
def replicas_config() -> Config:
    """The local environment's replicas settings, as YAML has them."""
    return read_config("replicas")


@pytest.fixture(scope="session")
def shards_config() -> Config:
    """The local environment's shards settings, as YAML has them."""
    return read_config("shards")


@pytest.fixture(scope="session")
def cdn_config() -> Config:
    """The local environment's cdn settings, as YAML has them."""
    return read_config("cdn")


@pytest.fixture(scope="session")
def multi_region_config() -> Config:
    """The local environment's multi-region settings, as YAML has them."""
    return read_config("multi-region")


@pytest.fixture(scope="session")
def people_config() -> Config:
    """The local environment's people settings, as YAML has them."""
    return read_config("people")


Build = Callable[[Config], tuple[Recorder, dict[str, Any]]]


def build_foundation(config: Config) -> tuple[Recorder, dict[str, Any]]:
    """What the foundation program registers with `config`."""
    from palier_stacks.foundation.component import Foundation
    from palier_stacks.foundation.settings import FoundationSettings

    settings = FoundationSettings.from_config(config)
    return run(lambda: Foundation(settings, environment="local").outputs, project="foundation")


def build_replicas(config: Config, outputs: dict[str, Any]) -> tuple[Recorder, dict[str, Any]]:
    """What the replicas program registers with `config`, on foundation's `outputs`."""
    import pulumi
    from palier_stacks.replicas.component import Replicas, foundation_outputs
    from palier_stacks.replicas.settings import ReplicasSettings

    settings = ReplicasSettings.from_config(config)

    def build() -> dict[str, pulumi.Input[Any]]:
        reference = pulumi.StackReference("organization/foundation/local")
        found = foundation_outputs(reference, settings, "local")
        return Replicas(settings, found, environment="local").outputs

    return run(build, project="replicas", stack_outputs=outputs)


def build_shards(
    config: Config, outputs: dict[str, Any], published: str | None = None
) -> tuple[Recorder, dict[str, Any]]:
    """What the shards program registers with `config`, on foundation's `outputs`.

    `published` is the document of the map that stands already; None where there is none.
    """
    import pulumi
    from palier_stacks.shards.component import Shards, foundation_outputs
    from palier_stacks.shards.settings import ShardsSettings

    settings = ShardsSettings.from_config(config)

    def build() -> dict[str, pulumi.Input[Any]]:
        reference = pulumi.StackReference("organization/foundation/local")
        found = foundation_outputs(reference, settings, "local")
        return Shards(settings, found, environment="local").outputs

    return run(build, project="shards", stack_outputs=outputs, published=published)


def build_cdn(config: Config, outputs: dict[str, Any]) -> tuple[Recorder, dict[str, Any]]:
    """What the cdn program registers with `config`, on foundation's `outputs`."""
    import pulumi
    from palier_stacks.cdn.component import Cdn, foundation_outputs
    from palier_stacks.cdn.settings import CdnSettings

    settings = CdnSettings.from_config(config)

    def build() -> dict[str, pulumi.Input[Any]]:
        reference = pulumi.StackReference("organization/foundation/local")
        return Cdn(settings, foundation_outputs(reference, settings, "local"), environment="local").outputs

    return run(build, project="cdn", stack_outputs=outputs)


def build_multi_region(config: Config, outputs: dict[str, Any]) -> tuple[Recorder, dict[str, Any]]:
    """What the multi-region program registers with `config`, on foundation's `outputs`."""
    import pulumi
    from palier_stacks.multi_region.component import MultiRegion, foundation_outputs
    from palier_stacks.multi_region.edge import edge_store
    from palier_stacks.multi_region.settings import MultiRegionSettings

    settings = MultiRegionSettings.from_config(config)

    def build() -> dict[str, pulumi.Input[Any]]:
        reference = pulumi.StackReference("organization/foundation/local")
        found = foundation_outputs(reference, settings, "local")
        store = edge_store(settings.routing, "organization", "local")
        return MultiRegion(settings, found, environment="local", store_arn=store).outputs

    return run(build, project="multi-region", stack_outputs=outputs)


@pytest.fixture(scope="session")
def foundation(foundation_config: Config) -> tuple[Recorder, dict[str, Any]]:
    """The foundation program with its local settings."""
    return build_foundation(foundation_config)


@pytest.fixture(scope="session")
def replicas(
    replicas_config: Config, foundation: tuple[Recorder, dict[str, Any]]
) -> tuple[Recorder, dict[str, Any]]:
    """The replicas program with its local settings, on that foundation."""
    return build_replicas(replicas_config, foundation[1])


@pytest.fixture(scope="session")
def shards(
    shards_config: Config, foundation: tuple[Recorder, dict[str, Any]]
) -> tuple[Recorder, dict[str, Any]]:
    """The shards program with its local settings, on that foundation."""
    return build_shards(shards_config, foundation[1])


@pytest.fixture(scope="session")
def cdn(cdn_config: Config, foundation: tuple[Recorder, dict[str, Any]]) -> tuple[Recorder, dict[str, Any]]:
    """The cdn program with its local settings, on that foundation."""
    return build_cdn(cdn_config, foundation[1])


@pytest.fixture(scope="session")
def multi_region(
    multi_region_config: Config, foundation: tuple[Recorder, dict[str, Any]]
) -> tuple[Recorder, dict[str, Any]]:
    """The multi-region program with its local settings, on that foundation and a cdn."""
    return build_multi_region(multi_region_config, {**foundation[1], "key_value_store_arn": "arn:store"})
