"""The models that a history is fitted with: statsforecast's ETS and ARIMA, a drift, and the seasonal-naive.

Each gives a `Path`: mean and standard deviation of what is fitted (a log, or a level), month by month,
relative to the last value. statsforecast is imported when the first of its models is fitted, which takes two
seconds; the others need numpy only.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from palier.capacity.monthly import missing, numpy

if TYPE_CHECKING:
    from collections.abc import Callable

    from palier.capacity.monthly import Flags, Floats

SEASON_MONTHS = 12
SEASONS_NEEDED = 2
Z80 = 1.2815515655446004  # 90th percentile of the normal law: an 80 % interval is mean ± Z80 · sd

# 90th percentile of Student's t for 1 to 12 degrees of freedom; beyond, an expansion is as exact.
_T90 = (3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722, 1.3634, 1.3562)


@dataclass(frozen=True)
class Path:
    """Mean and standard deviation, relative to the last value, for month 1, 2, …"""

    mean: Floats
    sd: Floats


def t_factor(degrees: int) -> float:
    """How much wider than the normal law's an 80 % interval of Student's t is."""
    degrees = max(degrees, 1)
    if degrees <= len(_T90):
        return _T90[degrees - 1] / Z80
    second = (5 * Z80**4 + 16 * Z80**2 + 3) / 96
    return 1 + (Z80**2 + 1) / (4 * degrees) + second / degrees**2


def drift(values: Floats, observed: Flags, months: int) -> Path:
    """A random walk with drift, of the measured months only, however far apart they are.

    Its interval is exact where the increments are normal: Student's t, and the drift itself uncertain. Needs
    three measured months.
    """
    np = numpy()
    at = np.flatnonzero(observed)
    gaps, steps = np.diff(at), np.diff(values[at])
    span = int(at[-1] - at[0])
    slope = (values[at[-1]] - values[at[0]]) / span
    degrees = len(steps) - 1
    variance = (((steps - slope * gaps) ** 2) / gaps).sum() / degrees
    ahead = np.arange(1, months + 1, dtype=np.float64)
    return Path(slope * ahead, np.sqrt(variance * (ahead + ahead**2 / span)) * t_factor(degrees))


def steps_revert(values: Floats) -> bool:
    """Whether a step is followed by one back: noise around a path, for which a drift is the wrong model."""
    return _autocorrelation(values, 1) < -Z80 / math.sqrt(len(values) - 1)


def steps_repeat(values: Floats) -> bool:
    """Whether steps come again a year later, where two years can tell: a season, which no drift has."""
    if len(values) < SEASONS_NEEDED * SEASON_MONTHS:
        return False
    return _autocorrelation(values, SEASON_MONTHS) > Z80 / math.sqrt(len(values) - 1)


def _autocorrelation(values: Floats, lag: int) -> float:
    """Of the steps; both tests are one-sided, at 10 %."""
    np = numpy()
    steps = np.diff(values)
    steps = steps - steps.mean()
    total = float((steps**2).sum())
    return float((steps[lag:] * steps[:-lag]).sum()) / total if total > 0 else 0.0


def seasonal_naive(values: Floats, months: int) -> Path:
    """The value of a year before; the last value where there are not 13 months. The yardstick of a backtest.

    The interval is the textbook's: the root mean square of the method's own errors, a step ahead.
    """
    np = numpy()
    season = SEASON_MONTHS if len(values) > SEASON_MONTHS else 1
    errors = values[season:] - values[:-season]
    ahead = np.arange(months)
    mean = values[len(values) - season + ahead % season]
    return Path(mean, math.sqrt(float((errors**2).mean())) * np.sqrt(ahead // season + 1.0))


def ets(values: Floats, months: int, season: int) -> Path | None:
    """statsforecast's AutoETS; None where it finds no fit."""
    models = _models()
    return _forecast(lambda: models.AutoETS(season_length=season), values, months)


def arima(values: Floats, months: int, season: int) -> Path | None:
    """statsforecast's AutoARIMA; None where it finds no fit.

    Orders are bounded as a few dozen months can bear; that also keeps it at 0.1 to 0.3 seconds.
    """
    models = _models()
    bounds = {"max_p": 2, "max_q": 2, "max_P": 1, "max_Q": 1, "max_d": 1}
    return _forecast(lambda: models.AutoARIMA(season_length=season, **bounds), values, months)


def _models() -> Any:
    try:
        from statsforecast import models
    except ImportError:
        raise missing() from None
    return models


def _forecast(make: Callable[[], Any], values: Floats, months: int) -> Path | None:
    np = numpy()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = make().forecast(y=values, h=months, level=[80])
    except Exception:
        # What a search over models raises where none fits is not documented, and other models are left.
        return None
    mean = np.asarray(found["mean"], dtype=np.float64)
    sd = (np.asarray(found["hi-80"], dtype=np.float64) - np.asarray(found["lo-80"])) / (2 * Z80)
    return Path(mean, sd) if np.isfinite(mean).all() and np.isfinite(sd).all() else None
