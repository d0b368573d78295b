"""A path fitted to a history: what it says, what always holds, what it refuses."""

from __future__ import annotations

import builtins
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from palier.capacity.fitting import FEWEST_FOR_MODELS, fit, fit_series
from palier.capacity.fitting_models import Z80, seasonal_naive, steps_revert, t_factor
from palier.errors import InputError, OperationError

from tests.unit.capacity.histories import LAST_DAY, months_of

VALUES = st.floats(min_value=1.0, max_value=1e6)
SHORT = st.lists(VALUES, min_size=3, max_size=FEWEST_FOR_MODELS - 1)
LONG = st.lists(VALUES, min_size=FEWEST_FOR_MODELS, max_size=14)
HISTORIES = st.one_of(SHORT, LONG)


def _noisy(count: int, growth: float = 0.05, seed: int = 1) -> list[float]:
    rng = np.random.default_rng(seed)
    return list(1000 * np.exp(np.cumsum(growth + 0.03 * rng.standard_normal(count))))


def test_steady_growth_goes_on() -> None:
    found = fit(months_of([100 * 1.1**month for month in range(20)]), 12)

    assert found.log_mean == pytest.approx(math.log(1.1) * np.arange(1, 13), rel=0.02)


def test_a_year_that_repeats_is_foretold() -> None:
    season = [math.exp(0.3 * math.sin(math.pi * month / 6)) for month in range(48)]
    found = fit(months_of(season), 12)

    assert found.quantile(0.5) == pytest.approx(season[:12], rel=0.02)


def test_the_interval_of_five_months_is_student_t() -> None:
    """Steps of 0.1, 0.3, 0.1, 0.3: sd 0.1155, 3 degrees of freedom, of which the drift takes a share."""
    found = fit(months_of(np.exp([0, 0.1, 0.4, 0.5, 0.8]).tolist()), 2)

    sd = math.sqrt(0.04 / 3)
    assert found.method == "drift"
    assert found.log_mean == pytest.approx([0.2, 0.4])
    assert found.log_sd * Z80 == pytest.approx(
        [1.6377 * sd * math.sqrt(1 + 1 / 4), 1.6377 * sd * math.sqrt(2 + 4 / 4)], rel=1e-4
    )


@pytest.mark.parametrize(("degrees", "expected"), [(1, 3.0777), (12, 1.3562), (13, 1.3502), (60, 1.2958)])
def test_the_factor_is_students_over_the_normal_laws(degrees: int, expected: float) -> None:
    assert t_factor(degrees) * Z80 == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize(("count", "method"), [(7, "drift"), (8, "AutoETS + AutoARIMA")])
def test_models_are_fitted_from_eight_months_on(count: int, method: str) -> None:
    assert fit(months_of(_noisy(count)), 3).method.startswith(method)


def test_a_history_of_gaps_gets_a_drift_and_says_so() -> None:
    quarterly = months_of(_noisy(31))[::3]
    found = fit(quarterly, 6)

    assert found.method == "drift"
    assert found.validity[0] == "20 of 31 months had no observation and were interpolated in the log"
    assert any("a drift only" in note for note in found.validity)


def test_noise_around_a_path_leaves_the_drift_out() -> None:
    alternating = [100 * 1.02**month * (1.1 if month % 2 else 0.9) for month in range(20)]

    assert steps_revert(np.log(alternating))
    assert fit(months_of(alternating), 3).method == "AutoETS + AutoARIMA"


def test_a_metric_that_touches_zero_is_fitted_as_it_is() -> None:
    found = fit_series(months_of([0, 1, 0, 2, 0, 0, 1, 3, 0, 1], "incidents"), 3)
    low, high = found.interval()

    assert found.scale == "level"
    assert (low >= 0).all()
    assert (high > low).all()
    assert "a value is zero or below: fitted as it is, not in the log" in found.validity


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_what_never_changed_still_has_an_interval(value: float) -> None:
    low, high = fit_series(months_of([value] * 12, "incidents"), 3).interval()

    assert (low <= value).all()
    assert (high > value).all()


def test_the_notes_say_when_the_path_is_longer_than_the_history() -> None:
    notes = fit(months_of(_noisy(5)), 12).validity

    assert "5 months bear a drift only; models from 8 months on" in notes
    assert "12 months ahead from a history of 5: beyond that it is conjecture" in notes
    assert "5 months show no season; 24 would" in notes


