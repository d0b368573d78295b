"""`palier shards`: what it prints, how it exits, and what it publishes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from palier.commands.main import run
from palier.sharding import ShardMap, access, strategy_from
from palier.sharding.published import Published

from tests.unit.sharding.test_sharding_published import FIRST, published

__all__ = ["published"]  # the fixture


@pytest.fixture
def document(tmp_path: Path) -> str:
    """The file of a map of four shards."""
    names = [f"shard-{number}" for number in range(1, 5)]
    shard_map = ShardMap.initial(strategy_from({"kind": "hash", "key": "user_id"}), names)
    (tmp_path / "map.json").write_text(shard_map.to_json())
    return str(tmp_path / "map.json")


class Reached:
    """As `access` finds it: the recorded table, and somebody who asks."""

    def __init__(self, published: Published) -> None:
        self.published = published

    def who(self) -> str:
        """Who asks."""
        return "mia"


@pytest.fixture
def reached(published: Published, monkeypatch: pytest.MonkeyPatch) -> Published:
    """The published map that the commands find."""
    monkeypatch.setattr(access, "access", lambda environment, report: Reached(published))
    return published


def test_a_map_is_shown_with_what_each_shard_holds(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shards", "show", "--map", document]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "version 1, 480 logical shards, by hash of user_id"
    assert lines[2:] == [f"  shard-{number}    120 logical shards" for number in range(1, 5)]


def test_a_key_is_located_by_the_type_that_the_application_routes_by(
    document: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["shards", "locate", "42", "--map", document]) == 0
    assert capsys.readouterr().out == "42: logical shard 355, shard-3\n"
    assert run(["shards", "locate", "42", "--type", "text", "--map", document, "--output", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["logical"] != 355


def test_a_plan_is_told_written_and_applied_once(
    reached: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    assert run(["shards", "plan", "--to", "3", "--out", str(file)]) == 0
    told = capsys.readouterr().out
    assert "2 to 3 shards: 160 logical shards move, 33.3% of count, 1.000 times the least possible" in told
    assert f"next: palier shards apply {file}" in told
    assert run(["shards", "apply", str(file), "--reason", "week 48"]) == 0
    assert "version 2 is published: 3 shards in use" in capsys.readouterr().out
    assert run(["shards", "apply", str(file)]) == 0
    assert "nothing to change" in capsys.readouterr().out
    assert run(["shards", "history", "--output", "json"]) == 0
    newest, seeded = json.loads(capsys.readouterr().out)
    assert (newest["version"], newest["reason"], newest["applied_by"]) == (2, "week 48", "mia")
    assert seeded["version"] == 1
    assert run(["shards", "revert"]) == 0
    assert reached.current().placement == FIRST.placement


def test_another_environment_is_asked_about_first(
    reached: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["shards", "plan", "--to", "3", "--out", str(tmp_path / "plan.json")]) == 0
    assert run(["shards", "apply", str(tmp_path / "plan.json"), "--env", "production"]) == 1
    assert "nobody is there to answer" in capsys.readouterr().err
    assert reached.current().version == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["plan", "--to", "4"], 2, "--to: 4 shards is what there is"),
        (["plan", "--to", "481"], 2, "--to: 481 shards for 480 logical shards (allowed: 1 to 480)"),
        (["plan", "--to", "6", "--weight", "bytes"], 2, "--weight: no bytes in the observations"),
        (["rebalance"], 2, "--observations: what is hot must have been measured"),
        (["locate", "mia"], 2, "--type: 'mia' is no int (allowed: int, text, uuid)"),
        (["locate", "--type", "uuid", "42"], 2, "--type: '42' is no uuid"),
    ],
)
def test_wrong_input_is_refused_in_one_line(
    arguments: list[str], code: int, said: str, document: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["shards", *arguments, "--map", document]) == code
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert len(err.splitlines()) == 1


def test_a_document_that_was_changed_is_refused_by_file_and_key(
    document: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(document).write_text(Path(document).read_text().replace("[0,", "[1,", 1))
    assert run(["shards", "show", "--map", document]) == 2
    assert f"{document}: checksum: does not fit the content" in capsys.readouterr().err


def test_runways_are_told_soonest_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        f"2026-11-{20 + day}T00:00:00Z,shard-{shard},,cpu_utilization,{40 + shard * day}"
        for day in range(5)
        for shard in (1, 2)
    ]
    (tmp_path / "week.csv").write_text("\n".join(["at,shard,logical,metric,value", *lines]))
    assert run(["shards", "runway", str(tmp_path / "week.csv")]) == 0
    _, first, second = capsys.readouterr().out.splitlines()
    assert first.split()[0] == "shard-2"
    assert "in 11 days" in first
    assert second.split()[0] == "shard-1"
