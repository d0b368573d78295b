"""How `palier capacity collect` keeps rows: whole files, one row a day, and what is refused beforehand."""

from __future__ import annotations

import datetime
import subprocess
import sys
import textwrap
import threading
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from palier.capacity.collecting import Wanted, collect, failure
from palier.capacity.observation_append import alone, append, checked
from palier.capacity.observations import Observation
from palier.capacity.platform_file import load, parse_platform
from palier.capacity.sources.model import failed
from palier.commands.main import run
from palier.errors import InputError, OperationError

Capture = pytest.CaptureFixture[str]
HEADER = "date,metric,value,unit,source"
APRIL = [datetime.date(2024, 4, number) for number in range(1, 31)]
SOURCES = {
    "cloudwatch": {"region": "eu-west-3", "database": "d"},
    "prometheus": {"url": "http://127.0.0.1:1", "queries": {"cpu_utilization": "1"}},
}


def cpu(day: int, value: float = 50.0, metric: str = "cpu_utilization") -> Observation:
    return Observation(APRIL[day - 1], metric, value, "test")


def platform(folder: Path, **more: Any) -> Path:
    (folder / "palier.yaml").write_text(yaml.safe_dump({"platform": "p", "sources": SOURCES, **more}))
    return folder / "palier.yaml"


def given(rows: dict[str, list[Observation] | Exception]) -> Any:
    """Makes sources that give these rows, or fail."""

    def make(name: str, *_: object) -> Any:
        def answer(first: datetime.date, last: datetime.date) -> list[Observation]:
            result = rows[name]
            if isinstance(result, Exception):
                raise result
            return result

        return SimpleNamespace(name=name, collect=answer)

    return make


def gathered(file: Path, rows: dict[str, list[Observation] | Exception], **more: Any) -> Any:
    wanted = Wanted(parse_platform(file), file, tuple(rows), "local", APRIL[0], APRIL[-1], **more)
    step = SimpleNamespace(update=lambda _: None)
    return collect(wanted, lambda _: nullcontext(step), lambda _: None, given(rows))


def test_a_source_that_fails_loses_nothing_of_the_others(tmp_path: Path) -> None:
    file = platform(tmp_path)
    found = gathered(file, {"cloudwatch": failed("cloudwatch", "broken"), "prometheus": [cpu(1)]})
    assert (tmp_path / "observations/prometheus.csv").exists()
    error = failure(found, dry_run=False)
    assert error is not None
    assert error.lines() == [
        "cloudwatch: broken",
        "left: rows were appended to prometheus.csv (1)",
        "next: palier capacity collect --source cloudwatch",
    ]


def test_two_sources_of_one_metric_give_one_row_a_day(tmp_path: Path) -> None:
    file = platform(tmp_path)
    found = gathered(file, {"cloudwatch": [cpu(1, 50)], "prometheus": [cpu(1, 60), cpu(2, 61)]})
    assert [len(each.rows.new) for each in found] == [1, 1]
    assert [(one.value, other.value) for one, other in found[1].rows.differing] == [(50, 60)]
    assert [each.value for each in load(file).observations] == [50, 61]


