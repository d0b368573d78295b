"""A path fitted to a history: the mean of statsforecast's automatic ETS and ARIMA, and of a drift.

Automatic models alone claim too much: they choose the model by the data, and then reckon as if it had been
known, so that only some 70 % of the truth lies in their 80 % intervals. Here the interval holds the variance
between the models besides their own, a drift whose slope is itself uncertain, and Student's t for a short
history. docs/capacity-backtest.md has the figures; `palier capacity backtest` tests it on one's own history.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

from palier.capacity.fitting_models import (
    SEASON_MONTHS,
    SEASONS_NEEDED,
    Path,
    arima,
    drift,
    ets,
    steps_repeat,
    steps_revert,
    t_factor,
)
from palier.capacity.metrics import METRICS
from palier.capacity.monthly import Monthly, monthly, months_before, numpy
from palier.capacity.observations import Observation
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.capacity.monthly import Floats

FEWEST_MONTHS = 3  # two steps: one tells the drift, the other how much it varies
FEWEST_FOR_MODELS = 8  # below, ETS and ARIMA have as many parameters as values
MOST_GAPS = 1 / 3  # of the months; what is interpolated looks smoother than it was
MOST_MONTHS = 60
LEAST_SD = 0.005  # a month, of the value: nothing is measured more exactly than to half a percent (judgement)
_DECIMALS = 10  # so that a change of unit, which moves the last bits only, changes nothing


@dataclass(frozen=True)
class FittedSeries:
    """Where a metric goes, month 1 to the last, relative to its last value.

    `method` names the models that were averaged: AutoETS, AutoARIMA, drift. On scale `log`, `mean` and `sd`
    are of ln(value / last value); on `level`, taken where a value is zero or below, of value − last value.
    `sd` is such that mean ± 1.2816 · sd is the 80 % interval; it never shrinks.
    """

    metric: str
    last_date: datetime.date
    last_value: float
    scale: Literal["log", "level"]
    mean: Floats
    sd: Floats
    method: str
    validity: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def ends(self) -> tuple[datetime.date, ...]:
        """The day of each month of the path."""
        return tuple(months_before(self.last_date, -ahead) for ahead in range(1, len(self) + 1))

    def quantile(self, share: float) -> Floats:
        """The values below which the metric stays with probability `share` (0 to 1), in the metric's unit."""
        return unscaled(
            self.metric, self.scale, self.last_value, self.mean + NormalDist().inv_cdf(share) * self.sd
        )

    def interval(self, level: float = 0.8) -> tuple[Floats, Floats]:
        """Lower and upper values of the central interval, in the metric's unit."""
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def as_data(self) -> dict[str, Any]:
        """For JSON: the 10th, 50th and 90th percentile of each month."""
        p10, p50, p90 = (self.quantile(share).tolist() for share in (0.1, 0.5, 0.9))
        return {
            "metric": self.metric,
            "from": {"date": self.last_date.isoformat(), "value": self.last_value},
            "method": self.method,
            "scale": self.scale,
            "months": [
                {"date": end.isoformat(), "p10": low, "p50": mid, "p90": high}
                for end, low, mid, high in zip(self.ends, p10, p50, p90, strict=True)
            ],
            "validity": list(self.validity),
        }


@dataclass(frozen=True)
class FittedDemand(FittedSeries):
    """A fitted path of demand, which is always on scale `log`."""

    @property
    def log_mean(self) -> Floats:
        """ln(demand / last observation), month 1, 2, …"""
        return self.mean

    @property
    def log_sd(self) -> Floats:
        """Standard deviation of `log_mean`; never shrinks from month to month."""
        return self.sd


def fit(observations: Sequence[Observation], months: int) -> FittedDemand:
    """Demand for `months` months (1 to 60), fitted to the observations of one metric.

    Raises InputError for fewer than 3 months, and for a value that is not positive: demand grows by factors.
    OperationError where what is needed for fitting is not installed.
    """
    series = monthly(observations)
    bad = next((each for each in sorted(observations) if each.value <= 0), None)
    if bad is not None:
        raise InputError(
            f"{bad.value:g} on {bad.date}: demand is fitted in the log",
            key=bad.metric,
            allowed="values above 0",
        )
    return FittedDemand(**vars(fit_monthly(series, months)))


def fit_series(observations: Sequence[Observation], months: int) -> FittedSeries:
    """Any metric for `months` months (1 to 60): in the log, or as it is where a value is not positive.

    Raises as `fit` does, but for zero and below.
    """
    return fit_monthly(monthly(observations), months)


