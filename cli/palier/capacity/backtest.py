"""How the fitted path would have done: rolling origins over a history, beside the seasonal-naive.

At each origin the series is cut, fitted as `palier.capacity.fitting` fits it, and compared with the months
that followed. A month that was interpolated is fitted and never scored. Both methods get the same months.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from palier.capacity.fitting import FEWEST_MONTHS, fit_monthly, scaled_values, unscaled
from palier.capacity.fitting_models import SEASON_MONTHS, Z80, seasonal_naive
from palier.capacity.metrics import METRICS, UnknownMetric, metric
from palier.capacity.monthly import Monthly, monthly, numpy
from palier.capacity.observations import History
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.capacity.monthly import Floats

HOLDOUT_MONTHS = 3
MOST_ORIGINS = 6
SEASONAL, LAST = "seasonal-naive", "last value"
_DECIMALS = 6  # of an error: beyond, it is what logs and back leave of nothing


@dataclass(frozen=True)
class Score:
    """How one method did: `error`, and `width` of the 80 % interval, are means in the measure's unit."""

    error: float
    covered: int
    width: float

    def as_data(self, tested: int) -> dict[str, Any]:
        """For JSON."""
        return {"error": self.error, "coverage_80": self.covered / tested, "mean_width_80": self.width}


@dataclass(frozen=True)
class Tested:
    """One metric. MAPE is in percent of the value; MAE, where a value is zero or below, in its unit.

    `tested` counts scored months over all origins; these overlap where origins are nearer than the holdout.
    """

    metric: str
    months: int
    origins: tuple[datetime.date, ...]
    tested: int
    measure: Literal["MAPE", "MAE"]
    fitted: Score
    naive: Score
    methods: tuple[str, ...]
    yardsticks: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def error_ratio(self) -> float | None:
        """Our error over the naive's: below 1 the fit is worth having. None where the naive made none."""
        return self.fitted.error / self.naive.error if self.naive.error > 0 else None

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "metric": self.metric,
            "months": self.months,
            "origins": [day.isoformat() for day in self.origins],
            "tested": self.tested,
            "measure": self.measure,
            "unit": "percent" if self.measure == "MAPE" else METRICS[self.metric].unit,
            "fitted": self.fitted.as_data(self.tested),
            "naive": self.naive.as_data(self.tested),
            "error_ratio": self.error_ratio,
            "methods": list(self.methods),
            "yardsticks": list(self.yardsticks),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Untested:
    """A metric whose history is too short: measured months there are, and those that are needed."""

    metric: str
    months: int
    needed: int

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {"metric": self.metric, "months": self.months, "needed": self.needed}


@dataclass(frozen=True)
class Backtest:
    """All metrics of a platform, in the catalogue's order."""

    holdout_months: int
    results: tuple[Tested, ...]
    untested: tuple[Untested, ...]

    @property
    def tested(self) -> int:
        """Scored months of all metrics."""
        return sum(each.tested for each in self.results)

    @property
    def coverage(self) -> float:
        """Share of them inside the fitted 80 % interval."""
        return sum(each.fitted.covered for each in self.results) / self.tested

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "holdout_months": self.holdout_months,
            "tested": self.tested,
            "coverage_80": self.coverage,
            "metrics": [each.as_data() for each in self.results],
            "untested": [each.as_data() for each in self.untested],
        }


def backtest(
    history: History,
    metrics: Sequence[str] = (),
    holdout_months: int = HOLDOUT_MONTHS,
    most_origins: int = MOST_ORIGINS,
    tell: Callable[[str], None] = lambda _metric: None,
) -> Backtest:
    """Test the named metrics, or all that were observed. `tell` hears of each before its turn.

    Raises InputError for an unknown metric, and where no history is long enough for a single test.
    """
    results: list[Tested] = []
    untested: list[Untested] = []
    for name in _names(metrics, history):
        tell(name)
        found = history.of(name)
        series = monthly(found) if found else None
        result = None if series is None else _test(series, holdout_months, most_origins)
        if result is not None:
            results.append(result)
        else:
            months = series.observed_months if series is not None else 0
            untested.append(Untested(name, months, FEWEST_MONTHS + holdout_months))
    if not results:
        raise _nothing(untested, holdout_months)
    return Backtest(holdout_months, tuple(results), tuple(untested))


