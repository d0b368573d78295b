"""What stands is read from the phases' settings, and a change goes back with nothing else moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from palier.capacity.coefficients import COEFFICIENTS
from palier.capacity.platform_file import StructureSettings
from palier.capacity.roadmap import Step, Trouble
from palier.capacity.settings_edit import edits, set_value, write
from palier.capacity.standing import (
    SettingChange,
    cache_hit_ratio,
    larger_class,
    load_settings,
    setting_changes,
    structure_of,
    vcpus_of,
)
from palier.errors import InputError

from tests.unit.capacity.platforms import DAY, ROOT

ALL = ["foundation", "replicas", "shards", "cdn", "multi-region"]
TEXT = """\
# A comment that stays.
config:
  aws:region: eu-west-3
  replicas:instances:
    count: 2  # two zones
    instance_class: "db.t4g.medium"
  replicas:proxy:
    enabled: true
# The end.
encryptionsalt: v1:abc=
"""


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform folder with the stacks of the repository."""
    shutil.copytree(
        ROOT / "stacks", tmp_path / "stacks", ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    monkeypatch.setenv("PALIER_PLATFORM_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def step(move: str, phase: str, setting: str, old: object, new: object, vcpus: int = 8) -> Step:
    because = Trouble("database_utilization", "percent", "attention", 70.0, 0.0, DAY)
    return Step(move, phase, setting, "", old, new, because, DAY, DAY, 1, 0, None, None, (), vcpus)


def test_what_stands_is_read_from_the_settings_of_the_phases(platform: Path) -> None:
    found = structure_of(load_settings("local", ALL), StructureSettings())
    assert (found.instances, found.instances_most, found.target_cpu_percent) == (3, 6, 50.0)
    assert (found.database_vcpus, found.replicas, found.database_proxy) == (2, 2, True)
    assert (found.shards, found.cdn, found.regions) == (4, True, 2)


def test_what_the_platform_says_itself_goes_before(platform: Path) -> None:
    given_ones = StructureSettings(replicas=5, database_vcpus=64)
    found = structure_of(load_settings("local", ALL), given_ones)
    assert (found.replicas, found.database_vcpus, found.shards) == (5, 64, 4)


def test_the_hit_ratio_of_the_cdn_is_its_settings_assumption(platform: Path) -> None:
    model = {each.name: each for each in COEFFICIENTS}
    found = cache_hit_ratio(load_settings("local", ALL), model)
    assert found is not None
    assert found.low == found.high > 0
    assert cache_hit_ratio({}, model) is None


@pytest.mark.parametrize(
    ("name", "vcpus"),
    [
        ("db.t4g.medium", 2),
        ("db.m7g.large", 2),
        ("m7g.xlarge", 4),
        ("db.r8g.24xlarge", 96),
        ("db.x.metal", None),
    ],
)
def test_a_classs_size_tells_its_vcpus(name: str, vcpus: int | None) -> None:
    assert vcpus_of(name) == vcpus


def test_a_larger_class_is_of_the_same_family_unless_that_is_burstable() -> None:
    assert larger_class("db.m7g.xlarge", 32) == "db.m7g.8xlarge"
    assert larger_class("db.t4g.medium", 8) == "db.m7g.2xlarge"
    assert larger_class("db.m7g.large", 128) is None


CHANGES = {
    "a larger database": (
        step("vertical", "foundation", "database.instance_class", 2, 8),
        ["foundation:database.instance_class: db.t4g.medium → db.m7g.2xlarge"],
    ),
    "replicas as large as the writer": (
        step("replicas", "replicas", "instances.count", 2, 4),
        [
            "replicas:instances.count: 2 → 4",
            "replicas:instances.instance_class: db.t4g.medium → db.m7g.2xlarge",
        ],
    ),
    "fewer than there are": (step("replicas", "replicas", "instances.count", 0, 1, vcpus=2), []),
    "more storage": (
        step("storage", "foundation", "database.max_allocated_storage_gib", 1.0, 8.0),
        ["foundation:database.max_allocated_storage_gib: 100 → 160"],
    ),
    "storage that may grow so far already": (
        step("storage", "foundation", "database.max_allocated_storage_gib", 1.0, 1.5),
        [],
    ),
    "more instances": (
        step("instances", "foundation", "application.max_instances", 6, 9),
        ["foundation:application.max_instances: 6 → 9"],
    ),
    "a pool that is there": (step("proxy", "replicas", "proxy.enabled", False, True), []),
    "a region, which the user names": (
        step("multi-region", "multi-region", "regions", 1, 2),
        ["multi-region:regions: 2 regions: name the further ones (docs/phases/multi-region.md)"],
    ),
}


@pytest.mark.parametrize(("made", "wanted"), CHANGES.values(), ids=CHANGES)
def test_a_step_says_which_settings_it_changes(platform: Path, made: Step, wanted: list[str]) -> None:
    settings = load_settings("local", [made.phase])
    assert [change.sentence() for change in setting_changes(made, settings)] == wanted


def test_only_the_value_changes_in_the_file() -> None:
    after = set_value(TEXT, ("config", "replicas:instances", "count"), 4, "some.yaml")
    assert after == TEXT.replace("count: 2", "count: 4")
    quoted = set_value(TEXT, ("config", "replicas:instances", "instance_class"), "db.m7g.large", "some.yaml")
    assert quoted == TEXT.replace('"db.t4g.medium"', "db.m7g.large")


def test_a_missing_setting_is_put_behind_its_neighbours() -> None:
    after = set_value(TEXT, ("config", "replicas:instances", "deletion_protection"), True, "some.yaml")
    assert after == TEXT.replace('"db.t4g.medium"\n', '"db.t4g.medium"\n    deletion_protection: true\n')
    section = set_value(TEXT, ("config", "replicas:lag", "attention_seconds"), 20, "some.yaml")
    assert yaml.safe_load(section)["config"]["replicas:lag"] == {"attention_seconds": 20}
    assert "# The end.\nencryptionsalt: v1:abc=\n" in section


@given(st.integers(0, 10**6), st.sampled_from(["count", "new_one"]))
def test_what_was_put_is_read_again_and_a_second_time_changes_nothing(value: int, name: str) -> None:
    path = ("config", "replicas:instances", name)
    after = set_value(TEXT, path, value, "some.yaml")
    data = yaml.safe_load(after)["config"]["replicas:instances"]
    assert data[name] == value
    assert {key: kept for key, kept in data.items() if key != name}.items() <= yaml.safe_load(TEXT)["config"][
        "replicas:instances"
    ].items()
    assert set_value(after, path, value, "some.yaml") == after


def test_a_mapping_in_one_line_is_refused_rather_than_guessed_at() -> None:
    with pytest.raises(
        InputError, match=r"some\.yaml: config\.replicas:instances: is not a mapping in block"
    ):
        set_value(
            "config:\n  replicas:instances: {count: 2}\n",
            ("config", "replicas:instances", "count"),
            3,
            "some.yaml",
        )


def test_a_change_is_written_whole_and_a_second_run_changes_nothing(platform: Path) -> None:
    change = SettingChange("replicas", "instances", "count", 2, 4)
    (edit,) = edits([change], "local")
    file = platform / "stacks/replicas/Pulumi.local.yaml"
    mode = file.stat().st_mode
    assert [line for line in edit.diff() if line[0] in "+-"][2:] == ["-    count: 2", "+    count: 4"]
    write(edit)
    assert (file.read_text(), file.stat().st_mode) == (edit.after, mode)
    assert [each.changes for each in edits([change], "local")] == [False]
    assert [each.name for each in file.parent.iterdir() if each.name.startswith(".")] == []


def test_what_the_phase_would_refuse_is_not_written(platform: Path) -> None:
    before = (platform / "stacks/replicas/Pulumi.local.yaml").read_text()
    with pytest.raises(InputError, match=r"would be refused: .*must be at most 15"):
        edits([SettingChange("replicas", "instances", "count", 2, 16)], "local")
    assert (platform / "stacks/replicas/Pulumi.local.yaml").read_text() == before


def test_an_environment_without_settings_is_told(platform: Path) -> None:
    with pytest.raises(InputError, match="no settings for environment nowhere"):
        edits([SettingChange("replicas", "instances", "count", 2, 4)], "nowhere")