def test_a_row_older_than_its_metrics_goes_before_them_and_moves_no_line(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    append(file, [cpu(10), cpu(3, metric="memory_usage"), cpu(12)], "EUR")
    before = file.read_text().splitlines()
    append(file, [cpu(9), cpu(11), cpu(13), cpu(1, metric="memory_usage")], "EUR")
    after = file.read_text().splitlines()
    assert [line for line in after if line in before] == before
    for metric in ("cpu_utilization", "memory_usage"):
        days = [line[:10] for line in after if metric in line]
        assert days == sorted(days)
    assert len(after) == 8


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_stands_keeps_its_bytes(tmp_path: Path, ending: str) -> None:
    file = tmp_path / "one.csv"
    stands = ending.join([HEADER, '2024-04-01, cpu_utilization ,"50,0",%,by hand'])  # and no end of the line
    file.write_bytes(stands.encode())
    file.chmod(0o640)
    append(file, [cpu(2)], "EUR")
    row = "2024-04-02,cpu_utilization,50,percent,test"
    assert file.read_bytes() == f"{stands}{ending}{row}{ending}".encode()
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,metric,value\n", "has other columns than collect writes"),
        (f'{HEADER}\n2024-04-01,mau,1,,"two\nlines"\n', "has a cell of several lines"),
    ],
)
def test_a_file_of_another_form_is_refused_before_anything_is_asked(
    tmp_path: Path, text: str, message: str
) -> None:
    file = platform(tmp_path)
    (tmp_path / "observations").mkdir()
    (tmp_path / "observations/prometheus.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        gathered(file, {"prometheus": AssertionError("was asked")})


@pytest.mark.parametrize(
    ("patterns", "reads"),
    [
        (["observations/*.csv"], True),
        (["**/*.csv"], True),
        (["observations/prometheus.csv"], True),
        (["*.csv"], False),
        (["observations/*.yaml"], False),
        ([{"date": "2024-04-01", "metric": "mau", "value": 1}], False),
    ],
)
def test_what_palier_yaml_would_not_read_is_not_collected(
    tmp_path: Path, patterns: list[Any], reads: bool
) -> None:
    file = platform(tmp_path, observations=patterns)
    if reads:
        gathered(file, {"prometheus": [cpu(1)]})
        assert cpu(1) in load(file).observations
        return
    with pytest.raises(InputError, match=r"does not read observations/prometheus\.csv"):
        gathered(file, {"prometheus": AssertionError("was asked")})


def test_hidden_files_are_no_observations(tmp_path: Path) -> None:
    file = platform(tmp_path, observations=["observations/*"])
    gathered(file, {"prometheus": [cpu(1)]})
    (tmp_path / "observations/.prometheus.csv.x1").write_text("what a kill left")
    gathered(file, {"prometheus": [cpu(1), cpu(2)]})
    assert len(load(file).observations) == 2


def test_two_runs_at_once_append_once(tmp_path: Path) -> None:
    file = platform(tmp_path)
    rows: list[Observation] = [cpu(day) for day in range(1, 31)]
    counts: list[int] = []

    def one() -> None:
        counts.append(len(gathered(file, {"prometheus": rows})[0].rows.new))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 0, 0, 0, 30]
    assert len((tmp_path / "observations/prometheus.csv").read_text().splitlines()) == 31


def test_whoever_is_killed_while_writing_leaves_a_whole_file_and_no_lock(tmp_path: Path) -> None:
    file = platform(tmp_path)
    gathered(file, {"prometheus": [cpu(1)]})
    target = tmp_path / "observations/prometheus.csv"
    before = target.read_bytes()
    program = """
        import datetime, os, signal, sys
        from pathlib import Path
        from palier.capacity.observation_append import alone, append
        from palier.capacity.observations import Observation
        target = Path(sys.argv[1])
        os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        with alone(target.parent):
            append(target, [Observation(datetime.date(2024, 4, 2), "cpu_utilization", 50.0)], "EUR")
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(target)], check=False)
    assert killed.returncode == -9
    assert target.read_bytes() == before
    assert len(gathered(file, {"prometheus": [cpu(1), cpu(2)]})[0].rows.new) == 1


def test_a_lock_that_is_held_is_said_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("palier.capacity.observation_append.LOCK_SECONDS", 0.05)
    with (
        alone(tmp_path),
        pytest.raises(OperationError, match="another palier has been writing"),
        alone(tmp_path),
    ):
        pass


def test_money_is_written_in_the_platforms_currency(tmp_path: Path) -> None:
    rows = checked([cpu(1, 1234.5, "infrastructure_cost")], "test", "CHF")
    append(tmp_path / "one.csv", rows, "CHF")
    assert "1234.5,CHF per month," in (tmp_path / "one.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--source", "datadog"],
            "sources: says nothing of a source 'datadog' (allowed: cloudwatch, prometheus)",
        ),
        (["--from", "2024-04-02", "--to", "2024-04-01"], "--from: begins after 2024-04-01"),
        (["--to", "2999-01-01"], "--to: 2999-01-01 has not ended"),
        (["--from", "yesterday"], "'yesterday' does not match"),
    ],
)
def test_bad_input_is_exit_2_in_one_line(
    tmp_path: Path, capsys: Capture, arguments: list[str], message: str
) -> None:
    file = platform(tmp_path)
    assert run(["capacity", "collect", "--platform", str(file), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_platform_without_sources_is_told_which_there_are(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "palier.yaml").write_text("platform: p\n")
    assert run(["capacity", "collect", "--platform", str(tmp_path)]) == 2
    assert "sources: names no source (allowed: cloudwatch, github, prometheus)" in capsys.readouterr().err