def _names(metrics: Sequence[str], history: History) -> Sequence[str]:
    for name in metrics:
        try:
            metric(name)
        except UnknownMetric as error:
            near = ", ".join(error.nearest or history.metrics)
            raise InputError(f"unknown metric {name!r}", key="--metric", allowed=near) from None
    return [name for name in METRICS if name in metrics] if metrics else history.metrics


def _nothing(untested: Sequence[Untested], holdout_months: int) -> InputError:
    needed = f"{FEWEST_MONTHS + holdout_months} months of a metric, {FEWEST_MONTHS} to fit"
    needed += f" and {holdout_months} held out"
    if not untested:
        return InputError("nothing was observed, so nothing can be tested", allowed=needed)
    longest = max(untested, key=lambda each: each.months)
    problem = "no history is long enough to test"
    if 0 < longest.months - FEWEST_MONTHS < holdout_months:
        needed += f"; or --holdout {longest.months - FEWEST_MONTHS}"
    return InputError(f"{problem}: {longest.metric} has {longest.months} months", allowed=needed)


def origins_of(series: Monthly, holdout_months: int, most: int) -> list[int]:
    """How many months each test may see, least first: the latest that end in a measured month."""
    lengths = range(len(series) - holdout_months, FEWEST_MONTHS - 1, -1)
    usable = (
        length
        for length in lengths
        if series.observed[length - 1]
        and series.first(length).observed_months >= FEWEST_MONTHS
        and series.observed[length : length + holdout_months].any()
    )
    return sorted([length for _, length in zip(range(most), usable, strict=False)])


@dataclass(frozen=True)
class _Run:
    """One origin: the scored months' actual values; of each method the median and the interval."""

    actual: Floats
    fitted: tuple[Floats, Floats, Floats]
    naive: tuple[Floats, Floats, Floats]
    method: str
    yardstick: str


def _test(series: Monthly, holdout_months: int, most_origins: int) -> Tested | None:
    lengths = origins_of(series, holdout_months, most_origins)
    if not lengths:
        return None
    runs = [_run(series, length, holdout_months) for length in lengths]
    relative = series.positive
    return Tested(
        metric=series.metric,
        months=len(series),
        origins=tuple(series.ends[length - 1] for length in lengths),
        tested=sum(len(run.actual) for run in runs),
        measure="MAPE" if relative else "MAE",
        fitted=_score([(run.actual, *run.fitted) for run in runs], relative),
        naive=_score([(run.actual, *run.naive) for run in runs], relative),
        methods=tuple(dict.fromkeys(run.method for run in runs)),
        yardsticks=tuple(dict.fromkeys(run.yardstick for run in runs)),
        notes=series.notes(),
    )


def _run(series: Monthly, length: int, holdout_months: int) -> _Run:
    seen = series.first(length)
    scored = series.observed[length : length + holdout_months]
    path = fit_monthly(seen, holdout_months)
    naive = seasonal_naive(scaled_values(seen), holdout_months)
    low, high = path.interval(0.8)

    def value(shift: float) -> Floats:
        found = naive.mean + shift * naive.sd
        return unscaled(seen.metric, path.scale, path.last_value, found)[scored]

    return _Run(
        actual=series.values[length : length + holdout_months][scored],
        fitted=(path.quantile(0.5)[scored], low[scored], high[scored]),
        naive=(value(0.0), value(-Z80), value(Z80)),
        method=path.method,
        yardstick=SEASONAL if length > SEASON_MONTHS else LAST,
    )


def _score(runs: Sequence[tuple[Floats, Floats, Floats, Floats]], relative: bool) -> Score:
    np = numpy()
    actual, middle, low, high = (np.concatenate(parts) for parts in zip(*runs, strict=True))
    unit = actual / 100 if relative else 1.0
    # The last bits of a log's way there and back must not decide.
    slack = 1e-9 * np.abs(actual)
    return Score(
        error=round(float((np.abs(actual - middle) / unit).mean()), _DECIMALS),
        covered=int(((low - slack <= actual) & (actual <= high + slack)).sum()),
        width=float(((high - low) / unit).mean()),
    )