def test_the_months_of_a_path_are_dated() -> None:
    data = fit(months_of(_noisy(6)), 4).as_data()

    assert data["from"]["date"] == LAST_DAY.isoformat()
    assert [month["date"] for month in data["months"]] == [
        "2026-11-30",
        "2026-12-31",
        "2027-01-31",
        "2027-02-28",
    ]
    assert all(month["p10"] < month["p50"] < month["p90"] for month in data["months"])


def test_two_months_are_refused_with_what_is_needed() -> None:
    with pytest.raises(InputError) as refused:
        fit(months_of([100, 110]), 3)

    assert str(refused.value) == (
        "mau: 2 months were observed, too few to fit (allowed: 3 months or more; "
        "scenarios of palier.yaml need one observation only)"
    )


def test_demand_of_zero_is_refused() -> None:
    with pytest.raises(InputError, match="0 on 2026-09-30: demand is fitted in the log"):
        fit(months_of([100, 0, 110]), 3)


@pytest.mark.parametrize("months", [0, 61])
def test_a_path_of_no_month_or_of_too_many_is_refused(months: int) -> None:
    with pytest.raises(InputError, match="1 to 60"):
        fit(months_of(_noisy(6)), months)


def test_without_statsforecast_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if name.startswith("statsforecast"):
            raise ImportError(name)
        return real(name, globals, locals, fromlist or (), level)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(OperationError) as refused:
        fit(months_of(_noisy(12)), 3)

    assert refused.value.lines() == [
        "fitting a history needs statsforecast, which is not installed",
        "next: pip install 'palier[forecast]'",
    ]
    assert fit(months_of(_noisy(6)), 3).method == "drift"


def test_importing_the_modules_imports_nothing_heavy() -> None:
    program = (
        "import sys, palier.commands.capacity_backtest, palier.capacity.backtest_telling;"
        "print(*sorted({'numpy', 'pandas', 'statsforecast', 'pydantic', 'rich'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == ""


def test_the_yardstick_is_the_value_of_a_year_before() -> None:
    path = seasonal_naive(np.arange(24.0), 14)

    assert path.mean.tolist() == [*range(12, 24), 12, 13]
    assert path.sd[[0, 11, 12]] == pytest.approx([12, 12, 12 * math.sqrt(2)])


def test_the_yardstick_of_a_short_history_is_the_last_value() -> None:
    path = seasonal_naive(np.array([0.0, 2.0, 4.0]), 2)

    assert path.mean.tolist() == [4, 4]
    assert path.sd == pytest.approx([2, 2 * math.sqrt(2)])


@settings(max_examples=12, deadline=None)
@given(HISTORIES)
def test_the_same_history_gives_the_same_path(values: list[float]) -> None:
    first, second = fit(months_of(values), 6), fit(months_of(values), 6)

    assert first.log_mean.tolist() == second.log_mean.tolist()
    assert first.log_sd.tolist() == second.log_sd.tolist()


@settings(max_examples=12, deadline=None)
@given(HISTORIES)
def test_the_interval_never_narrows_with_the_horizon(values: list[float]) -> None:
    found = fit(months_of(values), 12)

    assert (np.diff(found.log_sd) >= 0).all()
    assert found.log_sd[0] > 0
    assert np.isfinite(found.log_mean).all()


@settings(max_examples=12, deadline=None)
@given(HISTORIES, st.floats(min_value=1e-3, max_value=1e3))
def test_another_unit_changes_nothing(values: list[float], factor: float) -> None:
    found, scaled = (fit(months_of(each), 6) for each in (values, [value * factor for value in values]))

    assert scaled.log_mean == pytest.approx(found.log_mean, rel=1e-4, abs=1e-4)
    assert scaled.log_sd == pytest.approx(found.log_sd, rel=1e-3, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(SHORT)
def test_a_wider_interval_holds_the_narrower(values: list[float]) -> None:
    found = fit(months_of(values), 6)
    (low, high), (lower, higher) = found.interval(0.5), found.interval(0.8)

    assert (lower <= low).all()
    assert (high <= higher).all()
