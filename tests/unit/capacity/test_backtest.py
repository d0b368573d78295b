"""The backtest: what is held back, what is scored, what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from palier.capacity.backtest import LAST, SEASONAL, Backtest, backtest, origins_of
from palier.capacity.backtest_telling import lines
from palier.capacity.monthly import monthly
from palier.capacity.observations import History, Observation
from palier.commands.capacity_backtest import backtest as command
from palier.errors import InputError

from tests.unit.capacity.histories import months_of

JOBO = str(Path(__file__).parents[3] / "examples" / "jobo")


def _growing(count: int, metric: str = "mau") -> list[Observation]:
    return months_of([100 * 1.1**month for month in range(count)], metric)


def _tested(*histories: list[Observation], holdout: int = 3) -> Backtest:
    return backtest(History([each for history in histories for each in history]), holdout_months=holdout)


def test_steady_growth_is_foretold_and_the_last_value_is_not() -> None:
    (result,) = _tested(_growing(7)).results

    assert result.measure == "MAPE"
    assert result.fitted.error == pytest.approx(0, abs=1e-6)
    assert result.naive.error == pytest.approx(
        100 * sum(1 - 1.1**-ahead for ahead in (1, 2, 3)) / 3  # every origin is as far off
    )
    assert result.error_ratio == pytest.approx(0, abs=1e-6)
    assert result.fitted.covered == result.tested == 6
    assert result.yardsticks == (LAST,)


def test_an_origin_sees_three_months_at_least_and_leaves_the_holdout() -> None:
    assert origins_of(monthly(_growing(8)), 3, 6) == [3, 4, 5]
    assert origins_of(monthly(_growing(40)), 3, 6) == [32, 33, 34, 35, 36, 37]
    assert origins_of(monthly(_growing(5)), 3, 6) == []


def test_what_comes_after_an_origin_does_not_change_its_forecast() -> None:
    calm, broken = _growing(6), _growing(6)
    broken[-1] = Observation(broken[-1].date, "mau", 1.0)
    (foretold,), (missed,) = _tested(calm).results, _tested(broken).results

    assert (foretold.fitted.covered, missed.fitted.covered) == (3, 2)
    assert missed.methods == foretold.methods


def test_a_month_that_was_interpolated_is_not_scored() -> None:
    history = _growing(9)
    del history[7]
    (result,) = _tested(history).results

    assert [day.isoformat() for day in result.origins] == [
        "2026-04-30",
        "2026-05-31",
        "2026-06-30",
        "2026-07-31",
    ]
    assert result.tested == 3 + 3 + 2 + 2  # September is missing, and lies in the holdouts of two
    assert result.notes == ("1 of 9 months had no observation and were interpolated in the log",)


def test_a_long_history_is_held_against_the_year_before() -> None:
    season = [100 * math.exp(0.3 * math.sin(math.pi * month / 6)) for month in range(30)]
    (result,) = _tested(months_of(season)).results

    assert result.yardsticks == (SEASONAL,)
    assert result.naive.error == pytest.approx(0, abs=1e-6)
    assert result.error_ratio is None


def test_a_metric_that_touches_zero_is_measured_in_its_unit() -> None:
    found = _tested(months_of([0, 2, 0, 2, 0, 2, 0, 2], "incidents"))
    data = found.as_data()["metrics"][0]

    assert (data["measure"], data["unit"]) == ("MAE", "incidents per month")
    assert any(line.startswith("MAE, in the metric's unit") for line in lines(found))


def test_a_short_history_is_told_beside_those_that_were_tested() -> None:
    found = _tested(_growing(8), _growing(4, "revenue"))

    assert [each.metric for each in found.results] == ["mau"]
    assert found.as_data()["untested"] == [{"metric": "revenue", "months": 4, "needed": 6}]
    assert lines(found)[-1] == "not tested: revenue: 4 of the 6 months needed"


def test_no_history_long_enough_is_refused_with_what_is_needed() -> None:
    with pytest.raises(InputError) as refused:
        _tested(_growing(5))

    assert str(refused.value) == (
        "no history is long enough to test: mau has 5 months "
        "(allowed: 6 months of a metric, 3 to fit and 3 held out; or --holdout 2)"
    )


def test_nothing_observed_is_refused() -> None:
    with pytest.raises(InputError, match="nothing was observed"):
        backtest(History([]))


def test_the_same_history_is_judged_the_same() -> None:
    rng = np.random.default_rng(4)
    history = months_of(list(100 * np.exp(np.cumsum(0.05 * rng.standard_normal(12)))))

    assert _tested(history).as_data() == _tested(history).as_data()


def test_the_table_says_what_the_data_say() -> None:
    found = _tested(_growing(8))
    told = lines(found)

    assert " ".join(told[0].split()) == "metric error naive ratio 80 % holds naive width naive naive is"
    assert told[1].startswith("mau     MAPE")
    assert "9 of 9" in told[1]
    assert told[3] == "80 % intervals hold 9 of 9 months (100%), each up to 3 months ahead"


def test_the_command_prints_a_table() -> None:
    run = CliRunner().invoke(command, ["--platform", JOBO, "--holdout", "2", "--metric", "mau"])

    assert run.exit_code == 0, run.output
    assert run.stdout.splitlines()[1].startswith("mau     MAPE")


def test_the_command_prints_json() -> None:
    options = ["--platform", JOBO, "--holdout", "2", "--metric", "mau", "--output", "json"]
    run = CliRunner().invoke(command, options)
    data = json.loads(run.stdout)

    assert data["holdout_months"] == 2
    assert data["metrics"][0]["origins"] == ["2024-02-29"]


def test_the_command_leaves_aside_what_is_later() -> None:
    options = ["--platform", JOBO, "--holdout", "1", "--metric", "mau", "--as-of", "2024-03-31"]
    run = CliRunner().invoke(command, [*options, "--output", "json"])

    assert json.loads(run.stdout)["metrics"][0]["months"] == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metric", "mao"], "--metric: unknown metric 'mao' (allowed: mau)"),
        ([], "or --holdout 2"),
    ],
)
def test_the_command_refuses_in_one_line(options: list[str], message: str) -> None:
    run = CliRunner().invoke(command, ["--platform", JOBO, *options])

    assert isinstance(run.exception, InputError)
    assert message in str(run.exception)
