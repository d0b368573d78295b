"""`palier capacity collect` with a Prometheus: what is asked, what is appended, and what is refused."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from palier.commands.main import run

from tests.unit.capacity.served import Asked, Served, Told, serve

Capture = pytest.CaptureFixture[str]
FIRST, LAST = "2024-04-01", "2024-04-03"
PERIOD = ("--from", FIRST, "--to", LAST)
CPU = 'avg(avg_over_time(cpu{job="app"}[1d])) * 100'
SECRET = "s3cr3t-of-a-test"


def points(*values: str, first: str = FIRST) -> list[list[Any]]:
    """One value a day, each at the moment its day ends."""
    start = datetime.datetime.fromisoformat(f"{first}T00:00+00:00").timestamp()
    return [[start + 86400 * (index + 1), value] for index, value in enumerate(values)]


def matrix(*series: list[list[Any]], **labels: str) -> dict[str, Any]:
    result = [
        {"metric": {"job": "app", "pod": f"p{index}"}, "values": values}
        for index, values in enumerate(series)
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


@pytest.fixture
def server() -> Iterator[Served]:
    with serve(lambda _: Told(matrix(points("61.5", "62", "63.25")))) as served:
        yield served


def platform(folder: Path, address: str, **settings: Any) -> Path:
    prometheus = {"url": address, "queries": {"cpu_utilization": CPU}, **settings}
    text = yaml.safe_dump({"platform": "p", "sources": {"prometheus": prometheus}})
    (folder / "palier.yaml").write_text(text)
    return folder


def rows(folder: Path, name: str = "prometheus") -> list[str]:
    return (folder / f"observations/{name}.csv").read_text().splitlines()


def collect(capsys: Capture, folder: Path, *arguments: str, code: int = 0) -> tuple[str, str]:
    assert run(["capacity", "collect", "--platform", str(folder), *arguments]) == code, capsys.readouterr()
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.out, captured.err


def refused(capsys: Capture, folder: Path, *arguments: str, code: int = 2) -> str:
    return collect(capsys, folder, *arguments, code=code)[1]


def test_a_row_a_day_is_appended_under_its_day(tmp_path: Path, server: Served, capsys: Capture) -> None:
    out, _ = collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert out.startswith("prometheus: 3 new rows: ")
    assert rows(tmp_path) == [
        "date,metric,value,unit,source",
        "2024-04-01,cpu_utilization,61.5,percent,prometheus",
        "2024-04-02,cpu_utilization,62,percent,prometheus",
        "2024-04-03,cpu_utilization,63.25,percent,prometheus",
    ]
    (asked,) = server.asked
    assert asked.path == "/api/v1/query_range"
    assert asked.parameters == {"query": CPU, "start": "1712016000", "end": "1712188800", "step": "1d"}


def test_the_same_days_twice_are_one_row_each(tmp_path: Path, server: Served, capsys: Capture) -> None:
    folder = platform(tmp_path, server.url)
    collect(capsys, folder, *PERIOD)
    before = rows(tmp_path)
    out, _ = collect(capsys, folder, *PERIOD)
    assert (out, rows(tmp_path)) == ("prometheus: nothing new, 3 known\n", before)


def test_a_value_that_changed_stays_as_the_file_has_it(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    folder = platform(tmp_path, server.url)
    collect(capsys, folder, *PERIOD)
    before = rows(tmp_path)
    server.answer = lambda _: Told(matrix(points("61.5", "70", "63.25")))
    out, err = collect(capsys, folder, *PERIOD)
    assert "warning: cpu_utilization of 2024-04-02 stays 62; prometheus says 70" in err
    assert (out, rows(tmp_path)) == ("prometheus: nothing new, 3 known\n", before)


def test_a_day_that_another_file_has_is_known(tmp_path: Path, server: Served, capsys: Capture) -> None:
    folder = platform(tmp_path, server.url)
    (tmp_path / "observations").mkdir()
    (tmp_path / "observations/mine.csv").write_text("date,metric,value\n2024-04-02,cpu_utilization,62\n")
    out, _ = collect(capsys, folder, *PERIOD)
    assert out.startswith("prometheus: 2 new rows, 1 known: ")
    assert [row[:10] for row in rows(tmp_path)[1:]] == ["2024-04-01", "2024-04-03"]


def test_without_days_it_goes_on_after_the_last_row_up_to_yesterday(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    folder = platform(tmp_path, server.url)
    collect(capsys, folder, *PERIOD)
    server.answer = lambda _: Told(matrix())
    collect(capsys, folder)
    today = datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert server.asked[-1].parameters["start"] == "1712275200"  # the end of the 4th
    assert server.asked[-1].parameters["end"] == str(int(today.timestamp()))


def test_without_rows_it_asks_for_thirty_days(tmp_path: Path, server: Served, capsys: Capture) -> None:
    server.answer = lambda _: Told(matrix())
    collect(capsys, platform(tmp_path, server.url))
    asked = server.asked[0].parameters
    assert int(asked["end"]) - int(asked["start"]) == 29 * 86400


def test_nothing_is_asked_where_the_last_day_is_known(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    folder = platform(tmp_path, server.url)
    (tmp_path / "observations").mkdir()
    yesterday = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
    (tmp_path / "observations/prometheus.csv").write_text(
        f"date,metric,value,unit,source\n{yesterday},cpu_utilization,62,percent,prometheus\n"
    )
    assert collect(capsys, folder)[0] == "prometheus: nothing new\n"
    assert server.asked == []


def test_a_dry_run_shows_the_rows_and_writes_nothing(tmp_path: Path, server: Served, capsys: Capture) -> None:
    out, _ = collect(capsys, platform(tmp_path, server.url), *PERIOD, "--dry-run")
    assert "3 new rows, not written" in out
    assert "  2024-04-02  cpu_utilization  62\n" in out
    assert not (tmp_path / "observations").exists()


def test_json_tells_rows_and_what_is_known(tmp_path: Path, server: Served, capsys: Capture) -> None:
    out, _ = collect(capsys, platform(tmp_path, server.url), *PERIOD, "--output", "json")
    (source,) = json.loads(out)["sources"]
    assert (source["source"], source["known"], source["error"]) == ("prometheus", 0, None)
    assert source["new"][0] == {
        "date": FIRST,
        "metric": "cpu_utilization",
        "value": 61.5,
        "unit": "percent",
        "source": "prometheus",
    }


def test_days_without_a_number_are_said_and_left_out(tmp_path: Path, server: Served, capsys: Capture) -> None:
    server.answer = lambda _: Told(matrix(points("61.5", "NaN", "+Inf")))
    _, err = collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert "cpu_utilization has no number for 2 of 3 days" in err
    assert len(rows(tmp_path)) == 2


def test_an_empty_result_is_said(tmp_path: Path, server: Served, capsys: Capture) -> None:
    server.answer = lambda _: Told(matrix())
    out, err = collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert "cpu_utilization has no number for 3 of 3 days" in err
    assert out == "prometheus: nothing new\n"


def test_several_series_are_refused_with_what_tells_them_apart(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    server.answer = lambda _: Told(matrix(points("1"), points("2")))
    err = refused(capsys, platform(tmp_path, server.url), *PERIOD, code=1)
    assert "prometheus: cpu_utilization: the query gives 2 series, that differ in pod" in err
    assert "aggregate them in the query: sum(…)" in err


def test_an_error_of_prometheus_is_told(tmp_path: Path, server: Served, capsys: Capture) -> None:
    answer = {"status": "error", "errorType": "bad_data", "error": "1:5: parse error: unexpected end"}
    server.answer = lambda _: Told(answer, 400)
    err = refused(capsys, platform(tmp_path, server.url), *PERIOD, code=1)
    assert "prometheus: cpu_utilization: bad_data: 1:5: parse error: unexpected end" in err
    assert "left: nothing was appended" in err
    assert "palier capacity collect --source prometheus" in err


@pytest.mark.parametrize("body", ["<html>", "[]", '{"status":"success","data":[]}', "{}"])
def test_an_answer_of_another_form_is_one_line(
    tmp_path: Path, server: Served, capsys: Capture, body: str
) -> None:
    server.answer = lambda _: Told(body)
    assert "error: prometheus: " in refused(capsys, platform(tmp_path, server.url), *PERIOD, code=1)


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path, capsys: Capture) -> None:
    with serve(lambda _: Told({})) as gone:
        url = gone.url
    assert "does not answer: " in refused(capsys, platform(tmp_path, url), *PERIOD, code=1)


def test_a_query_that_gives_a_share_is_refused(tmp_path: Path, server: Served, capsys: Capture) -> None:
    server.answer = lambda _: Told(matrix(points("0.61", "0.62", "0.63")))
    err = refused(capsys, platform(tmp_path, server.url), *PERIOD, code=1)
    assert "cpu_utilization is in percent, and its query gives at most 0.63" in err


def test_a_small_percentage_is_kept_as_one_where_the_settings_say_so(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    server.answer = lambda _: Told(matrix(points("0.61", "0.62", "0")))
    folder = platform(tmp_path, server.url, small_percents=["cpu_utilization"])
    collect(capsys, folder, *PERIOD)
    assert rows(tmp_path)[1] == '2024-04-01,cpu_utilization,0.61,"percent, not a share",prometheus'
    assert collect(capsys, folder, *PERIOD)[0] == "prometheus: nothing new, 3 known\n"


def test_a_value_that_cannot_be_is_refused_with_its_day(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    server.answer = lambda _: Told(matrix(points("61.5", "140", "63")))
    err = refused(capsys, platform(tmp_path, server.url), *PERIOD, code=1)
    assert "prometheus: cpu_utilization cannot be 140 on 2024-04-02 (0 to 100)" in err
    assert not (tmp_path / "observations/prometheus.csv").exists()


def test_the_token_goes_into_the_header_and_into_no_message(
    tmp_path: Path, server: Served, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_TOKEN", SECRET)
    server.answer = lambda _: Told({"status": "error"}, 401)
    folder = platform(tmp_path, server.url, token_variable="PROMETHEUS_TOKEN")
    out, err = collect(capsys, folder, *PERIOD, code=1)
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in out + err


def test_the_token_follows_no_redirect_to_another_host(
    tmp_path: Path, server: Served, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_TOKEN", SECRET)
    with serve(lambda _: Told(matrix(points("61.5")))) as other:
        server.answer = lambda _: Told({}, 302, {"Location": f"{other.url}/api/v1/query_range"})
        folder = platform(tmp_path, server.url, token_variable="PROMETHEUS_TOKEN")
        assert "sends on to another host" in refused(capsys, folder, *PERIOD, code=1)
        assert other.asked == []


def test_a_token_that_is_not_set_is_asked_for_by_its_name(
    tmp_path: Path, server: Served, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHEUS_TOKEN", raising=False)
    folder = platform(tmp_path, server.url, token_variable="PROMETHEUS_TOKEN")
    assert "PROMETHEUS_TOKEN is not set" in refused(capsys, folder, *PERIOD, code=1)
    assert server.asked == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": f"https://me:{SECRET}@prometheus"}, "sources.prometheus.url: holds a user or a password"),
        ({"url": "prometheus:9090"}, "sources.prometheus.url: is not an address"),
        ({"token_variable": f"ghp_{SECRET}"}, "sources.prometheus.token_variable: is not the name of a"),
        ({"url": "http://far", "token_variable": "T"}, "sources.prometheus.url: would send a token"),
        ({"queries": {}}, "sources.prometheus.queries: needs at least 1 entries"),
        ({"queries": {"cpu_utilisation": "1"}}, "cpu_utilisation: unknown metric 'cpu_utilisation'"),
        ({"small_percents": ["mau"]}, "sources.prometheus.small_percents: no query for 'mau'"),
        ({"urls": "x"}, "sources.prometheus.urls: unknown setting 'urls' (allowed: url)"),
    ],
)
def test_a_setting_is_refused_in_one_line_without_what_may_be_secret(
    tmp_path: Path, capsys: Capture, settings: dict[str, Any], message: str
) -> None:
    err = refused(capsys, platform(tmp_path, "http://127.0.0.1:1", **settings))
    assert message in err
    assert SECRET not in err


def test_redirects_within_the_host_are_followed(tmp_path: Path, server: Served, capsys: Capture) -> None:
    def answer(asked: Asked) -> Told:
        if asked.path.startswith("/old"):
            return Told({}, 302, {"Location": f"{server.url}/api/v1/query_range"})
        return Told(matrix(points("61.5", "62", "63")))

    server.answer = answer
    assert collect(capsys, platform(tmp_path, f"{server.url}/old"), *PERIOD)[0].startswith(
        "prometheus: 3 new rows"
    )
