"""An 80 % interval holds 80 %: the benchmark in small, on fixed seeds."""

from __future__ import annotations

import pytest
from palier.capacity.fitting import scaled_values
from palier.capacity.fitting_models import Path, drift

from benchmarks.coverage import LAWS, covered, draw, fitted, measure, table

SEED = 7


@pytest.mark.parametrize("length", [5, 7, 12, 36])
def test_the_interval_of_a_drift_holds_80_percent_of_random_walks(length: int) -> None:
    """1500 series: three standard deviations are 3 points, were the months of a series one and the same."""
    drawn = list(draw("random walk with drift", length, 1500, SEED))
    paths = [drift(scaled_values(one.seen), one.seen.observed, len(one.after)) for one in drawn]

    found = covered([(one.after, path) for one, path in zip(drawn, paths, strict=True)])
    assert found.coverage == pytest.approx(0.80, abs=0.03)


def test_the_interval_of_the_models_holds_80_percent_over_all_laws() -> None:
    """60 series: a series' months stand or fall together, so that three standard deviations are 13 points."""
    drawn = [one for law in LAWS for length in (9, 12) for one in draw(law, length, 6, SEED)]

    assert covered([(one.after, fitted(one)) for one in drawn]).coverage == pytest.approx(0.80, abs=0.13)


def test_an_interval_of_half_the_width_would_be_found_out() -> None:
    drawn = list(draw("random walk with drift", 12, 300, SEED))
    paths = [drift(scaled_values(one.seen), one.seen.observed, len(one.after)) for one in drawn]
    halved = [(one.after, Path(path.mean, path.sd / 2)) for one, path in zip(drawn, paths, strict=True)]

    assert covered(halved).coverage < 0.6


def test_a_law_draws_the_same_series_again() -> None:
    (first,), (second,) = draw("trend and noise", 12, 1), draw("trend and noise", 12, 1)

    assert first.seen.values.tolist() == second.seen.values.tolist()
    assert first.after.tolist() == second.after.tolist()


def test_the_table_ends_with_the_row_that_has_the_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.coverage.LENGTHS", (8,))
    told = table(measure(1))

    assert told[-2].startswith("| all | 5 |")
    assert told[-2].endswith("| 75–85 % |")
