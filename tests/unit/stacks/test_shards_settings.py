"""The shards' settings: what holds for each shard, and what is refused in one line."""

from __future__ import annotations

from typing import Any

import pytest
from palier.sharding import strategy_from
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.settings import SettingsError
from palier_stacks.shards.settings import ShardsSettings

from tests.unit.stacks.conftest import Config, changed

GEOGRAPHY = {
    "kind": "geography",
    "key": "country",
    "groups": {"world": {"values": []}, "europe": {"values": ["FR", "DE"], "share": 3}},
    "default": "world",
}


def read(config: Config, **sections: Any) -> ShardsSettings:
    return ShardsSettings.from_config(changed(config, **sections))


def test_shards_are_numbered_from_one_and_share_the_servers_settings(shards_config: Config) -> None:
    settings = read(shards_config)
    assert [shard.name for shard in settings.shards] == ["shard-1", "shard-2", "shard-3", "shard-4"]
    assert {shard.server.instance_class for shard in settings.shards} == {"db.t4g.medium"}
    assert len({shard.backup_window for shard in settings.shards}) == 4


def test_one_shard_may_differ(shards_config: Config) -> None:
    own = {
        "instance_class": "db.r8g.xlarge",
        "backup_retention_days": 35,
        "backup_window": "22:00-23:00",
        "replica": True,
        "restore": {"generation": 2, "snapshot_identifier": "shard-2-before-the-incident"},
    }
    settings = read(shards_config, overrides={"shard-2": own})
    first, second = settings.shards[0], settings.shards[1]
    assert second.server.instance_class == "db.r8g.xlarge"
    assert second.server.connection_limit > first.server.connection_limit, "its own class's"
    assert (second.server.backup_retention_days, second.backup_window) == (35, "22:00-23:00")
    assert second.server.replica
    assert second.server_name == "shard-2-g2"
    assert (first.server.replica, first.server_name) == (False, "shard-1")


def test_the_first_map_spreads_the_logical_shards_evenly(shards_config: Config) -> None:
    first = read(shards_config).first_map()
    assert (first.version, first.logical_shards) == (1, 480)
    assert [len(first.held_by(name)) for name in first.shards] == [120] * 4


def test_the_order_of_groups_in_the_file_is_of_no_matter(shards_config: Config) -> None:
    # Between file and program the engine sorts keys, and the order decides which logical shards a group has.
    sorted_ = {**GEOGRAPHY, "groups": dict(sorted(GEOGRAPHY["groups"].items()))}  # type: ignore[attr-defined]
    routing = read({**shards_config, "shards:strategy": GEOGRAPHY}).routing
    assert routing == read({**shards_config, "shards:strategy": sorted_}).routing == strategy_from(sorted_)


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no shard": ({"servers": {"count": 0}}, "shards:servers.count: must be at least 1, got 0"),
    "more shards than logical ones": (
        {"map": {"logical_shards": 3}},
        "shards:servers.count: 4 shards share 3 logical shards (allowed: at most 3)",
    ),
    "an unknown strategy": (
        {"strategy": {"kind": "random"}},
        "shards:strategy.kind: unknown strategy 'random' (allowed: hash, geography, date, function)",
    ),
    "no backups": (
        {"servers": {"backup_retention_days": 0}},
        "shards:servers.backup_retention_days: must be at least 1 days, got 0",
    ),
    "a class that is none": (
        {"servers": {"instance_class": "db.t4g.huge"}},
        "shards:servers.instance_class: unknown instance class 'db.t4g.huge' "
        "(allowed: db.t4g.large, db.t4g.xlarge, db.t4g.2xlarge)",
    ),
    "an override of no shard": (
        {"overrides": {"shard-9": {}}},
        "shards:overrides.shard-9: no shard 'shard-9' (allowed: shard-4, shard-3, shard-2)",
    ),
    "an override that does not go with the servers": (
        {"overrides": {"shard-1": {"max_allocated_storage_gib": 21}}},
        "shards:overrides.shard-1.max_allocated_storage_gib: 21 GiB leaves 20 GiB no room to grow "
        "(allowed: at least 22 GiB)",
    ),
    "an override out of bounds": (
        {"overrides": {"shard-1": {"backup_retention_days": 36}}},
        "shards:overrides.shard-1.backup_retention_days: must be at most 35 days, got 36",
    ),
    "a backup in the maintenance": (
        {"overrides": {"shard-1": {"backup_window": "05:30-06:30"}}},
        "shards:overrides.shard-1: shard-1 is backed up 05:30-06:30 and maintained mon:05:00-mon:06:00, "
        "and RDS lets the two not meet",
    ),
    "backups spread over the maintenance": (
        {"windows": {"backups_from": "04:00"}},
        "shards:windows: shard-3 is backed up 05:00-05:30 and maintained wed:05:00-wed:06:00, "
        "and RDS lets the two not meet",
    ),
    "no window": (
        {"overrides": {"shard-1": {"backup_window": "at night"}}},
        "shards:overrides.shard-1.backup_window: 'at night' is not a daily window like 02:00-02:30 "
        "(allowed: HH:MM-HH:MM, UTC, 30 minutes or more)",
    ),
    "a restore from nothing": (
        {"overrides": {"shard-1": {"restore": {"generation": 2}}}},
        "shards:overrides.shard-1.restore: one source is wanted "
        "(allowed: snapshot_identifier, or source_identifier with restore_time)",
    ),
    "a restore as the first server": (
        {"overrides": {"shard-1": {"restore": {"generation": 1, "snapshot_identifier": "s"}}}},
        "shards:overrides.shard-1.restore.generation: must be at least 2, got 1",
    ),
    "a point in time that is none": (
        {
            "overrides": {
                "shard-1": {
                    "restore": {"generation": 2, "source_identifier": "a", "restore_time": "yesterday"}
                }
            }
        },
        "shards:overrides.shard-1.restore.restore_time: 'yesterday' is not a time in UTC "
        "(allowed: like 2026-11-25T12:30:00Z)",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_stand_is_refused_in_one_line(case: str, shards_config: Config) -> None:
    sections, message = REFUSALS[case]
    with pytest.raises(SettingsError) as caught:
        read(shards_config, **sections)
    assert str(caught.value) == message


def test_shards_stand_in_foundations_region(shards_config: Config, foundation_config: Config) -> None:
    elsewhere = ShardsSettings.from_config({**shards_config, "aws:region": "eu-west-1"})
    required = {"foundation": FoundationSettings.from_config(foundation_config)}
    with pytest.raises(SettingsError, match="eu-west-1 is not foundation's region"):
        elsewhere.check_required(required)
    read(shards_config).check_required(required)
