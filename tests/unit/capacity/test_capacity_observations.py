"""Observation files are read in the forms that people write them, and refused in one line where in doubt."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.capacity.metrics import METRICS
from palier.capacity.observations import History, Observation, number, read
from palier.errors import InputError

HEAD = "date,metric,value,unit\n"


def written(folder: Path, text: str, name: str = "some.csv", encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def values(file: Path) -> list[tuple[str, str, float]]:
    return [(str(each.date), each.metric, each.value) for each in read([file], "EUR")]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "2024-04-30,cpu_utilization,75.5,percent\n",
        "\ufeff" + HEAD + "2024-04-30,cpu_utilization,75.5,%\n",
        "date;metric;value\n2024-04-30;cpu_utilization;75,5\n",
        "date\tmetric\tvalue\n2024-04-30\tcpu_utilization\t75.5\n",
        "metric,value,date,source\ncpu_utilization,75.5,2024-04,CloudWatch\n",
        HEAD + '2024-04-30,cpu_utilization,"75,5",percent\n',
        HEAD.upper() + "2024-04-30,cpu_utilization, 75.5 ,Percent\r\n",
    ],
)
def test_a_csv_file_is_read_with_any_delimiter_mark_and_decimal_sign(tmp_path: Path, text: str) -> None:
    assert values(written(tmp_path, text)) == [("2024-04-30", "cpu_utilization", 75.5)]


@pytest.mark.parametrize(
    "text",
    [
        "- {date: 2024-04-30, metric: mau, value: 125000, unit: users}\n",
        "2024-04-30: {mau: 125000}\n",
        "2024-04: {mau: 125000}\n",
    ],
)
def test_a_yaml_file_is_a_list_or_days(tmp_path: Path, text: str) -> None:
    assert values(written(tmp_path, text, "some.yaml")) == [("2024-04-30", "mau", 125_000.0)]


REFUSED = {
    "a metric that nobody knows": (
        "2024-04-30,cpu_utilisation,75,\n",
        "line 2, metric: unknown metric 'cpu_utilisation' (allowed: cpu_utilization, ",
    ),
    "another unit": (
        "2024-04-30,response_time_p95,1800,ms\n",
        "line 2, unit: response_time_p95 is not in ms (allowed: seconds, s, sec, second)",
    ),
    "a negative value": (
        "2024-04-30,mau,-5,\n",
        "line 2, value: mau cannot be -5 (allowed: from 0)",
    ),
    "what is not a number": (
        "2024-04-30,mau,NaN,\n",
        "line 2, value: mau cannot be nan (allowed: from 0)",
    ),
    "text": (
        "2024-04-30,mau,many,\n",
        "line 2, value: 'many' is not a number (allowed: a number in users)",
    ),
    "a share for a percentage": (
        "2024-04-30,cpu_utilization,0.7,\n",
        "line 2, value: cpu_utilization is in percent: 0.7 reads as 70 or as 0.7 percent "
        '(allowed: 70, or 0.7 with the unit "percent, not a share")',
    ),
    "more than all": (
        "2024-04-30,cpu_utilization,175,\n",
        "line 2, value: cpu_utilization cannot be 175 (allowed: 0 to 100)",
    ),
    "a day that is none": (
        "2024-02-30,mau,5,\n",
        "line 2, date: '2024-02-30' is not a date (allowed: 2024-04-30, or a month like 2024-04)",
    ),
    "a month that is none": (
        "2024-13,mau,5,\n",
        "line 2, date: '2024-13' is not a date (allowed: 2024-04-30, or a month like 2024-04)",
    ),
    "days out of order": (
        "2024-04-30,mau,5,\n2024-03-31,mau,4,\n",
        "line 3: 2024-03-31 comes after 2024-04-30 of mau (allowed: each metric's dates in order)",
    ),
    "a day twice": (
        "2024-04-30,mau,5,\n2024-04-30,mau,6,\n",
        "line 3: mau has a value for 2024-04-30 already: ",
    ),
    "decimal commas among commas": (
        "2024-04-30,mau,5,5,\n",
        "line 2: has 5 cells for 4 columns (allowed: decimal commas where semicolons stand ",
    ),
}


@pytest.mark.parametrize(("rows", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_doubtful_is_refused_in_one_line(tmp_path: Path, rows: str, told: str) -> None:
    file = written(tmp_path, HEAD + rows)
    with pytest.raises(InputError) as refused:
        read([file], "EUR")
    (line,) = refused.value.lines()
    assert told in line
    assert line.startswith(str(file))
    assert refused.value.exit_code == 2


def test_less_than_one_percent_is_read_where_the_unit_says_so(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + '2024-04-30,cpu_utilization,0.7,"percent, not a share"\n')
    assert values(file) == [("2024-04-30", "cpu_utilization", 0.7)]


def test_an_error_rate_below_one_percent_is_nothing_to_doubt(tmp_path: Path) -> None:
    assert values(written(tmp_path, HEAD + "2024-04-30,error_rate,0.3,%\n"))[0][2] == 0.3


def test_a_unit_of_money_is_the_platforms_currency(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + "2024-04-30,revenue,5,USD per month\n")
    with pytest.raises(InputError, match=r"not in USD per month \(allowed: EUR per month, EUR"):
        read([file], "EUR")


def test_a_value_may_not_stand_in_two_files(tmp_path: Path) -> None:
    first = written(tmp_path, HEAD + "2024-04-30,mau,5,\n", "a.csv")
    second = written(tmp_path, HEAD + "2024-04-30,mau,5,\n", "b.csv")
    with pytest.raises(InputError, match=r"b\.csv: line 2: mau has a value for 2024-04-30 already: .*a\.csv"):
        read([first, second], "EUR")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"\xff\xfe\x00", "is not UTF-8 text"),
        ("a.csv", b"day,metric,value\n", "unknown column 'day'"),
        ("a.csv", b"date,metric\n", "no column value"),
        ("a.yaml", b"- 5\n", "is not a mapping"),
        ("a.yaml", b"- {date: 2024-04-30, metric: mau}\n", "value is missing"),
        ("a.yaml", b"a: {b: 1\n", "is not YAML"),
        ("a.yaml", b"2024-04-30: {mau: 1}\n2024-04-30: {mau: 2}\n", "is given twice"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError, match=told) as refused:
        read([file], "EUR")
    assert len(refused.value.lines()) == 1


@given(st.floats(min_value=0, max_value=1e12, allow_nan=False))
def test_a_number_is_the_same_with_a_comma(value: float) -> None:
    text = f"{value:.6f}"
    assert number(text) == number(text.replace(".", ",")) == float(text)


def test_a_history_tells_the_latest_and_the_one_before() -> None:
    first, second = (datetime.date(2024, month, 1) for month in (3, 4))
    found = History([Observation(second, "mau", 2.0), Observation(first, "mau", 1.0)])
    assert found.value("mau") == 2.0
    assert found.before("mau", second) == Observation(first, "mau", 1.0)
    assert found.at("mau", datetime.date(2024, 3, 15)) == Observation(first, "mau", 1.0)
    assert History([Observation(second, "mau", 2.0)], until=first).metrics == ()


def test_every_metric_has_a_name_in_both_languages_and_a_unit() -> None:
    for entry in METRICS.values():
        assert entry.label("en")
        assert entry.label("fr")
        assert entry.unit
