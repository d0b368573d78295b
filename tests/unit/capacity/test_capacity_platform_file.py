"""palier.yaml is one strict model; what is wrong in it is told with its key."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from palier.capacity.platform_file import load
from palier.errors import InputError

from tests.unit.capacity.platforms import jobo

REFUSED = {
    "an unknown key": ("platfrom: x\n", "platfrom: unknown setting 'platfrom' (allowed: platform"),
    "no name": ("currency: EUR\n", "platform: missing setting"),
    "a currency in small letters": (
        "platform: x\ncurrency: eur\n",
        "currency: 'eur' is not a currency (allowed: three capitals, like EUR)",
    ),
    "levels the wrong way round": (
        "platform: x\nthresholds: {cpu_utilization: {attention: 90, critical: 70}}\n",
        "thresholds.cpu_utilization: cpu_utilization: critical (70.0) must be above attention (90.0)",
    ),
    "levels of nothing": (
        "platform: x\nthresholds: {cpu: {attention: 1, critical: 2}}\n",
        "thresholds.cpu: no levels for 'cpu'",
    ),
    "a coefficient that is none": (
        "platform: x\ncoefficients: {write_shares: 5}\n",
        "coefficients.write_shares: no coefficient named 'write_shares' (allowed: write_share",
    ),
    "a coefficient out of its bounds": (
        "platform: x\ncoefficients: {write_share: 120}\n",
        "coefficients.write_share: 120, 120, 120 are not in order within 0 to 100",
    ),
    "a range out of order": (
        "platform: x\ncoefficients: {write_share: {low: 30, mid: 20, high: 40}}\n",
        "coefficients.write_share: 30, 20, 40 are not in order within 0 to 100",
    ),
    "no scenario": ("platform: x\nscenarios: {}\n", "scenarios: "),
    "a growth in words": (
        "platform: x\nscenarios: {a: {growth_percent: much}}\n",
        "scenarios.a.growth_percent: expected a number of percent, got 'much'",
    ),
    "a lead time of nothing": ("platform: x\nlead_days: {shard: 5}\n", "lead_days.shard: no change 'shard'"),
    "regions out of order": (
        "platform: x\nregions_from_users: [5, 3]\n",
        "regions_from_users: is not ascending (allowed: like [500000, 2000000])",
    ),
    "a file that is missing": (
        "platform: x\nobservations: [some.csv]\n",
        "observations: no file some.csv",
    ),
    "a list": ("- 5\n", "is not a mapping"),
    "a key twice": ("platform: x\nplatform: y\n", "line 2: is not YAML: 'platform' is given twice"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_told_with_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "palier.yaml").write_text(text)
    with pytest.raises(InputError) as refused:
        load(tmp_path)
    (line,) = refused.value.lines()
    assert line.startswith(f"{tmp_path / 'palier.yaml'}: {told}")


def test_a_platform_without_a_file_is_told_where_one_would_be_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"no palier\.yaml at or above .*--platform"):
        load()


def test_the_nearest_file_above_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "palier.yaml").write_text("platform: x\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert load().platform.platform == "x"


def test_observations_may_stand_in_the_file_itself(tmp_path: Path) -> None:
    text = "platform: x\nobservations: [{date: 2024-04-30, metric: mau, value: 5}]\n"
    (tmp_path / "palier.yaml").write_text(text)
    assert [each.value for each in load(tmp_path).observations] == [5.0]


def test_a_pattern_may_be_absolute_or_lead_elsewhere_and_leaves_dot_files_out(tmp_path: Path) -> None:
    seen, platform = tmp_path / "seen", tmp_path / "here[1]"
    seen.mkdir()
    platform.mkdir()
    (seen / "a.csv").write_text("date,metric,value\n2024-04-30,mau,5\n")
    (seen / ".b.csv").write_text("what a kill left")
    for pattern in (f"{seen}/*.csv", "../seen/*.csv", f"{seen}/a.csv"):
        (platform / "palier.yaml").write_text(f"platform: x\nobservations: ['{pattern}']\n")
        assert [each.value for each in load(platform).observations] == [5.0], pattern


def test_own_levels_and_numbers_go_before_the_defaults(tmp_path: Path) -> None:
    text = (
        "platform: x\nthresholds: {cpu_utilization: {attention: 60, critical: 80}}\n"
        "coefficients: {write_share: 12, cross_shard_share: {low: 1, mid: 2, high: 3}}\n"
    )
    (tmp_path / "palier.yaml").write_text(text)
    platform = load(tmp_path).platform
    row = platform.limits.get("cpu_utilization")
    assert row is not None
    assert (row.attention, row.critical, row.source) == (60, 80, "palier.yaml, thresholds")
    assert (platform.model["write_share"].low, platform.model["write_share"].high) == (12, 12)
    assert platform.model["cross_shard_share"].mid == 2
    assert platform.model["cross_shard_share"].source == "palier.yaml, coefficients"


def test_the_file_may_say_from_which_day_it_is_judged() -> None:
    assert jobo("capacity-plan").history().last_date == datetime.date(2023, 12, 31)
    assert jobo().history().last_date == datetime.date(2024, 4, 30)
