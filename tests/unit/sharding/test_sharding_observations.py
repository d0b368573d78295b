"""Samples of shards: read, refused, spread over logical shards, and drawn out into runways."""

from __future__ import annotations

from pathlib import Path

import pytest
from palier.errors import InputError
from palier.sharding import ShardMap, strategy_from
from palier.sharding.observations import COLUMNS, Sample, measured, read, weights
from palier.sharding.planning import measure
from palier.sharding.runway import runways
from palier.sharding.telling import runway_lines

MAP = ShardMap.initial(strategy_from({"kind": "hash", "key": "id"}), ["shard-1", "shard-2"], 4)


def samples(tmp_path: Path, *lines: str) -> list[Sample]:
    """The samples of a file with these lines, for the day of 2026-11-25 where only an hour is given."""
    file = tmp_path / "samples.csv"
    stamped = [line if line[:1] == "2" and line[:5] == "2026-" else f"2026-11-25T{line}" for line in lines]
    file.write_text("\n".join([",".join(COLUMNS), *stamped]) + "\n")
    return read([file])


def test_the_latest_sample_counts_whatever_the_order_of_the_lines(tmp_path: Path) -> None:
    found = samples(
        tmp_path,
        "12:00:00Z,shard-1,,bytes,40",
        "10:00:00Z,shard-1,,bytes,20",
        "11:00:00+00:00,shard-2,,bytes,8",
    )
    assert weights(MAP, found, "bytes") == (20.0, 20.0, 4.0, 4.0)


def test_what_a_shard_shows_beyond_its_measured_logical_shards_is_spread_over_the_others(
    tmp_path: Path,
) -> None:
    found = samples(
        tmp_path,
        "10:00:00Z,shard-1,1,bytes,30",
        "10:00:00Z,shard-1,,bytes,40",
        "10:00:00Z,shard-2,,bytes,8",
    )
    assert weights(MAP, found, "bytes") == (10.0, 30.0, 4.0, 4.0)


def test_requests_are_balanced_where_they_were_measured_and_the_count_where_nothing_was(
    tmp_path: Path,
) -> None:
    both = ("requests_per_second", "bytes")
    lines = [f"10:00:00Z,{shard},,{metric},6" for shard in MAP.shards for metric in both]
    found = samples(tmp_path, *lines)
    assert measured(found) == both
    assert measure(MAP, found, None).metric == "requests_per_second"
    assert measure(MAP, found, "bytes").metric == "bytes"
    assert measure(MAP, found, None).bytes == (3.0,) * 4
    assert measure(MAP, [], None).metric == "count"
    with pytest.raises(InputError, match="--weight: no bytes in the observations"):
        measure(MAP, [], "bytes")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("yesterday,shard-1,,bytes,1", "line 2, at: got 'yesterday'"),
        ("2026-11-25T10:00:00,shard-1,,bytes,1", "line 2, at: got"),
        ("2026-11-25T10:00:00Z,shard-1,,byte,1", "line 2, metric: got 'byte' (allowed: requests_per_second"),
        ("2026-11-25T10:00:00Z,shard-1,x,bytes,1", "line 2, logical: got 'x'"),
        ("2026-11-25T10:00:00Z,shard-1,1,cpu_utilization,1", "line 2, logical: got '1'"),
        ("2026-11-25T10:00:00Z,shard-1,,bytes,much", "line 2, value: got 'much'"),
        ("2026-11-25T10:00:00Z,shard-1,,bytes,-1", "line 2, value: got '-1' (allowed: a number from 0)"),
        ("2026-11-25T10:00:00Z,shard-1,,bytes,nan", "line 2, value: got 'nan'"),
    ],
)
def test_a_line_that_is_no_sample_is_refused_by_file_line_and_column(
    line: str, problem: str, tmp_path: Path
) -> None:
    file = tmp_path / "samples.csv"
    file.write_text(f"{','.join(COLUMNS)}\n{line}\n")
    with pytest.raises(InputError) as refused:
        read([file])
    assert str(refused.value).startswith(f"{file}: {problem}")


def test_other_columns_are_refused_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("time,shard\n")
    with pytest.raises(InputError, match=r"allowed: at,shard,logical,metric,value"):
        read([tmp_path / "samples.csv"])


def test_a_file_that_is_not_there_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read([tmp_path / "none.csv"])


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["10:00:00Z,shard-1,,bytes,1"], "no bytes was measured of shard-2"),
        (["10:00:00Z,shard-9,,bytes,1"], "no shard named shard-9"),
        (["10:00:00Z,shard-1,4,bytes,1"], "no logical shard 4 (allowed: 0 to 3)"),
    ],
)
def test_samples_that_do_not_fit_the_map_are_refused(lines: list[str], problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        weights(MAP, samples(tmp_path, *lines), "bytes")
    assert problem in str(refused.value)


def test_a_shard_that_grows_evenly_crosses_its_levels_when_the_line_does(
    tmp_path: Path,
) -> None:
    lines = [f"2026-11-{20 + day}T00:00:00Z,shard-1,,cpu_utilization,{50 + 2 * day}" for day in range(6)]
    found = runways(samples(tmp_path, *lines))[0]
    assert (found.value, found.level) == (60.0, "ok")
    assert found.per_day == pytest.approx(2.0)
    # Attention from 70, critical from 90, by the threshold table.
    assert found.attention_days == pytest.approx(5.0)
    assert found.critical_days == pytest.approx(15.0)


def test_the_shard_that_ends_first_stands_first(tmp_path: Path) -> None:
    lines = [
        f"2026-11-{20 + day}T00:00:00Z,shard-{shard},,memory_usage,{50 + shard * day}"
        for day in range(3)
        for shard in (1, 2, 3)
    ]
    assert [each.shard for each in runways(samples(tmp_path, *lines))] == ["shard-3", "shard-2", "shard-1"]


def test_no_growth_never_crosses_and_one_sample_tells_no_trend(
    tmp_path: Path,
) -> None:
    found = runways(
        samples(
            tmp_path,
            "10:00:00Z,shard-1,,memory_usage,85",
            "10:00:00Z,shard-2,,memory_usage,60",
            "10:00:00Z,shard-3,,memory_usage,60",
            "12:00:00Z,shard-3,,memory_usage,50",
        )
    )
    told = {each.shard: (each.attention_days, each.critical_days) for each in found}
    assert told == {"shard-1": (0.0, None), "shard-2": (None, None), "shard-3": (None, None)}
    lines = {line.split()[0]: line for line in runway_lines(found)}
    assert "crossed" in lines["shard-1"]
    assert "one sample tells no trend" in lines["shard-2"]
    assert "not on this trend" in lines["shard-3"]