def fit_monthly(series: Monthly, months: int) -> FittedSeries:
    """The same for what is monthly already. Raises InputError for fewer than 3 measured months."""
    np = numpy()
    if not 1 <= months <= MOST_MONTHS:
        raise InputError(f"{months} months cannot be fitted", key="months", allowed=f"1 to {MOST_MONTHS}")
    if series.observed_months < FEWEST_MONTHS:
        raise InputError(
            f"{series.observed_months} months were observed, too few to fit",
            key=series.metric,
            allowed=f"{FEWEST_MONTHS} months or more; scenarios of palier.yaml need one observation only",
        )
    scaled = scaled_values(series)
    path, method = _path(series, scaled, months)
    usual = 1.0 if series.positive else float(np.abs(series.values).mean()) or 1.0
    least = LEAST_SD * usual * np.sqrt(np.arange(1, months + 1))
    return FittedSeries(
        metric=series.metric,
        last_date=series.ends[-1],
        last_value=float(series.values[-1]),
        scale="log" if series.positive else "level",
        mean=path.mean,
        sd=np.maximum(np.maximum.accumulate(path.sd), least),
        method=method,
        validity=_validity(series, months, method),
    )


def scaled_values(series: Monthly) -> Floats:
    """What is fitted: logs or levels, relative to the last, so that the unit does not matter."""
    np = numpy()
    values = np.log(series.values) if series.positive else series.values
    found: Floats = np.round(values - values[-1], _DECIMALS)
    return found


def unscaled(metric: str, scale: str, last_value: float, path: Floats) -> Floats:
    """Back to the metric's unit; not below what the metric can be."""
    np = numpy()
    least = METRICS[metric].usual[0] if metric in METRICS else -np.inf
    values: Floats = last_value * np.exp(path) if scale == "log" else last_value + path
    raised: Floats = np.maximum(values, least)
    return raised


def _path(series: Monthly, scaled: Floats, months: int) -> tuple[Path, str]:
    walk = drift(scaled, series.observed, months)
    if not _bears_models(series):
        return walk, "drift"
    season = SEASON_MONTHS if len(series) >= SEASONS_NEEDED * SEASON_MONTHS else 1
    tried = {"AutoETS": ets(scaled, months, season), "AutoARIMA": arima(scaled, months, season)}
    found = {name: path for name, path in tried.items() if path is not None}
    repeats = steps_repeat(scaled)
    if not found or not (repeats or steps_revert(scaled)):
        found["drift"] = walk
    if list(found) == ["drift"]:
        return walk, "drift"
    return _mixed(list(found.values()), series, SEASON_MONTHS if repeats else 0), " + ".join(found)


def _bears_models(series: Monthly) -> bool:
    gaps = 1 - series.observed_months / len(series)
    return series.observed_months >= FEWEST_FOR_MODELS and gaps <= MOST_GAPS


def _mixed(paths: list[Path], series: Monthly, seasonal: int) -> Path:
    """The models as one law: its variance is the mean of theirs and that between their means.

    Wider by Student's t for what three parameters leave of the history, by what a season's took of it, and by
    what interpolation smoothed.
    """
    np = numpy()
    count = len(series)
    means = np.stack([path.mean for path in paths])
    variance = np.mean([path.sd**2 for path in paths], axis=0) * count / (count - seasonal)
    smoothed = count / series.observed_months
    sd = np.sqrt((variance + means.var(axis=0)) * smoothed) * t_factor(series.observed_months - 3)
    return Path(means.mean(axis=0), sd)


def _validity(series: Monthly, months: int, method: str) -> tuple[str, ...]:
    count = series.observed_months
    notes = list(series.notes())
    if method == "drift" and count < FEWEST_FOR_MODELS:
        notes.append(f"{count} months bear a drift only; models from {FEWEST_FOR_MODELS} months on")
    elif method == "drift":
        notes.append("a drift only: too many months without an observation, or no model fits")
    if len(series) < SEASONS_NEEDED * SEASON_MONTHS:
        notes.append(f"{len(series)} months show no season; {SEASONS_NEEDED * SEASON_MONTHS} would")
    if months > len(series):
        notes.append(f"{months} months ahead from a history of {len(series)}: beyond that it is conjecture")
    if not series.positive:
        notes.append("a value is zero or below: fitted as it is, not in the log")
    return tuple(notes)
